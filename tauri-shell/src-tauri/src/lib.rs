//! A window with the frontend of `../src` in it, and the camera sidecar behind it. Everything about the sidecar is in
//! `camera_sidecar`, which another app can take over as it is.

mod camera_sidecar;
#[cfg(test)]
mod tests;

/// Run the app until its window is closed.
///
/// # Panics
///
/// When there is no screen to show a window on, or no webview to show a page with.
pub fn run() {
    let log_filter = env_logger::Env::default().default_filter_or("warn,sidecar_client=info,sidecar=info");
    env_logger::Builder::from_env(log_filter).init();
    tauri::Builder::default()
        .plugin(camera_sidecar::init())
        .invoke_handler(camera_sidecar::handler(tauri::generate_handler![]))
        .run(tauri::generate_context!())
        .expect("the app could not start");
}

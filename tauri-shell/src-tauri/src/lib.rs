//! An app with the frontend of `../src` and the camera sidecar. The module `camera_sidecar` is independent of the app,
//! so that another app can copy it unchanged.

mod camera_sidecar;
#[cfg(test)]
mod tests;

/// Run the app until its window is closed.
///
/// # Panics
///
/// Without a display or without a webview.
pub fn run() {
    let log_filter = env_logger::Env::default().default_filter_or("warn,sidecar_client=info,sidecar=info");
    env_logger::Builder::from_env(log_filter).init();
    tauri::Builder::default()
        .plugin(camera_sidecar::init())
        .invoke_handler(camera_sidecar::handler(tauri::generate_handler![]))
        .run(tauri::generate_context!())
        .expect("the app could not start");
}

//! An app with the demo page, which shows cameras through the plugin.

/// Run the app until its window is closed.
///
/// # Panics
///
/// Without a display or without a webview.
pub fn run() {
    let log_filter = env_logger::Env::default().default_filter_or("warn,tauri_plugin_camera_sidecar=info,sidecar=info");
    env_logger::Builder::from_env(log_filter).init();
    tauri::Builder::default()
        .plugin(tauri_plugin_camera_sidecar::init())
        .run(tauri::generate_context!())
        .expect("the app could not start");
}

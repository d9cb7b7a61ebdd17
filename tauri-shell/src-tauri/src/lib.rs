//! An app with the demo page, which shows cameras through the plugin.

use tauri::{App, WebviewWindowBuilder};

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
        .setup(|app| Ok(open_window(app)?))
        .run(tauri::generate_context!())
        .expect("the app could not start");
}

/// Open the window of `tauri.conf.json`. Webviews save files, here the page's photos, only for an app that lets them.
fn open_window(app: &App) -> tauri::Result<()> {
    let window = &app.config().app.windows[0];
    WebviewWindowBuilder::from_config(app, window)?.on_download(|_, _| true).build()?;
    Ok(())
}

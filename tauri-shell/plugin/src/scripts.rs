//! The script that runs in each page before its own scripts.

use serde_json::json;
use tauri::Config;
use tauri::utils::config::FrontendDist;

use crate::configuration::MediaDevices;
use crate::contract::METHODS;

/// The addresses of pages that are part of the app: on Linux and macOS, and on Windows.
const OWN_ORIGINS: [&str; 3] = ["tauri://localhost", "http://tauri.localhost", "https://tauri.localhost"];
const BARE_COMMANDS: &str = include_str!("bare-commands.js");
/// An assignment to `cameraSidecar`.
const MEDIA_DEVICES: &str = include_str!("media-devices.iife.js");

/// Return the script. It has no effect in a page from another address, whose `getUserMedia` is not the app's business,
/// and in subframes, where Windows runs it, too. It is a function, so that its variables are not the page's.
pub fn initialization(config: &Config, media_devices: MediaDevices) -> String {
    let methods: Vec<_> = METHODS.iter().map(|method| (method.name, method.command)).collect();
    let install = match media_devices {
        MediaDevices::Never => String::new(),
        _ => format!("{MEDIA_DEVICES}\ncameraSidecar.installMediaDevices({});", json!({ "mode": media_devices })),
    };
    format!(
        "(() => {{
if (window !== window.top || !{}.includes(`${{location.protocol}}//${{location.host}}`)) return;
({BARE_COMMANDS})({});
{install}
}})();",
        json!(origins(config)),
        json!(methods),
    )
}

/// Return the addresses of the app's own pages: the built-in ones, or those of a server.
fn origins(config: &Config) -> Vec<String> {
    let server = match &config.build.frontend_dist {
        _ if tauri::is_dev() => config.build.dev_url.as_ref(),
        Some(FrontendDist::Url(url)) => Some(url),
        _ => None,
    };
    let server = server.map(|url| url.origin().ascii_serialization());
    OWN_ORIGINS.iter().map(ToString::to_string).chain(server).collect()
}

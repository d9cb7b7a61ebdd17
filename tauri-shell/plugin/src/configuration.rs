//! The section `plugins.camera-sidecar` of `tauri.conf.json`.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// When the plugin gives the cameras to `navigator.mediaDevices` of the app's pages, in place of the webview's own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum MediaDevices {
    /// in every webview
    #[default]
    Always,
    /// in webviews in which `getUserMedia` finds no camera: `WebKitGTK`
    WhenMissing,
    /// in no webview; a page can still call `installMediaDevices` of the npm package
    Never,
}

/// The options of the section. An unknown option is an error, because a misspelt option may have been meant as a
/// protection.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Configuration {
    /// the path of the program; a relative path is relative to the folder of the app's resources
    pub program: Option<PathBuf>,
    /// the arguments of the program's command line
    #[serde(default)]
    pub arguments: Vec<String>,
    /// when `navigator.mediaDevices` has the cameras
    pub media_devices: Option<MediaDevices>,
}

impl Configuration {
    /// Parse the section; null if there is none.
    pub fn parse(section: Value) -> Result<Self, String> {
        serde_json::from_value::<Option<Self>>(section)
            .map(Option::unwrap_or_default)
            .map_err(|error| format!("plugins.camera-sidecar in tauri.conf.json: {error}"))
    }
}

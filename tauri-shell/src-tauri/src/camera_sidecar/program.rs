//! The path of the sidecar's program.

use std::env::consts::EXE_SUFFIX;
use std::path::PathBuf;

use tauri::{AppHandle, Manager, Runtime};

/// The name of the folder in the app's resources, and of the program in it, as `scripts/freeze.py` names both.
const NAME: &str = "camera-sidecar";

/// The variable with another program's path, for development and tests. A release build ignores it.
#[cfg(debug_assertions)]
const OVERRIDE: &str = "CAMERA_SIDECAR_PROGRAM";

/// Return the path of the program that was bundled with the app. Without a bundled program the start fails.
pub fn path<R: Runtime>(app: &AppHandle<R>) -> PathBuf {
    #[cfg(debug_assertions)]
    if let Some(path) = std::env::var_os(OVERRIDE) {
        return path.into();
    }
    let resources = app.path().resource_dir().unwrap_or_else(|error| {
        log::error!("the folder of the app's resources is unknown: {error}");
        PathBuf::new()
    });
    resources.join(NAME).join(format!("{NAME}{EXE_SUFFIX}"))
}

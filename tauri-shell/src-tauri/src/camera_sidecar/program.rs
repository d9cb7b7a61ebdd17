//! Where the sidecar's program is.

use std::env::consts::EXE_SUFFIX;
use std::path::PathBuf;

use tauri::{AppHandle, Manager, Runtime};

/// The folder among the app's resources, and the program in it, as `scripts/freeze.py` names them.
const NAME: &str = "camera-sidecar";

/// For development and tests only: a release build runs what it was shipped with.
#[cfg(debug_assertions)]
const OVERRIDE: &str = "CAMERA_SIDECAR_PROGRAM";

/// The program that was bundled with the app. Where there is none, starting it fails and says so.
pub fn path<R: Runtime>(app: &AppHandle<R>) -> PathBuf {
    #[cfg(debug_assertions)]
    if let Some(path) = std::env::var_os(OVERRIDE) {
        return path.into();
    }
    let resources = app.path().resource_dir().unwrap_or_else(|error| {
        log::error!("the app's resources are nowhere: {error}");
        PathBuf::new()
    });
    resources.join(NAME).join(format!("{NAME}{EXE_SUFFIX}"))
}

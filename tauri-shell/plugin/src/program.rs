//! The path of the sidecar's program.

use std::path::PathBuf;

use tauri::{AppHandle, Manager, Runtime};

use crate::frozen_folder::program_in;

/// The variable with another program's path, for development and tests. A release build ignores it.
#[cfg(debug_assertions)]
const OVERRIDE: &str = "CAMERA_SIDECAR_PROGRAM";

/// Return the path of the program: the given one, or the one that was bundled with the app. A debug build takes the one
/// in the sources of the app if none was bundled, so that `tauri dev` needs no bundle.
pub fn path<R: Runtime>(app: &AppHandle<R>, given: Option<PathBuf>) -> PathBuf {
    #[cfg(debug_assertions)]
    if let Some(path) = std::env::var_os(OVERRIDE) {
        return path.into();
    }
    let resources = app.path().resource_dir().unwrap_or_else(|error| {
        log::error!("the folder of the app's resources is unknown: {error}");
        PathBuf::new()
    });
    if let Some(program) = given {
        return resources.join(program);
    }
    let bundled = program_in(&resources);
    #[cfg(debug_assertions)]
    if !bundled.exists() {
        return in_sources().unwrap_or(bundled);
    }
    bundled
}

/// Return the program in the sources of the app: around the app's own program, or in the working folder, which
/// `tauri dev` sets.
#[cfg(debug_assertions)]
fn in_sources() -> Option<PathBuf> {
    use tauri::utils::config::parse::folder_has_configuration_file;
    use tauri::utils::platform::Target;

    let places = [tauri::utils::platform::current_exe(), std::env::current_dir()];
    places
        .into_iter()
        .flatten()
        .filter_map(|place| {
            crate::frozen_folder::app_around(&place, |folder| folder_has_configuration_file(Target::current(), folder))
        })
        .map(|folder| program_in(&folder))
        .find(|program| program.exists())
}

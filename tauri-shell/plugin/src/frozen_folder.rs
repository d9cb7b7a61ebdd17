//! The folder with the frozen program, as `scripts/freeze.py` makes it: in the sources of an app, beside its
//! `tauri.conf.json`, and in its resources. Part of the plugin and of its build script.

use std::env::consts::EXE_SUFFIX;
use std::path::{Path, PathBuf};

/// The name of the folder, and of the program in it.
pub const NAME: &str = "camera-sidecar";

/// Return the path of the program in the folder that holds the frozen folder.
pub fn program_in(parent: &Path) -> PathBuf {
    parent.join(NAME).join(format!("{NAME}{EXE_SUFFIX}"))
}

/// Return what makes the frozen folder of the app in `app`.
pub fn advice(app: &Path) -> String {
    format!("`python3 scripts/freeze.py --dist {}` in a checkout of camera-sidecar makes it.", app.display())
}

/// Return the folder of the app that was built into `below`: the nearest folder around it that is an app's, or whose
/// folder `src-tauri` is.
#[cfg_attr(not(debug_assertions), allow(dead_code))] // an app looks for its own sources in a debug build only
pub fn app_around(below: &Path, is_app: impl Fn(&Path) -> bool) -> Option<PathBuf> {
    below.ancestors().flat_map(|folder| [folder.to_path_buf(), folder.join("src-tauri")]).find(|folder| is_app(folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_app_is_found_around_the_folder_that_it_is_built_into() {
        let is_app = |folder: &Path| folder == Path::new("/my-app/src-tauri");
        for below in ["/my-app/src-tauri/target/debug", "/my-app/target/release/build/plugin/out"] {
            assert_eq!(app_around(Path::new(below), is_app), Some("/my-app/src-tauri".into()));
        }
        assert_eq!(app_around(Path::new("/elsewhere/target"), is_app), None);
    }
}

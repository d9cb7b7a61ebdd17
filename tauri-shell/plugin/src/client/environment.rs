//! The environment of the sidecar: this process's environment, without the variables meant for this process only.

use std::env::{join_paths, split_paths};
use std::ffi::{OsStr, OsString};
use std::path::Path;

/// Variables that point a Python interpreter to the files of another one.
const PYTHON_ONLY: [&str; 2] = ["PYTHONHOME", "PYTHONPATH"];
/// The folder where an `AppImage` is mounted; its start script sets this.
const IMAGE_FOLDER: &str = "APPDIR";
/// A launcher that changes the first variable keeps the old value in the second.
const LIBRARIES: (&str, &str) = ("LD_LIBRARY_PATH", "LD_LIBRARY_PATH_ORIG");

/// Return the variables for a child process.
///
/// An `AppImage` points `LD_LIBRARY_PATH`, `GST_PLUGIN_SYSTEM_PATH_1_0` and others into itself. A sidecar has its own
/// libraries and must not load the image's, so every path inside the image is removed from every list of paths.
pub fn cleaned(variables: impl IntoIterator<Item = (OsString, OsString)>) -> Vec<(OsString, OsString)> {
    let variables: Vec<_> = variables.into_iter().collect();
    let value_of = |name: &OsStr| variables.iter().find(|(key, _)| key == name).map(|(_, value)| value.clone());
    let image = value_of(OsStr::new(IMAGE_FOLDER)).filter(|folder| !folder.is_empty());
    let libraries = value_of(OsStr::new(LIBRARIES.1));
    variables
        .into_iter()
        .filter(|(name, _)| !PYTHON_ONLY.iter().any(|python| name == *python))
        .filter_map(|(name, value)| {
            let value = if name == LIBRARIES.0 { libraries.clone().unwrap_or(value) } else { value };
            let value = match &image {
                Some(folder) => outside_of(Path::new(folder), value)?,
                None => value,
            };
            Some((name, value))
        })
        .collect()
}

/// Return a list of paths without the paths inside `folder`; None when no path is left. A value without such a path is
/// returned unchanged.
fn outside_of(folder: &Path, value: OsString) -> Option<OsString> {
    let is_inside = |path: &Path| path.starts_with(folder);
    if !split_paths(&value).any(|path| is_inside(&path)) {
        return Some(value);
    }
    let kept: Vec<_> = split_paths(&value).filter(|path| !is_inside(path)).collect();
    if kept.is_empty() { None } else { join_paths(kept).ok() }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn clean(variables: &[(&str, &str)]) -> Vec<(String, String)> {
        let text = |value: OsString| value.into_string().expect("the test's own text");
        let found = cleaned(variables.iter().map(|(name, value)| (name.into(), value.into())));
        found.into_iter().map(|(name, value)| (text(name), text(value))).collect()
    }

    fn pairs(variables: &[(&str, &str)]) -> Vec<(String, String)> {
        variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect()
    }

    #[test]
    fn another_pythons_folders_are_left_out() {
        assert_eq!(clean(&[("PYTHONHOME", "/p"), ("PYTHONPATH", "/q"), ("LANG", "C")]), pairs(&[("LANG", "C")]));
    }

    #[test]
    fn the_users_variables_stay() {
        let users = [("LD_LIBRARY_PATH", "/opt/lib"), ("PATH", "/usr/bin::/bin"), ("EMPTY", "")];
        assert_eq!(clean(&users), pairs(&users));
    }

    #[test]
    fn a_launchers_change_is_undone() {
        let found = clean(&[("LD_LIBRARY_PATH", "/bundle"), ("LD_LIBRARY_PATH_ORIG", "/opt/lib")]);
        assert_eq!(found[0], ("LD_LIBRARY_PATH".into(), "/opt/lib".into()));
    }

    #[test]
    fn every_path_inside_an_app_image_is_removed() {
        let found = clean(&[
            ("APPDIR", "/mnt/image"),
            ("LD_LIBRARY_PATH", "/mnt/image/usr/lib:/opt/lib"),
            ("GST_PLUGIN_SYSTEM_PATH_1_0", "/mnt/image/usr/lib/gstreamer-1.0"),
            ("PATH", "/mnt/image/usr/bin:/usr/bin"),
            ("LANG", "C"),
        ]);
        assert_eq!(found, pairs(&[("LD_LIBRARY_PATH", "/opt/lib"), ("PATH", "/usr/bin"), ("LANG", "C")]));
    }
}

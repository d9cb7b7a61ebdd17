//! The frozen folder in the configuration of an app that is built. Part of the plugin's build script.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::frozen_folder::NAME;

/// Return the frozen folder that an app's configuration bundles and that does not exist. A configuration that names
/// another program needs none.
pub fn missing(app: &Path, configuration: &Value) -> Option<PathBuf> {
    if configuration["plugins"][NAME]["program"].is_string() {
        return None;
    }
    let source = match &configuration["bundle"]["resources"] {
        Value::Array(sources) => sources.iter().filter_map(Value::as_str).find(|source| is_folder(source)),
        Value::Object(places) => {
            places.iter().find(|(_, place)| place.as_str().is_some_and(is_folder)).map(|(source, _)| source.as_str())
        }
        _ => None,
    };
    source.map(|source| app.join(without_pattern(source))).filter(|folder| !folder.exists())
}

fn is_folder(path: &str) -> bool {
    without_pattern(path).trim_start_matches("./").trim_end_matches('/') == NAME
}

/// Return a path up to the first wildcard.
fn without_pattern(path: &str) -> &str {
    path.split_once('*').map_or(path, |(folder, _)| folder)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const APP: &str = "/no/such/app/src-tauri";

    fn missing_with(configuration: &Value) -> Option<PathBuf> {
        missing(Path::new(APP), configuration)
    }

    #[test]
    fn a_folder_that_the_configuration_bundles_must_exist() {
        for resources in [
            json!(["icon.png", "camera-sidecar/"]),
            json!(["./camera-sidecar"]),
            json!(["camera-sidecar/**/*"]),
            json!({ "icon.png": "icon.png", "camera-sidecar/": "camera-sidecar/" }),
        ] {
            let folder = missing_with(&json!({ "bundle": { "resources": resources } })).expect("there is none");
            assert!(folder.starts_with(format!("{APP}/camera-sidecar")), "{}", folder.display());
        }
        let elsewhere = json!({ "bundle": { "resources": { "../dist/sidecar/": "camera-sidecar" } } });
        assert_eq!(missing_with(&elsewhere), Some(Path::new(APP).join("../dist/sidecar/")));
        let existing = json!({ "bundle": { "resources": { env!("CARGO_MANIFEST_DIR"): "camera-sidecar/" } } });
        assert_eq!(missing_with(&existing), None);
    }

    #[test]
    fn other_configurations_need_no_folder() {
        let bundled = json!({ "resources": ["camera-sidecar/"] });
        for configuration in [
            json!({}),
            json!({ "bundle": { "resources": ["sounds/"] } }),
            json!({ "bundle": { "resources": { "sounds/": "sounds/" } } }),
            json!({ "bundle": bundled, "plugins": { "camera-sidecar": { "program": "/opt/camera-sidecar" } } }),
        ] {
            assert_eq!(missing_with(&configuration), None, "{configuration}");
        }
    }
}

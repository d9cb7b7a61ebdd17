//! The sidecar's section of `tauri.conf.json`: `"plugins": {"camera-sidecar": {"arguments": ["--peers", "local"]}}`.

use std::collections::BTreeMap;

/// The plugin's section, if there is one.
pub type Configuration = Option<BTreeMap<String, Vec<String>>>;

const ARGUMENTS: &str = "arguments";

/// Return the arguments of the sidecar's command line. An unknown option is an error, because a misspelt option may
/// have been meant as a protection.
pub fn arguments(configuration: &Configuration) -> Result<Vec<String>, String> {
    let Some(section) = configuration else { return Ok(Vec::new()) };
    match section.keys().find(|name| *name != ARGUMENTS) {
        Some(name) => {
            Err(format!("plugins.camera-sidecar in tauri.conf.json has no option {name:?}, only {ARGUMENTS:?}"))
        }
        None => Ok(section.get(ARGUMENTS).cloned().unwrap_or_default()),
    }
}

//! What `tauri.conf.json` says about the sidecar: `"plugins": {"camera-sidecar": {"arguments": ["--peers", "local"]}}`.

use std::collections::BTreeMap;

/// The plugin's section, when there is one.
pub type Configuration = Option<BTreeMap<String, Vec<String>>>;

const ARGUMENTS: &str = "arguments";

/// The arguments of the sidecar's command line. An option that there is not is an error: it may be meant to protect.
pub fn arguments(configuration: &Configuration) -> Result<Vec<String>, String> {
    let Some(section) = configuration else { return Ok(Vec::new()) };
    match section.keys().find(|name| *name != ARGUMENTS) {
        Some(name) => {
            Err(format!("plugins.camera-sidecar in tauri.conf.json has no option {name:?}, only {ARGUMENTS:?}"))
        }
        None => Ok(section.get(ARGUMENTS).cloned().unwrap_or_default()),
    }
}

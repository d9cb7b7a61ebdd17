//! Tauri's part of the build, and a check that the app which is built has the frozen program that it bundles.

use std::env;
use std::error::Error;
use std::path::Path;

use tauri_utils::config::parse::{folder_has_configuration_file, read_from};
use tauri_utils::platform::Target;

#[path = "src/bundled_folder.rs"]
mod bundled_folder;
mod commands;
#[allow(dead_code)] // of the plugin itself
#[path = "src/frozen_folder.rs"]
mod frozen_folder;

fn main() {
    tauri_plugin::Builder::new(&commands::COMMANDS).build();
    if let Err(error) = check_frozen_program() {
        eprintln!("tauri-plugin-camera-sidecar: {error}");
        std::process::exit(1);
    }
}

/// Fail if the app bundles the frozen program and does not have it. Its folder is unknown when it is built into a
/// folder outside of its sources; then Tauri's part of the app's build finds the resource missing.
fn check_frozen_program() -> Result<(), Box<dyn Error>> {
    let target = Target::from_triple(&env::var("TARGET")?);
    let built_into = env::var_os("OUT_DIR").ok_or("OUT_DIR is not set")?;
    let has_configuration = |folder: &Path| folder_has_configuration_file(target, folder);
    let Some(app) = frozen_folder::app_around(Path::new(&built_into), has_configuration) else { return Ok(()) };
    let (mut configuration, files) = read_from(target, &app)?;
    for file in files {
        println!("cargo::rerun-if-changed={}", file.display());
    }
    println!("cargo::rerun-if-env-changed=TAURI_CONFIG"); // the options of `tauri build --config`
    if let Ok(more) = env::var("TAURI_CONFIG") {
        json_patch::merge(&mut configuration, &serde_json::from_str(&more)?);
    }
    match bundled_folder::missing(&app, &configuration) {
        Some(folder) => {
            let advice = frozen_folder::advice(&app);
            Err(format!("the frozen program is missing: {}\n{advice}", folder.display()).into())
        }
        None => Ok(()),
    }
}

//! The script that runs before the page's own.

use tauri::Config;
use tauri::utils::config::FrontendDist;

use crate::MediaDevices;
use crate::scripts::initialization;

const INSTALL: &str = "cameraSidecar.installMediaDevices(";

#[test]
fn it_installs_the_media_devices_in_the_configured_mode_or_not_at_all() {
    let with = |media_devices| initialization(&Config::default(), media_devices);
    assert!(with(MediaDevices::Always).contains(&format!(r#"{INSTALL}{{"mode":"always"}});"#)));
    assert!(with(MediaDevices::WhenMissing).contains(&format!(r#"{INSTALL}{{"mode":"when-missing"}});"#)));
    assert!(!with(MediaDevices::Never).contains("cameraSidecar"));
}

#[test]
fn the_page_may_use_the_scripts_names_for_its_own_variables() {
    let script = initialization(&Config::default(), MediaDevices::Always);
    assert!(script.starts_with("(() => {\n") && script.ends_with("\n})();"));
}

#[test]
fn the_pages_of_the_apps_own_server_are_the_apps() {
    let server = "http://localhost:1420";
    let mut config = Config::default();
    assert!(!initialization(&config, MediaDevices::Never).contains(server));
    let address = format!("{server}/app/").parse().expect("an address");
    if tauri::is_dev() {
        config.build.dev_url = Some(address);
    } else {
        config.build.frontend_dist = Some(FrontendDist::Url(address));
    }
    assert!(initialization(&config, MediaDevices::Never).contains(&format!(r#""{server}"].includes("#)));
}

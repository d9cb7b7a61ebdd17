//! The app's program. A release build has no console window on Windows.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

fn main() {
    camera_sidecar_shell_lib::run();
}

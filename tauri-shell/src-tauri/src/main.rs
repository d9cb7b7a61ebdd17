//! The program. On Windows a release build has no console window.
#![cfg_attr(not(debug_assertions), windows_subsystem = "windows")]

fn main() {
    camera_sidecar_shell_lib::run();
}

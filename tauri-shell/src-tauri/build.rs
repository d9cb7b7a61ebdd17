//! Tauri's own part of the build: the configuration, the permissions, the icons.

fn main() {
    tauri_build::build();
}

//! Tauri's part of the build: configuration, permissions, icons.

fn main() {
    tauri_build::build();
}

//! The build of the app: its pages, and Tauri's part (configuration, permissions, icons).

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// The folders of the pages, with their places in `PAGES`: the page itself, and the player that it imports.
const SOURCES: [(&str, &str); 2] = [("../src", ""), ("../player/src", "camera-sidecar")];
/// `frontendDist` of `tauri.conf.json`.
const PAGES: &str = "../dist";

fn main() {
    put_pages_together().expect("the pages cannot be copied to tauri-shell/dist");
    tauri_build::build();
}

/// Copies the sources to `PAGES` and removes all other files there. An unchanged file is not written again, because a
/// newer file would start the next build.
fn put_pages_together() -> io::Result<()> {
    let mut wanted = BTreeMap::new();
    for (folder, place) in SOURCES {
        println!("cargo::rerun-if-changed={folder}");
        for file in files(Path::new(folder))? {
            let name = file.strip_prefix(folder).expect("a file of the folder");
            wanted.insert(Path::new(PAGES).join(place).join(name), fs::read(&file)?);
        }
    }
    fs::create_dir_all(PAGES)?;
    for found in files(Path::new(PAGES))? {
        if !wanted.contains_key(&found) {
            fs::remove_file(found)?;
        }
    }
    for (file, content) in wanted {
        if fs::read(&file).ok().as_ref() != Some(&content) {
            fs::create_dir_all(file.parent().expect("a file below PAGES"))?;
            fs::write(file, content)?;
        }
    }
    Ok(())
}

/// The files of a folder and its subfolders.
fn files(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            found.extend(files(&path)?);
        } else {
            found.push(path);
        }
    }
    Ok(found)
}

//! The camera sidecar in a Tauri app. The process lives as long as the app, pages call its methods, and notifications
//! go to the pages that own their connection or session.
//!
//! ```no_run
//! # fn run(context: tauri::Context<tauri::test::MockRuntime>) {
//! # let builder = tauri::test::mock_builder();
//! builder.plugin(tauri_plugin_camera_sidecar::init()).run(context).expect("the app could not start");
//! # }
//! ```
//!
//! | in the page | effect |
//! |---|---|
//! | `invoke("plugin:camera-sidecar\|<method>", params)` | calls a method of the contract; rejects with `{code, message, data}` |
//! | `invoke("<method>", params)` | the same, unless the app has a command of this name |
//! | `invoke("plugin:camera-sidecar\|state")` | returns `{state, reason}`; state is starting, running, restarting, failed or stopped |
//! | `invoke("plugin:camera-sidecar\|listen", {channel})` | sends `{event, payload}` over the `Channel`: each change of `sidecar_state`, and the notifications of the contract |
//! | `invoke("plugin:camera-sidecar\|log", {channel})` | the same for the notification `log` |
//!
//! A connection or session belongs to the page that opened it. Only this page can use it and gets its notifications,
//! and the page's statistics are limited to its own connections. They are closed when the page is left or reloaded, or
//! its window is closed.
//!
//! A page needs permissions: `camera-sidecar:default` lists, shows and follows cameras.

mod builder;
#[cfg(test)]
mod bundled_folder;
mod calls;
pub mod client;
mod commands;
mod configuration;
mod contract;
mod events;
mod frozen_folder;
mod ids;
mod page;
mod pages;
mod plugin;
mod program;
mod scripts;
#[cfg(test)]
mod tests;

pub use builder::Builder;
pub use configuration::MediaDevices;
pub use plugin::CameraSidecarPlugin;

use client::Sidecar;
use tauri::{Manager, Runtime};

/// Return the plugin with the options of `plugins.camera-sidecar` in `tauri.conf.json`.
#[must_use]
pub fn init() -> CameraSidecarPlugin {
    Builder::new().build()
}

/// The sidecar for the app's own Rust code.
pub trait CameraSidecarExt<R: Runtime> {
    /// Return the handle of the sidecar's process.
    ///
    /// # Panics
    ///
    /// In an app without the plugin.
    fn camera_sidecar(&self) -> &Sidecar;
}

impl<R: Runtime, T: Manager<R>> CameraSidecarExt<R> for T {
    fn camera_sidecar(&self) -> &Sidecar {
        self.state::<Sidecar>().inner()
    }
}

//! The plugin: the process of the sidecar between the start of the app and its end, and the pages of its webviews.

use std::error::Error;

use serde_json::Value;
use tauri::ipc::Invoke;
use tauri::plugin::Plugin;
use tauri::webview::{PageLoadEvent, PageLoadPayload};
use tauri::{AppHandle, Manager, RunEvent, Runtime, Webview, WindowEvent, async_runtime};

use crate::builder::Builder;
use crate::client::Sidecar;
use crate::configuration::Configuration;
use crate::pages::Pages;
use crate::{CameraSidecarExt, calls, commands, events, program, scripts};

/// The plugin, for `tauri::Builder::plugin`. Made by [`init`](crate::init) or [`Builder::build`].
#[derive(Debug)]
pub struct CameraSidecarPlugin {
    options: Builder,
    script: String,
}

impl Builder {
    /// Return the plugin.
    #[must_use]
    pub fn build(self) -> CameraSidecarPlugin {
        CameraSidecarPlugin { options: self, script: String::new() }
    }
}

// Not made by `tauri::plugin::Builder`, whose initialization script cannot depend on the configuration.
impl<R: Runtime> Plugin<R> for CameraSidecarPlugin {
    fn name(&self) -> &'static str {
        "camera-sidecar"
    }

    fn initialize(&mut self, app: &AppHandle<R>, section: Value) -> Result<(), Box<dyn Error>> {
        let configuration = Configuration::parse(section)?;
        let options = std::mem::take(&mut self.options);
        self.script =
            scripts::initialization(app.config(), configuration.media_devices.unwrap_or(options.media_devices));
        let program = program::path(app, configuration.program.or_else(|| options.program.clone()));
        log::info!("the sidecar is {}", program.display());
        let settings = options.settings(program, configuration.arguments.into_iter().map(Into::into).collect());
        let (sidecar, events) = async_runtime::block_on(async { Sidecar::start_and_listen(settings) });
        app.manage(sidecar);
        app.manage(Pages::default());
        async_runtime::spawn(events::deliver(app.clone(), events));
        Ok(())
    }

    fn initialization_script(&self) -> Option<String> {
        Some(self.script.clone())
    }

    fn on_page_load(&mut self, webview: &Webview<R>, load: &PageLoadPayload<'_>) {
        if matches!(load.event(), PageLoadEvent::Started) {
            forget_page(webview.app_handle(), webview.label());
        }
    }

    fn on_event(&mut self, app: &AppHandle<R>, event: &RunEvent) {
        match event {
            RunEvent::WindowEvent { label, event: WindowEvent::Destroyed, .. } => forget_window(app, label),
            // The event loop has ended, and the process exits after this without dropping its state.
            RunEvent::Exit => async_runtime::block_on(app.camera_sidecar().shut_down()),
            _ => {}
        }
    }

    fn extend_api(&mut self, invoke: Invoke<R>) -> bool {
        commands::handle(invoke)
    }
}

/// Forget the page of a webview that was left, and close its connections and sessions.
pub fn forget_page<R: Runtime>(app: &AppHandle<R>, webview: &str) {
    calls::end(app, vec![app.state::<Pages>().leave(webview)]);
}

/// Forget all pages in a window, and close their connections and sessions.
pub fn forget_window<R: Runtime>(app: &AppHandle<R>, window: &str) {
    calls::end(app, app.state::<Pages>().leave_window(window));
}

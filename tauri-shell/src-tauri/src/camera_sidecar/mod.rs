//! The camera sidecar in a Tauri app: its process lives as long as the app, pages call its methods, and its notifications
//! go to the pages that they concern.
//!
//! | in the page | what it does |
//! |---|---|
//! | `invoke("sidecar_call", {method, params})` | calls a method of the contract; rejects with `{code, message, data}` |
//! | `invoke(method, params)` | the same, for frontends that call the methods as commands of the app |
//! | `invoke("sidecar_state")` | `{state, reason}`, state is starting, running, restarting, failed or stopped |
//! | `invoke("sidecar_listen", {channel})` | sends `{event, payload}` over the `Channel`: `sidecar_state` whenever it changes, and the notifications of the contract |
//! | `invoke("sidecar_log", {channel})` | the same of the notification `log` |
//!
//! Connections and sessions belong to the page that opened them: it alone can name them and hears of them, its
//! statistics hold nothing else, and they are closed when it is left, loaded again, or its window closed.
//!
//! A page needs the permissions in `permissions/camera-sidecar.toml`.

mod calls;
mod commands;
mod configuration;
mod contract;
mod events;
mod ids;
mod page;
mod pages;
mod program;

pub use commands::handler;
pub use configuration::Configuration;
#[cfg(test)]
pub use contract::METHODS;

use pages::Pages;
use sidecar_client::{Settings, Sidecar};
use tauri::plugin::{Builder, TauriPlugin};
use tauri::webview::PageLoadEvent;
use tauri::{async_runtime, AppHandle, Manager, RunEvent, Runtime, WindowEvent};

/// The plugin that starts the sidecar with the app and ends it with the app. The arguments of its command line stand in
/// `tauri.conf.json`, as `plugins.camera-sidecar.arguments`.
pub fn init<R: Runtime>() -> TauriPlugin<R, Configuration> {
    init_with(|app| Settings::new(program::path(app)))
}

/// The same with settings of the app's own: another program, limits, and arguments before those of `tauri.conf.json`.
pub fn init_with<R: Runtime>(
    settings: impl FnOnce(&AppHandle<R>) -> Settings + Send + 'static,
) -> TauriPlugin<R, Configuration> {
    Builder::new("camera-sidecar")
        .setup(move |app, api| {
            let mut settings = settings(app);
            settings.arguments.extend(configuration::arguments(api.config())?.into_iter().map(Into::into));
            log::info!("the sidecar is {}", settings.program.display());
            let (sidecar, events) = async_runtime::block_on(async { Sidecar::start_and_listen(settings) });
            app.manage(sidecar);
            app.manage(Pages::default());
            async_runtime::spawn(events::deliver(app.clone(), events));
            Ok(())
        })
        .on_page_load(|webview, load| {
            if matches!(load.event(), PageLoadEvent::Started) {
                forget_page(webview.app_handle(), webview.label());
            }
        })
        .on_event(|app, event| match event {
            RunEvent::WindowEvent { label, event: WindowEvent::Destroyed, .. } => {
                forget_window(app, label);
            }
            // Nothing else is running any more, and the process ends without dropping anything after this.
            RunEvent::Exit => async_runtime::block_on(app.state::<Sidecar>().shut_down()),
            _ => {}
        })
        .build()
}

/// A webview's page is gone: what it has opened is ended, and none of it belongs to the next page.
pub(crate) fn forget_page<R: Runtime>(app: &AppHandle<R>, webview: &str) {
    calls::end(app, vec![app.state::<Pages>().leave(webview)]);
}

/// The same of all pages in a window.
pub(crate) fn forget_window<R: Runtime>(app: &AppHandle<R>, window: &str) {
    calls::end(app, app.state::<Pages>().leave_window(window));
}

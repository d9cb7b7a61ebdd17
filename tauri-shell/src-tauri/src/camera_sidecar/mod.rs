//! The camera sidecar in a Tauri app. The process lives as long as the app, pages call its methods, and notifications
//! go to the pages that own their connection or session.
//!
//! | in the page | effect |
//! |---|---|
//! | `invoke("sidecar_call", {method, params})` | calls a method of the contract; rejects with `{code, message, data}` |
//! | `invoke(method, params)` | the same, for frontends that call the methods as commands of the app |
//! | `invoke("sidecar_state")` | returns `{state, reason}`; state is starting, running, restarting, failed or stopped |
//! | `invoke("sidecar_listen", {channel})` | sends `{event, payload}` over the `Channel`: each change of `sidecar_state`, and the notifications of the contract |
//! | `invoke("sidecar_log", {channel})` | the same for the notification `log` |
//!
//! A connection or session belongs to the page that opened it. Only this page can use it and gets its notifications,
//! and the page's statistics are limited to its own connections. They are closed when the page is left or reloaded, or
//! its window is closed.
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

/// Return the plugin that starts and ends the sidecar with the app. The arguments of its command line are in
/// `tauri.conf.json`, as `plugins.camera-sidecar.arguments`.
pub fn init<R: Runtime>() -> TauriPlugin<R, Configuration> {
    init_with(|app| Settings::new(program::path(app)))
}

/// Return the plugin with settings of the app: another program, limits, or arguments before the ones of
/// `tauri.conf.json`.
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
            // The event loop has ended, and the process exits after this without dropping its state.
            RunEvent::Exit => async_runtime::block_on(app.state::<Sidecar>().shut_down()),
            _ => {}
        })
        .build()
}

/// Forget the page of a webview that was left, and close its connections and sessions.
pub(crate) fn forget_page<R: Runtime>(app: &AppHandle<R>, webview: &str) {
    calls::end(app, vec![app.state::<Pages>().leave(webview)]);
}

/// Forget all pages in a window, and close their connections and sessions.
pub(crate) fn forget_window<R: Runtime>(app: &AppHandle<R>, window: &str) {
    calls::end(app, app.state::<Pages>().leave_window(window));
}

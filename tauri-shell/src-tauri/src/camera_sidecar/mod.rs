//! The camera sidecar in a Tauri app: its process lives as long as the app, the page calls its methods, and its
//! notifications are events of the page.
//!
//! | in the page | what it does |
//! |---|---|
//! | `invoke("sidecar_call", {method, params})` | calls a method of the contract; rejects with `{code, message, data}` |
//! | `invoke(method, params)` | the same, for frontends that call the methods as commands of the app |
//! | `invoke("sidecar_state")` | `{state, reason}`, state is starting, running, restarting, failed or stopped |
//! | `listen("sidecar:sidecar_state", …)` | the same whenever it changes |
//! | `listen("sidecar:<notification>", …)` | the parameters of each notification of the contract |

mod commands;
mod contract;
mod events;
mod program;

pub use commands::handler;
#[cfg(test)]
pub use contract::CALLABLE;

use sidecar_client::{Settings, Sidecar};
use tauri::plugin::{Builder, TauriPlugin};
use tauri::{async_runtime, AppHandle, Manager, RunEvent, Runtime};

/// The plugin that starts the sidecar with the app and ends it with the app.
pub fn init<R: Runtime>() -> TauriPlugin<R> {
    init_with(|app| Settings::new(program::path(app)))
}

/// The same with settings of the app's own: another program, arguments, limits.
pub fn init_with<R: Runtime>(settings: impl FnOnce(&AppHandle<R>) -> Settings + Send + 'static) -> TauriPlugin<R> {
    Builder::new("camera-sidecar")
        .setup(move |app, _| {
            let settings = settings(app);
            log::info!("the sidecar is {}", settings.program.display());
            let (sidecar, events) = async_runtime::block_on(async { Sidecar::start_and_listen(settings) });
            async_runtime::spawn(events::emit(app.clone(), events));
            app.manage(sidecar);
            Ok(())
        })
        .on_event(|app, event| {
            if matches!(event, RunEvent::Exit) {
                // Nothing else is running any more, and the process ends without dropping anything after this.
                async_runtime::block_on(app.state::<Sidecar>().shut_down());
            }
        })
        .build()
}

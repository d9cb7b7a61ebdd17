//! What the sidecar says, as events of the page.

use sidecar_client::{Event, Receiver, RecvError};
use tauri::{AppHandle, Emitter, Runtime};

const PREFIX: &str = "sidecar:";
const STATE: &str = "sidecar:sidecar_state";

/// Emit everything, in order, until the sidecar is gone.
pub async fn emit<R: Runtime>(app: AppHandle<R>, mut events: Receiver<Event>) {
    loop {
        let emitted = match events.recv().await {
            Ok(Event::Notification(heard)) => app.emit(&format!("{PREFIX}{}", heard.method), heard.params),
            Ok(Event::State(state)) => app.emit(STATE, state),
            Err(RecvError::Lagged(missed)) => {
                log::error!("{missed} events of the sidecar were missed: the app was too busy");
                Ok(())
            }
            Err(RecvError::Closed) => return,
        };
        if let Err(error) = emitted {
            log::warn!("an event of the sidecar did not reach the page: {error}");
        }
    }
}

//! The sidecar's notifications, to the pages that they concern.

use sidecar_client::{Event, Receiver, RecvError};
use tauri::{AppHandle, Manager, Runtime};

use super::pages::Pages;

/// Deliver everything, in order, until the sidecar is gone.
pub async fn deliver<R: Runtime>(app: AppHandle<R>, mut events: Receiver<Event>) {
    let pages = app.state::<Pages>();
    loop {
        match events.recv().await {
            Ok(Event::Notification(notification)) => pages.take(notification),
            Ok(Event::State(state)) => pages.take_state(&state),
            Err(RecvError::Lagged(missed)) => {
                log::error!("{missed} events of the sidecar were missed: the app was too busy");
            }
            Err(RecvError::Closed) => return,
        }
    }
}

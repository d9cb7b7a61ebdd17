//! The delivery of the sidecar's notifications to the pages.

use tauri::{AppHandle, Manager, Runtime};

use crate::client::{Event, Receiver, RecvError};
use crate::pages::Pages;

/// Deliver all events in their order, until the sidecar's handle is dropped.
pub async fn deliver<R: Runtime>(app: AppHandle<R>, mut events: Receiver<Event>) {
    let pages = app.state::<Pages>();
    loop {
        match events.recv().await {
            Ok(Event::Notification(notification)) => pages.deliver(notification),
            Ok(Event::State(state)) => pages.deliver_state(&state),
            Err(RecvError::Lagged(missed)) => {
                log::error!("{missed} events of the sidecar were lost: the app was too busy");
            }
            Err(RecvError::Closed) => return,
        }
    }
}

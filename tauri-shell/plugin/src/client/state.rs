//! The states and events of a sidecar.

use serde::Serialize;

use super::message::Notification;

/// The name of a state of the sidecar's process.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StateName {
    /// started for the first time and not ready yet; calls wait
    Starting,
    /// ready for calls
    Running,
    /// crashed and about to be restarted, without its former cameras and connections; calls wait
    Restarting,
    /// not restarted; calls fail
    Failed,
    /// shut down; calls fail
    Stopped,
}

/// The state of the sidecar's process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct State {
    /// its name
    pub state: StateName,
    /// the reason of `Restarting` and `Failed`, for people
    pub reason: Option<String>,
}

impl State {
    pub(crate) fn new(state: StateName) -> Self {
        Self { state, reason: None }
    }

    pub(crate) fn because(state: StateName, reason: String) -> Self {
        Self { state, reason: Some(reason) }
    }
}

/// An event of the sidecar. Events keep their order.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The sidecar sent a notification.
    Notification(Notification),
    /// The state of its process changed.
    State(State),
}

//! What a sidecar tells those who follow it.

use serde::Serialize;

use crate::message::Notification;

/// Where the sidecar's process is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum StateName {
    /// started for the first time, not ready yet; calls wait
    Starting,
    /// ready for calls
    Running,
    /// ended by itself and about to be started again, with nothing of what it held; calls wait
    Restarting,
    /// not started again: calls fail
    Failed,
    /// shut down: calls fail
    Stopped,
}

/// The state of the sidecar's process.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct State {
    /// which one
    pub state: StateName,
    /// what led to it, for a person; there for `Restarting` and `Failed`
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

/// What happens, in the order in which it happens.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The sidecar sent a notification.
    Notification(Notification),
    /// The state of its process changed.
    State(State),
}

//! What a program holds of its sidecar.

use std::time::Duration;

use serde_json::Value;
use tokio::sync::{broadcast, watch};
use tokio::task::AbortHandle;
use tokio::time::timeout;

use crate::connection::Connection;
use crate::error::CallError;
use crate::settings::Settings;
use crate::state::{Event, State, StateName};
use crate::stderr::LastLines;
use crate::supervisor::{Phase, Supervisor};

/// Events that a slow listener may fall behind; then it is told how many it missed.
const MAX_UNHEARD: usize = 1024;

/// A sidecar that is kept running. Dropping it kills the process and all that it started; `shut_down` is the way to end
/// it in order.
pub struct Sidecar {
    phase: watch::Receiver<Phase>,
    events: broadcast::Sender<Event>,
    stop: watch::Sender<bool>,
    last_lines: LastLines,
    call_limit: Duration,
    supervisor: AbortHandle,
}

impl Sidecar {
    /// Start the program, in the tokio runtime that this is called in. Returns at once: calls wait until it is ready,
    /// and failures are states.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with timers and input and output turned on.
    #[must_use]
    pub fn start(settings: Settings) -> Self {
        let (events, _) = broadcast::channel(MAX_UNHEARD);
        Self::start_with(settings, events)
    }

    /// The same with a listener that misses nothing, not even the start.
    ///
    /// # Panics
    ///
    /// As `start`.
    #[must_use]
    pub fn start_and_listen(settings: Settings) -> (Self, broadcast::Receiver<Event>) {
        let (events, listener) = broadcast::channel(MAX_UNHEARD);
        (Self::start_with(settings, events), listener)
    }

    fn start_with(settings: Settings, events: broadcast::Sender<Event>) -> Self {
        let starting = Phase { state: State::new(StateName::Starting), connection: None };
        let (phase_sender, phase) = watch::channel(starting);
        let (stop, asked_to_stop) = watch::channel(false);
        let (last_lines, call_limit) = (LastLines::default(), settings.call_limit);
        let supervisor = Supervisor {
            settings,
            phase: phase_sender,
            events: events.clone(),
            stop: asked_to_stop,
            last_lines: last_lines.clone(),
        };
        let supervisor = tokio::spawn(supervisor.run()).abort_handle();
        Self { phase, events, stop, last_lines, call_limit, supervisor }
    }

    /// Call a method of the contract and wait for its answer, the start of the program included.
    ///
    /// # Errors
    ///
    /// `CallError::Rpc` is the sidecar's own error; the others say why there is no answer.
    pub async fn call(&self, method: &str, params: Option<&Value>) -> Result<Value, CallError> {
        let answered = async { self.connection().await?.call(method, params).await };
        timeout(self.call_limit, answered)
            .await
            .unwrap_or_else(|_| Err(CallError::TimedOut { method: method.to_owned(), after: self.call_limit }))
    }

    /// What happens from now on. A listener that falls behind by more than 1,024 events is told so and misses the oldest.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }

    /// The state of its process now.
    #[must_use]
    pub fn state(&self) -> State {
        self.phase.borrow().state.clone()
    }

    /// The last 200 lines of its standard error, restarts included, oldest first.
    #[must_use]
    pub fn last_lines(&self) -> Vec<String> {
        self.last_lines.get()
    }

    /// End it in order: the `shutdown` request, the end of its standard input, a wait, and then the end by force.
    /// Returns when no process is left; it may be called any number of times.
    pub async fn shut_down(&self) {
        self.stop.send_replace(true);
        let is_over = |phase: &Phase| matches!(phase.state.state, StateName::Stopped | StateName::Failed);
        let _ = self.phase.clone().wait_for(is_over).await; // fails when the supervisor is gone: over as well
    }

    /// The way to the process, as soon as it is ready.
    async fn connection(&self) -> Result<Connection, CallError> {
        let is_settled = |phase: &Phase| !matches!(phase.state.state, StateName::Starting | StateName::Restarting);
        let mut phases = self.phase.clone();
        let phase = phases.wait_for(is_settled).await.map_err(|_| CallError::Gone)?;
        match (&phase.connection, &phase.state.reason) {
            (Some(connection), _) => Ok(connection.clone()),
            (None, Some(reason)) => Err(CallError::Failed(reason.clone())),
            (None, None) => Err(CallError::Gone),
        }
    }
}

impl Drop for Sidecar {
    fn drop(&mut self) {
        self.supervisor.abort(); // which drops the process
    }
}

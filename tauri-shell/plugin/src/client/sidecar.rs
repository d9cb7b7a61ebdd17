//! The handle of a sidecar.

use std::time::Duration;

use serde_json::Value;
use tokio::sync::{broadcast, watch};
use tokio::task::AbortHandle;
use tokio::time::timeout;

use super::error::CallError;
use super::rpc_client::RpcClient;
use super::settings::Settings;
use super::state::{Event, State, StateName};
use super::stderr::LastLines;
use super::supervisor::{Phase, Supervisor};

/// The events buffered for a slow listener. One that falls further behind gets the number of events that it missed.
const MAX_UNHEARD: usize = 1024;

/// A sidecar that is kept running. Dropping it kills the process and every process that it started; `shut_down` ends it
/// in order.
pub struct Sidecar {
    phase: watch::Receiver<Phase>,
    events: broadcast::Sender<Event>,
    stop: watch::Sender<bool>,
    last_lines: LastLines,
    call_limit: Duration,
    supervisor: AbortHandle,
}

impl Sidecar {
    /// Start the program in the current tokio runtime. Returns at once: calls wait until the program is ready, and a
    /// failed start becomes a state.
    ///
    /// # Panics
    ///
    /// Outside a tokio runtime with timers and I/O enabled.
    #[must_use]
    pub fn start(settings: Settings) -> Self {
        let (events, _) = broadcast::channel(MAX_UNHEARD);
        Self::start_with(settings, events)
    }

    /// Start the program, with a listener that gets the events from the start on.
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
        let starting = Phase { state: State::new(StateName::Starting), client: None };
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

    /// Call a method of the contract and wait for its response. The wait includes the start of the program.
    ///
    /// # Errors
    ///
    /// `CallError::Rpc` is the sidecar's own error. The other errors mean that there is no response.
    pub async fn call(&self, method: &str, params: Option<&Value>) -> Result<Value, CallError> {
        let answered = async { self.client().await?.call(method, params).await };
        timeout(self.call_limit, answered)
            .await
            .unwrap_or_else(|_| Err(CallError::TimedOut { method: method.to_owned(), after: self.call_limit }))
    }

    /// Return a listener of the events from now on. One that falls behind by more than 1,024 events misses the oldest,
    /// and gets their number.
    #[must_use]
    pub fn listen(&self) -> broadcast::Receiver<Event> {
        self.events.subscribe()
    }

    /// The current state of the process.
    #[must_use]
    pub fn state(&self) -> State {
        self.phase.borrow().state.clone()
    }

    /// The last 200 lines of standard error, restarts included, oldest first.
    #[must_use]
    pub fn last_lines(&self) -> Vec<String> {
        self.last_lines.get()
    }

    /// End the process in order: send the `shutdown` request, close standard input, wait, and kill the process after
    /// the time limit. Returns when no process is left. Idempotent.
    pub async fn shut_down(&self) {
        self.stop.send_replace(true);
        let is_over = |phase: &Phase| matches!(phase.state.state, StateName::Stopped | StateName::Failed);
        let _ = self.phase.clone().wait_for(is_over).await; // fails when the supervisor has ended: the process has, too
    }

    /// Return the client of the process as soon as the process is ready.
    async fn client(&self) -> Result<RpcClient, CallError> {
        let is_settled = |phase: &Phase| !matches!(phase.state.state, StateName::Starting | StateName::Restarting);
        let mut phases = self.phase.clone();
        let phase = phases.wait_for(is_settled).await.map_err(|_| CallError::Gone)?;
        match (&phase.client, &phase.state.reason) {
            (Some(client), _) => Ok(client.clone()),
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

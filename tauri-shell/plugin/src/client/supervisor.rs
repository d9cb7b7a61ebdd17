//! Keeps one process running until it is stopped, or has crashed too often.

use std::io;
use std::time::Instant;

use tokio::sync::{broadcast, watch};
use tokio::time::{sleep, timeout};

use super::process::Process;
use super::restarts::Restarts;
use super::rpc_client::RpcClient;
use super::settings::Settings;
use super::state::{Event, State, StateName};
use super::stderr::LastLines;

/// The state, with the client of the process while it runs.
#[derive(Clone)]
pub struct Phase {
    pub state: State,
    pub client: Option<RpcClient>,
}

/// Why a process has ended.
enum End {
    Asked,
    Crashed(String),
    Unstartable(String),
}

pub struct Supervisor {
    pub settings: Settings,
    pub phase: watch::Sender<Phase>,
    pub events: broadcast::Sender<Event>,
    pub stop: watch::Receiver<bool>,
    pub last_lines: LastLines,
}

impl Supervisor {
    /// Start the process, and restart it after crashes. Returns when it was stopped or has failed for good.
    pub async fn run(self) {
        let mut restarts = Restarts::new(self.settings.restarts.clone());
        loop {
            let reason = match self.run_once().await {
                End::Asked => return self.enter(State::new(StateName::Stopped), None),
                End::Unstartable(reason) => return self.enter(State::because(StateName::Failed, reason), None),
                End::Crashed(reason) => reason,
            };
            let Some(delay) = restarts.next_delay(Instant::now()) else {
                log::error!("the sidecar crashed too often and is not restarted: {reason}");
                return self.enter(State::because(StateName::Failed, reason), None);
            };
            log::warn!("the sidecar is restarted in {} ms: {reason}", delay.as_millis());
            self.enter(State::because(StateName::Restarting, reason), None);
            tokio::select! {
                () = sleep(delay) => {}
                () = asked_to_stop(self.stop.clone()) => return self.enter(State::new(StateName::Stopped), None),
            }
        }
    }

    async fn run_once(&self) -> End {
        let mut process = match Process::start(&self.settings, self.events.clone(), self.last_lines.clone()) {
            Ok(process) => process,
            Err(error) => return self.unstarted(&error),
        };
        log::info!("the sidecar is process {:?}", process.id());
        let end = tokio::select! {
            end = self.watch(&mut process) => end,
            () = asked_to_stop(self.stop.clone()) => End::Asked,
        };
        if matches!(end, End::Asked) {
            process.end(self.settings.end_limit).await;
        }
        end
    }

    /// Wait until the process is ready, then until it ends.
    async fn watch(&self, process: &mut Process) -> End {
        let limit = self.settings.ready_limit;
        let is_ready = tokio::select! {
            ready = timeout(limit, process.ready()) => ready.is_ok(),
            end = process.ended() => return crashed(end),
        };
        if !is_ready {
            return End::Crashed(format!("The sidecar was not ready within {} s.", limit.as_secs_f32()));
        }
        self.enter(State::new(StateName::Running), Some(process.client().clone()));
        crashed(process.ended().await)
    }

    /// A missing or forbidden program fails for good; other errors, such as too little memory, may be temporary.
    fn unstarted(&self, error: &io::Error) -> End {
        let Settings { program, if_missing, .. } = &self.settings;
        let mut reason = format!("The sidecar {} could not be started ({error}).", program.display());
        if error.kind() == io::ErrorKind::NotFound && !if_missing.is_empty() {
            reason = format!("{reason} {if_missing}");
        }
        match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied => {
                log::error!("{reason}");
                End::Unstartable(reason)
            }
            _ => End::Crashed(reason),
        }
    }

    fn enter(&self, state: State, client: Option<RpcClient>) {
        let _ = self.events.send(Event::State(state.clone())); // fails without a listener
        self.phase.send_replace(Phase { state, client });
    }
}

fn crashed(end: io::Result<std::process::ExitStatus>) -> End {
    End::Crashed(match end {
        Ok(status) => format!("The sidecar ended unexpectedly ({status})."),
        Err(error) => format!("The sidecar's exit status is unknown ({error})."),
    })
}

/// Resolves when the stop was requested, or when the handle was dropped.
async fn asked_to_stop(mut stop: watch::Receiver<bool>) {
    let _ = stop.wait_for(|&asked| asked).await;
}

//! A sidecar with the scripted program, and functions that wait for its events.

use std::future::Future;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::Value;
use tauri_plugin_camera_sidecar::client::{Event, RestartPolicy, Settings, Sidecar, StateName};
use tokio::sync::broadcast::Receiver;
use tokio::time::timeout;

/// Far longer than any step takes, so that a busy machine fails no test.
const LIMIT: Duration = Duration::from_secs(20);

pub fn settings(arguments: &[&str]) -> Settings {
    Settings {
        arguments: arguments.iter().map(Into::into).collect(),
        restarts: RestartPolicy { first_delay: Duration::from_millis(10), ..RestartPolicy::default() },
        ..Settings::new(scripted_child())
    }
}

/// Return the path of the program, which cargo builds with the tests.
fn scripted_child() -> PathBuf {
    let tests = std::env::current_exe().expect("this program has a path");
    let built = tests.ancestors().nth(2).expect("tests are built into deps");
    built.join("examples").join(format!("scripted-child{}", std::env::consts::EXE_SUFFIX))
}

pub fn start(arguments: &[&str]) -> Sidecar {
    Sidecar::start(settings(arguments))
}

pub async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    timeout(LIMIT, future).await.unwrap_or_else(|_| panic!("{what}: not within {LIMIT:?}"))
}

pub async fn notification(events: &mut Receiver<Event>, method: &str) -> Value {
    let found = async {
        loop {
            match events.recv().await.expect("the listener keeps up") {
                Event::Notification(notification) if notification.method == method => return notification.params,
                _ => {}
            }
        }
    };
    within(method, found).await
}

/// Return the states up to the first one of this name, with it.
pub async fn states_until(events: &mut Receiver<Event>, last: StateName) -> Vec<StateName> {
    let found = async {
        let mut states = Vec::new();
        while states.last() != Some(&last) {
            if let Event::State(state) = events.recv().await.expect("the listener keeps up") {
                states.push(state.state);
            }
        }
        states
    };
    within(&format!("{last:?}"), found).await
}

/// Return the process id that the program reported.
pub async fn pid(events: &mut Receiver<Event>) -> u32 {
    u32::try_from(notification(events, "ready").await["pid"].as_u64().expect("a number")).expect("a process id")
}

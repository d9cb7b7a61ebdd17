//! Start, crash, restart and end of the process.

use std::time::Duration;

use crate::support::{pid, settings, states_until, within};
use serde_json::json;
use tauri_plugin_camera_sidecar::client::{CallError, RestartPolicy, Settings, Sidecar, StateName};

use StateName::{Failed, Restarting, Running, Stopped};

#[tokio::test]
async fn a_crashed_sidecar_is_started_again_and_calls_wait_for_it() {
    let (sidecar, mut events) = Sidecar::start_and_listen(settings(&[]));
    let first = pid(&mut events).await;
    let crashed = within("the crash", sidecar.call("crash", None)).await;
    assert_eq!(crashed, Err(CallError::Gone));
    assert_eq!(within("echo", sidecar.call("echo", Some(&json!(2)))).await, Ok(json!(2)));
    assert_eq!(states_until(&mut events, Restarting).await, [Running, Restarting]);
    assert_ne!(pid(&mut events).await, first);
    assert_eq!(states_until(&mut events, Running).await, [Running]);
}

#[tokio::test]
async fn a_sidecar_that_crashes_too_often_fails_with_the_reason() {
    let restarts = RestartPolicy { max_restarts: 2, first_delay: Duration::from_millis(1), ..RestartPolicy::default() };
    let settings = Settings { restarts, ..settings(&["crash-at-start"]) };
    let (sidecar, mut events) = Sidecar::start_and_listen(settings);
    assert_eq!(states_until(&mut events, Failed).await, [Restarting, Restarting, Failed]);
    let reason = sidecar.state().reason.expect("a reason");
    assert!(reason.contains('3'), "the exit status is in {reason:?}");
    assert_eq!(sidecar.last_lines(), ["no camera library"; 3]);
    let refused = within("a refusal", sidecar.call("echo", None)).await;
    assert_eq!(refused, Err(CallError::Failed(reason)));
    within("nothing to shut down", sidecar.shut_down()).await;
}

#[tokio::test]
async fn a_program_that_is_missing_fails_at_once() {
    let (sidecar, mut events) = Sidecar::start_and_listen(Settings::new("there/is/no/such/program"));
    assert_eq!(states_until(&mut events, Failed).await, [Failed]);
    let Err(CallError::Failed(reason)) = sidecar.call("echo", None).await else { panic!("there is nothing to call") };
    assert!(reason.contains("there/is/no/such/program"), "which program is in {reason:?}");
}

#[tokio::test]
async fn a_sidecar_that_is_never_ready_counts_as_crashed() {
    let restarts = RestartPolicy { max_restarts: 0, ..RestartPolicy::default() };
    let settings = Settings { ready_limit: Duration::from_millis(200), restarts, ..settings(&["never-ready"]) };
    let (sidecar, mut events) = Sidecar::start_and_listen(settings);
    assert_eq!(states_until(&mut events, Failed).await, [Failed]);
    assert!(sidecar.state().reason.is_some_and(|reason| reason.contains("ready")));
}

#[tokio::test]
async fn a_shut_down_ends_the_sidecar_in_order() {
    let (sidecar, mut events) = Sidecar::start_and_listen(settings(&[]));
    states_until(&mut events, Running).await;
    within("the end", sidecar.shut_down()).await;
    assert_eq!(states_until(&mut events, Stopped).await, [Stopped]);
    assert_eq!(sidecar.last_lines(), ["asked to shut down"]);
    assert_eq!(within("a refusal", sidecar.call("echo", None)).await, Err(CallError::Gone));
    within("the end again", sidecar.shut_down()).await;
}

#[tokio::test]
async fn a_shut_down_works_between_two_starts() {
    let restarts = RestartPolicy {
        first_delay: Duration::from_secs(600),
        max_delay: Duration::from_secs(600),
        ..RestartPolicy::default()
    };
    let (sidecar, mut events) = Sidecar::start_and_listen(Settings { restarts, ..settings(&["crash-at-start"]) });
    states_until(&mut events, Restarting).await; // the first restart, at once
    states_until(&mut events, Restarting).await;
    within("the end", sidecar.shut_down()).await;
    assert_eq!(sidecar.state().state, Stopped);
}

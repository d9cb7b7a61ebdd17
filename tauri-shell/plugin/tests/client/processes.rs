//! No process is left, however the sidecar ends.

use std::time::{Duration, Instant};

use rustix::process::{Pid, getpgid, test_kill_process};
use serde_json::Value;
use tauri_plugin_camera_sidecar::client::{CallError, Settings, Sidecar, StateName};
use tokio::time::sleep;

use crate::support::{pid, settings, start, states_until, within};

use StateName::{Restarting, Running};

const LOOK_AGAIN: Duration = Duration::from_millis(5);

async fn fork(sidecar: &Sidecar) -> u32 {
    let pid = within("a grandchild", sidecar.call("fork", None)).await.expect("an answer");
    let pid = pid.as_u64().and_then(|pid| u32::try_from(pid).ok()).expect("a process id");
    assert!(is_alive(pid));
    pid
}

#[tokio::test]
async fn a_sidecar_that_hangs_is_killed_after_the_limit() {
    let settings = Settings { end_limit: Duration::from_millis(300), ..settings(&["deaf"]) };
    let (sidecar, mut events) = Sidecar::start_and_listen(settings);
    let pid = pid(&mut events).await;
    states_until(&mut events, Running).await;
    let started = Instant::now();
    within("the end", sidecar.shut_down()).await;
    assert!(started.elapsed() >= Duration::from_millis(300), "it had its time");
    assert!(!is_alive(pid));
}

#[tokio::test]
async fn the_sidecars_child_processes_end_with_it() {
    let sidecar = start(&[]);
    let grandchild = fork(&sidecar).await;
    within("the end", sidecar.shut_down()).await;
    gone(grandchild).await;
}

#[tokio::test]
async fn the_child_processes_of_a_crashed_sidecar_end_before_the_next_start() {
    let (sidecar, mut events) = Sidecar::start_and_listen(settings(&[]));
    let grandchild = fork(&sidecar).await;
    assert_eq!(within("the crash", sidecar.call("crash", None)).await, Err(CallError::Gone));
    states_until(&mut events, Restarting).await;
    gone(grandchild).await;
    assert_eq!(within("echo", sidecar.call("echo", None)).await, Ok(Value::Null));
}

#[tokio::test]
async fn dropping_the_handle_kills_the_sidecar_and_its_child_processes() {
    let (sidecar, mut events) = Sidecar::start_and_listen(settings(&["deaf"]));
    let pid = pid(&mut events).await;
    drop(sidecar);
    gone(pid).await;

    let sidecar = start(&[]);
    let grandchild = fork(&sidecar).await;
    drop(sidecar);
    gone(grandchild).await;
}

#[tokio::test]
async fn signals_to_this_programs_group_do_not_reach_the_sidecar() {
    let (_sidecar, mut events) = Sidecar::start_and_listen(settings(&[]));
    let pid = Pid::from_raw(i32::try_from(pid(&mut events).await).expect("a pid"));
    assert_eq!(getpgid(pid).ok(), pid);
}

fn is_alive(pid: u32) -> bool {
    let pid = Pid::from_raw(i32::try_from(pid).expect("a process id")).expect("a process id");
    test_kill_process(pid).is_ok() && !is_zombie(pid)
}

/// A zombie has ended but was not waited for. Orphans stay zombies until process 1 waits for them.
fn is_zombie(pid: Pid) -> bool {
    let status = std::fs::read_to_string(format!("/proc/{}/status", pid.as_raw_nonzero()));
    status.is_ok_and(|status| status.contains("State:\tZ"))
}

async fn gone(pid: u32) {
    let gone = async {
        while is_alive(pid) {
            sleep(LOOK_AGAIN).await;
        }
    };
    within(&format!("the end of process {pid}"), gone).await;
}

//! The commands and events as a page sees them, on Tauri's mock runtime, with a scripted program as the sidecar and the
//! plugin's permissions.

mod configuration;
mod limits;
mod ownership;
mod permissions;
mod scripts;
mod statistics;
mod support;

use serde_json::{Value, json};
use tauri::RunEvent;

use crate::client::StateName;
use crate::{Builder, CameraSidecarExt};
use support::{Bench, command};

#[test]
fn a_call_goes_to_the_sidecar_with_its_parameters_and_back_with_its_result() {
    let bench = Bench::new();
    let params = json!({"deviceId": "test:pattern", "iceServers": []});
    assert_eq!(bench.main.call("start_camera_webrtc_session", &params), Ok(params));
    assert_eq!(bench.main.call("ping", &json!({})), Ok(json!({})));
}

#[test]
fn the_method_whose_name_is_no_identifier_is_a_command_too() {
    assert_eq!(Bench::new().main.invoke("plugin:camera-sidecar|rpc_discover", json!({"a": 1})), Ok(json!({"a": 1})));
}

#[test]
fn arguments_of_bytes_are_an_error_with_a_hint() {
    let error = Bench::new().main.invoke_with_bytes(&command("ping")).expect_err("bytes are no parameters");
    assert_eq!((&error["code"], &error["data"]["kind"]), (&json!(-32602), &json!("invalid_params")));
    assert!(error["data"]["hint"].as_str().is_some_and(|hint| !hint.is_empty()));
}

#[test]
fn a_sidecar_that_cannot_be_started_is_an_error_with_a_hint_and_a_state_with_a_reason() {
    let bench = Bench::with(Builder::new().program("no/such/program"));
    let error = bench.main.call("ping", &Value::Null).expect_err("there is no sidecar");
    assert_eq!((&error["code"], &error["data"]["kind"]), (&json!(-32000), &json!("sidecar_unreachable")));
    assert!(error["data"]["hint"].as_str().is_some_and(|hint| !hint.is_empty()));
    let state = bench.main.invoke(&command("state"), json!({})).expect("a state");
    assert_eq!(state["state"], "failed");
    let reason = state["reason"].as_str().expect("a reason");
    assert!(reason.contains("no/such/program") && reason.contains("freeze.py --dist src-tauri"), "{reason}");
}

#[test]
fn a_crash_is_an_event_of_every_page_and_so_is_the_return() {
    let bench = Bench::new();
    bench.main.call("ping", &Value::Null).expect("an answer");
    assert_eq!(bench.main.invoke(&command("state"), json!({})), Ok(json!({"state": "running", "reason": null})));
    let pages = [&bench.main, &bench.other];
    let events = pages.map(|page| page.listen("listen"));
    let error = bench.main.call("ping", &json!("crash")).expect_err("it crashed");
    assert_eq!(error["data"]["kind"], "sidecar_unreachable");
    for heard in events {
        assert_eq!(heard.next_of("sidecar_state")["state"], "restarting");
        assert_eq!(heard.next_of("ready")["pid"].as_u64().map(|pid| pid > 0), Some(true));
        assert_eq!(heard.next_of("sidecar_state")["state"], "running");
    }
}

#[test]
fn the_sidecar_is_shut_down_when_the_last_window_closes() {
    let Bench { app, main, other } = Bench::new();
    let handle = app.handle().clone();
    app.run_return(move |_, event| {
        if matches!(event, RunEvent::Ready) {
            main.webview.close().expect("the window is there");
            other.webview.close().expect("the window is there");
        }
    });
    let sidecar = handle.camera_sidecar();
    assert_eq!(sidecar.state().state, StateName::Stopped);
    assert_eq!(sidecar.last_lines(), ["asked to shut down"]);
}

//! The commands and events as a page sees them, on Tauri's mock runtime, with a scripted program as the sidecar and the
//! permissions of the app.

mod ownership;
mod permissions;
mod statistics;
mod support;

use serde_json::{json, Value};
use sidecar_client::{Settings, Sidecar, StateName};
use tauri::{Manager, RunEvent};

use support::{settings, Bench};

#[test]
fn a_call_goes_to_the_sidecar_with_its_parameters_and_back_with_its_result() {
    let bench = Bench::new();
    let params = json!({"deviceId": "test:pattern", "iceServers": []});
    assert_eq!(bench.main.call("start_camera_webrtc_session", &params), Ok(params));
    assert_eq!(bench.main.invoke("sidecar_call", json!({"method": "ping"})), Ok(Value::Null));
}

#[test]
fn a_method_of_the_contract_is_a_command_too() {
    let bench = Bench::new();
    let params = json!({"deviceId": "test:pattern", "iceServers": []});
    assert_eq!(bench.main.invoke("start_camera_webrtc_session", params.clone()), Ok(params));
}

#[test]
fn a_sidecar_that_cannot_be_started_is_an_error_with_a_hint_and_a_state_with_a_reason() {
    let bench = Bench::with(Settings::new("no/such/program"));
    let error = bench.main.call("ping", &Value::Null).expect_err("there is no sidecar");
    assert_eq!((&error["code"], &error["data"]["kind"]), (&json!(-32000), &json!("sidecar_unreachable")));
    assert!(error["data"]["hint"].as_str().is_some_and(|hint| !hint.is_empty()));
    let state = bench.main.invoke("sidecar_state", json!({})).expect("a state");
    assert_eq!(state["state"], "failed");
    assert!(state["reason"].as_str().is_some_and(|reason| !reason.is_empty()));
}

#[test]
fn a_crash_is_an_event_of_every_page_and_so_is_the_return() {
    let bench = Bench::new();
    bench.main.call("ping", &Value::Null).expect("an answer");
    assert_eq!(bench.main.invoke("sidecar_state", json!({})), Ok(json!({"state": "running", "reason": null})));
    let pages = [&bench.main, &bench.other];
    let events = pages.map(|page| page.listen("sidecar_listen"));
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
    let sidecar = handle.state::<Sidecar>();
    assert_eq!(sidecar.state().state, StateName::Stopped);
    assert_eq!(sidecar.last_lines(), ["asked to shut down"]);
}

#[test]
fn the_sidecars_arguments_are_in_the_apps_configuration() {
    let bench = Bench::configured(settings(), &json!({"arguments": ["crash-at-start"]})).expect("it is configured");
    let error = bench.main.call("ping", &Value::Null).expect_err("it crashes at its start");
    assert!(error["message"].as_str().is_some_and(|message| message.contains("exit")), "{error}");
}

#[test]
fn an_unknown_option_of_the_configuration_keeps_the_app_from_starting() {
    let wrong = json!({"argument": ["--peers", "local"]});
    let error = Bench::configured(settings(), &wrong).err().expect("a spelling mistake protects nothing");
    assert!(error.contains("no option \"argument\""), "{error}");
}

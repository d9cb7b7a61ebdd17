//! The page's side of the commands and events, on Tauri's mock runtime, with a scripted program as the sidecar.

use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::mpsc::{channel, Receiver};
use std::time::Duration;

use serde_json::{json, Value};
use sidecar_client::{Settings, Sidecar, StateName};
use tauri::ipc::{CallbackFn, InvokeBody};
use tauri::test::{get_ipc_response, mock_builder, mock_context, noop_assets, MockRuntime, INVOKE_KEY};
use tauri::webview::InvokeRequest;
use tauri::{generate_handler, App, Listener, Manager, RunEvent, WebviewWindow, WebviewWindowBuilder};

use crate::camera_sidecar::{handler, init_with, CALLABLE};

const LIMIT: Duration = Duration::from_secs(20);
const PAGE: &str = if cfg!(windows) { "http://tauri.localhost" } else { "tauri://localhost" };

/// An app with a page.
struct Page {
    app: App<MockRuntime>,
    webview: WebviewWindow<MockRuntime>,
}

impl Page {
    fn with(settings: Settings) -> Self {
        let app = mock_builder()
            .plugin(init_with(|_| settings))
            .invoke_handler(handler(generate_handler![]))
            .build(mock_context(noop_assets()))
            .expect("a mock app starts anywhere");
        let webview = WebviewWindowBuilder::new(&app, "main", tauri::WebviewUrl::default()).build();
        Self { webview: webview.expect("a mock window opens anywhere"), app }
    }

    fn invoke(&self, command: &str, arguments: Value) -> Result<Value, Value> {
        let request = InvokeRequest {
            cmd: command.into(),
            callback: CallbackFn(0),
            error: CallbackFn(1),
            url: PAGE.parse().expect("an address"),
            body: InvokeBody::Json(arguments),
            headers: tauri::http::HeaderMap::default(),
            invoke_key: INVOKE_KEY.to_string(),
        };
        get_ipc_response(&self.webview, request).map(|body| body.deserialize().expect("answers are JSON"))
    }

    fn call(&self, method: &str, params: &Value) -> Result<Value, Value> {
        self.invoke("sidecar_call", json!({ "method": method, "params": params }))
    }

    fn listen(&self, event: &str) -> Receiver<Value> {
        let (sender, events) = channel();
        self.app.listen(event, move |event| {
            let payload = serde_json::from_str(event.payload()).expect("payloads are JSON");
            let _ = sender.send(payload); // fails when the test is over
        });
        events
    }
}

/// The program that the client's own tests run; `cargo test --workspace` builds it.
fn scripted_child() -> PathBuf {
    let tests = std::env::current_exe().expect("this program has a path");
    let built = tests.ancestors().nth(2).expect("tests are built into deps");
    built.join(format!("scripted-child{}", std::env::consts::EXE_SUFFIX))
}

fn settings() -> Settings {
    Settings::new(scripted_child())
}

#[test]
fn a_call_goes_to_the_sidecar_with_its_parameters_and_back_with_its_result() {
    let page = Page::with(settings());
    let params = json!({"deviceId": "test:pattern", "iceServers": []});
    assert_eq!(page.call("start_camera_webrtc_session", &params), Ok(params));
    assert_eq!(page.invoke("sidecar_call", json!({"method": "ping"})), Ok(Value::Null));
}

#[test]
fn a_method_of_the_contract_is_a_command_too() {
    let page = Page::with(settings());
    let params = json!({"deviceId": "test:pattern", "iceServers": []});
    assert_eq!(page.invoke("start_camera_webrtc_session", params.clone()), Ok(params));
    for other in ["shutdown", "ready", "crash"] {
        assert_eq!(page.invoke(other, json!({})), Err(json!(format!("Command {other} not found"))));
    }
}

#[test]
fn what_is_not_for_pages_is_refused_before_it_reaches_the_sidecar() {
    let page = Page::with(Settings::new("no/program/is/needed/for/this"));
    for method in ["shutdown", "ready", "crash", "rpc.unknown", ""] {
        let error = page.call(method, &Value::Null).expect_err(method);
        assert_eq!((&error["code"], &error["data"]["kind"]), (&json!(-32601), &json!("method_not_found")));
    }
}

#[test]
fn a_sidecar_that_cannot_be_started_is_an_error_with_a_hint_and_a_state_with_a_reason() {
    let page = Page::with(Settings::new("no/such/program"));
    let error = page.call("ping", &Value::Null).expect_err("there is no sidecar");
    assert_eq!((&error["code"], &error["data"]["kind"]), (&json!(-32000), &json!("sidecar_unreachable")));
    assert!(error["data"]["hint"].as_str().is_some_and(|hint| !hint.is_empty()));
    let state = page.invoke("sidecar_state", json!({})).expect("a state");
    assert_eq!(state["state"], "failed");
    assert!(state["reason"].as_str().is_some_and(|reason| !reason.is_empty()));
}

#[test]
fn a_notification_is_an_event_of_the_page() {
    let page = Page::with(settings());
    let stats = page.listen("sidecar:stats");
    page.call("subscribe_stats", &json!({"interval_ms": 100})).expect("an answer");
    assert_eq!(stats.recv_timeout(LIMIT), Ok(json!({"interval_ms": 100})));
}

#[test]
fn a_crash_is_an_event_of_the_page_and_so_is_the_return() {
    let page = Page::with(settings());
    page.call("ping", &Value::Null).expect("an answer");
    assert_eq!(page.invoke("sidecar_state", json!({})), Ok(json!({"state": "running", "reason": null})));
    let states = page.listen("sidecar:sidecar_state");
    let error = page.call("ping", &json!("crash")).expect_err("it crashed");
    assert_eq!(error["data"]["kind"], "sidecar_unreachable");
    assert_eq!(states.recv_timeout(LIMIT).expect("a state")["state"], "restarting");
    assert_eq!(states.recv_timeout(LIMIT).expect("a state")["state"], "running");
}

#[test]
fn the_sidecar_is_shut_down_when_the_last_window_closes() {
    let Page { app, webview } = Page::with(settings());
    let handle = app.handle().clone();
    app.run_return(move |_, event| {
        if matches!(event, RunEvent::Ready) {
            webview.close().expect("the window is there");
        }
    });
    let sidecar = handle.state::<Sidecar>();
    assert_eq!(sidecar.state().state, StateName::Stopped);
    assert_eq!(sidecar.last_lines(), ["asked to shut down"]);
}

#[test]
fn the_permission_covers_exactly_what_pages_call() {
    let permission = include_str!("../permissions/sidecar.toml");
    let listed = permission.lines().filter_map(|line| line.strip_prefix("  \"")?.strip_suffix("\","));
    let commands = ["sidecar_call", "sidecar_state"];
    assert_eq!(listed.collect::<HashSet<_>>(), CALLABLE.into_iter().chain(commands).collect());
}

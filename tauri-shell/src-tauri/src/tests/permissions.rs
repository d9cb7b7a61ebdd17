//! A page may call the methods that a capability of its window allows.

use std::collections::HashSet;

use serde_json::{json, Value};
use sidecar_client::Settings;
use tauri::ipc::CallbackFn;
use tauri::test::{get_ipc_response, mock_builder, mock_context, noop_assets, INVOKE_KEY};
use tauri::webview::InvokeRequest;
use tauri::{generate_handler, WebviewUrl, WebviewWindowBuilder};

use super::support::{notification, settings, Bench, LOCAL};
use crate::camera_sidecar::{handler, init_with, METHODS};

const FINER: [(&str, &str); 4] = [
    ("start_streaming", "allow-camera-streaming"),
    ("set_encoding", "allow-camera-encoding"),
    ("request_keyframe", "allow-camera-encoding"),
    ("request_camera_permission", "allow-camera-prompt"),
];

#[test]
fn methods_that_are_not_for_pages_are_refused_before_they_reach_the_sidecar() {
    let bench = Bench::with(Settings::new("no/program/is/needed/for/this"));
    for method in ["shutdown", "ready", "crash", "rpc.unknown", ""] {
        let error = bench.main.call(method, &Value::Null).expect_err(method);
        assert_eq!((&error["code"], &error["data"]["kind"]), (&json!(-32601), &json!("method_not_found")));
        bench.main.invoke(method, json!({})).expect_err(method);
    }
}

#[test]
fn the_error_of_a_refused_call_names_the_missing_permission() {
    let bench = Bench::new();
    for (method, permission) in FINER {
        let error = bench.main.call(method, &json!({})).expect_err(method);
        assert_eq!((&error["code"], &error["data"]["kind"]), (&json!(-32001), &json!("not_permitted")));
        assert!(error["data"]["hint"].as_str().is_some_and(|hint| hint.contains(permission)), "{error}");
        assert!(bench.main.invoke(method, json!({})).expect_err(method).to_string().contains("not allowed"));
    }
    for (method, permission) in FINER {
        bench.allow("main", permission);
        assert_eq!(bench.main.call(method, &json!({})), Ok(json!({})));
        assert_eq!(bench.main.invoke(method, json!({})), Ok(json!({})));
        bench.other.call(method, &json!({})).expect_err("another window's permission");
    }
}

#[test]
fn a_window_that_no_capability_names_and_a_foreign_address_reach_nothing() {
    let bench = Bench::new();
    let stranger = bench.main.stranger(&bench.app);
    let listen = json!({ "channel": "__CHANNEL__:1" });
    for (command, arguments) in [
        ("sidecar_call", json!({ "method": "ping" })),
        ("sidecar_state", json!({})),
        ("sidecar_listen", listen.clone()),
        ("sidecar_log", listen),
        ("ping", json!({})),
        ("get_available_cameras", json!({})),
    ] {
        let refusal = stranger.invoke(command, arguments.clone()).expect_err(command);
        assert!(refusal.to_string().contains("not allowed"), "{refusal}");
        bench.main.invoke_from("https://example.org", command, arguments).expect_err(command);
    }
}

#[test]
fn an_app_without_the_permissions_lets_no_page_call_anything() {
    let app = mock_builder()
        .plugin(init_with(|_| settings()))
        .invoke_handler(handler(generate_handler![]))
        .build(mock_context(noop_assets()))
        .expect("a mock app starts anywhere");
    let webview = WebviewWindowBuilder::new(&app, "main", WebviewUrl::default()).build().expect("a window");
    for (command, body) in
        [("ping", json!({})), ("sidecar_call", json!({ "method": "ping" })), ("sidecar_state", json!({}))]
    {
        let request = InvokeRequest {
            cmd: command.into(),
            callback: CallbackFn(0),
            error: CallbackFn(1),
            url: LOCAL.parse().expect("an address"),
            body: body.into(),
            headers: tauri::http::HeaderMap::default(),
            invoke_key: INVOKE_KEY.to_string(),
        };
        let error = get_ipc_response(&webview, request).expect_err(command);
        assert_eq!(error["data"]["kind"], "not_permitted", "{error}");
        assert!(error["data"]["hint"].as_str().is_some_and(|hint| hint.contains("allow-camera-view")), "{error}");
    }
}

#[test]
fn the_log_goes_only_to_a_page_with_its_permission() {
    let bench = Bench::new();
    bench.main.try_listen("sidecar_log").0.expect_err("viewing does not include the log");
    bench.allow("main", "allow-camera-log");
    let (log, events) = (bench.main.listen("sidecar_log"), bench.main.listen("sidecar_listen"));
    let line = json!({ "level": "info", "message": "m" });
    bench.main.let_send(&[notification("log", &line), notification("cameras_changed", &json!({}))]);
    assert_eq!(log.next_of("log"), line);
    events.next_of("cameras_changed");
}

#[test]
fn a_page_may_open_only_so_many_channels() {
    let bench = Bench::new();
    let answers: Vec<_> = (0..17).map(|_| bench.main.try_listen("sidecar_listen").0).collect();
    assert!(answers[..16].iter().all(Result::is_ok));
    assert_eq!(answers[16].as_ref().expect_err("one too many")["data"]["kind"], "limit_exceeded");
}

#[test]
fn every_method_belongs_to_viewing_or_to_a_finer_permission() {
    let finer: HashSet<_> = FINER.into_iter().collect();
    for method in &METHODS {
        let expected =
            if finer.iter().any(|(name, _)| *name == method.name) { method.permission } else { "allow-camera-view" };
        assert_eq!(method.permission, expected);
        assert!(method.permission == "allow-camera-view" || finer.contains(&(method.name, method.permission)));
    }
}

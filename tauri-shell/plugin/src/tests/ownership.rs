//! Connections and sessions belong to the page that opened them.

use serde_json::{Value, json};

use super::support::{Bench, notification};
use crate::plugin::{forget_page, forget_window};

fn state(connection: &str, state: &str) -> Value {
    notification("connection_state", &json!({ "connection_id": connection, "state": state }))
}

fn cameras_changed() -> Value {
    notification("cameras_changed", &json!({ "cameras": [] }))
}

#[test]
fn a_notification_of_a_connection_goes_to_the_page_that_opened_it_and_to_no_other() {
    let bench = Bench::new();
    let (heard, elsewhere) = (bench.main.listen("listen"), bench.other.listen("listen"));
    bench.main.open_connection("mine", &[]);
    let candidate = notification("ice_candidate", &json!({ "connection_id": "mine", "candidate": null }));
    let offer = notification("renegotiation_offer", &json!({ "connection_id": "mine", "sdp": "v=0" }));
    bench.other.let_send(&[candidate, state("mine", "connected"), offer, cameras_changed()]);
    assert_eq!(heard.next_of("ice_candidate"), json!({ "connection_id": "mine", "candidate": null }));
    assert_eq!(heard.next_of("connection_state")["state"], "connected");
    assert_eq!(heard.next_of("renegotiation_offer")["sdp"], "v=0");
    heard.next_of("cameras_changed");
    elsewhere.next_of("cameras_changed");
}

#[test]
fn the_state_and_the_format_of_a_camera_go_to_the_page_whose_session_uses_it() {
    let bench = Bench::new();
    bench.allow("main", "streaming");
    let (heard, elsewhere) = (bench.main.listen("listen"), bench.other.listen("listen"));
    bench.main.call("start_streaming", &json!({ "session_id": "session" })).expect("a session");
    let lost = json!({ "session_id": "session", "device_id": "camera", "state": "lost" });
    let changed = json!({ "session_id": "session", "device_id": "camera", "format": {} });
    let about = [notification("camera_state", &lost), notification("format_changed", &changed), cameras_changed()];
    bench.other.let_send(&about);
    assert_eq!(heard.next_of("camera_state"), lost);
    assert_eq!(heard.next_of("format_changed"), changed);
    elsewhere.next_of("cameras_changed");
}

#[test]
fn notifications_that_overtake_the_answer_reach_the_page_that_asked_in_their_order() {
    let bench = Bench::new();
    let (heard, elsewhere) = (bench.main.listen("listen"), bench.other.listen("listen"));
    for round in 0..50 {
        let id = format!("connection {round}");
        let states = ["new", "connecting"].map(|name| state(&id, name));
        bench.main.open_connection(&id, &states);
        bench.other.let_send(&[state(&id, "connected")]);
        for name in ["new", "connecting", "connected"] {
            assert_eq!(heard.next_of("connection_state"), json!({ "connection_id": id, "state": name }));
        }
    }
    bench.main.let_send(&[cameras_changed()]);
    elsewhere.next_of("cameras_changed");
}

#[test]
fn notifications_about_ids_that_no_page_owns_reach_no_page() {
    let bench = Bench::new();
    let heard = bench.main.listen("listen");
    let flood: Vec<_> = (0..600).map(|number| state(&format!("nobody's {number}"), "new")).collect();
    bench.main.open_connection("mine", &flood);
    bench.main.let_send(&[state("mine", "connected"), state("nobody's 599", "connected"), cameras_changed()]);
    assert_eq!(heard.names_until("cameras_changed"), ["connection_state", "cameras_changed"]);
}

#[test]
fn a_page_cannot_use_another_pages_ids_by_name_or_position() {
    let bench = Bench::new();
    bench.main.open_connection("connection", &[]);
    bench.allow("main", "streaming");
    bench.main.call("start_streaming", &json!({ "session_id": "session" })).expect("a session");
    for (method, params) in [
        ("close_connection", json!({ "connection_id": "connection" })),
        ("close_connection", json!({ "connectionId": "connection" })),
        ("close_connection", json!(["connection"])),
        ("close_connection", json!({ "connectionId": "connection", "connection_id": null })),
        ("set_remote_description", json!({ "connectionId": "connection", "description": {} })),
        ("add_ice_candidate", json!(["connection", null])),
        ("create_offer", json!({ "connectionId": "connection", "iceRestart": true })),
        ("get_stats", json!(["connection"])),
    ] {
        let error = bench.other.call(method, &params).expect_err(method);
        assert_eq!((&error["code"], &error["data"]["kind"]), (&json!(1101), &json!("connection_not_found")));
        assert_eq!(error["message"], "there is no connection connection");
    }
    bench.allow("other", "photo");
    for method in ["stop_streaming", "set_format", "take_photo"] {
        let error = bench.other.call(method, &json!({ "sessionId": "session" })).expect_err("not its own");
        assert_eq!((&error["code"], &error["data"]["kind"]), (&json!(1201), &json!("session_not_found")));
    }
    let never = bench.other.call("close_connection", &json!({ "connection_id": "never" })).expect_err("there is none");
    assert_eq!((&never["code"], &never["message"]), (&json!(1101), &json!("there is no connection never")));
}

#[test]
fn a_page_may_use_its_own_ids_in_a_command_and_by_either_name() {
    let bench = Bench::new();
    bench.main.open_connection("mine", &[]);
    for params in [json!({ "connectionId": "mine" }), json!({ "connection_id": "mine" })] {
        assert_eq!(bench.main.call("get_connection_state", &params), Ok(params.clone()));
        let error = bench.other.call("get_connection_state", &params).expect_err("not its own");
        assert_eq!(error["data"]["kind"], "connection_not_found");
    }
}

#[test]
fn malformed_ids_are_left_to_the_sidecar_to_refuse() {
    let bench = Bench::new();
    for id in [json!(7), json!(null), json!(""), json!("x".repeat(65))] {
        let params = json!({ "connection_id": id });
        assert_eq!(bench.main.call("get_connection_state", &params), Ok(params));
        // the scripted program accepts all ids
    }
}

#[test]
fn a_page_that_is_left_loses_its_connections_and_the_next_page_does_not_own_them() {
    let bench = Bench::new();
    bench.main.open_connection("mine", &[]);
    bench.main.open_connection("closed before", &[]);
    bench.main.let_send(&[state("closed before", "closed")]);
    bench.other.open_connection("other's", &[]);
    forget_page(bench.app.handle(), "main");
    bench.until_written(r#"close_connection {"connection_id":"mine"}"#);
    let error = bench.main.call("get_connection_state", &json!({ "connection_id": "mine" })).expect_err("a new page");
    assert_eq!(error["data"]["kind"], "connection_not_found");
    assert_eq!(bench.written().len(), 1, "{:?}", bench.written());
}

#[test]
fn a_connection_opened_for_a_page_that_was_left_meanwhile_is_closed_at_once() {
    let bench = Bench::new();
    let late = json!({ "after_next": true, "result": { "connection_id": "late" } });
    let asked = std::thread::spawn({
        let main = bench.main.clone();
        move || main.call("create_peer_connection", &late)
    });
    bench.until_written("the next request is waited for");
    forget_page(bench.app.handle(), "main");
    bench.other.call("ping", &Value::Null).expect("an answer");
    bench.until_written(r#"close_connection {"connection_id":"late"}"#);
    asked.join().expect("no panic").expect_err("the page was left");
}

#[test]
fn a_closed_window_ends_the_connections_and_sessions_of_its_page_only() {
    let bench = Bench::new();
    bench.allow("other", "streaming");
    bench.main.open_connection("main's", &[]);
    bench.other.open_connection("other's", &[]);
    bench.other.call("start_streaming", &json!({ "session_id": "session" })).expect("a session");
    forget_window(bench.app.handle(), "other"); // the mock runtime has no event for closed windows
    bench.until_written(r#"stop_streaming {"session_id":"session"}"#);
    assert_eq!(bench.written()[0], r#"close_connection {"connection_id":"other's"}"#);
    assert_eq!(bench.written().len(), 2, "{:?}", bench.written());
}

#[test]
fn a_restarted_sidecar_has_no_connections_of_a_page() {
    let bench = Bench::new();
    bench.main.open_connection("mine", &[]);
    let heard = bench.main.listen("listen");
    bench.main.call("ping", &json!("crash")).expect_err("it crashed");
    assert_eq!(heard.next_of("sidecar_state")["state"], "restarting");
    let error = bench.main.call("get_connection_state", &json!({ "connection_id": "mine" })).expect_err("it is gone");
    assert_eq!(error["data"]["kind"], "connection_not_found");
}

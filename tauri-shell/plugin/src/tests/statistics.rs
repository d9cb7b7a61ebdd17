//! A page gets its own statistics, at its own interval.

use serde_json::{Value, json};

use super::support::{Bench, Page, notification};
use crate::plugin::forget_page;

fn stats() -> Value {
    json!({
        "connections": [
            { "connection_id": "mine", "session_id": "s", "device_id": "a" },
            { "connection_id": "other's", "session_id": "t", "device_id": "b" },
        ],
        "cameras": [{ "device_id": "a" }, { "device_id": "b" }],
    })
}

fn own(stats: &Value) -> (&Value, usize, &Value, usize) {
    let count = |name: &str| stats[name].as_array().map_or(0, Vec::len);
    (
        &stats["connections"][0]["connection_id"],
        count("connections"),
        &stats["cameras"][0]["device_id"],
        count("cameras"),
    )
}

#[test]
fn get_stats_tells_a_page_of_its_own_connections_and_the_cameras_that_it_uses() {
    let bench = Bench::new();
    bench.main.open_connection("mine", &[]);
    let answer = bench.main.call("get_stats", &stats()).expect("statistics"); // the scripted program returns its parameters
    assert_eq!(own(&answer), (&json!("mine"), 1, &json!("a"), 1));
    let answer = bench.other.call("get_stats", &stats()).expect("statistics");
    assert_eq!(
        (answer["connections"].as_array().map(Vec::len), answer["cameras"].as_array().map(Vec::len)),
        (Some(0), Some(0))
    );
}

#[test]
fn a_camera_that_a_page_keeps_open_is_in_its_statistics() {
    let bench = Bench::new();
    bench.allow("main", "streaming");
    bench.main.call("start_streaming", &json!({ "session_id": "session", "device_id": "b" })).expect("a session");
    let answer = bench.main.call("get_stats", &stats()).expect("statistics");
    assert_eq!(answer["cameras"], json!([{ "device_id": "b" }]));
}

#[test]
fn the_notification_goes_to_the_pages_that_subscribed_each_with_its_own() {
    let bench = Bench::new();
    bench.main.open_connection("mine", &[]);
    bench.other.open_connection("other's", &[]);
    let (heard, elsewhere) = (bench.main.listen("listen"), bench.other.listen("listen"));
    bench.main.call("subscribe_stats", &json!({ "intervalMs": 100 })).expect("an answer");
    bench.main.let_send(&[notification("stats", &stats()), notification("cameras_changed", &json!({}))]);
    assert_eq!(own(&heard.next_of("stats")), (&json!("mine"), 1, &json!("a"), 1));
    elsewhere.next_of("cameras_changed");
}

#[test]
fn the_sidecars_interval_is_the_shortest_that_a_page_wants() {
    let bench = Bench::new();
    let subscribe = |page: &Page, milliseconds: u64| {
        page.call("subscribe_stats", &json!([milliseconds])).expect("an answer");
    };
    subscribe(&bench.main, 1000);
    subscribe(&bench.other, 100);
    subscribe(&bench.main, 5000);
    forget_page(bench.app.handle(), "other");
    let asked = ["[1000]", "1000", "[100]", "100", "[5000]", "100", "5000"];
    bench.until_intervals(&asked);
    subscribe(&bench.main, 0);
    bench.until_intervals(&[&asked[..], &["[0]", "0"]].concat());
}

#[test]
fn an_interval_that_the_sidecar_refuses_changes_nothing() {
    let bench = Bench::new();
    bench.main.call("subscribe_stats", &json!([100])).expect("an answer");
    let refusal = json!({ "code": -32602, "message": "Invalid params" });
    assert_eq!(bench.main.call("subscribe_stats", &json!({ "refuse": refusal, "interval_ms": 5 })), Err(refusal));
    bench.other.call("subscribe_stats", &json!([1000])).expect("an answer");
    bench.until_intervals(&["[100]", "100", "[1000]", "100"]);
}

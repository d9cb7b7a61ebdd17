//! A page may call the methods that a capability of its window allows.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tauri::utils::acl::manifest::Manifest;

use super::support::{Bench, Page, command, notification, permission_files};
use crate::Builder;
use crate::contract::METHODS;

/// The sets beside viewing, each with its commands.
const FINER: [(&str, &[&str]); 5] = [
    ("streaming", &["start_streaming"]),
    ("photo", &["take_photo"]),
    ("encoding", &["set_encoding", "request_keyframe"]),
    ("prompt", &["request_camera_permission"]),
    ("log", &["log"]),
];

fn permission_of(command: &str) -> String {
    format!("allow-{}", command.replace('_', "-"))
}

/// Return the commands of the plugin, with the arguments of a call that succeeds.
fn all_commands() -> Vec<(&'static str, Value)> {
    let methods = METHODS.iter().map(|method| (method.command, json!({})));
    let channel = json!({ "channel": "__CHANNEL__:1" });
    methods.chain([("state", json!({})), ("listen", channel.clone()), ("log", channel)]).collect()
}

#[test]
fn methods_that_are_not_for_pages_are_refused_before_they_reach_the_sidecar() {
    let bench = Bench::with(Builder::new().program("no/program/is/needed/for/this"));
    for method in ["shutdown", "ready", "crash", "rpc.discover", "rpc_unknown", "sidecar_call", ""] {
        let refusal = bench.main.invoke(&command(method), json!({})).expect_err(method);
        assert!(refusal.to_string().contains("not allowed"), "{refusal}");
    }
}

#[test]
fn a_page_without_the_permission_of_a_command_is_refused_and_told_which_one_it_is() {
    let bench = Bench::new();
    let stranger = bench.main.stranger(&bench.app);
    for (name, arguments) in all_commands() {
        let refusal = stranger.invoke(&command(name), arguments.clone()).expect_err(name);
        assert!(refusal.to_string().contains(&permission_of(name)), "{refusal}");
        bench.allow("stranger", &permission_of(name));
        stranger.invoke(&command(name), arguments).expect(name);
    }
}

#[test]
fn the_permission_of_one_command_allows_no_other() {
    let bench = Bench::new();
    let stranger = bench.main.stranger(&bench.app);
    bench.allow("stranger", &permission_of("ping"));
    for (name, arguments) in all_commands().into_iter().filter(|(name, _)| *name != "ping") {
        stranger.invoke(&command(name), arguments).expect_err(name);
    }
}

#[test]
fn the_default_permission_is_viewing_and_each_other_command_is_in_one_set() {
    let bench = Bench::new();
    for (set, commands) in FINER {
        let invoke = |page: &Page, name| page.invoke(&command(name), json!({ "channel": "__CHANNEL__:1" }));
        for name in commands {
            invoke(&bench.main, name).expect_err(name);
        }
        bench.allow("main", set);
        for name in commands {
            invoke(&bench.main, name).expect(name);
            invoke(&bench.other, name).expect_err("another window's permission");
        }
    }
    for (name, arguments) in all_commands() {
        bench.main.invoke(&command(name), arguments).expect(name);
    }
}

#[test]
fn the_sets_name_every_permission_once() {
    let manifest = Manifest::new(permission_files(), None);
    let default = manifest.default_permission.expect("there is one");
    let sets = manifest.permission_sets.values().chain([&default]);
    let named: Vec<_> = sets.flat_map(|set| set.permissions.clone()).collect();
    let allowing: BTreeSet<_> = manifest.permissions.into_keys().filter(|name| name.starts_with("allow-")).collect();
    assert_eq!(named.len(), allowing.len());
    assert_eq!(named.into_iter().collect::<BTreeSet<_>>(), allowing);
}

#[test]
fn a_foreign_address_reaches_nothing() {
    let bench = Bench::new();
    for (name, arguments) in all_commands() {
        let refusal = bench.main.invoke_from("https://example.org", &command(name), arguments).expect_err(name);
        assert!(refusal.to_string().contains("not allowed"), "{refusal}");
    }
}

#[test]
fn the_log_goes_only_to_a_page_with_its_permission() {
    let bench = Bench::new();
    bench.main.try_listen("log").0.expect_err("viewing does not include the log");
    bench.allow("main", "log");
    let (log, events) = (bench.main.listen("log"), bench.main.listen("listen"));
    let line = json!({ "level": "info", "message": "m" });
    bench.main.let_send(&[notification("log", &line), notification("cameras_changed", &json!({}))]);
    assert_eq!(log.next_of("log"), line);
    events.next_of("cameras_changed");
}

#[test]
fn a_page_may_open_only_so_many_channels() {
    let bench = Bench::new();
    let answers: Vec<_> = (0..17).map(|_| bench.main.try_listen("listen").0).collect();
    assert!(answers[..16].iter().all(Result::is_ok));
    assert_eq!(answers[16].as_ref().expect_err("one too many")["data"]["kind"], "limit_exceeded");
}

//! The options of the plugin, in `tauri.conf.json` and in code.

use std::time::Duration;

use serde_json::{Value, json};

use super::support::{Bench, scripted, scripted_child};
use crate::configuration::Configuration;
use crate::{Builder, MediaDevices};

fn refusal(configuration: &Value) -> String {
    Bench::configured(scripted(), configuration).err().expect("a spelling mistake protects nothing")
}

#[test]
fn the_sidecars_arguments_are_in_the_apps_configuration() {
    let bench = Bench::configured(scripted(), &json!({"arguments": ["crash-at-start"]})).expect("it is configured");
    let error = bench.main.call("ping", &Value::Null).expect_err("it crashes at its start");
    assert!(error["message"].as_str().is_some_and(|message| message.contains("exit")), "{error}");
}

#[test]
fn the_configured_program_replaces_the_one_of_the_code() {
    let (options, program) = (Builder::new().program("no/such/program"), scripted_child());
    let bench = Bench::configured(options, &json!({"program": program})).expect("it is configured");
    assert_eq!(bench.main.call("ping", &json!({})), Ok(json!({})));
}

#[test]
fn the_configured_arguments_follow_the_ones_of_the_code() {
    let options = scripted().arguments(["first"]);
    let bench = Bench::configured(options, &json!({"arguments": ["second"]})).expect("it is configured");
    assert_eq!(bench.main.call("ping", &json!("arguments")), Ok(json!(["first", "second"])));
}

#[test]
fn every_webview_is_given_the_media_devices_unless_the_configuration_says_otherwise() {
    let parse = |section| Configuration::parse(section).map(|options| options.media_devices);
    assert_eq!(parse(Value::Null), Ok(None));
    assert_eq!(MediaDevices::default(), MediaDevices::Always);
    assert_eq!(parse(json!({"mediaDevices": "always"})), Ok(Some(MediaDevices::Always)));
    assert_eq!(parse(json!({"mediaDevices": "when-missing"})), Ok(Some(MediaDevices::WhenMissing)));
    assert_eq!(parse(json!({"mediaDevices": "never"})), Ok(Some(MediaDevices::Never)));
    let error = refusal(&json!({"mediaDevices": "sometimes"}));
    for name in ["plugins.camera-sidecar", "`sometimes`", "`always`", "`when-missing`", "`never`"] {
        assert!(error.contains(name), "{error}");
    }
}

#[test]
fn limits_are_set_in_code() {
    let bench = Bench::with(scripted().arguments(["deaf"]).call_limit(Duration::from_millis(1)));
    let error = bench.main.call("ping", &json!({})).expect_err("it does not answer");
    assert!(error["message"].as_str().is_some_and(|message| message.contains("within 0.001 s")), "{error}");
}

#[test]
fn an_unknown_option_of_the_configuration_keeps_the_app_from_starting() {
    let error = refusal(&json!({"argument": ["--peers", "local"]}));
    for name in ["plugins.camera-sidecar", "`argument`", "`program`", "`arguments`", "`mediaDevices`"] {
        assert!(error.contains(name), "{error}");
    }
}

#[test]
fn an_option_of_another_type_keeps_the_app_from_starting() {
    let error = refusal(&json!({"arguments": "--peers local"}));
    assert!(error.contains("plugins.camera-sidecar") && error.contains("expected a sequence"), "{error}");
}

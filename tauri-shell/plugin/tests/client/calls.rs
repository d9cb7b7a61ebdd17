//! Calls, responses and notifications, with a program that has faults.

use std::time::Duration;

use crate::support::{notification, settings, start, states_until, within};
use serde_json::{Value, json};
use tauri_plugin_camera_sidecar::client::{CallError, RpcError, Settings, Sidecar};

async fn call(sidecar: &Sidecar, method: &str) -> Result<Value, CallError> {
    within(method, sidecar.call(method, None)).await
}

#[tokio::test]
async fn each_answer_finds_its_call() {
    let sidecar = start(&[]);
    let calls: Vec<_> = (0..100).map(|number| (number, json!({ "number": number }))).collect();
    let answers = calls.iter().map(|(_, params)| sidecar.call("echo", Some(params)));
    for (answer, (_, params)) in within("100 answers", join(answers)).await.into_iter().zip(&calls) {
        assert_eq!(answer.as_ref(), Ok(params));
    }
}

/// Await futures concurrently, without another crate.
async fn join<F: Future>(futures: impl Iterator<Item = F>) -> Vec<F::Output> {
    let mut futures: Vec<_> = futures.map(Box::pin).collect();
    let mut outputs: Vec<Option<F::Output>> = futures.iter().map(|_| None).collect();
    std::future::poll_fn(|context| {
        for (future, output) in futures.iter_mut().zip(&mut outputs).filter(|(_, output)| output.is_none()) {
            if let std::task::Poll::Ready(ready) = future.as_mut().poll(context) {
                *output = Some(ready);
            }
        }
        if outputs.iter().all(Option::is_some) { std::task::Poll::Ready(()) } else { std::task::Poll::Pending }
    })
    .await;
    outputs.into_iter().flatten().collect()
}

#[tokio::test]
async fn an_error_comes_back_as_the_sidecar_sent_it() {
    let sent =
        json!({"code": 1001, "message": "No camera.", "data": {"kind": "camera_not_found", "hint": "Plug it in."}});
    let answer = within("the error", start(&[]).call("error", Some(&sent))).await;
    let Err(CallError::Rpc(error)) = answer else { panic!("{answer:?}") };
    assert_eq!(serde_json::to_value(error).expect("an error is JSON"), sent);
}

#[tokio::test]
async fn notifications_come_in_order_and_before_the_answer_that_follows_them() {
    let (sidecar, mut events) = Sidecar::start_and_listen(settings(&[]));
    call(&sidecar, "notify").await.expect("an answer");
    for number in 0..100 {
        assert_eq!(notification(&mut events, "count").await, json!(number));
    }
}

#[tokio::test]
async fn only_a_line_that_is_not_utf8_is_lost() {
    assert_eq!(call(&start(&[]), "not_utf8").await, Ok(json!("after")));
}

#[tokio::test]
async fn only_a_line_that_is_no_message_is_lost() {
    assert_eq!(call(&start(&[]), "not_json").await, Ok(json!("after")));
}

#[tokio::test]
async fn a_carriage_return_ends_no_line() {
    assert_eq!(call(&start(&[]), "carriage_returns").await, Ok(json!("whole")));
}

#[tokio::test]
async fn a_line_over_16_mib_is_dropped_and_the_next_one_is_read() {
    let (sidecar, mut events) = Sidecar::start_and_listen(settings(&[]));
    tokio::select! {
        answer = sidecar.call("huge", None) => panic!("{answer:?}"),
        _ = notification(&mut events, "after_huge") => {}
    }
    assert_eq!(within("echo", sidecar.call("echo", Some(&json!("still there")))).await, Ok(json!("still there")));
}

#[tokio::test]
async fn a_call_without_a_response_ends_after_its_limit_and_the_next_one_works() {
    let settings = Settings { call_limit: Duration::from_millis(1500), ..settings(&[]) };
    let (sidecar, mut events) = Sidecar::start_and_listen(settings);
    states_until(&mut events, tauri_plugin_camera_sidecar::client::StateName::Running).await;
    let error = call(&sidecar, "silent").await.expect_err("silence is no answer");
    assert_eq!(error.to_string(), "the sidecar did not answer silent within 1.5 s");
    let error = RpcError::from(error);
    assert_eq!(error.code, -32000);
    let data = error.data.expect("the contract's data");
    assert_eq!((&data["kind"], &data["retryable"]), (&json!("sidecar_unreachable"), &json!(true)));
    assert!(data["hint"].as_str().is_some_and(|hint| !hint.is_empty()));
    assert_eq!(within("echo", sidecar.call("echo", Some(&json!(1)))).await, Ok(json!(1)));
}

#[tokio::test]
async fn standard_error_never_blocks_the_sidecar_and_its_last_lines_are_kept() {
    let sidecar = start(&[]);
    call(&sidecar, "stderr").await.expect("an answer");
    let kept = async {
        while sidecar.last_lines().last().is_none_or(|line| !line.starts_with("line 19999 ")) {
            tokio::task::yield_now().await;
        }
    };
    within("the last line", kept).await;
    assert_eq!(sidecar.last_lines().len(), 200);
}

#[tokio::test]
async fn the_sidecar_has_this_programs_environment() {
    let value = within("a variable", start(&[]).call("variable", Some(&json!("CARGO_MANIFEST_DIR")))).await;
    assert_eq!(value, Ok(json!(env!("CARGO_MANIFEST_DIR"))));
}

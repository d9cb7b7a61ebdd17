//! A page cannot use up the calls of other pages.

use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use super::support::{Bench, scripted};
use crate::page::MAX_CALLS;

const MORE: usize = 8;
/// The time that a call waits for the sidecar, which does not answer here; all calls must begin within it.
const CALL_LIMIT: Duration = Duration::from_secs(4);

fn is_refused(answer: &Result<Value, Value>) -> bool {
    answer.as_ref().is_err_and(|error| error["data"]["kind"] == "limit_exceeded")
}

#[test]
fn calls_of_a_page_beyond_the_limit_are_refused_until_earlier_ones_end() {
    let bench = Bench::with(scripted().arguments(["deaf"]).call_limit(CALL_LIMIT));
    let calls: Vec<_> = (0..MAX_CALLS + MORE)
        .map(|_| {
            let page = bench.main.clone();
            thread::spawn(move || page.call("ping", &json!({})))
        })
        .collect();
    let elsewhere = bench.other.call("ping", &json!({}));
    assert!(!is_refused(&elsewhere), "{elsewhere:?}");
    let answers = calls.into_iter().map(|call| call.join().expect("no call panics"));
    assert_eq!(answers.filter(is_refused).count(), MORE);
    let later = bench.main.call("ping", &json!({}));
    assert!(!is_refused(&later), "{later:?}");
}

//! A program in place of the sidecar. The method called, or an argument, chooses its fault.

use std::io::{self, BufRead, Write};
use std::process::{Command, Stdio, exit};
use std::thread::sleep;
use std::time::Duration;

use serde_json::{Value, json};

const A_LONG_TIME: Duration = Duration::from_secs(600);
const HUGE: usize = 17 * 1024 * 1024;
const STDERR_LINES: usize = 20_000;

/// The number of notifications that `notify` sends.
const BURST: u64 = 100;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let is = |name: &str| arguments.iter().any(|argument| argument == name);
    if is("sleep") {
        sleep(A_LONG_TIME);
    } else if is("crash-at-start") {
        eprintln!("no camera library");
        exit(3);
    } else if !is("never-ready") {
        write_line(notification("ready", &json!({"pid": std::process::id()})).as_bytes());
    }
    let is_deaf = is("deaf");
    let mut requests = io::stdin().lock().lines().map(|line| parse(&line.expect("requests are UTF-8")));
    while let Some(request) = requests.next() {
        if request["params"]["after_next"] == true {
            eprintln!("the next request is waited for");
            requests.next().iter().for_each(answer);
        }
        if request["params"] == "arguments" {
            result(&request["id"], &json!(arguments));
        } else if !is_deaf {
            answer(&request);
        }
    }
    if is_deaf {
        sleep(A_LONG_TIME);
    }
}

fn parse(line: &str) -> Value {
    serde_json::from_str(line).expect("requests are JSON")
}

/// Answer a request as the sidecar would, where the tests need an effect of its method.
fn answer(request: &Value) {
    let (id, params) = (&request["id"], &request["params"]);
    match request["method"].as_str().expect("requests have methods") {
        _ if params == "crash" => exit(4),
        "initialize" => {
            send(&params["send"]);
            result(id, &Value::Null);
        }
        "create_peer_connection" if params.get("result").is_some() => {
            send(&params["first"]);
            result(id, &params["result"]);
        }
        "subscribe_stats" if params.get("refuse").is_some() => {
            write_line(json!({"id": id, "error": params["refuse"]}).to_string().as_bytes());
        }
        method @ ("close_connection" | "stop_streaming" | "subscribe_stats") => {
            eprintln!("{method} {params}");
            result(id, params);
        }
        "shutdown" => {
            eprintln!("asked to shut down");
            result(id, &json!({}));
            exit(0);
        }
        method => misbehave(method, id, params),
    }
}

/// Answer a request with the fault that its method names; a request for another method gets its parameters back.
fn misbehave(method: &str, id: &Value, params: &Value) {
    match method {
        "silent" => {}
        "crash" => exit(4),
        "error" => write_line(json!({"id": id, "error": params}).to_string().as_bytes()),
        "not_utf8" => {
            write_line(b"{\"method\":\"log\",\"params\":\"\xff\xfe\"}");
            result(id, &json!("after"));
        }
        "not_json" => {
            write_line(b"Traceback (most recent call last):");
            result(id, &json!("after"));
        }
        "huge" => {
            result(id, &json!("x".repeat(HUGE)));
            write_line(notification("after_huge", &Value::Null).as_bytes());
        }
        "carriage_returns" => write_line(format!("{{\"id\":\r{id},\r\"result\":\"whole\"}}\r").as_bytes()),
        "notify" => {
            (0..BURST).for_each(|number| write_line(notification("count", &json!(number)).as_bytes()));
            result(id, &Value::Null);
        }
        "stderr" => {
            (0..STDERR_LINES).for_each(|number| eprintln!("line {number} {}", "-".repeat(80)));
            result(id, &Value::Null);
        }
        "fork" => result(id, &json!(fork())),
        "variable" => result(id, &json!(std::env::var(params.as_str().expect("a name")).ok())),
        _ => result(id, params),
    }
}

/// Start a process that outlives this one and inherits its pipes.
fn fork() -> u32 {
    let program = std::env::current_exe().expect("this program has a path");
    Command::new(program).arg("sleep").stdin(Stdio::inherit()).spawn().expect("it can be started").id()
}

/// Write messages in their order.
fn send(messages: &Value) {
    messages.as_array().into_iter().flatten().for_each(|message| write_line(message.to_string().as_bytes()));
}

fn notification(method: &str, params: &Value) -> String {
    json!({"jsonrpc": "2.0", "method": method, "params": params}).to_string()
}

fn result(id: &Value, result: &Value) {
    write_line(json!({"jsonrpc": "2.0", "id": id, "result": result}).to_string().as_bytes());
}

fn write_line(line: &[u8]) {
    let mut stdout = io::stdout().lock();
    stdout
        .write_all(line)
        .and_then(|()| stdout.write_all(b"\n"))
        .and_then(|()| stdout.flush())
        .unwrap_or_else(|_| exit(5));
}

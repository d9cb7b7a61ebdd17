//! An app with two windows and the scripted program as its sidecar.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc::{channel, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::{json, Value};
use sidecar_client::{Settings, Sidecar};
use tauri::ipc::{CallbackFn, CapabilityBuilder, InvokeBody, InvokeResponseBody};
use tauri::test::{get_ipc_response, mock_builder, MockRuntime, INVOKE_KEY};
use tauri::webview::InvokeRequest;
use tauri::{generate_context, generate_handler, App, Manager, WebviewUrl, WebviewWindow, WebviewWindowBuilder};

use crate::camera_sidecar::{handler, init_with};

pub const LIMIT: Duration = Duration::from_secs(20);
pub const LOCAL: &str = if cfg!(windows) { "http://tauri.localhost" } else { "tauri://localhost" };
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// The receivers of the pages' channels: the page's label, the channel's id, the sender of its events.
type Delivered = Arc<Mutex<Vec<(String, u32, Sender<Value>)>>>;

/// An app whose windows `main` and `other` may both show cameras.
pub struct Bench {
    pub app: App<MockRuntime>,
    pub main: Page,
    pub other: Page,
}

impl Bench {
    pub fn new() -> Self {
        Self::with(settings())
    }

    pub fn with(settings: Settings) -> Self {
        Self::configured(settings, &Value::Null).expect("a mock app starts anywhere")
    }

    pub fn configured(settings: Settings, configuration: &Value) -> Result<Self, String> {
        let delivered = Delivered::default();
        let mut context = generate_context!();
        context.config_mut().app.windows.clear();
        if !configuration.is_null() {
            context.config_mut().plugins.0.insert("camera-sidecar".into(), configuration.clone());
        }
        let app = mock_builder()
            .channel_interceptor({
                let delivered = delivered.clone();
                move |webview, callback, _, body| deliver(&delivered, webview.label(), callback, body)
            })
            .plugin(init_with(|_| settings))
            .invoke_handler(handler(generate_handler![]))
            .build(context)
            .map_err(|error| error.to_string())?;
        let other = CapabilityBuilder::new("other").window("other").permission("allow-camera-view");
        app.add_capability(other).expect("the permission is there");
        let (main, other) = (Page::open(&app, "main", &delivered), Page::open(&app, "other", &delivered));
        Ok(Self { app, main, other })
    }

    /// Give a window one more permission.
    pub fn allow(&self, window: &str, permission: &str) {
        let capability = CapabilityBuilder::new(permission).window(window).permission(permission);
        self.app.add_capability(capability).expect("the permission is there");
    }

    /// Return the lines that the scripted program has written to standard error.
    pub fn written(&self) -> Vec<String> {
        self.app.state::<Sidecar>().last_lines()
    }

    /// Wait until the scripted program has written a line to standard error.
    pub fn until_written(&self, line: &str) {
        self.until(|lines| lines.iter().any(|each| each == line));
    }

    /// Wait until the sidecar has got these intervals of statistics, in this order: the pages' by position, the shell's
    /// by name.
    pub fn until_intervals(&self, expected: &[&str]) {
        let interval = |line: &String| {
            let params = line.strip_prefix("subscribe_stats ")?;
            Some(params.replace("{\"interval_ms\":", "").replace('}', ""))
        };
        self.until(|lines| lines.iter().filter_map(interval).eq(expected.iter().copied()));
    }

    fn until(&self, condition: impl Fn(&[String]) -> bool) {
        let until = Instant::now() + LIMIT;
        while !condition(&self.written()) {
            assert!(Instant::now() < until, "the sidecar wrote {:?}", self.written());
            std::thread::sleep(LOOK_AGAIN);
        }
    }
}

fn deliver(delivered: &Delivered, label: &str, callback: CallbackFn, body: &InvokeResponseBody) -> bool {
    let InvokeResponseBody::Json(text) = body else { return true };
    let message: Value = serde_json::from_str(text).expect("events are JSON");
    for (page, id, events) in delivered.lock().expect("no test has failed here").iter() {
        if (page.as_str(), *id) == (label, callback.0) {
            let _ = events.send(message.clone()); // fails when the test has dropped the receiver
        }
    }
    true
}

/// A page in a window of its own.
#[derive(Clone)]
pub struct Page {
    pub webview: WebviewWindow<MockRuntime>,
    delivered: Delivered,
}

impl Page {
    pub fn open(app: &App<MockRuntime>, label: &str, delivered: &Delivered) -> Self {
        let webview = WebviewWindowBuilder::new(app, label, WebviewUrl::default()).build();
        Self { webview: webview.expect("a mock window opens anywhere"), delivered: delivered.clone() }
    }

    /// Open another window, which no capability names.
    pub fn stranger(&self, app: &App<MockRuntime>) -> Self {
        Self::open(app, "stranger", &self.delivered)
    }

    pub fn invoke(&self, command: &str, arguments: Value) -> Result<Value, Value> {
        self.invoke_from(LOCAL, command, arguments)
    }

    pub fn invoke_from(&self, address: &str, command: &str, arguments: Value) -> Result<Value, Value> {
        let request = InvokeRequest {
            cmd: command.into(),
            callback: CallbackFn(0),
            error: CallbackFn(1),
            url: address.parse().expect("an address"),
            body: InvokeBody::Json(arguments),
            headers: tauri::http::HeaderMap::default(),
            invoke_key: INVOKE_KEY.to_string(),
        };
        get_ipc_response(&self.webview, request).map(|body| body.deserialize().expect("answers are JSON"))
    }

    pub fn call(&self, method: &str, params: &Value) -> Result<Value, Value> {
        self.invoke("sidecar_call", json!({ "method": method, "params": params }))
    }

    /// Let the scripted program send these messages in their order. Returns once they have arrived.
    pub fn let_send(&self, notifications: &[Value]) {
        self.call("initialize", &json!({ "send": notifications })).expect("an answer");
    }

    /// Open a connection of this page. The scripted program sends `first` before the response.
    pub fn open_connection(&self, id: &str, first: &[Value]) {
        let result = json!({ "connection_id": id });
        let answer = self.call("create_peer_connection", &json!({ "first": first, "result": result }));
        assert_eq!(answer, Ok(result));
    }

    pub fn try_listen(&self, command: &str) -> (Result<Value, Value>, Heard) {
        static LAST: AtomicU32 = AtomicU32::new(100);
        let id = LAST.fetch_add(1, Ordering::Relaxed);
        let (sender, events) = channel();
        let label = self.webview.label().to_owned();
        self.delivered.lock().expect("no test has failed here").push((label, id, sender));
        (self.invoke(command, json!({ "channel": format!("__CHANNEL__:{id}") })), Heard(events))
    }

    /// Listen from now on. Earlier events are dropped: they have arrived before the marks that this waits for.
    pub fn listen(&self, command: &str) -> Heard {
        let (answer, heard) = self.try_listen(command);
        assert_eq!(answer, Ok(Value::Null));
        let marks = ["cameras_changed", "log"].map(|method| notification(method, &json!({ "mark": true })));
        self.let_send(&marks);
        while heard.0.recv_timeout(LIMIT).expect("a mark")["payload"]["mark"].is_null() {}
        heard
    }
}

/// The events of a channel.
pub struct Heard(Receiver<Value>);

impl Heard {
    /// Return the payload of the next event. Panics unless it has this name.
    pub fn next_of(&self, event: &str) -> Value {
        let mut message = self.next(event);
        assert_eq!(message["event"], event, "{message}");
        message["payload"].take()
    }

    /// Return the names of the events up to the first one of this name, with it.
    pub fn names_until(&self, last: &str) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        while names.last().is_none_or(|name| name != last) {
            names.push(self.next(last)["event"].as_str().expect("events have names").to_owned());
        }
        names
    }

    /// Return the next event that is no mark of another listener.
    fn next(&self, expected: &str) -> Value {
        loop {
            let message = self.0.recv_timeout(LIMIT).expect(expected);
            if message["payload"]["mark"].is_null() {
                return message;
            }
        }
    }
}

/// Return a notification as the sidecar writes it.
pub fn notification(method: &str, params: &Value) -> Value {
    json!({ "jsonrpc": "2.0", "method": method, "params": params })
}

/// Return the path of the program that the tests of sidecar-client run; `cargo test --workspace` builds it.
fn scripted_child() -> PathBuf {
    let tests = std::env::current_exe().expect("this program has a path");
    let built = tests.ancestors().nth(2).expect("tests are built into deps");
    built.join(format!("scripted-child{}", std::env::consts::EXE_SUFFIX))
}

pub fn settings() -> Settings {
    Settings::new(scripted_child())
}

//! The commands that a page may invoke. Tauri has checked the page's permission for them.

use serde_json::{Value, json};
use tauri::ipc::{Channel, Invoke, InvokeBody, InvokeError};
use tauri::{Manager, Runtime, State, Webview, generate_handler};

use crate::calls::call;
use crate::client::{RpcError, Sidecar, State as SidecarState};
use crate::contract::{METHODS, Method};
use crate::page::Topic;
use crate::pages::Pages;

/// JSON-RPC 2.0, section 5.1.
const INVALID_PARAMS: i64 = -32602;
/// From the range that JSON-RPC 2.0 reserves for implementations, like the codes of `client`.
const TOO_MANY: i64 = -32002;

/// Handle a command: a method of the contract, `listen`, `log` or `state`. Returns whether the command exists.
pub fn handle<R: Runtime>(invoke: Invoke<R>) -> bool {
    match METHODS.iter().find(|method| method.command == invoke.message.command()) {
        Some(method) => forward(invoke, method),
        None => others()(invoke),
    }
}

fn others<R: Runtime>() -> impl Fn(Invoke<R>) -> bool {
    generate_handler![listen, log, state]
}

/// Send the page `{event, payload}` for each of its notifications, and for each change of `sidecar_state`.
#[tauri::command]
async fn listen<R: Runtime>(
    webview: Webview<R>,
    pages: State<'_, Pages>,
    channel: Channel<Value>,
) -> Result<(), RpcError> {
    open(&webview, &pages, Topic::Events, channel)
}

/// Send the page `{event, payload}` for each `log` notification.
#[tauri::command]
async fn log<R: Runtime>(
    webview: Webview<R>,
    pages: State<'_, Pages>,
    channel: Channel<Value>,
) -> Result<(), RpcError> {
    open(&webview, &pages, Topic::Log, channel)
}

/// The state of the sidecar's process.
#[tauri::command]
async fn state(sidecar: State<'_, Sidecar>) -> Result<SidecarState, RpcError> {
    Ok(sidecar.state())
}

fn open<R: Runtime>(
    webview: &Webview<R>,
    pages: &Pages,
    topic: Topic,
    channel: Channel<Value>,
) -> Result<(), RpcError> {
    if pages.listen(&pages.enter(webview), topic, channel) {
        return Ok(());
    }
    let message = "This page has too many event channels.";
    Err(error(TOO_MANY, message, "limit_exceeded", "Listen over one channel. Each channel gets all events."))
}

/// Call a method; the command's arguments are its parameters.
fn forward<R: Runtime>(invoke: Invoke<R>, method: &'static Method) -> bool {
    let Invoke { message, resolver, .. } = invoke;
    resolver.respond_async(async move {
        let InvokeBody::Json(params) = message.payload() else {
            let hint = "Pass an object with the method's parameters.";
            return Err(InvokeError::from(error(INVALID_PARAMS, "The arguments are bytes.", "invalid_params", hint)));
        };
        let webview = message.webview_ref();
        let pages = webview.state::<Pages>();
        let Some(_pending) = pages.begin_call(&pages.enter(webview)) else {
            let message = "Too many calls of this page wait for their answers.";
            return Err(InvokeError::from(error(
                TOO_MANY,
                message,
                "limit_exceeded",
                "Wait for the answers of earlier calls.",
            )));
        };
        call(webview, method, Some(params)).await.map_err(InvokeError::from)
    });
    true
}

fn error(code: i64, message: &str, kind: &str, hint: &str) -> RpcError {
    let data = json!({ "kind": kind, "retryable": false, "hint": hint });
    RpcError { code, message: message.to_owned(), data: Some(data) }
}

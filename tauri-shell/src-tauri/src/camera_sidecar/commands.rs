//! The commands that a page may invoke.

use serde_json::{json, Value};
use sidecar_client::{RpcError, Sidecar, State as SidecarState};
use tauri::ipc::{Channel, CommandScope, Invoke, InvokeBody, InvokeError};
use tauri::{generate_handler, Runtime, State, Webview};

use super::calls::call;
use super::contract::{Method, METHODS};
use super::page::Topic;
use super::pages::Pages;

/// JSON-RPC 2.0, section 5.1.
const METHOD_NOT_FOUND: i64 = -32601;
/// From the range that JSON-RPC 2.0 reserves for implementations, like the codes of `sidecar_client`.
const NOT_PERMITTED: i64 = -32001;
const TOO_MANY: i64 = -32002;
const COMMANDS: [&str; 4] = ["sidecar_call", "sidecar_listen", "sidecar_log", "sidecar_state"];

/// Return a handler of the commands below and of every method of the contract, as a command of its name. `others`
/// handles all other commands: `handler(tauri::generate_handler![…])`.
///
/// Each of these commands needs a permission in a capability of the webview. That holds even in an app without
/// permissions of its own, where Tauri lets every page call the app's commands.
pub fn handler<R: Runtime>(
    others: impl Fn(Invoke<R>) -> bool + Send + Sync + 'static,
) -> impl Fn(Invoke<R>) -> bool + Send + Sync + 'static {
    let ours = commands::<R>();
    move |invoke| {
        let command = invoke.message.command();
        let method = method_named(command);
        match method {
            None if !COMMANDS.contains(&command) => others(invoke),
            _ if invoke.acl.is_none() => {
                invoke
                    .resolver
                    .reject(not_permitted(command, method.map_or("allow-camera-view", |found| found.permission)));
                true
            }
            None => ours(invoke),
            Some(method) => forward(invoke, method),
        }
    }
}

fn commands<R: Runtime>() -> impl Fn(Invoke<R>) -> bool + Send + Sync + 'static {
    generate_handler![sidecar_call, sidecar_listen, sidecar_log, sidecar_state]
}

/// Call a method of the contract. An error is returned for `shutdown`, because the app ends the sidecar, for methods
/// outside the contract of this build, and for methods that no capability of the webview allows.
#[tauri::command]
async fn sidecar_call<R: Runtime>(
    webview: Webview<R>,
    scope: CommandScope<Value>,
    method: String,
    params: Option<Value>,
) -> Result<Value, RpcError> {
    let found = method_named(&method).ok_or_else(|| unknown(&method))?;
    let names = |each: &Value| each["method"] == method.as_str();
    if !scope.allows().iter().any(|each| names(each)) || scope.denies().iter().any(|each| names(each)) {
        return Err(not_permitted(&method, found.permission));
    }
    call(&webview, found, params.as_ref()).await
}

/// Send the page `{event, payload}` for each of its notifications, and for each change of `sidecar_state`.
#[tauri::command]
async fn sidecar_listen<R: Runtime>(
    webview: Webview<R>,
    pages: State<'_, Pages>,
    channel: Channel<Value>,
) -> Result<(), RpcError> {
    listen(&webview, &pages, Topic::Events, channel)
}

/// Send the page `{event, payload}` for each `log` notification.
#[tauri::command]
async fn sidecar_log<R: Runtime>(
    webview: Webview<R>,
    pages: State<'_, Pages>,
    channel: Channel<Value>,
) -> Result<(), RpcError> {
    listen(&webview, &pages, Topic::Log, channel)
}

/// The state of the sidecar's process.
#[tauri::command]
async fn sidecar_state(sidecar: State<'_, Sidecar>) -> Result<SidecarState, RpcError> {
    Ok(sidecar.state())
}

fn listen<R: Runtime>(
    webview: &Webview<R>,
    pages: &Pages,
    topic: Topic,
    channel: Channel<Value>,
) -> Result<(), RpcError> {
    if pages.listen(&pages.enter(webview), topic, channel) {
        return Ok(());
    }
    let message = "This page has too many event channels.".to_owned();
    Err(error(TOO_MANY, message, "limit_exceeded", "Listen over one channel. Each channel gets all events."))
}

/// Call the method with the name of the command; the command's arguments are the parameters.
fn forward<R: Runtime>(invoke: Invoke<R>, method: &'static Method) -> bool {
    let Invoke { message, resolver, .. } = invoke;
    resolver.respond_async(async move {
        let InvokeBody::Json(params) = message.payload() else {
            return Err(InvokeError::from(unknown(method.name)));
        };
        call(message.webview_ref(), method, Some(params)).await.map_err(InvokeError::from)
    });
    true
}

fn method_named(name: &str) -> Option<&'static Method> {
    METHODS.iter().find(|method| method.name == name)
}

fn unknown(method: &str) -> RpcError {
    let hint = "Call a method of schemas/openrpc.json. shutdown is reserved for the app.";
    error(METHOD_NOT_FOUND, format!("{method} cannot be called from a page."), "method_not_found", hint)
}

fn not_permitted(command: &str, permission: &str) -> RpcError {
    let hint =
        format!("Add {permission} to the permissions of a capability of this window, in src-tauri/capabilities.");
    error(NOT_PERMITTED, format!("This page may not call {command}."), "not_permitted", &hint)
}

fn error(code: i64, message: String, kind: &str, hint: &str) -> RpcError {
    RpcError { code, message, data: Some(json!({ "kind": kind, "retryable": false, "hint": hint })) }
}

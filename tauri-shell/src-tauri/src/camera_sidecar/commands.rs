//! The commands of the page.

use serde_json::{json, Value};
use sidecar_client::{RpcError, Sidecar, State as SidecarState};
use tauri::ipc::{Invoke, InvokeBody, InvokeError};
use tauri::{generate_handler, Manager, Runtime, State};

use super::contract::CALLABLE;

/// JSON-RPC 2.0, section 5.1.
const METHOD_NOT_FOUND: i64 = -32601;

/// Handles the commands below and every method of the contract as a command of its own; `others` handles what is left:
/// `handler(tauri::generate_handler![…])`.
pub fn handler<R: Runtime>(
    others: impl Fn(Invoke<R>) -> bool + Send + Sync + 'static,
) -> impl Fn(Invoke<R>) -> bool + Send + Sync + 'static {
    let ours = commands::<R>();
    move |invoke| match invoke.message.command() {
        "sidecar_call" | "sidecar_state" => ours(invoke),
        method if CALLABLE.contains(&method) => forward(invoke),
        _ => others(invoke),
    }
}

fn commands<R: Runtime>() -> impl Fn(Invoke<R>) -> bool + Send + Sync + 'static {
    generate_handler![sidecar_call, sidecar_state]
}

/// Call a method of the contract. Refused are `shutdown`, because the app ends the sidecar, and whatever is not in the
/// contract that this app was built with.
#[tauri::command]
async fn sidecar_call(sidecar: State<'_, Sidecar>, method: String, params: Option<Value>) -> Result<Value, RpcError> {
    if !CALLABLE.contains(&method.as_str()) {
        return Err(refused(&method));
    }
    sidecar.call(&method, params.as_ref()).await.map_err(RpcError::from)
}

/// The state of the sidecar's process.
#[tauri::command]
async fn sidecar_state(sidecar: State<'_, Sidecar>) -> Result<SidecarState, RpcError> {
    Ok(sidecar.state())
}

/// The command is the method, and its arguments are the parameters.
fn forward<R: Runtime>(invoke: Invoke<R>) -> bool {
    let Invoke { message, resolver, .. } = invoke;
    resolver.respond_async(async move {
        let InvokeBody::Json(params) = message.payload() else {
            return Err(InvokeError::from(refused(message.command())));
        };
        let sidecar = message.webview_ref().state::<Sidecar>();
        let answer = sidecar.call(message.command(), Some(params)).await;
        answer.map_err(|error| InvokeError::from(RpcError::from(error)))
    });
    true
}

fn refused(method: &str) -> RpcError {
    let hint = "Call one of the methods in schemas/openrpc.json, but not shutdown: the app does that.";
    RpcError {
        code: METHOD_NOT_FOUND,
        message: format!("{method} cannot be called from a page."),
        data: Some(json!({ "kind": "method_not_found", "retryable": false, "hint": hint })),
    }
}

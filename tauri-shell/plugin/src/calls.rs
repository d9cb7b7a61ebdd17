//! A page's call of a method. A page may use only its own ids, and owns the ids that its calls return.

use std::time::Duration;

use serde_json::{Value, json};
use tauri::{AppHandle, Manager, Runtime, Webview, async_runtime};

use crate::client::{CallError, RpcError, Sidecar};
use crate::contract::Method;
use crate::ids::{Id, parameters};
use crate::pages::{Left, PageId, Pages};

/// Call a method for the page in a webview.
pub async fn call<R: Runtime>(
    webview: &Webview<R>,
    method: &'static Method,
    params: Option<&Value>,
) -> Result<Value, RpcError> {
    let (sidecar, pages) = (webview.state::<Sidecar>(), webview.state::<Pages>());
    let page = pages.enter(webview);
    let foreign = params.and_then(|params| Id::requested(method, params).find(|id| !pages.owns(&page, id)));
    if let Some(id) = foreign {
        return Err(id.not_found());
    }
    let _naming = method.names_new.then(|| pages.begin_naming());
    let mut result = match method.name {
        "subscribe_stats" => subscribe(&sidecar, &pages, &page, method, params).await?,
        name => sidecar.call(name, params).await?,
    };
    if method.names_new && !pages.own(&page, &result) {
        end(webview.app_handle(), vec![Left::of(Id::named_in(&result).collect())]);
        return Err(CallError::Gone.into());
    }
    if method.name == "get_stats" {
        pages.keep_own(&page, &mut result);
    }
    Ok(result)
}

/// Close the connections and sessions that pages have left open, in the background.
pub fn end<R: Runtime>(app: &AppHandle<R>, left: Vec<Left>) {
    let app = app.clone();
    async_runtime::spawn(async move {
        let (sidecar, pages) = (app.state::<Sidecar>(), app.state::<Pages>());
        for (method, params) in left.iter().flat_map(|left| left.ids.iter().map(Id::ending)) {
            if let Err(error) = sidecar.call(method, Some(&params)).await {
                log::debug!("{method} for a closed page failed: {error}");
            }
        }
        if left.iter().any(|left| left.subscribed) {
            let _turn = pages.subscribing.lock().await;
            if let Err(error) = sidecar.call("subscribe_stats", Some(&interval(&pages))).await {
                log::debug!("subscribe_stats for a closed page failed: {error}");
            }
        }
    });
}

/// Set the page's interval of statistics. The sidecar checks the page's parameters first; then it gets the shortest
/// interval of all pages, because it has only one.
async fn subscribe(
    sidecar: &Sidecar,
    pages: &Pages,
    page: &PageId,
    method: &Method,
    params: Option<&Value>,
) -> Result<Value, CallError> {
    let _turn = pages.subscribing.lock().await;
    let result = sidecar.call(method.name, params).await?;
    let wanted = params.and_then(|params| parameters(method, params, "interval_ms", "intervalMs").pop()?.as_u64());
    pages.subscribe(page, wanted.filter(|&milliseconds| milliseconds > 0).map(Duration::from_millis));
    sidecar.call(method.name, Some(&interval(pages))).await?;
    Ok(result)
}

fn interval(pages: &Pages) -> Value {
    json!({ "interval_ms": pages.shortest_interval().map_or(0, |interval| interval.as_millis()) })
}

//! What the contract lets a page call, read from `openrpc.json`, which the sidecar's own models generate.

use std::collections::HashSet;
use std::sync::LazyLock;

use serde::Deserialize;

const DOCUMENT: &str = include_str!("../../../../schemas/openrpc.json");
/// The app's own to call.
const NOT_FOR_PAGES: &str = "shutdown";

#[derive(Deserialize)]
struct OpenRpc {
    methods: Vec<Method>,
}

#[derive(Deserialize)]
struct Method {
    name: String,
    /// there for the sidecar's notifications, which nobody calls
    #[serde(rename = "x-direction")]
    direction: Option<String>,
}

static CALLABLE: LazyLock<HashSet<String>> = LazyLock::new(|| {
    let document: OpenRpc = serde_json::from_str(DOCUMENT).expect("the document was checked by a test");
    let callable = document.methods.into_iter().filter(|method| method.direction.is_none());
    callable.map(|method| method.name).filter(|name| name != NOT_FOR_PAGES).collect()
});

/// Whether a page may call this.
pub fn is_callable(method: &str) -> bool {
    CALLABLE.contains(method)
}

/// Everything that a page may call.
#[cfg(test)]
pub fn callable() -> impl Iterator<Item = &'static str> {
    CALLABLE.iter().map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_call_the_methods_of_the_contract_and_nothing_else() {
        for method in ["ping", "rpc.discover", "get_available_cameras", "start_camera_webrtc_session"] {
            assert!(is_callable(method), "{method}");
        }
        for other in ["shutdown", "ready", "ice_candidate", "", "PING", "rpc.unknown", "__import__"] {
            assert!(!is_callable(other), "{other}");
        }
    }
}

//! The ids of connections and sessions in parameters, results and notifications.

use serde_json::{Value, json};

use crate::client::RpcError;
use crate::contract::{CONNECTION_NOT_FOUND, ErrorKind, Method, SESSION_NOT_FOUND};

const CONNECTION_ID: &str = "connection_id";
const SESSION_ID: &str = "session_id";
/// The contract's limit, in bytes. The sidecar refuses longer ids itself.
const MAX_LENGTH: usize = 64;

/// The id of a connection or session, which a page can own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Id {
    Connection(String),
    Session(String),
}

impl Id {
    /// Return the ids in a result or a notification.
    pub fn named_in(value: &Value) -> impl Iterator<Item = Self> + use<> {
        let connection = value[CONNECTION_ID].as_str().map(|id| Self::Connection(id.to_owned()));
        let session = value[SESSION_ID].as_str().map(|id| Self::Session(id.to_owned()));
        connection.into_iter().chain(session)
    }

    /// Return the ids in a request's parameters: by each name that the sidecar accepts, or by position.
    pub fn requested<'a>(method: &'a Method, params: &'a Value) -> impl Iterator<Item = Self> + 'a {
        let connections =
            given(method, params, CONNECTION_ID, "connectionId").map(Self::Connection as fn(String) -> Self);
        let sessions = given(method, params, SESSION_ID, "sessionId").map(Self::Session as fn(String) -> Self);
        connections.chain(sessions)
    }

    /// Return the method that ends the connection or session, with its parameters.
    pub fn ending(&self) -> (&'static str, Value) {
        match self {
            Self::Connection(id) => ("close_connection", json!({ CONNECTION_ID: id })),
            Self::Session(id) => ("stop_streaming", json!({ SESSION_ID: id })),
        }
    }

    /// Return the sidecar's own error for an unknown id, word for word, so that a page learns no other page's ids.
    pub fn not_found(&self) -> RpcError {
        let (ErrorKind { code, kind, hint }, message) = match self {
            Self::Connection(id) => (CONNECTION_NOT_FOUND, format!("there is no connection {id}")),
            Self::Session(id) => (SESSION_NOT_FOUND, format!("there is no session {id}")),
        };
        RpcError { code, message, data: Some(json!({ "kind": kind, "retryable": false, "hint": hint })) }
    }
}

/// Return the values of a method's parameter, given by either name or by position. Both names may be given at once.
pub fn parameters<'a>(method: &Method, params: &'a Value, snake: &str, camel: &str) -> Vec<&'a Value> {
    let Some(place) = method.params.iter().position(|&name| name == snake) else { return Vec::new() };
    match params {
        Value::Object(named) => [snake, camel].into_iter().filter_map(|name| named.get(name)).collect(),
        Value::Array(placed) => placed.get(place).into_iter().collect(),
        _ => Vec::new(),
    }
}

fn given(method: &Method, params: &Value, snake: &str, camel: &str) -> impl Iterator<Item = String> {
    let texts = parameters(method, params, snake, camel).into_iter().filter_map(Value::as_str);
    let possible: Vec<_> = texts.filter(|id| (1..=MAX_LENGTH).contains(&id.len())).map(str::to_owned).collect();
    possible.into_iter()
}

//! The JSON-RPC 2.0 messages of a client.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::error::RpcError;

/// A notification of the sidecar.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Notification {
    /// its name in the contract
    pub method: String,
    /// its parameters, by name
    #[serde(default)]
    pub params: Value,
}

/// A message of the sidecar.
#[derive(Debug, Clone, PartialEq)]
pub enum Incoming {
    Response { id: u64, outcome: Result<Value, RpcError> },
    Notification(Notification),
}

/// A request.
#[derive(Serialize)]
struct Request<'a> {
    jsonrpc: &'static str,
    id: u64,
    method: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    params: Option<&'a Value>,
}

#[derive(Deserialize)]
struct Response {
    id: u64,
    #[serde(default)]
    result: Value,
    error: Option<RpcError>,
}

/// Parse a line.
pub fn parse(line: &[u8]) -> Result<Incoming, serde_json::Error> {
    let message: Value = serde_json::from_slice(line)?;
    if message.get("method").is_some() {
        return serde_json::from_value(message).map(Incoming::Notification);
    }
    let Response { id, result, error } = serde_json::from_value(message)?;
    Ok(Incoming::Response { id, outcome: error.map_or(Ok(result), Err) })
}

/// Return a request as a line, with its line end.
pub fn request(id: u64, method: &str, params: Option<&Value>) -> Vec<u8> {
    let request = Request { jsonrpc: "2.0", id, method, params };
    let mut line = serde_json::to_vec(&request).expect("JSON values can be written as JSON");
    line.push(b'\n');
    line
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn text(line: &[u8]) -> &str {
        std::str::from_utf8(line).expect("JSON is UTF-8")
    }

    #[test]
    fn a_request_is_one_line_also_with_line_ends_in_its_values() {
        let line = request(7, "ping", Some(&json!({"text": "two\nlines\r\u{2028}"})));
        assert_eq!(line.iter().position(|&byte| byte == b'\n'), Some(line.len() - 1));
        let message: Value = serde_json::from_slice(&line).expect("a request is JSON");
        assert_eq!(message["params"]["text"], "two\nlines\r\u{2028}");
        assert_eq!(text(&request(1, "ping", None)), "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}\n");
    }

    #[test]
    fn responses_errors_and_notifications_are_told_apart() {
        let outcome = |text: &str| parse(text.as_bytes()).expect("a message");
        assert_eq!(outcome(r#"{"id":1,"result":{"a":1}}"#), Incoming::Response { id: 1, outcome: Ok(json!({"a": 1})) });
        assert_eq!(outcome(r#"{"id":1,"result":null}"#), Incoming::Response { id: 1, outcome: Ok(Value::Null) });
        let error = RpcError { code: 1001, message: "No.".into(), data: Some(json!({"kind": "k"})) };
        assert_eq!(
            outcome(r#"{"id":2,"error":{"code":1001,"message":"No.","data":{"kind":"k"}}}"#),
            Incoming::Response { id: 2, outcome: Err(error) }
        );
        let ready = Notification { method: "ready".into(), params: json!({"pid": 4}) };
        assert_eq!(outcome(r#"{"method":"ready","params":{"pid":4}}"#), Incoming::Notification(ready));
    }

    #[test]
    fn a_line_that_is_no_message_is_an_error() {
        for line in ["", "[]", "1", "{}", r#"{"id":null,"error":{"code":-32700,"message":"Parse error"}}"#, "\u{feff}"]
        {
            assert!(parse(line.as_bytes()).is_err(), "{line:?}");
        }
        assert!(parse(b"{\"id\":1,\"result\":\"\xff\"}").is_err());
    }
}

//! The errors of a call.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The code of failures on this side of the pipe, from the range that JSON-RPC 2.0 (section 5.1) reserves for
/// implementations.
pub const UNREACHABLE: i64 = -32000;

/// The error object of JSON-RPC 2.0 (section 5.1). The sidecar's own errors carry `data` = {kind, retryable, hint,
/// details?}.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RpcError {
    /// the error's code, for programs
    pub code: i64,
    /// the error's message, for people
    pub message: String,
    /// further members, which depend on the code
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
}

/// Why a call has no result.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CallError {
    /// The sidecar answered with an error.
    #[error("{} ({})", .0.message, .0.code)]
    Rpc(RpcError),
    /// No response arrived in time. The sidecar may still carry out the request.
    #[error("the sidecar did not answer {method} within {} s", .after.as_secs_f32())]
    TimedOut {
        /// the method called
        method: String,
        /// the time limit
        after: Duration,
    },
    /// The sidecar ended before its response.
    #[error("the sidecar has ended")]
    Gone,
    /// The sidecar could not be started, or crashed too often.
    #[error("the sidecar is not running: {0}")]
    Failed(String),
    /// Too many calls are pending.
    #[error("too many calls are waiting for the sidecar's answer")]
    TooManyCalls,
    /// The request is longer than the sidecar's limit.
    #[error("the request has {0} bytes, more than the sidecar accepts")]
    TooLong(usize),
}

impl CallError {
    fn hint(&self) -> &'static str {
        match self {
            Self::Rpc(_) => "",
            Self::TimedOut { .. } => "Try again. If the sidecar stays silent, restart the app.",
            Self::Gone => "It restarts by itself. Try again in a moment.",
            Self::Failed(_) => "Restart the app. If that does not help, install it again.",
            Self::TooManyCalls => "Wait a moment, then try again.",
            Self::TooLong(_) => "Send less at once.",
        }
    }
}

impl From<CallError> for RpcError {
    /// Convert to the form of the contract's errors, so that a frontend handles one kind of error only.
    fn from(error: CallError) -> Self {
        let (message, hint) = (error.to_string(), error.hint());
        let retryable = !matches!(error, CallError::Failed(_) | CallError::TooLong(_));
        match error {
            CallError::Rpc(error) => error,
            _ => Self {
                code: UNREACHABLE,
                message,
                data: Some(json!({ "kind": "sidecar_unreachable", "retryable": retryable, "hint": hint })),
            },
        }
    }
}

//! What a call can come to beside its result.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// The code of the failures that happen on this side of the pipe, from the range that JSON-RPC 2.0 (section 5.1) leaves
/// to implementations.
pub const UNREACHABLE: i64 = -32000;

/// The error object of JSON-RPC 2.0 (section 5.1). The sidecar's own errors carry `data` = {kind, retryable, hint, details?}.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RpcError {
    /// the kind of failure, for programs
    pub code: i64,
    /// what happened, for people
    pub message: String,
    /// more, by kind
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub data: Option<Value>,
}

/// Why a call has no result.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum CallError {
    /// The sidecar answered with an error.
    #[error("{} ({})", .0.message, .0.code)]
    Rpc(RpcError),
    /// No answer came in time. The sidecar may still do what it was asked.
    #[error("the sidecar did not answer {method} within {} s", .after.as_secs_f32())]
    TimedOut {
        /// what was called
        method: String,
        /// how long the answer was waited for
        after: Duration,
    },
    /// The sidecar ended before it answered, or was ended.
    #[error("the sidecar has ended")]
    Gone,
    /// The sidecar could not be started, or crashed too often.
    #[error("the sidecar does not run: {0}")]
    Failed(String),
    /// Too many calls wait for an answer.
    #[error("too many calls wait for the sidecar's answer")]
    TooManyCalls,
    /// The request is longer than the sidecar takes.
    #[error("the request has {0} bytes, more than the sidecar takes")]
    TooLong(usize),
}

impl CallError {
    fn hint(&self) -> &'static str {
        match self {
            Self::Rpc(_) => "",
            Self::TimedOut { .. } => "Try again; if it stays silent, restart the app.",
            Self::Gone => "It is started again by itself: try again in a moment.",
            Self::Failed(_) => "Restart the app; if that does not help, install it again.",
            Self::TooManyCalls => "Wait a moment, then try again.",
            Self::TooLong(_) => "Send less at once.",
        }
    }
}

impl From<CallError> for RpcError {
    /// The same in the form of the contract's errors, so that a frontend handles one kind of error only.
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

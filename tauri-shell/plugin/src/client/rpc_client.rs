//! A JSON-RPC client of one running process: its pending calls, and the queue to its standard input.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::sync::{mpsc, oneshot};

use super::error::{CallError, RpcError};
use super::message::request;

const MAX_PENDING: usize = 256;
/// The sidecar's limit for a line, with its line end.
const MAX_REQUEST_BYTES: usize = 8 * 1024 * 1024;

/// A command to the writer of the process's standard input.
pub enum Outgoing {
    /// write this line
    Line(Vec<u8>),
    /// close standard input
    End,
}

type Outcome = Result<Value, RpcError>;

#[derive(Default)]
struct Calls {
    last_id: u64,
    pending: HashMap<u64, oneshot::Sender<Outcome>>,
    closed: bool,
}

/// Sends requests to one process, and matches the responses by id.
#[derive(Clone)]
pub struct RpcClient {
    outgoing: mpsc::Sender<Outgoing>,
    calls: Arc<Mutex<Calls>>,
}

impl RpcClient {
    pub fn new(outgoing: mpsc::Sender<Outgoing>) -> Self {
        Self { outgoing, calls: Arc::default() }
    }

    /// Call a method and wait for its response. Dropping this future cancels the call.
    pub async fn call(&self, method: &str, params: Option<&Value>) -> Result<Value, CallError> {
        let pending = self.begin()?;
        let line = request(pending.id, method, params);
        if line.len() > MAX_REQUEST_BYTES {
            return Err(CallError::TooLong(line.len()));
        }
        self.outgoing.send(Outgoing::Line(line)).await.map_err(|_| CallError::Gone)?;
        pending.outcome().await
    }

    /// Ask the process to end: by the `shutdown` request, and by closing its standard input.
    pub async fn ask_to_end(&self) {
        if let Ok(pending) = self.begin() {
            let line = request(pending.id, "shutdown", None);
            let _ = self.outgoing.send(Outgoing::Line(line)).await; // fails when the process has ended already
        }
        let _ = self.outgoing.send(Outgoing::End).await;
    }

    /// Pass a response to its call.
    pub fn complete(&self, id: u64, outcome: Outcome) {
        let pending = self.calls().pending.remove(&id);
        match pending.map(|pending| pending.send(outcome)) {
            Some(Ok(())) => {}
            _ => log::debug!("response {id} belongs to no pending call"),
        }
    }

    /// The process has ended: fail the pending calls and all later ones.
    pub fn close(&self) {
        let mut calls = self.calls();
        calls.closed = true;
        calls.pending.clear();
    }

    fn begin(&self) -> Result<Pending<'_>, CallError> {
        let mut calls = self.calls();
        if calls.closed {
            return Err(CallError::Gone);
        }
        if calls.pending.len() >= MAX_PENDING {
            return Err(CallError::TooManyCalls);
        }
        calls.last_id += 1;
        let (id, (sender, outcome)) = (calls.last_id, oneshot::channel());
        calls.pending.insert(id, sender);
        Ok(Pending { id, outcome, client: self })
    }

    fn calls(&self) -> MutexGuard<'_, Calls> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A pending call's entry. Dropping it removes the entry.
struct Pending<'a> {
    id: u64,
    outcome: oneshot::Receiver<Outcome>,
    client: &'a RpcClient,
}

impl Pending<'_> {
    async fn outcome(mut self) -> Result<Value, CallError> {
        (&mut self.outcome).await.map_err(|_| CallError::Gone)?.map_err(CallError::Rpc)
    }
}

impl Drop for Pending<'_> {
    fn drop(&mut self) {
        self.client.calls().pending.remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_cancelled_call_is_no_longer_pending() {
        let (outgoing, mut written) = mpsc::channel(MAX_PENDING);
        let client = RpcClient::new(outgoing);
        let call = tokio::spawn({
            let client = client.clone();
            async move { client.call("ping", None).await }
        });
        written.recv().await;
        assert_eq!(client.calls().pending.len(), 1);
        call.abort();
        assert!(call.await.is_err_and(|error| error.is_cancelled()));
        assert_eq!(client.calls().pending.len(), 0);
    }

    #[tokio::test]
    async fn the_pending_calls_are_bounded() {
        let client = RpcClient::new(mpsc::channel(1).0);
        let places: Vec<_> = (0..MAX_PENDING).map(|_| client.begin().expect("a free place")).collect();
        assert_eq!(client.call("ping", None).await, Err(CallError::TooManyCalls));
        drop(places);
        assert_eq!(client.call("ping", None).await, Err(CallError::Gone));
    }

    #[tokio::test]
    async fn a_request_over_the_sidecars_limit_is_not_sent() {
        let (outgoing, mut written) = mpsc::channel(1);
        let client = RpcClient::new(outgoing);
        let params = Value::String("x".repeat(MAX_REQUEST_BYTES));
        assert!(matches!(client.call("ping", Some(&params)).await, Err(CallError::TooLong(_))));
        assert!(written.try_recv().is_err());
    }
}

//! The calls that wait for one running process, and the way to it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;
use tokio::sync::{mpsc, oneshot};

use crate::error::{CallError, RpcError};
use crate::message::request;

const MAX_WAITING: usize = 256;
/// The sidecar's own limit for a line, its end included.
const MAX_REQUEST_BYTES: usize = 8 * 1024 * 1024;

/// What the process's writer is to do.
pub enum Outgoing {
    /// write this line
    Line(Vec<u8>),
    /// close the process's standard input
    End,
}

type Outcome = Result<Value, RpcError>;

#[derive(Default)]
struct Calls {
    last_id: u64,
    waiting: HashMap<u64, oneshot::Sender<Outcome>>,
    closed: bool,
}

/// Requests to one process, each matched to its answer by id.
#[derive(Clone)]
pub struct Connection {
    outgoing: mpsc::Sender<Outgoing>,
    calls: Arc<Mutex<Calls>>,
}

impl Connection {
    pub fn new(outgoing: mpsc::Sender<Outgoing>) -> Self {
        Self { outgoing, calls: Arc::default() }
    }

    /// Call a method and wait for its answer; whoever drops this future gives the call up.
    pub async fn call(&self, method: &str, params: Option<&Value>) -> Result<Value, CallError> {
        let waiting = self.begin()?;
        let line = request(waiting.id, method, params);
        if line.len() > MAX_REQUEST_BYTES {
            return Err(CallError::TooLong(line.len()));
        }
        self.outgoing.send(Outgoing::Line(line)).await.map_err(|_| CallError::Gone)?;
        waiting.outcome().await
    }

    /// Ask the process to end, in both ways it knows.
    pub async fn ask_to_end(&self) {
        if let Ok(waiting) = self.begin() {
            let line = request(waiting.id, "shutdown", None);
            let _ = self.outgoing.send(Outgoing::Line(line)).await; // fails when the process is gone: so much the better
        }
        let _ = self.outgoing.send(Outgoing::End).await;
    }

    /// Hand an answer to the call that waits for it.
    pub fn answer(&self, id: u64, outcome: Outcome) {
        let waiting = self.calls().waiting.remove(&id);
        match waiting.map(|waiting| waiting.send(outcome)) {
            Some(Ok(())) => {}
            _ => log::debug!("an answer that nobody waits for any more: {id}"),
        }
    }

    /// The process is gone: fail what waits, and what comes.
    pub fn close(&self) {
        let mut calls = self.calls();
        calls.closed = true;
        calls.waiting.clear();
    }

    fn begin(&self) -> Result<Waiting<'_>, CallError> {
        let mut calls = self.calls();
        if calls.closed {
            return Err(CallError::Gone);
        }
        if calls.waiting.len() >= MAX_WAITING {
            return Err(CallError::TooManyCalls);
        }
        calls.last_id += 1;
        let (id, (sender, outcome)) = (calls.last_id, oneshot::channel());
        calls.waiting.insert(id, sender);
        Ok(Waiting { id, outcome, connection: self })
    }

    fn calls(&self) -> MutexGuard<'_, Calls> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call's place among those that wait; it is free again when this is dropped.
struct Waiting<'a> {
    id: u64,
    outcome: oneshot::Receiver<Outcome>,
    connection: &'a Connection,
}

impl Waiting<'_> {
    async fn outcome(mut self) -> Result<Value, CallError> {
        (&mut self.outcome).await.map_err(|_| CallError::Gone)?.map_err(CallError::Rpc)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.connection.calls().waiting.remove(&self.id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_call_that_is_given_up_leaves_its_place() {
        let (outgoing, mut written) = mpsc::channel(MAX_WAITING);
        let connection = Connection::new(outgoing);
        let call = tokio::spawn({
            let connection = connection.clone();
            async move { connection.call("ping", None).await }
        });
        written.recv().await;
        assert_eq!(connection.calls().waiting.len(), 1);
        call.abort();
        assert!(call.await.is_err_and(|error| error.is_cancelled()));
        assert_eq!(connection.calls().waiting.len(), 0);
    }

    #[tokio::test]
    async fn the_calls_that_wait_are_bounded() {
        let connection = Connection::new(mpsc::channel(1).0);
        let places: Vec<_> = (0..MAX_WAITING).map(|_| connection.begin().expect("a free place")).collect();
        assert_eq!(connection.call("ping", None).await, Err(CallError::TooManyCalls));
        drop(places);
        assert_eq!(connection.call("ping", None).await, Err(CallError::Gone));
    }

    #[tokio::test]
    async fn a_request_that_the_sidecar_would_refuse_is_not_sent() {
        let (outgoing, mut written) = mpsc::channel(1);
        let connection = Connection::new(outgoing);
        let params = Value::String("x".repeat(MAX_REQUEST_BYTES));
        assert!(matches!(connection.call("ping", Some(&params)).await, Err(CallError::TooLong(_))));
        assert!(written.try_recv().is_err());
    }
}

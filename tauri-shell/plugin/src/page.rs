//! One page: the connections and sessions that it owns, and its channels for events.

use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tauri::ipc::Channel;

use crate::client::Notification;
use crate::ids::Id;

/// Channels of one page. A frontend needs one for each topic.
const MAX_CHANNELS: usize = 16;
/// Calls of one page that wait for their answers. The sidecar has at most 256 for all pages.
pub const MAX_CALLS: usize = 64;
/// The ended connections and sessions whose ids a page still owns. The sidecar remembers as many.
const MAX_ENDED: usize = 1024;

/// The topic of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Topic {
    Events,
    Log,
}

struct Owned {
    id: Id,
    device_id: Option<String>,
    ended: bool,
}

struct Subscription {
    every: Duration,
    due: Instant,
}

/// One page.
pub struct Page {
    pub number: u64,
    pub window: String,
    /// shared with each call that waits for its answer
    calls: Arc<()>,
    channels: Vec<(Topic, Channel<Value>)>,
    /// the oldest first
    owned: VecDeque<Owned>,
    subscription: Option<Subscription>,
}

impl Page {
    pub fn new(number: u64, window: &str) -> Self {
        Self {
            number,
            window: window.to_owned(),
            calls: Arc::default(),
            channels: Vec::new(),
            owned: VecDeque::new(),
            subscription: None,
        }
    }

    /// Begin a call, which ends when the returned guard is dropped. Returns None at the limit.
    pub fn begin_call(&self) -> Option<Arc<()>> {
        (Arc::strong_count(&self.calls) <= MAX_CALLS).then(|| self.calls.clone())
    }

    /// Add a channel for the events of a topic. Returns whether the limit allowed it.
    pub fn listen(&mut self, topic: Topic, channel: Channel<Value>) -> bool {
        let has_room = self.channels.len() < MAX_CHANNELS;
        if has_room {
            self.channels.push((topic, channel));
        }
        has_room
    }

    pub fn take_channels(&mut self) -> Vec<Channel<Value>> {
        self.channels.drain(..).map(|(_, channel)| channel).collect()
    }

    pub fn owns(&self, id: &Id) -> bool {
        self.owned.iter().any(|owned| owned.id == *id)
    }

    /// Make the page the owner of an id. Returns false if it already is.
    pub fn own(&mut self, id: &Id, device_id: Option<&str>) -> bool {
        let is_new = !self.owns(id);
        if is_new {
            self.owned.push_back(Owned { id: id.clone(), device_id: device_id.map(str::to_owned), ended: false });
        }
        is_new
    }

    /// Return the owned ids that have not ended, connections before sessions.
    pub fn living(&self) -> Vec<Id> {
        let living = self.owned.iter().filter(|owned| !owned.ended).map(|owned| owned.id.clone());
        let (mut connections, sessions) = living.partition::<Vec<_>, _>(|id| matches!(id, Id::Connection(_)));
        connections.extend(sessions);
        connections
    }

    /// Forget all ids and the subscription: the sidecar was restarted without them.
    pub fn reset(&mut self) {
        self.owned.clear();
        self.subscription = None;
    }

    pub fn send_event(&self, topic: Topic, event: &str, payload: &Value) {
        for (_, channel) in self.channels.iter().filter(|(its, _)| *its == topic) {
            if let Err(error) = channel.send(json!({ "event": event, "payload": payload })) {
                log::debug!("{event} could not be sent to a page: {error}");
            }
        }
    }

    /// Send a notification about an id that the page owns.
    pub fn send_notification(&mut self, id: &Id, notification: &Notification) {
        self.send_event(Topic::Events, &notification.method, &notification.params);
        let has_ended = match notification.method.as_str() {
            "connection_state" => matches!(notification.params["state"].as_str(), Some("closed" | "failed")),
            "camera_state" => matches!(notification.params["state"].as_str(), Some("stopped" | "failed")),
            _ => false,
        };
        if has_ended {
            self.mark_ended(id);
        }
    }

    pub fn subscribe(&mut self, every: Option<Duration>) {
        self.subscription = every.map(|every| Subscription { every, due: Instant::now() });
    }

    pub fn stats_interval(&self) -> Option<Duration> {
        self.subscription.as_ref().map(|subscription| subscription.every)
    }

    /// Send the page its own statistics if they are due, within `tolerance`.
    pub fn send_stats(&mut self, stats: &Value, now: Instant, tolerance: Duration) {
        match &mut self.subscription {
            Some(subscription) if subscription.due <= now + tolerance => subscription.due = now + subscription.every,
            _ => return,
        }
        let mut own = stats.clone();
        self.keep_own(&mut own);
        self.send_event(Topic::Events, "stats", &own);
    }

    /// Reduce statistics to the page's own connections and the cameras that it uses.
    pub fn keep_own(&self, stats: &mut Value) {
        let mut devices: HashSet<String> = self.owned.iter().filter_map(|owned| owned.device_id.clone()).collect();
        if let Some(connections) = stats["connections"].as_array_mut() {
            connections.retain(|connection| Id::named_in(connection).next().is_some_and(|id| self.owns(&id)));
            devices.extend(connections.iter().filter_map(|one| one["device_id"].as_str()).map(str::to_owned));
        }
        if let Some(cameras) = stats["cameras"].as_array_mut() {
            cameras.retain(|camera| camera["device_id"].as_str().is_some_and(|device_id| devices.contains(device_id)));
        }
    }

    fn mark_ended(&mut self, id: &Id) {
        for owned in self.owned.iter_mut().filter(|owned| owned.id == *id) {
            (owned.ended, owned.device_id) = (true, None);
        }
        let ended = self.owned.iter().filter(|owned| owned.ended).count();
        if let (true, Some(oldest)) = (ended > MAX_ENDED, self.owned.iter().position(|owned| owned.ended)) {
            self.owned.remove(oldest);
        }
    }
}

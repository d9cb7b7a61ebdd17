//! The pages of the app: the connections and sessions that each owns, its channels, its interval of statistics.
//!
//! Events go over channels, because a channel belongs to one webview. Tauri's own events reach every page: `emit_to`
//! calls every listener for any target, in all webviews, and a page chooses its target itself.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tauri::async_runtime;
use tauri::ipc::Channel;
use tauri::{Runtime, Webview};

use crate::client::{Notification, State, StateName};
use crate::ids::Id;
use crate::page::{Page, Topic};

/// Notifications held until a result names their owner. The sidecar has at most 64 connections.
const MAX_HELD: usize = 256;

/// The identity of a page: its webview's label, and a number that is unique for each page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageId {
    label: String,
    number: u64,
}

/// The resources of a page that was left.
#[derive(Default)]
pub struct Left {
    /// connections and sessions that have not ended
    pub ids: Vec<Id>,
    /// whether it received statistics
    pub subscribed: bool,
    // Kept until the webview's callback has returned, because dropping a channel calls the webview.
    _channels: Vec<Channel<Value>>,
}

impl Left {
    /// Return the resources of a page that left these ids only.
    pub fn of(ids: Vec<Id>) -> Self {
        Self { ids, ..Self::default() }
    }
}

#[derive(Default)]
struct Table {
    pages: HashMap<String, Page>,
    last_number: u64,
    /// pending calls whose result can name a new id
    naming: usize,
    held: VecDeque<(Id, Notification)>,
}

/// The pages that have called a command, by the labels of their webviews.
#[derive(Default)]
pub struct Pages {
    table: Mutex<Table>,
    /// guards changes of the sidecar's interval of statistics
    pub subscribing: async_runtime::Mutex<()>,
}

impl Pages {
    /// Return the page in a webview.
    pub fn enter<R: Runtime>(&self, webview: &Webview<R>) -> PageId {
        let mut table = self.table();
        let next = table.last_number + 1;
        let page =
            table.pages.entry(webview.label().to_owned()).or_insert_with(|| Page::new(next, webview.window().label()));
        let number = page.number;
        table.last_number = table.last_number.max(number);
        PageId { label: webview.label().to_owned(), number }
    }

    /// Begin a call of a page, which ends when the returned guard is dropped. Returns None when too many calls of the page
    /// wait for their answers.
    pub fn begin_call(&self, page: &PageId) -> Option<Arc<()>> {
        self.table().page(page).map_or_else(|| Some(Arc::default()), |page| page.begin_call())
    }

    /// Forget the page of a webview.
    pub fn leave(&self, label: &str) -> Left {
        self.table().pages.remove(label).map_or_else(Left::default, left)
    }

    /// Forget the pages of a window.
    pub fn leave_window(&self, window: &str) -> Vec<Left> {
        self.table().pages.extract_if(|_, page| page.window == window).map(|(_, page)| left(page)).collect()
    }

    /// Send a page the events of a topic over a channel. Returns whether the limit allowed the channel.
    pub fn listen(&self, page: &PageId, topic: Topic, channel: Channel<Value>) -> bool {
        self.table().page(page).is_none_or(|page| page.listen(topic, channel))
    }

    /// Return whether the page owns an id.
    pub fn owns(&self, page: &PageId, id: &Id) -> bool {
        self.table().page(page).is_some_and(|page| page.owns(id))
    }

    /// Begin a call whose result can name a new id. Until the guard is dropped, notifications about unknown ids are
    /// held, because they may overtake the result.
    pub fn begin_naming(&self) -> Naming<'_> {
        self.table().naming += 1;
        Naming(self)
    }

    /// Make the page the owner of the ids in a result. Returns false when the page was left.
    pub fn own(&self, page: &PageId, result: &Value) -> bool {
        let mut table = self.table();
        let Some(owner) = table.page(page) else { return false };
        let new: Vec<_> = Id::named_in(result).filter(|id| owner.own(id, result["device_id"].as_str())).collect();
        let (found, held) = table.held.drain(..).partition::<Vec<_>, _>(|(id, _)| new.contains(id));
        table.held = held.into();
        if let Some(owner) = table.page(page) {
            for (id, notification) in &found {
                owner.send_notification(id, notification);
            }
        }
        true
    }

    /// Reduce statistics to the page's own connections and the cameras that it uses.
    pub fn keep_own(&self, page: &PageId, stats: &mut Value) {
        if let Some(page) = self.table().page(page) {
            page.keep_own(stats);
        }
    }

    /// Set a page's interval of statistics; None ends them.
    pub fn subscribe(&self, page: &PageId, every: Option<Duration>) {
        if let Some(page) = self.table().page(page) {
            page.subscribe(every);
        }
    }

    /// Return the shortest interval of statistics of all pages.
    pub fn shortest_interval(&self) -> Option<Duration> {
        self.table().shortest_interval()
    }

    /// Deliver a notification.
    pub fn deliver(&self, notification: Notification) {
        let mut table = self.table();
        match (notification.method.as_str(), Id::named_in(&notification.params).next()) {
            (_, Some(id)) => table.deliver_to_owner(id, notification),
            ("stats", None) => table.deliver_stats(&notification.params),
            ("log", None) => table.send_to_all(Topic::Log, &notification.method, &notification.params),
            ("ready" | "cameras_changed", None) => {
                table.send_to_all(Topic::Events, &notification.method, &notification.params);
            }
            (unknown, None) => log::debug!("the notification {unknown} is for no page"),
        }
    }

    /// Send all pages the state of the sidecar's process. Unless it runs, the connections and sessions of all pages are
    /// lost.
    pub fn deliver_state(&self, state: &State) {
        let mut table = self.table();
        if state.state != StateName::Running {
            table.held.clear();
            table.pages.values_mut().for_each(Page::reset);
        }
        table.send_to_all(Topic::Events, "sidecar_state", &json!(state));
    }

    fn table(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Table {
    fn page(&mut self, id: &PageId) -> Option<&mut Page> {
        self.pages.get_mut(&id.label).filter(|page| page.number == id.number)
    }

    fn shortest_interval(&self) -> Option<Duration> {
        self.pages.values().filter_map(Page::stats_interval).min()
    }

    fn deliver_to_owner(&mut self, id: Id, notification: Notification) {
        if let Some(owner) = self.pages.values_mut().find(|page| page.owns(&id)) {
            owner.send_notification(&id, &notification);
        } else if self.naming > 0 {
            if self.held.len() == MAX_HELD {
                log::warn!("more than {MAX_HELD} notifications wait for their owner; the oldest is dropped");
                self.held.pop_front();
            }
            self.held.push_back((id, notification));
        } else {
            log::debug!("the notification {} is about an id that no page owns", notification.method);
        }
    }

    fn deliver_stats(&mut self, stats: &Value) {
        let Some(shortest) = self.shortest_interval() else { return };
        let now = Instant::now();
        self.pages.values_mut().for_each(|page| page.send_stats(stats, now, shortest / 2));
    }

    fn send_to_all(&self, topic: Topic, event: &str, payload: &Value) {
        self.pages.values().for_each(|page| page.send_event(topic, event, payload));
    }
}

/// The guard of a call whose result can name a new id.
pub struct Naming<'a>(&'a Pages);

impl Drop for Naming<'_> {
    fn drop(&mut self) {
        let mut table = self.0.table();
        table.naming -= 1;
        if table.naming == 0 {
            table.held.clear(); // ids that no page owns are the app's own
        }
    }
}

fn left(mut page: Page) -> Left {
    Left { ids: page.living(), subscribed: page.stats_interval().is_some(), _channels: page.take_channels() }
}

//! Which page of the app owns what: connections and sessions, channels for events, an interval of statistics.
//!
//! Tauri's own events cannot be kept from a page: `emit_to` reaches every listener for any target, in all webviews, and a
//! page chooses the target that it listens to. So events go over channels, which belong to one webview each.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{json, Value};
use sidecar_client::{Notification, State, StateName};
use tauri::async_runtime;
use tauri::ipc::Channel;
use tauri::{Runtime, Webview};

use super::ids::Id;
use super::page::{Page, Topic};

/// Notifications that wait for the answer which says whose they are. The sidecar has at most 64 connections.
const MAX_HELD: usize = 256;

/// A page: a webview, and how many pages it had loaded before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PageId {
    label: String,
    number: u64,
}

/// What a page leaves behind.
#[derive(Default)]
pub struct Left {
    /// what it has not ended
    pub ids: Vec<Id>,
    /// whether it received statistics
    pub subscribed: bool,
    // Their end is told to the webview, which must not happen in one of its own callbacks.
    _channels: Vec<Channel<Value>>,
}

impl Left {
    /// Nothing but these.
    pub fn of(ids: Vec<Id>) -> Self {
        Self { ids, ..Self::default() }
    }
}

#[derive(Default)]
struct Table {
    pages: HashMap<String, Page>,
    last_number: u64,
    /// calls without an answer yet that can name something new
    naming: usize,
    held: VecDeque<(Id, Notification)>,
}

/// The pages that have called something, by their webviews' labels.
#[derive(Default)]
pub struct Pages {
    table: Mutex<Table>,
    /// over changes of the sidecar's one interval of statistics
    pub subscribing: async_runtime::Mutex<()>,
}

impl Pages {
    /// The page that a webview shows.
    pub fn enter<R: Runtime>(&self, webview: &Webview<R>) -> PageId {
        let mut table = self.table();
        let next = table.last_number + 1;
        let page =
            table.pages.entry(webview.label().to_owned()).or_insert_with(|| Page::new(next, webview.window().label()));
        let number = page.number;
        table.last_number = table.last_number.max(number);
        PageId { label: webview.label().to_owned(), number }
    }

    /// Forget the page of a webview.
    pub fn leave(&self, label: &str) -> Left {
        self.table().pages.remove(label).map_or_else(Left::default, left)
    }

    /// Forget the pages of a window.
    pub fn leave_window(&self, window: &str) -> Vec<Left> {
        self.table().pages.extract_if(|_, page| page.window == window).map(|(_, page)| left(page)).collect()
    }

    /// Tell a page of events from now on. Whether there was room for one more channel.
    pub fn listen(&self, page: &PageId, topic: Topic, channel: Channel<Value>) -> bool {
        self.table().page(page).is_none_or(|page| page.listen(topic, channel))
    }

    /// Whether something is this page's own.
    pub fn owns(&self, page: &PageId, id: &Id) -> bool {
        self.table().page(page).is_some_and(|page| page.owns(id))
    }

    /// A call was begun whose answer can name something new. While there is one, notifications of what nobody owns are
    /// held: they may overtake the answer.
    pub fn begin_naming(&self) -> Naming<'_> {
        self.table().naming += 1;
        Naming(self)
    }

    /// What a result names is the page's own. False when the page is gone.
    pub fn own(&self, page: &PageId, result: &Value) -> bool {
        let mut table = self.table();
        let Some(owner) = table.page(page) else { return false };
        let new: Vec<_> = Id::named_in(result).filter(|id| owner.own(id, result["device_id"].as_str())).collect();
        let (found, held) = table.held.drain(..).partition::<Vec<_>, _>(|(id, _)| new.contains(id));
        table.held = held.into();
        if let Some(owner) = table.page(page) {
            for (id, notification) in &found {
                owner.tell_of(id, notification);
            }
        }
        true
    }

    /// Leave in statistics what is of the page's own.
    pub fn keep_own(&self, page: &PageId, stats: &mut Value) {
        if let Some(page) = self.table().page(page) {
            page.keep_own(stats);
        }
    }

    /// How often a page wants statistics; None: not at all.
    pub fn subscribe(&self, page: &PageId, every: Option<Duration>) {
        if let Some(page) = self.table().page(page) {
            page.subscribe(every);
        }
    }

    /// The shortest interval of statistics that a page wants.
    pub fn shortest_interval(&self) -> Option<Duration> {
        self.table().shortest_interval()
    }

    /// Deliver a notification.
    pub fn take(&self, notification: Notification) {
        let mut table = self.table();
        match (notification.method.as_str(), Id::named_in(&notification.params).next()) {
            (_, Some(id)) => table.take_of(id, notification),
            ("stats", None) => table.take_stats(&notification.params),
            ("log", None) => table.tell_all(Topic::Log, &notification.method, &notification.params),
            ("ready" | "cameras_changed", None) => {
                table.tell_all(Topic::Events, &notification.method, &notification.params);
            }
            (unknown, None) => log::debug!("{unknown} is for no page"),
        }
    }

    /// Tell all pages of the state of the sidecar's process. One that is started anew holds nothing of what was there.
    pub fn take_state(&self, state: &State) {
        let mut table = self.table();
        if state.state != StateName::Running {
            table.held.clear();
            table.pages.values_mut().for_each(Page::reset);
        }
        table.tell_all(Topic::Events, "sidecar_state", &json!(state));
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

    fn take_of(&mut self, id: Id, notification: Notification) {
        if let Some(owner) = self.pages.values_mut().find(|page| page.owns(&id)) {
            owner.tell_of(&id, &notification);
        } else if self.naming > 0 {
            if self.held.len() == MAX_HELD {
                log::warn!("more than {MAX_HELD} notifications wait for their owner; the oldest is left out");
                self.held.pop_front();
            }
            self.held.push_back((id, notification));
        } else {
            log::debug!("{} is of something that no page owns", notification.method);
        }
    }

    fn take_stats(&mut self, stats: &Value) {
        let Some(shortest) = self.shortest_interval() else { return };
        let now = Instant::now();
        self.pages.values_mut().for_each(|page| page.tell_stats(stats, now, shortest / 2));
    }

    fn tell_all(&self, topic: Topic, event: &str, payload: &Value) {
        self.pages.values().for_each(|page| page.tell(topic, event, payload));
    }
}

/// A call whose answer can name something new, until this is dropped.
pub struct Naming<'a>(&'a Pages);

impl Drop for Naming<'_> {
    fn drop(&mut self) {
        let mut table = self.0.table();
        table.naming -= 1;
        if table.naming == 0 {
            table.held.clear(); // what nobody owns now is the app's own
        }
    }
}

fn left(mut page: Page) -> Left {
    Left { ids: page.living(), subscribed: page.stats_interval().is_some(), _channels: page.take_channels() }
}

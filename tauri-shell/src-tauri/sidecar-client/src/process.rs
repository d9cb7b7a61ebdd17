//! One process of the sidecar, from its start to its end.

use std::io;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::process::{Child, ChildStdin, Command};
use tokio::sync::{Notify, broadcast, mpsc};
use tokio::task::JoinSet;
use tokio::time::timeout;

use crate::connection::{Connection, Outgoing};
use crate::environment::cleaned;
use crate::framing::{Line, Lines};
use crate::group::Group;
use crate::message::{Incoming, parse};
use crate::settings::Settings;
use crate::state::Event;
use crate::stderr::{LastLines, drain};

const MAX_LINE_BYTES: usize = 16 * 1024 * 1024;
const READ_BYTES: usize = 64 * 1024;
const MAX_UNWRITTEN: usize = 64; // lines
/// How long the pipes of a process that has ended may stay open; only what left its group can hold them.
const PIPES_LIMIT: Duration = Duration::from_secs(1);
/// How long the system may take to end what was killed: a camera's driver that hangs keeps a process as long as it likes.
const KILL_LIMIT: Duration = Duration::from_secs(2);
/// The notification that says that the sidecar takes requests.
const READY: &str = "ready";

/// A running process. Dropping it kills it, with all that it started.
pub struct Process {
    // The group before the child: its number is only surely this group's as long as the child was not waited for.
    group: Group,
    child: Child,
    readers: JoinSet<()>,
    _writer: JoinSet<()>,
    connection: Connection,
    ready: Arc<Notify>,
}

impl Process {
    /// Start the program; its notifications go to `events`.
    pub fn start(settings: &Settings, events: broadcast::Sender<Event>, last_lines: LastLines) -> io::Result<Self> {
        let mut child = command(settings).spawn()?;
        let group = Group::of(&child)?;
        let (Some(stdin), Some(stdout), Some(stderr)) = (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(io::Error::other("the program has no pipes"));
        };
        let (outgoing, unwritten) = mpsc::channel(MAX_UNWRITTEN);
        let connection = Connection::new(outgoing);
        let ready = Arc::new(Notify::new());
        let (mut readers, mut writer) = (JoinSet::new(), JoinSet::new());
        readers.spawn(read(stdout, connection.clone(), ready.clone(), events));
        readers.spawn(drain(stderr, last_lines));
        writer.spawn(write(stdin, unwritten));
        Ok(Self { group, child, readers, _writer: writer, connection, ready })
    }

    /// The way to it.
    pub fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Its number, for the log.
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Resolves once it takes requests.
    pub fn ready(&self) -> impl Future<Output = ()> + use<> {
        let ready = self.ready.clone();
        async move { ready.notified().await }
    }

    /// Resolves once it has ended, with all that it started, and all that it said was read.
    pub async fn ended(&mut self) -> io::Result<ExitStatus> {
        let status = self.child.wait().await;
        self.group.kill();
        let readers = &mut self.readers;
        let all_read = async { while readers.join_next().await.is_some() {} };
        if timeout(PIPES_LIMIT, all_read).await.is_err() {
            log::warn!("the sidecar has ended, but something else holds its pipes open");
        }
        self.connection.close();
        status
    }

    /// Ask it to end, and see that it does: `limit` is how long it may take before it is killed.
    pub async fn end(mut self, limit: Duration) {
        let orderly = async {
            self.connection.ask_to_end().await;
            self.child.wait().await
        };
        match timeout(limit, orderly).await {
            Ok(Ok(status)) => log::info!("the sidecar has ended: {status}"),
            Ok(Err(error)) => log::warn!("the sidecar's end was not seen: {error}"),
            Err(_) => log::warn!("the sidecar did not end within {} s; it is killed", limit.as_secs_f32()),
        }
        self.group.kill();
        if timeout(KILL_LIMIT, self.ended()).await.is_err() {
            log::error!("the sidecar was killed, but the system has not ended it; nobody waits for it any longer");
        }
    }
}

fn command(settings: &Settings) -> Command {
    let mut command = Command::new(&settings.program);
    command
        .args(&settings.arguments)
        .env_clear()
        .envs(cleaned(std::env::vars_os()))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    Group::prepare(&mut command);
    command
}

async fn read(
    stdout: impl AsyncRead + Unpin,
    connection: Connection,
    ready: Arc<Notify>,
    events: broadcast::Sender<Event>,
) {
    let mut lines = Lines::new(BufReader::with_capacity(READ_BYTES, stdout), MAX_LINE_BYTES);
    loop {
        match lines.next().await {
            Ok(Some(Line::Whole(line))) => take(&line, &connection, &ready, &events),
            Ok(Some(Line::TooLong(length))) => log::warn!("the sidecar wrote a line of {length} bytes; it is left out"),
            Ok(None) => return,
            Err(error) => return log::warn!("the sidecar can be read no more: {error}"),
        }
    }
}

fn take(line: &[u8], connection: &Connection, ready: &Notify, events: &broadcast::Sender<Event>) {
    match parse(line) {
        Ok(Incoming::Answer { id, outcome }) => connection.answer(id, outcome),
        Ok(Incoming::Notification(notification)) => {
            if notification.method == READY {
                ready.notify_one();
            }
            let _ = events.send(Event::Notification(notification)); // fails when nobody listens
        }
        Err(error) => log::warn!("the sidecar wrote a line of {} bytes that is no message: {error}", line.len()),
    }
}

/// Write until told to end, then close standard input. A line is written whole even if its call was given up.
async fn write(mut stdin: ChildStdin, mut unwritten: mpsc::Receiver<Outgoing>) {
    while let Some(Outgoing::Line(line)) = unwritten.recv().await {
        if let Err(error) = write_line(&mut stdin, &line).await {
            return log::warn!("the sidecar takes no more requests: {error}");
        }
    }
}

async fn write_line(stdin: &mut (impl AsyncWrite + Unpin), line: &[u8]) -> io::Result<()> {
    stdin.write_all(line).await?;
    stdin.flush().await
}

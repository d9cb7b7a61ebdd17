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

use super::environment::cleaned;
use super::framing::{Line, Lines};
use super::group::Group;
use super::message::{Incoming, parse};
use super::rpc_client::{Outgoing, RpcClient};
use super::settings::Settings;
use super::state::Event;
use super::stderr::{LastLines, drain};

const MAX_LINE_BYTES: usize = 16 * 1024 * 1024;
const READ_BYTES: usize = 64 * 1024;
const MAX_UNWRITTEN: usize = 64; // lines
/// The time for which a process that left the group may hold the pipes of an ended process open.
const PIPES_LIMIT: Duration = Duration::from_secs(1);
/// The time for the system to end a killed process. A camera driver that hangs can keep the process without limit.
const KILL_LIMIT: Duration = Duration::from_secs(2);
/// The notification that the sidecar accepts requests.
const READY: &str = "ready";

/// A running process. Dropping it kills the process and every process that it started.
pub struct Process {
    // Dropped before the child: the system may reuse the group's id once the child was waited for.
    group: Group,
    child: Child,
    readers: JoinSet<()>,
    _writer: JoinSet<()>,
    client: RpcClient,
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
        let client = RpcClient::new(outgoing);
        let ready = Arc::new(Notify::new());
        let (mut readers, mut writer) = (JoinSet::new(), JoinSet::new());
        readers.spawn(read(stdout, client.clone(), ready.clone(), events));
        readers.spawn(drain(stderr, last_lines));
        writer.spawn(write(stdin, unwritten));
        Ok(Self { group, child, readers, _writer: writer, client, ready })
    }

    /// The client that calls its methods.
    pub fn client(&self) -> &RpcClient {
        &self.client
    }

    /// Its process id, for the log.
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }

    /// Resolves once the sidecar accepts requests.
    pub fn ready(&self) -> impl Future<Output = ()> + use<> {
        let ready = self.ready.clone();
        async move { ready.notified().await }
    }

    /// Resolves once the process and every process that it started have ended, and their output is read.
    pub async fn ended(&mut self) -> io::Result<ExitStatus> {
        let status = self.child.wait().await;
        self.group.kill();
        let readers = &mut self.readers;
        let all_read = async { while readers.join_next().await.is_some() {} };
        if timeout(PIPES_LIMIT, all_read).await.is_err() {
            log::warn!("the sidecar has ended, but another process holds its pipes open");
        }
        self.client.close();
        status
    }

    /// Ask the process to end, and kill it when `limit` has passed.
    pub async fn end(mut self, limit: Duration) {
        let orderly = async {
            self.client.ask_to_end().await;
            self.child.wait().await
        };
        match timeout(limit, orderly).await {
            Ok(Ok(status)) => log::info!("the sidecar has ended: {status}"),
            Ok(Err(error)) => log::warn!("the sidecar's exit status is unknown: {error}"),
            Err(_) => log::warn!("the sidecar did not end within {} s and is killed", limit.as_secs_f32()),
        }
        self.group.kill();
        if timeout(KILL_LIMIT, self.ended()).await.is_err() {
            log::error!(
                "the sidecar was killed, but the system has not ended it within {} s",
                KILL_LIMIT.as_secs_f32()
            );
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

async fn read(stdout: impl AsyncRead + Unpin, client: RpcClient, ready: Arc<Notify>, events: broadcast::Sender<Event>) {
    let mut lines = Lines::new(BufReader::with_capacity(READ_BYTES, stdout), MAX_LINE_BYTES);
    loop {
        match lines.next().await {
            Ok(Some(Line::Whole(line))) => handle(&line, &client, &ready, &events),
            Ok(Some(Line::TooLong(length))) => log::warn!("a line of {length} bytes from the sidecar is ignored"),
            Ok(None) => return,
            Err(error) => return log::warn!("the sidecar's standard output cannot be read: {error}"),
        }
    }
}

fn handle(line: &[u8], client: &RpcClient, ready: &Notify, events: &broadcast::Sender<Event>) {
    match parse(line) {
        Ok(Incoming::Response { id, outcome }) => client.complete(id, outcome),
        Ok(Incoming::Notification(notification)) => {
            if notification.method == READY {
                ready.notify_one();
            }
            let _ = events.send(Event::Notification(notification)); // fails without a listener
        }
        Err(error) => log::warn!("the sidecar wrote a line of {} bytes that is no message: {error}", line.len()),
    }
}

/// Write lines until `Outgoing::End`, then close standard input. The line of a cancelled call is still written whole.
async fn write(mut stdin: ChildStdin, mut unwritten: mpsc::Receiver<Outgoing>) {
    while let Some(Outgoing::Line(line)) = unwritten.recv().await {
        if let Err(error) = write_line(&mut stdin, &line).await {
            return log::warn!("the sidecar's standard input cannot be written: {error}");
        }
    }
}

async fn write_line(stdin: &mut (impl AsyncWrite + Unpin), line: &[u8]) -> io::Result<()> {
    stdin.write_all(line).await?;
    stdin.flush().await
}

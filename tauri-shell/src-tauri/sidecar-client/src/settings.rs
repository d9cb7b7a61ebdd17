//! How a sidecar is started and looked after.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use crate::restarts::RestartPolicy;

/// How a sidecar is started and looked after.
#[derive(Debug, Clone)]
pub struct Settings {
    /// the program; a path, so that nothing on PATH can stand in for it
    pub program: PathBuf,
    /// its arguments
    pub arguments: Vec<OsString>,
    /// how long an answer is waited for, a start or restart of the program included
    pub call_limit: Duration,
    /// how long the program may take to send `ready`; after that it counts as crashed
    pub ready_limit: Duration,
    /// how long it may take to end once it was asked to; after that it is killed
    pub end_limit: Duration,
    /// what happens after a crash
    pub restarts: RestartPolicy,
}

impl Settings {
    /// The usual settings for a program.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            arguments: Vec::new(),
            call_limit: Duration::from_secs(60), // longer than any step of the sidecar, a slow camera's start included
            ready_limit: Duration::from_secs(30), // a one-file build unpacks itself first, and virus scanners look at it
            end_limit: Duration::from_secs(3),
            restarts: RestartPolicy::default(),
        }
    }
}

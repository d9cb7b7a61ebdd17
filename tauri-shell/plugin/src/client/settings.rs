//! The settings of a sidecar.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use super::restarts::RestartPolicy;

/// The program to start, its time limits and its restarts.
#[derive(Debug, Clone)]
pub struct Settings {
    /// the path of the program; it is not looked up in PATH
    pub program: PathBuf,
    /// a sentence for the error of a missing program: how to get the program
    pub if_missing: String,
    /// its arguments
    pub arguments: Vec<OsString>,
    /// the time limit of a call, a start or restart of the program included
    pub call_limit: Duration,
    /// the time for the program to send `ready`; after that it counts as crashed
    pub ready_limit: Duration,
    /// the time for the program to end after a request; after that it is killed
    pub end_limit: Duration,
    /// the restarts after a crash
    pub restarts: RestartPolicy,
}

impl Settings {
    /// Return the default settings for a program.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            if_missing: String::new(),
            arguments: Vec::new(),
            call_limit: Duration::from_secs(60), // longer than opening a slow camera takes
            ready_limit: Duration::from_secs(30), // a one-file build unpacks itself first, while virus scanners read it
            end_limit: Duration::from_secs(3),
            restarts: RestartPolicy::default(),
        }
    }
}

//! The options of the plugin in code.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::client::{RestartPolicy, Settings};
use crate::configuration::MediaDevices;
use crate::frozen_folder;

/// The options of the plugin. The section `plugins.camera-sidecar` of `tauri.conf.json` has priority: its `program` and
/// its `mediaDevices` replace these options, and its `arguments` follow these arguments.
///
/// ```no_run
/// # fn plugin() -> tauri_plugin_camera_sidecar::CameraSidecarPlugin {
/// tauri_plugin_camera_sidecar::Builder::new().arguments(["--peers", "local"]).build()
/// # }
/// ```
#[derive(Debug, Clone, Default)]
pub struct Builder {
    pub(crate) program: Option<PathBuf>,
    arguments: Vec<OsString>,
    call_limit: Option<Duration>,
    ready_limit: Option<Duration>,
    end_limit: Option<Duration>,
    restarts: Option<RestartPolicy>,
    pub(crate) media_devices: MediaDevices,
}

impl Builder {
    /// Return the default options.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Set the path of the program. A relative path is relative to the folder of the app's resources.
    #[must_use]
    pub fn program(mut self, program: impl Into<PathBuf>) -> Self {
        self.program = Some(program.into());
        self
    }

    /// Set the arguments of the program's command line.
    #[must_use]
    pub fn arguments(mut self, arguments: impl IntoIterator<Item = impl Into<OsString>>) -> Self {
        self.arguments = arguments.into_iter().map(Into::into).collect();
        self
    }

    /// Set the time limit of a call: 60 s by default.
    #[must_use]
    pub fn call_limit(mut self, limit: Duration) -> Self {
        self.call_limit = Some(limit);
        self
    }

    /// Set the time limit of the program's start: 30 s by default.
    #[must_use]
    pub fn ready_limit(mut self, limit: Duration) -> Self {
        self.ready_limit = Some(limit);
        self
    }

    /// Set the time limit of the program's end, after which it is killed: 3 s by default.
    #[must_use]
    pub fn end_limit(mut self, limit: Duration) -> Self {
        self.end_limit = Some(limit);
        self
    }

    /// Set when a crashed program is restarted.
    #[must_use]
    pub fn restarts(mut self, policy: RestartPolicy) -> Self {
        self.restarts = Some(policy);
        self
    }

    /// Set when the plugin gives the cameras to `navigator.mediaDevices`.
    #[must_use]
    pub fn media_devices(mut self, when: MediaDevices) -> Self {
        self.media_devices = when;
        self
    }

    /// Return the settings of the process. `configured` are the options of `tauri.conf.json`.
    pub(crate) fn settings(self, program: PathBuf, configured: Vec<OsString>) -> Settings {
        let default = Settings::new(program);
        Settings {
            if_missing: frozen_folder::advice(Path::new("src-tauri")),
            arguments: [self.arguments, configured].concat(),
            call_limit: self.call_limit.unwrap_or(default.call_limit),
            ready_limit: self.ready_limit.unwrap_or(default.ready_limit),
            end_limit: self.end_limit.unwrap_or(default.end_limit),
            restarts: self.restarts.unwrap_or(default.restarts),
            program: default.program,
        }
    }
}

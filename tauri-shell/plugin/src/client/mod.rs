//! A client for the camera sidecar: starts the program, calls its methods, forwards its notifications, restarts it
//! after a crash, and ends it.
//!
//! ```no_run
//! # async fn example() -> Result<(), tauri_plugin_camera_sidecar::client::CallError> {
//! use tauri_plugin_camera_sidecar::client::{Settings, Sidecar};
//!
//! let sidecar = Sidecar::start(Settings::new("camera-sidecar/camera-sidecar"));
//! let cameras = sidecar.call("get_available_cameras", None).await?;
//! sidecar.shut_down().await;
//! # Ok(()) }
//! ```
//!
//! The protocol is JSON-RPC 2.0 over the program's standard input and output, one message per line (`\n`, UTF-8). A
//! line that is no message is logged and ignored. Standard error is read all the time and logged; its last lines are
//! kept.

mod environment;
mod error;
mod framing;
mod group;
mod message;
mod process;
mod restarts;
mod rpc_client;
mod settings;
mod sidecar;
mod state;
mod stderr;
mod supervisor;

pub use error::{CallError, RpcError};
pub use message::Notification;
pub use restarts::RestartPolicy;
pub use settings::Settings;
pub use sidecar::Sidecar;
pub use state::{Event, State, StateName};
// The types of `listen`, so that a user of this crate needs no dependency on tokio.
pub use tokio::sync::broadcast::{Receiver, error::RecvError};

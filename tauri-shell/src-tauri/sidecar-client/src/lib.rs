//! A client for the camera sidecar: starts the program, calls its methods, passes its notifications on, starts it again
//! after a crash, and ends it.
//!
//! ```no_run
//! # async fn example() -> Result<(), sidecar_client::CallError> {
//! use sidecar_client::{Settings, Sidecar};
//!
//! let sidecar = Sidecar::start(Settings::new("camera-sidecar/camera-sidecar"));
//! let cameras = sidecar.call("get_available_cameras", None).await?;
//! sidecar.shut_down().await;
//! # Ok(()) }
//! ```
//!
//! The wire is JSON-RPC 2.0, one message a line (`\n`, UTF-8), over the program's standard input and output. A line that
//! is no message is logged and costs nothing but itself. Standard error is read all the time, logged, and its end kept.

mod connection;
mod environment;
mod error;
mod framing;
mod group;
mod message;
mod process;
mod restarts;
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
// What `listen` returns, so that whoever uses it need not name tokio among its own dependencies.
pub use tokio::sync::broadcast::{Receiver, error::RecvError};

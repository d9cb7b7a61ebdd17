//! The sidecar's standard error. It is read all the time, so that writing never blocks, and logged; the last lines are
//! kept.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::io::{AsyncRead, BufReader};

use super::framing::{Line, Lines};

const MAX_LINE_BYTES: usize = 64 * 1024;
const KEPT_LINES: usize = 200;

/// The last lines of all processes since the start.
#[derive(Clone, Default)]
pub struct LastLines(Arc<Mutex<VecDeque<String>>>);

impl LastLines {
    /// Return the lines, oldest first.
    pub fn get(&self) -> Vec<String> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    fn keep(&self, line: String) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == KEPT_LINES {
            lines.pop_front();
        }
        lines.push_back(line);
    }
}

/// Read the stream to its end.
pub async fn drain(stream: impl AsyncRead + Unpin, last_lines: LastLines) {
    let mut lines = Lines::new(BufReader::new(stream), MAX_LINE_BYTES);
    while let Ok(Some(line)) = lines.next().await {
        let text = match line {
            Line::Whole(bytes) => String::from_utf8_lossy(&bytes).trim_end().to_owned(),
            Line::TooLong(length) => format!("(a line of {length} bytes)"),
        };
        log::info!(target: "sidecar", "{text}");
        last_lines.keep(text);
    }
}

//! When to start a crashed program again.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// When to start a crashed program again.
#[derive(Debug, Clone)]
pub struct RestartPolicy {
    /// the wait before a restart with no other in the window; each one in the window doubles it
    pub first_delay: Duration,
    /// the longest wait
    pub max_delay: Duration,
    /// one crash more than this within the window, and it is given up
    pub max_restarts: usize,
    /// how long a restart counts
    pub window: Duration,
}

impl Default for RestartPolicy {
    fn default() -> Self {
        Self {
            first_delay: Duration::from_millis(300),
            max_delay: Duration::from_secs(7),
            max_restarts: 6,
            window: Duration::from_secs(120),
        }
    }
}

/// The restarts there were, as far as they still count.
#[derive(Debug)]
pub struct Restarts {
    policy: RestartPolicy,
    recent: VecDeque<Instant>,
}

impl Restarts {
    pub fn new(policy: RestartPolicy) -> Self {
        Self { policy, recent: VecDeque::new() }
    }

    /// The wait before the next restart; None when there were too many.
    pub fn next_delay(&mut self, now: Instant) -> Option<Duration> {
        let window = self.policy.window;
        self.recent.retain(|&restart| now.duration_since(restart) < window);
        if self.recent.len() >= self.policy.max_restarts {
            return None;
        }
        let doublings = u32::try_from(self.recent.len()).unwrap_or(u32::MAX);
        let delay = self.policy.first_delay.saturating_mul(2_u32.saturating_pow(doublings));
        self.recent.push_back(now);
        Some(delay.min(self.policy.max_delay))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wait_doubles_up_to_a_limit_and_then_it_is_given_up() {
        let mut restarts = Restarts::new(RestartPolicy::default());
        let now = Instant::now();
        let delays: Vec<_> = std::iter::from_fn(|| restarts.next_delay(now)).map(|delay| delay.as_millis()).collect();
        assert_eq!(delays, [300, 600, 1200, 2400, 4800, 7000]);
    }

    #[test]
    fn what_is_long_ago_counts_no_more() {
        let policy = RestartPolicy::default();
        let mut restarts = Restarts::new(policy.clone());
        let start = Instant::now();
        while restarts.next_delay(start).is_some() {}
        assert_eq!(restarts.next_delay(start + policy.window / 2), None);
        assert_eq!(restarts.next_delay(start + policy.window), Some(policy.first_delay));
    }
}

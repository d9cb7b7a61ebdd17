//! The delays between the restarts of a crashed program.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// When a crashed program is restarted.
#[derive(Debug, Clone)]
pub struct RestartPolicy {
    /// the delay before the second restart in the window; each further restart doubles it. The first restart has no
    /// delay, because a single crash of a program that ran well rarely repeats
    pub first_delay: Duration,
    /// the longest delay
    pub max_delay: Duration,
    /// the restarts within the window; a further crash is final
    pub max_restarts: usize,
    /// the time for which a restart counts
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

/// The restarts within the window.
#[derive(Debug)]
pub struct Restarts {
    policy: RestartPolicy,
    recent: VecDeque<Instant>,
}

impl Restarts {
    pub fn new(policy: RestartPolicy) -> Self {
        Self { policy, recent: VecDeque::new() }
    }

    /// Return the delay before the next restart; None when there were too many.
    pub fn next_delay(&mut self, now: Instant) -> Option<Duration> {
        let window = self.policy.window;
        self.recent.retain(|&restart| now.duration_since(restart) < window);
        if self.recent.len() >= self.policy.max_restarts {
            return None;
        }
        let delay = self.recent.len().checked_sub(1).map_or(Duration::ZERO, |doublings| self.doubled(doublings));
        self.recent.push_back(now);
        Some(delay)
    }

    fn doubled(&self, times: usize) -> Duration {
        let factor = 2_u32.saturating_pow(u32::try_from(times).unwrap_or(u32::MAX));
        self.policy.first_delay.saturating_mul(factor).min(self.policy.max_delay)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_restart_has_no_delay_the_next_ones_double_it_and_their_number_is_limited() {
        let policy = RestartPolicy { max_delay: Duration::from_secs(2), ..RestartPolicy::default() };
        let mut restarts = Restarts::new(policy);
        let now = Instant::now();
        let delays: Vec<_> = std::iter::from_fn(|| restarts.next_delay(now)).map(|delay| delay.as_millis()).collect();
        assert_eq!(delays, [0, 300, 600, 1200, 2000, 2000]);
    }

    #[test]
    fn restarts_before_the_window_do_not_count() {
        let policy = RestartPolicy::default();
        let mut restarts = Restarts::new(policy.clone());
        let start = Instant::now();
        while restarts.next_delay(start).is_some() {}
        assert_eq!(restarts.next_delay(start + policy.window / 2), None);
        assert_eq!(restarts.next_delay(start + policy.window), Some(Duration::ZERO));
    }
}

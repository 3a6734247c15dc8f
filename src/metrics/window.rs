//! Events a second over the time just past.
//!
//! It reads no clock: times are given to it, on whatever clock the caller has.

use std::time::Duration;

/// Parts of a window; it moves on by one of them at a time.
const PARTS: usize = 60;

/// Counts events of the last so many seconds in sixty parts, of which the oldest is forgotten when a new one begins.
///
/// Feed it what a recorder saw since it was last taken:
/// ```
/// use perfblocks::metrics::{RateWindow, Recorder, Status};
/// use std::time::Duration;
///
/// let recorder = Recorder::default();
/// let pull = recorder.operation("pull");
/// let mut rate = RateWindow::new(Duration::from_secs(60), Duration::ZERO);
/// for second in 1..=10 {
///     (0..20).for_each(|_| recorder.count(pull, Status::Ok));
///     rate.add(Duration::from_secs(second), recorder.take().operations[0].ok);
/// }
/// assert_eq!(rate.per_second(Duration::from_secs(10)), Some(20.0));
/// ```
#[derive(Clone, Debug)]
pub struct RateWindow {
    part_ns: u64,
    started: Duration,
    /// Number of the newest part, counted from the start.
    newest: u64,
    parts: [u64; PARTS],
}

impl RateWindow {
    /// A window over `span`, rounded up to whole nanoseconds for each part, that begins to count at `now`.
    pub fn new(span: Duration, now: Duration) -> Self {
        let part_ns = nanos(span).div_ceil(PARTS as u64).max(1);
        Self { part_ns, started: now, newest: 0, parts: [0; PARTS] }
    }

    /// Counts events that have just happened. Those of an earlier time than the newest count as of the newest.
    pub fn add(&mut self, now: Duration, events: u64) {
        self.move_to(now);
        let part = &mut self.parts[place(self.newest)];
        *part = part.saturating_add(events);
    }

    /// Events a second over the window, or since the start where that is less; none at the start.
    ///
    /// The part that has just begun counts as far as it has gone, so what is covered is between 59/60 of the span and all
    /// of it.
    pub fn per_second(&mut self, now: Duration) -> Option<f64> {
        self.move_to(now);
        let oldest = self.newest.saturating_sub(PARTS as u64 - 1);
        let covered = nanos(now.saturating_sub(self.started)).saturating_sub(oldest.saturating_mul(self.part_ns));
        let events: f64 = self.parts.iter().map(|events| *events as f64).sum();
        (covered > 0).then(|| events * 1e9 / covered as f64)
    }

    /// Forgets the parts that have left the window.
    fn move_to(&mut self, now: Duration) {
        let part = nanos(now.saturating_sub(self.started)) / self.part_ns;
        let passed = part.saturating_sub(self.newest).min(PARTS as u64);
        for step in 0..passed {
            self.parts[place(part - step)] = 0;
        }
        self.newest = self.newest.max(part);
    }
}

fn place(part: u64) -> usize {
    (part % PARTS as u64) as usize
}

/// Nanoseconds, up to 584 years.
fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[track_caller]
    fn check(events: &[(u64, u64)], now: u64, expected: Option<f64>) {
        let mut window = RateWindow::new(seconds(60), seconds(100));
        for &(at, count) in events {
            window.add(seconds(at), count);
        }
        assert_eq!(window.per_second(seconds(now)), expected);
    }

    #[test]
    fn a_rate_is_of_the_last_minute() {
        check(&[], 100, None);
        check(&[], 101, Some(0.0));
        check(&[(100, 30)], 110, Some(3.0));
        check(&[(100, 30), (105, 20)], 110, Some(5.0));
        check(&[(100, 30), (200, 118)], 201, Some(2.0));
        check(&[(100, 30), (200, 118)], 1000, Some(0.0));
        check(&[(100, 30)], u64::MAX, Some(0.0));
    }

    #[test]
    fn time_that_goes_back_counts_as_the_newest() {
        check(&[(130, 10), (90, 20)], 130, Some(1.0));
    }

    proptest! {
        #[test]
        fn a_steady_rate_is_found_whatever_the_steps(every_ms in 1_u64..900, each in 1_u64..1000) {
            let mut window = RateWindow::new(seconds(60), Duration::ZERO);
            let mut now = Duration::ZERO;
            while now < seconds(100) {
                now += Duration::from_millis(every_ms);
                window.add(now, each);
            }
            let expected = each as f64 * 1000.0 / every_ms as f64;
            let found = window.per_second(now).unwrap();
            // One step more or less at each end.
            let tolerance = 2.0 * each as f64 / 59.0;
            prop_assert!((found - expected).abs() <= tolerance, "{found} for {expected}");
        }
    }
}

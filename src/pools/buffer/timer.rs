//! A thread that adapts a pool again and again.
//!
//! It is optional: a program with a loop of its own calls [`BufferPool::adapt`] from there.

use super::pool::BufferPool;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

/// Adapts a pool at intervals until it is stopped or dropped; both wait for its thread to end.
///
/// ```
/// use perfblocks::pools::buffer::{BufferPool, Settings, Timer};
/// use std::sync::Arc;
///
/// let pool = Arc::new(BufferPool::new(Settings::default())?);
/// let timer = Timer::start(Arc::clone(&pool), Timer::INTERVAL)?;
/// assert_eq!(timer.stop(), 0); // within five minutes
/// assert_eq!(Arc::strong_count(&pool), 1); // its thread has ended
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
#[must_use = "dropped at once, it stops"]
pub struct Timer {
    /// Never sent to; its end is the sign to stop. `None` once that was given.
    running: Option<Sender<()>>,
    /// Returns how often it adapted the pool.
    thread: Option<JoinHandle<u64>>,
}

impl Timer {
    /// Five minutes, as netresearch/ofelia adapts its pool.
    pub const INTERVAL: Duration = Duration::from_secs(300);

    /// Starts the thread.
    ///
    /// # Errors
    /// The system has no thread to give.
    pub fn start(pool: Arc<BufferPool>, interval: Duration) -> io::Result<Self> {
        let (running, stopped) = channel::<()>();
        let adapt = move || {
            let mut times = 0;
            while stopped.recv_timeout(interval) == Err(RecvTimeoutError::Timeout) {
                pool.adapt();
                times += 1;
            }
            times
        };
        let thread = Builder::new().name("buffer-pool".to_owned()).spawn(adapt)?;
        Ok(Self { running: Some(running), thread: Some(thread) })
    }

    /// Ends the thread and waits for it; how often it adapted the pool.
    pub fn stop(mut self) -> u64 {
        self.end()
    }

    fn end(&mut self) -> u64 {
        drop(self.running.take());
        self.thread.take().map_or(0, |thread| thread.join().expect("adapting runs no foreign code that could panic"))
    }
}

impl Drop for Timer {
    fn drop(&mut self) {
        self.end();
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Prewarm, Settings};
    use super::*;

    #[test]
    fn a_timer_adapts_until_it_is_stopped_and_leaves_no_thread() {
        let pool = Arc::new(BufferPool::new(Settings::default()).unwrap());
        pool.prewarm(Prewarm::Count(50));
        let timer = Timer::start(Arc::clone(&pool), Duration::from_millis(1)).unwrap();
        // Down to the two places of each tier, in so many steps as that takes.
        while pool.stats().tiers().iter().any(|tier| tier.kept > 2) {
            std::thread::yield_now();
        }
        assert!(timer.stop() >= 7, "50, 33, 22, 14, 9, 6, 4, 2");
        assert_eq!(Arc::strong_count(&pool), 1);
    }

    #[test]
    fn dropping_a_timer_stops_it_before_its_interval_is_over() {
        let pool = Arc::new(BufferPool::new(Settings::default()).unwrap());
        drop(Timer::start(Arc::clone(&pool), Timer::INTERVAL).unwrap());
        assert_eq!(Arc::strong_count(&pool), 1);
    }
}

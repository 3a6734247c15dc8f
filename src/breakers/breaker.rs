//! The circuit breaker.
//!
//! Who may write the state word: in the closed state anybody, by compare-and-swap, to count failures in a row; every
//! change of state, and all that half-open needs, happens under one lock. The user's code never runs under it.
//!
//! A call that succeeds in the closed state reads the word before and after, as the state may change meanwhile, and adds one to
//! a number of its thread's own. That sum is what limits it: each call waits for the store of the last, and exact totals without
//! a line that all threads write are not to be had for less.

use super::clock::{Clock, Monotonic, nanos};
use super::counts::{Counts, EVENTS, Event};
use super::in_flight::InFlight;
use super::outcome::{Outcome, Rejection};
use super::permit::Permit;
use super::settings::{Settings, SettingsError};
use super::tally::Tallies;
pub use super::word::State;
use super::word::Word;
use crate::sync::atomic::{AtomicU64, Ordering};
use crate::sync::{Mutex, MutexGuard};
use std::fmt;
use std::sync::PoisonError;
use std::time::Duration;

/// A circuit breaker. Share it by reference or `Arc`; calls on any number of threads.
///
/// ```
/// use perfblocks::breakers::{Breaker, Outcome, Rejection, Settings};
///
/// let breaker = Breaker::new(Settings { failure_threshold: 2, ..Settings::default() })?;
/// assert_eq!(breaker.call(|| Ok::<_, &str>(7)), Outcome::Ok(7));
/// for _ in 0..2 {
///     assert_eq!(breaker.call(|| Err::<(), _>("refused")), Outcome::Failed("refused"));
/// }
/// assert_eq!(breaker.call(|| Ok::<_, &str>(7)), Outcome::Rejected(Rejection::Open));
/// # Ok::<(), perfblocks::breakers::SettingsError>(())
/// ```
pub struct Breaker<C = Monotonic> {
    word: AtomicU64,
    /// Nanoseconds of the clock at which an open breaker tries again; written before the word says open.
    retry_at: AtomicU64,
    in_flight: InFlight,
    turns: Mutex<Turns>,
    tallies: Tallies<EVENTS>,
    settings: Settings,
    clock: C,
}

/// What only changes of state touch.
#[derive(Debug, Default)]
struct Turns {
    /// Trials that run.
    trying: u32,
    /// Trials that succeeded.
    proven: u32,
    opened: u64,
    opened_at: Duration,
    open_time: Duration,
}

impl Turns {
    /// From open to half-open.
    fn try_again(&mut self, now: Duration) {
        self.open_time += now.saturating_sub(self.opened_at);
        self.trying = 0;
        self.proven = 0;
    }
}

impl Breaker {
    /// A closed breaker on the system's monotonic clock.
    ///
    /// # Errors
    /// A breaker could not work under these settings.
    pub fn new(settings: Settings) -> Result<Self, SettingsError> {
        Self::with_clock(settings, Monotonic::default())
    }
}

impl<C: Clock> Breaker<C> {
    /// A closed breaker that measures recovery by `clock`.
    ///
    /// # Errors
    /// A breaker could not work under these settings.
    pub fn with_clock(settings: Settings, clock: C) -> Result<Self, SettingsError> {
        let settings = settings.checked()?;
        Ok(Self {
            word: AtomicU64::new(Word::new(0, if settings.is_enabled { State::Closed } else { State::Disabled }).0),
            retry_at: AtomicU64::new(0),
            in_flight: InFlight::new(settings.max_in_flight),
            turns: Mutex::new(Turns::default()),
            tallies: Tallies::new(),
            settings,
            clock,
        })
    }

    /// Runs `call` if the state allows it; every error counts as a failure.
    ///
    /// # Panics
    /// If `call` does, which counts as a failure.
    #[inline]
    pub fn call<T, E>(&self, call: impl FnOnce() -> Result<T, E>) -> Outcome<T, E> {
        self.call_where(|_| true, call)
    }

    /// Runs `call` if the state allows it. An error for which `is_failure` is false counts as a success: the other side
    /// answered, as with "no such container".
    ///
    /// # Panics
    /// If `call` or `is_failure` does, which counts as a failure.
    #[inline]
    pub fn call_where<T, E>(
        &self,
        is_failure: impl FnOnce(&E) -> bool,
        call: impl FnOnce() -> Result<T, E>,
    ) -> Outcome<T, E> {
        let permit = match self.permit() {
            Ok(permit) => permit,
            Err(rejection) => return Outcome::Rejected(rejection),
        };
        match call() {
            Ok(value) => {
                permit.succeed();
                Outcome::Ok(value)
            }
            Err(error) => {
                if is_failure(&error) {
                    permit.fail();
                } else {
                    permit.succeed();
                }
                Outcome::Failed(error)
            }
        }
    }

    /// Permission for one call.
    ///
    /// # Errors
    /// The call must not run.
    #[inline]
    pub fn permit(&self) -> Result<Permit<'_, C>, Rejection> {
        let word = self.word();
        if word.state() == State::Closed && self.in_flight.acquire() {
            return Ok(Permit::new(self, word.generation()));
        }
        if word.state() == State::Disabled {
            return Ok(Permit::of_nobody());
        }
        self.permit_or_count(word)
    }

    #[cold]
    fn permit_or_count(&self, word: Word) -> Result<Permit<'_, C>, Rejection> {
        let admitted = match word.state() {
            State::Closed | State::Disabled => Err(Rejection::Limit),
            State::Open => self.permit_open(),
            State::HalfOpen => self.admit(&mut self.turns()),
        };
        admitted.inspect_err(|rejection| {
            self.count(match rejection {
                Rejection::Open => Event::RejectedOpen,
                Rejection::HalfOpen => Event::RejectedHalfOpen,
                Rejection::Limit => Event::RejectedLimit,
            });
        })
    }

    /// The state now. An open breaker whose recovery time is over stays open until a call is made.
    pub fn state(&self) -> State {
        self.word().state()
    }

    /// Calls that run now; 0 where they are not limited and so not counted.
    pub fn in_flight(&self) -> u32 {
        self.in_flight.count()
    }

    /// What it has seen so far.
    pub fn counts(&self) -> Counts {
        let now = self.clock.now();
        let turns = self.turns();
        let still_open = if self.state() == State::Open { now.saturating_sub(turns.opened_at) } else { Duration::ZERO };
        Counts { opened: turns.opened, open_time: turns.open_time + still_open, ..Counts::of(self.tallies.sums()) }
    }

    /// The settings that it was made with.
    pub fn settings(&self) -> Settings {
        self.settings
    }

    /// Takes the verdict of a call that was let in during `generation`.
    pub(super) fn end(&self, generation: u32, verdict: Event) {
        self.in_flight.release();
        self.count(verdict);
        self.judge(generation, verdict);
    }

    /// The same for a call that succeeded: usually nothing has changed and there is no failure to forget.
    #[inline]
    pub(super) fn end_well(&self, generation: u32) {
        self.in_flight.release();
        self.count(Event::Succeeded);
        if self.word() != Word::new(generation, State::Closed) {
            self.judge(generation, Event::Succeeded);
        }
    }

    #[cold]
    fn judge(&self, generation: u32, verdict: Event) {
        loop {
            let word = self.word();
            if word.generation() != generation {
                return self.count(Event::Late);
            }
            let is_done = match (word.state(), verdict) {
                (State::Disabled, _) => true,
                (State::Closed, Event::Failed) => self.count_failure(word),
                (State::Closed, Event::Succeeded) => self.exchange(word, Word::new(generation, State::Closed)),
                (State::Closed, _) => true,
                (State::HalfOpen | State::Open, _) => return self.judge_trial(generation, verdict),
            };
            if is_done {
                return;
            }
        }
    }

    /// Counts a failure in a row, and opens at the threshold. False if the word was not `word` any more.
    fn count_failure(&self, word: Word) -> bool {
        if word.failures() + 1 < self.settings.failure_threshold {
            return self.exchange(word, word.with_failure());
        }
        let now = self.clock.now();
        let mut turns = self.turns();
        self.open(&mut turns, word, now)
    }

    /// A call in the open state: the first one after recovery becomes a trial.
    fn permit_open(&self) -> Result<Permit<'_, C>, Rejection> {
        let now = self.clock.now();
        if nanos(now) < self.retry_at.load(Ordering::Relaxed) {
            return Err(Rejection::Open);
        }
        let mut turns = self.turns();
        let word = self.word();
        // Another caller may have got here first, and its trial may even have failed already.
        if word.state() == State::Open {
            if nanos(now) < self.retry_at.load(Ordering::Relaxed) {
                return Err(Rejection::Open);
            }
            turns.try_again(now);
            self.word.store(word.next(State::HalfOpen).0, Ordering::Release);
        }
        self.admit(&mut turns)
    }

    /// Lets a call in, whatever the state is by now; under the lock.
    fn admit(&self, turns: &mut Turns) -> Result<Permit<'_, C>, Rejection> {
        let word = self.word();
        let is_trial = match word.state() {
            State::Open => return Err(Rejection::Open),
            State::HalfOpen if turns.trying + turns.proven >= self.settings.trials => return Err(Rejection::HalfOpen),
            State::HalfOpen => true,
            State::Closed | State::Disabled => false,
        };
        if !self.in_flight.acquire() {
            return Err(Rejection::Limit);
        }
        turns.trying += u32::from(is_trial);
        Ok(Permit::new(self, word.generation()))
    }

    fn judge_trial(&self, generation: u32, verdict: Event) {
        let now = self.clock.now();
        let mut turns = self.turns();
        let word = self.word();
        if word.generation() != generation {
            return self.count(Event::Late);
        }
        turns.trying -= 1;
        match verdict {
            Event::Succeeded => {
                turns.proven += 1;
                if turns.proven == self.settings.trials {
                    self.word.store(word.next(State::Closed).0, Ordering::Release);
                }
            }
            Event::Failed => {
                let has_opened = self.open(&mut turns, word, now);
                debug_assert!(has_opened, "a half-open word changes under the lock only");
            }
            _ => {}
        }
    }

    /// Opens, under the lock. False if the word was not `word` any more.
    fn open(&self, turns: &mut Turns, word: Word, now: Duration) -> bool {
        // Only under this lock does a word say open: while it is still `word`, nobody reads when to try again. Without this
        // look, a caller that comes late would overwrite the time of the opening that it missed.
        if self.word() != word {
            return false;
        }
        // Before the word: who sees it open must see when to try again.
        self.retry_at.store(nanos(now.saturating_add(self.settings.recovery)), Ordering::Relaxed);
        if !self.exchange(word, word.next(State::Open)) {
            return false;
        }
        turns.opened += 1;
        turns.opened_at = now;
        true
    }

    #[inline]
    fn word(&self) -> Word {
        Word(self.word.load(Ordering::Acquire))
    }

    fn exchange(&self, word: Word, next: Word) -> bool {
        self.word.compare_exchange(word.0, next.0, Ordering::AcqRel, Ordering::Relaxed).is_ok()
    }

    #[inline]
    fn count(&self, event: Event) {
        self.tallies.count(event as usize);
    }

    /// No foreign code runs under the lock, so what it guards is whole even after a panic.
    fn turns(&self) -> MutexGuard<'_, Turns> {
        self.turns.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<C: Clock> fmt::Debug for Breaker<C> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Breaker")
            .field("state", &self.state())
            .field("settings", &self.settings)
            .field("counts", &self.counts())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;

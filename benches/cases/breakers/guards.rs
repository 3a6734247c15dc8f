//! Bulkhead, limiters of rate, retries, and all guards as one.

use super::super::case::{Case, Threaded};
use super::super::harness::Harness;
use super::{noop, refuse};
use perfblocks::breakers::{
    Backoff, Bulkhead, Clock, ManualClock, PerKey, Quota, Retry, SlidingWindow, SplitMix, Stack, StackSettings, State,
    TokenBucket,
};
use std::cell::Cell;
use std::hash::{BuildHasherDefault, DefaultHasher};
use std::num::{NonZeroU32, NonZeroUsize};
use std::rc::Rc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// A clock that goes on by a step at each reading, so that tokens come back while nothing but the limiter is measured.
#[derive(Clone)]
struct Ticking {
    now: Rc<Cell<Duration>>,
    step: Duration,
}

impl Ticking {
    fn by(step: Duration) -> Self {
        Self { now: Rc::default(), step }
    }
}

impl Clock for Ticking {
    fn now(&self) -> Duration {
        let now = self.now.get() + self.step;
        self.now.set(now);
        now
    }
}

const SECOND: Duration = Duration::from_secs(1);

pub(super) fn cases(harness: &mut impl Harness) {
    bulkhead(harness);
    token_bucket(harness);
    sliding_window(harness);
    per_key(harness);
    retry(harness);
    stack(harness);
}

fn bulkhead(harness: &mut impl Harness) {
    let build = || Bulkhead::new(NonZeroU32::new(10).expect("above zero"));
    harness.case(
        Case::new("breakers/bulkhead/execute/free", build, |bulkhead: &mut Bulkhead| bulkhead.execute(noop))
            .check(|bulkhead, outcome| {
                assert_eq!(*outcome, Ok(Ok(7)));
                assert_eq!((bulkhead.counts().active, bulkhead.counts().rejected), (0, 0));
            })
            .counters(|bulkhead| {
                let counts = bulkhead.counts();
                vec![
                    ("completed", counts.completed),
                    ("rejected", counts.rejected),
                    ("active", u64::from(counts.active)),
                ]
            }),
    );
}

/// A token a second, and a second for each call.
fn token_bucket(harness: &mut impl Harness) {
    let build = || {
        TokenBucket::with_clock(Quota::RESILIENT_JOB, Ticking::by(SECOND)).expect("the documented defaults are sound")
    };
    harness.case(
        Case::new("breakers/ratelimit/token_bucket/allow", build, |bucket: &mut TokenBucket<Ticking>| bucket.allow())
            .check(|bucket, is_allowed| {
                assert!(is_allowed);
                assert_eq!(bucket.available(), Quota::RESILIENT_JOB.capacity);
            }),
    );
}

/// 1000 calls a second, of which each leaves the window as the next comes.
fn sliding_window(harness: &mut impl Harness) {
    const LIMIT: NonZeroUsize = NonZeroUsize::new(1000).expect("above zero");
    let build = || {
        let clock = Ticking::by(SECOND / 1000);
        let window = SlidingWindow::with_clock(LIMIT, SECOND, clock.clone());
        assert!((0..LIMIT.get()).all(|_| window.allow()));
        (window, clock)
    };
    let allow = |(window, _): &mut (SlidingWindow<Ticking>, _)| window.allow();
    harness.case(Case::new("breakers/ratelimit/sliding_window/1000", build, allow).check(
        |(window, clock), is_allowed| {
            assert!(is_allowed);
            // Looking reads the clock too, so the oldest has left. It is put back, for looking is no call.
            let now = clock.now.get();
            assert_eq!(window.calls(), LIMIT.get() - 1);
            clock.now.set(now);
        },
    ));
}

const KEYS: u64 = 64;

/// More tokens than a bench takes: what is timed is calls that are allowed.
const PLENTY: Quota = Quota::per_second(1_000_000_000, u32::MAX);

/// The limiter, and the number of threads that have begun.
struct Clients {
    limiter: PerKey<u64, BuildHasherDefault<DefaultHasher>, ManualClock>,
    threads: AtomicU64,
}

fn per_key(harness: &mut impl Harness) {
    let build = || {
        let places = NonZeroUsize::new(4 * KEYS as usize).expect("above zero");
        let limiter = PerKey::with_clock(PLENTY, places, BuildHasherDefault::default(), ManualClock::default());
        Clients { limiter: limiter.expect("the quota is sound"), threads: AtomicU64::new(0) }
    };
    // Each thread calls for the keys in an order of its own.
    let last = Cell::new(0_u64);
    let call = move |clients: &Clients| {
        if last.get() == 0 {
            last.set(1 + clients.threads.fetch_add(1, Ordering::Relaxed));
        }
        // Knuth's linear congruential generator, MMIX; its high bits are the good ones.
        last.set(last.get().wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407));
        clients.limiter.allow(&(last.get() >> 58))
    };
    harness.threaded(Threaded::new("breakers/ratelimit/per_key/mt", &[1, 2, 4, 8], build, call).check(
        |clients, iterations| {
            let taken = |key| u64::from(PLENTY.capacity - clients.limiter.available(&key));
            assert_eq!((0..KEYS).map(taken).sum::<u64>(), iterations);
        },
    ));
}

/// Attempts without delays.
fn retries() -> Retry<impl Fn() -> u64> {
    let random = SplitMix::new(7);
    Retry::new(Backoff { initial: Duration::ZERO, ..Backoff::DEFAULT }, move || random.next())
        .expect("the documented defaults are sound")
}

fn no_delay(delay: Duration) {
    unreachable!("a delay of {delay:?}");
}

fn retry(harness: &mut impl Harness) {
    harness.case(
        Case::new("breakers/retry/first_ok/noop", retries, |retry| retry.call(|_| true, no_delay, noop))
            .check(|_, outcome| assert_eq!(*outcome, Ok(7))),
    );
    let third = |retry: &mut Retry<_>| {
        let mut attempts = 0;
        let outcome = retry.call(
            |_| true,
            no_delay,
            || {
                attempts += 1;
                if attempts < 3 { refuse() } else { noop() }
            },
        );
        (outcome, attempts)
    };
    harness.case(
        Case::new("breakers/retry/third_ok/no_delay", retries, third)
            .check(|_, outcome| assert_eq!(*outcome, (Ok(7), 3))),
    );
}

/// A call that passes all guards, with the defaults of the jobs: a second for each, since a token comes each second.
fn stack(harness: &mut impl Harness) {
    let build = || {
        let random = SplitMix::new(7);
        Stack::new(StackSettings::RESILIENT_JOB, Ticking::by(SECOND), move || random.next(), no_delay)
            .expect("the documented defaults are sound")
    };
    harness.case(
        Case::new("breakers/stack/full_stack/ok", build, |stack: &mut Stack<Ticking, _, _>| stack.call(|_| true, noop))
            .check(|stack, outcome| {
                assert_eq!(*outcome, Ok(7));
                assert_eq!((stack.breaker().state(), stack.bulkhead().counts().active), (State::Closed, 0));
            })
            .counters(|stack| {
                let counts = stack.bulkhead().counts();
                vec![("completed", counts.completed), ("rejected", counts.rejected)]
            }),
    );
}

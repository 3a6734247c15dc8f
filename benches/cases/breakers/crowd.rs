//! Many callers at once, each on a thread of its own, and each keeps its permit until all have asked.

use super::super::case::{Case, Throughput};
use super::super::harness::Harness;
use super::{Breakers, breaker, fail};
use perfblocks::breakers::{ManualClock, Settings, State};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Barrier};
use std::thread::JoinHandle;

/// A breaker and the callers that race for it, this thread among them. The others end when it is dropped.
///
/// They park wherever they wait for each other: 256 that spin on few cores would take seconds.
struct Crowd {
    scene: Arc<Scene>,
    others: Vec<JoinHandle<()>>,
    /// Of the last race.
    result: Race,
}

struct Scene {
    breaker: Breakers,
    clock: Arc<ManualClock>,
    /// Where all callers meet: at the start of a race, when all have asked, when all are done.
    all: Barrier,
    is_over: AtomicBool,
    admitted: AtomicU64,
    rejected: AtomicU64,
}

/// How a race ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Race {
    admitted: u64,
    rejected: u64,
}

impl Scene {
    /// One caller in one race. False if there was none: it is over.
    fn race(&self) -> bool {
        self.all.wait();
        if self.is_over.load(Ordering::Relaxed) {
            return false;
        }
        let permit = self.breaker.permit();
        let count = if permit.is_ok() { &self.admitted } else { &self.rejected };
        count.fetch_add(1, Ordering::Relaxed);
        self.all.wait();
        if let Ok(permit) = permit {
            permit.succeed();
        }
        self.all.wait();
        true
    }
}

impl Crowd {
    fn new(callers: usize) -> Self {
        let (breaker, clock) = breaker();
        let scene = Arc::new(Scene {
            breaker,
            clock,
            all: Barrier::new(callers),
            is_over: AtomicBool::new(false),
            admitted: AtomicU64::new(0),
            rejected: AtomicU64::new(0),
        });
        let attend = |_| {
            let scene = Arc::clone(&scene);
            std::thread::spawn(move || while scene.race() {})
        };
        let others = (1..callers).map(attend).collect();
        Self { scene, others, result: Race::default() }
    }

    fn race(&mut self) -> Race {
        self.scene.race();
        let count = |count: &AtomicU64| count.swap(0, Ordering::Relaxed);
        self.result = Race { admitted: count(&self.scene.admitted), rejected: count(&self.scene.rejected) };
        self.result
    }

    fn counters(&self) -> Vec<(&'static str, u64)> {
        vec![
            ("admitted", self.result.admitted),
            ("rejected", self.result.rejected),
            ("in_flight", u64::from(self.scene.breaker.in_flight())),
        ]
    }
}

impl Drop for Crowd {
    fn drop(&mut self) {
        self.scene.is_over.store(true, Ordering::Relaxed);
        self.scene.all.wait();
        for other in self.others.drain(..) {
            other.join().expect("a caller does not panic");
        }
    }
}

pub(super) fn cases(harness: &mut impl Harness) {
    recovery(harness);
    limit(harness);
}

/// 64 callers find an open breaker whose recovery is over: as many run as are permitted trials, and close it.
fn recovery(harness: &mut impl Harness) {
    const CALLERS: u64 = 64;
    const TRIALS: u64 = Settings::DOCKER_CLIENT.trials as u64;
    let race = |crowd: &mut Crowd| {
        fail(&crowd.scene.breaker);
        crowd.scene.clock.advance(Settings::DOCKER_CLIENT.recovery);
        crowd.race()
    };
    harness.case(
        Case::new("breakers/circuit/half_open/race", || Crowd::new(CALLERS as usize), race)
            .check(|crowd, race| {
                assert_eq!(*race, Race { admitted: TRIALS, rejected: CALLERS - TRIALS });
                assert_eq!((crowd.scene.breaker.state(), crowd.scene.breaker.in_flight()), (State::Closed, 0));
            })
            .counters(Crowd::counters)
            .throughput(Throughput::Elements(CALLERS)),
    );
}

/// 256 callers, of whom 200 may be in flight.
fn limit(harness: &mut impl Harness) {
    const CALLERS: u64 = 256;
    harness.case(
        Case::new("breakers/circuit/limit/200", || Crowd::new(CALLERS as usize), Crowd::race)
            .check(|crowd, race| {
                assert_eq!(*race, Race { admitted: 200, rejected: 56 });
                assert_eq!((crowd.scene.breaker.state(), crowd.scene.breaker.in_flight()), (State::Closed, 0));
            })
            .counters(Crowd::counters)
            .throughput(Throughput::Elements(CALLERS)),
    );
}

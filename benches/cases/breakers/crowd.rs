//! Many callers at once, each on a thread of its own, and each keeps its permit until all have asked.

use super::super::case::{Case, Measures, Throughput};
use super::super::crew::Crew;
use super::super::harness::Harness;
use super::{Breakers, breaker, fail};
use perfblocks::breakers::{ManualClock, Settings, State};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier};

/// A breaker and the callers that race for it. The threads end when it is dropped.
struct Crowd {
    scene: Arc<Scene>,
    race: Box<dyn FnMut()>,
    /// Of the last race.
    result: Race,
}

struct Scene {
    breaker: Breakers,
    clock: Arc<ManualClock>,
    all_have_asked: Barrier,
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
    /// One caller.
    fn call(&self) {
        let permit = self.breaker.permit();
        let count = if permit.is_ok() { &self.admitted } else { &self.rejected };
        count.fetch_add(1, Ordering::Relaxed);
        self.all_have_asked.wait();
        if let Ok(permit) = permit {
            permit.succeed();
        }
    }
}

impl Crowd {
    fn new(callers: usize) -> Self {
        let (breaker, clock) = breaker();
        let all_have_asked = Barrier::new(callers);
        let (admitted, rejected) = (AtomicU64::new(0), AtomicU64::new(0));
        let scene = Arc::new(Scene { breaker, clock, all_have_asked, admitted, rejected });
        let mut crew = Crew::new(callers, Arc::clone(&scene), Scene::call);
        // Each thread has a share of one call.
        let race = Box::new(move || {
            crew.run(callers as u64);
        });
        Self { scene, race, result: Race::default() }
    }

    fn race(&mut self) -> Race {
        (self.race)();
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
            .throughput(Throughput::Elements(CALLERS))
            .measures(Measures::Heap),
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
            .throughput(Throughput::Elements(CALLERS))
            .measures(Measures::Heap),
    );
}

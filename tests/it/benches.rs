//! The benches as a whole: how cases are named, which there are, and how threads share the iterations of one.

use super::cases::case::{Case, Measures, Threaded};
use super::cases::cold::Cold;
use super::cases::crew::Crew;
use super::cases::harness::Harness;
use super::cases::id::CaseId;
use super::cases::{breakers, executor, metrics, pools, serialization};
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};
use std::thread::ThreadId;

/// Notes ids instead of measuring.
#[derive(Default)]
struct Ids {
    time: Vec<String>,
    heap: Vec<String>,
}

impl Harness for Ids {
    fn case<S: 'static, I, O: 'static, Build, Input, Run>(&mut self, case: Case<S, O, Build, Input, Run>)
    where
        Build: FnMut() -> S,
        Input: FnMut() -> I,
        Run: FnMut(&mut S, I) -> O,
    {
        if case.measures != Measures::Heap {
            self.time.push(case.id.to_string());
        }
        if case.measures != Measures::Time {
            self.heap.push(case.id.to_string());
        }
    }

    fn threaded<S, O: 'static, Build, Run>(&mut self, case: Threaded<S, Build, Run>)
    where
        S: Send + Sync + 'static,
        Build: Fn() -> S,
        Run: Fn(&S) -> O + Clone + Send + 'static,
    {
        let ids = || case.threads.iter().map(|threads| case.id.on_threads(*threads).to_string());
        if case.measures != Measures::Heap {
            self.time.extend(ids());
        }
        if case.measures != Measures::Time {
            self.heap.extend(ids());
        }
    }

    fn cold<O, Run: FnOnce() -> O>(&mut self, case: Cold<O, Run>) {
        self.time.push(case.id.to_string());
        self.heap.push(case.id.to_string());
    }
}

fn ids() -> Ids {
    let mut ids = Ids::default();
    serialization::cases(&mut ids);
    pools::cases(&mut ids);
    breakers::cases(&mut ids);
    executor::cases(&mut ids);
    metrics::cases(&mut ids);
    ids
}

#[test]
fn no_two_cases_share_an_id() {
    let ids = ids();
    for ids in [ids.time, ids.heap] {
        let mut seen = BTreeSet::new();
        let twice: Vec<_> = ids.iter().filter(|id| !seen.insert(*id)).collect();
        assert!(twice.is_empty(), "ids used twice: {twice:?}; give each case an id of its own");
    }
}

#[test]
fn a_case_is_in_the_target_of_its_area() {
    type Cases = fn(&mut Ids);
    let areas: [(&str, Cases); 5] = [
        ("serialization/", serialization::cases),
        ("pools/", pools::cases),
        ("breakers/", breakers::cases),
        ("executor/", executor::cases),
        ("metrics/", metrics::cases),
    ];
    for (area, cases) in areas {
        let mut ids = Ids::default();
        cases(&mut ids);
        let astray: Vec<_> = ids.time.iter().chain(&ids.heap).filter(|id| !id.starts_with(area)).collect();
        assert!(astray.is_empty(), "not of `{area}`: {astray:?}; move the case to the file of its area");
    }
}

/// Fails unless the cases of an area on one thread are `single`, and those on several are `threaded`, each with the harnesses
/// that measure it.
#[track_caller]
fn check_cases(area: &str, single: &[(&str, Measures)], threaded: &[(&str, &[u32], Measures)]) {
    let Ids { time, heap } = ids();
    let all = threaded
        .iter()
        .flat_map(|(id, threads, measures)| threads.iter().map(move |threads| (format!("{id}@t{threads}"), *measures)));
    let all: Vec<_> = single.iter().map(|(id, measures)| ((*id).to_owned(), *measures)).chain(all).collect();
    for (found, left_out) in [(time, Measures::Heap), (heap, Measures::Time)] {
        let found: BTreeSet<_> = found.into_iter().filter(|id| id.starts_with(area)).collect();
        let expected = all.iter().filter(|(_, measures)| *measures != left_out).map(|(id, _)| id.clone());
        assert_eq!(found, expected.collect());
    }
}

#[test]
fn pools_have_these_cases() {
    let with_heap = [
        "pools/buffer/adapt/idle",
        "pools/buffer/cycle/10m",
        "pools/buffer/cycle/1k",
        "pools/buffer/cycle/1m",
        "pools/buffer/cycle/2560k",
        "pools/buffer/cycle/256k",
        "pools/buffer/cycle/2m",
        "pools/buffer/cycle/512k",
        "pools/buffer/cycle/5m",
        "pools/buffer/prewarm/50",
        "pools/buffer/single_tier/256k",
        "pools/buffer/stats/snapshot",
        "pools/buffer/unpooled/10m",
        "pools/buffer/unpooled/256k",
        "pools/object/buffer2k/cycle",
        "pools/object/result_pooled/cycle",
        "pools/object/result_unpooled/cycle",
        "pools/ring/to_string/256k",
        "pools/ring/write_small/256k",
        "pools/ring/write_wrap/256k",
        "pools/slice/get_put/json16k",
        "pools/slice/get_put/listen64",
        "pools/slice/get_put/tcp256",
        "pools/slice/get_put/udp64",
        "pools/slice/get_put/unix64",
        "pools/slice/reject/json_oversize",
        "pools/slice/reject/tcp_oversize",
    ];
    let mut single = with_heap.map(|id| (id, Measures::TimeHeap)).to_vec();
    single.push(("pools/buffer/select_size/sweep", Measures::Time));
    let threaded: [(&str, &[u32], Measures); 4] = [
        ("pools/buffer/cycle/mt", &[1, 2, 4, 8, 16], Measures::TimeHeap),
        ("pools/object/buffer2k/mt", &[1, 2, 4, 8], Measures::TimeHeap),
        ("pools/object/result_pooled/mt", &[1, 2, 4, 8], Measures::TimeHeap),
        ("pools/slice/get_put_tcp/mt", &[1, 2, 4, 8], Measures::Time),
    ];
    check_cases("pools/", &single, &threaded);
}

#[test]
fn breakers_have_these_cases() {
    let single = [
        "breakers/circuit/direct_call/noop",
        "breakers/circuit/closed/ok",
        "breakers/circuit/disabled/noop",
        "breakers/circuit/open/reject",
        "breakers/circuit/trip_recover/cycle",
        "breakers/circuit/mixed25/steady",
        "breakers/circuit/failure_only/steady",
        "breakers/circuit/half_open/race",
        "breakers/circuit/limit/200",
        "breakers/overhead/none/noop",
        "breakers/overhead/breaker/noop",
        "breakers/overhead/metrics/noop",
        "breakers/overhead/both/noop",
        "breakers/bulkhead/execute/free",
        "breakers/ratelimit/token_bucket/allow",
        "breakers/ratelimit/sliding_window/1000",
        "breakers/retry/first_ok/noop",
        "breakers/retry/third_ok/no_delay",
        "breakers/stack/full_stack/ok",
    ];
    let single = single.map(|id| (id, Measures::TimeHeap));
    let threaded: [(&str, &[u32], Measures); 2] = [
        ("breakers/circuit/closed/mt", &[1, 2, 4, 8, 16], Measures::Time),
        ("breakers/ratelimit/per_key/mt", &[1, 2, 4, 8], Measures::Time),
    ];
    check_cases("breakers/", &single, &threaded);
}

#[track_caller]
fn check_id(id: &str, is_good: bool) {
    assert_eq!(std::panic::catch_unwind(|| CaseId::new(id)).is_ok(), is_good, "{id}");
}

#[test]
fn an_id_has_four_segments_of_plain_characters() {
    check_id("pools/slice/get_put/tcp256", true);
    check_id("a/b/c/mt@t2", true);
    check_id("a/b/c", false);
    check_id("a/b/c/d/e", false);
    check_id("a/b//d", false);
    check_id("a/b/c/D", false);
    check_id("a/b/c/d e", false);
}

#[test]
fn the_segments_of_an_id_are_criterions() {
    let id = CaseId::new("a/b/c/mt").on_threads(8);
    assert_eq!((id.group().as_str(), id.operation(), id.param()), ("a/b", "c", "mt@t8"));
}

type Shares = Mutex<HashMap<ThreadId, u64>>;

#[test]
fn a_crew_makes_all_its_iterations_in_equal_shares() {
    for threads in [1, 2, 3, 8] {
        let shares = Arc::new(Shares::default());
        let mut crew = Crew::new(threads, Arc::clone(&shares), |shares: &Shares| {
            *shares.lock().unwrap().entry(std::thread::current().id()).or_default() += 1;
        });
        for iterations in [0, 1, 7, 8, 1000] {
            crew.run(iterations);
            let mut shares = std::mem::take(&mut *shares.lock().unwrap());
            assert_eq!(shares.values().sum::<u64>(), iterations);
            let fewest = iterations / threads as u64;
            shares.retain(|_, share| *share > fewest + 1 || *share < fewest);
            assert!(shares.is_empty(), "unequal shares of {iterations}: {shares:?}");
        }
    }
}

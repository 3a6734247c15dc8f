//! The heap harness: cases to `benchgate-heap`.

use super::case::{Case, Measures, Threaded, Throughput};
use super::cold::{self, Cold, Reading};
use super::crew::Crew;
use super::harness::Harness;
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

/// Counts the heap of each case.
pub(crate) struct Heap(pub(crate) benchgate_heap::Heap);

impl Harness for Heap {
    fn case<S: 'static, I, O: 'static, Build, Input, Run>(&mut self, case: Case<S, O, Build, Input, Run>)
    where
        Build: FnMut() -> S,
        Input: FnMut() -> I,
        Run: FnMut(&mut S, I) -> O,
    {
        if case.measures == Measures::Time {
            return;
        }
        let id = benchgate_heap::Id::new(case.id.group(), case.id.operation(), case.id.param());
        let throughput = case.throughput.map(|throughput| match throughput {
            Throughput::Bytes(bytes) => benchgate_heap::Throughput::Bytes(bytes),
            Throughput::Elements(elements) => benchgate_heap::Throughput::Elements(elements),
        });
        let counted = benchgate_heap::Case::with_input(id, case.build, case.input, case.run)
            .check(case.check)
            .counters(case.counters)
            .throughput(throughput);
        self.0.case(counted);
    }

    /// On each number of threads, whatever the cores: counts do not depend on them. The threads are part of the state, so
    /// starting them is not counted.
    fn threaded<S, O: 'static, Build, Run>(&mut self, case: Threaded<S, Build, Run>)
    where
        S: Send + Sync + 'static,
        Build: Fn() -> S,
        Run: Fn(&S) -> O + Clone + Send + 'static,
    {
        if case.measures == Measures::Time {
            return;
        }
        let (check, counters) = (Rc::new(case.check), Rc::new(RefCell::new(case.counters)));
        for &threads in case.threads {
            let id = case.id.on_threads(threads);
            let build = || {
                let state = Arc::new((case.build)());
                (Crew::new(threads, Arc::clone(&state), case.run.clone()), state, 0)
            };
            let iterate = |(crew, _, iterations): &mut (Crew<_>, _, u64)| {
                crew.run(threads as u64);
                *iterations += threads as u64;
            };
            let (check, counters) = (Rc::clone(&check), Rc::clone(&counters));
            self.0.case(
                benchgate_heap::Case::new(
                    benchgate_heap::Id::new(id.group(), id.operation(), id.param()),
                    build,
                    iterate,
                )
                .check(move |(_, state, iterations), ()| check(state, *iterations))
                .counters(move |(_, state, _)| (counters.borrow_mut())(state)),
            );
        }
    }

    /// The counts are those of the child, under names of their own: this process only starts it, which is not counted.
    fn cold<O, Run: FnOnce() -> O>(&mut self, case: Cold<O, Run>) {
        let (name, id) = (case.id.to_string(), case.id);
        let counted = Case::new(&name, move || cold::reading(&id), |reading| *reading)
            .counters(|&Reading { allocations, bytes, .. }| vec![("allocations", allocations), ("bytes", bytes)]);
        self.case(counted);
    }
}

//! The heap harness: cases to `benchgate-heap`. Threaded cases measure time only and are left out.

use super::case::{Case, Measures, Threaded, Throughput};
use super::harness::Harness;

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

    fn threaded<S, O, Build, Run>(&mut self, _case: Threaded<S, Build, Run>)
    where
        S: Send + Sync + 'static,
        Build: Fn() -> S,
        Run: Fn(&S) -> O + Clone + Send + 'static,
    {
    }
}

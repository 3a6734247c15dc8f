//! A case: what is built, what is measured, what is checked. It does not run itself; a harness does.

use super::id::CaseId;

/// What one iteration processes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Throughput {
    /// Bytes of input or output.
    Bytes(u64),
    /// Elements of any kind.
    Elements(u64),
}

/// Which harnesses a case is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Measures {
    /// Both.
    TimeHeap,
    /// Criterion only.
    Time,
    /// dhat only.
    Heap,
}

/// How many inputs may exist at a time while a case is timed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Inputs {
    /// None is needed.
    None,
    /// A tenth of a sample's iterations.
    Small,
    /// A thousandth of them: each holds on to much memory.
    Large,
}

pub(crate) type Check<S, O> = Box<dyn FnMut(&S, &O)>;
pub(crate) type Counters<S> = Box<dyn FnMut(&S) -> Vec<(&'static str, u64)>>;

/// Looks at a shared state after so many iterations.
pub(crate) type Total<S> = Box<dyn Fn(&S, u64)>;

/// A case on one thread. `S` is the state that all iterations share, `O` the output of an iteration.
///
/// Only `run` and the drop of its output are measured. The types of the closures are kept, so nothing in the timed loop
/// is called through a pointer.
pub(crate) struct Case<S, O, Build, Input, Run> {
    pub(crate) id: CaseId,
    pub(crate) build: Build,
    pub(crate) input: Input,
    pub(crate) run: Run,
    pub(crate) check: Check<S, O>,
    pub(crate) counters: Counters<S>,
    pub(crate) throughput: Option<Throughput>,
    pub(crate) measures: Measures,
    pub(crate) inputs: Inputs,
    pub(crate) threads: usize,
}

impl<S: 'static, O: 'static> Case<S, O, (), (), ()> {
    /// A case whose iterations need nothing but the state.
    #[track_caller]
    pub(crate) fn new<Build, Run>(
        id: &str,
        build: Build,
        mut run: Run,
    ) -> Case<S, O, Build, impl FnMut(), impl FnMut(&mut S, ()) -> O>
    where
        Build: FnMut() -> S,
        Run: FnMut(&mut S) -> O,
    {
        let case = Self::with_input(id, build, || (), move |state, ()| run(state));
        Case { inputs: Inputs::None, ..case }
    }

    /// A case that consumes a fresh input in each iteration; building it is not measured.
    #[track_caller]
    pub(crate) fn with_input<I, Build, Input, Run>(
        id: &str,
        build: Build,
        input: Input,
        run: Run,
    ) -> Case<S, O, Build, Input, Run>
    where
        Build: FnMut() -> S,
        Input: FnMut() -> I,
        Run: FnMut(&mut S, I) -> O,
    {
        Case {
            id: CaseId::new(id),
            build,
            input,
            run,
            check: Box::new(|_, _| ()),
            counters: Box::new(|_| Vec::new()),
            throughput: None,
            measures: Measures::TimeHeap,
            inputs: Inputs::Small,
            threads: 1,
        }
    }
}

impl<S, O, Build, Input, Run> Case<S, O, Build, Input, Run> {
    /// Looks at state and output outside the measured part and panics where they are wrong: once before timing, after
    /// every iteration of the heap bench.
    pub(crate) fn check(mut self, check: impl FnMut(&S, &O) + 'static) -> Self {
        self.check = Box::new(check);
        self
    }

    /// Named counts read from the state after the last iteration of the heap bench.
    pub(crate) fn counters(mut self, counters: impl FnMut(&S) -> Vec<(&'static str, u64)> + 'static) -> Self {
        self.counters = Box::new(counters);
        self
    }

    /// What one iteration processes.
    pub(crate) fn throughput(mut self, throughput: Throughput) -> Self {
        self.throughput = Some(throughput);
        self
    }

    /// For an iteration that starts threads itself: how many. The number becomes part of the id: `20@t2`.
    pub(crate) fn on_threads(mut self, threads: usize) -> Self {
        self.id = self.id.on_threads(threads);
        self.threads = threads;
        self
    }

    /// Restricts the case to some harnesses.
    pub(crate) fn measures(mut self, measures: Measures) -> Self {
        self.measures = measures;
        self
    }

    /// Says that each input holds on to much memory.
    pub(crate) fn large_inputs(mut self) -> Self {
        self.inputs = Inputs::Large;
        self
    }
}

/// A case on several threads that share a state. One id for each number of threads: `…/mt@t2`. Time unless it says
/// otherwise; an iteration for the heap is one on each thread.
pub(crate) struct Threaded<S, Build, Run> {
    pub(crate) id: CaseId,
    pub(crate) threads: &'static [usize],
    pub(crate) build: Build,
    /// One iteration, on any of the threads.
    pub(crate) run: Run,
    /// Looks at the state after `iterations` in all and panics where it is wrong. Runs once before timing, and after every
    /// iteration of the heap bench.
    pub(crate) check: Total<S>,
    pub(crate) counters: Counters<S>,
    pub(crate) measures: Measures,
}

impl<S: Send + Sync + 'static> Threaded<S, (), ()> {
    #[track_caller]
    pub(crate) fn new<O, Build, Run>(
        id: &str,
        threads: &'static [usize],
        build: Build,
        run: Run,
    ) -> Threaded<S, Build, Run>
    where
        Build: Fn() -> S,
        Run: Fn(&S) -> O + Clone + Send + 'static,
    {
        Threaded {
            id: CaseId::new(id),
            threads,
            build,
            run,
            check: Box::new(|_, _| ()),
            counters: Box::new(|_| Vec::new()),
            measures: Measures::Time,
        }
    }
}

impl<S, Build, Run> Threaded<S, Build, Run> {
    /// Looks at the state after a known number of iterations, outside the timed part.
    pub(crate) fn check(mut self, check: impl Fn(&S, u64) + 'static) -> Self {
        self.check = Box::new(check);
        self
    }

    /// Has the heap counted too. Only for cases whose threads allocate alike in each iteration once they are warm.
    pub(crate) fn measures(mut self, measures: Measures) -> Self {
        self.measures = measures;
        self
    }

    /// Named counts read from the state after the last iteration of the heap bench.
    pub(crate) fn counters(mut self, counters: impl FnMut(&S) -> Vec<(&'static str, u64)> + 'static) -> Self {
        self.counters = Box::new(counters);
        self
    }
}

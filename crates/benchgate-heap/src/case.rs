//! A case: what is built, what is counted, what is checked.
//!
//! It does not run itself; [`Heap`](crate::Heap) does.

use crate::Id;

/// Iterations of a region unless the case says otherwise. A power of two, so that a mean over them is exact in binary.
pub const ITERATIONS: u32 = 64;

/// Iterations before the first region: long enough for a pool or a growing buffer to settle.
pub const WARM_UP: u32 = 16;

/// What one iteration processes; reported, never measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Throughput {
    /// Bytes of input or output.
    Bytes(u64),
    /// Elements of any kind.
    Elements(u64),
}

type Check<S, O> = Box<dyn FnMut(&S, &O)>;
type Counters<S> = Box<dyn FnMut(&S) -> Vec<(&'static str, u64)>>;

/// One case. `S` is the state that all iterations share, `O` the output of an iteration.
///
/// Only `run` and the drop of its output are counted; `build`, `input`, `check` and `counters` may allocate freely.
pub struct Case<S, O, Build, Input, Run> {
    pub(crate) id: Id,
    pub(crate) build: Build,
    pub(crate) input: Input,
    pub(crate) run: Run,
    pub(crate) check: Check<S, O>,
    pub(crate) counters: Counters<S>,
    pub(crate) throughput: Option<Throughput>,
    pub(crate) iterations: u32,
    pub(crate) warm_up: u32,
}

impl<S: 'static, O: 'static> Case<S, O, (), (), ()> {
    /// A case whose iterations need nothing but the state.
    pub fn new<Build, Run>(
        id: Id,
        build: Build,
        mut run: Run,
    ) -> Case<S, O, Build, impl FnMut(), impl FnMut(&mut S, ()) -> O>
    where
        Build: FnMut() -> S,
        Run: FnMut(&mut S) -> O,
    {
        Self::with_input(id, build, || (), move |state, ()| run(state))
    }

    /// A case that consumes a fresh input in each iteration. The input is built directly before its iteration, while
    /// nothing is counted.
    pub fn with_input<I, Build, Input, Run>(
        id: Id,
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
            id,
            build,
            input,
            run,
            check: Box::new(|_, _| ()),
            counters: Box::new(|_| Vec::new()),
            throughput: None,
            iterations: ITERATIONS,
            warm_up: WARM_UP,
        }
    }
}

impl<S, O, Build, Input, Run> Case<S, O, Build, Input, Run> {
    /// Looks at the state and the output of every iteration while nothing is counted; it panics where they are wrong.
    #[must_use]
    pub fn check(mut self, check: impl FnMut(&S, &O) + 'static) -> Self {
        self.check = Box::new(check);
        self
    }

    /// Named counts read from the state after the last iteration, such as hits and rejects.
    #[must_use]
    pub fn counters(mut self, counters: impl FnMut(&S) -> Vec<(&'static str, u64)> + 'static) -> Self {
        self.counters = Box::new(counters);
        self
    }

    /// What one iteration processes.
    #[must_use]
    pub fn throughput(mut self, throughput: impl Into<Option<Throughput>>) -> Self {
        self.throughput = throughput.into();
        self
    }

    /// Iterations of a region, `N`; the whole measurement takes `warm-up + 2N` of them, twice. A case that asks for
    /// thousands of blocks in each iteration gets by with fewer.
    ///
    /// # Panics
    /// If `iterations` is 0.
    #[must_use]
    pub fn iterations(mut self, iterations: u32) -> Self {
        assert!(iterations > 0, "a region of no iterations measures nothing");
        self.iterations = iterations;
        self
    }

    /// Iterations before the first region, default [`WARM_UP`].
    #[must_use]
    pub fn warm_up(mut self, iterations: u32) -> Self {
        self.warm_up = iterations;
        self
    }
}

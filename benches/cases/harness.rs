//! What a case is handed to.

use super::case::{Case, Threaded};
use super::cold::Cold;

/// A way of measuring cases. Generic, so that each case is compiled into its own loop.
pub(crate) trait Harness {
    /// Takes a case on one thread.
    fn case<S: 'static, I, O: 'static, Build, Input, Run>(&mut self, case: Case<S, O, Build, Input, Run>)
    where
        Build: FnMut() -> S,
        Input: FnMut() -> I,
        Run: FnMut(&mut S, I) -> O;

    /// Takes a case on several threads.
    fn threaded<S, O: 'static, Build, Run>(&mut self, case: Threaded<S, Build, Run>)
    where
        S: Send + Sync + 'static,
        Build: Fn() -> S,
        Run: Fn(&S) -> O + Clone + Send + 'static;

    /// Takes a case that is run once, in a process of its own.
    fn cold<O, Run: FnOnce() -> O>(&mut self, case: Cold<O, Run>);
}

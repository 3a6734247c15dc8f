//! Where nothing can sample.

use std::path::Path;

/// Says that there is no profile; this system cannot sample.
#[derive(Debug, Default)]
pub struct Sampler;

impl Sampler {
    /// A sampler for `Criterion::with_profiler`.
    pub fn new() -> Self {
        Self
    }
}

impl criterion::profiler::Profiler for Sampler {
    fn start_profiling(&mut self, benchmark_id: &str, _benchmark_dir: &Path) {
        eprintln!("no profile of `{benchmark_id}`: this system cannot sample");
    }

    fn stop_profiling(&mut self, _benchmark_id: &str, _benchmark_dir: &Path) {}
}

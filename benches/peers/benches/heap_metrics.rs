//! Heap of `metrics` against their peers.

mod contests;

#[global_allocator]
static ALLOCATOR: benchgate_heap::Allocator = benchgate_heap::ALLOCATOR;

fn main() -> std::process::ExitCode {
    contests::settings::heap(contests::metrics::cases)
}

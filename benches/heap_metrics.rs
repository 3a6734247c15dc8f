//! Heap of `metrics`.

mod cases;

#[global_allocator]
static ALLOCATOR: benchgate_heap::Allocator = benchgate_heap::ALLOCATOR;

fn main() -> std::process::ExitCode {
    cases::settings::heap(cases::metrics::cases)
}

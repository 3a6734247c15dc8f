//! Heap of `executor`.

mod cases;

#[global_allocator]
static ALLOCATOR: benchgate_heap::Allocator = benchgate_heap::ALLOCATOR;

fn main() -> std::process::ExitCode {
    cases::cold::answer(cases::cold::Meter::Heap, cases::executor::cases);
    cases::settings::heap(cases::executor::cases)
}

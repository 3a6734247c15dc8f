//! The subjects as stock Criterion benches.

use criterion::Criterion;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    for subject in gate_subjects::subjects() {
        let mut work = None; // prepared when it is its turn, and once
        criterion.bench_function(subject.name, |bencher| {
            let work = work.get_or_insert_with(subject.prepare);
            bencher.iter(work);
        });
    }
    criterion.final_summary();
}

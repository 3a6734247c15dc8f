//! The share of results that succeeded: two of three, read from records and from a column of bits.

use super::super::case::{Case, Throughput};
use super::super::harness::Harness;
use super::CALLS;
use perfblocks::executor::success_rate::{Flags, chunk256, percent, simple, unrolled8};
use perfblocks::serialization::Record;
use std::hint::black_box;

/// Below this number of results an iteration is many calls, as a single one takes a few cycles.
const SMALL: usize = 100;

/// Hands over the cases of this component.
pub(super) fn cases(harness: &mut impl Harness) {
    rows(harness, "executor/success_rate/simple/0", 0, simple);
    rows(harness, "executor/success_rate/simple/4", 4, simple);
    rows(harness, "executor/success_rate/simple/1000", 1000, simple);
    rows(harness, "executor/success_rate/simple/10000", 10_000, simple);
    rows(harness, "executor/success_rate/unrolled8/0", 0, unrolled8);
    rows(harness, "executor/success_rate/unrolled8/4", 4, unrolled8);
    rows(harness, "executor/success_rate/unrolled8/1000", 1000, unrolled8);
    rows(harness, "executor/success_rate/unrolled8/10000", 10_000, unrolled8);
    rows(harness, "executor/success_rate/chunk256/1000", 1000, chunk256);
    rows(harness, "executor/success_rate/chunk256/10000", 10_000, chunk256);
    column(harness, "executor/success_rate/column/1000", 1000);
    column(harness, "executor/success_rate/column/10000", 10_000);
}

fn flags(len: usize) -> impl Iterator<Item = bool> {
    (0..len).map(|index| index % 3 != 0)
}

fn expected(len: usize) -> f64 {
    percent(flags(len).filter(|flag| *flag).count() as u64, len as u64)
}

/// The sum over the calls of an iteration: nothing of it can be left out.
fn rows(harness: &mut impl Harness, id: &str, len: usize, rate: impl Fn(&[Record]) -> f64 + Copy + 'static) {
    let build = move || flags(len).map(|success| Record { success, ..Record::default() }).collect();
    let calls = if len < SMALL { CALLS } else { 1 };
    let run = move |results: &mut Vec<Record>| (0..calls).map(|_| rate(black_box(results))).sum::<f64>();
    harness.case(
        Case::new(id, build, run)
            .check(move |_, sum| assert!((*sum - f64::from(calls) * expected(len)).abs() < 1e-9))
            .throughput(Throughput::Elements(u64::from(calls) * len.max(1) as u64)),
    );
}

fn column(harness: &mut impl Harness, id: &str, len: usize) {
    harness.case(
        Case::new(id, move || flags(len).collect::<Flags>(), |flags| black_box(&*flags).percent())
            .check(move |_, percent| assert_eq!(*percent, expected(len)))
            .throughput(Throughput::Elements(len as u64)),
    );
}

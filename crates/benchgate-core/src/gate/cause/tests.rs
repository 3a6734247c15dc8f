use proptest::prelude::*;

use super::*;
use crate::model::{BenchKey, SeriesKey, Site};

fn key(metric: Metric) -> SeriesKey {
    let bench = BenchKey { package: "p".into(), target: "t".into(), group: "g".into(), function: None, value: None };
    SeriesKey { bench, metric }
}

fn stacks(unit: Unit, stacks: &[(&str, [u64; 2])]) -> Taken {
    let stack = |(frames, counts): &(&str, [u64; 2])| Stack {
        frames: frames.split(';').map(String::from).collect(),
        counts: *counts,
    };
    Taken::Stacks(Stacks { how: "how".into(), unit, stacks: stacks.iter().map(stack).collect() })
}

fn caused(metric: Metric, taken: Taken, values: [f64; 2]) -> Cause {
    let profile = Profile { key: key(metric), own: vec!["fixture".into(), "times".into()], taken };
    cause(&profile, values.map(Some))
}

#[track_caller]
fn check(taken: Taken, values: [f64; 2], expected: &str) {
    assert_eq!(caused(Metric::Time, taken, values).line, expected);
}

#[test]
fn the_function_whose_cost_grew_most_is_named() {
    let grown = [("times::all;fixture::sum", [60, 610]), ("times::all;fixture::rest", [440, 390])];
    check(
        stacks(Unit::Samples, &grown),
        [100.0, 226.0],
        "`fixture::sum`: 12 % of samples in base, 61 % in candidate, which takes 2.3 times as long",
    );
    // All of the time on either side: the shares are the same, and what an iteration takes is not.
    let all = [("times::all;fixture::sum", [495, 498]), ("times::all", [5, 2])];
    check(
        stacks(Unit::Samples, &all),
        [100.0, 410.0],
        "`fixture::sum`: 99 % of samples in base, 99.6 % in candidate, which takes 4.1 times as long"
            .replace("99.6 %", "100 %")
            .as_str(),
    );
}

#[test]
fn a_loop_in_a_library_is_its_callers() {
    let inside = [
        ("times::all;fixture::unique::{{closure}};core::slice::contains", [0, 900]),
        ("times::all;fixture::unique;hashbrown::insert", [500, 10]),
        ("times::all;<fixture::Tree as core::ops::Drop>::drop;libc_free", [500, 90]),
    ];
    check(
        stacks(Unit::Samples, &inside),
        [100.0, 100.0],
        "`fixture::unique`: 50 % of samples in base, 91 % in candidate",
    );
    let foreign = [("core::a;regex::find;core::b", [100, 900]), ("core::a;core::b", [900, 100])];
    check(stacks(Unit::Samples, &foreign), [1.0, 1.0], "`regex::find`: 10 % of samples in base, 90 % in candidate");
}

#[test]
fn what_luck_can_do_is_not_named() {
    let equal = [("fixture::a", [100, 108]), ("fixture::b", [100, 92])];
    check(
        stacks(Unit::Samples, &equal),
        [1.0, 1.0],
        "no function stands out in 200 and 200 samples, which show a difference of 14 % of them",
    );
    let cause = caused(Metric::Time, stacks(Unit::Samples, &equal), [1.0, 1.0]);
    assert!(cause.functions.iter().all(|one| !one.is_own_shown && !one.is_total_shown), "{cause:?}");
}

#[test]
fn where_a_side_is_empty_nothing_is_named() {
    for unit in [Unit::Samples, Unit::Instructions] {
        for counts in [[100_000, 0], [0, 100_000]] {
            let cause = caused(Metric::Time, stacks(unit, &[("fixture::a", counts)]), [1.0, 9.0]);
            assert_eq!(cause.line, "no profile: a side gave no stacks of the timed routine");
            let is_shown = cause.functions.iter().any(|one| one.is_own_shown || one.is_total_shown);
            assert!(!cause.is_found && !is_shown, "{cause:?}");
        }
    }
}

#[test]
fn functions_stand_in_the_order_of_their_own_change() {
    let list = [("fixture::large", [800, 790]), ("fixture::less", [150, 100]), ("fixture::more", [50, 110])];
    let cause = caused(Metric::Time, stacks(Unit::Samples, &list), [1.0, 1.0]);
    let names: Vec<&str> = cause.functions.iter().map(|one| &*one.name).collect();
    assert_eq!(names, ["fixture::more", "fixture::less", "fixture::large"]);
}

#[test]
fn counted_instructions_have_no_noise() {
    let counted = [("fixture::a", [1000, 1000]), ("fixture::b", [1000, 1030])];
    check(
        stacks(Unit::Instructions, &counted),
        [1.0, 1.0],
        "`fixture::b`: 50 % of instructions in base, 51 % in candidate",
    );
    let equal = [("fixture::a", [1000, 1000])];
    check(
        stacks(Unit::Instructions, &equal),
        [1.0, 1.0],
        "no function stands out: both sides count the same instructions in each",
    );
}

#[test]
fn what_got_faster_is_named_too() {
    let better = [("fixture::a", [900, 100]), ("fixture::b", [100, 900])];
    check(
        stacks(Unit::Samples, &better),
        [100.0, 12.0],
        "`fixture::a`: 90 % of samples in base, 10 % in candidate, which takes 0.1 times as long",
    );
}

#[test]
fn allocation_sites_are_summed_by_function_and_sorted_by_change() {
    let site = |frames: &[&str], blocks: [f64; 2], bytes: [f64; 2]| Site {
        frames: frames.iter().map(ToString::to_string).collect(),
        blocks,
        bytes,
        place: String::new(),
    };
    let sites = Sites {
        how: "how".into(),
        sites: vec![
            site(&["alloc::vec::with_capacity", "fixture::parse", "times::all"], [1.0, 2.0], [40.0, 80.0]),
            site(&["fixture::print::{{closure}}", "fixture::print"], [5.0, 5.0], [500.0, 900.0]),
            site(&["alloc::vec::push", "fixture::parse"], [3.0, 3.0], [3.0, 3.0]),
        ],
    };
    #[track_caller]
    fn check(metric: Metric, sites: &Sites, line: &str, first: &str) {
        let cause = caused(metric, Taken::Sites(sites.clone()), [1.0, 2.0]);
        assert_eq!((&*cause.line, &*cause.sites[0].name, cause.sites.len()), (line, first, 2), "{cause:?}");
    }
    check(Metric::Allocations, &sites, "`fixture::parse`: 1 more allocation per iteration", "fixture::parse");
    check(Metric::AllocatedBytes, &sites, "`fixture::print`: 400 more bytes per iteration", "fixture::print");
    let none = caused(Metric::Allocations, Taken::Sites(Sites::default()), [1.0, 2.0]);
    assert_eq!(none.line, "no allocation site differs between the sides");
}

#[test]
fn crates_are_read_off_names() {
    #[track_caller]
    fn check(name: &str, expected: &str) {
        assert_eq!(crate_of(name), expected, "{name}");
    }
    check("a::b", "a");
    check("<a::C as core::D>::e", "a");
    check("<&mut a::C<x::Y> as core::D>::e", "a");
    check("core::ptr::drop_in_place<a::B>", "core");
    check("main", "main");
    check("", "");
}

proptest! {
    #[test]
    fn any_stacks_have_a_cause(
        list in proptest::collection::vec((".{0,12}", 0..1000_u64, 0..1000_u64), 0..12), base in 0.0..9.0f64, candidate in 0.0..9.0f64,
    ) {
        let list: Vec<(&str, [u64; 2])> = list.iter().map(|(name, a, b)| (&**name, [*a, *b])).collect();
        for unit in [Unit::Samples, Unit::Instructions] {
            let cause = caused(Metric::Time, stacks(unit, &list), [base, candidate]);
            prop_assert!(!cause.line.is_empty() && cause.functions.len() <= LISTED);
        }
    }
}

use crate::config::{ConfigError, parse};
use benchgate_core::gate::{Bound, Claim, ClaimKind, Expect, Point, Source};
use benchgate_core::model::Metric;

/// Line, column, and a part of the problem.
#[track_caller]
fn check(text: &str, place: (usize, usize), expected: &str) {
    let ConfigError::Wrong(complaint) = parse("b", text).expect_err("wrong") else { panic!("no complaint") };
    assert_eq!((complaint.line, complaint.column), place, "{complaint}");
    assert!(complaint.problem.contains(expected), "{complaint}");
    assert!(!complaint.hint.is_empty() && !complaint.to_string().ends_with('.'), "{complaint}");
}

/// A claim whose keys begin on line 3.
fn claim(name: &str, keys: &str) -> String {
    format!("[[claim]]\nname = \"{name}\"\n{}\n", keys.trim())
}

#[track_caller]
fn only(keys: &str) -> Claim {
    let mut claims = parse("b", &claim("a", keys)).unwrap_or_else(|error| panic!("{error}")).policy.claims;
    assert_eq!(claims.len(), 1);
    claims.remove(0)
}

/// A ratio of times on lines 1 to 7.
fn ratio(name: &str, numerator: &str, denominator: &str, bound: &str) -> String {
    let ids = format!("numerator = \"{numerator}\"\ndenominator = \"{denominator}\"");
    claim(name, &format!("kind = \"ratio\"\nmetric = \"time\"\n{ids}\n{bound}"))
}

/// A count on lines 1 to 6.
fn count(name: &str, metric: &str, id: &str, equals: &str) -> String {
    claim(name, &format!("kind = \"count\"\nmetric = \"{metric}\"\nid = \"{id}\"\nequals = {equals}"))
}

const DIFFERENCE: &str = "kind = \"difference\"\nmetric = \"bytes\"\nminuend = \"x\"\nsubtrahend = \"y\"\nat_most = 0";
const CEILING: &str = "kind = \"ceiling\"\nmetric = \"time\"\nid = \"x\"\nat_most = 50";
const COUNTER: &str = "kind = \"counter\"\nid = \"x\"\ncounter = \"rejected\"\nequals = 56";
const GROWTH: &str = "kind = \"growth\"\nmetric = \"time\"\nids = [\"x/1k\", \"x/10k\"]\nat_most = 1.1";
const THREADS: &str = "kind = \"threads\"\nid = \"x/mt\"\nthreads = [1, 8]\nat_most = 4";

#[test]
fn every_kind_is_read() {
    #[track_caller]
    fn check(keys: &str, kind: ClaimKind, bound: Bound) {
        let claim = only(keys);
        assert_eq!((claim.kind.name(), &claim.bound), (kind.name(), &bound));
        assert_eq!(claim.kind, kind);
    }
    let (x, y) = (|| "x".to_owned(), || "y".to_owned());
    let between = Bound { at_least: Some(0.5), at_most: Some(2.0) };
    let keys =
        "kind = \"ratio\"\nmetric = \"time\"\nnumerator = \"x\"\ndenominator = \"y\"\nat_least = 0.5\nat_most = 2";
    check(keys, ClaimKind::Ratio { metric: Metric::Time, numerator: x(), denominator: y() }, between);
    let kind = ClaimKind::Difference { metric: Metric::AllocatedBytes, minuend: x(), subtrahend: y() };
    check(DIFFERENCE, kind, Bound::at_most(0.0));
    let keys = "kind = \"count\"\nmetric = \"live-slope\"\nid = \"x\"\nequals = 0";
    check(keys, ClaimKind::Count { metric: Metric::LiveSlope, id: x() }, Bound::exactly(0.0));
    check(CEILING, ClaimKind::Ceiling { metric: Metric::Time, id: x() }, Bound::at_most(50.0));
    check(COUNTER, ClaimKind::Counter { id: x(), counter: "rejected".into() }, Bound::exactly(56.0));
    let points =
        |small, large| vec![Point { id: "x/1k".into(), size: small }, Point { id: "x/10k".into(), size: large }];
    let growth = |points| ClaimKind::Growth { metric: Metric::Time, points };
    check(GROWTH, growth(points(1e3, 1e4)), Bound::at_most(1.1));
    check(&format!("{GROWTH}\nsizes = [8, 9]"), growth(points(8.0, 9.0)), Bound::at_most(1.1));
    check(THREADS, ClaimKind::Threads { id: "x/mt".into(), threads: [1, 8] }, Bound::at_most(4.0));
}

#[test]
fn what_every_claim_may_say_is_read() {
    let keys = "kind = \"count\"\nmetric = \"bytes\"\nid = \"x\"\nequals = 1\nexpect = \"violated\"\ntier = \"core\"\n\
                stated = \"2.5 times\"\nnote = \"unequal work\"\n\
                source = { repository = \"o/r\", file = \"F.md\", heading = \"H\" }";
    let claim = only(keys);
    assert_eq!((claim.expect, claim.tier.as_deref()), (Expect::Violated, Some("core")));
    assert_eq!((claim.stated.as_deref(), claim.note.as_deref()), (Some("2.5 times"), Some("unequal work")));
    let source = Source { repository: "o/r".into(), file: "F.md".into(), heading: "H".into() };
    assert_eq!(claim.source, Some(source));
    assert_eq!(only(&format!("{CEILING}\ntarget = 40")).target, Some(40.0));
    assert_eq!(only(&format!("{CEILING}\nexpect = \"holds\"")).expect, Expect::Holds);
}

#[test]
fn claims_are_complete_and_sound() {
    check("[[claim]]\nkind = \"ratio\"\nmetric = \"time\"", (1, 1), "missing key `name`");
    check(&ratio("a", "x", "y", "at_most = 0.0"), (7, 11), "expected a ratio above 0, found `0`");
    check(&ratio("a", "x", "y", "at_most = nan"), (7, 11), "expected a ratio above 0, found `NaN`");
    check(&ratio("a", "x", "y", "at_least = inf"), (7, 12), "expected a ratio above 0, found `inf`");
    check(&ratio("a", "x", "y", "at_least = 2\nat_most = 1"), (2, 8), "nothing is at least 2 and at most 1");
    check(&ratio("a", "x", "x", "at_most = 0.5"), (6, 15), "are both `x`");
    check(&ratio(" ", "x", "y", "at_most = 0.5"), (2, 8), "expected a name for the claim");
    check(&ratio("a", "x", "y", "at_most = 0.5\nequals = 1"), (8, 10), "kind `ratio` has no key `equals`");
    check(&ratio("a", "x", "y", ""), (2, 8), "claim `a` of kind `ratio` lacks a bound");
    check(&count("a", "time", "x", "1"), (4, 10), "expected the metric of a count, found `time`");
    check(&count("a", "bytes", "x", "1.5"), (6, 10), "expected a whole number from 0, found `1.5`");
    check(&count("a", "bytes", "x", "-1"), (6, 10), "expected a whole number from 0, found `-1`");
    check(&count("a", "bytes", "x", "1\nat_most = 2"), (7, 11), "kind `count` has no key `at_most`");
    let source = "1\nsource = { repository = \"\", file = \"f\", heading = \"h\" }";
    check(&count("a", "bytes", "x", source), (7, 25), "found an empty text");
    check(&count("a", "bytes", "x", "1\nstated = \" \""), (7, 10), "expected a short text on one line");
    check(&count("a", "bytes", "x", "1\nnote = \"a\\nb\""), (7, 8), "expected a short text on one line");
    check(&count("a", "bytes", "x", "1\ntier = \"cor\""), (7, 8), "unknown tier `cor`, expected one of `core`");
    check(&count("a", "bytes", "x", "1\nexpect = \"fails\""), (7, 10), "unknown expectation `fails`");
}

#[test]
fn each_kind_has_its_own_keys() {
    #[track_caller]
    fn refuse(keys: &str, place: (usize, usize), expected: &str) {
        check(&claim("a", keys), place, expected);
    }
    refuse(&DIFFERENCE.replace("at_most = 0", ""), (2, 8), "lacks key `at_most`");
    refuse(&DIFFERENCE.replace("\"y\"", "\"x\""), (6, 14), "minuend and subtrahend are both `x`");
    refuse(&format!("{DIFFERENCE}\nid = \"x\""), (8, 6), "kind `difference` has no key `id`");
    refuse(&CEILING.replace("50", "0"), (6, 11), "expected nanoseconds above 0, found `0`");
    refuse(&CEILING.replace("time", "bytes").replace("50", "-1"), (6, 11), "expected a number from 0, found `-1`");
    refuse(&COUNTER.replace("equals = 56", ""), (2, 8), "lacks a bound");
    refuse(&COUNTER.replace("56", "5.5"), (6, 10), "expected a whole number from 0, found `5.5`");
    refuse(&format!("{COUNTER}\nat_most = 60"), (2, 8), "`equals` says all");
    refuse(&COUNTER.replace("rejected", ""), (5, 11), "expected a name for the counter");
    refuse(&format!("{COUNTER}\nmetric = \"bytes\""), (7, 10), "kind `counter` has no key `metric`");
    refuse(&GROWTH.replace(", \"x/10k\"", ""), (5, 7), "expected two benchmarks or more, found 1");
    refuse(&GROWTH.replace("x/10k", "x/large"), (5, 16), "the last segment of `x/large` is no size");
    refuse(&GROWTH.replace("x/10k", "x/10"), (5, 16), "expected sizes that grow, found `10`");
    refuse(&format!("{GROWTH}\nsizes = [1]"), (7, 9), "expected 2 sizes, found 1");
    refuse(&format!("{GROWTH}\nsizes = [0, 1]"), (7, 10), "expected a size above 0, found `0`");
    refuse(&format!("{GROWTH}\nsizes = [2, 2]"), (7, 13), "expected sizes that grow, found `2`");
    refuse(&GROWTH.replace("at_most = 1.1", ""), (2, 8), "lacks a bound");
    refuse(&THREADS.replace("[1, 8]", "[1]"), (5, 11), "expected two numbers of threads, found 1");
    refuse(&THREADS.replace("[1, 8]", "[8, 8]"), (5, 11), "expected two different numbers of threads");
    refuse(&THREADS.replace("[1, 8]", "[0, 8]"), (5, 11), "from 1 to 4096, found `0` and `8`");
    refuse(&THREADS.replace("at_most = 4", "at_least = 4"), (6, 12), "kind `threads` has no key `at_least`");
}

#[test]
fn targets_are_at_least_as_strict_as_bounds() {
    #[track_caller]
    fn refuse(keys: &str, column: usize, expected: &str) {
        let text = claim("a", keys);
        check(&text, (text.lines().count(), column), expected);
    }
    refuse(&format!("{CEILING}\ntarget = 60"), 10, "expected a target at least as strict as `<= 50`, found `60`");
    refuse(&format!("{CEILING}\ntarget = nan"), 10, "expected a target at least as strict");
    refuse(&format!("{COUNTER}\ntarget = 56"), 10, "this claim has two");
    refuse(&format!("{GROWTH}\nat_least = 0.9\ntarget = 1.0"), 10, "this claim has two");
    refuse(&format!("{DIFFERENCE}\nexpect = \"violated\"\ntarget = -1"), 10, "a control has no target");
    refuse(&format!("{CEILING}\nexpect = \"violated\""), 10, "nanoseconds never gate");
    let least = COUNTER.replace("equals = 56", "at_least = 56");
    refuse(&format!("{least}\ntarget = 50"), 10, "at least as strict as `>= 56`");
    assert_eq!(only(&format!("{least}\ntarget = 60")).target, Some(60.0));
}

#[test]
fn claims_that_cannot_all_hold_are_refused() {
    let half = ratio("a", "x", "y", "at_most = 0.5");
    check(&format!("{half}{}", ratio("a", "x", "z", "at_most = 0.5")), (9, 8), "claim `a` is stated twice");
    #[track_caller]
    fn refuse(one: &str, other: &str, expected: &str) {
        let line = one.lines().count() + 2;
        check(&format!("{one}{other}"), (line, 8), expected);
    }
    #[track_caller]
    fn accept(one: &str, other: &str) {
        let parsed = parse("b", &format!("{one}{other}")).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(parsed.policy.claims.len(), 2);
    }
    let one = count("a", "bytes", "x", "1");
    let two = "claim `b` contradicts claim `a`: `bytes of x` is `= 1` in the one and `= 2` in the other";
    refuse(&one, &count("b", "bytes", "x", "2"), two);
    let turned = "`time of x / time of y` is `<= 0.5` in the one and `>= 0.6666666666666666` in the other";
    refuse(&half, &ratio("b", "y", "x", "at_most = 1.5"), turned);
    accept(&half, &ratio("b", "y", "x", "at_most = 2"));
    refuse(&half, &ratio("b", "x", "y", "at_least = 0.6"), "`>= 0.6` in the other");
    accept(&half, &ratio("b", "x", "y", "at_least = 0.4"));
    let ceiling =
        |most: &str| claim("b", &format!("kind = \"ceiling\"\nmetric = \"bytes\"\nid = \"x\"\nat_most = {most}"));
    refuse(&one, &ceiling("0"), "`= 1` in the one and `<= 0` in the other");
    accept(&one, &ceiling("1"));
    // A control must be violated: then what it states must not follow from the other.
    let violated = |text: &str| format!("{text}expect = \"violated\"\n");
    refuse(&one, &violated(&ceiling("2")), "`<= 2` in the other, which must be violated");
    accept(&one, &violated(&ceiling("0")));
    refuse(&violated(&ceiling("2")), &one.replace("\"a\"", "\"c\""), "and the one must be violated");
    // Threads are a ratio of times.
    let threads = claim("a", &THREADS.replace("at_most = 4", "at_most = 0.5"));
    refuse(&threads, &ratio("b", "x/mt@t1", "x/mt@t8", "at_most = 1"), "`>= 1` in the other");
    accept(&claim("a", DIFFERENCE), &claim("b", &DIFFERENCE.replace("bytes", "time")));
    accept(&claim("a", GROWTH), &ratio("b", "x/10k", "x/1k", "at_least = 100"));
    let slower = GROWTH.replace("at_most = 1.1", "at_least = 1.2");
    refuse(&claim("a", GROWTH), &claim("b", &slower), "`<= 1.1` in the one and `>= 1.2` in the other");
}

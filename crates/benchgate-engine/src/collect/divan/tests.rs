use proptest::prelude::*;

use super::*;
use crate::collect::criterion::Cpus;

/// What divan 0.1.21 printed of benches with arguments, types, threads, a counter, and a word of their own.
const PRINTED: &str = "Timer precision: 22 ns
cases             fastest       │ slowest       │ median        │ mean          │ samples │ iters
├─ allocating     910.8 ns      │ 2.316 µs      │ 937.3 ns      │ 1.076 µs      │ 10      │ 10
├─ arithmetic     1.057 µs      │ 1.078 µs      │ 1.058 µs      │ 1.061 µs      │ 10      │ 40
╰─ sums                         │               │               │               │         │
   ├─ noisy       said something   odd
0.131 ns      │ 0.132 ns      │ 0.131 ns      │ 0.132 ns      │ 10      │ 81920
   │              22.9 Gitem/s  │ 22.72 Gitem/s │ 22.9 Gitem/s  │ 22.72 Gitem/s │         │
   ├─ up_to                     │               │               │               │         │
   │  ├─ 10                     │               │               │               │         │
   │  │  ├─ t=1   4.57 ns       │ 25.74 ns      │ 5.84 ns       │ 7.556 ns      │ 10      │ 5120
   │  │  ╰─ t=2   5.842 ns      │ 5.914 ns      │ 5.873 ns      │ 5.871 ns      │ 10      │ 5120
   │  ╰─ 100                    │               │               │               │         │
   │     ╰─ t=1   36.81 ns      │ 37.27 ns      │ 36.88 ns      │ 36.94 ns      │ 10      │ 640
   ├─ make                      │               │               │               │         │
   │  ├─ String   0.288 ns      │ 6.222 ns      │ 0.293 ns      │ 0.885 ns      │ 10      │ 10240
   │  ╰─ Vec<u8>  0.36 ns       │ 3.318 ns      │ 1.593 s       │ 0.828 ns      │ 10      │ 20480
   ╰─ skipped                   │               │               │               │         │
      ╰─ 2        (ignored)     │               │               │               │         │
";

#[test]
fn medians_are_read_with_their_places_in_the_tree() {
    let read: Vec<(String, f64)> = rows(PRINTED).into_iter().map(|row| (row.path, row.median_ns)).collect();
    let expected = [
        ("cases::allocating", 937.3),
        ("cases::arithmetic", 1058.0),
        ("cases::sums::noisy", 0.131),
        ("cases::sums::up_to::10::t=1", 5.84),
        ("cases::sums::up_to::10::t=2", 5.873),
        ("cases::sums::up_to::100::t=1", 36.88),
        ("cases::sums::make::String", 0.293),
        ("cases::sums::make::Vec<u8>", 1.593e9),
    ];
    assert_eq!(read, expected.map(|(path, nanos)| (path.to_owned(), nanos)));
}

#[test]
fn path_becomes_group_function_and_value_once_for_each_number_of_threads() {
    #[track_caller]
    fn check(line: &str, expected: &[&str]) {
        let found = cases(line, &rows(PRINTED));
        let ids: Vec<String> = found.iter().map(Listed::full_id).collect();
        assert_eq!(ids, expected);
        for bench in &found {
            assert_eq!(path(bench).0, line, "it is asked for by the path that it was listed under");
        }
    }
    check("cases::arithmetic", &["cases/arithmetic"]);
    check("cases::sums::up_to::10", &["cases::sums/up_to/10@t1", "cases::sums/up_to/10@t2"]);
    check("cases::sums::make::Vec<u8>", &["cases::sums/make/Vec<u8>"]);
    check("cases::a::b::c::d", &["cases::a::b/c/d"]);
    check("alone", &["alone"]);
    let of_two = listed("cases::f@t2");
    assert_eq!((of_two.threads(), path(&of_two)), (2, ("cases::f".into(), Some(2))));
}

#[test]
fn benches_of_an_old_divan_are_those_that_it_has_run() {
    let ids: Vec<String> = rows(PRINTED).iter().map(|row| row.listed().full_id()).collect();
    assert_eq!(
        ids,
        [
            "cases/allocating",
            "cases/arithmetic",
            "cases/sums/noisy",
            "cases::sums/up_to/10@t1",
            "cases::sums/up_to/10@t2",
            "cases::sums/up_to/100@t1",
            "cases::sums/make/String",
            "cases::sums/make/Vec<u8>",
        ]
    );
}

#[test]
fn bench_is_asked_for_exactly() {
    let effort = Effort { samples: 300, batch: 64, cpus: Cpus::One, ..Effort::LOOK };
    let words = arguments(effort, &listed("cases::up to::10@t4")).join("|");
    assert_eq!(
        words,
        "--bench|--exact|--timer|os|--color|never|--min-time|0|--max-time|3|--sample-count|300|--sample-size|64|\
         --threads|4|cases::up to::10"
    );
    assert!(!arguments(Effort::LOOK, &listed("a::b")).contains(&"--sample-size".to_owned()));
}

#[test]
fn one_row_is_the_result() {
    #[track_caller]
    fn check(text: &str, expected: Result<f64, &str>) {
        let asked = [listed("cases::f")];
        match (results(text, &asked), expected) {
            (Ok(found), Ok(nanos)) => {
                let samples = found[0].samples.as_ref().unwrap();
                assert_eq!((found.len(), samples.total_nanos()), (1, nanos));
            }
            (Err(error), Err(text)) => assert!(error.contains(text), "{error}"),
            (found, expected) => panic!("{found:?}, not {expected:?}"),
        }
    }
    let head = "cases  fastest │ slowest │ median │ mean │ samples │ iters\n";
    check(&format!("{head}╰─ f  1.1 ns │ 1.2 ms │ 2.5 µs │ 1.3 s │ 3 │ 12\n"), Ok(10_000.0));
    check(&format!("{head}╰─ f  1.1 ns │ 1.2 ms │ 2.5 ells │ 1.3 s │ 3 │ 12\n"), Err("0 results"));
    check(&format!("{head}╰─ f  1.1 ns │ 1.2 ms │ 2.5 µs │ 1.3 s │ 0 │ 12\n"), Err("0 results"));
    check("", Err("0 results where 1"));
    check(PRINTED, Err("8 results"));
}

proptest! {
    #[test]
    fn rubbish_is_an_error_or_samples_and_no_panic(
        text in prop::collection::vec(
            prop_oneof![Just("├─ "), Just("╰─ "), Just("│  "), Just("   "), Just("│ 1 ns "), Just("│ 3"), Just("\n"),
                Just("x"), Just("fastest"), Just("│ median"), Just("t=é"), Just("-1 µs"), Just("inf s")],
            0..60),
        noise in ".{0,80}",
    ) {
        for text in [text.concat(), noise.clone(), format!("{}{noise}", text.concat())] {
            if let Ok(found) = results(&text, &[listed("a::b")]) {
                prop_assert_eq!(found.len(), 1);
            }
            let paths: Vec<String> = rows(&text).into_iter().map(|row| row.path).collect();
            for path in &paths {
                cases(path, &rows(&text));
            }
        }
    }
}

//! Benches whose harness is not measured: which it is, why not, and what to do.

use benchgate_core::model::{ForeignBench, ForeignHarness, Run};

/// One line each.
pub(super) fn remarks(run: &Run) -> Vec<String> {
    run.foreign.iter().map(sentence).collect()
}

/// What it is, why it is not measured and what to do.
pub fn sentence(one: &ForeignBench) -> String {
    let ForeignBench { package, bench, harness } = one;
    format!("bench `{bench}` of `{package}` is not measured: {}; {}", why(*harness), cure(*harness))
}

/// What it is, and why it is not measured.
pub(super) fn why(harness: ForeignHarness) -> String {
    match harness {
        ForeignHarness::Libtest { benches: 0 } => {
            "Rust's own harness runs it and finds no benchmark, so benches of another harness in it never run".into()
        }
        ForeignHarness::Libtest { benches } => {
            let these =
                if benches == 1 { "1 `#[bench]` function".into() } else { format!("{benches} `#[bench]` functions") };
            format!("it holds {these} for Rust's own harness, which tells no samples")
        }
        ForeignHarness::Gungraun => {
            "it is a Gungraun bench, which counts instructions under valgrind and takes no times".into()
        }
        ForeignHarness::IaiCallgrind => {
            "it is an Iai-Callgrind bench, which counts instructions under valgrind and takes no times".into()
        }
        ForeignHarness::Iai => "it is an Iai bench, which counts instructions under valgrind and takes no times".into(),
        ForeignHarness::Binggan => "it is a binggan bench, whose process cannot be held between benchmarks".into(),
        ForeignHarness::Empty => "it lists no benchmark".into(),
        ForeignHarness::Own => "it has a `main` of its own and none of the harnesses that are known here".into(),
    }
}

/// What to do about it.
pub(super) fn cure(harness: ForeignHarness) -> &'static str {
    match harness {
        ForeignHarness::Libtest { benches: 0 } => {
            "add `harness = false` to its `[[bench]]` in Cargo.toml, or `[lib] bench = false` where it is a library's"
        }
        ForeignHarness::Libtest { .. } => {
            "write them for Criterion or divan, with `harness = false` in their `[[bench]]` in Cargo.toml"
        }
        ForeignHarness::Gungraun | ForeignHarness::IaiCallgrind | ForeignHarness::Iai => {
            "run it beside the gate with `cargo bench`; for times write it for Criterion or divan, or measure the program that it starts as a \
             `[[command]]` of benchgate.toml"
        }
        ForeignHarness::Binggan => {
            "write it for Criterion or divan, or measure a program as a `[[command]]` of benchgate.toml"
        }
        ForeignHarness::Empty => "see whether a feature or a `cfg` hides its benchmarks",
        ForeignHarness::Own => {
            "write it for Criterion or divan, or make it an example or a `[[bin]]` and measure its whole run as a `[[command]]` of benchgate.toml"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_harness_is_named_with_what_to_do() {
        #[track_caller]
        fn check(harness: ForeignHarness, named: &str, cure: &str) {
            let one = ForeignBench { package: "p".into(), bench: "b".into(), harness };
            let said = sentence(&one);
            assert!(said.starts_with("bench `b` of `p` is not measured: "), "{said}");
            assert!(said.contains(named) && said.contains(cure), "{said}");
        }
        check(ForeignHarness::Libtest { benches: 0 }, "Rust's own harness", "`harness = false`");
        check(ForeignHarness::Libtest { benches: 1 }, "1 `#[bench]` function for", "`harness = false`");
        check(ForeignHarness::Libtest { benches: 2 }, "2 `#[bench]` functions for", "Criterion or divan");
        check(ForeignHarness::Gungraun, "Gungraun", "`cargo bench`");
        check(ForeignHarness::IaiCallgrind, "Iai-Callgrind", "`cargo bench`");
        check(ForeignHarness::Iai, "Iai ", "`cargo bench`");
        check(ForeignHarness::Binggan, "binggan", "`[[command]]`");
        check(ForeignHarness::Empty, "no benchmark", "`cfg`");
        check(ForeignHarness::Own, "`main` of its own", "`[[command]]`");
    }
}

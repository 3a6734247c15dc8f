//! Driving stock Criterion executables, versions 0.3.3 to 0.8, from outside.
//!
//! Criterion connects to `CARGO_CRITERION_PORT` and waits there for a greeting before its first bench, and for leave to
//! continue after each: that is how two live processes are made to take turns bench by bench.

mod effort;
mod files;
mod planned;
mod process;
mod session;
mod wire;

pub(super) use effort::{Aside, counting_arguments};
pub use effort::{Cpus, Effort, Grain};
pub(super) use files::results;
pub(super) use planned::Planned;
pub use process::{Arm, Limits};
pub(super) use process::{End, Launch, Process};
pub(super) use session::{Listing, Opened, Session, Step};

use super::discovery::Harness;
use benchgate_core::model::{Samples, SamplesError, Throughput, stated_threads};

/// A benchmark as Criterion names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Group.
    pub group: String,
    /// Function.
    pub function: Option<String>,
    /// Parameter.
    pub value: Option<String>,
    /// Work an iteration, where stated.
    pub throughput: Option<Throughput>,
}

impl Listed {
    /// Criterion's `full_id`, which its filter is matched against.
    pub fn full_id(&self) -> String {
        let parts = [Some(&self.group), self.function.as_ref(), self.value.as_ref()];
        parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join("/")
    }

    /// Threads that it states through a trailing `@tN`.
    pub(super) fn threads(&self) -> u32 {
        stated_threads(self.value.as_deref().or(self.function.as_deref()).unwrap_or(&self.group))
    }

    /// Whether both name the same benchmark, whatever work they state.
    pub fn is_same(&self, other: &Self) -> bool {
        (&self.group, &self.function, &self.value) == (&other.group, &other.function, &other.value)
    }
}

/// What one process measured of one benchmark.
#[derive(Clone, Debug)]
pub(super) struct Measured {
    /// Which.
    pub bench: Listed,
    /// Its samples, or why they are none.
    pub samples: Result<Samples, SamplesError>,
    /// How long Criterion meant to take; zero where it did not say.
    pub planned: Planned,
    /// Samples that stand behind each: more than one where the harness tells but their median.
    pub median_of: usize,
}

impl Measured {
    /// How fast its clock must run for it to be short, which ran `dilation` times as fast as real time.
    pub fn dilation(&self, harness: Harness, dilation: u32) -> u32 {
        let has_room = |samples: &Samples| samples.as_slice().iter().all(|sample| sample.iterations >= 2.0);
        self.planned.dilation(harness, dilation, self.samples.as_ref().is_ok_and(has_room))
    }
}

/// A filter that matches exactly these benches.
pub(super) fn filter<'a>(benches: impl IntoIterator<Item = &'a Listed>) -> String {
    let ids: Vec<String> = benches.into_iter().map(|bench| regex::escape(&bench.full_id())).collect();
    format!("^(?:{})$", ids.join("|"))
}

/// What means exactly these benches to a harness; one of them, where it takes plain text.
pub(super) fn filter_for<'a>(harness: Harness, benches: impl IntoIterator<Item = &'a Listed>) -> String {
    if harness.filters_plainly() {
        benches.into_iter().next().map(Listed::full_id).unwrap_or_default()
    } else {
        filter(benches)
    }
}

/// The arguments that name one bench to a process that measures nothing else. Criterion before 0.4 knows no `--exact`.
pub fn naming(harness: Harness, bench: &Listed) -> Vec<String> {
    if harness == Harness::Files {
        return vec![old_filter(bench)];
    }
    let exact = harness.filters_plainly().then(|| "--exact".to_owned());
    [filter_for(harness, [bench])].into_iter().chain(exact).collect()
}

/// A filter for Criterion before 0.3.3, whose oldest look for it as plain text: the id as it is, where no character of it means
/// anything else to the others. What more it matches is measured and not looked at.
pub(super) fn old_filter(bench: &Listed) -> String {
    let id = bench.full_id();
    if id.contains(['\\', '.', '+', '*', '?', '(', ')', '|', '[', ']', '{', '}', '^', '$']) {
        filter([bench])
    } else {
        id
    }
}

/// Longest filter in bytes. Linux takes 128 KiB an argument, and Criterion's regular expression has a limit of its own.
const LONGEST_FILTER: usize = 64 << 10;

/// Cuts a list into parts whose benches each fit into one filter; `name` tells the bench of an item whose id is longest.
pub(super) fn parts<'a, T>(all: &'a [T], name: impl Fn(&'a T) -> &'a Listed) -> Vec<&'a [T]> {
    let mut parts = Vec::new();
    let (mut start, mut length) = (0, 0);
    for (at, item) in all.iter().enumerate() {
        let own = regex::escape(&name(item).full_id()).len() + 1;
        if length + own > LONGEST_FILTER && at > start {
            parts.push(&all[start..at]);
            (start, length) = (at, 0);
        }
        length += own;
    }
    parts.extend(Some(&all[start..]).filter(|rest| !rest.is_empty()));
    parts
}

/// A filter that matches nothing: every bench then announces itself as skipped.
///
/// Written so that the regex crate understands it without its Unicode tables, which Criterion leaves out.
pub(super) const NOTHING: &str = "x^";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn oldest_criterion_is_asked_in_plain_text() {
        #[track_caller]
        fn check(function: &str, expected: &str) {
            let bench = Listed { group: "a/b".into(), function: Some(function.into()), value: None, throughput: None };
            assert_eq!(old_filter(&bench), expected);
        }
        check("plain-7 & more", "a/b/plain-7 & more");
        check("x.y", r"^(?:a/b/x\.y)$");
    }

    #[test]
    fn one_bench_is_named_without_flags_that_a_harness_lacks() {
        let bench = Listed { group: "a.b".into(), function: None, value: None, throughput: None };
        #[track_caller]
        fn check(bench: &Listed, harness: Harness, expected: &[&str]) {
            assert_eq!(naming(harness, bench), expected, "{harness:?}");
        }
        check(&bench, Harness::Port([0, 3, 6]), &[r"^(?:a\.b)$"]);
        check(&bench, Harness::Port([0, 8, 2]), &[r"^(?:a\.b)$"]);
        check(&bench, Harness::Files, &[r"^(?:a\.b)$"]);
        check(&bench, Harness::Port([2, 0, 0]), &["a.b", "--exact"]); // criterion2
    }

    #[test]
    fn long_lists_are_cut_into_filters_that_fit() {
        #[track_caller]
        fn check(lengths: &[usize], expected: &[usize]) {
            let bench =
                |length: &usize| Listed { group: "x".repeat(*length), function: None, value: None, throughput: None };
            let benches: Vec<Listed> = lengths.iter().map(bench).collect();
            let cut: Vec<usize> = parts(&benches, |bench| bench).into_iter().map(<[Listed]>::len).collect();
            assert_eq!(cut, expected);
        }
        check(&[], &[]);
        check(&[10; 5], &[5]);
        check(&[LONGEST_FILTER - 1], &[1]);
        check(&[LONGEST_FILTER * 2, 10], &[1, 1]);
        check(&[LONGEST_FILTER / 2 - 1; 5], &[2, 2, 1]);
    }
}

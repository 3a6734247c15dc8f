//! Names of benchmarks and series.

use std::collections::BTreeMap;
use std::fmt;

use super::Metric;

/// One benchmark: where it lives and what Criterion calls it.
///
/// Criterion's `full_id` is ambiguous (group `a/b` with function `c` and group `a` with function `b/c` read alike), so
/// the parts are kept apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BenchKey {
    /// Cargo package that holds the bench target.
    pub package: String,
    /// Bench target (executable).
    pub target: String,
    /// Criterion's group.
    pub group: String,
    /// Criterion's function, absent for `bench_function` on a bare `Criterion`.
    pub function: Option<String>,
    /// Criterion's parameter, absent where the bench has none. A trailing `@tN` is the number of threads.
    pub value: Option<String>,
}

impl BenchKey {
    /// Group, function and value joined by `/`: Criterion's `full_id`.
    pub fn id(&self) -> String {
        let mut id = self.group.clone();
        for part in [&self.function, &self.value].into_iter().flatten() {
            id.push('/');
            id.push_str(part);
        }
        id
    }

    /// Threads that the bench states through a trailing `@tN` of its value; 1 where it states none.
    pub fn threads(&self) -> u32 {
        stated_threads(self.value.as_deref().or(self.function.as_deref()).unwrap_or(&self.group))
    }
}

/// Threads that the last part of an id states through a trailing `@tN`; 1 where it states none.
pub fn stated_threads(last: &str) -> u32 {
    last.rsplit_once("@t").and_then(|(_, n)| n.parse().ok()).unwrap_or(1)
}

/// One series: a benchmark seen through one metric.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SeriesKey {
    /// The benchmark.
    pub bench: BenchKey,
    /// What is measured of it.
    pub metric: Metric,
}

impl fmt::Display for SeriesKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.bench.id(), self.metric)
    }
}

/// The shortest unambiguous name of each benchmark: its id, or `package/target: id` where two targets share one.
///
/// The time and heap targets of one case share an id on purpose; they are one benchmark to a reader, so an id is
/// ambiguous only if the same metric occurs under it twice.
pub fn display_ids<'a>(keys: impl IntoIterator<Item = &'a SeriesKey>) -> BTreeMap<SeriesKey, String> {
    let mut owners: BTreeMap<(String, Metric), Vec<&SeriesKey>> = BTreeMap::new();
    for key in keys {
        owners.entry((key.bench.id(), key.metric)).or_default().push(key);
    }
    let mut names = BTreeMap::new();
    for ((id, _), mut keys) in owners {
        keys.sort();
        keys.dedup();
        let is_shared = keys.len() > 1;
        for key in keys {
            let name = if is_shared { format!("{}/{}: {id}", key.bench.package, key.bench.target) } else { id.clone() };
            names.insert(key.clone(), name);
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(package: &str, group: &str, function: Option<&str>, value: Option<&str>) -> BenchKey {
        BenchKey {
            package: package.into(),
            target: "t".into(),
            group: group.into(),
            function: function.map(Into::into),
            value: value.map(Into::into),
        }
    }

    #[test]
    fn threads_are_read_from_the_trailing_mark() {
        #[track_caller]
        fn check(value: Option<&str>, expected: u32) {
            assert_eq!(key("p", "g", Some("f"), value).threads(), expected);
        }
        check(Some("mt@t2"), 2);
        check(Some("mt@t16"), 16);
        check(Some("mt@tx"), 1);
        check(Some("small"), 1);
        check(None, 1);
    }

    #[test]
    fn same_id_in_two_packages_is_told_apart() {
        let a = SeriesKey { bench: key("p", "g", None, None), metric: Metric::Time };
        let b = SeriesKey { bench: key("q", "g", None, None), metric: Metric::Time };
        let c = SeriesKey { bench: key("q", "h", None, None), metric: Metric::Time };
        let names = display_ids([&a, &b, &c]);
        assert_eq!((&*names[&a], &*names[&b], &*names[&c]), ("p/t: g", "q/t: g", "h"));
    }

    #[test]
    fn time_and_heap_of_one_case_share_their_id() {
        let time = SeriesKey { bench: key("p", "g", None, None), metric: Metric::Time };
        let mut heap = SeriesKey { bench: key("p", "g", None, None), metric: Metric::Allocations };
        heap.bench.target = "heap".into();
        let names = display_ids([&time, &heap]);
        assert_eq!((&*names[&time], &*names[&heap]), ("g", "g"));
    }
}

//! Stored exact counts: `baselines/heap/<target>.json`, one file a bench target, kept in git.
//!
//! A count holds for one compiler and host; under another it is `incomparable`, never a silent comparison. Nothing
//! here overwrites a baseline by itself: only `baseline save` calls [`HeapBaselines::save`].

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use super::baseline_error::BaselineError;
use super::baseline_wire::{self as wire, BaselineWire, Counts, IdWire, SCHEMA};
use super::file::{WriteError, write_whole};
use super::json::Broken;
use super::run_wire::SchemaWire;
use benchgate_core::model::{BenchKey, CountReading, Metric, SeriesKey, Toolchain};

/// The counts of one bench target.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeapBaseline {
    /// Cargo package.
    pub package: String,
    /// Bench target.
    pub target: String,
    /// First line of `rustc --version` when they were recorded.
    pub rustc: String,
    /// Host triple, likewise.
    pub host: String,
    /// Hash over the source files, likewise.
    pub tree: String,
    /// Commit that was checked out; empty where there is no repository.
    pub commit: String,
    /// The counts. Package and target of every key are those above.
    pub counts: BTreeMap<SeriesKey, CountReading>,
}

impl HeapBaseline {
    /// Whether counts under this toolchain may be held against the stored ones.
    ///
    /// # Errors
    /// Why not, in words.
    pub fn matches(&self, toolchain: &Toolchain) -> Result<(), String> {
        let differs = |what: &str, stored: &str, here: &str| {
            (stored != here).then(|| format!("recorded with {what} `{stored}`, measured with `{here}`"))
        };
        let difference = differs("rustc", &self.rustc, &toolchain.rustc);
        difference.or_else(|| differs("host", &self.host, &toolchain.host)).map_or(Ok(()), Err)
    }

    /// Reads the text of one file; `name` is what messages call it.
    ///
    /// # Errors
    /// [`BaselineError`] if it is cut off, damaged, in conflict, or of another schema.
    pub fn parse(name: &str, text: &str) -> Result<Self, BaselineError> {
        let markers = ["<<<<<<< ", "=======", ">>>>>>> "];
        if let Some(line) = text.lines().position(|line| markers.iter().any(|marker| line.starts_with(marker))) {
            return Err(BaselineError::Conflict { name: name.to_owned(), line: line + 1 });
        }
        let broken = |error: serde_json::Error| {
            let name = name.to_owned();
            match Broken::new(&error, text.as_bytes()) {
                Broken { is_truncated: true, line, column, reason } => {
                    BaselineError::Truncated { name, line, column, reason }
                }
                Broken { is_truncated: false, line, column, reason } => {
                    BaselineError::Damaged { name, line, column, reason }
                }
            }
        };
        let SchemaWire { schema } = serde_json::from_str(text).map_err(broken)?;
        if schema != SCHEMA {
            return Err(BaselineError::Schema { name: name.to_owned(), found: schema, supported: SCHEMA });
        }
        let BaselineWire { schema: _, package, target, rustc, host, tree, commit, series } =
            serde_json::from_str(text).map_err(broken)?;
        let key = |id: IdWire, metric: Metric| id.into_key(&package, &target, metric);
        let counts = series.0.into_iter().map(|((id, metric), count)| (key(id, metric), count)).collect();
        Ok(Self { package, target, rustc, host, tree, commit, counts })
    }

    /// The text of the file, one series a line, sorted.
    ///
    /// # Errors
    /// Which count is NaN or infinite.
    pub fn to_text(&self) -> Result<String, String> {
        let series = self.counts.iter().map(|(key, count)| ((IdWire::of(&key.bench), key.metric), *count)).collect();
        let header = BaselineWire {
            schema: SCHEMA,
            package: self.package.clone(),
            target: self.target.clone(),
            rustc: self.rustc.clone(),
            host: self.host.clone(),
            tree: self.tree.clone(),
            commit: self.commit.clone(),
            series: Counts(series),
        };
        wire::write(&header).map_err(|error| error.to_string())
    }
}

/// The counts of all bench targets of a workspace, each with the file that it came from.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeapBaselines(BTreeMap<(String, String), (HeapBaseline, String)>);

impl HeapBaselines {
    /// Reads every `.json` file of a directory. A directory that does not exist holds none.
    ///
    /// # Errors
    /// [`BaselineError`] for the first file, by name, that cannot be used.
    pub fn load(directory: &Path) -> Result<Self, BaselineError> {
        let unreadable = |path: &Path| {
            let name = path.display().to_string();
            move |source| BaselineError::Unreadable { name, source }
        };
        let paths = match files(directory) {
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Self::default()),
            result => result.map_err(unreadable(directory))?,
        };
        let mut texts = Vec::new();
        for path in paths {
            texts.push((path.display().to_string(), fs::read_to_string(&path).map_err(unreadable(&path))?));
        }
        Self::parse(texts)
    }

    /// Reads the texts of files, for instance those of the base revision: name for messages, then text.
    ///
    /// # Errors
    /// As [`HeapBaselines::load`].
    pub fn parse(texts: impl IntoIterator<Item = (String, String)>) -> Result<Self, BaselineError> {
        let mut all = Self::default();
        for (name, text) in texts {
            let baseline = HeapBaseline::parse(&name, &text)?;
            let key = (baseline.package.clone(), baseline.target.clone());
            if let Some((_, (_, first))) = all.0.get_key_value(&key) {
                let (package, target) = key;
                return Err(BaselineError::SameTarget { first: first.clone(), second: name, package, target });
            }
            all.0.insert(key, (baseline, name));
        }
        Ok(all)
    }

    /// Adds the counts of a target, in place of those that were there.
    pub fn insert(&mut self, baseline: HeapBaseline) {
        let key = (baseline.package.clone(), baseline.target.clone());
        self.0.insert(key, (baseline, String::new()));
    }

    /// All of them, by package and target.
    pub fn iter(&self) -> impl Iterator<Item = &HeapBaseline> {
        self.0.values().map(|(baseline, _)| baseline)
    }

    /// Whether nothing is stored at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The counts of one bench target.
    pub fn target(&self, package: &str, target: &str) -> Option<&HeapBaseline> {
        self.0.get(&(package.to_owned(), target.to_owned())).map(|(baseline, _)| baseline)
    }

    /// One count.
    pub fn count(&self, bench: &BenchKey, metric: Metric) -> Option<CountReading> {
        let key = SeriesKey { bench: bench.clone(), metric };
        self.target(&bench.package, &bench.target)?.counts.get(&key).copied()
    }

    /// Makes the directory hold exactly these baselines, and returns the paths written. A baseline file of a target
    /// that is not among them is removed; files that are no baselines are left alone.
    ///
    /// # Errors
    /// [`WriteError`]; each file is then either as before or as it should be.
    pub fn save(&self, directory: &Path) -> Result<Vec<PathBuf>, WriteError> {
        let mut written = Vec::new();
        for baseline in self.iter() {
            let path = directory.join(self.file_name(baseline));
            let text = baseline.to_text().map_err(|reason| WriteError::Content { path: path.clone(), reason })?;
            write_whole(&path, text.as_bytes())?;
            written.push(path);
        }
        let failed = |path: &Path, source| WriteError::File {
            path: path.to_path_buf(),
            directory: directory.to_path_buf(),
            source,
        };
        let stored = if directory.is_dir() { files(directory).map_err(|e| failed(directory, e))? } else { Vec::new() };
        for path in stored {
            let text = fs::read_to_string(&path).unwrap_or_default(); // what is no text is no baseline
            if !written.contains(&path) && HeapBaseline::parse("", &text).is_ok() {
                fs::remove_file(&path).map_err(|source| failed(&path, source))?;
            }
        }
        Ok(written)
    }

    /// `<target>.json`, or `<package>+<target>.json` where two packages have a target of that name.
    fn file_name(&self, baseline: &HeapBaseline) -> String {
        let is_shared = self.0.keys().filter(|(_, target)| *target == baseline.target).count() > 1;
        let stem =
            if is_shared { format!("{}+{}", baseline.package, baseline.target) } else { baseline.target.clone() };
        let is_plain = |c: char| c.is_alphanumeric() || "+-_.".contains(c);
        let stem: String = stem.chars().map(|c| if is_plain(c) { c } else { '_' }).collect();
        format!("{stem}.json")
    }
}

/// The `.json` files of a directory, by name.
fn files(directory: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

#[cfg(test)]
mod tests {
    use proptest::collection::btree_map;
    use proptest::option;
    use proptest::prelude::*;

    use super::*;

    fn word() -> impl Strategy<Value = String> {
        prop_oneof!["[a-z_]{1,6}", "\\PC{0,6}", Just("a/b \"c\" <d> %:|* \u{1f980}\n".to_owned())]
    }

    fn baseline() -> impl Strategy<Value = HeapBaseline> {
        let id = (word(), option::of(word()), option::of(word()));
        let counts: Vec<Metric> = Metric::ALL.into_iter().filter(|metric| metric.is_count()).collect();
        let key = (id, proptest::sample::select(counts));
        let value =
            prop_oneof![(0_u32..100_000).prop_map(f64::from), any::<f64>().prop_filter("finite", |x| x.is_finite())];
        let count = (value, any::<bool>()).prop_map(|(value, is_exact)| CountReading { value, is_exact });
        let header = (word(), word(), word(), word(), word(), word());
        (header, btree_map(key, count, 0..12)).prop_map(|((package, target, rustc, host, tree, commit), counts)| {
            let key = |((group, function, value), metric)| {
                let bench = BenchKey { package: package.clone(), target: target.clone(), group, function, value };
                SeriesKey { bench, metric }
            };
            let counts = counts.into_iter().map(|(parts, count)| (key(parts), count)).collect();
            HeapBaseline { package: package.clone(), target: target.clone(), rustc, host, tree, commit, counts }
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]

        #[test]
        fn baselines_come_back(baseline in baseline()) {
            let text = baseline.to_text().expect("finite");
            prop_assert_eq!(text.lines().count(), 10 + baseline.counts.len() + usize::from(!baseline.counts.is_empty()));
            prop_assert_eq!(HeapBaseline::parse("b", &text).expect("just written"), baseline);
        }

        #[test]
        fn truncated_baselines_never_load(baseline in baseline(), at in any::<prop::sample::Index>()) {
            let text = baseline.to_text().expect("finite");
            let complete = text.trim_end().len(); // losing the last line end alone loses nothing
            let cut = (0..=at.index(complete)).rev().find(|&n| text.is_char_boundary(n)).expect("0 is one");
            prop_assume!(cut < complete);
            let result = HeapBaseline::parse("b", &text[..cut]);
            let is_truncated = matches!(result, Err(BaselineError::Truncated { .. }));
            prop_assert!(is_truncated, "{:?}", result);
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,200}") {
            prop_assert!(HeapBaseline::parse("b", &text).is_err());
        }

        #[test]
        fn no_changed_character_panics(baseline in baseline(), at in any::<prop::sample::Index>(), c in any::<char>()) {
            let mut text: Vec<char> = baseline.to_text().expect("finite").chars().collect();
            let at = at.index(text.len());
            text[at] = c;
            let text: String = text.into_iter().collect();
            // Some changes make another valid baseline, which then must survive its own round trip.
            if let Ok(other) = HeapBaseline::parse("b", &text) {
                let again = HeapBaseline::parse("b", &other.to_text().expect("finite"));
                prop_assert_eq!(again.expect("just written"), other);
            }
        }
    }

    fn bench(package: &str, target: &str, function: &str) -> BenchKey {
        BenchKey {
            package: package.into(),
            target: target.into(),
            group: "serialization/result".into(),
            function: Some(function.into()),
            value: Some("small".into()),
        }
    }

    fn example(package: &str, target: &str) -> HeapBaseline {
        let key = |function, metric| SeriesKey { bench: bench(package, target, function), metric };
        let exact = |value| CountReading { value, is_exact: true };
        HeapBaseline {
            package: package.into(),
            target: target.into(),
            rustc: "rustc 1.95.0 (59807616e 2026-04-14)".into(),
            host: "x86_64-unknown-linux-gnu".into(),
            tree: "9f2c".into(),
            commit: "03ad3f3".into(),
            counts: [
                (key("reuse", Metric::Allocations), exact(0.0)),
                (key("direct", Metric::AllocatedBytes), exact(412.0)),
                (key("direct", Metric::Allocations), exact(1.0)),
                (key("pooled", Metric::PeakBytes), CountReading { value: 0.5, is_exact: false }),
            ]
            .into(),
        }
    }

    #[test]
    fn a_series_is_a_line_and_lines_are_sorted() {
        insta::assert_snapshot!(example("perfblocks", "heap").to_text().expect("finite"), @r#"
        {
          "schema": 1,
          "package": "perfblocks",
          "target": "heap",
          "rustc": "rustc 1.95.0 (59807616e 2026-04-14)",
          "host": "x86_64-unknown-linux-gnu",
          "tree": "9f2c",
          "commit": "03ad3f3",
          "series": [
            {"id":{"group":"serialization/result","function":"direct","value":"small"},"metric":"allocations","value":1},
            {"id":{"group":"serialization/result","function":"direct","value":"small"},"metric":"bytes","value":412},
            {"id":{"group":"serialization/result","function":"pooled","value":"small"},"metric":"peak-bytes","value":0.5,"exact":false},
            {"id":{"group":"serialization/result","function":"reuse","value":"small"},"metric":"allocations","value":0}
          ]
        }
        "#);
    }

    #[test]
    fn each_kind_of_damage_has_its_message() {
        #[track_caller]
        fn check(text: &str, expected: &str) {
            let message = HeapBaseline::parse("heap.json", text).expect_err("unusable").to_string();
            assert!(message.starts_with(&format!("baseline `heap.json` {expected}")), "{message}");
            assert_eq!(message.matches("\nhint: ").count(), 1, "{message}");
        }
        let good = example("p", "t").to_text().expect("finite");
        let line = good.lines().nth(9).expect("a series").trim_end_matches(',');
        check("", "is cut off at line 1, column 0");
        check(&good[..good.len() / 2], "is cut off at line 11");
        check("[]", "is damaged at line 1");
        check("{\"schema\": 2}", "has schema 2, expected 1\nhint: a newer benchgate");
        check("{\"schema\": 0}", "has schema 0, expected 1\nhint: an older benchgate");
        check(&good.replace("\"tree\"", "\"trees\""), "is damaged at line 7, column");
        check(&good.replacen("\"bytes\"", "\"time\"", 1), "is damaged at line 11, column");
        check(&good.replacen("\"bytes\"", "\"byte\"", 1), "is damaged at line 11, column");
        check(&good.replacen("412", "null", 1), "is damaged at line 11, column");
        check(&good.replacen("412", "1e999", 1), "is damaged at line 11, column");
        check(&good.replacen(line, &format!("{line},\n{line}"), 1), "is damaged at line 11, column");
        check(&good.replacen(line, &format!("<<<<<<< HEAD\n{line}"), 1), "has a merge conflict at line 10");
    }

    #[test]
    fn series_that_occurs_twice_is_named() {
        let good = example("p", "t").to_text().expect("finite");
        let line = good.lines().nth(9).expect("a series").trim_end_matches(',');
        let twice = good.replacen(line, &format!("{line},\n{line}"), 1);
        let message = HeapBaseline::parse("b", &twice).expect_err("twice").to_string();
        assert!(message.contains("series `serialization/result/direct/small allocations` occurs twice"), "{message}");
    }

    #[test]
    fn directory_holds_exactly_what_was_saved() {
        let home = tempfile::tempdir().expect("temporary directory");
        let directory = home.path().join("heap");
        assert!(HeapBaselines::load(&directory).expect("absent is empty").is_empty());
        let mut all = HeapBaselines::default();
        all.insert(example("p", "one"));
        all.insert(example("p", "two"));
        all.save(&directory).expect("saved");
        fs::write(directory.join("other.json"), "{}").expect("written");
        let mut fewer = HeapBaselines::default();
        fewer.insert(example("p", "two"));
        fewer.insert(example("q", "two"));
        let names: Vec<_> =
            fewer.save(&directory).expect("saved").iter().map(|p| p.file_name().map(ToOwned::to_owned)).collect();
        assert_eq!(names, [Some("p+two.json".into()), Some("q+two.json".into())]);
        assert_eq!(files(&directory).expect("readable").len(), 3, "a file that is no baseline stays");
        fs::remove_file(directory.join("other.json")).expect("removed");
        let loaded = HeapBaselines::load(&directory).expect("loads");
        assert!(loaded.iter().eq(fewer.iter()));
        let count = loaded.count(&bench("q", "two", "direct"), Metric::AllocatedBytes);
        assert_eq!(count, Some(CountReading { value: 412.0, is_exact: true }));
        assert_eq!(loaded.count(&bench("q", "one", "direct"), Metric::AllocatedBytes), None);
        assert_eq!(loaded.count(&bench("q", "two", "direct"), Metric::PeakBytes), None);
    }

    #[test]
    fn two_files_for_one_target_are_refused() {
        let text = example("p", "t").to_text().expect("finite");
        let error = HeapBaselines::parse([("a.json".into(), text.clone()), ("b.json".into(), text)]);
        let message = error.expect_err("both hold the same target").to_string();
        assert!(
            message.starts_with("baselines `a.json` and `b.json` both hold target `t` of package `p`"),
            "{message}"
        );
    }

    #[test]
    fn other_toolchain_is_incomparable_and_says_why() {
        #[track_caller]
        fn check(rustc: &str, host: &str, expected: Result<(), &str>) {
            let toolchain = Toolchain { rustc: rustc.into(), host: host.into(), flags: String::new() };
            assert_eq!(example("p", "t").matches(&toolchain), expected.map_err(Into::into));
        }
        let (rustc, host) = ("rustc 1.95.0 (59807616e 2026-04-14)", "x86_64-unknown-linux-gnu");
        check(rustc, host, Ok(()));
        check(
            "rustc 1.96.0",
            host,
            Err("recorded with rustc `rustc 1.95.0 (59807616e 2026-04-14)`, measured with `rustc 1.96.0`"),
        );
        check(rustc, "aarch64", Err("recorded with host `x86_64-unknown-linux-gnu`, measured with `aarch64`"));
    }
}

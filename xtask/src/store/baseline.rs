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
use super::run_wire::SchemaWire;
use super::runs::without_place;
use crate::model::{BenchKey, CountReading, Metric, SeriesKey, Toolchain};

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
            let (name, line, column) = (name.to_owned(), error.line(), error.column());
            let reason = without_place(&error);
            match error.classify() {
                serde_json::error::Category::Eof => BaselineError::Truncated { name, line, column, reason },
                _ => BaselineError::Damaged { name, line, column, reason },
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
        for path in files(directory).unwrap_or_default() {
            let text = fs::read_to_string(&path).unwrap_or_default();
            if !written.contains(&path) && HeapBaseline::parse("", &text).is_ok() {
                let directory = directory.to_path_buf();
                fs::remove_file(&path).map_err(|source| WriteError::File { path, directory, source })?;
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

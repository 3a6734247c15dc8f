//! Evidence about code by itself, kept by what that code is: pairs for claims, and heap counts.
//!
//! A file for each piece, named by the hash of its key. It is a cache: what is missing, damaged or of another schema is
//! measured again, so reading knows no errors.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use super::evidence_wire::{CountCell, PairWire};
use super::file::{WriteError, write_whole};
use super::number::Number;
use benchgate_core::model::{BenchKey, CountReading, HeapReading, Metric, Pair};

/// What this program writes and reads.
const SCHEMA: u64 = 2;

/// Files that are kept, those used last. A hundred claims are a hundred files for each version of their code.
pub const KEPT_EVIDENCE: usize = 2000;

/// What a piece of evidence is about, in full. Pieces of one key may stand for each other.
pub type EvidenceKey = Vec<String>;

/// Pairs of two benchmarks.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptPairs {
    /// When the first was measured, RFC 3339 in UTC.
    pub since: String,
    /// In the order of measuring.
    pub pairs: Vec<Pair>,
}

/// What was counted of one benchmark.
#[derive(Clone, Debug, PartialEq)]
pub struct KeptCount {
    /// When, RFC 3339 in UTC.
    pub since: String,
    /// The counts; or why its heap cannot be counted. A failure is neither, and is not kept.
    pub reading: Result<HeapReading, String>,
}

/// Counts of benchmarks of one executable.
pub type KeptCounts = BTreeMap<BenchKey, KeptCount>;

/// A directory of evidence.
#[derive(Clone, Debug)]
pub struct EvidenceStore {
    directory: PathBuf,
}

impl EvidenceStore {
    /// What is kept in a directory, which need not exist.
    pub fn at(directory: &Path) -> Self {
        Self { directory: directory.to_owned() }
    }

    /// Pairs that are kept under a key.
    pub fn pairs(&self, key: &EvidenceKey) -> Option<KeptPairs> {
        let PairsWire { since, pairs } = self.find(key)?;
        Some(KeptPairs { since, pairs: pairs.into_iter().map(Into::into).collect() })
    }

    /// Keeps pairs in place of those that are there.
    ///
    /// # Errors
    /// [`WriteError`] if the directory cannot be written.
    pub fn keep_pairs(&self, key: &EvidenceKey, kept: &KeptPairs) -> Result<(), WriteError> {
        let pairs = kept.pairs.iter().cloned().map(Into::into).collect();
        self.keep(key, PairsWire { since: kept.since.clone(), pairs })
    }

    /// Counts that are kept under a key; none where nothing is.
    pub fn counts(&self, key: &EvidenceKey) -> KeptCounts {
        let wire: Option<CountsWire> = self.find(key);
        let counts = wire.map(|CountsWire { counts }| counts.into_iter().map(CountedWire::into_parts).collect());
        counts.flatten().unwrap_or_default()
    }

    /// Keeps counts in place of those that are there.
    ///
    /// # Errors
    /// [`WriteError`] if the directory cannot be written.
    pub fn keep_counts(&self, key: &EvidenceKey, kept: &KeptCounts) -> Result<(), WriteError> {
        let counts = kept.iter().map(|(bench, count)| CountedWire::of(bench.clone(), count.clone())).collect();
        self.keep(key, CountsWire { counts })
    }

    /// Removes all but the [`KEPT_EVIDENCE`] files that were used last.
    ///
    /// # Errors
    /// The directory cannot be read, or a file cannot be removed.
    pub fn prune(&self) -> std::io::Result<()> {
        let entries = match fs::read_dir(&self.directory) {
            Ok(entries) => entries,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
            Err(error) => return Err(error),
        };
        let mut files = Vec::new();
        for entry in entries {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                files.push((fs::metadata(&path).and_then(|metadata| metadata.modified()).ok(), path));
            }
        }
        files.sort();
        let surplus = files.len().saturating_sub(KEPT_EVIDENCE);
        for (_, path) in &files[..surplus] {
            match fs::remove_file(path) {
                // Another run of the gate may have removed it in the meantime.
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }

    fn place(&self, key: &EvidenceKey) -> PathBuf {
        let digest = Sha256::digest(key.join("\0"));
        let name: String = digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
        self.directory.join(format!("{name}.json"))
    }

    fn find<T: DeserializeOwned>(&self, key: &EvidenceKey) -> Option<T> {
        let place = self.place(key);
        let FileWire { schema, key: of, sha256, evidence } = serde_json::from_slice(&fs::read(&place).ok()?).ok()?;
        if schema != SCHEMA || of != *key || sha256 != digest(evidence.get()) {
            return None;
        }
        let evidence = serde_json::from_str(evidence.get()).ok()?;
        if let Ok(file) = fs::File::options().write(true).open(&place) {
            // That it was used decides only what is pruned first, so nothing is lost where that cannot be noted.
            file.set_modified(SystemTime::now()).ok();
        }
        Some(evidence)
    }

    fn keep<T: Serialize>(&self, key: &EvidenceKey, evidence: T) -> Result<(), WriteError> {
        let path = self.place(key);
        let failed = |error: serde_json::Error| WriteError::Content { path: path.clone(), reason: error.to_string() };
        let evidence = serde_json::value::to_raw_value(&evidence).map_err(failed)?;
        let sha256 = digest(evidence.get());
        let json =
            serde_json::to_vec(&FileWire { schema: SCHEMA, key: key.clone(), sha256, evidence }).map_err(failed)?;
        write_whole(&path, &json)
    }
}

/// In hexadecimal digits.
fn digest(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct FileWire {
    schema: u64,
    /// In full, against the improbable clash of hashes.
    key: EvidenceKey,
    /// Of the evidence as it stands in the file: a digit that changed is a reading that nobody took.
    sha256: String,
    evidence: Box<RawValue>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PairsWire {
    since: String,
    pairs: Vec<PairWire>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CountsWire {
    counts: Vec<CountedWire>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CountedWire {
    package: String,
    target: String,
    group: String,
    function: Option<String>,
    value: Option<String>,
    since: String,
    reading: ReadingWire,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum ReadingWire {
    Counted { counts: BTreeMap<String, CountCell>, counters: BTreeMap<String, CountCell>, other_threads: Number },
    Impossible { reason: String },
}

impl CountedWire {
    fn of(bench: BenchKey, KeptCount { since, reading }: KeptCount) -> Self {
        let reading = match reading {
            Ok(HeapReading { counts, counters, other_threads }) => ReadingWire::Counted {
                counts: counts
                    .into_iter()
                    .map(|(metric, count)| (metric.name().to_owned(), CountCell(count)))
                    .collect(),
                counters: counters.into_iter().map(|(name, count)| (name, CountCell(count))).collect(),
                other_threads: Number(other_threads),
            },
            Err(reason) => ReadingWire::Impossible { reason },
        };
        let BenchKey { package, target, group, function, value } = bench;
        Self { package, target, group, function, value, since, reading }
    }

    /// `None` where it counts what this program does not know.
    fn into_parts(self) -> Option<(BenchKey, KeptCount)> {
        let Self { package, target, group, function, value, since, reading } = self;
        let reading = match reading {
            ReadingWire::Counted { counts, counters, other_threads: Number(other_threads) } => {
                let known = |(name, CountCell(count)): (String, CountCell)| Some((name.parse::<Metric>().ok()?, count));
                let counts: Option<BTreeMap<Metric, CountReading>> = counts.into_iter().map(known).collect();
                let counters = counters.into_iter().map(|(name, CountCell(count))| (name, count)).collect();
                Ok(HeapReading { counts: counts?, counters, other_threads })
            }
            ReadingWire::Impossible { reason } => Err(reason),
        };
        Some((BenchKey { package, target, group, function, value }, KeptCount { since, reading }))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use benchgate_core::model::{Conditions, Sample, Samples, Side};

    fn key(what: &str) -> EvidenceKey {
        vec![what.into(), "code".into()]
    }

    fn kept_pairs(nanos: &[f64]) -> KeptPairs {
        let samples = |nanos| Samples::new(vec![Sample { iterations: 8.0, nanos }]).expect("above zero");
        let pair = |(order, &nanos): (usize, &f64)| Pair {
            order: order as u64,
            first: Side::Base,
            base: samples(nanos),
            candidate: samples(nanos * 1.5),
            conditions: Conditions::default(),
        };
        KeptPairs { since: "2026-11-21T03:18:06Z".into(), pairs: nanos.iter().enumerate().map(pair).collect() }
    }

    fn kept_counts(counts: &[f64]) -> KeptCounts {
        let bench = |index: usize| BenchKey {
            package: "p".into(),
            target: "t".into(),
            group: format!("g{index}"),
            function: None,
            value: Some("\"<\u{1b}".into()),
        };
        let reading = |value: f64| match value {
            v if v < 0.0 => Err("it has an allocator of its own".to_owned()),
            value => Ok(HeapReading {
                counts: [(Metric::Allocations, CountReading { value, is_exact: value.fract() == 0.0 })].into(),
                counters: [("hits".to_owned(), CountReading { value: 3.0, is_exact: true })].into(),
                other_threads: value / 3.0,
            }),
        };
        let kept = |value: f64| KeptCount { since: "2026-11-21T03:18:06Z".into(), reading: reading(value) };
        counts.iter().enumerate().map(|(index, &value)| (bench(index), kept(value))).collect()
    }

    #[test]
    fn nothing_is_known_of_another_key() {
        let home = tempfile::tempdir().expect("temporary directory");
        let store = EvidenceStore::at(&home.path().join("evidence"));
        assert_eq!((store.pairs(&key("a")), store.counts(&key("a"))), (None, KeptCounts::new()));
        store.prune().expect("nothing to prune");
        store.keep_pairs(&key("a"), &kept_pairs(&[8.0])).expect("kept");
        store.keep_counts(&key("b"), &kept_counts(&[2.0])).expect("kept");
        assert_eq!((store.pairs(&key("b")), store.counts(&key("a"))), (None, KeptCounts::new()));
        assert_eq!(store.pairs(&key("a")), Some(kept_pairs(&[8.0])));
        // A file that came to lie under another name is of another key still.
        fs::rename(store.place(&key("a")), store.place(&key("c"))).expect("renamed");
        assert_eq!(store.pairs(&key("c")), None);
    }

    #[test]
    fn evidence_used_last_stays() {
        let home = tempfile::tempdir().expect("temporary directory");
        let store = EvidenceStore::at(home.path());
        fs::write(home.path().join("mine.txt"), "stays").expect("written");
        let old = SystemTime::now() - std::time::Duration::from_secs(3600);
        for name in ["old", "used"] {
            store.keep_pairs(&key(name), &kept_pairs(&[8.0])).expect("kept");
            let file = fs::File::options().write(true).open(store.place(&key(name))).expect("there");
            file.set_modified(old).expect("dated");
        }
        assert!(store.pairs(&key("used")).is_some());
        for index in 1..KEPT_EVIDENCE {
            fs::write(home.path().join(format!("{index}.json")), "").expect("written");
        }
        store.prune().expect("pruned");
        assert!(store.pairs(&key("used")).is_some() && store.pairs(&key("old")).is_none());
        assert!(home.path().join("mine.txt").exists());
    }

    #[test]
    fn a_digit_that_changed_is_as_good_as_nothing() {
        let home = tempfile::tempdir().expect("temporary directory");
        let store = EvidenceStore::at(home.path());
        store.keep_pairs(&key("pairs"), &kept_pairs(&[8.0, 9.0])).expect("kept");
        let place = store.place(&key("pairs"));
        let text = fs::read_to_string(&place).expect("readable");
        assert!(text.contains("[9]"), "{text}");
        fs::write(&place, text.replace("[9]", "[7]")).expect("written");
        assert_eq!(store.pairs(&key("pairs")), None);
    }

    proptest! {
        #[test]
        fn pairs_and_counts_come_back(
            nanos in prop::collection::vec(1e-3..1e9f64, 0..4),
            counts in prop::collection::vec(-1.0..1e9f64, 0..4),
        ) {
            let home = tempfile::tempdir().expect("temporary directory");
            let store = EvidenceStore::at(home.path());
            store.keep_pairs(&key("pairs"), &kept_pairs(&nanos)).expect("kept");
            store.keep_counts(&key("counts"), &kept_counts(&counts)).expect("kept");
            prop_assert_eq!(store.pairs(&key("pairs")), Some(kept_pairs(&nanos)));
            prop_assert_eq!(store.counts(&key("counts")), kept_counts(&counts));
        }

        #[test]
        fn damage_is_as_good_as_nothing(at in 0..1000usize, byte in any::<u8>(), is_cut in any::<bool>()) {
            let home = tempfile::tempdir().expect("temporary directory");
            let store = EvidenceStore::at(home.path());
            let good = kept_pairs(&[8.0, 9.0]);
            store.keep_pairs(&key("pairs"), &good).expect("kept");
            let place = store.place(&key("pairs"));
            let mut bytes = fs::read(&place).expect("readable");
            let at = at % bytes.len();
            if is_cut {
                bytes.truncate(at);
            } else {
                bytes.insert(at, byte);
            }
            fs::write(&place, &bytes).expect("written");
            let read = store.pairs(&key("pairs"));
            // Blanks between the fields are no damage.
            prop_assert!(read.is_none() || (!is_cut && read.as_ref() == Some(&good)), "{read:?}");
        }
    }
}

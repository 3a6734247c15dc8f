//! Stored times: `baselines/time/<machine class>.json`, one file a class, kept in git.
//!
//! Only `baseline record` and `baseline prune` write them. What is read is checked as a whole: a benchmark that stands twice in a
//! recording, or recordings of another class, are no baseline.

use std::fs;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::calibration::class_name;
use super::file::{WriteError, write_whole};
use super::json::Broken;
use super::run_wire::SchemaWire;
use super::times_wire::{self as wire, SCHEMA, TimesWire};
use benchgate_core::model::{Machine, TimeBaseline};

/// Stored times that cannot be used.
#[derive(Debug, Error)]
pub enum TimesError {
    /// The file may not be read.
    #[error("stored times `{name}` cannot be read: {source}\nhint: look at its permissions with `ls -l`")]
    Unreadable {
        /// The file.
        name: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not whole, not JSON, or not that of stored times.
    #[error("stored times `{name}` are damaged at line {line}, column {column}: {reason}\nhint: {}", restore(name))]
    Damaged {
        /// The file.
        name: String,
        /// Line, from 1.
        line: usize,
        /// Column.
        column: usize,
        /// What was expected and what was found.
        reason: String,
    },
    /// Another program's version wrote it.
    #[error("stored times `{name}` have schema {found}, expected {supported}\nhint: {}", if found > supported {
        "a newer benchgate wrote them: update this one"
    } else {
        "an older benchgate wrote them: delete the file and record them again with `cargo benchgate baseline record`"
    })]
    Schema {
        /// The file.
        name: String,
        /// Its schema.
        found: u64,
        /// The schema of this program.
        supported: u64,
    },
    /// The file is named after one class of machines and speaks of another.
    #[error("stored times `{name}` are of the machines `{found}`, expected `{expected}`\nhint: {}", restore(name))]
    OfAnother {
        /// The file.
        name: String,
        /// What it speaks of.
        found: String,
        /// What it is named after.
        expected: String,
    },
    /// The same thing twice, so that nobody can tell which counts.
    #[error("stored times `{name}` have {what} twice\nhint: {}", restore(name))]
    Twice {
        /// The file.
        name: String,
        /// What stands there twice.
        what: String,
    },
}

fn restore(name: &str) -> String {
    format!(
        "restore the file with `git checkout -- {name}`, or delete it and record anew with `cargo benchgate baseline record`"
    )
}

/// Reads the stored times of a machine's class from a directory; `None` where there are none.
///
/// # Errors
/// [`TimesError`] if there are some that cannot be used.
pub fn load_times(directory: &Path, machine: &Machine) -> Result<Option<TimeBaseline>, TimesError> {
    let path = directory.join(class_name(machine));
    let name = path.display().to_string();
    match fs::read(&path) {
        Ok(bytes) => parse_times(&name, &bytes, machine).map(Some),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(TimesError::Unreadable { name, source }),
    }
}

/// Reads the bytes of a file, for instance those of the base revision; `name` is what messages call it.
///
/// # Errors
/// As [`load_times`].
pub fn parse_times(name: &str, bytes: &[u8], machine: &Machine) -> Result<TimeBaseline, TimesError> {
    let name = name.to_owned();
    let broken = |error: serde_json::Error| {
        let Broken { line, column, reason, .. } = Broken::new(&error, bytes);
        TimesError::Damaged { name: name.clone(), line, column, reason }
    };
    let SchemaWire { schema } = serde_json::from_slice(bytes).map_err(broken)?;
    if schema != SCHEMA {
        return Err(TimesError::Schema { name, found: schema, supported: SCHEMA });
    }
    let wire: TimesWire = serde_json::from_slice(bytes).map_err(broken)?;
    if let Some(what) = wire.repeated() {
        return Err(TimesError::Twice { name, what });
    }
    let baseline = wire.into_baseline();
    if baseline.machine != machine.class() {
        return Err(TimesError::OfAnother { name, found: baseline.machine, expected: machine.class() });
    }
    Ok(baseline)
}

/// Writes the stored times of this machine's class into a directory, in place of those that were there.
///
/// # Errors
/// [`WriteError`]; the file is then as before.
pub fn save_times(directory: &Path, machine: &Machine, baseline: &TimeBaseline) -> Result<PathBuf, WriteError> {
    let path = directory.join(class_name(machine));
    let text =
        wire::write(baseline).map_err(|error| WriteError::Content { path: path.clone(), reason: error.to_string() })?;
    write_whole(&path, text.as_bytes())?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;

    use super::*;
    use benchgate_core::model::{BenchKey, Conditions, RecordedTarget, RecordedTime, Recording};

    fn machine(cores: u32) -> Machine {
        Machine { architecture: "x86_64".into(), cpu: "Vendor 1/2/3".into(), cores, ..Machine::default() }
    }

    fn word() -> impl Strategy<Value = String> {
        prop_oneof![
            "\\PC{0,8}",
            Just("a/b \"c\" <d> %:|* \u{1f980}\n\u{1b}\\".to_owned()),
            Just("\"targets\":[".to_owned())
        ]
    }

    fn number() -> impl Strategy<Value = f64> {
        prop_oneof![any::<f64>().prop_filter("finite", |x| x.is_finite()), (0_u32..1000).prop_map(f64::from)]
    }

    fn time() -> impl Strategy<Value = (BenchKey, RecordedTime)> {
        let key = (word(), word(), word(), option::of(word()), option::of(word()))
            .prop_map(|(package, target, group, function, value)| BenchKey { package, target, group, function, value });
        let time = (number(), number(), any::<u32>());
        (key, time.prop_map(|(value, spread, pairs)| RecordedTime { value, spread, pairs }))
    }

    fn recording() -> impl Strategy<Value = Recording> {
        let conditions = [number(), number(), number(), number()];
        (vec(word(), 6), any::<u32>(), conditions, word(), vec(time(), 0..4)).prop_map(
            |(words, links, [steal, busy, others, megahertz], code, times)| {
                let [started, commit, tree, rustc, flags, system] = words.try_into().unwrap();
                let conditions = Conditions { steal, busy, others, megahertz };
                let targets = vec![RecordedTarget { code, times: times.into_iter().collect() }];
                Recording { started, commit, tree, rustc, flags, system, links, conditions, targets }
            },
        )
    }

    fn baseline() -> impl Strategy<Value = TimeBaseline> {
        (word(), word(), vec(recording(), 0..4)).prop_map(|(cpu_name, reference, mut recordings)| {
            recordings.sort_by(|a, b| a.started.cmp(&b.started));
            TimeBaseline { machine: machine(2).class(), cpu_name, reference, recordings }
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(baseline in baseline()) {
            let text = wire::write(&baseline).unwrap();
            prop_assert_eq!(parse_times("f", text.as_bytes(), &machine(2)).unwrap(), baseline);
        }

        #[test]
        fn damaged_bytes_are_an_error_and_no_panic(baseline in baseline(), cut in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let mut bytes = wire::write(&baseline).unwrap().into_bytes();
            // The line feed at the end is all that may be missing.
            let at = cut.index(bytes.len() - 1);
            let error = parse_times("f", &bytes[..at], &machine(2)).expect_err("it is cut off").to_string();
            prop_assert!(error.contains("damaged at line"), "{}", error);
            bytes[at] = byte;
            if let Err(error) = parse_times("f", &bytes, &machine(2)) {
                prop_assert!(error.to_string().contains("\nhint: "));
            }
        }
    }

    fn one() -> TimeBaseline {
        let key = |group: &str| BenchKey {
            package: "p".into(),
            target: "t".into(),
            group: group.into(),
            function: None,
            value: None,
        };
        let time = RecordedTime { value: -0.5, spread: 0.01, pairs: 10 };
        let times = [("a", time), ("b", time)].map(|(group, time)| (key(group), time));
        let targets = vec![RecordedTarget { code: "c0de".into(), times: times.into_iter().collect() }];
        let recording =
            Recording { started: "2026-01-01T00:00:00Z".into(), links: 10, targets, ..Recording::default() };
        TimeBaseline {
            machine: machine(2).class(),
            cpu_name: "a CPU".into(),
            reference: "chain 1".into(),
            recordings: vec![recording],
        }
    }

    #[test]
    fn benchmark_more_is_a_line_more() {
        let text = wire::write(&one()).unwrap();
        let line = r#"      {"package":"p","target":"t","group":"b","ratio":-0.5,"spread":0.01,"pairs":10}]}]}]}"#;
        assert!(text.lines().any(|found| found == line), "{text}");
        assert_eq!(text.lines().count(), 5, "{text}");
        let mut more = one();
        more.recordings.push(Recording { started: "2026-01-02T00:00:00Z".into(), ..more.recordings[0].clone() });
        assert_eq!(wire::write(&more).unwrap().lines().count(), 9);
    }

    #[test]
    fn files_are_of_one_class_and_whole() {
        let home = tempfile::tempdir().unwrap();
        assert_eq!(load_times(home.path(), &machine(2)).unwrap(), None);
        let file = save_times(home.path(), &machine(2), &one()).unwrap();
        assert_eq!(load_times(home.path(), &machine(2)).unwrap(), Some(one()));
        assert_eq!(load_times(home.path(), &machine(4)).unwrap(), None, "another class has another file");
        #[track_caller]
        fn check(bytes: &[u8], expected: &str) {
            let error = parse_times("f", bytes, &machine(2)).unwrap_err().to_string();
            assert!(error.contains(expected) && error.contains("\nhint: "), "{error}");
        }
        let text = fs::read_to_string(&file).unwrap();
        check(text.replace("\"schema\":1", "\"schema\":2").as_bytes(), "schema 2, expected 1");
        check(
            text.replace("\"group\":\"b\"", "\"group\":\"a\"").as_bytes(),
            "`a` of t in the recording of 2026-01-01T00:00:00Z twice",
        );
        check(text.replace("-0.5", "1e999").as_bytes(), "damaged at line");
        check(&text.as_bytes()[..text.len() / 2], "damaged at line");
        check(text.replace("2 cores", "4 cores").as_bytes(), "of the machines");
        let mut endless = one();
        endless.recordings[0].conditions.steal = f64::NAN;
        assert!(save_times(home.path(), &machine(2), &endless).is_err());
        assert_eq!(load_times(home.path(), &machine(2)).unwrap(), Some(one()), "the file is as before");
    }
}

//! Stored calibrations: `baselines/calibration/<machine class>.json`, one file a class, kept in git.
//!
//! A calibration says what a class of machines can see; on another class it is not looked at. Nothing here overwrites one by
//! itself: only `calibrate` calls [`save_calibration`].

use std::fs;
use std::path::{Path, PathBuf};

use thiserror::Error;

use super::calibration_wire::{self as wire, CalibrationWire, SCHEMA};
use super::file::{WriteError, write_whole};
use super::json::Broken;
use super::run_wire::SchemaWire;
use benchgate_core::model::{Calibration, Machine};

/// A calibration that cannot be used.
#[derive(Debug, Error)]
pub enum CalibrationError {
    /// The file may not be read.
    #[error("calibration `{name}` cannot be read: {source}\nhint: look at its permissions with `ls -l`")]
    Unreadable {
        /// The file.
        name: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not whole, not JSON, or not that of a calibration.
    #[error("calibration `{name}` is damaged at line {line}, column {column}: {reason}\nhint: {}", restore(name))]
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
    #[error("calibration `{name}` has schema {found}, expected {supported}\nhint: {}", if found > supported {
        "a newer benchgate wrote it: update this one"
    } else {
        "an older benchgate wrote it: make it again with `cargo benchgate calibrate`"
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
    #[error("calibration `{name}` is of the machines `{found}`, expected `{expected}`\nhint: {}", restore(name))]
    OfAnother {
        /// The file.
        name: String,
        /// What it speaks of.
        found: String,
        /// What it is named after.
        expected: String,
    },
}

fn restore(name: &str) -> String {
    format!("restore it with `git checkout -- {name}` or make it again with `cargo benchgate calibrate`")
}

/// The name of the file for a machine: its class with everything but letters, digits, `.`, `+`, `_` and `-` made a `-`.
pub fn class_name(machine: &Machine) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || ".+_-".contains(c);
    let class: String = machine.class().chars().map(|c| if is_plain(c) { c } else { '-' }).collect();
    format!("{class}.json")
}

/// Reads the calibration of a machine's class from a directory; `None` where there is none.
///
/// # Errors
/// [`CalibrationError`] if there is one that cannot be used.
pub fn load_calibration(directory: &Path, machine: &Machine) -> Result<Option<Calibration>, CalibrationError> {
    let path = directory.join(class_name(machine));
    let name = path.display().to_string();
    match fs::read(&path) {
        Ok(bytes) => parse_calibration(&name, &bytes, machine).map(Some),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(CalibrationError::Unreadable { name, source }),
    }
}

/// Reads the bytes of a file, for instance those of the base revision; `name` is what messages call it.
///
/// # Errors
/// As [`load_calibration`].
pub fn parse_calibration(name: &str, bytes: &[u8], machine: &Machine) -> Result<Calibration, CalibrationError> {
    let broken = |error: serde_json::Error| {
        let Broken { line, column, reason, .. } = Broken::new(&error, bytes);
        CalibrationError::Damaged { name: name.to_owned(), line, column, reason }
    };
    let SchemaWire { schema } = serde_json::from_slice(bytes).map_err(broken)?;
    if schema != SCHEMA {
        return Err(CalibrationError::Schema { name: name.to_owned(), found: schema, supported: SCHEMA });
    }
    let wire: CalibrationWire = serde_json::from_slice(bytes).map_err(broken)?;
    let calibration = wire.into_calibration();
    if !calibration.is_of(machine) {
        let (found, expected) = (calibration.machine, machine.class());
        return Err(CalibrationError::OfAnother { name: name.to_owned(), found, expected });
    }
    Ok(calibration)
}

/// Writes a calibration made on this machine into a directory, in place of the one of the same class.
///
/// # Errors
/// [`WriteError`]; the file is then as before.
pub fn save_calibration(directory: &Path, machine: &Machine, calibration: &Calibration) -> Result<PathBuf, WriteError> {
    let path = directory.join(class_name(machine));
    let text = wire::write(calibration)
        .map_err(|error| WriteError::Content { path: path.clone(), reason: error.to_string() })?;
    write_whole(&path, text.as_bytes())?;
    Ok(path)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::option;
    use proptest::prelude::*;

    use super::*;
    use benchgate_core::model::{BenchKey, CalibratedBench, Planted, Resampling, Trial, VerdictSeconds};

    fn word() -> impl Strategy<Value = String> {
        prop_oneof!["\\PC{0,8}", Just("a/b \"c\" <d> %:|* \u{1f980}\n\u{1b}\\".to_owned())]
    }

    fn number() -> impl Strategy<Value = f64> {
        prop_oneof![any::<f64>().prop_filter("finite", |x| x.is_finite()), (0_u32..1000).prop_map(f64::from)]
    }

    fn trial() -> impl Strategy<Value = Trial> {
        (word(), any::<[u32; 7]>(), vec(word(), 0..3)).prop_map(
            |(name, [runs, cut_short, red_runs, verdicts, red, unchanged, layout], red_ids)| Trial {
                name,
                runs,
                cut_short,
                red_runs,
                verdicts,
                red,
                unchanged,
                layout,
                red_ids,
            },
        )
    }

    fn planted() -> impl Strategy<Value = Planted> {
        (word(), number(), any::<[u32; 3]>(), option::of(number()), number()).prop_map(
            |(id, share, [runs, red, unchanged], estimate, tolerance)| Planted {
                id,
                share,
                runs,
                red,
                unchanged,
                estimate,
                tolerance,
            },
        )
    }

    fn bench() -> impl Strategy<Value = CalibratedBench> {
        let key = (word(), word(), word(), option::of(word()), option::of(word()))
            .prop_map(|(package, target, group, function, value)| BenchKey { package, target, group, function, value });
        let figures = (number(), number(), option::of(number()), option::of(number()), number(), option::of(number()));
        let layout = option::of((number(), number()).prop_map(|(low, high)| [low, high]));
        (key, any::<u32>(), figures, any::<bool>(), vec(any::<u32>(), 0..6), layout, word()).prop_map(
            |(
                key,
                pairs,
                (spread, centre, order_effect, supported, tolerance, visible),
                is_known,
                found,
                layout,
                remark,
            )| {
                CalibratedBench {
                    key,
                    pairs,
                    spread,
                    centre,
                    order_effect,
                    is_known,
                    supported,
                    tolerance,
                    visible,
                    found,
                    layout,
                    remark,
                }
            },
        )
    }

    fn calibration() -> impl Strategy<Value = Calibration> {
        let resampling =
            any::<(bool, [u32; 4])>().prop_map(|(is_symmetrised, [suites, series, red_suites, red_series])| {
                Resampling { is_symmetrised, suites, series, red_suites, red_series }
            });
        let seconds = (number(), number(), any::<u32>());
        let seconds = seconds.prop_map(|(median, mean, series)| VerdictSeconds { median, mean, series });
        let words = [(); 6].map(|()| word());
        let lists = (
            vec(trial(), 0..3),
            vec(resampling, 0..3),
            option::of(seconds),
            vec(number(), 0..6),
            vec(planted(), 0..3),
            vec(bench(), 0..4),
            vec(word(), 0..3),
        );
        (words, any::<u64>(), number(), any::<[u32; 3]>(), lists).prop_map(
            |(
                [recorded, cpu_name, rustc, workspace, commit, tree],
                seed,
                measured_seconds,
                [pair_cap, family, paths],
                (trials, resamplings, verdict_seconds, effects, planted, benches, gaps),
            )| Calibration {
                recorded,
                machine: Machine::default().class(),
                cpu_name,
                rustc,
                workspace,
                commit,
                tree,
                seed,
                measured_seconds,
                pair_cap,
                family,
                trials,
                resamplings,
                verdict_seconds,
                effects,
                paths,
                planted,
                benches,
                gaps,
            },
        )
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_was_written_is_read(calibration in calibration()) {
            let home = tempfile::tempdir().unwrap();
            let machine = Machine::default();
            let path = save_calibration(&home.path().join("deep"), &machine, &calibration).unwrap();
            let text = fs::read_to_string(&path).unwrap();
            prop_assert_eq!(load_calibration(&home.path().join("deep"), &machine).unwrap(), Some(calibration.clone()));
            // The same again is the same file.
            save_calibration(&home.path().join("deep"), &machine, &calibration).unwrap();
            prop_assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }

        #[test]
        fn no_cut_file_is_believed(calibration in calibration(), share in 0.0..1.0f64) {
            let text = wire::write(&calibration).unwrap();
            let at = (share * (text.trim_end().len() - 1) as f64) as usize;
            let parsed = parse_calibration("a", &text.as_bytes()[..at], &Machine::default());
            let is_damaged = matches!(parsed, Err(CalibrationError::Damaged { .. }));
            prop_assert!(is_damaged);
        }
    }

    fn machine(cores: u32) -> Machine {
        Machine {
            architecture: "x86_64".into(),
            cpu: "GenuineIntel 6/167/1".into(),
            cores,
            caches: "2048K+491520K".into(),
            hypervisor: "a b/../c".into(),
            ..Machine::default()
        }
    }

    #[test]
    fn name_is_one_word_of_one_directory() {
        let name = class_name(&machine(2));
        assert_eq!(name, "x86_64-GenuineIntel-6-167-1-2-cores-2048K+491520K-a-b-..-c.json");
        assert_ne!(name, class_name(&machine(4)));
    }

    #[test]
    fn other_machines_and_missing_files_have_none() {
        let home = tempfile::tempdir().unwrap();
        let calibration = Calibration { machine: machine(2).class(), ..Calibration::default() };
        save_calibration(home.path(), &machine(2), &calibration).unwrap();
        assert_eq!(load_calibration(home.path(), &machine(2)).unwrap(), Some(calibration));
        assert_eq!(load_calibration(home.path(), &machine(4)).unwrap(), None);
        assert_eq!(load_calibration(&home.path().join("none"), &machine(2)).unwrap(), None);
    }

    #[test]
    fn messages_name_the_file_and_what_to_do() {
        #[track_caller]
        fn check(text: &str, expected: &str) {
            let message = parse_calibration("c.json", text.as_bytes(), &machine(2)).unwrap_err().to_string();
            assert!(message.contains(expected) && message.contains("\nhint: "), "{message}");
        }
        let calibration = Calibration { machine: machine(4).class(), ..Calibration::default() };
        let text = wire::write(&calibration).unwrap();
        check(&text, "calibration `c.json` is of the machines `x86_64 GenuineIntel 6/167/1 4 cores");
        check(&text.replace("\"schema\": 1", "\"schema\": 9"), "has schema 9, expected 1\nhint: a newer benchgate");
        check(&text.replace("\"seed\"", "\"sead\""), "is damaged at line ");
        check("", "is damaged at line 1");
        check("{}", "missing field `schema`");
    }

    #[test]
    fn what_no_file_can_hold_is_not_written() {
        let home = tempfile::tempdir().unwrap();
        let calibration = Calibration { measured_seconds: f64::NAN, ..Calibration::default() };
        let error = save_calibration(home.path(), &Machine::default(), &calibration).unwrap_err();
        assert!(matches!(error, WriteError::Content { .. }), "{error}");
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 0);
    }
}

//! What outlives the process: runs and baselines, as versioned files that are written whole.
//!
//! Effects; imports `model`. It stores evidence and decides nothing: a stored run has no verdicts in it, so that
//! `report` computes them again with the code at hand and cannot contradict it.
#![expect(clippy::disallowed_methods, reason = "reading and writing files is what this module is for")]

mod acceptance_wire;
mod baseline;
mod baseline_error;
mod baseline_wire;
mod build_wire;
mod calibration;
mod calibration_wire;
mod difference_wire;
mod evidence;
mod evidence_wire;
mod file;
mod foreign_wire;
mod invocation_wire;
mod json;
mod number;
mod profile_wire;
mod run_error;
mod run_wire;
mod runs;
mod times;
mod times_wire;

pub use baseline::{HeapBaseline, HeapBaselines};
pub use baseline_error::BaselineError;
pub use calibration::{CalibrationError, class_name, load_calibration, parse_calibration, save_calibration};
pub use evidence::{EvidenceKey, EvidenceStore, KEPT_EVIDENCE, KeptCount, KeptCounts, KeptPairs};
pub use file::{WriteError, write_whole};
pub use run_error::RunFileError;
pub use runs::{KEPT_BYTES, KEPT_RUNS, RunFile, latest, load, parse, save};
pub use times::{TimesError, load_times, parse_times, save_times};

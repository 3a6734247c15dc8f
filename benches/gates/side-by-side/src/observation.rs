//! What one tool said about one subject once, and the file that keeps all of it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

/// What a tool said.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Slower: red.
    Regressed,
    /// Faster.
    Improved,
    /// Nothing to report; tools other than this gate do not tell "equal" from "cannot tell".
    Unchanged,
    /// This gate: it could not tell.
    Inconclusive,
    /// This gate: moved with the link order, not with the code.
    Layout,
    /// No comparison came out.
    Failed,
}

/// A tool, and how much time it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tool {
    /// Criterion's own comparison, 3 + 5 seconds a side.
    CriterionDefault,
    /// The same in the time that this gate took.
    CriterionEqual,
    /// critcmp at 5 % over the same measurements as the former.
    CritcmpDefault,
    /// Likewise in the time that this gate took.
    CritcmpEqual,
    /// tango as it is.
    TangoDefault,
    /// tango in the time that this gate took.
    TangoEqual,
    /// This gate.
    Benchgate,
}

/// One verdict.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Observation {
    /// Who said it.
    pub tool: Tool,
    /// About which comparison, as [`crate::scenario::Scenario`] writes itself.
    pub scenario: String,
    /// About which subject.
    pub subject: String,
    /// In which repetition, from 0.
    pub repetition: u32,
    /// What it said.
    pub verdict: Verdict,
    /// By how much, as it read it: 0.05 is 5 % slower. Null where it states none.
    pub effect: Option<f64>,
    /// Wall seconds for both sides up to the verdict; for this gate without `confirming`. Null where it is not known.
    pub seconds: Option<f64>,
    /// Processor seconds likewise; for this gate the run's share of `seconds`.
    pub cpu: Option<f64>,
    /// This gate: wall seconds of pairs over fresh link orders, linking not counted.
    pub confirming: Option<f64>,
    /// This gate, where a subject was judged on fresh link orders: its part of the rest of the run, which is mostly linking.
    pub linking: Option<f64>,
    /// This gate: pairs of processes, without those over fresh link orders.
    pub pairs: Option<u32>,
}

/// All that one session found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Results {
    schema: u32,
    /// Command that repeats it.
    pub command: String,
    /// Processor and number of cores.
    pub machine: String,
    /// Compiler.
    pub rustc: String,
    /// How this gate interleaved the sides of a pair, in its words, with the number of series that it did so for.
    pub interleavings: BTreeMap<String, u32>,
    /// Every verdict.
    pub observations: Vec<Observation>,
}

/// Version of the file.
const SCHEMA: u32 = 1;

impl Observation {
    /// Of nothing in particular, at unknown cost.
    pub fn new(tool: Tool, verdict: Verdict) -> Self {
        Self {
            tool,
            scenario: String::new(),
            subject: String::new(),
            repetition: 0,
            verdict,
            effect: None,
            seconds: None,
            cpu: None,
            confirming: None,
            linking: None,
            pairs: None,
        }
    }
}

impl Results {
    /// Nothing yet.
    pub fn new(command: String, machine: String, rustc: String) -> Self {
        Self { schema: SCHEMA, command, machine, rustc, interleavings: BTreeMap::new(), observations: Vec::new() }
    }

    /// Reads a file.
    ///
    /// # Errors
    /// It cannot be read or is of another version.
    pub fn load(path: &Path) -> Result<Self> {
        let context = || format!("cannot use the results in `{}`", path.display());
        let text = fs::read_to_string(path).with_context(context)?;
        let results: Self = serde_json::from_str(&text).with_context(context)?;
        ensure!(results.schema == SCHEMA, "`{}` has schema {}, expected {SCHEMA}", path.display(), results.schema);
        Ok(results)
    }

    /// Writes the file whole or not at all.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn save(&self, path: &Path) -> Result<()> {
        let text = serde_json::to_string(self).context("cannot write the results as JSON")?;
        write_whole(path, &text.replace("{\"tool\"", "\n{\"tool\""))
    }
}

/// Writes a file beside its place and moves it there.
///
/// # Errors
/// It cannot be written.
pub fn write_whole(path: &Path, text: &str) -> Result<()> {
    let context = || format!("cannot write `{}`", path.display());
    let beside = path.with_extension("partial");
    fs::write(&beside, text).with_context(context)?;
    fs::rename(&beside, path).with_context(context)
}

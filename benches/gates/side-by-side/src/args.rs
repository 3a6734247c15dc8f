//! Flags.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use crate::scenario::Scenario;

/// Runs tools that compare benchmarks over the same fourteen subjects, and makes the table of docs/method.md.
#[derive(Debug, Parser)]
#[command(name = "side-by-side", version)]
pub struct Args {
    /// What to do
    #[command(subcommand)]
    pub verb: Verb,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Measure, and print the table
    Run(RunArgs),
    /// Print the table of results at hand
    Table(TableArgs),
}

/// A family of tools.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Family {
    /// Criterion's own comparison
    Criterion,
    /// critcmp at 5 %, over Criterion's measurements
    Critcmp,
    /// tango
    Tango,
    /// This gate
    Benchgate,
}

/// How to measure.
#[derive(Clone, Debug, clap::Args)]
pub struct RunArgs {
    /// One repetition of two scenarios over three subjects, without Criterion's default: shows that all parts work
    #[arg(long)]
    pub quick: bool,
    /// How often all scenarios are gone through; one that is listed twice has two turns each time
    #[arg(long, value_name = "N", default_value_t = 5)]
    pub repetitions: u32,
    /// Who takes part
    #[arg(long, value_delimiter = ',', value_enum, default_value = "criterion,critcmp,tango,benchgate")]
    pub tools: Vec<Family>,
    /// What is compared: aa, neutral or plantN; `plant5@1` tells this gate to tolerate 1 %
    #[arg(long, value_delimiter = ',', default_value = "aa,neutral,plant1,plant2,plant5")]
    pub scenarios: Vec<Scenario>,
    /// Scenarios in which Criterion is run at its default too, 10 s a subject and side
    #[arg(long, value_delimiter = ',', default_value = "aa")]
    pub default_scenarios: Vec<Scenario>,
    /// Runs of Criterion at its default; 0 leaves it out
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub default_repetitions: u32,
    /// Only these subjects
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    pub only: Vec<String>,
    /// Seconds a subject that the other tools get, where this gate does not take part; else they get what it took
    #[arg(long, value_name = "SECONDS", default_value_t = 0.6)]
    pub seconds: f64,
    /// Let this gate decide by pairs alone, without judging a slowdown again on fresh link orders
    #[arg(long)]
    pub pairs_only: bool,
    /// This gate's program; built from the repository where absent
    #[arg(long, value_name = "FILE")]
    pub gate: Option<PathBuf>,
    /// Directory for the throw-away repository, executables and measurements; `target/side-by-side` where absent
    #[arg(long, value_name = "DIR")]
    pub work: Option<PathBuf>,
    /// Keep the results here; `results.json` in the directory of `--work` where absent
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
    /// Put the table between the markers of this document
    #[arg(long, value_name = "FILE")]
    pub write: Option<PathBuf>,
}

/// Which results.
#[derive(Clone, Debug, clap::Args)]
pub struct TableArgs {
    /// Files that `run` kept; several are counted together
    #[arg(required = true, value_name = "FILE")]
    pub results: Vec<PathBuf>,
    /// Put the table between the markers of this document
    #[arg(long, value_name = "FILE")]
    pub write: Option<PathBuf>,
}

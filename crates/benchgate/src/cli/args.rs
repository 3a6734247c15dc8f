//! Flags.

use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{ArgAction, Parser, Subcommand, ValueEnum};
use jiff::civil::Date;

use super::build_args::BuildArgs;
use crate::config;
use benchgate_core::model::{Ceiling, Metric, day};

/// Tells whether a change made benchmarked code slower or heavier, how sure that is, and why.
#[derive(Debug, Parser)]
#[command(name = "cargo-benchgate", bin_name = "cargo benchgate", version, propagate_version = true)]
pub(super) struct Args {
    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t = Color::Auto)]
    pub color: Color,
    #[command(subcommand)]
    pub verb: Verb,
}

/// When to use colour.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal, unless NO_COLOR says no
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

#[derive(Debug, Subcommand)]
pub(super) enum Verb {
    /// Measure base and candidate side by side, decide, write the report
    Bench(BenchArgs),
    /// List the benchmarks
    List(ListArgs),
    /// Render the report of a kept run again
    Report(ReportArgs),
    /// Tell on what the verdicts on one benchmark of a kept run rest, in words and numbers
    Explain(ExplainArgs),
    /// Show two kept runs side by side; nothing is judged between them
    Compare(CompareArgs),
    /// Print the table of claims from a kept run
    Claims(ClaimsArgs),
    /// Record, list, show, compare or prune what is stored: counts and times
    Baseline(BaselineArgs),
    /// Accept that a benchmark gets slower or heavier, up to a ceiling, or goes away, until a day
    Accept(AcceptArgs),
    /// Measure the gate itself on this machine: false alarms, power, and the tolerance that each bench supports
    Calibrate(CalibrateArgs),
    /// Let the gate prove that it would notice
    Selftest(SelftestArgs),
    /// Look at this machine and workspace: what would make measuring impossible, slow or blind
    Doctor(DoctorArgs),
}

/// More suite runs of a kind than this are not made however short they are: with none red, the rate is then below 1 %.
const MOST_ROUNDS: u32 = 400;

/// Which workspace.
#[derive(Debug, clap::Args)]
pub(super) struct WorkspaceArgs {
    /// Cargo.toml of the workspace to gate, or of one of its members; where absent the nearest one, from this directory upwards
    #[arg(long, value_name = "PATH", default_value_os_t = nearest_manifest(), hide_default_value = true)]
    pub manifest_path: PathBuf,
}

/// Which benchmarks.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct SelectArgs {
    /// Only benchmarks whose id contains this text, or matches it if it holds `*`, `?`, `[` or `{`
    #[arg(value_name = "FILTER")]
    pub filters: Vec<String>,
    /// Only these tiers of the configuration; `core`, the default, is what no tier names, `all` is all that no tier has to itself
    #[arg(long, value_name = "NAME", action = ArgAction::Append)]
    pub tier: Vec<String>,
}

#[derive(Debug, clap::Args)]
pub(super) struct BenchArgs {
    #[command(flatten)]
    pub select: SelectArgs,
    #[command(flatten)]
    pub workspace: WorkspaceArgs,
    #[command(flatten)]
    pub build: BuildArgs,
    /// Compare with this revision
    #[arg(long, value_name = "REV", conflicts_with = "stored")]
    pub base: Option<String>,
    /// Compare with the stored baseline
    #[arg(long)]
    pub stored: bool,
    /// Time to spend measuring, for instance 90s, 5m or 1h
    #[arg(long, value_name = "TIME", value_parser = crate::config::parse_duration)]
    pub budget: Option<Duration>,
    /// At most 9 pairs a series; the output says what that could see
    #[arg(long)]
    pub quick: bool,
    /// Seed of every coin of the run; drawn where absent
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Count no heap but that of heap benches, whatever the configuration says
    #[arg(long)]
    pub no_counting: bool,
    /// Measure executables that are proven identical too
    #[arg(long)]
    pub measure_identical: bool,
    /// Give every time all its pairs and all its link orders, whatever they say: to record what the decision is tested with
    #[arg(long, hide = true)]
    pub exhaust: bool,
    /// Profile both sides of the benchmarks that this filter means, whatever their verdicts, at most the worst twelve; red ones
    /// are profiled unasked
    #[arg(long, value_name = "GLOB", conflicts_with = "no_profile")]
    pub look_into: Option<String>,
    /// Do not look into red benchmarks: no profiles, no allocation sites
    #[arg(long)]
    pub no_profile: bool,
    /// Write the run's schedule (steps, pairs, noise) and profiled iterations as Chrome trace events, for `about:tracing` or Perfetto
    #[arg(long, value_name = "FILE")]
    pub trace: Option<PathBuf>,
    /// Write another output: json=FILE, text=FILE, html=FILE, markdown=FILE, junit=FILE, github=FILE or github=-
    #[arg(long, value_name = "FORMAT=FILE", action = ArgAction::Append, value_parser = parse_output)]
    pub output: Vec<(Format, PathBuf)>,
    /// Measure again whenever a file changes, until Ctrl-C, and end with what the last run ended with
    #[arg(long, requires = "filters")]
    pub watch: bool,
    /// Print every row, quiet ones too
    #[arg(long, short)]
    pub verbose: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct ListArgs {
    #[command(flatten)]
    pub select: SelectArgs,
    #[command(flatten)]
    pub workspace: WorkspaceArgs,
    #[command(flatten)]
    pub build: BuildArgs,
}

#[derive(Debug, clap::Args)]
pub(super) struct ReportArgs {
    #[command(flatten)]
    pub workspace: WorkspaceArgs,
    /// The run; the newest one where absent
    #[arg(long, value_name = "FILE")]
    pub run: Option<PathBuf>,
    /// Show the report in a browser
    #[arg(long)]
    pub open: bool,
    /// Write another output: json=FILE, text=FILE, html=FILE, markdown=FILE, junit=FILE, github=FILE or github=-
    #[arg(long, value_name = "FORMAT=FILE", action = ArgAction::Append, value_parser = parse_output)]
    pub output: Vec<(Format, PathBuf)>,
    /// Print every row, quiet ones too
    #[arg(long, short)]
    pub verbose: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct ExplainArgs {
    /// The benchmark's id, or a part of it that no other has
    #[arg(value_name = "ID")]
    pub id: String,
    #[command(flatten)]
    pub workspace: WorkspaceArgs,
    /// The run; the newest one where absent
    #[arg(long, value_name = "FILE")]
    pub run: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(super) struct CompareArgs {
    /// File of the earlier run
    #[arg(value_name = "RUN")]
    pub then: PathBuf,
    /// File of the later run
    #[arg(value_name = "RUN")]
    pub now: PathBuf,
    /// Show every series, quiet ones too
    #[arg(long, short)]
    pub verbose: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct ClaimsArgs {
    #[command(flatten)]
    pub workspace: WorkspaceArgs,
    /// The run; the newest one where absent
    #[arg(long, value_name = "FILE")]
    pub run: Option<PathBuf>,
    /// Write the tables into a document, between its marks `<!-- claims:AREA -->` and `<!-- /claims -->`
    #[arg(long, value_name = "FILE")]
    pub write: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
pub(super) struct BaselineArgs {
    #[command(flatten)]
    pub workspace: WorkspaceArgs,
    #[command(subcommand)]
    pub verb: BaselineVerb,
}

#[derive(Debug, clap::Args)]
pub(super) struct RecordArgs {
    #[command(flatten)]
    pub select: SelectArgs,
    #[command(flatten)]
    pub build: BuildArgs,
    /// Seed of every coin; drawn where absent
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
}

#[derive(Debug, clap::Args)]
pub(super) struct DiffArgs {
    /// Number of the recording that the other is held against, as `list` prints it
    pub base: usize,
    /// Number of the other
    pub candidate: usize,
}

#[derive(Debug, clap::Args)]
pub(super) struct PruneArgs {
    /// Recordings to keep, the newest ones
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    pub keep: u16,
}

#[derive(Debug, Subcommand)]
pub(super) enum BaselineVerb {
    /// Count the candidate's heap and store it under baselines/heap/
    Save(BuildArgs),
    /// Measure the candidate's times beside the reference program and add a recording to baselines/time/
    Record(RecordArgs),
    /// List the recordings of times for this class of machines
    List,
    /// Print what is stored: counts, and times with what their recordings can see
    Show,
    /// Hold one recording of times against another; nothing is judged
    Diff(DiffArgs),
    /// Drop the oldest recordings of times
    Prune(PruneArgs),
}

#[derive(Debug, clap::Args)]
pub(super) struct AcceptArgs {
    #[command(flatten)]
    pub workspace: WorkspaceArgs,
    /// The benchmark, by its whole id
    #[arg(value_name = "ID")]
    pub id: String,
    /// What may be worse
    #[arg(value_name = "METRIC", value_parser = acceptable_metric(), required_unless_present_any = ["removed", "work_changed"])]
    pub metric: Option<Metric>,
    /// How much worse: a share of the base such as 8%, or the highest count, such as 3
    #[arg(
        long,
        value_name = "CEILING",
        value_parser = config::parse_ceiling,
        requires = "metric",
        required_unless_present_any = ["removed", "work_changed", "withdraw"]
    )]
    pub ceiling: Option<Ceiling>,
    /// The benchmark may go away
    #[arg(long, conflicts_with_all = ["metric", "ceiling"])]
    pub removed: bool,
    /// The benchmark may declare another throughput than in the base, and is not compared
    #[arg(long, conflicts_with_all = ["metric", "ceiling", "removed"])]
    pub work_changed: bool,
    /// Why, for a reviewer
    #[arg(long, value_name = "TEXT", value_parser = parse_reason, required_unless_present = "withdraw")]
    pub reason: Option<String>,
    /// The last day on which it counts, in UTC, for instance 2026-12-31
    #[arg(long, value_name = "DATE", value_parser = parse_day, required_unless_present = "withdraw")]
    pub expires: Option<Date>,
    /// Take the acceptance back
    #[arg(long, conflicts_with_all = ["ceiling", "reason", "expires"])]
    pub withdraw: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct DoctorArgs {
    #[command(flatten)]
    pub workspace: WorkspaceArgs,
    /// For people or for programs
    #[arg(long, value_enum, default_value_t = Shape::Text)]
    pub format: Shape,
}

/// For people or for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Shape {
    /// Lines
    Text,
    /// JSON
    Json,
}

#[derive(Debug, clap::Args)]
pub(super) struct CalibrateArgs {
    #[command(flatten)]
    pub select: SelectArgs,
    #[command(flatten)]
    pub workspace: WorkspaceArgs,
    #[command(flatten)]
    pub build: BuildArgs,
    /// Minutes to spend measuring, builds not counted
    #[arg(long, value_name = "N", default_value_t = 20.0, value_parser = parse_minutes)]
    pub minutes: f64,
    /// At most so many suite runs of each kind
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), default_value_t = MOST_ROUNDS)]
    pub rounds: u32,
    /// Seed of every coin; drawn where absent
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
}

#[derive(Debug, clap::Args)]
pub(super) struct SelftestArgs {
    #[command(subcommand)]
    pub verb: SelftestVerb,
}

#[derive(Debug, Subcommand)]
pub(super) enum SelftestVerb {
    /// Plant a slowdown in a copy of the tree and show that the required check goes red
    Canary(CanaryArgs),
}

#[derive(Debug, clap::Args)]
pub(super) struct CanaryArgs {
    #[command(flatten)]
    pub select: SelectArgs,
    #[command(flatten)]
    pub workspace: WorkspaceArgs,
    #[command(flatten)]
    pub build: BuildArgs,
    /// Plant in a generated workspace, whatever the configuration names
    #[arg(long)]
    pub fixture: bool,
    /// Time to spend measuring, for instance 90s, 5m or 1h
    #[arg(long, value_name = "TIME", value_parser = crate::config::parse_duration)]
    pub budget: Option<Duration>,
    /// Seed of every coin of the run; drawn where absent
    #[arg(long, value_name = "N")]
    pub seed: Option<u64>,
    /// Write another output: json=FILE, text=FILE, html=FILE, markdown=FILE, junit=FILE, github=FILE or github=-
    #[arg(long, value_name = "FORMAT=FILE", action = ArgAction::Append, value_parser = parse_output)]
    pub output: Vec<(Format, PathBuf)>,
}

/// An output beside the terminal's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For programs; the schema is published
    Json,
    /// What the terminal shows, without colour
    Text,
    /// The report
    Html,
    /// For a comment or a step summary, at most 65,000 characters
    Markdown,
    /// For services that read test results
    Junit,
    /// Annotations, for the log of a step on GitHub: `github=-` prints them
    Github,
}

/// `Cargo.toml` of this directory, else of the nearest one above it that has one.
fn nearest_manifest() -> PathBuf {
    let name = PathBuf::from("Cargo.toml");
    let above = || {
        let here = std::env::current_dir().ok()?;
        here.ancestors().skip(1).map(|directory| directory.join(&name)).find(|file| file.is_file())
    };
    if name.is_file() { name } else { above().unwrap_or(name) }
}

/// Minutes up to a day.
fn parse_minutes(text: &str) -> Result<f64, String> {
    let minutes = text.parse().ok().filter(|minutes| (0.01..=1440.0).contains(minutes));
    minutes.ok_or_else(|| "expected a number of minutes from 0.01 to 1440".into())
}

/// A metric of which more can be accepted, by name.
fn acceptable_metric() -> impl TypedValueParser<Value = Metric> {
    PossibleValuesParser::new(config::acceptable_metrics().map(Metric::name))
        .try_map(|name| name.parse::<Metric>().map_err(anyhow::Error::msg))
}

fn parse_reason(text: &str) -> Result<String, String> {
    config::check_reason(text).map(|()| text.trim().to_owned())
}

fn parse_day(text: &str) -> Result<Date, String> {
    day(text).ok_or_else(|| "expected a day such as 2026-12-31".into())
}

fn parse_output(text: &str) -> Result<(Format, PathBuf), String> {
    let (format, file) = text.split_once('=').ok_or("expected FORMAT=FILE, for instance json=out.json")?;
    if file.is_empty() {
        return Err("expected a file after `=`".into());
    }
    Ok((
        Format::from_str(format, false)
            .map_err(|_| format!("unknown format `{format}`, expected json, text, html, markdown, junit or github"))?,
        file.into(),
    ))
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn flags_are_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn outputs_name_format_and_file() {
        #[track_caller]
        fn check(text: &str, expected: Option<(Format, &str)>) {
            assert_eq!(parse_output(text).ok(), expected.map(|(format, file)| (format, file.into())));
        }
        check("json=a.json", Some((Format::Json, "a.json")));
        check("html=a=b", Some((Format::Html, "a=b")));
        check("xml=a", None);
        check("json=", None);
        check("json", None);
    }
}

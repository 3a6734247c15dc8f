//! Runs tools that compare benchmarks over the same fourteen subjects and makes a table of what they said. It decides
//! nothing and knows nothing of the gate but its command line and its files.

mod args;
mod critcmp;
mod criterion;
mod document;
mod gate;
mod observation;
mod scenario;
mod seen;
mod sentences;
mod session;
mod spend;
mod table;
mod tango;
mod workshop;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use clap::Parser;

use args::{Args, Family, RunArgs, Verb};
use gate::Gate;
use observation::Results;
use session::Session;
use workshop::Workshop;

fn main() -> Result<()> {
    match Args::parse().verb {
        Verb::Run(args) => run(args),
        Verb::Table(args) => {
            let all = args.results.iter().map(|path| Results::load(path)).collect::<Result<Vec<_>>>()?;
            show(&all, args.write.as_deref(), &args.part)
        }
    }
}

fn run(mut args: RunArgs) -> Result<()> {
    if args.quick {
        args.repetitions = 1;
        args.default_repetitions = 0;
        args.scenarios.retain(|one| ["aa", "plant5"].contains(&&*one.to_string()));
        if args.only.is_empty() {
            args.only = ["arith", "fmt", "parse"].map(String::from).to_vec();
        }
    }
    let gates = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("this package lies in `benches/gates`")?;
    let work = match &args.work {
        Some(work) => work.clone(),
        None => gates.join("target").join("side-by-side"),
    };
    fs::create_dir_all(&work).with_context(|| format!("cannot make `{}`", work.display()))?;
    let work = fs::canonicalize(&work)?;
    let takes_part = |family| args.tools.contains(&family);
    ensure!(
        !takes_part(Family::Critcmp) || takes_part(Family::Criterion),
        "critcmp compares what Criterion measured\nhint: `--tools criterion,critcmp`"
    );
    let gate = match takes_part(Family::Benchgate) {
        true => Some(Gate::new(program(&args, gates)?, &work)),
        false => None,
    };
    let critcmp = if takes_part(Family::Critcmp) { Some(critcmp::install(&work)?) } else { None };
    let mut workshop = Workshop::open(gates, &work)?;
    let subjects = session::chosen(&workshop.subjects()?, &args.only)?;
    let command = std::env::args().skip(1).collect::<Vec<_>>().join(" ");
    let output = args.output.clone().unwrap_or_else(|| work.join("results.json"));
    let results = Results::new(format!("cargo run -p side-by-side -- {command}"), machine()?, rustc()?);
    let write = args.write.clone();
    let mut session = Session { args, subjects, workshop, gate, critcmp, work, output, results };
    session.run()?;
    eprintln!("results are in `{}`", session.output.display());
    show(&[session.results], write.as_deref(), document::USUAL)
}

/// Prints the table, and puts it into a document, between the markers of `part`.
fn show(results: &[Results], write: Option<&Path>, part: &str) -> Result<()> {
    let table = table::render(results)?;
    print!("{table}");
    let Some(path) = write else { return Ok(()) };
    let document = fs::read_to_string(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    observation::write_whole(path, &document::splice(&document, part, &table)?)
}

/// This gate's program, built where none is named.
fn program(args: &RunArgs, gates: &Path) -> Result<PathBuf> {
    if let Some(program) = &args.gate {
        return fs::canonicalize(program).with_context(|| format!("there is no `{}`", program.display()));
    }
    let repository = gates.ancestors().nth(2).context("`benches/gates` lies in the repository")?;
    let mut build = Command::new("cargo");
    build.args(["build", "--release", "--package", "benchgate", "--bin", "cargo-benchgate"]);
    build.args(["--message-format=json"]).current_dir(repository).env_remove("CARGO_TARGET_DIR");
    let (messages, _) = spend::succeed(&mut build)?;
    let built = workshop::executable(&messages, "bin", "cargo-benchgate").context("cargo built no program")?;
    Ok(built.into())
}

/// Processor and cores.
fn machine() -> Result<String> {
    let said = fs::read_to_string("/proc/cpuinfo").context("cannot read what processor this is")?;
    let name =
        said.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':').map(|(_, name)| name.trim()));
    let cores = std::thread::available_parallelism().context("cannot count the cores")?;
    Ok(format!("{}, {cores} cores", name.unwrap_or("unknown processor")))
}

fn rustc() -> Result<String> {
    Ok(spend::succeed(Command::new("rustc").arg("--version"))?.0.trim().to_owned())
}

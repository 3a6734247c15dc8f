//! Allocation sites of a benchmark: from the heap harness where it can name them, else from valgrind's dhat.

use std::fs;

use serde::Deserialize;

use super::dhat::{self, BySite};
use super::sites::{of_routine, paired};
use super::symbols::Symbols;
use super::{LONGEST, Subject, holds};
use crate::collect::{Alone, naming};
use benchgate_core::model::{Sites, Taken};

/// Asks the heap harness for its sites; what a harness that understands it holds.
const FLAG: &str = "--sites";

/// What the harness says of a case whose sites it wrote.
#[derive(Deserialize)]
struct Said {
    loaded_at: Option<u64>,
    iterations: u32,
}

/// The allocation sites of both sides. `is_heap_bench` says whether the executables are the heap harness's.
pub fn sites(subject: &Subject<'_>, is_heap_bench: bool) -> Taken {
    let sides = match is_heap_bench {
        true => of_harness(subject),
        false => of_valgrind(subject),
    };
    match sides {
        Ok((how, [base, candidate], iterations)) => {
            let iterations = iterations.map(f64::from);
            Taken::Sites(Sites { how, sites: paired([&base, &candidate], iterations) })
        }
        Err(reason) => Taken::Nothing { reason },
    }
}

/// How, the sites of both sides, and over how many iterations.
type BothSides = (String, [BySite; 2], [u32; 2]);

fn of_harness(subject: &Subject<'_>) -> Result<BothSides, String> {
    if !subject.sides.iter().all(|side| holds(&side.file, FLAG.as_bytes())) {
        return Err("a side's heap harness is too old to name its allocation sites".into());
    }
    let mut sides = [BySite::new(), BySite::new()];
    let mut counted = [0; 2];
    for (side, found) in sides.iter_mut().enumerate() {
        let file = subject.file(side, "sites");
        fs::remove_file(&file).ok(); // of the bench before
        let arguments =
            ["--bench", FLAG, &file.display().to_string(), "--exact", &subject.bench.full_id()].map(String::from);
        let arguments = [arguments.as_slice(), &["--format".into(), "json".into()]].concat();
        let (said, text) = run(subject, side, &[], &arguments)?;
        let Said { loaded_at, iterations } = serde_json::from_str(&said)
            .map_err(|error| format!("the heap harness said something else than its sites: {error}"))?;
        let symbols = Symbols::of(&subject.sides[side].file);
        // What dhat has are places to return to, just behind a call.
        let whole = |address: u64| symbols.loaded(address - 1, loaded_at?).map(String::from);
        *found = dhat::read(&text, |address| if address == 0 { None } else { whole(address) })?;
        counted[side] = iterations;
    }
    let [base, candidate] = counted;
    if base == 0 || candidate == 0 {
        return Err("the heap harness ran no iteration for its sites".into());
    }
    Ok((format!("dhat's allocation sites over {base} and {candidate} warm iterations"), sides, counted))
}

fn of_valgrind(subject: &Subject<'_>) -> Result<BothSides, String> {
    let mut sides = [BySite::new(), BySite::new()];
    for (side, found) in sides.iter_mut().enumerate() {
        let file = subject.file(side, "sites");
        fs::remove_file(&file).ok(); // of the bench before
        let under = ["valgrind", "--tool=dhat", "--num-callers=64"].map(String::from);
        let under = [under.as_slice(), &[format!("--dhat-out-file={}", file.display())]].concat();
        let (_, text) = run(subject, side, &under, &naming(subject.harness, subject.bench))?;
        *found = of_routine(dhat::read(&text, |_| None)?);
    }
    if sides.iter().all(BySite::is_empty) {
        return Err("valgrind saw no allocation within the timed routine".into());
    }
    Ok(("valgrind's dhat: allocation sites of one cold iteration".into(), sides, [1, 1]))
}

/// Runs a side: what it said, and the file that it was told to write.
fn run(subject: &Subject<'_>, side: usize, under: &[String], arguments: &[String]) -> Result<(String, String), String> {
    let (file, home) = (subject.file(side, "sites"), subject.file(side, "sites-home"));
    let executable = subject.sides[side];
    let alone = Alone { executable, under, arguments, environment: &[], home: &home, longest: LONGEST };
    let said = alone.run(subject.limits).map_err(|error| format!("its allocation sites cannot be found: {error}"))?;
    let text = fs::read_to_string(&file).map_err(|error| format!("no allocation sites were written: {error}"))?;
    Ok((said, text))
}

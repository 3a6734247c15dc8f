//! Stacks of benches that do not profile themselves: instructions of one cold iteration in Criterion's test mode, by callgrind.
//!
//! callgrind is told to keep functions apart by their callers, so that each of its functions is a whole stack:
//! `fn=innermost'caller'its caller…`. Costs of lines follow; those of calls, two lines after a `calls=`, are not the function's
//! own.

use std::collections::BTreeMap;

use super::folded::Folded;
use super::names::name;
use super::{LONGEST, Subject, holds};
use crate::collect::{Alone, naming};
use benchgate_core::model::Unit;

/// Callers that callgrind tells apart.
const DEPTH: u32 = 32;

/// What every executable with Criterion's routines has among its symbols.
const ROUTINES: &[u8] = b"Bencher";

/// How they were taken, what was counted, and the stacks; or why there are none.
pub(super) fn stacks(subject: &Subject<'_>) -> Result<(String, Unit, Folded), String> {
    if !subject.sides.iter().all(|side| holds(&side.file, ROUTINES)) {
        return Err(
            "the bench does not install `benchgate-profile`, and its executable has no symbols of Criterion's".into()
        );
    }
    let mut folded = Folded::default();
    for side in 0..2 {
        let file = subject.file(side, "stacks");
        std::fs::remove_file(&file).ok(); // of the bench before
        let flags = [
            "valgrind",
            "--tool=callgrind",
            "--collect-atstart=no",
            "--toggle-collect=*Bencher*iter*",
            "--compress-strings=no",
        ];
        let mut under = flags.map(String::from).to_vec();
        under.push(format!("--separate-callers={DEPTH}"));
        under.push(format!("--callgrind-out-file={}", file.display()));
        let arguments = naming(subject.harness, subject.bench);
        let home = subject.file(side, "callgrind-home");
        let executable = subject.sides[side];
        let alone =
            Alone { executable, under: &under, arguments: &arguments, environment: &[], home: &home, longest: LONGEST };
        alone.run(subject.limits).map_err(|error| {
            format!("the bench does not install `benchgate-profile`, and callgrind gave nothing: {error}")
        })?;
        let text = std::fs::read_to_string(&file).map_err(|error| format!("callgrind wrote nothing: {error}"))?;
        folded.add(side, &fold(&text), name);
    }
    let how = "instructions of one cold iteration under callgrind, which knows nothing of caches and waiting".into();
    Ok((how, Unit::Instructions, folded))
}

/// callgrind's output as folded stacks.
fn fold(text: &str) -> String {
    let mut own: BTreeMap<&str, u64> = BTreeMap::new();
    let mut function = None;
    let mut is_call = false;
    for line in text.lines() {
        if let Some(name) = line.strip_prefix("fn=") {
            function = Some(name);
        } else if line.starts_with("calls=") {
            is_call = true;
        } else if line.starts_with(|c: char| c.is_ascii_digit() || "+-*".contains(c)) {
            let cost = line.split(' ').nth(1).and_then(|cost| cost.parse::<u64>().ok());
            if let (Some(function), Some(cost), false) = (function, cost, is_call) {
                *own.entry(function).or_default() += cost;
            }
            is_call = false;
        }
    }
    let mut folded = String::new();
    for (context, cost) in own {
        // The name of an array has a `;`, which would part one frame in two.
        let outermost_first: Vec<String> = context.split('\'').rev().map(|frame| frame.replace(';', ":")).collect();
        folded += &format!("{} {cost}\n", outermost_first.join(";"));
    }
    folded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn own_costs_are_taken_and_those_of_calls_left_out() {
        let text = "positions: line\nevents: Ir\nsummary: 18\n\nfl=a.rs\nfn=inner'outer'main\n3 4\n+1 6\nfi=b.rs\n7 1\n\n\
                    fn=outer'main\n1 2\ncfn=inner'outer'main\ncalls=1 3\n2 11\n* 5\n";
        assert_eq!(fold(text), "main;outer;inner 11\nmain;outer 7\n");
        assert_eq!(fold("fn=<[u8; 4] as a::Hash>::hash'main\n1 2\n"), "main;<[u8: 4] as a::Hash>::hash 2\n");
        assert_eq!(fold("rubbish\n1 2\n"), "");
    }
}

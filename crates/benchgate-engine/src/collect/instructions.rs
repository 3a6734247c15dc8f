//! Instructions of one benchmark, counted by callgrind: one cold iteration in Criterion's test mode, with all that happens only the
//! first time. Beside a time that moved with the link order it says whether the work did.

use std::fs;
use std::path::Path;
use std::time::Duration;

use super::alone::Alone;
use super::build::Executable;
use super::criterion::{Limits, Listed, naming};
use super::discovery::Harness;

/// A bench that takes longer under callgrind, which slows it fiftyfold, is not counted.
const LONGEST: Duration = Duration::from_secs(20);

/// Instructions of one iteration; `None` where valgrind is missing, or nothing was counted.
pub fn instructions(
    executable: &Executable,
    (harness, bench): (Harness, &Listed),
    scratch: &Path,
    limits: &Limits<'_>,
) -> Option<f64> {
    let counts = scratch.join("callgrind");
    fs::remove_file(&counts).ok();
    // `Bencher::iter` and its like are never inlined, so they have a name to begin and end at.
    let under = ["valgrind", "--tool=callgrind", "--collect-atstart=no", "--toggle-collect=*Bencher*iter*"];
    let mut under = under.map(String::from).to_vec();
    under.push(format!("--callgrind-out-file={}", counts.display()));
    let home = scratch.join("callgrind-home");
    let arguments = naming(harness, bench);
    let alone =
        Alone { executable, under: &under, arguments: &arguments, environment: &[], home: &home, longest: LONGEST };
    alone.run(limits).ok()?;
    total(&fs::read_to_string(&counts).ok()?)
}

/// The sum over all functions; nothing counted is no count.
fn total(text: &str) -> Option<f64> {
    let line = text.lines().rev().find_map(|line| line.strip_prefix("totals: "))?;
    line.trim().parse().ok().filter(|&count: &f64| count > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_are_read() {
        assert_eq!(total("events: Ir\nfn=a\n1 5\n\ntotals: 12296\n"), Some(12296.0));
        assert_eq!(total("events: Ir\n\ntotals: 0\n"), None);
        assert_eq!(total("events: Ir\n"), None);
        assert_eq!(total("totals: many\n"), None);
    }
}

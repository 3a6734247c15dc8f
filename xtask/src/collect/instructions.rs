//! Instructions of one benchmark, counted by callgrind: one cold iteration in Criterion's test mode, with all that happens only the
//! first time. Beside a time that moved with the link order it says whether the work did.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::build::{Executable, clean_environment};
use super::criterion::{Limits, Listed};

/// A bench that takes longer under callgrind, which slows it fiftyfold, is not counted.
const LONGEST: Duration = Duration::from_secs(20);

/// Between two looks whether it ended.
const PAUSE: Duration = Duration::from_millis(10);

/// Instructions of one iteration; `None` where valgrind is missing, Criterion is too old for `--exact`, or nothing was counted.
pub fn instructions(executable: &Executable, bench: &Listed, scratch: &Path, limits: &Limits<'_>) -> Option<f64> {
    let counts = scratch.join("callgrind");
    fs::remove_file(&counts).ok();
    let mut command = Command::new("valgrind");
    clean_environment(&mut command, None);
    command
        // `Bencher::iter` and its like are never inlined, so they have a name to begin and end at.
        .args(["--tool=callgrind", "--collect-atstart=no", "--toggle-collect=*Bencher*iter*"])
        .arg(format!("--callgrind-out-file={}", counts.display()))
        .arg(&executable.file)
        .args([&bench.full_id(), "--exact"])
        .current_dir(&executable.directory)
        .env("CRITERION_HOME", scratch.join("callgrind-home"))
        .env("CARGO_MANIFEST_DIR", &executable.directory)
        .env("CARGO_PKG_NAME", &executable.package)
        .env("CARGO_PKG_VERSION", &executable.version)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut child = command.spawn().ok()?;
    let started = Instant::now();
    let status = loop {
        match child.try_wait() {
            Ok(Some(status)) => break status,
            Ok(None) if started.elapsed() < LONGEST && !limits.is_interrupted() => thread::sleep(PAUSE),
            Ok(None) | Err(_) => {
                child.kill().ok();
                child.wait().ok();
                return None;
            }
        }
    };
    if !status.success() {
        return None;
    }
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

//! The sampler that Criterion calls around a benchmark.

use crate::folded::{self, Names};
use crate::{FILE, HERTZ};
use pprof::{ProfilerGuard, ProfilerGuardBuilder};
use std::ffi::OsString;
use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// Libraries in which a sample is dropped: the handler's unwinder takes their locks and would wait for itself.
const BLOCKED: [&str; 4] = ["libc", "libgcc", "pthread", "vdso"];

/// Samples the stacks of each benchmark that Criterion profiles.
#[derive(Default)]
pub struct Sampler {
    running: Option<ProfilerGuard<'static>>,
}

impl Sampler {
    /// A sampler for `Criterion::with_profiler`.
    pub fn new() -> Self {
        Self::default()
    }

    /// Ends sampling and writes what was sampled.
    fn write(&mut self, directory: &Path) -> io::Result<()> {
        let Some(running) = self.running.take() else { return Ok(()) };
        let report = running.report().build().map_err(io::Error::other)?;
        let named = std::env::var_os(FILE).filter(|file| !file.is_empty());
        let names = if named.is_some() { Names::Placed } else { Names::Plain };
        write_whole(&place(named, directory), folded::text(&report, names).as_bytes())
    }
}

impl criterion::profiler::Profiler for Sampler {
    fn start_profiling(&mut self, benchmark_id: &str, _benchmark_dir: &Path) {
        match ProfilerGuardBuilder::default().frequency(HERTZ).blocklist(&BLOCKED).build() {
            Ok(guard) => self.running = Some(guard),
            Err(error) => eprintln!("no profile of `{benchmark_id}`: {error}"),
        }
    }

    fn stop_profiling(&mut self, benchmark_id: &str, benchmark_dir: &Path) {
        if let Err(error) = self.write(benchmark_dir) {
            eprintln!("no profile of `{benchmark_id}`: {error}");
        }
    }
}

impl fmt::Debug for Sampler {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Sampler").field("is_running", &self.running.is_some()).finish()
    }
}

/// The named file, else `folded.txt` in the directory.
fn place(named: Option<OsString>, directory: &Path) -> PathBuf {
    named.map_or_else(|| directory.join("folded.txt"), PathBuf::from)
}

fn write_whole(file: &Path, bytes: &[u8]) -> io::Result<()> {
    let directory = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::create_dir_all(directory)?;
    let mut temporary = tempfile::NamedTempFile::new_in(directory)?;
    temporary.write_all(bytes)?;
    temporary.flush()?;
    temporary.persist(file).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use criterion::profiler::Profiler;
    use std::hint::black_box;
    use std::time::{Duration, Instant};

    #[test]
    fn the_variable_comes_before_the_directory() {
        #[track_caller]
        fn check(named: Option<&str>, expected: &str) {
            assert_eq!(place(named.map(Into::into), Path::new("d")), Path::new(expected));
        }
        check(None, "d/folded.txt");
        check(Some("f.txt"), "f.txt");
    }

    #[inline(never)]
    fn burnt(turns: u64) -> u64 {
        (0..turns).fold(1, |product, turn| black_box(product).wrapping_mul(turn | 1))
    }

    #[test]
    fn busy_functions_are_named_in_the_file() {
        let directory = tempfile::tempdir().unwrap();
        let place = directory.path().join("a").join("profile");
        let mut sampler = Sampler::new();
        // The clock of samples is processor time: until there are some, however long that takes on a busy machine.
        let began = Instant::now();
        loop {
            sampler.start_profiling("a", &place);
            for _ in 0..200 {
                black_box(burnt(black_box(1_000_000)));
            }
            sampler.stop_profiling("a", &place);
            let text = std::fs::read_to_string(place.join("folded.txt")).unwrap();
            let has_it = |line: &str| line.contains("burnt") && line.rsplit_once(' ').unwrap().1.parse::<u64>().is_ok();
            if text.lines().any(has_it) {
                break;
            }
            assert!(began.elapsed() < Duration::from_secs(60), "never sampled: {text}");
        }
        assert_eq!(std::fs::read_dir(&place).unwrap().count(), 1, "no temporary file stays");
    }
}

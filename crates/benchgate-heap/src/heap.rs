//! The harness: reads the command line, runs cases as they come, prints a line for each.
//!
//! It keeps nothing of a case: memory of the harness would be memory of the bench.

use crate::arguments::{Arguments, ArgumentsError, Format, Mode};
use crate::line::{Empty, Failure, Listing, Measured, Sited, text};
use crate::{Case, Id, human, measure};
use std::fmt;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::process::ExitCode;

/// Exit code when a case failed: that of a test binary with a failed test.
const FAILED: u8 = 101;

/// Exit code of a command line that is not understood.
const USAGE: i32 = 2;

const NOT_COUNTING: &str = "heap not counted: this bench does not allocate through dhat; \
    hint: add `#[global_allocator] static ALLOCATOR: benchgate_heap::Allocator = benchgate_heap::ALLOCATOR;`";

/// Runs the cases of a heap bench. Needs the global allocator line of the [crate docs](crate).
pub struct Heap {
    arguments: Arguments,
    output: Box<dyn Write>,
    admitted: u32,
    failed: u32,
}

impl Heap {
    /// Reads the command line of the process and prints to its standard output. A command line that it does not understand
    /// ends the process with code 2.
    pub fn from_args() -> Self {
        Self::new(std::env::args().skip(1), std::io::stdout()).unwrap_or_else(|error| {
            eprintln!("error: {error}");
            std::process::exit(USAGE);
        })
    }

    /// Reads `arguments`, without the program's name, and prints to `output`.
    ///
    /// # Errors
    /// The arguments are not understood.
    pub fn new(
        arguments: impl IntoIterator<Item = String>,
        output: impl Write + 'static,
    ) -> Result<Self, ArgumentsError> {
        Ok(Self { arguments: Arguments::parse(arguments)?, output: Box::new(output), admitted: 0, failed: 0 })
    }

    /// Lists, tests or measures a case, as the command line asks, if its filters admit it.
    ///
    /// A panic of the case becomes its error line; the cases after it still run.
    pub fn case<S, I, O, Build, Input, Run>(&mut self, mut case: Case<S, O, Build, Input, Run>) -> &mut Self
    where
        Build: FnMut() -> S,
        Input: FnMut() -> I,
        Run: FnMut(&mut S, I) -> O,
    {
        if !self.arguments.admits(&case.id.full()) {
            return self;
        }
        self.admitted += 1;
        match self.arguments.mode.clone() {
            Mode::List => self.print(&text(&Listing::new(&case.id, case.throughput)), &human::listing(&case.id)),
            Mode::Test => {
                let outcome = caught(|| measure::once(&mut case));
                self.tested(&case, outcome);
            }
            Mode::Sites(file) => match caught(|| sites(&mut case, &file)).and_then(|written| written) {
                Ok(()) => {
                    let line = text(&Sited::new(&case.id, measure::SITE_ITERATIONS));
                    self.print(&line, &human::tested(&case.id));
                }
                Err(error) => self.fail(&case.id, &error),
            },
            Mode::Measure => {
                let outcome = caught(|| passes(&mut case)).and_then(|passes| passes.ok_or(NOT_COUNTING.to_owned()));
                self.measured(&case, outcome);
            }
        }
        self
    }

    /// Ends the bench: code 101 if a case failed, else 0. A bench without a case says so.
    #[must_use = "the exit code is the verdict of the bench"]
    pub fn finish(&mut self) -> ExitCode {
        if self.admitted == 0 {
            self.print(&text(&Empty::new()), "");
        }
        if self.failed > 0 { ExitCode::from(FAILED) } else { ExitCode::SUCCESS }
    }

    fn tested<S, O, B, N, R>(&mut self, case: &Case<S, O, B, N, R>, outcome: Result<(), String>) {
        match outcome {
            Ok(()) => self.print(&text(&Listing::new(&case.id, case.throughput)), &human::tested(&case.id)),
            Err(error) => self.fail(&case.id, &error),
        }
    }

    fn measured<S, O, B, N, R>(
        &mut self,
        case: &Case<S, O, B, N, R>,
        outcome: Result<(measure::Pass, measure::Pass), String>,
    ) {
        match outcome {
            Ok((first, second)) => {
                let line = Measured::new(&case.id, case.iterations, &first, second);
                let header = if self.admitted == 1 { human::HEADER } else { "" };
                self.print(&text(&line), &format!("{header}{}", human::row(&line)));
            }
            Err(error) => self.fail(&case.id, &error),
        }
    }

    fn fail(&mut self, id: &Id, error: &str) {
        self.failed += 1;
        self.print(&text(&Failure::new(id, error)), &human::failed(id, error));
    }

    /// # Panics
    /// If the output cannot be written: results that nobody receives must not look like success.
    fn print(&mut self, json: &str, human: &str) {
        let line = match self.arguments.format {
            Format::Json => json,
            Format::Human if human.is_empty() => return,
            Format::Human => human,
        };
        writeln!(self.output, "{line}").and_then(|()| self.output.flush()).expect("the output takes every line");
    }
}

/// Both passes, or `None` where nothing would be counted.
fn passes<S, I, O, Build, Input, Run>(
    case: &mut Case<S, O, Build, Input, Run>,
) -> Option<(measure::Pass, measure::Pass)>
where
    Build: FnMut() -> S,
    Input: FnMut() -> I,
    Run: FnMut(&mut S, I) -> O,
{
    measure::is_counting().then(|| {
        measure::afford(case);
        (measure::pass(case), measure::pass(case))
    })
}

fn sites<S, I, O, Build, Input, Run>(case: &mut Case<S, O, Build, Input, Run>, file: &Path) -> Result<(), String>
where
    Build: FnMut() -> S,
    Input: FnMut() -> I,
    Run: FnMut(&mut S, I) -> O,
{
    if !measure::is_counting() {
        return Err(NOT_COUNTING.to_owned());
    }
    measure::sites(case, file);
    if file.is_file() { Ok(()) } else { Err(format!("dhat could not write `{}`", file.display())) }
}

/// The value of `part`, or the message of its panic. A case that panicked is not run again, so no broken state is seen.
fn caught<T>(part: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(part)).map_err(|payload| {
        payload
            .downcast_ref::<&str>()
            .map(|message| (*message).to_owned())
            .or_else(|| payload.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "panic without a message".to_owned())
    })
}

impl fmt::Debug for Heap {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { arguments, output: _, admitted, failed } = self;
        out.debug_struct("Heap")
            .field("arguments", arguments)
            .field("admitted", admitted)
            .field("failed", failed)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    struct Lines(mpsc::Sender<String>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.send(String::from_utf8_lossy(bytes).into_owned()).unwrap();
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// This test binary has no global allocator line, as a user may forget it; counting itself is tested in `tests/it`.
    #[test]
    fn a_bench_without_the_allocator_line_fails_with_a_hint() {
        let (sender, lines) = mpsc::channel();
        let arguments = ["--bench", "--format", "json"].map(str::to_owned);
        let mut heap = Heap::new(arguments, Lines(sender)).unwrap();
        heap.case(Case::new(Id::alone("x"), || (), |()| vec![1]));
        assert_eq!(format!("{:?}", heap.finish()), format!("{:?}", ExitCode::from(FAILED)));
        let text: String = lines.try_iter().collect();
        assert!(text.contains(r#""error":"heap not counted"#) && text.contains("global_allocator"), "{text}");
    }
}

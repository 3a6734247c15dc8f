//! The harness: reads the command line, runs cases as they come, prints a line for each.
//!
//! It keeps nothing of a case: memory of the harness would be memory of the bench.

use crate::arguments::{Arguments, Format, Mode};
use crate::line::{Empty, Failure, Listing, Measured, text};
use crate::{Case, Id, human, measure};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

/// Exit code when a case failed: that of a test binary with a failed test.
const FAILED: u8 = 101;

/// Exit code of a command line that is not understood.
const USAGE: i32 = 2;

const NOT_COUNTING: &str = "heap not counted: this bench does not allocate through dhat; \
    hint: add `#[global_allocator] static ALLOCATOR: benchgate_heap::Allocator = benchgate_heap::ALLOCATOR;`";

/// Runs the cases of a heap bench. Needs the global allocator line of the [crate docs](crate).
#[derive(Debug)]
pub struct Heap {
    arguments: Arguments,
    admitted: u32,
    failed: u32,
}

impl Heap {
    /// Reads the command line of the process. What it does not understand ends the process with code 2.
    pub fn from_args() -> Self {
        match Arguments::parse(std::env::args().skip(1)) {
            Ok(arguments) => Self::new(arguments),
            Err(message) => {
                eprintln!("error: {message}");
                std::process::exit(USAGE);
            }
        }
    }

    pub(crate) fn new(arguments: Arguments) -> Self {
        Self { arguments, admitted: 0, failed: 0 }
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
        match self.arguments.mode {
            Mode::List => self.print(&text(&Listing::new(&case.id, case.throughput)), &human::listing(&case.id)),
            Mode::Test => {
                let outcome = caught(|| measure::once(&mut case));
                self.tested(&case, outcome);
            }
            Mode::Measure => {
                let outcome = caught(|| passes(&mut case)).and_then(|passes| passes.ok_or(NOT_COUNTING.to_owned()));
                self.measured(&case, outcome);
            }
        }
        self
    }

    /// Ends the bench: code 101 if a case failed, else 0. A bench without a case says so.
    #[must_use = "the exit code is the verdict of the bench"]
    pub fn finish(&self) -> ExitCode {
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
                if self.admitted == 1 && self.arguments.format == Format::Human {
                    println!("{}", human::HEADER);
                }
                self.print(&text(&line), &human::row(&line));
            }
            Err(error) => self.fail(&case.id, &error),
        }
    }

    fn fail(&mut self, id: &Id, error: &str) {
        self.failed += 1;
        self.print(&text(&Failure::new(id, error)), &human::failed(id, error));
    }

    fn print(&self, json: &str, human: &str) {
        match self.arguments.format {
            Format::Json => println!("{json}"),
            Format::Human if human.is_empty() => {}
            Format::Human => println!("{human}"),
        }
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
    measure::is_counting().then(|| (measure::pass(case), measure::pass(case)))
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

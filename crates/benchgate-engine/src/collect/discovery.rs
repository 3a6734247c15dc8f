//! Which harness an executable has, and which benches.

use std::thread;

use memchr::memmem;

use super::criterion::{Arm, Effort, Launch, Limits, Listed, Listing, NOTHING, Opened, Process, Session, Step};
use super::divan;
use super::foreign;
use super::heap;
use super::lockstep::Lone;
use super::schedule::PAUSES;
use super::whole::{Whole, interrupted};
use benchgate_core::model::{Failure, FailureKind};

/// What an executable turned out to be.
#[derive(Clone, Debug)]
pub struct Discovered {
    /// Its harness.
    pub harness: Harness,
    /// Its benches, in the order in which they are registered.
    pub benches: Vec<Listed>,
}

/// A bench harness.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Harness {
    /// Criterion, driven over its port, whose `main` does not let it read its command line: it runs all its benches each time, for
    /// as long as the code says. The version is its own word.
    Deaf([u8; 3]),
    /// Criterion, driven over its port. The version is its own word.
    Port([u8; 3]),
    /// Criterion, read from the files that it writes.
    Files,
    /// Divan, read from what it prints.
    Divan,
    /// The heap harness.
    Heap,
    /// Something that is not gated: libtest, or another harness.
    Unknown,
    /// A command that is measured as a whole.
    Command,
}

impl Harness {
    /// Whether its processes run to their end without a word to the driver.
    pub(super) fn runs_whole(self) -> bool {
        match self {
            Self::Files | Self::Divan => true,
            Self::Deaf(_) | Self::Port(_) | Self::Heap | Self::Unknown | Self::Command => false,
        }
    }

    /// Whether it is a Criterion that can be held between benches.
    pub fn has_port(self) -> bool {
        matches!(self, Self::Deaf(_) | Self::Port(_))
    }

    /// Whether it looks for its filter as plain text. Such are criterion2, from its first version on; Criterion itself is 0.x, and other
    /// forks are above.
    pub(super) fn filters_plainly(self) -> bool {
        matches!(self, Self::Port([1..=5, ..]))
    }

    /// What is to be said of benches that it runs, with what to do; `None` where all is well.
    pub fn remark(self) -> Option<&'static str> {
        matches!(self, Self::Deaf(_)).then_some(DEAF)
    }
}

/// What is to be said of benches whose `main` keeps the command line from Criterion.
const DEAF: &str = "its `main` ignores its arguments, so that all its benches run each time, for as long as the code says, on a clock \
                    that runs fast; let Criterion read them: `Criterion::default().configure_from_args()`";

/// Asks an executable for its benches without measuring, or, where it does not connect, by one short run. One that crashes is
/// asked again: what a process before it held, a port or a lock, may outlive that for a moment.
///
/// # Errors
/// It crashed or hung.
pub fn discover(arm: &Arm, limits: &Limits<'_>) -> Result<Discovered, Failure> {
    let mut found = discover_once(arm, limits);
    for pause in PAUSES {
        let has_crashed = found.as_ref().is_err_and(|failure| failure.kind == FailureKind::Crashed);
        if !has_crashed || limits.is_interrupted() {
            break;
        }
        thread::sleep(pause);
        found = discover_once(arm, limits);
    }
    found
}

fn discover_once(arm: &Arm, limits: &Limits<'_>) -> Result<Discovered, Failure> {
    let marks = Marks::of(arm)?;
    if marks.is_libtest {
        return Ok(Discovered { harness: Harness::Unknown, benches: Vec::new() });
    }
    if marks.is_divan {
        return Ok(Discovered { harness: Harness::Divan, benches: divan::list(arm, limits)? });
    }
    // No other `main` is started to see what it does.
    if marks.is_heap
        && let Some(cases) = heap::list(arm, limits)
    {
        return Ok(Discovered { harness: Harness::Heap, benches: cases? });
    }
    if !marks.is_criterion {
        return Ok(Discovered { harness: Harness::Unknown, benches: Vec::new() });
    }
    match Session::open(arm, Launch::plain(["--bench", NOTHING]), limits)? {
        Opened::Connected(mut session) => match session.list(limits) {
            Listing::All => {
                let version = session.version.unwrap_or_default();
                Ok(Discovered { harness: Harness::Port(version), benches: std::mem::take(&mut session.skipped) })
            }
            Listing::Began => {
                let version = session.version.unwrap_or_default();
                drop(session);
                from_deaf(arm, Harness::Deaf(version), limits)
            }
            Listing::Failed(failure) => Err(failure),
            Listing::Interrupted => Err(interrupted(arm)),
        },
        Opened::Ended(process) => from_files(arm, process, limits),
    }
}

/// The benches of an executable that does not listen: it runs all of them, on a fast clock.
fn from_deaf(arm: &Arm, harness: Harness, limits: &Limits<'_>) -> Result<Discovered, Failure> {
    let fail = |what: &str| Failure { side: arm.side, kind: FailureKind::Rubbish, message: format!("{what}: {DEAF}") };
    if let Err(why) = &arm.fit {
        return Err(fail(&format!("it cannot be measured in reasonable time, since {why}")));
    }
    let effort = Effort::look(harness);
    let mut launch = Launch::plain(effort.arguments("", harness));
    let fast = Lone::prepare(&arm.fit, &arm.scratch, effort.dilation, &mut launch.environment);
    let Opened::Connected(mut session) = Session::open(arm, launch, limits)? else {
        return Err(fail("it connected once, and then no more"));
    };
    if fast.dilation() == 1 {
        return Err(fail("it cannot be measured in reasonable time, since the preloaded clock did not start in it"));
    }
    let mut benches = Vec::new();
    loop {
        match session.step(limits) {
            Step::Measured(measured) => benches.push(measured.bench),
            Step::Over => return Ok(Discovered { harness, benches }),
            Step::Failed { failure, .. } => return Err(failure),
            Step::Interrupted => return Err(interrupted(arm)),
        }
    }
}

/// Which harness an executable holds. One that holds Criterion or divan and then fails is a failure; another harness is
/// none of our business.
struct Marks {
    /// The name of its port's variable, or, before there was a port, of a file that it writes.
    is_criterion: bool,
    is_divan: bool,
    is_heap: bool,
    /// Rust's own, which decides what runs, whatever else is linked in.
    is_libtest: bool,
}

impl Marks {
    fn of(arm: &Arm) -> Result<Self, Failure> {
        let bytes = std::fs::read(&arm.file).map_err(|error| Failure {
            side: arm.side,
            kind: FailureKind::Crashed,
            message: format!("cannot read `{}`: {error}", arm.file.display()),
        })?;
        let holds = |mark: &[u8]| memmem::find(&bytes, mark).is_some();
        let is_criterion = holds(b"CARGO_CRITERION_PORT") || holds(b"tukey.json");
        Ok(Self {
            is_criterion,
            is_divan: !is_criterion && holds(divan::MARK),
            is_heap: holds(heap::NAME),
            is_libtest: foreign::is_libtest(&bytes),
        })
    }
}

fn from_files(arm: &Arm, asked: Process, limits: &Limits<'_>) -> Result<Discovered, Failure> {
    drop(asked);
    let effort = Effort::look(Harness::Files);
    let mut launch = Launch::plain(effort.arguments("", Harness::Files));
    let _fast = Lone::prepare(&arm.fit, &arm.scratch, effort.dilation, &mut launch.environment);
    let benches = Whole::start(arm, &launch, Harness::Files)?.end(&[], limits)?;
    let harness = if benches.is_empty() { Harness::Unknown } else { Harness::Files };
    Ok(Discovered { harness, benches: benches.into_iter().map(|measured| measured.bench).collect() })
}

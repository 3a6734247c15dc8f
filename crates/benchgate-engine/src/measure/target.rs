//! What is measured: a bench target, as each side has it.

use crate::collect::{self, Arm, Discovered, Executable, Harness, Identity, Limits, Listed};
use benchgate_core::model::{BenchKey, Failure, ForeignBench, ForeignHarness, Side};

/// One bench target with what each side has of it.
pub struct Target {
    pub package: String,
    pub name: String,
    pub base: Option<BuiltSide>,
    pub candidate: Option<BuiltSide>,
    /// Whether both executables are the same code; `None` where one side lacks it.
    pub identity: Option<Identity>,
}

/// What one side has of a target.
pub struct BuiltSide {
    pub arm: Arm,
    pub executable: Executable,
    /// Hash of its code and of what that may read.
    pub code: String,
    pub discovered: Result<Discovered, Failure>,
}

impl Target {
    /// The key of one of its benchmarks.
    pub fn key(&self, bench: &Listed) -> BenchKey {
        BenchKey {
            package: self.package.clone(),
            target: self.name.clone(),
            group: bench.group.clone(),
            function: bench.function.clone(),
            value: bench.value.clone(),
        }
    }

    /// What it is where it is not measured: neither side's harness is known here, or none of them lists a benchmark.
    pub fn foreign(&self, limits: &Limits<'_>) -> Option<ForeignBench> {
        let sides = [&self.candidate, &self.base].into_iter().flatten();
        let is_empty = |side: &BuiltSide| side.discovered.as_ref().is_ok_and(|one| one.benches.is_empty());
        if !sides.clone().all(is_empty) {
            return None;
        }
        let unknown = sides.clone().find(|side| side.harness() == Harness::Unknown);
        let harness = unknown.map_or(ForeignHarness::Empty, |side| collect::foreign(&side.arm, limits));
        Some(ForeignBench { package: self.package.clone(), bench: self.name.clone(), harness })
    }

    /// What a side has of it.
    pub fn side(&self, side: Side) -> Option<&BuiltSide> {
        match side {
            Side::Base => self.base.as_ref(),
            Side::Candidate => self.candidate.as_ref(),
        }
    }

    /// Whether it is a Criterion bench on every side that has it.
    pub fn is_criterion(&self) -> bool {
        let mut sides = [&self.base, &self.candidate].into_iter().flatten().peekable();
        let is_criterion = |harness: Harness| harness.has_port() || harness == Harness::Files;
        sides.peek().is_some() && sides.all(|side| is_criterion(side.harness()))
    }
}

impl BuiltSide {
    /// Whether this side has a benchmark. Where listing failed nobody knows, and running it will tell.
    pub fn has(&self, bench: &Listed) -> bool {
        self.discovered.as_ref().is_ok_and(|discovered| discovered.benches.iter().any(|other| other.is_same(bench)))
    }

    /// Whether it is a command and no bench.
    pub fn is_command(&self) -> bool {
        self.harness() == Harness::Command
    }

    /// Its harness, as far as known.
    pub fn harness(&self) -> Harness {
        self.discovered.as_ref().map_or(Harness::Unknown, |discovered| discovered.harness)
    }
}

//! What a run is asked to do: `bench` is told by flags, `calibrate` and `selftest canary` ask by themselves.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::args::{BenchArgs, SelectArgs};
use super::bench::drawn_seed;
use super::build_args::BuildArgs;
use super::prepare::{Scope, Wanted};
use benchgate_core::gate::{PAIR_CAP, QUICK_PAIR_CAP};

/// What to measure, against what, and for how long.
#[derive(Clone, Debug)]
pub(super) struct Request {
    pub manifest: PathBuf,
    pub against: Against,
    pub select: SelectArgs,
    pub build: BuildArgs,
    /// `None`: as long as the configuration says.
    pub budget: Option<Duration>,
    pub is_quick: bool,
    /// Of every coin of the run.
    pub seed: u64,
    /// Whether heaps of benches that are no heap benches are counted, where the configuration does not say no.
    pub counts_unmodified: bool,
    /// Whether code that is proven to be the same is measured too.
    pub measures_identical: bool,
    /// Whether every series gets all its pairs and link orders, whatever they say.
    pub is_exhaustive: bool,
}

/// What the candidate is compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Against {
    /// Whatever applies here: the merge base, `HEAD` or what is stored.
    Default,
    Revision(String),
    Stored,
}

impl Request {
    /// What `bench` does without a flag, with a seed of its own.
    pub fn of(manifest: &Path) -> Self {
        Self {
            manifest: manifest.to_owned(),
            against: Against::Default,
            select: SelectArgs::default(),
            build: BuildArgs::default(),
            budget: None,
            is_quick: false,
            seed: drawn_seed(),
            counts_unmodified: true,
            measures_identical: false,
            is_exhaustive: false,
        }
    }

    /// Pairs at most for each series.
    pub fn pair_cap(&self) -> u32 {
        if self.is_quick { QUICK_PAIR_CAP } else { PAIR_CAP }
    }

    /// What is built for it, where `writes` is what it writes beside what every run writes.
    pub fn scope<'a>(&'a self, writes: &'a [PathBuf]) -> Scope<'a> {
        Scope { manifest: &self.manifest, tiers: &self.select.tier, build: Some(&self.build), writes }
    }
}

impl Against {
    /// The base that is wanted for it.
    pub fn wanted(&self) -> Wanted<'_> {
        match self {
            Self::Default => Wanted::Default,
            Self::Revision(revision) => Wanted::Revision(revision),
            Self::Stored => Wanted::Stored,
        }
    }
}

impl From<&BenchArgs> for Request {
    fn from(args: &BenchArgs) -> Self {
        Self {
            against: match (&args.base, args.stored) {
                (Some(revision), _) => Against::Revision(revision.clone()),
                (None, true) => Against::Stored,
                (None, false) => Against::Default,
            },
            select: args.select.clone(),
            build: args.build.clone(),
            budget: args.budget,
            is_quick: args.quick,
            seed: args.seed.unwrap_or_else(drawn_seed),
            counts_unmodified: !args.no_counting,
            measures_identical: args.measure_identical,
            is_exhaustive: args.exhaust,
            ..Self::of(&args.workspace.manifest_path)
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        bench: BenchArgs,
    }

    fn asked(words: &[&str]) -> Request {
        let args = Command::try_parse_from(["bench", "--seed", "7"].iter().chain(words)).unwrap();
        Request::from(&args.bench)
    }

    #[test]
    fn flags_become_what_they_ask_for() {
        #[track_caller]
        fn check(words: &[&str], expected: impl FnOnce(&mut Request)) {
            let mut wanted = Request { seed: 7, ..Request::of(&asked(&[]).manifest) };
            expected(&mut wanted);
            assert_eq!(format!("{:?}", asked(words)), format!("{wanted:?}"));
        }
        check(&[], |_| ());
        check(&["--base", "main"], |one| one.against = Against::Revision("main".into()));
        check(&["--stored"], |one| one.against = Against::Stored);
        check(&["--budget", "90s"], |one| one.budget = Some(Duration::from_secs(90)));
        check(&["--quick"], |one| one.is_quick = true);
        check(&["--no-counting"], |one| one.counts_unmodified = false);
        check(&["--measure-identical"], |one| one.measures_identical = true);
        check(&["--exhaust"], |one| one.is_exhaustive = true);
        check(&["json", "--tier", "all"], |one| {
            one.select = SelectArgs { filters: vec!["json".into()], tier: vec!["all".into()] };
        });
        check(&["--all-features"], |one| one.build.all_features = true);
        check(&["--manifest-path", "x/Cargo.toml"], |one| one.manifest = "x/Cargo.toml".into());
    }

    #[test]
    fn quick_run_has_fewer_pairs() {
        assert_eq!((asked(&[]).pair_cap(), asked(&["--quick"]).pair_cap()), (PAIR_CAP, QUICK_PAIR_CAP));
    }
}

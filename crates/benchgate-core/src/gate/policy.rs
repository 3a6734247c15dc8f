//! What the gate tolerates: the values behind `benchgate.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::{Claim, Status};
use crate::model::{BenchKey, BuildSettings, CommandBench, Members, Metric, PairKind, SeriesKey};

/// The whole policy. `Policy::default()` is what a workspace without `benchgate.toml` gets.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Tolerances, the last rule that matches a series wins; none matching means the default of its metric.
    pub tolerances: Vec<ToleranceRule>,
    /// Tiers: a benchmark is in the tiers that hold it, else in `core`.
    pub tiers: BTreeMap<String, Tier>,
    /// Classes of benchmarks that are treated alike.
    pub classes: BTreeMap<String, Class>,
    /// Time to spend measuring.
    pub budget: Duration,
    /// Whether flagged times are judged on fresh link orders, where both sides can be linked again.
    pub confirms_by_linking: bool,
    /// What each verdict or state does; statuses not named do what `Action::default_of` says.
    pub actions: BTreeMap<Status, Action>,
    /// The share of compared series that may be inconclusive before that fails the run; `None` means that the action decides.
    pub inconclusive_at_most: Option<f64>,
    /// Performance statements about the code.
    pub claims: Vec<Claim>,
    /// Commands that are measured as a whole.
    pub commands: Vec<CommandBench>,
    /// The slowdown that `selftest canary` plants.
    pub canary: Option<Canary>,
    /// Whether the heap of Criterion benches is counted where no heap bench does it.
    pub counts_unmodified: bool,
    /// How both sides are built.
    pub build: BuildSettings,
}

/// A slowdown to plant in a copy of the tree, and the benchmark that it must turn red.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Canary {
    /// The file to change, below the workspace's root.
    pub file: String,
    /// A text that stands in it once.
    pub before: String,
    /// What takes its place.
    pub after: String,
    /// Id of the benchmark.
    pub id: String,
}

/// Tolerance for the series that it matches.
#[derive(Clone, Debug)]
pub struct ToleranceRule {
    /// Which metric; all where `None`.
    pub metric: Option<Metric>,
    /// Which ids.
    pub ids: IdGlobs,
    /// The share that nobody cares about: 0.02 is 2 %.
    pub tolerance: f64,
}

/// Benchmarks that are measured when they are asked for.
#[derive(Clone, Debug)]
pub struct Tier {
    /// Which ids.
    pub ids: IdGlobs,
    /// The packages that hold them. Their benchmarks are in no other tier, and are built with this one only; empty for a
    /// tier over what is built in any case.
    pub packages: BTreeSet<String>,
}

/// Benchmarks that are treated alike.
#[derive(Clone, Debug)]
pub struct Class {
    /// Which ids.
    pub ids: IdGlobs,
    /// Whether a regression of theirs fails the run.
    pub gates: bool,
    /// Whether both sides cannot live at once, so that they take turns process by process.
    pub is_exclusive: bool,
}

/// What a verdict or state does to the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// The run fails.
    Fail,
    /// Shown among the things to look at.
    Warn,
    /// Counted only.
    Pass,
}

impl Action {
    /// What a status does where the policy does not say.
    pub fn default_of(status: Status) -> Self {
        match status {
            Status::Regressed
            | Status::Implausible
            | Status::Leaked
            | Status::Errored
            | Status::TimedOut
            | Status::NotRun
            | Status::Incomparable
            | Status::MissingBaseline
            | Status::Removed => Self::Fail,
            Status::NotBuilt | Status::Inconclusive | Status::Accepted | Status::Layout => Self::Warn,
            Status::Improved
            | Status::New
            | Status::Advisory
            | Status::NotCounted
            | Status::Unchanged
            | Status::Identical => Self::Pass,
        }
    }
}

/// Globs over benchmark ids; `*` stays within a segment, `**` crosses them.
#[derive(Clone, Debug)]
pub struct IdGlobs {
    patterns: Vec<String>,
    set: GlobSet,
}

impl IdGlobs {
    /// Compiles globs.
    ///
    /// # Errors
    /// The first glob that is malformed, with the reason.
    pub fn new<S: Into<String>>(patterns: impl IntoIterator<Item = S>) -> Result<Self, globset::Error> {
        let patterns: Vec<String> = patterns.into_iter().map(Into::into).collect();
        let mut set = GlobSetBuilder::new();
        for pattern in &patterns {
            set.add(GlobBuilder::new(pattern).literal_separator(true).build()?);
        }
        Ok(Self { set: set.build()?, patterns })
    }

    /// Matches every id.
    pub fn all() -> Self {
        Self::new(["**"]).expect("`**` is a glob")
    }

    /// Whether one of the globs matches.
    pub fn is_match(&self, id: &str) -> bool {
        self.set.is_match(id)
    }

    /// The globs as written.
    pub fn patterns(&self) -> &[String] {
        &self.patterns
    }
}

/// Tolerance for time where nothing else is said: 2 %, what a pair's spread of about 1 % can prove in six pairs.
pub const DEFAULT_TIME_TOLERANCE: f64 = 0.02;

/// Tolerance for counts where nothing else is said: 1 %. One allocation more of a few is beyond it, and anything at all from zero; 2
/// more of 397, which an optimisation of fancy-regex paid for 3,003 fewer elsewhere (commit 43205a5), are within it, as are all six
/// counts that rose there, by 0.2 to 0.5 %.
pub const DEFAULT_COUNT_TOLERANCE: f64 = 0.01;

/// Tolerance for a command's peak memory where nothing else is said: 5 %. Pages come in clusters whose bounds move with the address
/// space, which is up to 3 % of a small program.
pub const DEFAULT_MEMORY_TOLERANCE: f64 = 0.05;

impl Default for Policy {
    fn default() -> Self {
        Self {
            tolerances: Vec::new(),
            tiers: BTreeMap::new(),
            classes: BTreeMap::new(),
            budget: Duration::from_secs(300),
            confirms_by_linking: true,
            actions: BTreeMap::new(),
            inconclusive_at_most: None,
            claims: Vec::new(),
            commands: Vec::new(),
            canary: None,
            counts_unmodified: true,
            build: BuildSettings::default(),
        }
    }
}

impl Policy {
    /// The tolerance of a series, as a share: 0.02 is 2 %.
    pub fn tolerance(&self, key: &SeriesKey) -> f64 {
        match self.stated_tolerance(key) {
            Some(stated) => stated,
            None if key.metric.is_count() => DEFAULT_COUNT_TOLERANCE,
            None if key.metric == Metric::PeakMemory => DEFAULT_MEMORY_TOLERANCE,
            None => DEFAULT_TIME_TOLERANCE,
        }
    }

    /// The tolerance that a rule states for a series; `None` where the default of its metric holds.
    pub fn stated_tolerance(&self, key: &SeriesKey) -> Option<f64> {
        self.tolerance_rule(key).map(|rule| rule.tolerance)
    }

    /// The rule that states the tolerance of a series.
    pub fn tolerance_rule(&self, key: &SeriesKey) -> Option<&ToleranceRule> {
        let id = key.bench.id();
        let matches =
            |rule: &&ToleranceRule| rule.metric.is_none_or(|metric| metric == key.metric) && rule.ids.is_match(&id);
        self.tolerances.iter().rev().find(matches)
    }

    /// The tolerance of a series where it was known before the first pair what benches support on the machine: a default for
    /// time is raised to that, a stated one holds as it is.
    pub fn tolerance_given(&self, supported: &BTreeMap<BenchKey, f64>, key: &SeriesKey) -> f64 {
        let tolerance = self.tolerance(key);
        match supported.get(&key.bench) {
            Some(&supported) if key.metric == Metric::Time && self.stated_tolerance(key).is_none() => {
                tolerance.max(supported)
            }
            _ => tolerance,
        }
    }

    /// What a status does.
    pub fn action(&self, status: Status) -> Action {
        self.actions.get(&status).copied().unwrap_or_else(|| Action::default_of(status))
    }

    /// Whether a regression of this series fails the run: not when a class that holds it says no.
    pub fn gates(&self, key: &SeriesKey) -> bool {
        let id = key.bench.id();
        self.classes.values().filter(|class| class.ids.is_match(&id)).all(|class| class.gates)
    }

    /// What pairs of a benchmark are made of: one process at a time, where a class that holds it says so.
    pub fn pair_kind(&self, bench: &BenchKey) -> PairKind {
        if self.is_exclusive(bench) { PairKind::OneAtATime } else { PairKind::Interleaved }
    }

    /// Whether both sides of a benchmark cannot live at once: where a class that holds it says so.
    pub fn is_exclusive(&self, bench: &BenchKey) -> bool {
        let id = bench.id();
        self.classes.values().any(|class| class.is_exclusive && class.ids.is_match(&id))
    }

    /// Whether a benchmark belongs to one of the tiers. `core` holds what no tier names; `all` holds everything but what is
    /// built for one tier only.
    pub fn is_in_tiers(&self, bench: &BenchKey, tiers: &[String]) -> bool {
        let id = bench.id();
        let is_reserved = self.tiers.values().any(|tier| tier.packages.contains(&bench.package));
        let holds = |tier: &Tier| {
            let is_its_package =
                if is_reserved { tier.packages.contains(&bench.package) } else { tier.packages.is_empty() };
            is_its_package && tier.ids.is_match(&id)
        };
        tiers.iter().any(|name| match (name.as_str(), self.tiers.get(name)) {
            ("all", _) => !is_reserved,
            (_, Some(tier)) => holds(tier),
            ("core", None) => !is_reserved && !self.tiers.values().any(holds),
            (_, None) => false,
        })
    }

    /// The packages that are built for tiers; for none, those that are built in any case.
    pub fn members(&self, tiers: &[String]) -> Members {
        let packages = |name: &String| self.tiers.get(name).map(|tier| &tier.packages).filter(|all| !all.is_empty());
        let reserved = self.tiers.iter().flat_map(|(name, tier)| tier.packages.iter().map(move |one| (one, name)));
        Members {
            has_common: tiers.is_empty() || tiers.iter().any(|name| packages(name).is_none()),
            named: tiers.iter().filter_map(packages).flatten().cloned().collect(),
            reserved: reserved.map(|(package, tier)| (package.clone(), tier.clone())).collect(),
            only: self.build.packages.iter().cloned().collect(),
            excluded: self.build.exclude.iter().cloned().collect(),
            benches: self.build.benches.clone(),
        }
    }
}

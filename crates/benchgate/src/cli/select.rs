//! Which benchmarks take part.

use anyhow::anyhow;

use super::args::SelectArgs;
use super::stop::Stop;
use benchgate_core::gate::{ExitCode, IdGlobs, Policy};
use benchgate_core::model::BenchKey;

/// What the command line selects.
pub(super) struct Selection<'a> {
    filters: Vec<Filter>,
    tiers: Vec<String>,
    policy: &'a Policy,
    cores: u32,
}

/// Why a benchmark does not take part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unselected {
    /// It is in none of the tiers.
    Tier,
    /// There are filters, and none names it.
    Filter,
    /// It needs more threads than the machine has cores, and nobody named it.
    Threads,
}

/// One filter.
#[derive(Clone, Debug)]
pub(super) enum Filter {
    /// Ids that contain this text.
    Contains(String),
    /// Ids that match this.
    Matches(IdGlobs),
}

impl<'a> Selection<'a> {
    /// Reads filters and tiers.
    ///
    /// # Errors
    /// A malformed glob; a tier that the policy does not know.
    pub fn new(args: &'a SelectArgs, policy: &'a Policy, cores: u32) -> Result<Self, Stop> {
        for tier in &args.tier {
            if !matches!(tier.as_str(), "core" | "all") && !policy.tiers.contains_key(tier) {
                let known: Vec<&str> = policy.tiers.keys().map(String::as_str).chain(["core", "all"]).collect();
                let error = anyhow!("unknown tier `{tier}`\nhint: the tiers are {}", known.join(", "));
                return Err(Stop { code: ExitCode::Configuration, error });
            }
        }
        let filters = args.filters.iter().map(|filter| Filter::new(filter)).collect::<Result<_, _>>()?;
        let is_default = args.tier.is_empty() && args.filters.is_empty();
        let tiers = if is_default { vec!["core".to_owned()] } else { args.tier.clone() };
        Ok(Self { filters, tiers, policy, cores })
    }

    /// Whether a benchmark takes part.
    pub fn holds(&self, bench: &BenchKey) -> bool {
        self.why_not(bench).is_none()
    }

    /// Why a benchmark does not take part. Naming it by a filter beats its tier and its number of threads.
    pub fn why_not(&self, bench: &BenchKey) -> Option<Unselected> {
        let id = bench.id();
        let is_in_tiers = self.tiers.is_empty() || self.policy.is_in_tiers(bench, &self.tiers);
        let is_named = self.filters.iter().any(|filter| filter.is_match(&id));
        match () {
            () if !is_in_tiers => Some(Unselected::Tier),
            () if is_named => None,
            () if !self.filters.is_empty() => Some(Unselected::Filter),
            () => (bench.threads() > self.cores).then_some(Unselected::Threads),
        }
    }

    /// The id nearest to a filter that matches nothing.
    pub fn nearest<'i>(&self, ids: &'i [String]) -> Option<&'i str> {
        let filter = self.filters.iter().find_map(|filter| match filter {
            Filter::Contains(text) => Some(text.as_str()),
            Filter::Matches(glob) => glob.patterns().first().map(String::as_str),
        })?;
        ids.iter().map(String::as_str).min_by_key(|id| strsim::damerau_levenshtein(id, filter))
    }

    /// The tiers that are selected, for the record.
    pub fn tiers(&self) -> &[String] {
        &self.tiers
    }
}

impl Filter {
    /// Reads a filter.
    ///
    /// # Errors
    /// A malformed glob.
    pub fn new(text: &str) -> Result<Self, Stop> {
        if !text.contains(['*', '?', '[', '{']) {
            return Ok(Self::Contains(text.to_owned()));
        }
        IdGlobs::new([text]).map(Self::Matches).map_err(|error| Stop {
            code: ExitCode::MalformedFilter,
            error: anyhow!(
                "malformed filter `{text}`: {error}\nhint: a filter without `*?[{{` matches ids that contain it"
            ),
        })
    }

    /// Whether it means this id.
    pub fn is_match(&self, id: &str) -> bool {
        match self {
            Self::Contains(text) => id.contains(text.as_str()),
            Self::Matches(glob) => glob.is_match(id),
        }
    }
}

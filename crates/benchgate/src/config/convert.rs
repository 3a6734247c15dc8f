//! Wire form -> policy: every value checked, every place that names benchmarks noted.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Component, Path};
use std::str::FromStr;

use toml::Spanned;

use super::error::{ConfigError, Document, of_cell, visible};
use super::stated::Stated;
use super::wire::{CanaryWire, ClaimWire, ClassWire, OverrideWire, PolicyWire, ToleranceWire, Word};
use super::{Mention, MentionKind, build, claims, command, quantity, suggest, tier};
use benchgate_core::gate::{Action, Canary, Class, IdGlobs, Policy, Status, ToleranceRule};
use benchgate_core::model::Metric;

/// Actions by name.
const ACTIONS: [(&str, Action); 3] = [("fail", Action::Fail), ("warn", Action::Warn), ("pass", Action::Pass)];

/// The conversion of one document: what was found on the way is kept here.
pub(super) struct Conversion<'a> {
    pub(super) document: Document<'a>,
    /// Which of the files of the policy it is, the policy itself being the first.
    pub(super) file: usize,
    /// The combination of words that the claim at hand is about, where its table states several.
    pub(super) cell: Option<String>,
    pub(super) mentions: Vec<Mention>,
}

pub(super) fn policy(
    document: Document<'_>,
    wire: PolicyWire,
    stated: Vec<Stated<'_, ClaimWire>>,
) -> Result<(Policy, Vec<Mention>), ConfigError> {
    let mut conversion = Conversion::of(document);
    let PolicyWire { budget, tolerance, tiers, class, on, heap, confirm, command, canary, build, .. } = wire;
    let mut policy = Policy::default();
    policy.counts_unmodified = heap.unmodified.unwrap_or(policy.counts_unmodified);
    if let Some(word) = budget {
        policy.budget = quantity::parse_duration(word.get_ref())
            .map_err(|problem| document.wrong(word.span(), problem, "write for instance `budget = \"5m\"`"))?;
    }
    policy.confirms_by_linking = confirm.link_orders.unwrap_or(policy.confirms_by_linking);
    policy.tolerances = conversion.tolerances(tolerance)?;
    policy.tiers = tier::convert(&mut conversion, tiers)?;
    policy.build = build::convert(&mut conversion, build, &policy.tiers)?;
    policy.classes = conversion.classes(class)?;
    for (key, value) in on {
        match conversion.on(&key, &value)? {
            (status, On::Action(action)) => drop(policy.actions.insert(status, action)),
            (_, On::AtMost(share)) => policy.inconclusive_at_most = Some(share),
        }
    }
    policy.commands = command::convert(document, command)?;
    policy.canary = canary.map(|canary| conversion.canary(canary)).transpose()?;
    policy.claims = claims::convert(&mut conversion, stated, &policy.tiers)?;
    Ok((policy, conversion.mentions))
}

impl<'a> Conversion<'a> {
    pub(super) fn of(document: Document<'a>) -> Self {
        Self { document, file: 0, cell: None, mentions: Vec::new() }
    }
}

impl Conversion<'_> {
    pub(super) fn wrong(&self, at: Range<usize>, problem: impl Into<String>, hint: impl Into<String>) -> ConfigError {
        self.document.wrong(at, of_cell(problem.into(), self.cell.as_deref()), hint)
    }

    /// Notes a place that must match something.
    pub(super) fn mention(&mut self, span: Range<usize>, kind: MentionKind) {
        self.mentions.push(Mention { file: self.file, span, kind, tier: None, cell: self.cell.clone() });
    }

    fn tolerances(&mut self, wire: ToleranceWire) -> Result<Vec<ToleranceRule>, ConfigError> {
        let ToleranceWire { time, allocations, bytes, peak_bytes, live_bytes, live_slope, threads, .. } = wire;
        let ToleranceWire { processor_time, peak_memory, overrides, .. } = wire;
        let by_metric = [
            (Metric::Time, time),
            (Metric::Allocations, allocations),
            (Metric::AllocatedBytes, bytes),
            (Metric::PeakBytes, peak_bytes),
            (Metric::LiveBytes, live_bytes),
            (Metric::LiveSlope, live_slope),
            (Metric::Threads, threads),
            (Metric::ProcessorTime, processor_time),
            (Metric::PeakMemory, peak_memory),
        ];
        let mut rules = Vec::new();
        for (metric, word) in by_metric {
            if let Some(word) = word {
                let tolerance = self.share(Some(metric), &word)?;
                rules.push(ToleranceRule { metric: Some(metric), ids: IdGlobs::all(), tolerance });
            }
        }
        // Later rules win, so overrides come after the values for all.
        for OverrideWire { ids, metric, value } in overrides {
            let metric = metric.map(|word| self.metric(&word)).transpose()?;
            let tolerance = self.share(metric, &value)?;
            rules.push(ToleranceRule { metric, ids: self.globs(&ids)?, tolerance });
        }
        Ok(rules)
    }

    fn share(&self, metric: Option<Metric>, word: &Word) -> Result<f64, ConfigError> {
        let share = quantity::parse_share(word.get_ref())
            .map_err(|problem| self.wrong(word.span(), problem, "write for instance `\"2%\"`"))?;
        let covers_time = metric.is_none_or(|metric| !metric.is_count());
        if share == 0.0 && covers_time {
            let of = metric.map_or("time", Metric::name);
            let problem = format!(
                "expected a tolerance above `0%` for `{of}`, found `0%`: no measurement can prove that two are equal"
            );
            let hint = match metric {
                Some(_) => "write for instance `\"2%\"`",
                None => "add `metric = \"allocations\"` or another count, or write for instance `\"2%\"`",
            };
            return Err(self.wrong(word.span(), problem, hint));
        }
        Ok(share)
    }

    pub(super) fn metric(&self, word: &Word) -> Result<Metric, ConfigError> {
        self.named(word, "metric", Metric::ALL.map(Metric::name))
    }

    /// A value of a closed list, by name.
    fn named<T: FromStr, const N: usize>(&self, word: &Word, what: &str, names: [&str; N]) -> Result<T, ConfigError> {
        T::from_str(word.get_ref()).map_err(|_| self.unknown(word, what, &names))
    }

    pub(super) fn unknown(&self, word: &Word, what: &str, names: &[&str]) -> ConfigError {
        let found = visible(word.get_ref());
        let expected = suggest::listed(names.iter().copied());
        let problem = format!("unknown {what} `{found}`, expected one of {expected}");
        self.wrong(word.span(), problem, suggest::hint(&found, names.iter().copied()))
    }

    fn classes(&mut self, wire: BTreeMap<Word, ClassWire>) -> Result<BTreeMap<String, Class>, ConfigError> {
        let mut classes = BTreeMap::new();
        for (name, ClassWire { ids, gate, exclusive }) in wire {
            self.check_name(&name, "class")?;
            if gate.is_none() && exclusive.is_none() {
                let problem = format!("class `{}` says nothing about its benchmarks", visible(name.get_ref()));
                return Err(self.wrong(name.span(), problem, "add `gate = false` or `exclusive = true`"));
            }
            let (gates, is_exclusive) = (gate.unwrap_or(true), exclusive.unwrap_or(false));
            classes.insert(name.into_inner(), Class { ids: self.globs(&ids)?, gates, is_exclusive });
        }
        Ok(classes)
    }

    fn canary(&mut self, CanaryWire { file, before, after, id }: CanaryWire) -> Result<Canary, ConfigError> {
        let path = Path::new(file.get_ref());
        if !path.components().all(|part| matches!(part, Component::Normal(_))) || file.get_ref().is_empty() {
            let problem = format!("expected a file below the workspace's root, found `{}`", visible(file.get_ref()));
            return Err(self.wrong(file.span(), problem, "write for instance `file = \"src/lib.rs\"`"));
        }
        if before.get_ref().trim().is_empty() {
            let hint = "copy a line of the file that occurs once";
            return Err(self.wrong(before.span(), "expected the text to replace, found nothing", hint));
        }
        if before.get_ref() == after.get_ref() {
            let hint = "let `after` do more work than `before`";
            return Err(self.wrong(after.span(), "`after` is the same as `before`, so nothing would be planted", hint));
        }
        self.mention(id.span(), MentionKind::Id(id.get_ref().clone()));
        Ok(Canary {
            file: file.into_inner(),
            before: before.into_inner(),
            after: after.into_inner(),
            id: id.into_inner(),
        })
    }

    pub(super) fn check_name(&self, name: &Word, what: &str) -> Result<(), ConfigError> {
        let text = name.get_ref();
        if text.trim().is_empty() || text.contains(char::is_control) {
            let problem = format!("expected a name for the {what}, found `{}`", visible(text));
            return Err(self.wrong(name.span(), problem, "use printable characters, at least one that is no blank"));
        }
        Ok(())
    }

    /// Compiles globs one by one, so that an error has the place of the one that is wrong.
    pub(super) fn globs(&mut self, words: &Spanned<Vec<Word>>) -> Result<IdGlobs, ConfigError> {
        if words.get_ref().is_empty() {
            let problem = "expected at least one glob, found `[]`, which matches nothing";
            return Err(self.wrong(
                words.span(),
                problem,
                "name ids, for instance `[\"area/component/**\"]`, or delete the rule",
            ));
        }
        let malformed = |document: Document<'_>, word: &Word, error: globset::Error| {
            let problem = format!("malformed glob `{}`: {}", visible(word.get_ref()), error.kind());
            let hint = "`*` stays within a segment, `**` crosses them, `[[]` stands for `[` and `[{]` for `{`";
            document.wrong(word.span(), problem, hint)
        };
        for word in words.get_ref() {
            let globs = IdGlobs::new([word.get_ref().clone()]).map_err(|e| malformed(self.document, word, e))?;
            self.mention(word.span(), MentionKind::Glob(globs));
        }
        let all = words.get_ref().iter().map(|word| word.get_ref().clone());
        IdGlobs::new(all).map_err(|error| malformed(self.document, &words.get_ref()[0], error))
    }

    /// What a verdict or state does: an action by name, or for `inconclusive` a share.
    fn on(&self, key: &Word, value: &Spanned<toml::Value>) -> Result<(Status, On), ConfigError> {
        let status: Status = self.named(key, "verdict or state", Status::ALL.map(Status::name))?;
        let name = match value.get_ref() {
            toml::Value::String(name) => name,
            toml::Value::Table(table) => return Ok((status, On::AtMost(self.at_most(status, value, table)?))),
            other => {
                let problem = format!("expected an action in quotes, found {} `{other}`", other.type_str());
                return Err(self.wrong(value.span(), problem, "write one of `\"fail\"`, `\"warn\"`, `\"pass\"`"));
            }
        };
        let found = ACTIONS.into_iter().find(|(known, _)| known == name);
        let unknown =
            || self.unknown(&Spanned::new(value.span(), name.clone()), "action", &ACTIONS.map(|(name, _)| name));
        let (name, action) = found.ok_or_else(unknown)?;
        match refusal(status, action) {
            Some((reason, hint)) => {
                Err(self.wrong(value.span(), format!("`{status}` cannot be `{name}`: {reason}"), hint))
            }
            None => Ok((status, On::Action(action))),
        }
    }

    /// `{ at-most = "10%" }`.
    fn at_most(&self, status: Status, value: &Spanned<toml::Value>, table: &toml::Table) -> Result<f64, ConfigError> {
        if status != Status::Inconclusive {
            let problem = format!("`{status}` takes an action, only `inconclusive` takes a share");
            return Err(self.wrong(value.span(), problem, "write one of `\"fail\"`, `\"warn\"`, `\"pass\"`"));
        }
        let hint = "write for instance `{ at-most = \"10%\" }`";
        match table.iter().next() {
            Some((key, toml::Value::String(share))) if key == "at-most" && table.len() == 1 => {
                quantity::parse_share(share).map_err(|problem| self.wrong(value.span(), problem, hint))
            }
            _ => Err(self.wrong(value.span(), "expected `at-most` with a share in quotes and no other key", hint)),
        }
    }
}

/// What the configuration says of a verdict or state.
enum On {
    Action(Action),
    /// The share of compared series that may be so before the run fails.
    AtMost(f64),
}

/// What would make the gate meaningless, with what to do instead.
fn refusal(status: Status, action: Action) -> Option<(&'static str, &'static str)> {
    const SILENT: (&str, &str) = (
        "nothing that was not compared passes silently",
        "write `\"warn\"`, or put the ids into a `[class.NAME]` with `gate = false`",
    );
    match status {
        Status::Regressed => (action != Action::Fail).then_some((
            "a gate that lets every regression pass is none",
            "put the ids into a `[class.NAME]` with `gate = false`, or raise their tolerance with `[[tolerance.override]]`",
        )),
        Status::Implausible
        | Status::Leaked
        | Status::Errored
        | Status::TimedOut
        | Status::NotRun
        | Status::Incomparable
        | Status::MissingBaseline
        | Status::NotBuilt
        | Status::Removed => (action == Action::Pass).then_some(SILENT),
        Status::Inconclusive
        | Status::Accepted
        | Status::Layout
        | Status::Improved
        | Status::New
        | Status::Advisory
        | Status::NotCounted
        | Status::Unchanged
        | Status::Identical => None,
    }
}

//! What is to be read off the table, in sentences.

use std::collections::BTreeMap;

use crate::observation::{Observation, Tool, Verdict};
use crate::scenario::Scenario;
use crate::seen::{CHASE, Seen, Share, figure, mean, median};

impl Seen<'_> {
    /// All of them.
    pub fn sentences(&self) -> Vec<String> {
        let criterion = [
            (Tool::CriterionDefault, "Criterion at its default"),
            (Tool::CriterionEqual, "Criterion in equal machine time"),
        ];
        let tango = [(Tool::TangoDefault, "tango at its default"), (Tool::TangoEqual, "tango in equal machine time")];
        let mut found: Vec<String> =
            criterion.into_iter().filter_map(|(tool, name)| self.false_reds(tool, name)).collect();
        found.extend(tango.into_iter().filter_map(|(tool, name)| self.detections(tool, name)));
        found.extend(self.unchanged());
        found.extend(self.scenarios.iter().filter_map(|(name, scenario)| self.found(name, *scenario)));
        found.extend(self.judged_again());
        found
    }

    /// What fresh link orders cost.
    fn judged_again(&self) -> Option<String> {
        let judged = Share::of(self.of(Tool::Benchgate), |one| one.linking.is_some());
        let cost = |part: fn(&Observation) -> Option<f64>| {
            let judged = self.of(Tool::Benchgate).filter(|one| one.linking.is_some());
            figure(mean(&judged.filter_map(part).collect::<Vec<_>>()))
        };
        (judged.hits > 0).then(|| {
            let (pairs, linking) = (cost(|one| one.confirming), cost(|one| one.linking));
            format!(
                "Judged on fresh link orders: {} verdicts of this gate, in a mean of {pairs} s of pairs and {linking} s of \
                 linking each.",
                judged.text()
            )
        })
    }

    /// A tool beside this gate where nothing is slower.
    fn false_reds(&self, tool: Tool, name: &str) -> Option<String> {
        let is_common = self.common(tool, |scenario| scenario.planted() == 0);
        let (theirs, ours) = (self.reds(tool, &is_common), self.reds(Tool::Benchgate, &is_common));
        let seconds =
            |tool| mean(&self.of(tool).filter(|one| is_common(one)).filter_map(|one| one.seconds).collect::<Vec<_>>());
        let ratio = seconds(Tool::Benchgate)? / seconds(tool)?;
        let suites = self.suites(tool, &is_common);
        let (ours_text, bound) = (ours.text(), ours.bound());
        Some(format!(
            "False reds: {name} {}, at least one in {} of {} runs of the suite; this gate {ours_text}{bound}, in {} times the \
             machine time.",
            theirs.text(),
            suites.hits,
            suites.of,
            figure(Some(ratio))
        ))
    }

    /// A tool beside this gate where something is slower.
    fn detections(&self, tool: Tool, name: &str) -> Option<String> {
        let is_planted = self.common(tool, |scenario| scenario.planted() > 0);
        let is_quiet = self.common(tool, |scenario| scenario.planted() == 0);
        let (theirs, ours) = (self.reds(tool, &is_planted), self.reds(Tool::Benchgate, &is_planted));
        (theirs.of > 0 && ours.of > 0).then(|| {
            format!(
                "Planted slowdowns found: {name} {}, false reds {}; this gate {}, false reds {}.",
                theirs.text(),
                self.reds(tool, &is_quiet).text(),
                ours.text(),
                self.reds(Tool::Benchgate, &is_quiet).text()
            )
        })
    }

    /// Runs of the suite with a red, of all: the first run has each subject's first verdict, and so on.
    fn suites(&self, tool: Tool, is_chosen: impl Fn(&Observation) -> bool) -> Share {
        let mut before: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        let mut runs: BTreeMap<(&str, usize), bool> = BTreeMap::new();
        for one in self.of(tool).filter(|one| is_chosen(one)) {
            let run = before.entry((&one.scenario, &one.subject)).or_default();
            *runs.entry((&one.scenario, *run)).or_default() |= one.verdict == Verdict::Regressed;
            *run += 1;
        }
        Share { hits: runs.values().filter(|&&has_red| has_red).count(), of: runs.len() }
    }

    /// How reliably this gate found a planted slowdown, on the subjects where it exceeds the tolerance.
    fn found(&self, name: &str, scenario: Scenario) -> Option<String> {
        if scenario.planted() == 0 {
            return None;
        }
        let (mut beyond, mut often, mut mostly) = (0, 0, 0);
        let mut seconds = Vec::new();
        for subject in &self.subjects {
            let about = || self.of(Tool::Benchgate).filter(|one| one.scenario == name && one.subject == *subject);
            let read = median(&about().filter_map(|one| one.effect).collect::<Vec<_>>());
            if *subject == CHASE || read.is_none_or(|effect| effect * 100.0 <= scenario.tolerance_percent) {
                continue;
            }
            let share = Share::of(about(), |one| one.verdict == Verdict::Regressed);
            let is_at_least = |percent: usize| 100 * share.hits >= percent * share.of;
            beyond += 1;
            often += usize::from(is_at_least(95));
            mostly += usize::from(is_at_least(90));
            seconds.extend(about().filter_map(|one| one.seconds));
        }
        (beyond > 0).then(|| {
            format!(
                "{}: this gate read more than the tolerance on {beyond} subjects, `{CHASE}` apart; it found the slowdown in at \
                 least 95 % of the runs on {often}, in 90 % on {mostly}, with a median of {} s of pairs and at most {} s.",
                scenario.title(),
                figure(median(&seconds)),
                figure(seconds.iter().copied().reduce(f64::max))
            )
        })
    }

    /// How long this gate took to settle that nothing has changed.
    fn unchanged(&self) -> Option<String> {
        let still = self.of(Tool::Benchgate).filter(|one| one.scenario == "aa" && one.subject != CHASE);
        let still: Vec<&Observation> = still.collect();
        let settled = Share::of(still.iter().copied(), |one| one.verdict == Verdict::Unchanged);
        let seconds: Vec<f64> = still.iter().filter_map(|one| one.seconds).collect();
        (settled.of > 0).then(|| {
            let (median, mean) = (figure(median(&seconds)), figure(mean(&seconds)));
            format!(
                "A/A but for `{CHASE}`: this gate settled {} as unchanged, in a median of {median} s and a mean of {mean} s.",
                settled.text()
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::Results;

    fn saw(scenario: &str, subject: &str, verdict: Verdict) -> Observation {
        let (scenario, subject) = (scenario.to_owned(), subject.to_owned());
        Observation { scenario, subject, ..Observation::new(Tool::TangoDefault, verdict) }
    }

    #[test]
    fn suites_are_told_apart_in_several_sessions_too() {
        let session = |verdicts: [Verdict; 2]| {
            let mut results = Results::new(String::new(), String::new(), String::new());
            results.observations =
                ["sort", "vec"].iter().zip(verdicts).map(|(name, one)| saw("aa", name, one)).collect();
            results
        };
        let all = [
            session([Verdict::Regressed, Verdict::Regressed]),
            session([Verdict::Unchanged, Verdict::Regressed]),
            session([Verdict::Unchanged, Verdict::Improved]),
        ];
        let seen = Seen::new(&all).expect("scenarios");
        assert_eq!(seen.suites(Tool::TangoDefault, |_| true), Share { hits: 2, of: 3 });
        assert_eq!(seen.suites(Tool::TangoDefault, |one| one.scenario == "neutral"), Share { hits: 0, of: 0 });
    }
}

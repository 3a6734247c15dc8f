//! Which claims a run can check: those whose benchmarks are all selected; and why it leaves the others.

use std::collections::BTreeMap;

use super::super::select::Unselected;
use super::Bench;
use benchgate_core::gate::{self, Claim, Needs};

/// Why a claim is not checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Left {
    Unselected(Unselected),
    /// No executable that lists its benchmarks has them.
    Unlisted,
}

impl Bench<'_> {
    /// The claims to check, in the order of the policy. Why others are left, and what those that stay cannot end as, becomes a
    /// note.
    pub(super) fn claims_in_scope(&mut self) -> Vec<Claim> {
        let all = &self.prepared.loaded.policy.claims;
        let mut left: BTreeMap<Left, usize> = BTreeMap::new();
        let mut in_scope = Vec::new();
        for claim in all {
            match self.why_left(claim) {
                Some(why) => *left.entry(why).or_default() += 1,
                None => in_scope.push(claim.clone()),
            }
        }
        let reasons: Vec<String> = left.iter().map(|(why, n)| format!("{n} {}", self.about(*why))).collect();
        if !reasons.is_empty() {
            let note = format!(
                "{} of {} claims are not checked: {}",
                left.values().sum::<usize>(),
                all.len(),
                reasons.join(", ")
            );
            self.notes.push(note);
        }
        let needed = gate::fewest_refuting_pairs(&self.prepared.loaded.policy);
        let is_refutable =
            |claim: &&Claim| matches!(claim.kind.needs(), Needs::Pairs { .. }) && !claim.kind.is_absolute();
        if in_scope.iter().any(|claim| is_refutable(&claim)) && self.request.pair_cap() < needed {
            let cap = self.request.pair_cap();
            self.notes.push(format!(
                "{cap} pairs, with none of earlier runs, can prove a claim about times and refute none; that takes {needed}"
            ));
        }
        in_scope
    }

    /// Whether a claim is checked.
    pub(super) fn is_in_scope(&self, claim: &Claim) -> bool {
        self.why_left(claim).is_none()
    }

    fn why_left(&self, claim: &Claim) -> Option<Left> {
        if !claim.is_checked_with(self.selection.tiers()) {
            return Some(Left::Unselected(Unselected::Tier));
        }
        claim.kind.ids().iter().filter_map(|id| self.why_unmeasured(id)).min()
    }

    /// Why nothing of this id is measured; `None` where something is.
    fn why_unmeasured(&self, id: &str) -> Option<Left> {
        let mut reasons = Vec::new();
        let mut is_listed = true;
        for target in &self.prepared.targets {
            for found in [&target.base, &target.candidate].into_iter().flatten() {
                let Ok(discovered) = &found.discovered else {
                    is_listed = false;
                    continue;
                };
                let keys = discovered.benches.iter().map(|bench| target.key(bench)).filter(|key| key.id() == id);
                reasons.extend(keys.map(|key| self.selection.why_not(&key).map(Left::Unselected)));
            }
        }
        // What no target registers is of a package that only its tier builds: other unknown ids were refused.
        let unknown = if is_listed { Left::Unselected(Unselected::Tier) } else { Left::Unlisted };
        reasons.into_iter().min().unwrap_or(Some(unknown))
    }

    fn about(&self, why: Left) -> String {
        match why {
            Left::Unselected(Unselected::Tier) => "of other tiers".into(),
            Left::Unselected(Unselected::Filter) => "about benchmarks that no filter names".into(),
            Left::Unselected(Unselected::Threads) => {
                format!("with more threads than the {} cores here", self.prepared.machine.cores)
            }
            Left::Unlisted => "of executables that cannot list their benchmarks".into(),
        }
    }
}

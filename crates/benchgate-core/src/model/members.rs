//! Which packages of a workspace take part, and which bench targets of theirs.

use std::collections::{BTreeMap, BTreeSet};

use super::Absence;

/// The packages and bench targets that are built. By default every member of the workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Members {
    /// Whether packages take part that no tier has to itself.
    pub has_common: bool,
    /// Packages of the tiers that are asked for.
    pub named: BTreeSet<String>,
    /// Packages that a tier has to itself, with the tier.
    pub reserved: BTreeMap<String, String>,
    /// The only ones of the packages that no tier has to itself; all of them where it is empty.
    pub only: BTreeSet<String>,
    /// Packages that never take part, whoever names them.
    pub excluded: BTreeSet<String>,
    /// Globs of the bench targets that take part; all of them where it is empty.
    pub benches: Vec<String>,
}

impl Default for Members {
    /// Every member.
    fn default() -> Self {
        Self {
            has_common: true,
            named: BTreeSet::new(),
            reserved: BTreeMap::new(),
            only: BTreeSet::new(),
            excluded: BTreeSet::new(),
            benches: Vec::new(),
        }
    }
}

impl Members {
    /// Why a package takes no part; `None` where it does.
    pub fn why_not(&self, package: &str) -> Option<Absence> {
        if self.excluded.contains(package) {
            return Some(Absence::Excluded);
        }
        if self.named.contains(package) {
            return None;
        }
        match self.reserved.get(package) {
            Some(tier) => Some(Absence::Tier(tier.clone())),
            None if !self.has_common => Some(Absence::OtherTiers),
            None => (!self.only.is_empty() && !self.only.contains(package)).then_some(Absence::Unnamed),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[track_caller]
    fn check(members: &Members, expected: &[&str]) {
        let held: Vec<&str> =
            ["library", "peers", "slow", "tools"].into_iter().filter(|one| members.why_not(one).is_none()).collect();
        assert_eq!(held, expected);
    }

    /// Two packages that tiers of their own have to themselves.
    fn with_tiers() -> Members {
        let reserved = ["peers", "slow"].map(|name| (name.to_owned(), format!("tier of {name}")));
        Members { reserved: reserved.into_iter().collect(), ..Members::default() }
    }

    #[test]
    fn reserved_packages_take_part_where_they_are_named() {
        check(&Members::default(), &["library", "peers", "slow", "tools"]);
        check(&with_tiers(), &["library", "tools"]);
        check(&Members { has_common: false, named: set(&["peers"]), ..with_tiers() }, &["peers"]);
        check(&Members { named: set(&["peers"]), ..with_tiers() }, &["library", "peers", "tools"]);
    }

    #[test]
    fn named_packages_leave_out_others_and_no_tier() {
        check(&Members { only: set(&["tools"]), ..with_tiers() }, &["tools"]);
        check(&Members { only: set(&["tools"]), named: set(&["slow"]), ..with_tiers() }, &["slow", "tools"]);
    }

    #[test]
    fn excluded_packages_are_out_of_every_tier() {
        let excluded = set(&["peers", "tools"]);
        check(&Members { excluded: excluded.clone(), ..Members::default() }, &["library", "slow"]);
        check(&Members { named: set(&["peers"]), excluded, ..with_tiers() }, &["library"]);
    }

    #[test]
    fn each_absence_has_its_reason() {
        let members = Members { only: set(&["library"]), excluded: set(&["slow"]), ..with_tiers() };
        let why = ["library", "peers", "slow", "tools"].map(|one| members.why_not(one));
        let tier = Absence::Tier("tier of peers".into());
        assert_eq!(why, [None, Some(tier), Some(Absence::Excluded), Some(Absence::Unnamed)]);
        let members = Members { has_common: false, ..Members::default() };
        assert_eq!(members.why_not("library"), Some(Absence::OtherTiers));
    }
}

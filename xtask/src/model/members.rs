//! Which packages of a workspace take part.

use std::collections::BTreeSet;

/// The packages whose benches are built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Members {
    /// Whether the workspace's default members take part, but for those in `reserved`.
    pub has_default: bool,
    /// Packages that take part whether or not they are default members.
    pub named: BTreeSet<String>,
    /// Packages that take part only where they are named.
    pub reserved: BTreeSet<String>,
}

impl Default for Members {
    /// The default members.
    fn default() -> Self {
        Self { has_default: true, named: BTreeSet::new(), reserved: BTreeSet::new() }
    }
}

impl Members {
    /// Whether a package takes part.
    pub fn holds(&self, package: &str, is_default: bool) -> bool {
        self.named.contains(package) || (self.has_default && is_default && !self.reserved.contains(package))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(members: &Members, expected: &[&str]) {
        let workspace = [("library", true), ("peers", false), ("slow", true), ("unused", false)];
        let held: Vec<&str> = workspace
            .iter()
            .filter(|(package, is_default)| members.holds(package, *is_default))
            .map(|(p, _)| *p)
            .collect();
        assert_eq!(held, expected);
    }

    #[test]
    fn reserved_packages_take_part_where_they_are_named() {
        let set = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>();
        check(&Members::default(), &["library", "slow"]);
        let reserved = set(&["peers", "slow"]);
        check(&Members { reserved: reserved.clone(), ..Members::default() }, &["library"]);
        check(&Members { has_default: false, named: set(&["peers"]), reserved: reserved.clone() }, &["peers"]);
        check(&Members { has_default: true, named: set(&["peers"]), reserved }, &["library", "peers"]);
    }
}

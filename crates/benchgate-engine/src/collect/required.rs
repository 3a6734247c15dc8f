//! Bench targets with `required-features`: cargo refuses a whole command for one whose features are off, so benches are named to it one by
//! one, and those that it refuses are left out.
//!
//! Which features are on is cargo's to say: another member may enable them. It says so before it builds anything.

use std::collections::BTreeSet;

use super::packages::BenchTarget;
use benchgate_core::model::{Absence, LeftOut};

/// A call of cargo: benches by name, of these packages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call<'a> {
    /// As cargo is told them.
    pub packages: BTreeSet<&'a str>,
    pub benches: BTreeSet<&'a str>,
}

/// The calls that build what is wanted, as far as cargo allows.
#[derive(Debug)]
pub(super) struct Calls<'a> {
    wanted: Vec<&'a BenchTarget>,
    open: Vec<Call<'a>>,
    refused: Vec<LeftOut>,
}

impl<'a> Calls<'a> {
    /// One call, for `wanted` of `all`: the packages are the same whichever benches are wanted, since cargo unites features over them.
    pub fn new(all: &'a [BenchTarget], wanted: &[&'a BenchTarget]) -> Self {
        let packages = all.iter().map(|bench| &*bench.specification).collect();
        let call = Call { packages, benches: wanted.iter().map(|bench| &*bench.name).collect() };
        Self { wanted: wanted.to_vec(), open: vec![call], refused: Vec::new() }
    }

    /// The next call. Without a bench there is none: cargo would build everything.
    pub fn next(&mut self) -> Option<Call<'a>> {
        loop {
            let call = self.open.pop()?;
            if !call.benches.is_empty() {
                return Some(call);
            }
        }
    }

    /// Asks for a call once more.
    pub fn again(&mut self, call: Call<'a>) {
        self.open.push(call);
    }

    /// Leaves out what cargo refused in a call, and asks for the rest of the call again; `false` where the words tell of no such refusal.
    pub fn leave_out(&mut self, call: &Call<'a>, said: &[String]) -> bool {
        let Some(Refused { target, package, features }) = said.iter().find_map(|line| Refused::parse(line)) else {
            return false;
        };
        let is_meant = |bench: &&&BenchTarget| bench.package == package && bench.name == target;
        let Some(meant) = self.wanted.iter().find(is_meant).copied().filter(|one| call.benches.contains(&*one.name))
        else {
            return false;
        };
        self.wanted.retain(|bench| *bench != meant);
        // A name means the benches of all packages of a call, so namesakes are asked for without this package.
        let is_namesake = |bench: &&&BenchTarget| bench.name == target && call.packages.contains(&*bench.specification);
        if self.wanted.iter().any(|bench| is_namesake(&bench)) {
            let packages = call.packages.iter().copied().filter(|one| *one != meant.specification).collect();
            self.open.push(Call { packages, benches: [&*meant.name].into() });
        }
        let benches = call.benches.iter().copied().filter(|name| *name != target).collect();
        self.open.push(Call { packages: call.packages.clone(), benches });
        self.refused.push(LeftOut { package, benches: vec![target], absence: Absence::Features(features) });
        true
    }

    /// What was left out.
    pub fn refused(mut self) -> Vec<LeftOut> {
        self.refused.sort_by(|a, b| (&a.package, &a.benches).cmp(&(&b.package, &b.benches)));
        self.refused
    }
}

/// What cargo says of a target whose features are off.
struct Refused {
    target: String,
    package: String,
    features: Vec<String>,
}

impl Refused {
    /// ``error: target `NAME` in package `NAME` requires the features: `NAME`, `NAME` ``
    fn parse(line: &str) -> Option<Self> {
        let (names, features) = line.strip_prefix("error: target ")?.split_once(" requires the features: ")?;
        let quoted = |text: &str| text.split('`').skip(1).step_by(2).map(String::from).collect::<Vec<_>>();
        let [target, package] = <[String; 2]>::try_from(quoted(names)).ok()?;
        Some(Self { target, package, features: quoted(features) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bench(package: &str, name: &str) -> BenchTarget {
        BenchTarget {
            package: package.into(),
            version: "0.1.0".into(),
            specification: format!("path+file:///w/{package}#0.1.0"),
            directory: package.into(),
            name: name.into(),
            source: format!("{package}/benches/{name}.rs").into(),
        }
    }

    fn said(target: &str, package: &str) -> Vec<String> {
        let text = format!(
            "warning: unused\nerror: target `{target}` in package `{package}` requires the features: `a`, `b`\n\
             Consider enabling them by passing, e.g., `--features=\"a b\"`"
        );
        text.lines().map(String::from).collect()
    }

    /// The calls that are made where cargo refuses these targets, and what is left out.
    fn calls(all: &[BenchTarget], off: &[(&str, &str)]) -> (Vec<String>, Vec<String>) {
        let wanted: Vec<&BenchTarget> = all.iter().collect();
        let mut calls = Calls::new(all, &wanted);
        let mut made = Vec::new();
        while let Some(call) = calls.next() {
            let is_built = |package: &str, name: &str| {
                call.benches.contains(name) && call.packages.iter().any(|one| one.contains(&format!("/{package}#")))
            };
            if let Some((package, name)) = off.iter().find(|(package, name)| is_built(package, name)) {
                assert!(calls.leave_out(&call, &said(name, package)));
                continue;
            }
            let built = all.iter().filter(|bench| is_built(&bench.package, &bench.name));
            made.push(built.map(|bench| format!("{}/{}", bench.package, bench.name)).collect::<Vec<_>>().join(" "));
        }
        let refused = calls.refused();
        assert!(refused.iter().all(|one| one.absence == Absence::Features(vec!["a".into(), "b".into()])));
        (made, refused.iter().map(|one| format!("{}/{}", one.package, one.benches[0])).collect())
    }

    #[test]
    fn what_cargo_refuses_is_left_out_and_the_rest_is_built() {
        let all = [bench("p", "one"), bench("p", "two"), bench("q", "three")];
        let (made, refused) = calls(&all, &[]);
        assert_eq!((made.join("; "), refused.len()), ("p/one p/two q/three".to_owned(), 0));
        let (made, refused) = calls(&all, &[("p", "two")]);
        assert_eq!((made.join("; "), refused), ("p/one q/three".to_owned(), vec!["p/two".to_owned()]));
        let (made, refused) = calls(&all, &[("q", "three"), ("p", "one"), ("p", "two")]);
        assert_eq!((made.len(), refused.len()), (0, 3), "nothing is left to be built");
    }

    #[test]
    fn namesakes_of_other_packages_are_built_without_the_one() {
        let all = [bench("p", "times"), bench("p", "more"), bench("q", "times"), bench("r", "times")];
        let (made, refused) = calls(&all, &[("p", "times")]);
        assert_eq!((made.join("; "), refused), ("p/more; q/times r/times".to_owned(), vec!["p/times".to_owned()]));
        let (made, refused) = calls(&all, &[("p", "times"), ("r", "times")]);
        assert_eq!((made.join("; "), refused.len()), ("p/more; q/times".to_owned(), 2));
        let (made, refused) = calls(&all, &[("p", "times"), ("q", "times"), ("r", "times")]);
        assert_eq!((made.join("; "), refused.len()), ("p/more".to_owned(), 3));
    }

    #[test]
    fn other_words_are_no_refusal() {
        let all = [bench("p", "one")];
        let mut calls = Calls::new(&all, &[&all[0]]);
        let call = calls.next().unwrap();
        for line in [
            "error: could not compile `p`",
            "error: target `one` in package `p`",
            "target `one` in package `p` requires the features: `a`",
        ] {
            assert!(!calls.leave_out(&call, &[line.to_owned()]), "{line}");
        }
        assert!(!calls.leave_out(&call, &said("other", "p")), "nobody asked for it");
        assert!(calls.refused().is_empty());
    }
}

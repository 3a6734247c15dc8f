//! In words: what the sides' builds differ in beside their source, and which benches take no part.

use std::collections::BTreeMap;

use super::inert::inert;
use benchgate_core::model::{Absence, BuildChange, BuildPart, LeftOut, Run};

/// Packages, or benches of one, that are named before the rest is counted.
const NAMED: usize = 3;

/// What differs, a sentence for each part of the build, and what is left out, a sentence for each reason.
pub(super) fn remarks(run: &Run) -> Vec<String> {
    let changes = changes(&run.build_changes).into_iter().map(|text| format!("changed beside the source: {text}"));
    changes.chain(left_out(&run.left_out).into_iter().map(|text| format!("left out: {text}"))).collect()
}

/// The toolchain, the harness, and the other packages of the lock file.
pub(super) fn changes(all: &[BuildChange]) -> Vec<String> {
    let (mut toolchain, mut harness, mut packages) = (Vec::new(), Vec::new(), Vec::new());
    for change in all {
        match &change.part {
            BuildPart::Toolchain => toolchain.push(moved("", change)),
            BuildPart::Harness(name) => harness.push(moved(name, change)),
            BuildPart::Package(name) => packages.push(moved(name, change)),
        }
    }
    let kinds = [("toolchain", toolchain), ("harness", harness), ("locked packages", packages)];
    let filled = kinds.into_iter().filter(|(_, moves)| !moves.is_empty());
    filled.map(|(kind, moves)| format!("{kind}: {}", first(&moves))).collect()
}

/// `serde 1.0.1 → 1.0.2`.
fn moved(name: &str, change: &BuildChange) -> String {
    let side = |side: &Option<String>| side.as_ref().map_or_else(|| "none".to_owned(), |text| inert(text));
    format!("{} {} → {}", inert(name), side(&change.base), side(&change.candidate)).trim_start().to_owned()
}

/// What takes no part, a sentence for each reason.
pub fn left_out(all: &[LeftOut]) -> Vec<String> {
    let mut reasons: BTreeMap<&Absence, Vec<&LeftOut>> = BTreeMap::new();
    for one in all {
        reasons.entry(&one.absence).or_default().push(one);
    }
    reasons.into_iter().map(|(absence, those)| format!("{}: {}", named(&those), why(absence))).collect()
}

fn named(those: &[&LeftOut]) -> String {
    let name = |one: &&LeftOut| {
        let noun = if one.benches.len() == 1 { "bench" } else { "benches" };
        let benches: Vec<String> = one.benches.iter().map(|bench| format!("`{}`", inert(bench))).collect();
        format!("{noun} {} of `{}`", first(&benches), inert(&one.package))
    };
    first(&those.iter().map(name).collect::<Vec<_>>())
}

/// The first few, and how many more there are.
fn first(all: &[String]) -> String {
    let shown = all[..all.len().min(NAMED)].join(", ");
    match all.len().saturating_sub(NAMED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// Why benches take no part, and what takes them in.
pub(super) fn why(absence: &Absence) -> String {
    match absence {
        Absence::Excluded => "excluded by name".into(),
        Absence::Unnamed => "not among the packages that are named; `--workspace` takes all of them".into(),
        Absence::Tier(tier) => format!("of tier `{0}`; `--tier {0}` takes them", inert(tier)),
        Absence::OtherTiers => "of none of the tiers that were asked for; `--tier core` takes them".into(),
        Absence::Unmatched => "not among the bench targets that are named".into(),
        Absence::Features(features) => lacking(features),
    }
}

/// Why a bench is not built, and what builds it.
pub fn lacking(features: &[String]) -> String {
    let names: Vec<String> = features.iter().map(|feature| format!("`{}`", inert(feature))).collect();
    let (noun, verb) = if names.len() == 1 { ("feature", "is") } else { ("features", "are") };
    let flag = inert(&features.join(","));
    format!("not built, because the required {noun} {} {verb} off; `--features {flag}` builds it", names.join(", "))
}

/// One word for programs.
pub(super) fn reason(absence: &Absence) -> &'static str {
    match absence {
        Absence::Excluded => "excluded",
        Absence::Unnamed => "unnamed",
        Absence::Tier(_) | Absence::OtherTiers => "tier",
        Absence::Unmatched => "unmatched",
        Absence::Features(_) => "features",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{empty_run, outcome};
    use crate::fixture_built::built_unlike;
    use crate::{COMMENT, Charset, Look, Palette, Places, Rows, github, html, json, junit, markdown, terminal};
    use benchgate_core::gate::ExitCode;

    #[test]
    fn what_differs_and_what_is_left_out_is_named() {
        insta::assert_snapshot!(remarks(&built_unlike()).join("\n"), @r"
        changed beside the source: toolchain: rustc 1.94.0 → rustc 1.95.0
        changed beside the source: harness: criterion 0.5.1 → 0.8.2
        changed beside the source: locked packages: anes 0.1.6 → none, serde 1.0.1 → 1.0.2
        left out: bench `kernels` of `gpu`: excluded by name
        left out: bench `tools` of `tools`: not among the packages that are named; `--workspace` takes all of them
        left out: benches `contests`, `heap` of `perfblocks-peers`: of tier `peers`; `--tier peers` takes them
        left out: bench `wide` of `wide`: of none of the tiers that were asked for; `--tier core` takes them
        left out: bench `more` of `perfblocks`: not among the bench targets that are named
        left out: bench `internals` of `perfblocks`: not built, because the required feature `internals` is off; `--features internals` builds it
        ");
        assert!(remarks(&empty_run()).is_empty());
    }

    #[test]
    fn the_first_few_are_named_and_the_rest_is_counted() {
        let change = |i: u32| BuildChange {
            part: BuildPart::Package(format!("p{i}")),
            base: Some("1.0.0".into()),
            candidate: Some("1.0.1".into()),
        };
        let changes: Vec<BuildChange> = (0..5).map(change).collect();
        let expected = "changed beside the source: locked packages: p0 1.0.0 → 1.0.1, p1 1.0.0 → 1.0.1, p2 1.0.0 → 1.0.1 and 2 more";
        assert_eq!(remarks(&Run { build_changes: changes, ..empty_run() }), [expected]);
        let package =
            |i: u32| LeftOut { package: format!("p{i}"), benches: vec!["b".into()], absence: Absence::Excluded };
        let left_out = (0..4).map(package).collect();
        let expected = "left out: bench `b` of `p0`, bench `b` of `p1`, bench `b` of `p2` and 1 more: excluded by name";
        assert_eq!(remarks(&Run { left_out, ..empty_run() }), [expected]);
    }

    #[test]
    fn every_output_says_it() {
        let (run, outcome) = (built_unlike(), outcome(Vec::new(), vec![ExitCode::Pass], "fine"));
        let look = Look { width: usize::MAX, palette: Palette::Plain, charset: Charset::Unicode, rows: Rows::Folded };
        let outputs = [
            ("terminal", terminal(&run, &outcome, look)),
            ("json", json(&run, &outcome)),
            ("junit", junit(&run, &outcome)),
            ("markdown", markdown(&run, &outcome, COMMENT)),
            ("github", github(&run, &outcome, &Places::default())),
            ("html", html(&run, &outcome).unwrap()),
        ];
        for (name, text) in outputs {
            for word in
                ["rustc 1.94.0", "criterion", "0.8.2", "serde", "internals", "perfblocks-peers", "--tier peers", "gpu"]
            {
                assert!(text.contains(word), "{name} lacks {word}: {text}");
            }
        }
    }

    #[test]
    fn names_are_inert() {
        let absence = Absence::Features(vec!["\u{1b}[31m".into()]);
        let left_out = vec![LeftOut { package: "\u{202e}".into(), benches: vec!["\r".into()], absence }];
        let build_changes =
            vec![BuildChange { part: BuildPart::Toolchain, base: Some("\u{7}".into()), candidate: None }];
        let text = remarks(&Run { left_out, build_changes, ..empty_run() }).join("");
        assert!(!text.contains(['\u{1b}', '\u{202e}', '\r', '\u{7}']), "{text:?}");
    }
}

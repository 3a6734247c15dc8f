//! Commands that a reader may type: to repeat a run, to measure one of its benchmarks alone, and to take an acceptance back.

use crate::model::{Base, Invocation, Matter, Run, Verb};

/// The command that repeats a run, with the same coins.
pub fn repeat(run: &Run) -> String {
    let Invocation { program, verb, is_quick, is_without_counting, .. } = &run.invocation;
    let seed = ["--seed".to_owned(), run.seed.to_string()];
    let mut words = match verb {
        Verb::Bench => vec!["bench".to_owned()],
        Verb::Calibrate => return line(program, &["calibrate".to_owned()]),
        Verb::Canary => return line(program, &[&["selftest".to_owned(), "canary".to_owned()][..], &seed].concat()),
    };
    words.extend(compared(run));
    words.extend(is_quick.then(|| "--quick".to_owned()));
    words.extend(is_without_counting.then(|| "--no-counting".to_owned()));
    words.extend(seed);
    words.extend(run.plan.filters.iter().cloned());
    line(program, &words)
}

/// The command that measures one benchmark alone.
pub(super) fn alone(run: &Run, id: &str) -> String {
    let program = format!("{} bench {}", run.invocation.program, quoted(id));
    line(&program, &compared(run))
}

/// The command that takes an acceptance back.
pub(super) fn withdrawal(invocation: &Invocation, id: &str, matter: Matter) -> String {
    let subject = match matter {
        Matter::Metric(metric) => metric.name(),
        Matter::Removal => "--removed",
        Matter::Work => "--work-changed",
    };
    let program = format!("{} accept {} {subject} --withdraw", invocation.program, quoted(id));
    line(&program, &manifest(invocation))
}

/// Flags that say what is compared and how it is built.
fn compared(run: &Run) -> Vec<String> {
    let invocation = &run.invocation;
    let mut words = manifest(invocation);
    match &run.base {
        Base::Git { revision, .. } => words.extend(["--base".into(), revision.commit.chars().take(12).collect()]),
        Base::Stored { .. } => words.push("--stored".into()),
    }
    words.extend(invocation.tiers.iter().flat_map(|tier| ["--tier".to_owned(), tier.clone()]));
    words.extend(invocation.build.iter().cloned());
    words.extend(invocation.measures_identical.then(|| "--measure-identical".to_owned()));
    words
}

fn manifest(invocation: &Invocation) -> Vec<String> {
    invocation.manifest.iter().flat_map(|manifest| ["--manifest-path".to_owned(), manifest.clone()]).collect()
}

fn line(program: &str, words: &[String]) -> String {
    let plain = |word: &String| {
        let is_plain = word.chars().all(|c| c.is_ascii_alphanumeric() || "-_./@=,:+".contains(c));
        if is_plain && !word.is_empty() { word.clone() } else { quoted(word) }
    };
    words.iter().fold(program.to_owned(), |line, word| format!("{line} {}", plain(word)))
}

fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::gate::fixture::run;
    use crate::model::Metric;

    fn asked(invocation: Invocation) -> Run {
        Run { invocation: Invocation { program: "cargo benchgate".into(), ..invocation }, ..run() }
    }

    fn words(text: &str) -> Vec<String> {
        text.split_whitespace().map(String::from).collect()
    }

    #[test]
    fn one_benchmark_is_measured_as_it_was_compared() {
        #[track_caller]
        fn check(invocation: Invocation, expected: &str) {
            assert_eq!(
                alone(&asked(invocation), "a/b c/%"),
                format!("cargo benchgate bench 'a/b c/%' --base 1a2b3c{expected}")
            );
        }
        check(Invocation::default(), "");
        check(Invocation { is_quick: true, is_without_counting: true, ..Invocation::default() }, "");
        check(Invocation { measures_identical: true, ..Invocation::default() }, " --measure-identical");
        check(Invocation { tiers: words("io all"), ..Invocation::default() }, " --tier io --tier all");
        let build = words("--features a/b --all-features --bench t*");
        check(Invocation { build, ..Invocation::default() }, " --features a/b --all-features --bench 't*'");
        let there = || Invocation { manifest: Some("my dir/Cargo.toml".into()), ..Invocation::default() };
        let line = alone(&asked(there()), "it's");
        assert_eq!(line, r"cargo benchgate bench 'it'\''s' --manifest-path 'my dir/Cargo.toml' --base 1a2b3c");
        let stored = Run { base: Base::Stored { reason: String::new() }, ..asked(there()) };
        assert_eq!(alone(&stored, "a"), "cargo benchgate bench 'a' --manifest-path 'my dir/Cargo.toml' --stored");
    }

    #[test]
    fn a_run_is_repeated_with_its_coins() {
        let mut all = asked(Invocation { is_quick: true, is_without_counting: true, ..Invocation::default() });
        (all.seed, all.plan.filters) = (9, words("json *x*"));
        assert_eq!(repeat(&all), "cargo benchgate bench --base 1a2b3c --quick --no-counting --seed 9 json '*x*'");
        let canary = asked(Invocation { verb: Verb::Canary, ..Invocation::default() });
        assert_eq!(repeat(&canary), format!("cargo benchgate selftest canary --seed {}", canary.seed));
    }

    #[test]
    fn withdrawal_is_about_the_same_workspace() {
        #[track_caller]
        fn check(manifest: Option<&str>, matter: Matter, expected: &str) {
            let invocation = Invocation {
                program: "cargo xtask".into(),
                manifest: manifest.map(String::from),
                ..Invocation::default()
            };
            assert_eq!(withdrawal(&invocation, "a/b", matter), format!("cargo xtask accept 'a/b' {expected}"));
        }
        check(None, Matter::Metric(Metric::Time), "time --withdraw");
        check(None, Matter::Work, "--work-changed --withdraw");
        check(Some("x/Cargo.toml"), Matter::Removal, "--removed --withdraw --manifest-path x/Cargo.toml");
    }
}

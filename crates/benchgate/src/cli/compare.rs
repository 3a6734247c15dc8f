//! `compare`: two kept runs side by side.

use std::collections::BTreeSet;

use anyhow::anyhow;

use super::args::CompareArgs;
use super::kept::{self, Kept};
use super::output::{look, print_text};
use super::stop::Stop;
use benchgate_core::gate::{ExitCode, Outcome, judge};
use benchgate_report::{self as report, Judged};

/// Prints what each found and how they differ. Passes whatever that is, as nothing is judged between two runs; but two that have
/// nothing in common are no comparison.
pub(super) fn run(args: &CompareArgs) -> Result<ExitCode, Stop> {
    let judged = |file| -> Result<(Kept, Outcome), Stop> {
        let kept = kept::read(file)?;
        let outcome = judge(&kept.policy, &kept.run);
        Ok((kept, outcome))
    };
    let (then, now) = (judged(&args.then)?, judged(&args.now)?);
    let text = report::compare(beside(&then), beside(&now), &look(args.verbose));
    print_text(&text);
    let keys = |(kept, _): &(Kept, Outcome)| kept.run.series.iter().map(|one| one.key.clone()).collect::<BTreeSet<_>>();
    if keys(&then).is_disjoint(&keys(&now)) {
        let error = anyhow!(
            "nothing to compare: the two runs have no series in common\nhint: give two runs of the same benchmarks"
        );
        return Err(Stop { code: ExitCode::NothingCompared, error });
    }
    Ok(ExitCode::Pass)
}

fn beside((kept, outcome): &(Kept, Outcome)) -> Judged<'_> {
    Judged { run: &kept.run, outcome, policy: kept.policy_text.as_ref() }
}

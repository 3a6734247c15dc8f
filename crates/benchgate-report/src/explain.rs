//! The grounds of verdicts -> plain words with the numbers that a reviewer asks for.
//!
//! It explains and computes no verdict: the words of a verdict are the row's own, the numbers are those of the grounds.

use super::claim;
use super::comparison::comparison;
use super::inert::inert;
use super::quantity;
use super::terminal::{Look, hanging};
use super::tone::Tone;
use benchgate_core::gate::{
    Action, Bet, ClaimRow, ConfirmationGrounds, Direction, Effect, Grounds, Meanwhile, Origin, Row, SUITE_ALPHA,
    TimeGrounds,
};
use benchgate_core::model::{Base, CountReading, Metric, Revision, Run};

/// Columns of the terms, blanks included.
const TERM: usize = 15;

/// Odds beyond which only their size is of interest.
const MANY: f64 = 1e6;

/// Odds below which a tenth is of interest.
const EXACT: f64 = 10.0;

/// One benchmark: its series with their grounds, and the claims about it.
#[derive(Clone, Debug)]
pub struct Explained<'a> {
    /// Its series, worst first.
    pub series: Vec<(&'a Row, &'a Grounds)>,
    /// Claims about it.
    pub claims: Vec<&'a ClaimRow>,
}

/// All evidence for each verdict of one benchmark, each line ending in a line feed.
pub fn explain(run: &Run, explained: &Explained<'_>, look: &Look) -> String {
    let mut text = hanging(&compared(run), 0, look);
    for (row, grounds) in &explained.series {
        let name = format!("{} {}  {} {}", row.status.sign(), row.status.name(), row.id, row.key.metric);
        text += &format!("\n{}\n", look.paint(Tone::of(row.status), &look.say(&name)));
        for (term, words) in facts(run, row, grounds) {
            text += &fact(term, &words, look);
        }
    }
    if !explained.claims.is_empty() {
        text += &format!("\n{}\n", look.strong("claims"));
        for claim in &explained.claims {
            text += &hanging(&of_claim(claim), 2, look);
        }
    }
    if let Some((_, grounds)) = explained.series.first() {
        // One line whatever the width, so that it can be pasted.
        text += &format!("\nagain: {}\n", look.say(&grounds.repeat));
    }
    text
}

/// `  term         words`, wrapped behind the term.
fn fact(term: &str, words: &str, look: &Look) -> String {
    let body = hanging(words, TERM + 2, look);
    format!("  {term:<TERM$}{}", body.trim_start())
}

fn compared(run: &Run) -> String {
    let revisions = match &run.base {
        Base::Git { revision, .. } => format!("{} → {}", named(revision), named(&run.candidate)),
        Base::Stored { .. } => named(&run.candidate),
    };
    format!(
        "{}: {}; {revisions}, in the run of {} on {} ({} cores), {}.",
        run.workspace,
        comparison(run),
        run.started,
        run.machine.cpu_name,
        run.machine.cores,
        run.toolchain.rustc
    )
}

/// `1a2b3c4d5 "Grow the pool"`.
fn named(revision: &Revision) -> String {
    let short: String = revision.commit.chars().take(9).collect();
    let commit = if short.is_empty() { "the working tree".to_owned() } else { short };
    let subject = if revision.subject.is_empty() { String::new() } else { format!(" \"{}\"", revision.subject) };
    let changes = if revision.is_dirty { " with uncommitted changes" } else { "" };
    format!("{commit}{subject}{changes}")
}

/// Terms and what there is to say of them, in the order in which a reviewer asks.
fn facts(run: &Run, row: &Row, grounds: &Grounds) -> Vec<(&'static str, String)> {
    let cause = |is_found| row.cause.iter().filter(move |cause| cause.is_found == is_found);
    let mut facts: Vec<(&str, String)> = cause(true).map(|cause| ("cause", cause.line.clone())).collect();
    facts.push(("verdict", verdict(row)));
    facts.extend(cause(false).map(|cause| ("cause", cause.line.clone())));
    facts.extend(row.cause.iter().filter(|cause| !cause.how.is_empty()).map(|cause| ("profile", cause.how.clone())));
    facts.extend(found(row).map(|words| ("found", words)));
    facts.push(("tolerance", tolerance(row, &grounds.tolerance)));
    if let Some(counts) = &grounds.counts {
        facts.push(("counted", counted(counts)));
    }
    let Some(times) = &grounds.times else { return facts };
    facts.push(("pairs", pairs(row, times)));
    facts.push(("interleaved", interleaved(run, times)));
    facts.push(("order", order(times)));
    facts.extend(bets(run, times).into_iter().flatten());
    facts.push(("could see", visible(row)));
    facts.push(("link orders", link_orders(run, row, times)));
    facts.extend(instructions(times).map(|words| ("instructions", words)));
    facts.push(("machine", times.conditions.map_or_else(|| "it told nothing".to_owned(), machine)));
    facts
}

fn verdict(row: &Row) -> String {
    let does = match row.action {
        Action::Fail => "it fails the run",
        Action::Warn => "it is shown and does not fail the run",
        Action::Pass => "it does not fail the run",
    };
    if row.detail.is_empty() { does.to_owned() } else { format!("{}; {does}", row.detail) }
}

fn found(row: &Row) -> Option<String> {
    let (base, candidate) = quantity::sides(row.key.metric, row.base, row.candidate);
    let values = match (base, candidate) {
        (Some(base), Some(candidate)) => format!("base {base}, candidate {candidate}"),
        (Some(base), None) => format!("base {base}"),
        (None, Some(candidate)) => format!("candidate {candidate}"),
        (None, None) => return None,
    };
    let Some(effect) = row.effect else { return Some(values) };
    let has_interval = effect.lower < effect.upper;
    let sure = if has_interval { "; each end of the interval is wrong with a chance of 5 % at most" } else { "" };
    Some(format!("{values}: {}{sure}", quantity::effect(effect)))
}

fn tolerance(row: &Row, origin: &Origin) -> String {
    let size = quantity::size(row.tolerance);
    match origin {
        Origin::Rule(ids) => {
            let ids: Vec<String> = ids.iter().map(|id| format!("`{id}`")).collect();
            format!("{size}, by the configuration's rule for {}", ids.join(", "))
        }
        Origin::Calibration { default } => format!(
            "{size}, the smallest that this benchmark supports on machines of this class by their calibration; the default is {}",
            quantity::size(*default)
        ),
        Origin::Default => {
            let metrics = if row.key.metric == Metric::Time { "time" } else { "counts" };
            format!("{size}, the default for {metrics}; no rule of the configuration names this benchmark")
        }
    }
}

fn counted([base, candidate]: &[CountReading; 2]) -> String {
    match (base.is_exact, candidate.is_exact) {
        (true, true) => "exact on both sides: fresh measurements agreed",
        (false, true) => "the base's count does not repeat itself",
        (true, false) => "the candidate's count does not repeat itself",
        (false, false) => "neither side's count repeats itself",
    }
    .into()
}

fn pairs(row: &Row, times: &TimeGrounds) -> String {
    let [fewest, most] = times.samples;
    let samples = if fewest == most { fewest.to_string() } else { format!("{fewest} to {most}") };
    let failed = match times.failures {
        0 => String::new(),
        1 => "; 1 more gave no samples".into(),
        n => format!("; {n} more gave no samples"),
    };
    let seconds = quantity::seconds(row.seconds);
    match row.pairs {
        0 => format!("none{failed}"),
        n => format!(
            "{n}, each a fresh process of either side with {samples} samples; {seconds} in timed sections{failed}; the effect of a \
             pair is the median over its samples, that of the series the median over pairs"
        ),
    }
}

fn interleaved(run: &Run, times: &TimeGrounds) -> String {
    let how = if times.interleaving.is_empty() { &run.plan.schedule } else { &times.interleaving };
    let [base, candidate] = times.first;
    format!("{how}; the base began {base} pairs and the candidate {candidate}, as coins of seed {} fell", run.seed)
}

fn order(times: &TimeGrounds) -> String {
    match times.order_effect {
        Some(gap) => format!(
            "{} between the medians of the pairs that the base began and of those that the candidate began; the coin keeps it \
             from favouring a side",
            quantity::percent(Effect::share(gap))
        ),
        None => "not known: one side began all pairs".into(),
    }
}

/// What was bet: against being harmless, then for it.
fn bets(run: &Run, times: &TimeGrounds) -> Option<Vec<(&'static str, String)>> {
    let bets = times.bets?;
    let level = quantity::size(SUITE_ALPHA);
    let family = match times.family {
        1 => format!("the only timed series of the run has its error level of {level}"),
        n => {
            format!("the {n} timed series of the run share an error level of {level}, so that the first needs the most")
        }
    };
    let slower = match run.plan.confirms_by_linking {
        true => format!(
            "that it is slower by more than half of the tolerance: {}; that makes it suspect, and fresh link orders decide",
            odds(bets.slower)
        ),
        false => format!("that it is slower by more than half of the tolerance: {}; {family}", odds(bets.slower)),
    };
    let mut told = vec![
        ("evidence", slower),
        ("", format!("that it is not slower by the tolerance: {}", odds(bets.not_slower))),
        ("", format!("that it is not faster by the tolerance: {}", odds(bets.not_faster))),
    ];
    if bets.faster.log_odds > 0.0 {
        told.push(("", format!("that it is faster by more than half of the tolerance: {}", odds(bets.faster))));
    }
    Some(told)
}

/// `1,400 : 1, and 1,200 : 1 was needed`. An e-value is what a fair bet has won; by chance it reaches N with a chance of 1/N at most.
fn odds(bet: Bet) -> String {
    let value = |log: f64| match log.exp() {
        odds if odds > MANY => format!("over {} : 1", quantity::plain(MANY)),
        odds if odds < EXACT && odds.fract() >= 0.05 => format!("{odds:.1} : 1"),
        odds => format!("{} : 1", quantity::plain(odds.round())),
    };
    match bet.is_won {
        true => format!("{}, enough", value(bet.log_odds)),
        false => format!("{} of the {} that it takes", value(bet.log_odds), value(bet.log_needed)),
    }
}

fn visible(row: &Row) -> String {
    match row.smallest_visible {
        Some(visible) if visible.is_infinite() => "nothing: it could not have been red in this run".into(),
        Some(visible) => format!("slowdowns of {} and more, in 95 of 100 such runs", quantity::size(visible)),
        None => "not known: its pairs are not believed".into(),
    }
}

fn link_orders(run: &Run, row: &Row, times: &TimeGrounds) -> String {
    let Some(ConfirmationGrounds { flagged, moved, direction, .. }) = times.confirmation else {
        return match run.plan.confirms_by_linking {
            true => "not asked for: nothing made it suspect".into(),
            false => {
                let mut notes = run
                    .notes
                    .iter()
                    .filter_map(|note| note.strip_prefix("red times are not confirmed on fresh link orders"));
                let why = notes.next().map(|why| why.trim_start_matches(": ").to_owned());
                why.map_or_else(|| "not asked of this run".to_owned(), |why| format!("none in this run: {why}"))
            }
        };
    };
    let Some(relinked) = row.relinked else {
        let why = row.unconfirmed.as_ref().map_or_else(String::new, |why| format!(": {why}"));
        return format!("asked for, and none gave a pair{why}");
    };
    let share = |log| quantity::percent(Effect::share(log));
    let among = match flagged {
        0 | 1 => "the only series that was suspect".to_owned(),
        n => {
            format!("one of {n} series that were suspect and share the error level of {}", quantity::size(SUITE_ALPHA))
        }
    };
    format!(
        "{} fresh ones of each side: {}, from {} to {}; that it is {} by more than half of the tolerance on any: {}; {among}",
        relinked.link_orders,
        quantity::effect(relinked.effect),
        share(relinked.lowest),
        share(relinked.highest),
        if direction == Direction::Up { "slower" } else { "faster" },
        odds(moved)
    )
}

fn instructions(times: &TimeGrounds) -> Option<String> {
    let confirmation = times.confirmation?;
    Some(match confirmation.instructions {
        Some([base, candidate]) if base > 0.0 => format!(
            "{} in the base, {} in the candidate, {}, in one cold iteration under callgrind",
            quantity::plain(base),
            quantity::plain(candidate),
            quantity::percent(candidate / base - 1.0)
        ),
        Some(_) | None => "not counted; `doctor` says whether valgrind is there".into(),
    })
}

fn machine(meanwhile: Meanwhile) -> String {
    let Meanwhile { steal, busy, others, megahertz } = meanwhile;
    let share = |[mean, worst]: [f64; 2]| format!("{} (at most {})", quantity::size(mean), quantity::size(worst));
    let clock = megahertz.map(|[low, high]| format!("; clock {low:.0} to {high:.0} MHz")).unwrap_or_default();
    let others = quantity::size(others);
    format!("processors in use {}, {others} by other programs; taken by the host {}{clock}", share(busy), share(steal))
}

fn of_claim(row: &ClaimRow) -> String {
    let (_, sign) = claim::mark(row.state);
    let measured = [claim::measured(row), claim::interval(row)].into_iter().flatten().collect::<Vec<_>>().join(" ");
    let measured = if measured.is_empty() { String::new() } else { format!("; measured {measured}") };
    let detail = if row.detail.is_empty() { String::new() } else { format!(" ({})", row.detail) };
    inert(&format!("{sign} {} {}: {}{measured}{detail}", row.state.name(), row.name, row.statement))
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;
    use proptest::prelude::*;

    use super::*;
    use crate::fixture::{self, count_row, empty_run, evidence, hostile_ids, mixed, time_row};
    use crate::{Charset, Palette, Rows};
    use benchgate_core::gate::{Policy, Status, grounds, judge};
    use benchgate_core::model::{Conditions, Confirmation, Evidence, Metric, Series};

    const LOOK: Look = Look { width: 100, palette: Palette::Plain, charset: Charset::Unicode, rows: Rows::All };

    /// What is said of the series of one id.
    fn explained(policy: &Policy, run: &Run, look: &Look) -> String {
        let outcome = judge(policy, run);
        let grounds = grounds(policy, run);
        let of = |row: &Row| grounds.iter().find(|one| one.key == row.key).unwrap();
        let series = outcome.rows.iter().map(|row| (row, of(row))).collect();
        let claims = mixed().1.claims;
        explain(run, &Explained { series, claims: claims.iter().take(1).collect() }, look)
    }

    /// A benchmark that was flagged, and its allocations.
    fn run() -> Run {
        let id = "serialization/result/direct/small";
        let slow = time_row(id, Status::Regressed, 118.4, [0.0612, 0.0523, 0.0704]);
        let grown = count_row(id, Metric::Allocations, Status::Regressed, 1.0, 2.0);
        let mut series: Vec<Series> = [&slow, &grown].map(|row| evidence(row, 12)).into();
        if let Evidence::Pairs(paired) = &mut series[0].evidence {
            paired.interleaving = "lockstep, turns of 0.25 ms handed over at the end of timed sections".into();
            for (at, pair) in paired.pairs.iter_mut().enumerate() {
                pair.conditions =
                    Conditions { steal: 0.001 * at as f64, busy: 0.5, others: 0.03, megahertz: 2600.0 + at as f64 };
            }
            let fresh = fixture::pairs(118.4, 0.059, 12, 12);
            let instructions = Some([1000.0, 1061.0]);
            paired.confirmation =
                Some(Confirmation { flagged: 2, pairs: fresh, instructions, ..Confirmation::default() });
        }
        let mut run = Run { series, ..empty_run() };
        run.plan.confirms_by_linking = true;
        run
    }

    #[test]
    fn a_flagged_series_with_all_its_evidence() {
        assert_snapshot!(explained(&Policy::default(), &run(), &LOOK));
    }

    #[test]
    fn without_link_orders_the_suite_shares_the_error_level() {
        let mut run = run();
        run.plan.confirms_by_linking = false;
        if let Evidence::Pairs(paired) = &mut run.series[0].evidence {
            paired.confirmation = None;
        }
        run.notes =
            vec!["red times are not confirmed on fresh link orders: bench `times` was not linked by LLD".into()];
        let text = explained(&Policy::default(), &run, &LOOK).replace("\n                 ", " ");
        assert!(text.contains("none in this run: bench `times` was not linked by LLD"), "{text}");
        assert!(text.contains("the only timed series of the run has its error level of 1.0%"), "{text}");
    }

    #[test]
    fn states_are_explained_without_pairs() {
        let (run, outcome) = mixed();
        let grounds = grounds(&Policy::default(), &run);
        let crashed = outcome.rows.iter().find(|row| row.status == Status::Errored).unwrap();
        let of = grounds.iter().find(|one| one.key == crashed.key).unwrap();
        let text = explain(&run, &Explained { series: vec![(crashed, of)], claims: vec![] }, &LOOK);
        assert!(text.contains("! errored  pools/slice/get_put/4k time\n  verdict        candidate crashed"), "{text}");
        assert!(!text.contains("pairs") && !text.contains("evidence"), "{text}");
    }

    #[test]
    fn odds_say_whether_they_are_enough() {
        #[track_caller]
        fn check(odds: f64, needed: f64, expected: &str) {
            let bet = Bet { log_odds: odds.ln(), log_needed: needed.ln(), is_won: odds >= needed };
            assert_eq!(super::odds(bet), expected);
        }
        check(1.0, 20.0, "1 : 1 of the 20 : 1 that it takes");
        check(2.345, 1400.0, "2.3 : 1 of the 1,400 : 1 that it takes");
        check(4096.4, 1400.0, "4,096 : 1, enough");
        check(1e300, 20.0, "over 1,000,000 : 1, enough");
    }

    #[test]
    fn hostile_names_are_inert() {
        for id in hostile_ids() {
            let slow = time_row(&id, Status::Regressed, 118.4, [0.0612, 0.0523, 0.0704]);
            let run = Run { series: vec![evidence(&slow, 3)], ..empty_run() };
            let text = explained(&Policy::default(), &run, &LOOK);
            assert!(text.chars().all(|c| c == '\n' || !c.is_control()) && !text.contains('\u{202e}'), "{text}");
        }
    }

    proptest! {
        #[test]
        fn narrow_terminals_get_lines_that_fit(width in 40..140usize) {
            let text = explained(&Policy::default(), &run(), &Look { width, ..LOOK });
            let prose = text.lines().filter(|line| !line.starts_with("again: ") && !line.contains("serialization/result"));
            for line in prose {
                prop_assert!(line.chars().count() <= width, "{line}");
            }
        }
    }
}

//! Both sides and where they were measured.

use crate::inert::inert;
use crate::quantity;
use benchgate_core::gate::repeat;
use benchgate_core::model::{Base, Conditions, Evidence, Revision, Run};

/// One term with what there is to say about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fact {
    /// The term.
    pub term: &'static str,
    /// Lines, the most important first.
    pub lines: Vec<Line>,
}

/// One line of a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// The text.
    pub text: String,
    /// Whether it is something to type or to compare character by character.
    pub is_code: bool,
}

/// All facts about a run, in the order of display.
pub(super) fn facts(run: &Run) -> Vec<Fact> {
    let (base, reason) = match &run.base {
        Base::Git { revision, reason } => (self::revision(revision), reason),
        Base::Stored { reason } => (vec![prose("the stored baseline")], reason),
    };
    let mut base = base;
    base.push(prose(reason));
    let facts = [
        ("Base", base),
        ("Candidate", revision(&run.candidate)),
        ("Machine", machine(run)),
        ("Toolchain, both sides", toolchain(run)),
        ("Plan", plan(run)),
        ("Command", vec![code(&repeat(run)), prose(&format!("seed {}", run.seed))]),
    ];
    let facts = facts.into_iter().map(|(term, lines)| Fact { term, lines });
    facts
        .map(|mut fact| {
            fact.lines.retain(|line| !line.text.is_empty());
            fact
        })
        .collect()
}

fn prose(text: &str) -> Line {
    Line { text: inert(text), is_code: false }
}

fn code(text: &str) -> Line {
    Line { text: inert(text), is_code: true }
}

fn revision(revision: &Revision) -> Vec<Line> {
    let commit: String = revision.commit.chars().take(12).collect();
    let tree: String = revision.tree.chars().take(12).collect();
    let mut lines = vec![if commit.is_empty() { prose("no commit") } else { code(&commit) }, prose(&revision.subject)];
    if revision.is_dirty {
        lines.push(prose("with uncommitted changes"));
    }
    if !tree.is_empty() {
        lines.push(prose(&format!("source tree {tree}")));
    }
    lines
}

fn machine(run: &Run) -> Vec<Line> {
    let machine = &run.machine;
    let memory = machine.memory_bytes as f64 / f64::from(1 << 30);
    vec![
        prose(&machine.cpu_name),
        prose(&format!("{} cores, {memory:.1} GiB, caches {}", machine.cores, machine.caches)),
        prose(&format!("{}, hypervisor {}", machine.system, machine.hypervisor)),
        prose(&format!("class {}", machine.class())),
        prose(&conditions(run).unwrap_or_default()),
    ]
}

/// What the machine did while pairs ran: the mean, and the worst.
fn conditions(run: &Run) -> Option<String> {
    let pairs = run.series.iter().filter_map(|series| match &series.evidence {
        Evidence::Pairs(paired) => Some(&paired.pairs),
        _ => None,
    });
    let all: Vec<Conditions> = pairs.flatten().map(|pair| pair.conditions).collect();
    let mean = |part: fn(&Conditions) -> f64| all.iter().map(part).sum::<f64>() / all.len() as f64;
    let worst = |part: fn(&Conditions) -> f64| all.iter().map(part).fold(0.0, f64::max);
    let rates: Vec<f64> = all.iter().map(|one| one.megahertz).filter(|&rate| rate > 0.0).collect();
    let clock = rates.iter().copied().reduce(f64::min).zip(rates.iter().copied().reduce(f64::max));
    let clock = clock.map_or_else(String::new, |(low, high)| format!(", clock {low:.0} to {high:.0} MHz"));
    (!all.is_empty()).then(|| {
        format!(
            "during pairs: processors in use {:.0} % (at most {:.0} %), {:.0} % by other programs, taken by the host {:.1} % (at most {:.1} %){clock}",
            100.0 * mean(|one| one.busy),
            100.0 * worst(|one| one.busy),
            100.0 * mean(|one| one.others).max(0.0),
            100.0 * mean(|one| one.steal),
            100.0 * worst(|one| one.steal),
        )
    })
}

fn toolchain(run: &Run) -> Vec<Line> {
    let toolchain = &run.toolchain;
    let flags = if toolchain.flags.is_empty() { prose("no extra flags") } else { code(&toolchain.flags) };
    vec![prose(&toolchain.rustc), prose(&toolchain.host), flags]
}

fn plan(run: &Run) -> Vec<Line> {
    let plan = &run.plan;
    let quick = if plan.is_quick { ", quick" } else { "" };
    let mut lines = vec![
        prose(&plan.schedule),
        prose(&format!(
            "at most {} pairs a series, budget {}{quick}",
            plan.pair_cap,
            quantity::seconds(plan.budget_seconds)
        )),
        prose(&format!(
            "measured for {}, {} in all",
            quantity::seconds(run.measured_seconds),
            quantity::seconds(run.seconds)
        )),
        prose(&format!("tiers {}", plan.tiers.join(", "))),
    ];
    if !plan.filters.is_empty() {
        lines.push(prose(&format!("filters {}", plan.filters.join(", "))));
    }
    lines
}

//! In what the two sides differ, and in what they are known to be equal.

use crate::inert::inert;
use benchgate_core::model::{Base, Revision, Run};

/// So many characters of a hash are shown.
const HASH: usize = 12;

/// One thing that both sides have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Aspect {
    /// What it is.
    pub name: &'static str,
    /// The base's.
    pub base: String,
    /// The candidate's.
    pub candidate: String,
    /// Whether they differ; a stored base says nothing of how it was made, so that nothing is said of it here.
    pub differs: Option<bool>,
}

/// All aspects, in the order of display.
pub(super) fn sides(run: &Run) -> Vec<Aspect> {
    let flags = if run.toolchain.flags.is_empty() { "no extra flags" } else { &run.toolchain.flags };
    let toolchain = format!("{}, {}", run.toolchain.rustc, run.toolchain.host);
    let machine = format!("{}, {}", run.machine.cpu_name, run.machine.system);
    let shared = [("Toolchain", &*toolchain), ("Flags", flags), ("Machine", &*machine)];
    let base = match &run.base {
        Base::Git { revision, .. } => Some(revision),
        Base::Stored { .. } => None,
    };
    let own = |name, part: fn(&Revision) -> String| aspect(name, base.map(part), part(&run.candidate));
    let own = [
        own("Commit", |revision| or_none(short(&revision.commit), "no commit")),
        own("Message", |revision| or_none(inert(&revision.subject), "none")),
        own("Source tree", |revision| or_none(short(&revision.tree), "unknown")),
        own("Uncommitted changes", |revision| if revision.is_dirty { "yes" } else { "no" }.to_owned()),
    ];
    let shared = shared.map(|(name, value)| {
        let value = inert(value);
        aspect(name, base.map(|_| value.clone()), value)
    });
    own.into_iter().chain(shared).collect()
}

fn aspect(name: &'static str, base: Option<String>, candidate: String) -> Aspect {
    let differs = base.as_ref().map(|base| *base != candidate);
    Aspect { name, base: base.unwrap_or_else(|| "as stored".into()), candidate, differs }
}

fn short(hash: &str) -> String {
    inert(&hash.chars().take(HASH).collect::<String>())
}

fn or_none(text: String, none: &str) -> String {
    if text.is_empty() { none.into() } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::empty_run;

    #[test]
    fn what_differs_is_marked_and_what_is_stored_is_not_guessed() {
        let marks = |run: &Run| sides(run).into_iter().map(|one| (one.name, one.differs)).collect::<Vec<_>>();
        let mut run = empty_run();
        let names = ["Commit", "Message", "Source tree", "Uncommitted changes", "Toolchain", "Flags", "Machine"];
        let differ = |values: [bool; 7]| names.into_iter().zip(values.map(Some)).collect::<Vec<_>>();
        assert_eq!(marks(&run), differ([true, true, true, true, false, false, false]));
        if let Base::Git { revision, .. } = &mut run.base {
            *revision = run.candidate.clone();
        }
        assert_eq!(marks(&run), differ([false; 7]));
        run.base = Base::Stored { reason: "no differing base revision".into() };
        assert!(sides(&run).iter().all(|one| one.differs.is_none() && one.base == "as stored"));
    }
}

//! What is compared with what, in words: the first line of every output.

use benchgate_core::model::{Base, Revision, Run};

/// For instance "3 commits and your uncommitted changes, against the merge base with `main`".
pub(super) fn comparison(run: &Run) -> String {
    let against = match &run.base {
        Base::Git { reason, .. } => reason.clone(),
        Base::Stored { reason } => format!("the stored baseline ({reason})"),
    };
    format!("{}, against {against}", subject(run))
}

/// The same behind the workspace's name, with the revisions after it.
pub(super) fn headed(run: &Run) -> String {
    let revisions = match &run.base {
        Base::Git { revision, .. } => format!("{} → {}", short(revision), short(&run.candidate)),
        Base::Stored { .. } => short(&run.candidate),
    };
    format!("{}: {} ({revisions})", run.workspace, comparison(run))
}

fn subject(run: &Run) -> String {
    let changes = || "your uncommitted changes";
    match (run.commits, run.candidate.is_dirty) {
        (None, _) => "this tree".into(),
        (Some(0), false) => "nothing of its own".into(),
        (Some(0), true) => changes().into(),
        (Some(n), false) => commits(n),
        (Some(n), true) => format!("{} and {}", commits(n), changes()),
    }
}

fn commits(n: u32) -> String {
    if n == 1 { "1 commit".into() } else { format!("{n} commits") }
}

fn short(revision: &Revision) -> String {
    let short: String = revision.commit.chars().take(9).collect();
    if short.is_empty() { "working tree".into() } else { short }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::empty_run;

    #[test]
    fn words_say_what_is_new_and_against_what() {
        #[track_caller]
        fn check(commits: Option<u32>, is_dirty: bool, expected: &str) {
            let mut run = Run { commits, ..empty_run() };
            run.candidate.is_dirty = is_dirty;
            assert_eq!(comparison(&run), format!("{expected}, against the merge base with `origin/main`"));
        }
        check(Some(3), true, "3 commits and your uncommitted changes");
        check(Some(3), false, "3 commits");
        check(Some(1), false, "1 commit");
        check(Some(0), true, "your uncommitted changes");
        check(Some(0), false, "nothing of its own");
        check(None, true, "this tree");
        let base = Base::Stored { reason: "asked for with --stored".into() };
        let run = Run { base, commits: None, ..empty_run() };
        assert_eq!(
            headed(&run),
            "perfblocks: this tree, against the stored baseline (asked for with --stored) (9f8e7d6c5)"
        );
        let words = "perfblocks: 3 commits and your uncommitted changes, against the merge base with `origin/main` (1a2b3c4d5 → 9f8e7d6c5)";
        assert_eq!(headed(&empty_run()), words);
    }
}

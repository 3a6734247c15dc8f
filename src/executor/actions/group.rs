//! Cuts a list of actions into groups, without copying one.

use super::action::Action;
use std::iter::FusedIterator;

/// Actions that run at one time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group<'a> {
    /// One that runs alone.
    Barrier(&'a Action),
    /// One or more that may run side by side.
    Parallel(&'a [Action]),
}

impl Group<'_> {
    /// How many actions it has: one or more.
    pub const fn width(&self) -> usize {
        match self {
            Group::Barrier(_) => 1,
            Group::Parallel(actions) => actions.len(),
        }
    }
}

/// The groups of `actions`, in their order. It allocates nothing.
///
/// ```
/// use perfblocks::executor::actions::{Action, ActionKind, groups};
/// let actions = ["navigate", "click", "fill", "submit"].map(|kind| Action::new(kind.parse().expect("a kind"), kind));
/// assert_eq!(groups(&actions).map(|group| group.width()).collect::<Vec<_>>(), [1, 2, 1]);
/// ```
pub const fn groups(actions: &[Action]) -> Groups<'_> {
    Groups { rest: actions }
}

/// Iterates over groups.
#[derive(Debug, Clone)]
pub struct Groups<'a> {
    rest: &'a [Action],
}

impl<'a> Iterator for Groups<'a> {
    type Item = Group<'a>;

    fn next(&mut self) -> Option<Group<'a>> {
        let (first, rest) = self.rest.split_first()?;
        if first.is_barrier() {
            self.rest = rest;
            return Some(Group::Barrier(first));
        }
        let width = 1 + rest.iter().take_while(|action| !action.is_barrier()).count();
        let (group, rest) = self.rest.split_at(width);
        self.rest = rest;
        Some(Group::Parallel(group))
    }
}

impl FusedIterator for Groups<'_> {}

#[cfg(test)]
mod tests {
    use super::{Group, groups};
    use crate::executor::actions::Action;
    use proptest::prelude::{ProptestConfig, proptest};

    /// `n` for a barrier, `c` for another action.
    fn actions(text: &str) -> Vec<Action> {
        let kind = |letter| if letter == 'n' { "navigate" } else { "click" };
        text.chars().enumerate().map(|(at, c)| Action::new(kind(c).parse().unwrap(), &at.to_string())).collect()
    }

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let actions = actions(text);
        let found: Vec<String> = groups(&actions)
            .map(|group| match group {
                Group::Barrier(_) => "n".into(),
                Group::Parallel(actions) => "c".repeat(actions.len()),
            })
            .collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn barriers_stand_alone() {
        check("", &[]);
        check("n", &["n"]);
        check("ccc", &["ccc"]);
        check("nccncc", &["n", "cc", "n", "cc"]);
        check("nnn", &["n", "n", "n"]);
        check("cn", &["c", "n"]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(1000))]
        #[test]
        fn no_action_is_lost_or_moved(text in "[nc]{0,40}") {
            let actions = actions(&text);
            let mut names = Vec::new();
            let mut last_was_parallel = false;
            for group in groups(&actions) {
                let is_parallel = matches!(group, Group::Parallel(_));
                assert!(!(is_parallel && last_was_parallel), "neighbours are one group");
                last_was_parallel = is_parallel;
                match group {
                    Group::Barrier(action) => names.push(&action.name),
                    Group::Parallel(actions) => names.extend(actions.iter().map(|action| &action.name)),
                }
            }
            assert!(names.into_iter().eq(actions.iter().map(|action| &action.name)));
        }
    }
}

//! What became of each action of a run.

/// What became of one action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome<T, E> {
    /// It was performed.
    Done(T),
    /// It was performed and failed.
    Failed(E),
    /// It panicked, with this text.
    Panicked(String),
    /// It was not begun: another failed before it, or the run was asked to stop.
    Cancelled,
}

/// What became of all actions: one outcome each, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run<T, E> {
    /// One outcome for each action, in the order of the actions.
    pub outcomes: Vec<Outcome<T, E>>,
}

/// The failure that a run is reported with.
#[derive(Debug, PartialEq, Eq)]
pub struct Failure<'a, E> {
    /// Which action.
    pub index: usize,
    /// Its error; none when it panicked.
    pub error: Option<&'a E>,
    /// What it said when it panicked.
    pub panic: Option<&'a str>,
}

impl<T, E> Run<T, E> {
    /// The first action, in the order of the actions, that failed or panicked. Which that is does not depend on the number of
    /// threads or on timing, as long as what is performed does not.
    pub fn failure(&self) -> Option<Failure<'_, E>> {
        self.outcomes.iter().enumerate().find_map(|(index, outcome)| match outcome {
            Outcome::Failed(error) => Some(Failure { index, error: Some(error), panic: None }),
            Outcome::Panicked(text) => Some(Failure { index, error: None, panic: Some(text) }),
            Outcome::Done(_) | Outcome::Cancelled => None,
        })
    }

    /// Whether every action was performed without failure.
    pub fn is_complete(&self) -> bool {
        self.outcomes.iter().all(|outcome| matches!(outcome, Outcome::Done(_)))
    }

    /// What was performed: index and result.
    pub fn done(&self) -> impl Iterator<Item = (usize, &T)> {
        self.outcomes.iter().enumerate().filter_map(|(index, outcome)| match outcome {
            Outcome::Done(result) => Some((index, result)),
            Outcome::Failed(_) | Outcome::Panicked(_) | Outcome::Cancelled => None,
        })
    }

    /// How many actions were not begun.
    pub fn cancelled(&self) -> usize {
        self.outcomes.iter().filter(|outcome| matches!(outcome, Outcome::Cancelled)).count()
    }
}

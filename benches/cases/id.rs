//! The name of a case: exactly `area/component/operation/param`, the same for time and heap.

use std::fmt;

/// A checked id: four segments of lower-case letters, digits, `_`, `.` and `@`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct CaseId(String);

impl CaseId {
    /// # Panics
    /// If `id` is not four such segments: a bench with a bad name must not run.
    #[track_caller]
    pub(crate) fn new(id: &str) -> Self {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "_.@".contains(c);
        let segments: Vec<&str> = id.split('/').collect();
        assert!(
            segments.len() == 4 && segments.iter().all(|segment| !segment.is_empty() && segment.chars().all(allowed)),
            "`{id}` is no id: expected `area/component/operation/param` in [a-z0-9_.@]"
        );
        Self(id.to_owned())
    }

    /// The id of the same case on a number of threads: `mt` becomes `mt@t2`.
    pub(crate) fn on_threads(&self, threads: usize) -> Self {
        Self::new(&format!("{}@t{threads}", self.0))
    }

    /// `area/component`: Criterion's group.
    pub(crate) fn group(&self) -> String {
        let mut segments = self.0.split('/');
        format!("{}/{}", segments.next().unwrap_or_default(), segments.next().unwrap_or_default())
    }

    /// Criterion's function.
    pub(crate) fn operation(&self) -> &str {
        self.0.split('/').nth(2).unwrap_or_default()
    }

    /// Criterion's parameter.
    pub(crate) fn param(&self) -> &str {
        self.0.split('/').nth(3).unwrap_or_default()
    }
}

impl fmt::Display for CaseId {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.0)
    }
}

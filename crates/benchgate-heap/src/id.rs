//! The name of a case: group, function and value, as Criterion names a benchmark.
//!
//! It does not restrict the characters: the JSON writer escapes what has to be escaped.

use serde::Serialize;
use std::fmt;

/// Name of a case. Two cases of one bench must not share it.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct Id {
    group: String,
    function: Option<String>,
    value: Option<String>,
}

impl Id {
    /// Group, function and value: Criterion's group with `BenchmarkId::new(function, value)`.
    pub fn new(group: impl Into<String>, function: impl Into<String>, value: impl fmt::Display) -> Self {
        Self { group: group.into(), function: Some(function.into()), value: Some(value.to_string()) }
    }

    /// A function of a group, without a value.
    pub fn function(group: impl Into<String>, function: impl Into<String>) -> Self {
        Self { group: group.into(), function: Some(function.into()), value: None }
    }

    /// A case that stands alone: Criterion's `bench_function(name)`.
    pub fn alone(group: impl Into<String>) -> Self {
        Self { group: group.into(), function: None, value: None }
    }

    /// The full id, segments joined by `/`: what filters are matched against.
    pub fn full(&self) -> String {
        self.to_string()
    }
}

impl fmt::Display for Id {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.group)?;
        for segment in [&self.function, &self.value].into_iter().flatten() {
            write!(out, "/{segment}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(id: &Id, full: &str) {
        assert_eq!(id.full(), full);
    }

    #[test]
    fn absent_segments_leave_no_slash() {
        check(&Id::new("a/b", "c", 4), "a/b/c/4");
        check(&Id::function("a", "c"), "a/c");
        check(&Id::alone("a"), "a");
    }
}

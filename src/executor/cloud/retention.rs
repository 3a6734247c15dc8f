//! Which artifacts are kept: those young enough, and of these the newest.

use super::{Artifact, CloudError};
use std::cmp::Reverse;
use std::time::{Duration, SystemTime};

const DAY: Duration = Duration::from_secs(86_400);

/// What is kept. The original keeps 30 days (`retention_days`) and any number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Retention {
    /// Artifacts older than this go.
    pub max_age: Duration,
    /// Of the others, the oldest beyond this number go.
    pub max_count: Option<usize>,
}

impl Retention {
    /// So many days, and so many artifacts at most.
    ///
    /// # Errors
    /// A limit is 0, which would keep nothing.
    pub const fn of_days(days: u32, max_count: Option<usize>) -> Result<Retention, CloudError> {
        if days == 0 {
            return Err(CloudError::Limit("retention_days"));
        }
        if let Some(0) = max_count {
            return Err(CloudError::Limit("max_artifacts"));
        }
        Ok(Retention { max_age: DAY.saturating_mul(days), max_count })
    }

    /// Puts the newest first, those of one moment in order of their names, and returns how many of them are kept at `now`. What
    /// is from the future is not old.
    pub fn keep_first(&self, artifacts: &mut [Artifact], now: SystemTime) -> usize {
        artifacts.sort_unstable_by(|a, b| (Reverse(a.modified), &a.name).cmp(&(Reverse(b.modified), &b.name)));
        let is_young = |artifact: &Artifact| !now.duration_since(artifact.modified).is_ok_and(|age| age > self.max_age);
        artifacts.partition_point(is_young).min(self.max_count.unwrap_or(usize::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::{DAY, Retention};
    use crate::executor::cloud::Artifact;
    use std::time::{Duration, SystemTime};

    /// Names of what is kept of artifacts so many days old, newest first, sixty days after the epoch of the system's clock.
    #[track_caller]
    fn check(retention: Retention, ages: &[(&str, i64)], expected: &[&str]) {
        let now = SystemTime::UNIX_EPOCH + 60 * DAY;
        let modified = |days: i64| if days < 0 { now + DAY } else { now - days as u32 * DAY };
        let artifact =
            |(name, days): &(&str, i64)| Artifact { name: (*name).into(), size: 1, modified: modified(*days) };
        let mut artifacts: Vec<Artifact> = ages.iter().map(artifact).collect();
        let kept = retention.keep_first(&mut artifacts, now);
        let names: Vec<&str> = artifacts[..kept].iter().map(|artifact| artifact.name.as_str()).collect();
        assert_eq!(names, expected);
    }

    #[test]
    fn age_decides_first_and_number_second() {
        let days = |days, count| Retention::of_days(days, count).unwrap();
        let ages = [("old", 31), ("edge", 30), ("new", 0), ("mid", 7), ("future", -1)];
        check(days(30, None), &ages, &["future", "new", "mid", "edge"]);
        check(days(6, None), &ages, &["future", "new"]);
        check(days(30, Some(3)), &ages, &["future", "new", "mid"]);
        check(days(30, Some(9)), &ages, &["future", "new", "mid", "edge"]);
        check(days(30, Some(1)), &[("b", 1), ("a", 1), ("c", 2)], &["a"]);
        check(days(u32::MAX, None), &ages, &["future", "new", "mid", "edge", "old"]);
        check(days(1, Some(1)), &[], &[]);
    }

    #[test]
    fn ages_of_0_to_59_days_are_cut_at_30() {
        let ages: Vec<(String, i64)> = (0..100).map(|index| (format!("{index:02}"), index % 60)).collect();
        let ages: Vec<(&str, i64)> = ages.iter().map(|(name, days)| (name.as_str(), *days)).collect();
        let mut kept: Vec<(&str, i64)> = ages.iter().copied().filter(|(_, days)| *days <= 30).collect();
        kept.sort_unstable_by_key(|(name, days)| (*days, *name));
        let names: Vec<&str> = kept.iter().map(|(name, _)| *name).collect();
        assert_eq!(names.len(), 62);
        check(Retention { max_age: 30 * DAY, max_count: None }, &ages, &names);
    }

    #[test]
    fn a_limit_of_nothing_is_refused() {
        let refused = |days, count| Retention::of_days(days, count).map_err(|error| error.to_string());
        assert_eq!(refused(0, None), Err("the limit `retention_days` is 0, expected at least 1".into()));
        assert_eq!(refused(1, Some(0)), Err("the limit `max_artifacts` is 0, expected at least 1".into()));
        assert_eq!(refused(1, Some(1)), Ok(Retention { max_age: Duration::from_secs(86_400), max_count: Some(1) }));
    }
}

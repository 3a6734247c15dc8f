//! How something ended.

/// How an operation, an execution or a retry ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// It succeeded.
    Ok,
    /// It failed.
    Failed,
}

/// Failures among `ok + failed`, in percent from 0 to 100; none without data.
pub(super) fn error_rate_percent(ok: u64, failed: u64) -> Option<f64> {
    // In floating point, since the sum of two counts may not fit one.
    let all = ok as f64 + failed as f64;
    (all > 0.0).then(|| 100.0 * (failed as f64 / all))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(ok: u64, failed: u64, expected: Option<f64>) {
        assert_eq!(error_rate_percent(ok, failed), expected);
    }

    #[test]
    fn an_error_rate_is_a_share_of_all_that_ended() {
        check(0, 0, None);
        check(3, 0, Some(0.0));
        check(0, 3, Some(100.0));
        check(3, 1, Some(25.0));
        check(0, u64::MAX, Some(100.0));
        check(u64::MAX, u64::MAX, Some(50.0));
    }
}

//! How long one benchmark may take in one process: a setting of the machine, so a variable and not a key.

use std::time::Duration;

use anyhow::anyhow;

use super::stop::Stop;
use benchgate_core::gate::ExitCode;

/// Criterion is asked for 6 ms.
const USUAL: Duration = Duration::from_secs(60);

/// What sets another limit, in seconds.
const VARIABLE: &str = "BENCHGATE_STEP_LIMIT";

/// The limit that is set, or the usual one.
pub(super) fn step_limit() -> Duration {
    asked().ok().flatten().unwrap_or(USUAL)
}

/// Stops where what is set is no limit.
pub(super) fn refuse_malformed_limit() -> Result<(), Stop> {
    let refuse = |found| Stop {
        code: ExitCode::Configuration,
        error: anyhow!(
            "`{VARIABLE}` is `{found}`, expected seconds\nhint: {VARIABLE}=120 gives each benchmark two minutes"
        ),
    };
    asked().map(drop).map_err(refuse)
}

fn asked() -> Result<Option<Duration>, String> {
    let Some(set) = std::env::var_os(VARIABLE).filter(|set| !set.is_empty()) else { return Ok(None) };
    let set = set.to_string_lossy().into_owned();
    seconds(&set).map(Some).ok_or(set)
}

fn seconds(set: &str) -> Option<Duration> {
    set.parse().ok().filter(|&seconds: &u64| seconds > 0).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_whole_seconds_above_zero() {
        #[track_caller]
        fn check(set: &str, expected: Option<u64>) {
            assert_eq!(seconds(set), expected.map(Duration::from_secs));
        }
        check("120", Some(120));
        check("0", None);
        check("-1", None);
        check("1.5", None);
        check("a minute", None);
    }
}

//! Durations and shares as people write them: `90s`, `1h30m`, `2%`.

use std::time::Duration;

use benchgate_core::model::Ceiling;

/// Units of a duration, largest first, with their seconds.
const UNITS: [(char, u64); 3] = [('h', 3600), ('m', 60), ('s', 1)];

/// Longest duration that makes sense for a run of a gate: a day.
const LONGEST_SECONDS: u64 = 24 * 3600;

/// Reads `90s`, `5m` or `1h30m`: whole numbers with units, largest first, at most a day.
///
/// # Errors
/// What was expected, in words.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    const EXPECTED: &str = "expected a duration such as `90s`, `5m` or `1h30m`";
    let wrong = || format!("{EXPECTED}, found `{text}`");
    let (mut rest, mut seconds, mut units) = (text.trim(), 0_u64, UNITS.iter());
    if rest.is_empty() {
        return Err(wrong());
    }
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit()).filter(|&n| n > 0).ok_or_else(wrong)?;
        let count: u64 = rest[..digits].parse().map_err(|_| wrong())?;
        let unit = rest[digits..].chars().next().ok_or_else(wrong)?;
        let (_, size) = units.find(|(letter, _)| *letter == unit).ok_or_else(wrong)?;
        seconds = count.checked_mul(*size).and_then(|s| seconds.checked_add(s)).ok_or_else(wrong)?;
        rest = &rest[digits + unit.len_utf8()..];
    }
    match seconds {
        0 => Err(format!("expected a duration above zero, found `{text}`")),
        1..=LONGEST_SECONDS => Ok(Duration::from_secs(seconds)),
        _ => Err(format!("expected at most `24h`, found `{text}`")),
    }
}

/// A duration as [`parse_duration`] reads it; parts of a second are cut off.
pub fn format_duration(duration: Duration) -> String {
    let mut rest = duration.as_secs();
    let mut text = String::new();
    for (unit, size) in UNITS {
        if rest >= size {
            text.push_str(&format!("{}{unit}", rest / size));
            rest %= size;
        }
    }
    if text.is_empty() { "0s".to_owned() } else { text }
}

/// Reads `2%` or `0.5 %` as a share: 0.02, 0.005; from 0 to 100 %.
///
/// # Errors
/// What was expected, in words.
pub fn parse_share(text: &str) -> Result<f64, String> {
    let wrong = || format!("expected a percentage such as `2%` or `0.5%`, found `{text}`");
    let percent = text.trim().strip_suffix('%').and_then(|number| plain(number.trim_end())).ok_or_else(wrong)?;
    if percent > 100.0 {
        return Err(format!("expected at most `100%`, found `{text}`"));
    }
    Ok(percent / 100.0)
}

/// A ceiling above this is none: ten thousand times as much.
const HIGHEST_PERCENT: f64 = 1e6;

/// The largest count that is a whole number without doubt in every file: 2^53.
const HIGHEST_COUNT: f64 = 9_007_199_254_740_992.0;

/// Reads `8%` as a share, which may be above 100 %, and `3` as a count.
///
/// # Errors
/// What was expected, in words.
pub fn parse_ceiling(text: &str) -> Result<Ceiling, String> {
    let wrong = || format!("expected a percentage such as `8%`, or a count such as `3`, found `{text}`");
    let (number, is_share) = match text.trim().strip_suffix('%') {
        Some(number) => (number.trim_end(), true),
        None => (text.trim(), false),
    };
    let number = plain(number).ok_or_else(wrong)?;
    match is_share {
        _ if number <= 0.0 => Err(format!("expected a ceiling above zero, found `{text}`")),
        true if number > HIGHEST_PERCENT => Err(format!("expected at most `{HIGHEST_PERCENT}%`, found `{text}`")),
        false if number > HIGHEST_COUNT => Err(format!("expected at most `{HIGHEST_COUNT}`, found `{text}`")),
        true => Ok(Ceiling::Share(number / 100.0)),
        false => Ok(Ceiling::Count(number)),
    }
}

/// Digits with at most one point among them; no sign, no exponent, no word.
fn plain(number: &str) -> Option<f64> {
    let is_plain = number.starts_with(|c: char| c.is_ascii_digit())
        && number.chars().all(|c| c.is_ascii_digit() || c == '.')
        && !number.ends_with('.');
    if is_plain { number.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn durations_have_whole_numbers_and_units() {
        #[track_caller]
        fn check(text: &str, expected: Option<u64>) {
            assert_eq!(parse_duration(text).ok().map(|d| d.as_secs()), expected, "{text}");
        }
        check("5m", Some(300));
        check("90s", Some(90));
        check("1h30m", Some(5400));
        check(" 24h ", Some(86400));
        check("25h", None);
        check("0s", None);
        check("", None);
        check("5", None);
        check("m", None);
        check("1.5h", None);
        check("-1s", None);
        check("5m5m", None);
        check("5s1h", None);
        check("5 m", None);
        check("99999999999999999999s", None);
        check("9999999999999999999h", None);
        check("5µ", None);
    }

    #[test]
    fn shares_are_percentages() {
        #[track_caller]
        fn check(text: &str, expected: Option<f64>) {
            assert_eq!(parse_share(text).ok(), expected, "{text}");
        }
        check("2%", Some(0.02));
        check("0.5 %", Some(0.005));
        check("0%", Some(0.0));
        check("100%", Some(1.0));
        check("101%", None);
        check("0.02", None);
        check("-2%", None);
        check("+2%", None);
        check("nan%", None);
        check("inf%", None);
        check("1e1%", None);
        check(".5%", None);
        check("2.%", None);
        check("1.2.3%", None);
        check("%", None);
    }

    #[test]
    fn ceilings_are_shares_or_counts() {
        #[track_caller]
        fn check(text: &str, expected: Option<Ceiling>) {
            assert_eq!(parse_ceiling(text).ok(), expected, "{text}");
        }
        check("8%", Some(Ceiling::Share(0.08)));
        check(" 12.5 % ", Some(Ceiling::Share(0.125)));
        check("300%", Some(Ceiling::Share(3.0)));
        check("3", Some(Ceiling::Count(3.0)));
        check("2.5", Some(Ceiling::Count(2.5)));
        check("0", None);
        check("0%", None);
        check("-8%", None);
        check("8 percent", None);
        check("1e3", None);
        check("1000001%", None);
        check("9007199254740993", Some(Ceiling::Count(9_007_199_254_740_992.0)));
        check("9007199254740994", None);
        check("%", None);
        check("", None);
    }

    proptest! {
        #[test]
        fn ceilings_come_back(hundredths in 1_u32..=10_000_000, count in 1_u32..) {
            for ceiling in [Ceiling::Share(f64::from(hundredths) / 10_000.0), Ceiling::Count(f64::from(count))] {
                let again = parse_ceiling(&ceiling.to_string()).expect("just written");
                let is_same = match (ceiling, again) {
                    (Ceiling::Share(a), Ceiling::Share(b)) => (a - b).abs() <= 1e-12 * a,
                    (a, b) => a == b,
                };
                prop_assert!(is_same, "{} {:?}", ceiling, again);
            }
        }

        #[test]
        fn durations_come_back(seconds in 1..=LONGEST_SECONDS) {
            let duration = Duration::from_secs(seconds);
            prop_assert_eq!(parse_duration(&format_duration(duration)), Ok(duration));
        }

        #[test]
        fn percentages_come_back(hundredths in 0_u32..=10_000) {
            let share = parse_share(&format!("{}%", f64::from(hundredths) / 100.0)).expect("a percentage");
            prop_assert!((share - f64::from(hundredths) / 10_000.0).abs() < 1e-15);
        }

        #[test]
        fn no_text_panics(text in "\\PC*") {
            prop_assert_eq!(parse_duration(&text).is_ok() && parse_share(&text).is_ok(), false);
            prop_assert!(parse_ceiling(&text).is_ok() || parse_share(&text).is_err() || text.starts_with('0'));
        }
    }
}

//! Sizes in ids: `sort/quick/1000`, `pools/buffer/cycle/256k`.

/// What a letter after a number multiplies it with.
const UNITS: [(char, f64); 3] = [('k', 1e3), ('m', 1e6), ('g', 1e9)];

/// The last segment of an id as a size above zero: digits, perhaps with a unit in either case, perhaps with `@tN`.
pub(super) fn of_id(id: &str) -> Option<f64> {
    let last = id.rsplit('/').next()?;
    let last = last.split_once("@t").map_or(last, |(size, _)| size);
    let unit = last.chars().last()?.to_ascii_lowercase();
    let scale = UNITS.iter().find(|(letter, _)| *letter == unit).map(|(_, scale)| *scale);
    let digits = if scale.is_some() { &last[..last.len() - 1] } else { last };
    let is_number = !digits.is_empty() && digits.len() <= 15 && digits.chars().all(|c| c.is_ascii_digit());
    let number: f64 = if is_number { digits.parse().ok()? } else { return None };
    Some(number * scale.unwrap_or(1.0)).filter(|size| *size > 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn last_segment_is_the_size() {
        #[track_caller]
        fn check(id: &str, expected: Option<f64>) {
            assert_eq!(of_id(id), expected, "{id}");
        }
        check("a/b/c/1000", Some(1e3));
        check("a/b/c/10k", Some(1e4));
        check("a/b/c/2M", Some(2e6));
        check("a/b/c/1g", Some(1e9));
        check("a/b/c/100@t2", Some(100.0));
        check("7", Some(7.0));
        check("a/b/c/small", None);
        check("a/b/c/0", None);
        check("a/b/c/k", None);
        check("a/b/c/1e3", None);
        check("a/b/c/-5", None);
        check("a/b/c/1.5k", None);
        check("a/b/c/5µ", None);
        check("a/b/c/", None);
        check("", None);
        check("a/9999999999999999", None);
    }
}

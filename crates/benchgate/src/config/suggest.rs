//! "Did you mean": the nearest word of those that would have been allowed.

/// Edits, transpositions included, up to which a word is taken for a typing error.
const MAX_EDITS: usize = 2;

/// The nearest allowed word, if it is at most two edits away.
pub fn did_you_mean<'a>(found: &str, allowed: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    ranked(found, allowed).filter(|(edits, word)| *edits <= MAX_EDITS && *edits < word.chars().count()).map(|(_, w)| w)
}

/// The nearest of some words, however far.
pub fn nearest<'a>(found: &str, allowed: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    ranked(found, allowed).map(|(_, word)| word)
}

fn ranked<'a>(found: &str, allowed: impl IntoIterator<Item = &'a str>) -> Option<(usize, &'a str)> {
    allowed.into_iter().map(|word| (strsim::damerau_levenshtein(found, word), word)).min()
}

/// A hint: the suggestion if there is one, else all that is allowed.
pub(super) fn hint<'a>(found: &str, allowed: impl IntoIterator<Item = &'a str> + Clone) -> String {
    match did_you_mean(found, allowed.clone()) {
        Some(word) => format!("did you mean `{word}`?"),
        None => format!("write one of {}", listed(allowed)),
    }
}

/// `a`, `b`, `c`, each in backticks.
pub(super) fn listed<'a>(words: impl IntoIterator<Item = &'a str>) -> String {
    words.into_iter().map(|word| format!("`{word}`")).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(found: &str, expected: Option<&str>) {
        assert_eq!(did_you_mean(found, ["budget", "tolerance", "tiers", "on"]), expected);
    }

    #[test]
    fn typing_errors_are_recognised() {
        check("tolerence", Some("tolerance"));
        check("tolreance", Some("tolerance"));
        check("tier", Some("tiers"));
        check("budgte", Some("budget"));
        check("threshold", None);
        check("x", None);
    }
}

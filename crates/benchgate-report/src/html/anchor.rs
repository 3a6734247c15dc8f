//! Anchors within the page: stable from report to report, so that a link to a benchmark survives.

use sha2::{Digest, Sha256};

/// An anchor keeps so many characters of the id to be readable; the hash behind them makes it unique.
const READABLE: usize = 48;

/// The anchor of a benchmark's section: its id in letters, digits and hyphens, then 32 bits of a hash over the whole id.
pub(super) fn anchor(id: &str) -> String {
    let mut slug = String::from("b-");
    for c in id.chars().take(READABLE) {
        match c {
            c if c.is_ascii_alphanumeric() => slug.push(c.to_ascii_lowercase()),
            _ if slug.ends_with('-') => {}
            _ => slug.push('-'),
        }
    }
    let hash = Sha256::digest(id.as_bytes());
    let hash: String = hash.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
    format!("{}-{hash}", slug.trim_end_matches('-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn anchors_are_plain_stable_and_distinct() {
        assert_eq!(anchor("pools/slice/get_put/4k"), "b-pools-slice-get-put-4k-79883cc9");
        assert_ne!(anchor("a/b"), anchor("a-b"));
        let long = "x".repeat(65);
        assert_ne!(anchor(&format!("{long}a")), anchor(&format!("{long}b")));
        let hostile = anchor("\"><script>\u{202e}");
        assert!(hostile.chars().all(|c| c.is_ascii_alphanumeric() || c == '-'), "{hostile}");
    }
}

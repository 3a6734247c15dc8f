//! `[tree]`: files beside the commit that both sides get.

use super::error::{ConfigError, Document, visible};
use super::wire::Word;
use super::{Loaded, POLICY};

/// Refuses globs that would lead out of the workspace.
pub(super) fn check(document: Document<'_>, include: &[Word]) -> Result<(), ConfigError> {
    for word in include {
        let glob = word.get_ref();
        let is_below = !glob.is_empty() && !glob.starts_with('/') && !glob.split('/').any(|part| part == "..");
        if !is_below {
            let problem = format!("`{}` is no glob of files below the workspace's root", visible(glob));
            return Err(document.wrong(word.span(), problem, "write it from the root on, for instance `data/**`"));
        }
    }
    Ok(())
}

/// The complaint about a glob of `[tree] include` that matches no file: what benches need is not here.
pub fn unmatched(loaded: &Loaded, glob: &str) -> ConfigError {
    let document = loaded.document(0).unwrap_or(Document { name: POLICY, text: "" });
    let span = loaded.include.iter().find(|word| word.get_ref() == glob).map(toml::Spanned::span).unwrap_or_default();
    let problem = format!("`{}` matches no file that git ignores", visible(glob));
    document.wrong(span, problem, "files that git knows, or would add, take part anyway; leave them out here")
}

#[cfg(test)]
mod tests {
    use super::super::parse;

    #[test]
    fn globs_stay_below_the_root() {
        #[track_caller]
        fn check(glob: &str, is_good: bool) {
            let parsed = parse("b", &format!("[tree]\ninclude = [\"{glob}\"]\n"));
            assert_eq!(parsed.is_ok(), is_good, "{glob}");
        }
        check("data/**", true);
        check("a/*.bin", true);
        check("/etc/passwd", false);
        check("../elsewhere", false);
        check("a/../../b", false);
        check("", false);
    }

    #[test]
    fn a_glob_that_matches_nothing_has_its_place_named() {
        let loaded = parse("b", "[tree]\ninclude = [\"data/**\"]\n").unwrap();
        assert_eq!(loaded.include().collect::<Vec<_>>(), ["data/**"]);
        let complaint = super::unmatched(&loaded, "data/**").to_string();
        assert!(complaint.starts_with("`b:2:12`: `data/**` matches no file that git ignores"), "{complaint}");
    }
}

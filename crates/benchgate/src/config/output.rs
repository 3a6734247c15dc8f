//! `[output]`: where what a run writes goes.

use std::path::{Component, Path};

use super::error::{ConfigError, Document, visible};
use super::wire::OutputWire;

/// The directory for reports: below the workspace's root, so that a configuration that comes from elsewhere writes nowhere else.
pub(super) fn report(document: Document<'_>, wire: &OutputWire) -> Result<Option<String>, ConfigError> {
    let Some(word) = &wire.report else { return Ok(None) };
    let text = word.get_ref();
    let is_below = !text.is_empty() && Path::new(text).components().all(|part| matches!(part, Component::Normal(_)));
    if !is_below || Path::new(text).starts_with(".git") {
        let problem = format!("expected a directory below the workspace's root, found `{}`", visible(text));
        return Err(document.wrong(word.span(), problem, "write for instance `report = \"reports\"`"));
    }
    Ok(Some(text.clone()))
}

#[cfg(test)]
mod tests {
    use crate::config::parse;

    #[test]
    fn directory_for_reports_lies_in_the_workspace() {
        let read = |text: &str| parse("b", text).map(|loaded| loaded.report).map_err(|error| error.to_string());
        assert_eq!(read(""), Ok(None));
        assert_eq!(read("[output]\nreport = \"a/b\""), Ok(Some("a/b".into())));
        for wrong in ["", ".", "/tmp", "../up", "a/../../up", "./a", ".git/hooks"] {
            let error = read(&format!("[output]\nreport = \"{wrong}\"")).expect_err(wrong);
            assert!(error.contains("2:10") && error.contains("below the workspace's root"), "{error}");
        }
        assert!(read("[output]\nhtml = \"a\"").expect_err("no such key").contains("unknown key `html`"));
    }
}

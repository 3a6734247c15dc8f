//! Changes made to a copy of a tree while it is checked out, never to the tree itself: planted slowdowns, neutral edits.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

/// One change to one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edit {
    /// The file, below the workspace's root.
    pub file: PathBuf,
    /// What is done to it.
    pub change: Change,
}

/// What is done to a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// A text that stands in it exactly once gives way to another.
    Replace {
        /// The text.
        before: String,
        /// What takes its place.
        after: String,
    },
    /// A text is added at its end.
    Append(String),
}

impl Edit {
    /// Whether it can be made to the files below `root`, and changes something.
    ///
    /// # Errors
    /// The file cannot be read, or the text to replace does not stand in it exactly once.
    pub fn check(&self, root: &Path) -> Result<()> {
        let file = self.file.display();
        let text = std::fs::read(root.join(&self.file))
            .with_context(|| format!("cannot read `{file}`, which is to be changed"))?;
        let Change::Replace { before, after } = &self.change else { return Ok(()) };
        let found = count(&text, before.as_bytes());
        if found != 1 {
            bail!("the text to replace stands {found} times in `{file}`, expected once: `{}`", before.trim());
        }
        if before == after {
            bail!("the text to replace in `{file}` and its replacement are the same: `{}`", before.trim());
        }
        Ok(())
    }

    /// The same for a tree in which the workspace lies `below` the root.
    pub fn below(&self, below: &Path) -> Self {
        Self { file: below.join(&self.file), change: self.change.clone() }
    }

    /// The content of a file of the tree after the change, if it is about this file.
    pub(super) fn apply(&self, path: &Path, bytes: Vec<u8>) -> Vec<u8> {
        if path != self.file {
            return bytes;
        }
        match &self.change {
            Change::Append(text) => [&bytes, text.as_bytes()].concat(),
            Change::Replace { before, after } => match find(&bytes, before.as_bytes()) {
                Some(at) => [&bytes[..at], after.as_bytes(), &bytes[at + before.len()..]].concat(),
                None => bytes,
            },
        }
    }
}

fn find(text: &[u8], part: &[u8]) -> Option<usize> {
    text.windows(part.len().max(1)).position(|window| window == part)
}

fn count(text: &[u8], part: &[u8]) -> usize {
    text.windows(part.len().max(1)).filter(|window| *window == part).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replace(before: &str, after: &str) -> Edit {
        let change = Change::Replace { before: before.into(), after: after.into() };
        Edit { file: "src/a.rs".into(), change }
    }

    #[test]
    fn only_the_named_file_changes() {
        #[track_caller]
        fn check(edit: &Edit, path: &str, expected: &str) {
            assert_eq!(edit.apply(Path::new(path), b"one two three".to_vec()), expected.as_bytes());
        }
        check(&replace("two", "2"), "src/a.rs", "one 2 three");
        check(&replace("two", "2"), "src/b.rs", "one two three");
        check(&replace("two", "2").below(Path::new("x")), "x/src/a.rs", "one 2 three");
        check(&replace("four", "4"), "src/a.rs", "one two three");
        let append = Edit { file: "src/a.rs".into(), change: Change::Append("!".into()) };
        check(&append, "src/a.rs", "one two three!");
    }

    #[test]
    fn a_text_that_is_missing_twice_there_or_kept_is_refused() {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir(home.path().join("src")).unwrap();
        std::fs::write(home.path().join("src/a.rs"), "one two two").unwrap();
        let message = |edit: Edit| edit.check(home.path()).map_err(|error| error.to_string());
        assert_eq!(message(replace("one", "1")), Ok(()));
        assert!(message(replace("two", "2")).unwrap_err().contains("stands 2 times in `src/a.rs`"));
        assert!(message(replace("six", "6")).unwrap_err().contains("stands 0 times"));
        assert!(message(replace("", "6")).unwrap_err().contains("stands 0 times"));
        assert!(message(replace("one", "one")).unwrap_err().contains("are the same"));
        let missing = Edit { file: "src/b.rs".into(), change: Change::Append(String::new()) };
        assert!(message(missing).unwrap_err().contains("cannot read `src/b.rs`"));
    }
}

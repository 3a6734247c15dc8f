//! What a work tree looks like from outside, to see whether it changed. It reads no contents: a file that is written again with the
//! same bytes has changed.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::Result;

use super::git::Repository;

/// Name, length and modification time of each file that git knows or would add, but for what the gate writes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp(Vec<(PathBuf, Option<(u64, SystemTime)>)>);

impl Stamp {
    /// Looks at a work tree.
    ///
    /// # Errors
    /// Git does not list it.
    pub fn of(repository: &Repository) -> Result<Self> {
        let state = |path: &Path| {
            let file = fs::symlink_metadata(repository.root().join(path)).ok()?;
            Some((file.len(), file.modified().ok()?))
        };
        let mut files = repository.work_tree_files()?;
        // What the gate writes is no reason to measure again, though git may know it.
        files.retain(|path| !repository.outputs().holds(&repository.root().join(path)));
        Ok(Self(files.into_iter().map(|path| (state(&path), path)).map(|(state, path)| (path, state)).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::collect::OwnOutputs;
    use crate::collect::test_repository::TestRepository;

    #[test]
    fn what_the_gate_writes_is_no_reason_to_look_again() {
        let Some(fixture) = TestRepository::new(&[("src/lib.rs", "1"), ("reports/index.html", "1")]) else { return };
        fixture.commit("With a report");
        let own = ["target", "reports/index.html", "out.json"].map(|path| fixture.root().join(path));
        let repository = fixture.repository().writing(OwnOutputs::new(own));
        let before = Stamp::of(&repository).unwrap();
        for path in ["target/benchgate/runs/1.json", "reports/index.html", "out.json"] {
            fixture.write(path, "more than before");
        }
        assert_eq!(Stamp::of(&repository).unwrap(), before);
        assert_ne!(Stamp::of(&fixture.repository()).unwrap(), before);
        fixture.write("src/new.rs", "1");
        assert_ne!(Stamp::of(&repository).unwrap(), before);
    }
}

//! What the gate itself writes into a work tree. It is no change of the user's, whether or not git ignores it: it makes no tree
//! dirty, is no part of the candidate, and no reason to measure again.

use std::ffi::OsString;
use std::fs::File;
use std::io::Read;
use std::path::{Component, Path, PathBuf};

use memchr::memmem;

/// Directories and files that the gate writes, absolute.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OwnOutputs(Vec<PathBuf>);

/// What version 0.1 wrote beside the workspace's manifest, git-ignored or not.
const EARLIER_REPORTS: [&str; 3] = ["reports/index.html", "reports/canary.html", "reports/calibration.html"];

/// A report says within so many bytes from its end who wrote it.
const SIGNED_WITHIN: u64 = 200_000;

/// How a report says who wrote it.
const SIGNATURE: &[u8] = b"Written by benchgate";

impl OwnOutputs {
    /// Those of paths that may be relative to the directory of this process.
    pub fn new(paths: impl IntoIterator<Item = PathBuf>) -> Self {
        Self(paths.into_iter().map(|path| resolved(&path)).collect())
    }

    /// With the reports that version 0.1 left below a workspace's root. Another page of that name is the user's.
    #[must_use]
    pub fn with_earlier_reports(mut self, root: &Path) -> Self {
        let reports = EARLIER_REPORTS.iter().map(|path| root.join(path)).filter(|file| is_signed(file));
        self.0.extend(reports.map(|file| resolved(&file)));
        self
    }

    /// Whether a path, absolute, is one of them or lies below one.
    pub fn holds(&self, path: &Path) -> bool {
        self.0.iter().any(|own| path.starts_with(own))
    }

    /// Those below a directory. Where all of it lies in an output, nothing there can be told from the output.
    pub fn inside(mut self, root: &Path) -> Self {
        self.0.retain(|own| own != root && own.starts_with(root));
        self
    }

    /// Those below a work tree's root, from there on.
    pub(super) fn below(&self, root: &Path) -> Vec<PathBuf> {
        self.0.iter().filter_map(|own| Some(own.strip_prefix(root).ok()?.to_owned())).collect()
    }

    /// Those below a work tree's root as pathspecs that leave them out.
    pub(super) fn pathspecs(&self, root: &Path) -> Vec<OsString> {
        let spec = |path: &Path| {
            let mut spec = OsString::from(":(top,exclude,literal)");
            spec.push(path);
            spec
        };
        self.below(root).iter().map(|path| spec(path)).collect()
    }
}

/// Absolute, links resolved as far as the path exists, as git prints the work tree's root.
fn resolved(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut plain = PathBuf::new();
    for part in absolute.components() {
        match part {
            Component::ParentDir => {
                plain.pop();
            }
            Component::CurDir => {}
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => plain.push(part),
        }
    }
    for ancestor in plain.ancestors() {
        if let (Ok(real), Ok(rest)) = (ancestor.canonicalize(), plain.strip_prefix(ancestor)) {
            return if rest.as_os_str().is_empty() { real } else { real.join(rest) };
        }
    }
    plain
}

fn is_signed(file: &Path) -> bool {
    let mut end = Vec::new();
    let Ok(opened) = File::open(file) else { return false };
    let length = opened.metadata().map_or(0, |metadata| metadata.len());
    let read = read_from(opened, length.saturating_sub(SIGNED_WITHIN), &mut end);
    read.is_ok() && memmem::find(&end, SIGNATURE).is_some()
}

fn read_from(mut file: File, start: u64, into: &mut Vec<u8>) -> std::io::Result<()> {
    use std::io::{Seek, SeekFrom};
    file.seek(SeekFrom::Start(start))?;
    file.take(SIGNED_WITHIN).read_to_end(into).map(|_| ())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_lies_below_an_output_is_one_and_what_is_called_alike_is_none() {
        let home = tempfile::tempdir().unwrap();
        let root = home.path().canonicalize().unwrap();
        let own = OwnOutputs::new([root.join("a/../target"), root.join("out.json")]);
        for path in ["target", "target/x/y", "out.json"] {
            assert!(own.holds(&root.join(path)), "{path}");
        }
        for path in ["targets", "a/target", "out.json5", ""] {
            assert!(!own.holds(&root.join(path)), "{path}");
        }
        let specs = own.pathspecs(&root);
        assert_eq!(specs, [":(top,exclude,literal)target", ":(top,exclude,literal)out.json"].map(OsString::from));
        assert_eq!(OwnOutputs::new([root.clone(), root.join("..")]).inside(&root), OwnOutputs::default());
        assert!(own.pathspecs(Path::new("/elsewhere")).is_empty());
    }

    #[test]
    fn links_lead_to_what_they_mean() {
        let home = tempfile::tempdir().unwrap();
        let root = home.path().canonicalize().unwrap();
        fs::create_dir(root.join("real")).unwrap();
        std::os::unix::fs::symlink(root.join("real"), root.join("link")).unwrap();
        assert!(OwnOutputs::new([root.join("link/new/out.json")]).holds(&root.join("real/new/out.json")));
    }

    #[test]
    fn reports_of_version_0_1_are_known_by_their_words() {
        let home = tempfile::tempdir().unwrap();
        let root = home.path().canonicalize().unwrap();
        fs::create_dir(root.join("reports")).unwrap();
        fs::write(root.join("reports/index.html"), format!("<p>{}</p>", "Written by benchgate: one file")).unwrap();
        fs::write(root.join("reports/canary.html"), "<p>Canaries of the world</p>").unwrap();
        let own = OwnOutputs::default().with_earlier_reports(&root);
        assert!(own.holds(&root.join("reports/index.html")));
        assert!(!own.holds(&root.join("reports/canary.html")) && !own.holds(&root.join("reports")));
    }
}

//! Files that git keeps as pointers to large objects (git-lfs): the objects come from the user's own copies.

use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::super::command::{output, output_given};
use super::clone::{Entry, Origin, SharedClone};

impl SharedClone {
    /// Makes the large objects of a commit available to the filter that writes its files; returns the paths of those that the user
    /// does not have.
    ///
    /// # Errors
    /// Git refuses, or an object cannot be linked or copied.
    pub fn provide_large_objects(&self, origin: &Origin, entries: &[Entry]) -> Result<Vec<PathBuf>> {
        let attributes: Vec<&Entry> = entries
            .iter()
            .filter(|entry| entry.path.file_name().is_some_and(|name| name == ".gitattributes"))
            .collect();
        let asks = |bytes: &Vec<u8>| String::from_utf8_lossy(bytes).contains("filter=lfs");
        if !self.blobs(&attributes)?.iter().any(asks) {
            return Ok(Vec::new());
        }
        let files: Vec<&Entry> = entries.iter().filter(|entry| entry.mode.starts_with("100")).collect();
        let paths: Vec<u8> = files.iter().flat_map(|e| [e.path.as_os_str().as_bytes(), b"\0"].concat()).collect();
        // The attributes of the commit, which lies in the index of listings.
        let mut command = self.git_with_index("benchgate-listing");
        let listing = output_given(command.args(["check-attr", "--cached", "-z", "--stdin", "filter"]), &paths)?;
        // `path NUL filter NUL value NUL`, in the order of the question.
        let values: Vec<&[u8]> = listing.split(|byte| *byte == 0).skip(2).step_by(3).collect();
        let large: Vec<&Entry> =
            files.iter().zip(&values).filter(|(_, value)| **value == b"lfs").map(|(entry, _)| *entry).collect();
        let mut missing = Vec::new();
        for (entry, pointer) in large.iter().zip(self.blobs(&large)?) {
            let Some(object) = object_of(&pointer) else { continue }; // stored as it is, not as a pointer
            let below = Path::new("lfs/objects").join(&object[..2]).join(&object[2..4]).join(&object);
            let to = self.git_dir.join(&below);
            if to.is_file() {
                continue;
            }
            // `lfs` lies in the common directory of all work trees, where `objects` does.
            let common = origin.path("objects")?;
            let from = common.parent().unwrap_or(&common).join(&below);
            if !from.is_file() {
                missing.push(entry.path.clone());
                continue;
            }
            let context = || format!("cannot link `{}`", from.display());
            fs::create_dir_all(to.parent().expect("it lies in a directory")).with_context(context)?;
            fs::hard_link(&from, &to).or_else(|_| fs::copy(&from, &to).map(drop)).with_context(context)?;
        }
        if !missing.is_empty() {
            // They are not looked for elsewhere: their pointers are what a side then has.
            let names: Vec<String> = missing.iter().map(|path| path.display().to_string()).collect();
            output(self.git().args(["config", "--local", "lfs.fetchexclude", &names.join(",")]))?;
        }
        Ok(missing)
    }

    /// The contents of blobs, in their order.
    fn blobs(&self, entries: &[&Entry]) -> Result<Vec<Vec<u8>>> {
        if entries.is_empty() {
            return Ok(Vec::new());
        }
        let question: String = entries.iter().map(|entry| format!("{}\n", entry.object)).collect();
        let answer = output_given(self.git().args(["cat-file", "--batch"]), question.as_bytes())?;
        let mut rest = &answer[..];
        let mut blobs = Vec::new();
        for entry in entries {
            let end = rest.iter().position(|byte| *byte == b'\n').context("`git cat-file` stopped early")?;
            let header = String::from_utf8_lossy(&rest[..end]);
            let Some(size) = header.split(' ').nth(2).and_then(|size| size.parse::<usize>().ok()) else {
                bail!("`git cat-file` has no `{}`: {header}", entry.path.display());
            };
            let bytes = rest.get(end + 1..end + 1 + size).context("`git cat-file` stopped early")?;
            blobs.push(bytes.to_vec());
            rest = rest.get(end + size + 2..).unwrap_or_default();
        }
        Ok(blobs)
    }
}

/// The SHA-256 that a pointer names: lines `version https://git-lfs.github.com/spec/v1`, `oid sha256:<64 hex>`, `size <n>`.
fn object_of(pointer: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(pointer).ok()?;
    if !text.starts_with("version https://git-lfs.github.com/spec/") {
        return None;
    }
    let object = text.lines().find_map(|line| line.strip_prefix("oid sha256:"))?;
    let is_hash = object.len() == 64 && object.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hash.then(|| object.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_name_an_object_and_nothing_else_does() {
        let object = "4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393";
        #[track_caller]
        fn check(pointer: &str, expected: Option<&str>) {
            assert_eq!(object_of(pointer.as_bytes()).as_deref(), expected);
        }
        let first = "version https://git-lfs.github.com/spec/v1\n";
        check(&format!("{first}oid sha256:{object}\nsize 12345\n"), Some(object));
        check(&format!("oid sha256:{object}\n"), None);
        check(&format!("{first}oid sha256:../../x\n"), None);
        check("plain", None);
        assert_eq!(object_of(b"\xff"), None);
    }
}

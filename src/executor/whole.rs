//! A file written whole or not at all: beside its place first, then renamed there.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// Partial files are numbered from 0 to this. As many writers of one path at a time, or as many leftovers of crashes, are a
/// mistake to report rather than to sit out.
const LAST_ATTEMPT: u32 = 99;

/// Writes a file through `write` and puts it at `path`. Concurrent writers of one path each write a file of their own, and the
/// last to finish stays. Readers see a whole file at any time; that it survives a loss of power is not promised, as nothing is
/// synchronised to the disk.
///
/// # Errors
/// When the file cannot be made, written or renamed. What was at `path` is still there then, and no partial file is left.
pub(super) fn write_whole(path: &Path, write: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<()> {
    let (partial, mut file) = create_beside(path)?;
    let written = write(&mut file).and_then(|()| fs::rename(&partial, path));
    if written.is_err() {
        // The first error says why; that a partial file could not be removed either would hide it.
        fs::remove_file(&partial).unwrap_or_default();
    }
    written
}

/// A new file in the directory of `path`.
fn create_beside(path: &Path) -> io::Result<(PathBuf, File)> {
    if path.file_name().is_none() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    let mut attempt: u32 = 0;
    loop {
        let mut partial = OsString::with_capacity(path.as_os_str().len() + ".00.partial".len());
        partial.push(path);
        partial.push(".");
        partial.push(itoa::Buffer::new().format(attempt));
        partial.push(".partial");
        match OpenOptions::new().write(true).create_new(true).open(&partial) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && attempt < LAST_ATTEMPT => attempt += 1,
            opened => return opened.map(|file| (partial.into(), file)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::write_whole;
    use std::io::{self, Write};
    use std::path::Path;

    fn names(directory: &Path) -> Vec<String> {
        let entries = std::fs::read_dir(directory).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn what_was_there_is_replaced_and_nothing_partial_is_left() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("page.html");
        for text in ["one", "two"] {
            write_whole(&path, |file| file.write_all(text.as_bytes())).unwrap();
            assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
        }
        assert_eq!(names(root.path()), ["page.html"]);
    }

    #[test]
    fn a_failure_leaves_what_was_there() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("page.html");
        write_whole(&path, |file| file.write_all(b"old")).unwrap();
        let error = write_whole(&path, |file| {
            file.write_all(b"half")?;
            Err(io::Error::other("full"))
        });
        assert_eq!(error.unwrap_err().to_string(), "full");
        assert_eq!(
            (std::fs::read_to_string(&path).unwrap().as_str(), names(root.path())),
            ("old", vec!["page.html".into()])
        );
        assert!(write_whole(&root.path().join("no/page.html"), |_| Ok(())).is_err());
        assert!(write_whole(Path::new("/"), |_| Ok(())).is_err());
    }

    #[test]
    fn readers_see_whole_files_while_several_write() {
        let root = tempfile::tempdir().unwrap();
        let path = root.path().join("page.html");
        let text = |writer: u8| vec![b'a' + writer; 100_000];
        write_whole(&path, |file| file.write_all(&text(0))).unwrap();
        std::thread::scope(|scope| {
            for writer in 0..3 {
                let path = &path;
                scope.spawn(move || {
                    for _ in 0..30 {
                        // In two pieces, so that a torn file would show.
                        let text = text(writer);
                        write_whole(path, |file| file.write_all(&text[..1]).and_then(|()| file.write_all(&text[1..])))
                            .unwrap();
                    }
                });
            }
            for _ in 0..100 {
                let seen = std::fs::read(&path).unwrap();
                assert!(seen.len() == 100_000 && seen.iter().all(|&byte| byte == seen[0]));
            }
        });
        assert_eq!(names(root.path()), ["page.html"]);
    }
}

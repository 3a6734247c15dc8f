//! Files are written whole: a reader sees the old content or the new, never a part.
//!
//! A temporary file beside the target, flushed and synced, then renamed over it. It takes no locks: of two writers at
//! once the later rename wins, whole.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why a file could not be written. Nothing half-written is left behind.
#[derive(Debug, Error)]
pub enum WriteError {
    /// The directory does not exist and cannot be made.
    #[error(
        "directory `{}` cannot be made: {source}\nhint: make it yourself or choose another place: `mkdir -p {}`",
        directory.display(), directory.display()
    )]
    NoDirectory {
        /// The directory.
        directory: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The directory takes no new files.
    #[error(
        "`{}` cannot be written: directory `{}` is read-only ({source})\nhint: allow it or choose another place: `chmod u+w {}`",
        path.display(), directory.display(), directory.display()
    )]
    ReadOnly {
        /// The file.
        path: PathBuf,
        /// Its directory.
        directory: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// Anything else, for instance a full disk.
    #[error("`{}` cannot be written in directory `{}`: {source}\nhint: look at the space left: `df -h {}`", path.display(), directory.display(), directory.display())]
    File {
        /// The file.
        path: PathBuf,
        /// Its directory.
        directory: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A value that no file may hold: NaN or infinite.
    #[error("`{}` cannot be written: {reason}\nhint: this is a defect of benchgate, please report it with the command that you ran", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// Which value.
        reason: String,
    },
}

impl WriteError {
    /// A directory that could not be made: the one to blame for lacking permission is the nearest that exists.
    fn directory(path: &Path, directory: &Path, source: io::Error) -> Self {
        let existing = directory.ancestors().find(|ancestor| ancestor.is_dir());
        match (source.kind(), existing) {
            (io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem, Some(existing)) => {
                Self::ReadOnly { path: path.to_path_buf(), directory: existing.to_path_buf(), source }
            }
            _ => Self::NoDirectory { directory: directory.to_path_buf(), source },
        }
    }

    fn file(path: &Path, directory: &Path, source: io::Error) -> Self {
        let (path, directory) = (path.to_path_buf(), directory.to_path_buf());
        match source.kind() {
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
                Self::ReadOnly { path, directory, source }
            }
            _ => Self::File { path, directory, source },
        }
    }
}

/// Writes a file whole, making its directory if need be.
///
/// # Errors
/// [`WriteError`]; then the file is what it was before.
pub fn write_whole(path: &Path, content: &[u8]) -> Result<(), WriteError> {
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    fs::create_dir_all(directory).map_err(|source| WriteError::directory(path, directory, source))?;
    replace(path, directory, content).map_err(|source| WriteError::file(path, directory, source))
}

fn replace(path: &Path, directory: &Path, content: &[u8]) -> io::Result<()> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".benchgate-").suffix(".tmp");
    #[cfg(unix)]
    {
        // The default of `tempfile` is for secrets, 0600; reports and baselines are for everyone that the umask allows.
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    let mut file = builder.tempfile_in(directory)?;
    file.write_all(content)?;
    file.flush()?;
    file.as_file().sync_all()?;
    file.persist(path).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn directory() -> tempfile::TempDir {
        tempfile::tempdir().expect("the system has a temporary directory")
    }

    fn names(directory: &Path) -> Vec<String> {
        let entries = fs::read_dir(directory).expect("readable");
        entries.map(|entry| entry.expect("entry").file_name().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn content_is_replaced_and_nothing_else_is_left() {
        let home = directory();
        let path = home.path().join("deep/er/file.json");
        write_whole(&path, b"a longer first content").expect("written");
        write_whole(&path, b"second").expect("written");
        assert_eq!(fs::read(&path).expect("readable"), b"second");
        assert_eq!(names(path.parent().expect("has one")), ["file.json"]);
    }

    #[test]
    fn directory_that_cannot_be_made_is_named() {
        let home = directory();
        let file = home.path().join("file");
        write_whole(&file, b"x").expect("written");
        let error = write_whole(&file.join("below/a"), b"y").expect_err("a file is no directory");
        let text = error.to_string();
        assert!(text.contains(&format!("directory `{}`", file.join("below").display())), "{text}");
        assert!(text.contains("\nhint: "), "{text}");
        assert_eq!(fs::read(&file).expect("readable"), b"x");
    }

    #[test]
    fn failed_rename_leaves_the_target_alone() {
        let home = directory();
        let path = home.path().join("taken");
        fs::create_dir(&path).expect("made");
        fs::write(path.join("inside"), b"kept").expect("written");
        let error = write_whole(&path, b"y").expect_err("a directory is in the way");
        assert!(error.to_string().contains("taken"), "{error}");
        assert_eq!(fs::read(path.join("inside")).expect("readable"), b"kept");
        assert_eq!(names(home.path()), ["taken"]);
    }

    #[cfg(unix)]
    #[test]
    fn read_only_directory_is_named() {
        use std::os::unix::fs::PermissionsExt;
        let home = directory();
        let target = home.path().join("reports");
        fs::create_dir(&target).expect("made");
        fs::write(target.join("index.html"), b"old").expect("written");
        fs::set_permissions(&target, fs::Permissions::from_mode(0o555)).expect("permitted");
        let is_privileged = fs::write(target.join("probe"), b"").is_ok(); // root writes anywhere
        let result = write_whole(&target.join("index.html"), b"new");
        fs::set_permissions(&target, fs::Permissions::from_mode(0o755)).expect("permitted");
        if is_privileged {
            return result.expect("root writes anywhere");
        }
        let text = result.expect_err("read-only").to_string();
        assert!(text.contains(&format!("directory `{}` is read-only", target.display())), "{text}");
        assert_eq!(fs::read(target.join("index.html")).expect("readable"), b"old");
    }

    #[test]
    fn denied_and_read_only_filesystems_say_read_only() {
        for kind in [io::ErrorKind::PermissionDenied, io::ErrorKind::ReadOnlyFilesystem] {
            let error = WriteError::file(Path::new("out/a.html"), Path::new("out"), kind.into());
            let text = error.to_string();
            assert!(text.starts_with("`out/a.html` cannot be written: directory `out` is read-only"), "{text}");
            assert!(text.ends_with("`chmod u+w out`"), "{text}");
        }
    }

    #[test]
    fn parent_that_takes_no_directory_is_the_one_named() {
        let home = directory();
        let (path, missing) = (home.path().join("a/b/c.json"), home.path().join("a/b"));
        let error = WriteError::directory(&path, &missing, io::ErrorKind::PermissionDenied.into());
        let expected = format!("directory `{}` is read-only", home.path().display());
        assert!(error.to_string().contains(&expected), "{error}");
        let error = WriteError::directory(&path, &missing, io::ErrorKind::StorageFull.into());
        assert!(error.to_string().starts_with(&format!("directory `{}` cannot be made", missing.display())), "{error}");
    }

    #[cfg(unix)]
    #[test]
    fn new_files_have_the_usual_permissions() {
        use std::os::unix::fs::PermissionsExt;
        let home = directory();
        let (ours, usual) = (home.path().join("ours"), home.path().join("usual"));
        write_whole(&ours, b"").expect("written");
        fs::write(&usual, b"").expect("written");
        let mode = |path: &Path| fs::metadata(path).expect("there").permissions().mode();
        assert_eq!(mode(&ours), mode(&usual));
    }
}

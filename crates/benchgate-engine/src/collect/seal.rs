//! What a build holds, by digest: whether an executable, or a file that it may open, is still the one that was built.
//!
//! The digests are taken right after the build and held in memory for the run; on disk they lie apart from the build, at a place that
//! no bench process is told. This is no wall: a process of the same user can write wherever the gate can. What it shows is a file
//! that was overwritten, by accident or by a bench of the other side.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use thiserror::Error;

use super::cache::hex;

/// A file that is not what was built.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("`{}` is not what was built: it was changed or removed since", file.display())]
pub struct Broken {
    /// Which.
    pub file: PathBuf,
}

/// SHA-256 of files by their absolute path.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Digests(BTreeMap<PathBuf, String>);

impl Digests {
    /// Takes them now.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn take(files: impl IntoIterator<Item = PathBuf>) -> io::Result<Self> {
        files.into_iter().map(|file| digest(&file).map(|digest| (file, digest))).collect::<io::Result<_>>().map(Self)
    }

    /// Reads what [`Digests::to_bytes`] wrote.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        serde_json::from_slice(bytes).ok()
    }

    /// As JSON. A path that is not UTF-8 has no place in it, and leaves the build to be built anew.
    pub fn to_bytes(&self) -> Vec<u8> {
        serde_json::to_vec(self).unwrap_or_default()
    }
}

/// Files that were seen to be what was built, and how they looked to the file system then.
#[derive(Clone, Debug, Default)]
pub struct Seal(Arc<Vec<Sealed>>);

#[derive(Debug)]
struct Sealed {
    file: PathBuf,
    digest: String,
    look: Mutex<Look>,
}

/// What changes whenever a file's content does. The time of the last change of its metadata is set by the system alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Look {
    device: u64,
    inode: u64,
    size: u64,
    modified: (i64, i64),
    changed: (i64, i64),
}

impl Look {
    /// How a file looks now.
    ///
    /// # Errors
    /// It is gone.
    pub fn at(file: &Path) -> io::Result<Self> {
        let data = fs::metadata(file)?;
        Ok(Self {
            device: data.dev(),
            inode: data.ino(),
            size: data.size(),
            modified: (data.mtime(), data.mtime_nsec()),
            changed: (data.ctime(), data.ctime_nsec()),
        })
    }
}

impl Seal {
    /// Reads every file and compares it with its digest.
    ///
    /// # Errors
    /// One of them is another.
    pub(super) fn of(digests: Digests) -> Result<Self, Broken> {
        let sealed = digests.0.into_iter().map(|(file, digest)| {
            let look = Look::at(&file);
            match (look, self::digest(&file)) {
                (Ok(look), Ok(found)) if found == digest => Ok(Sealed { file, digest, look: Mutex::new(look) }),
                _ => Err(Broken { file }),
            }
        });
        Ok(Self(Arc::new(sealed.collect::<Result<_, _>>()?)))
    }

    /// Seals one file as it is now.
    ///
    /// # Errors
    /// It cannot be read.
    pub(super) fn of_file(file: &Path) -> io::Result<Self> {
        let (look, digest) = (Look::at(file)?, digest(file)?);
        Ok(Self(Arc::new(vec![Sealed { file: file.to_owned(), digest, look: Mutex::new(look) }])))
    }

    /// Whether all files are what they were. Reads only those that do not look as they did.
    ///
    /// # Errors
    /// One of them is another, or gone.
    pub fn check(&self) -> Result<(), Broken> {
        self.0.iter().try_for_each(Sealed::check)
    }

    /// Its files.
    pub(super) fn files(&self) -> impl Iterator<Item = &Path> {
        self.0.iter().map(|sealed| &*sealed.file)
    }

    /// The digests of its files.
    pub(super) fn digests(&self) -> Digests {
        Digests(self.0.iter().map(|sealed| (sealed.file.clone(), sealed.digest.clone())).collect())
    }
}

impl Sealed {
    fn check(&self) -> Result<(), Broken> {
        let broken = || Broken { file: self.file.clone() };
        let now = Look::at(&self.file).map_err(|_| broken())?;
        let mut known = self.look.lock().unwrap_or_else(PoisonError::into_inner);
        if now == *known {
            return Ok(());
        }
        // A link that is added to a file changes how it looks and nothing else.
        if digest(&self.file).is_ok_and(|digest| digest == self.digest) {
            *known = now;
            return Ok(());
        }
        Err(broken())
    }
}

fn digest(file: &Path) -> io::Result<String> {
    let mut file = File::open(file)?;
    let mut hash = Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hex(&hash.finalize())),
            n => hash.update(&buffer[..n]),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_another_breaks_the_seal() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("x");
        #[track_caller]
        fn check(file: &Path, change: impl Fn(&Path), is_whole: bool) {
            fs::write(file, "built").unwrap();
            let seal = Seal::of(Digests::take([file.to_owned()]).unwrap()).unwrap();
            change(file);
            assert_eq!(seal.check().is_ok(), is_whole);
            assert_eq!(Seal::of(seal.digests()).is_ok(), is_whole);
        }
        check(&file, |_| (), true);
        check(&file, |file| fs::write(file, "other").unwrap(), false);
        check(&file, |file| fs::remove_file(file).unwrap(), false);
        // The same bytes in a new file are the same program.
        check(&file, |file| fs::remove_file(file).and_then(|()| fs::write(file, "built")).unwrap(), true);
        let forged = |file: &Path| {
            let modified = fs::metadata(file).unwrap().modified().unwrap();
            fs::write(file, "BUILT").unwrap();
            File::options().write(true).open(file).unwrap().set_modified(modified).unwrap();
        };
        check(&file, forged, false);
    }

    #[test]
    fn digests_are_read_as_they_were_written_or_refused() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("x");
        fs::write(&file, "built").unwrap();
        let digests = Digests::take([file]).unwrap();
        assert_eq!(Digests::parse(&digests.to_bytes()), Some(digests));
        assert_eq!(Digests::parse(b"[]"), None);
        assert_eq!(Digests::parse(b""), None);
    }
}

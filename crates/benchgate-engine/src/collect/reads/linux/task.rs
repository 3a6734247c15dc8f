//! A thread of a watched process, looked at from outside while it waits for its system call.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::FileExt;
use std::path::PathBuf;

/// The thread of this number.
#[derive(Clone, Copy, Debug)]
pub(super) struct Task(u32);

/// Longest path that the kernel takes, with its terminator.
const LONGEST_PATH: usize = 4096;
/// The smallest page: what lies within one is mapped as a whole or not at all.
const PAGE: u64 = 4096;

/// `AT_FDCWD`: stands for the working directory where a descriptor is wanted.
pub(super) const WORKING_DIRECTORY: i32 = -100;

impl Task {
    pub fn new(number: u32) -> Self {
        Self(number)
    }

    /// The terminated string at an address; `None` where it is none, which the kernel will refuse as well.
    ///
    /// # Errors
    /// This program may not look.
    pub fn string(self, address: u64) -> io::Result<Option<Vec<u8>>> {
        let memory = File::open(format!("/proc/{}/mem", self.0))?;
        let (mut string, mut at) = (Vec::new(), address);
        while string.len() < LONGEST_PATH {
            let mut page = [0; PAGE as usize];
            let wanted = (PAGE - at % PAGE) as usize;
            let read = match memory.read_at(&mut page[..wanted], at) {
                Ok(read) => read,
                Err(error) if is_unmapped(&error) => 0,
                Err(error) => return Err(error),
            };
            match page[..read].iter().position(|byte| *byte == 0) {
                Some(end) => {
                    string.extend(&page[..end]);
                    return Ok(Some(string).filter(|string| string.len() < LONGEST_PATH));
                }
                None if read < wanted => return Ok(None),
                None => {
                    string.extend(&page[..read]);
                    at = at.wrapping_add(read as u64);
                }
            }
        }
        Ok(None)
    }

    /// The directory behind a descriptor, or the working directory; `None` where there is none.
    ///
    /// # Errors
    /// This program may not look.
    pub fn directory(self, descriptor: i32) -> io::Result<Option<PathBuf>> {
        let link = match descriptor {
            WORKING_DIRECTORY => format!("/proc/{}/cwd", self.0),
            descriptor => format!("/proc/{}/fd/{descriptor}", self.0),
        };
        match fs::read_link(link) {
            Ok(directory) => Ok(Some(directory)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Where the links in `/proc` lead that mean the process that follows them.
    pub fn own_link(self, name: &OsStr) -> Option<PathBuf> {
        match name.to_str()? {
            "self" => Some(format!("{}", self.process()?).into()),
            "thread-self" => Some(format!("{}/task/{}", self.process()?, self.0).into()),
            _ => None,
        }
    }

    fn process(self) -> Option<u32> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.0)).ok()?;
        status.lines().find_map(|line| line.strip_prefix("Tgid:")?.trim().parse().ok())
    }
}

/// `EIO` and `EFAULT`: nothing is mapped there.
fn is_unmapped(error: &io::Error) -> bool {
    matches!(error.raw_os_error(), Some(libc::EIO | libc::EFAULT))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_read_up_to_their_terminator() {
        let own = Task::new(std::process::id());
        let read = |bytes: &[u8]| own.string(bytes.as_ptr() as u64).unwrap();
        assert_eq!(read(b"a\nb\0c"), Some(b"a\nb".to_vec()));
        assert_eq!(read(b"\0"), Some(Vec::new()));
        let mut long = vec![b'x'; 10_000];
        assert_eq!(read(&long), None, "longer than any path");
        long[4095] = 0;
        assert_eq!(read(&long), Some(vec![b'x'; 4095]));
        long[4095] = b'x';
        long[4096] = 0;
        assert_eq!(read(&long), None);
        assert_eq!(own.string(8).unwrap(), None, "nothing is mapped there");
    }

    #[test]
    fn directories_and_own_links_are_those_of_the_process() {
        let own = Task::new(std::process::id());
        assert_eq!(own.directory(WORKING_DIRECTORY).unwrap(), Some(std::env::current_dir().unwrap()));
        assert_eq!(own.directory(987_654).unwrap(), None);
        assert_eq!(own.own_link("self".as_ref()), Some(std::process::id().to_string().into()));
        assert_eq!(own.own_link("1".as_ref()), None);
    }
}

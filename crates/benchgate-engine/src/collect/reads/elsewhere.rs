//! Where processes cannot be watched.

use std::io;
use std::process::Command;

use super::notes::Notes;
use crate::collect::roots::Roots;

/// What no process is put on here.
#[derive(Clone, Debug)]
pub(in crate::collect) enum Leash {}

impl Leash {
    /// Never called.
    pub fn attach(&self, _command: &mut Command) {
        match *self {}
    }
}

/// What watches nothing here.
pub(super) enum Watcher {}

impl Watcher {
    /// Says that it cannot be.
    pub fn start(_roots: &Roots) -> io::Result<(Self, Leash)> {
        Err(io::Error::new(io::ErrorKind::Unsupported, "only Linux can say what a process reads"))
    }

    /// Never called.
    pub fn end(self) -> Result<Notes, String> {
        match self {}
    }
}

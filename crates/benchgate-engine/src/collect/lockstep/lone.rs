//! The page of a process that runs alone: no turns are taken, its clock may run faster, and its threads are counted.

use std::path::Path;

use super::{Board, Fit, HandOver};

/// The clock of one process.
#[derive(Debug, Default)]
pub(in crate::collect) struct Lone {
    /// None where the clock is the plain one.
    board: Option<Board>,
    dilation: u32,
}

impl Lone {
    /// A clock that runs so many times as fast as real time, where the executable lets it; adds what the process's
    /// environment must say.
    pub fn prepare(
        fit: &Result<Fit, String>,
        scratch: &Path,
        dilation: u32,
        environment: &mut Vec<(&'static str, String)>,
    ) -> Self {
        let Ok(fit) = fit else { return Self::default() };
        // Without shared memory there is no lockstep either, and that says so.
        let Ok(board) = Board::new(scratch, [fit, fit], HandOver::Any) else { return Self::default() };
        board.dilate(dilation);
        environment.extend(board.environment(0, fit));
        Self { board: Some(board), dilation }
    }

    /// How fast it runs, now that the process has started.
    pub fn dilation(&self) -> u32 {
        let has_joined = || self.board.as_ref().is_some_and(|board| board.has_joined(0));
        if self.dilation > 1 && has_joined() { self.dilation } else { 1 }
    }

    /// Threads that it has started, as far as is known.
    pub fn threads(&self) -> u32 {
        self.board.as_ref().map_or(0, |board| board.threads(0))
    }

    /// Deadlines so far that are not what the process asked for, since its clock is fast.
    pub fn shifted(&self) -> u32 {
        self.board.as_ref().map_or(0, |board| board.watched(0).shifted)
    }
}

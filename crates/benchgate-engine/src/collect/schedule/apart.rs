//! Sides that cannot live at once: one runs to its end, then the other.

use std::thread;
use std::time::Duration;

use super::super::criterion::Listed;
use super::Schedule;
use super::turn::{Turn, name};

/// How long to wait before a process that crashed is started again. What the process before it held may outlive it for a
/// moment: a child that still has the lock, a socket that is being closed. Three tries more, in about half a second: what is
/// held for longer is held for good, and a bench that is merely broken must not cost more.
pub(in crate::collect) const PAUSES: [Duration; 3] =
    [Duration::from_millis(20), Duration::from_millis(100), Duration::from_millis(400)];

impl Schedule<'_> {
    /// Runs one side to its end, then the other; `order` says which is first.
    pub(super) fn apart(&self, sides: &mut [Turn<'_>; 2], order: [usize; 2], wanted: &[(Listed, Listed)]) {
        for (turn, role) in order.into_iter().enumerate() {
            let side = &mut sides[role];
            self.run_alone(side, (turn, role), wanted);
            for pause in PAUSES {
                if !side.has_crashed() || self.limits.is_interrupted() {
                    break;
                }
                side.forget_crashes();
                thread::sleep(pause);
                self.run_alone(side, (turn, role), wanted);
            }
        }
    }

    /// Runs one side to its end, however its executable is driven.
    fn run_alone(&self, side: &mut Turn<'_>, (turn, role): (usize, usize), wanted: &[(Listed, Listed)]) {
        if self.harness.runs_whole() {
            self.run_whole(side, turn, wanted);
            return;
        }
        self.open(side);
        while let Some(session) = &mut side.session {
            let step = session.step(&self.limits);
            side.take(step, turn as u32, |index| name(&wanted[index], role));
        }
    }
}

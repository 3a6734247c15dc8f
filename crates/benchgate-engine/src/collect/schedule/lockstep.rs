//! Lockstep over Criterion's port: each bench begins on both sides together, with a first turn drawn for it.

use std::thread;

use rand::{Rng, RngExt};

use super::super::criterion::{Cpus, Listed, Step};
use super::super::lockstep::{Board, HandOver};
use super::turn::{Turn, name};
use super::{Doubt, Schedule};
use benchgate_core::model::{Failure, FailureKind};

impl Schedule<'_> {
    /// Runs both sides. `rule` says when turns end, `dilation` how fast the clock runs, `order` who is started first.
    pub(super) fn in_lockstep(
        &self,
        sides: &mut [Turn<'_>; 2],
        wanted: &[(Listed, Listed)],
        (rule, dilation, order): (HandOver, u32, [usize; 2]),
        coin: &mut impl Rng,
    ) {
        let Some(board) = share(sides, wanted, rule, dilation) else { return };
        order.into_iter().for_each(|side| self.open(&mut sides[side]));
        let has_joined = (0..2).all(|side| sides[side].session.is_none() || board.has_joined(side));
        let mut turn = 0;
        while has_joined && sides.iter().all(|side| side.session.is_some()) {
            let threads = || board.threads(0) + board.threads(1);
            let before = threads();
            let first = usize::from(coin.random::<bool>());
            let measured = self.step_together(&board, first, sides, wanted, turn);
            turn += 2;
            match measured {
                [Some(left), Some(right)] if left == right => {
                    let doubt = doubt(&board, sides, left, threads() - before);
                    doubt.into_iter().for_each(|doubt| sides[0].doubt(left, doubt));
                }
                [left, right] => {
                    left.into_iter().for_each(|index| sides[0].doubt(index, Doubt::OutOfStep));
                    right.into_iter().for_each(|index| sides[1].doubt(index, Doubt::OutOfStep));
                }
            }
        }
        // What is left of a pair whose other side has ended or never joined runs with the plain clock.
        if !has_joined {
            (0..wanted.len()).for_each(|index| sides[0].doubt(index, Doubt::NotJoined));
        }
        board.free();
        self.bench_by_bench(sides, wanted, coin);
    }

    /// Lets both sides run their next bench, each watched by a thread of its own.
    fn step_together(
        &self,
        board: &Board,
        first: usize,
        sides: &mut [Turn<'_>; 2],
        wanted: &[(Listed, Listed)],
        turn: u32,
    ) -> [Option<usize>; 2] {
        board.begin(first);
        let steps: [Option<Step>; 2] =
            on_both(board, sides.each_mut(), |_, side| side.session.as_mut().map(|session| session.step(&self.limits)));
        let mut measured = [None, None];
        for (side, step) in steps.into_iter().enumerate() {
            let turn = turn + u32::from(side != first);
            measured[side] = step.and_then(|step| sides[side].take(step, turn, |index| name(&wanted[index], side)));
        }
        measured
    }
}

/// Does something for both sides at once, each on a thread of its own; a side leaves the game when it is done.
pub(super) fn on_both<T: Send, R: Send>(board: &Board, sides: [T; 2], run: impl Fn(usize, T) -> R + Sync) -> [R; 2] {
    let run = &run;
    let [base, candidate] = sides;
    thread::scope(|scope| {
        let running = [(0, base), (1, candidate)].map(|(role, side)| {
            scope.spawn(move || {
                let result = run(role, side);
                board.leave(role);
                result
            })
        });
        running.map(|thread| thread.join().expect("what runs on a side does not panic"))
    })
}

/// A page for both sides, which are told of it; where there is none, both have failed.
pub(super) fn share(
    sides: &mut [Turn<'_>; 2],
    wanted: &[(Listed, Listed)],
    rule: HandOver,
    dilation: u32,
) -> Option<Board> {
    let [Ok(base), Ok(candidate)] = [&sides[0].arm.fit, &sides[1].arm.fit] else { return None };
    let board = match Board::new(&sides[0].arm.scratch, [base, candidate], rule) {
        Ok(board) => board,
        Err(error) => {
            for side in sides {
                let message = format!("cannot share memory: {error}");
                side.fail_rest(&Failure { side: side.arm.side, kind: FailureKind::Crashed, message });
            }
            return None;
        }
    };
    board.dilate(dilation);
    for (side, fit) in [base, candidate].into_iter().enumerate() {
        if rule == HandOver::End {
            board.mark(side, &fit.lessons.marks(wanted.iter().map(|both| name(both, side))));
        }
        sides[side].launch.environment.extend(board.environment(side, fit));
        sides[side].dilation = dilation;
    }
    Some(board)
}

/// Why what both sides gave for a bench must not be compared; meanwhile they started so many threads.
pub(super) fn doubt(board: &Board, sides: &[Turn<'_>; 2], index: usize, started: u32) -> Option<Doubt> {
    let is_held = sides.iter().all(|side| side.launch.cpus == Cpus::One);
    let threads = Some(started).filter(|&started| started > 0 && is_held).map(Doubt::Threads);
    let turns = || Doubt::about_turns([board.watched(0), board.watched(1)], sides[0].dilation);
    let iterations = || {
        let (base, candidate) = sides[0].samples(index).zip(sides[1].samples(index))?;
        Doubt::about_iterations(base, candidate)
    };
    threads.or_else(turns).or_else(iterations)
}

//! Processes that do not connect: in lockstep from their start to their end, or one after the other.

use rand::{Rng, RngExt};

use super::super::criterion::Listed;
use super::super::lockstep::HandOver;
use super::super::whole::Whole;
use super::lockstep::{doubt, on_both, share};
use super::turn::{Turn, name};
use super::{Doubt, Schedule};
use benchgate_core::model::Side;

impl Schedule<'_> {
    /// Runs both sides at once, for one bench. `rule` says when turns end, `dilation` how fast the clock runs, `order` who is
    /// started first. A side leaves the game when its process ends, however it ends.
    pub(super) fn whole_in_lockstep(
        &self,
        sides: &mut [Turn<'_>; 2],
        wanted: &[(Listed, Listed)],
        (rule, dilation, order): (HandOver, u32, [usize; 2]),
        coin: &mut impl Rng,
    ) {
        let Some(board) = share(sides, wanted, rule, dilation) else { return };
        let first = usize::from(coin.random::<bool>());
        board.begin(first);
        let mut started = [None, None];
        for side in order {
            match Whole::start(sides[side].arm, &sides[side].launch, self.harness) {
                Ok(process) => started[side] = Some(process),
                Err(failure) => sides[side].fail_rest(&failure),
            }
        }
        let ended = on_both(&board, started, |role, process: Option<Whole<'_>>| {
            let asked: Vec<Listed> = wanted.iter().map(|both| name(both, role).clone()).collect();
            process.map(|process| process.end(&asked, &self.limits))
        });
        for (side, ended) in ended.into_iter().enumerate() {
            let turn = u32::from(side != first);
            match ended {
                Some(Ok(measured)) => {
                    for one in measured {
                        sides[side].note(&one.bench, one.samples, turn, |index| name(&wanted[index], side));
                    }
                }
                Some(Err(failure)) => sides[side].fail_rest(&failure),
                None => {}
            }
        }
        let has_joined = (0..2).all(|side| board.has_joined(side));
        for index in 0..wanted.len() {
            let threads = board.threads(0) + board.threads(1);
            let doubt = if has_joined { doubt(&board, sides, index, threads) } else { Some(Doubt::NotJoined) };
            doubt.into_iter().for_each(|doubt| sides[0].doubt(index, doubt));
        }
    }

    /// Runs one side to its end.
    pub(super) fn run_whole(&self, side: &mut Turn<'_>, turn: usize, wanted: &[(Listed, Listed)]) {
        let role = usize::from(side.arm.side == Side::Candidate);
        let asked: Vec<Listed> = wanted.iter().map(|both| name(both, role).clone()).collect();
        let ended =
            Whole::start(side.arm, &side.launch, self.harness).and_then(|process| process.end(&asked, &self.limits));
        match ended {
            Ok(measured) => {
                for one in measured {
                    let turn = u32::try_from(turn).unwrap_or(u32::MAX);
                    side.note(&one.bench, one.samples, turn, |index| name(&wanted[index], role));
                }
            }
            Err(failure) => side.fail_rest(&failure),
        }
    }
}

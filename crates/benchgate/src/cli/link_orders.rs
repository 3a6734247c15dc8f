//! Both sides of every target in other link orders, to make whole suite runs of each: what `calibrate` measures layout with.

use std::collections::{BTreeMap, BTreeSet};

use super::prepare::Prepared;
use super::relinking::{FIRST_INDEX, Relinkable, refused};
use super::rounds::Sitting;
use benchgate_core::model::{Side, Stream};
use benchgate_engine::collect::Arm;
use benchgate_engine::measure::BuiltSide;

/// Link orders of each side. Eight show most of the range: the ninth is beyond all of them with a chance of 2 in 9.
pub(super) const LINK_ORDERS: u32 = 8;

/// Numbers of their executables begin so far above the one of each target that a run links to confirm what it flagged.
const APART: usize = 50;

/// One link order of both sides: the arms of each target, base and candidate.
pub(super) type LinkOrder = BTreeMap<usize, [Arm; 2]>;

/// Links both sides anew, each order drawn from the seed of the sitting.
///
/// # Errors
/// Why it cannot be done here, in words.
pub(super) fn link_orders(prepared: &Prepared, sitting: &mut Sitting<'_>) -> Result<Vec<LinkOrder>, String> {
    let both = |index: &usize| prepared.targets[*index].base.is_some() && prepared.targets[*index].candidate.is_some();
    let targets: BTreeSet<usize> = (0..prepared.targets.len()).filter(both).collect();
    if let Some(why) = refused(prepared, &targets) {
        return Err(why);
    }
    sitting.progress.step(&format!("linking {LINK_ORDERS} orders of both sides"));
    let mut seeds = Stream::CalibratedLinkOrders.of(sitting.seed);
    let mut link = |side: Side| {
        let relinkable = Relinkable::compile(prepared, side, &targets, &sitting.progress)?;
        relinkable.link_all(LINK_ORDERS, FIRST_INDEX + APART, &mut seeds)
    };
    let base = link(Side::Base).map_err(|error| format!("{error:#}"))?;
    let candidate = link(Side::Candidate).map_err(|error| format!("{error:#}"))?;
    let order = |order: usize| {
        let both = base.iter().zip(candidate.values());
        both.map(|((&target, base), candidate)| (target, [base[order].clone(), candidate[order].clone()])).collect()
    };
    Ok((0..LINK_ORDERS as usize).map(order).collect())
}

/// Puts the arms of a link order in the place of those that stand there.
pub(super) fn put(prepared: &mut Prepared, order: LinkOrder) {
    let put = |found: &mut Option<BuiltSide>, arm: Arm| {
        if let Some(found) = found {
            found.arm = arm;
        }
    };
    for (index, [base, candidate]) in order {
        let target = &mut prepared.targets[index];
        put(&mut target.base, base);
        put(&mut target.candidate, candidate);
    }
}

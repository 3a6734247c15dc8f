//! Both sides of every target in other link orders, to make whole suite runs of each: what `calibrate` measures layout with.

use std::collections::{BTreeMap, BTreeSet};

use super::confirm::{self, Confirming, FIRST_INDEX};
use super::prepare::{Found, Prepared};
use super::rounds::Sitting;
use crate::collect::Arm;

/// Link orders of each side. Eight show most of the range: the ninth is beyond all of them with a chance of 2 in 9.
pub(super) const LINK_ORDERS: u32 = 8;

/// Numbers of their executables begin so far above those that a run links to confirm what it flagged, at most 16 a target.
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
    if let Some(why) = confirm::refused(prepared, &targets) {
        return Err(why);
    }
    sitting.progress.step(&format!("linking {LINK_ORDERS} orders of both sides"));
    let first_index = FIRST_INDEX + APART;
    let confirming = Confirming {
        prepared,
        limits: sitting.limits,
        seed: sitting.seed,
        order: 0,
        first_index,
        is_exhaustive: false,
    };
    let linked = confirming.link(&targets, LINK_ORDERS, &mut sitting.progress).map_err(|error| format!("{error:#}"))?;
    let order = |order: usize| {
        let arms = linked.iter().filter_map(|(&target, arms)| Some((target, arms.get(order)?.clone())));
        arms.collect()
    };
    Ok((0..LINK_ORDERS as usize).map(order).collect())
}

/// Puts the arms of a link order in the place of those that stand there.
pub(super) fn put(prepared: &mut Prepared, order: LinkOrder) {
    let put = |found: &mut Option<Found>, arm: Arm| {
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

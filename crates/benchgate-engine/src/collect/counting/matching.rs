//! What each of a bench's samples asked for.
//!
//! Every way is looked at in which the samples can lie among the readings of the clock ([`each_layout`]). Where they differ in what
//! was counted, or there is none, no count is given: a wrong one must not look exact.

use std::ops::ControlFlow;

use super::super::sections::{Layout, Place, Unmatched, each_layout};
use crate::preload::counting::log::Entry;

/// What one sample asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Requests {
    /// Blocks, on the bench thread.
    pub blocks: u64,
    /// Bytes, on the bench thread.
    pub bytes: u64,
    /// Blocks, on other threads.
    pub other_blocks: u64,
}

/// What each sample asked for; `nanos` are their lengths, in order.
pub(super) fn requests(log: &[Entry], nanos: &[u64]) -> Result<Vec<Requests>, Unmatched> {
    let times: Vec<u64> = log.iter().map(|entry| entry.nanos).collect();
    let mut found: Vec<Requests> = Vec::new();
    let mut differ = false;
    each_layout(&times, nanos, |layout| {
        for (sample, places) in layout.samples.iter().enumerate() {
            for &place in places {
                let requests = of_sample(log, layout, place);
                match found.get(sample) {
                    None => found.push(requests),
                    Some(known) if (known.blocks, known.bytes) == (requests.blocks, requests.bytes) => {}
                    Some(_) => {
                        differ = true;
                        return ControlFlow::Break(());
                    }
                }
            }
        }
        ControlFlow::Continue(())
    })?;
    match (found.is_empty(), differ) {
        (_, true) => Err(Unmatched::Several),
        (true, false) => Err(Unmatched::Nowhere),
        (false, false) => Ok(found),
    }
}

fn of_sample(log: &[Entry], layout: &Layout, place: Place) -> Requests {
    let mut all = Requests::default();
    for (from, to) in layout.sections(place) {
        let (from, to) = (&log[from], &log[to]);
        all.blocks += to.blocks.wrapping_sub(from.blocks);
        all.bytes = all.bytes.wrapping_add(to.bytes.wrapping_sub(from.bytes));
        all.other_blocks += to.other_blocks.wrapping_sub(from.other_blocks);
    }
    all
}

#[cfg(test)]
mod tests;

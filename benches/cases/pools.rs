//! Cases of `pools`.

use super::harness::Harness;

/// Hands over the cases of this area.
pub(crate) fn cases(_harness: &mut impl Harness) {}

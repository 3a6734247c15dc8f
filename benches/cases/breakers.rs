//! Cases of `breakers`.

use super::case::Case;
use super::harness::Harness;

/// Hands over the cases of this area.
pub(crate) fn cases(harness: &mut impl Harness) {
    harness.case(
        Case::new("breakers/circuit/direct_call/noop", || 7_u64, |value| *value)
            .check(|value, output| assert_eq!(value, output)),
    );
}

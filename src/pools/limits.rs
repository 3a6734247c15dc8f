//! What a vector pool lends and what it takes back.

use thiserror::Error;

/// Limits of a [`VecPool`](super::VecPool). Capacities are in elements, not bytes.
///
/// The constants are those of supervizio/daemon, `SPRINT2_SUMMARY.md` ("Memory pooling"): scratch for the connection
/// tables of a typical web server, and for metrics documents of 10 to 20 KiB. That document does not bound how many
/// values are kept, since Go's collector empties its pools; [`Limits::RETAINED`] is ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Capacity of a fresh vector, and the least with which one is taken back.
    pub capacity: usize,
    /// The greatest capacity with which one is taken back.
    pub max_capacity: usize,
    /// Idle vectors on the shared shelf. Each thread keeps up to
    /// [`LOCAL_SHELF`](super::LOCAL_SHELF) more; 0 keeps none anywhere.
    pub max_retained: usize,
}

/// Limits that contradict each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LimitsError {
    /// Every fresh vector would be rejected when it comes back.
    #[error("a capacity of {capacity} is above the limit of {max_capacity} that is taken back")]
    CapacityAboveLimit {
        /// Capacity of a fresh vector.
        capacity: usize,
        /// Greatest capacity that is taken back.
        max_capacity: usize,
    },
}

impl Limits {
    /// Idle values on the shared shelf by default: two connection scratches for each of 32 cores.
    pub const RETAINED: usize = 64;
    /// TCP connections.
    pub const TCP: Self = Self::slice(256);
    /// UDP sockets.
    pub const UDP: Self = Self::slice(64);
    /// Unix sockets.
    pub const UNIX: Self = Self::slice(64);
    /// Listening ports.
    pub const LISTENING: Self = Self::slice(64);
    /// Bytes of a JSON document: 16 KiB, given up above 1 MiB.
    pub const JSON: Self = Self { capacity: 16 << 10, max_capacity: 1 << 20, max_retained: Self::RETAINED };

    /// Bytes of one result record as JSON: 2 KiB (vasic-digital/Panoptic, `PERFORMANCE_ANALYSIS.md`, "JSON buffer pool",
    /// which gives nothing up); given up above 64 KiB, sixteen times the larger record of that document.
    pub const RESULT: Self = Self { capacity: 2 << 10, max_capacity: 64 << 10, max_retained: Self::RETAINED };

    /// Rows of a table, given up above 1024 of them.
    const fn slice(capacity: usize) -> Self {
        Self { capacity, max_capacity: 1024, max_retained: Self::RETAINED }
    }

    pub(super) fn checked(self) -> Result<Self, LimitsError> {
        let Self { capacity, max_capacity, .. } = self;
        if capacity > max_capacity {
            return Err(LimitsError::CapacityAboveLimit { capacity, max_capacity });
        }
        Ok(self)
    }

    /// Whether a vector of this capacity is worth keeping: neither so large that it hoards memory nor so small that the
    /// next borrower would have to grow it.
    #[inline]
    pub(super) fn admit(&self, capacity: usize) -> bool {
        (self.capacity..=self.max_capacity).contains(&capacity)
    }
}

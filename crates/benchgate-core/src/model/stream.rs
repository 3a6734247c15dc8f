//! Every use of a run's seed.

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// What is drawn from the seed of a run; each has words of its own, so that no two of them go together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stream {
    /// Coins of the pairs of series.
    Pairs,
    /// Coins of the pairs of claims.
    Claims,
    /// Fresh link orders of what was flagged.
    LinkOrders,
    /// Coins of the pairs on them.
    LinkedPairs,
    /// Coins of the pairs of a recording.
    RecordedPairs,
    /// Link orders of a recording.
    RecordedLinkOrders,
    /// Coins of further pairs where link orders could not be had.
    FurtherPairs,
    /// Coins of pairs of what was flagged, without the benches that ran before it.
    LonePairs,
    /// Link orders that a calibration makes whole runs of.
    CalibratedLinkOrders,
    /// The order of all series in a round.
    Round(u32),
}

impl Stream {
    /// The words of this stream of a seed.
    pub fn of(self, seed: u64) -> ChaCha8Rng {
        let mut words = ChaCha8Rng::seed_from_u64(seed);
        words.set_stream(self.number());
        words
    }

    fn number(self) -> u64 {
        match self {
            Self::Pairs => 0,
            Self::Claims => 1,
            Self::LinkOrders => 2,
            Self::LinkedPairs => 3,
            Self::RecordedPairs => 4,
            Self::RecordedLinkOrders => 5,
            Self::FurtherPairs => 6,
            Self::LonePairs => 7,
            Self::CalibratedLinkOrders => 8,
            Self::Round(round) => (1 << 32) + u64::from(round),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rand::Rng;

    use super::*;

    /// The stream after this one; a new one does not compile before it has its place here.
    fn after(stream: Stream) -> Option<Stream> {
        Some(match stream {
            Stream::Pairs => Stream::Claims,
            Stream::Claims => Stream::LinkOrders,
            Stream::LinkOrders => Stream::LinkedPairs,
            Stream::LinkedPairs => Stream::RecordedPairs,
            Stream::RecordedPairs => Stream::RecordedLinkOrders,
            Stream::RecordedLinkOrders => Stream::FurtherPairs,
            Stream::FurtherPairs => Stream::LonePairs,
            Stream::LonePairs => Stream::CalibratedLinkOrders,
            Stream::CalibratedLinkOrders => Stream::Round(0),
            Stream::Round(100) => return None,
            Stream::Round(round) => Stream::Round(round + 1),
        })
    }

    #[test]
    fn all_streams_differ() {
        let all: Vec<Stream> = std::iter::successors(Some(Stream::Pairs), |&stream| after(stream)).collect();
        let words: BTreeSet<u64> = all.iter().map(|stream| stream.of(7).next_u64()).collect();
        assert_eq!(words.len(), all.len());
        assert!(all.len() > 100);
    }

    #[test]
    fn the_same_seed_gives_the_same_words() {
        assert_eq!(Stream::Claims.of(7).next_u64(), Stream::Claims.of(7).next_u64());
        assert_ne!(Stream::Claims.of(7).next_u64(), Stream::Claims.of(8).next_u64());
    }
}

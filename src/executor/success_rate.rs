//! The share of results that succeeded, in percent from 0 to 100; 0 where there are none, never NaN.
//!
//! | variant | reads | take it when |
//! |---|---|---|
//! | [`Results::success_percent`](super::Results::success_percent) | a counter | results are collected one by one: always |
//! | [`Flags::percent`] | a bit a result | flags outlive the results, or come without them |
//! | [`simple`] | a flag in each record | there is a slice of records and nothing else |
//! | [`unrolled8`], [`chunk256`] | the same | never: they are the original's, to be measured against |
//!
//! All count whole numbers and divide once, so they give the same number to the last bit. A flag in a record costs the
//! record's cache line: what makes rows slow is the layout, and no unrolling of the loop changes that.

use crate::serialization::Record;

/// Results that [`chunk256`] takes at a time (vasic-digital/Panoptic, `internal/executor/executor.go`).
const CHUNK: usize = 256;
/// Results below which [`chunk256`] counts plainly (same source).
const PLAIN_BELOW: usize = 100;

/// `passed` of `total` in percent.
///
/// ```
/// use perfblocks::executor::success_rate::percent;
/// assert_eq!([percent(2, 3), percent(0, 0)], [200.0 / 3.0, 0.0]);
/// ```
#[inline]
pub fn percent(passed: u64, total: u64) -> f64 {
    if total == 0 { 0.0 } else { passed as f64 * 100.0 / total as f64 }
}

/// One result after the other.
pub fn simple(results: &[Record]) -> f64 {
    percent(count(results), results.len() as u64)
}

/// Eight results at a time, their flags added in pairs.
pub fn unrolled8(results: &[Record]) -> f64 {
    percent(count8(results), results.len() as u64)
}

/// Chunks of 256 results, eight at a time within them; plainly where there are fewer than 100. The original calls this the
/// SIMD variant.
pub fn chunk256(results: &[Record]) -> f64 {
    if results.len() < PLAIN_BELOW {
        return simple(results);
    }
    percent(results.chunks(CHUNK).map(count8).sum(), results.len() as u64)
}

fn count(results: &[Record]) -> u64 {
    results.iter().map(|result| u64::from(result.success)).sum()
}

fn count8(results: &[Record]) -> u64 {
    let (eights, rest) = results.as_chunks::<8>();
    let mut sum = 0;
    for [a, b, c, d, e, f, g, h] in eights {
        let [a, b, c, d] = [(a, b), (c, d), (e, f), (g, h)].map(|(x, y)| u64::from(x.success) + u64::from(y.success));
        sum += (a + b) + (c + d);
    }
    sum + count(rest)
}

/// Success flags as a column: a bit each.
///
/// ```
/// use perfblocks::executor::success_rate::Flags;
/// let flags: Flags = [true, false, true, true].into_iter().collect();
/// assert_eq!((flags.len(), flags.passed(), flags.percent()), (4, 3, 75.0));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Flags {
    /// Bits beyond `len` are 0, so that a word counts as it stands.
    words: Vec<u64>,
    len: usize,
}

impl Flags {
    /// No flags. It allocates nothing.
    pub const fn new() -> Flags {
        Flags { words: Vec::new(), len: 0 }
    }

    /// Adds a flag.
    pub fn push(&mut self, passed: bool) {
        let bit = self.len % u64::BITS as usize;
        match self.words.last_mut() {
            Some(word) if bit > 0 => *word |= u64::from(passed) << bit,
            _ => self.words.push(u64::from(passed)),
        }
        self.len += 1;
    }

    /// Number of flags.
    pub const fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no flag.
    pub const fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Number of flags that are set.
    pub fn passed(&self) -> u64 {
        self.words.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    /// The share of flags that are set, in percent.
    pub fn percent(&self) -> f64 {
        percent(self.passed(), self.len as u64)
    }
}

impl FromIterator<bool> for Flags {
    fn from_iter<I: IntoIterator<Item = bool>>(flags: I) -> Flags {
        let flags = flags.into_iter();
        let mut collected =
            Flags { words: Vec::with_capacity(flags.size_hint().0.div_ceil(u64::BITS as usize)), len: 0 };
        flags.for_each(|flag| collected.push(flag));
        collected
    }
}

#[cfg(test)]
mod tests {
    use super::{Flags, chunk256, percent, simple, unrolled8};
    use crate::executor::Results;
    use crate::serialization::Record;
    use proptest::prelude::{ProptestConfig, any, proptest};

    /// Every variant gives `expected`, to the last bit.
    #[track_caller]
    fn check(flags: &[bool], expected: f64) {
        let results: Vec<Record> = flags.iter().map(|&success| Record { success, ..Record::default() }).collect();
        let column: Flags = flags.iter().copied().collect();
        let mut collected = Results::new();
        results.iter().for_each(|result| collected.push(result.clone()));
        let found =
            [simple(&results), unrolled8(&results), chunk256(&results), column.percent(), collected.success_percent()];
        assert_eq!(found.map(f64::to_bits), [expected.to_bits(); 5], "{found:?} of {} results", flags.len());
        assert_eq!((column.len(), column.is_empty()), (flags.len(), flags.is_empty()));
    }

    #[test]
    fn every_variant_agrees_around_its_limits() {
        check(&[], 0.0);
        check(&[true], 100.0);
        check(&[false], 0.0);
        check(&[true, true, false, true], 75.0);
        for len in [7, 8, 9, 63, 64, 65, 99, 100, 255, 256, 257, 1000] {
            let flags: Vec<bool> = (0..len).map(|index| index % 3 != 0).collect();
            let passed = flags.iter().filter(|flag| **flag).count() as u64;
            check(&flags, passed as f64 * 100.0 / len as f64);
        }
    }

    #[test]
    fn a_percentage_of_nothing_is_zero() {
        assert_eq!(percent(0, 0).to_bits(), 0.0_f64.to_bits());
        assert_eq!(percent(u64::MAX, u64::MAX), 100.0);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]
        #[test]
        fn every_variant_agrees(flags in proptest::collection::vec(any::<bool>(), 0..1200)) {
            let passed = flags.iter().filter(|flag| **flag).count();
            let expected = if flags.is_empty() { 0.0 } else { passed as f64 * 100.0 / flags.len() as f64 };
            assert!((0.0..=100.0).contains(&expected));
            check(&flags, expected);
        }
    }
}

//! How many bytes a record's JSON can take at most, so that a fresh buffer is allocated once and is hardly too large.
//!
//! Strings are scanned, as one control character can become six bytes. Numbers whose digits would have to be worked out count
//! with their longest text.

use super::escape::{LONGEST, any_special, is_special};
use super::record::Record;
use super::scalar::{FLOAT_LEN, INTEGER_LEN};
use super::timestamp::MAX_TEXT_LEN;
use super::value::{Map, Value};

/// Everything in a record's text that does not depend on its values, and the longest timestamps and duration.
const FRAME: usize =
    "{\"app_name\":\"\",\"app_type\":\"\",\"start_time\":\"\",\"end_time\":\"\",\"duration\":,\"metrics\":{},\
                      \"screenshots\":[],\"videos\":[],\"success\":false,\"error\":\"\"}"
        .len()
        + 2 * MAX_TEXT_LEN;

/// An upper bound, in bytes, on the length of `record` as JSON on one line; close to it unless most values are short floats.
pub fn capacity_bound(record: &Record) -> usize {
    let mut tally = Tally::default();
    tally.add_text(&record.app_name);
    tally.add_text(&record.app_type);
    tally.add_integer(record.duration.0);
    tally.add_map(&record.metrics);
    for path in record.screenshots.iter().chain(&record.videos) {
        tally.len += 3;
        tally.add_text(path);
    }
    tally.add_text(&record.error);
    FRAME + tally.total()
}

/// An upper bound, in bytes, on the length of `map` as JSON on one line.
pub(super) fn map_bound(map: &Map) -> usize {
    let mut tally = Tally::default();
    tally.add_map(map);
    "{}".len() + tally.total()
}

/// Bytes counted so far. The bytes to escape are counted in sixteen lanes that are added up only at the end, or when one of
/// them might overflow.
#[derive(Default)]
struct Tally {
    len: usize,
    lanes: [u8; 16],
    /// Blocks that the lanes have counted since they were zero.
    blocks: u8,
}

impl Tally {
    /// Text without its quotes. Without escapes its length is exact. With them, each counts as the longest, and those in the
    /// last sixteen bytes may count twice.
    #[inline]
    fn add_text(&mut self, text: &str) {
        let text = text.as_bytes();
        self.len += text.len();
        let (blocks, tail) = text.as_chunks::<16>();
        blocks.iter().for_each(|block| self.add_block(block));
        match (text.last_chunk::<16>(), tail.len()) {
            (_, 0) => {}
            (Some(last), _) => self.add_block(last),
            (None, 8..) => self.add_block(&overlapped::<8>(tail)),
            (None, 4..) => self.add_block(&overlapped::<4>(tail)),
            (None, _) => self.len += (LONGEST - 1) * tail.iter().filter(|&&byte| is_special(byte)).count(),
        }
    }

    #[inline(always)]
    fn add_block(&mut self, block: &[u8; 16]) {
        if any_special(block) {
            self.count_specials(block);
        }
    }

    /// In a function of its own, which the compiler turns into a dozen vector instructions. In the loop over blocks it would
    /// weave several blocks together, which is slower for texts of a few blocks.
    #[inline(never)]
    fn count_specials(&mut self, block: &[u8; 16]) {
        if self.blocks == u8::MAX {
            self.fold();
        }
        self.blocks += 1;
        for (lane, &byte) in self.lanes.iter_mut().zip(block) {
            *lane = lane.wrapping_add(u8::from(is_special(byte)));
        }
    }

    #[cold]
    fn fold(&mut self) {
        self.len += (LONGEST - 1) * self.specials();
        self.lanes = [0; 16];
        self.blocks = 0;
    }

    fn specials(&self) -> usize {
        usize::from(self.lanes.iter().map(|&lane| u16::from(lane)).sum::<u16>())
    }

    fn total(&self) -> usize {
        self.len + (LONGEST - 1) * self.specials()
    }

    /// Digits and sign, in two steps: most metrics are small counts.
    #[inline]
    fn add_integer(&mut self, value: i64) {
        self.len += if (-999..=9_999).contains(&value) { 4 } else { INTEGER_LEN };
    }

    fn add_map(&mut self, map: &Map) {
        for (key, value) in map.iter() {
            self.len += 4;
            self.add_text(key);
            self.add_value(value);
        }
    }

    fn add_value(&mut self, value: &Value) {
        match value {
            Value::Null | Value::Bool(true) => self.len += 4,
            Value::Bool(false) => self.len += 5,
            Value::I64(value) => self.add_integer(*value),
            Value::U64(_) => self.len += INTEGER_LEN,
            Value::F64(_) => self.len += FLOAT_LEN,
            Value::Timestamp(_) => self.len += MAX_TEXT_LEN + 2,
            Value::Duration(value) => self.add_integer(value.0),
            Value::String(value) => {
                self.len += 2;
                self.add_text(value);
            }
            Value::List(values) => {
                self.len += 2 + values.len();
                values.iter().for_each(|value| self.add_value(value));
            }
            Value::Map(map) => {
                self.len += 2;
                self.add_map(map);
            }
        }
    }
}

/// The first and the last `HALF` bytes of a text that has as many, and blanks.
#[inline]
fn overlapped<const HALF: usize>(text: &[u8]) -> [u8; 16] {
    let mut block = [b' '; 16];
    block[..HALF].copy_from_slice(&text[..HALF]);
    block[HALF..2 * HALF].copy_from_slice(&text[text.len() - HALF..]);
    block
}

#[cfg(test)]
mod tests {
    use super::Tally;
    use proptest::prelude::{ProptestConfig, any, proptest};

    #[track_caller]
    fn check(text: &str) {
        let mut tally = Tally::default();
        tally.add_text(text);
        let (len, bound) = (serde_json::to_string(text).unwrap().len() - 2, tally.total());
        assert!(bound >= len, "{bound} is no bound on {len}");
        if len == text.len() {
            assert_eq!(bound, len, "exact without escapes");
        }
    }

    #[test]
    fn lanes_do_not_overflow() {
        check(&"\u{1}".repeat(255 * 16 - 1));
        check(&"\u{1}".repeat(256 * 16));
        check(&"\"".repeat(3 * 255 * 16 + 5));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2000))]
        #[test]
        fn it_is_a_bound_and_exact_without_escapes(text in any::<String>(), controls in "[\\x00-\\x22\\\\a]{0,40}", clean in "[a-zé]{0,50}") {
            check(&text);
            check(&controls);
            check(&clean);
            check(&(controls + &clean));
        }
    }
}

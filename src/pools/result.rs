//! The pool of result records: [`Record`] as an object that can be emptied.
//!
//! It does not keep the texts inside the lists and the map: an emptied list owns none.

use super::object::{ObjectPool, Reset};
use crate::serialization::{Map, Nanos, Record, Timestamp};

/// Screenshots for which a fresh record has room (vasic-digital/Panoptic, `docs/PERFORMANCE.md`, "Result pool").
pub const SCREENSHOTS: usize = 10;

/// Videos for which a fresh record has room (same source).
pub const VIDEOS: usize = 2;

/// Room in a list, and entries of the map, above which a record is not kept. The source has no limit; this is five times
/// the screenshots of its larger fixture.
pub const MAX_ENTRIES: usize = 256;

/// Bytes of a text above which a record is not kept.
pub const MAX_TEXT: usize = 4096;

impl Reset for Record {
    fn reset(&mut self) {
        // Taken apart, so that a new field that is not reset here does not compile.
        let Self { app_name, app_type, start_time, end_time, duration, metrics, screenshots, videos, success, error } =
            self;
        app_name.clear();
        app_type.clear();
        *start_time = Timestamp::UNIX_EPOCH;
        *end_time = Timestamp::UNIX_EPOCH;
        *duration = Nanos(0);
        metrics.clear();
        if *metrics != Map::default() {
            // A borrower exchanged the map for one with another order of keys.
            *metrics = Map::default();
        }
        screenshots.clear();
        videos.clear();
        *success = false;
        error.clear();
    }

    fn is_worth_keeping(&self) -> bool {
        let lists = [self.screenshots.capacity(), self.videos.capacity(), self.metrics.len()];
        let texts = [self.app_name.capacity(), self.app_type.capacity(), self.error.capacity()];
        lists.iter().all(|room| *room <= MAX_ENTRIES) && texts.iter().all(|room| *room <= MAX_TEXT)
    }
}

/// A pool of empty records with room for [`SCREENSHOTS`] and [`VIDEOS`]; `max_retained` as for [`ObjectPool::new`].
pub fn result_pool(max_retained: usize) -> ObjectPool<Record> {
    ObjectPool::new(max_retained, || Record {
        screenshots: Vec::with_capacity(SCREENSHOTS),
        videos: Vec::with_capacity(VIDEOS),
        ..Record::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::serialization::KeyOrder;
    use proptest::prelude::*;

    fn fill(record: &mut Record, texts: &[String], order: KeyOrder, number: i64) {
        record.metrics = Map::new(order);
        for text in texts {
            record.app_name.push_str(text);
            record.app_type.push_str(text);
            record.error.push_str(text);
            record.metrics.insert(text.clone(), number);
            record.screenshots.push(text.clone());
            record.videos.push(text.clone());
        }
        record.start_time = Timestamp::from_unix(1_762_855_200, 1).unwrap();
        record.end_time = Timestamp::from_unix(1_762_855_201, 0).unwrap();
        record.duration = Nanos(number);
        record.success = true;
    }

    proptest! {
        #[test]
        fn whatever_a_borrower_left_the_next_one_gets_an_empty_record_with_room(
            texts in prop::collection::vec(".{0,40}", 0..40),
            is_sorted in any::<bool>(),
            number in any::<i64>(),
        ) {
            let pool = result_pool(4);
            let order = if is_sorted { KeyOrder::Sorted } else { KeyOrder::Insertion };
            for _ in 0..2 {
                let mut record = pool.get();
                prop_assert_eq!(&*record, &Record::default());
                prop_assert!(record.screenshots.capacity() >= SCREENSHOTS && record.videos.capacity() >= VIDEOS);
                fill(&mut record, &texts, order, number);
            }
            prop_assert_eq!(pool.counts().misses, 1);
        }
    }

    #[test]
    fn records_that_grew_too_large_are_not_kept() {
        let pool = result_pool(4);
        pool.get().screenshots.reserve(MAX_ENTRIES + 1);
        pool.get().error.reserve(MAX_TEXT + 1);
        let mut record = pool.get();
        for key in 0..=MAX_ENTRIES {
            record.metrics.insert(key.to_string(), 0_i64);
        }
        drop(record);
        assert_eq!((pool.counts().rejected, pool.counts().returned), (3, 0));
    }
}

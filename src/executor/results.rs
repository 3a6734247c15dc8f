//! What runs resulted in, until it is cleared.
//!
//! A list of results is where an executor that never ends leaks: one record a run, for ever. [`Results::clear`] gives all of
//! it back, the list's own memory included; keeping the list's capacity would keep the worst hour's for ever.

use super::success_rate::percent;
use crate::serialization::{Map, Record, Value};

/// Results in the order in which they came, and how many of them succeeded.
///
/// ```
/// use perfblocks::executor::Results;
/// use perfblocks::serialization::Record;
/// let mut results = Results::with_capacity(2);
/// results.push(Record { success: true, ..Record::default() });
/// results.push(Record { error: "timeout".into(), ..Record::default() });
/// assert_eq!((results.len(), results.success_percent()), (2, 50.0));
/// results.clear();
/// assert_eq!((results.len(), results.memory_usage()), (0, 0));
/// ```
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Results {
    records: Vec<Record>,
    passed: u64,
}

impl Results {
    /// No results. It allocates nothing.
    pub const fn new() -> Results {
        Results { records: Vec::new(), passed: 0 }
    }

    /// No results, and room for `capacity` of them in one allocation.
    pub fn with_capacity(capacity: usize) -> Results {
        Results { records: Vec::with_capacity(capacity), passed: 0 }
    }

    /// Adds a result.
    #[inline]
    pub fn push(&mut self, result: Record) {
        self.passed += u64::from(result.success);
        self.records.push(result);
    }

    /// The results, oldest first.
    pub fn as_slice(&self) -> &[Record] {
        &self.records
    }

    /// Number of results.
    pub const fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether there is none.
    pub const fn is_empty(&self) -> bool {
        self.records.is_empty()
    }

    /// Number of results that succeeded.
    pub const fn passed(&self) -> u64 {
        self.passed
    }

    /// The share of results that succeeded, in percent; 0 where there are none. It reads a counter, whatever their number.
    pub fn success_percent(&self) -> f64 {
        percent(self.passed, self.records.len() as u64)
    }

    /// Frees every result and the list itself.
    pub fn clear(&mut self) {
        *self = Results::new();
    }

    /// Heap memory in bytes: the list by its capacity, texts and maps by what they hold.
    pub fn memory_usage(&self) -> usize {
        self.records.capacity() * size_of::<Record>() + self.records.iter().map(record_bytes).sum::<usize>()
    }
}

fn record_bytes(record: &Record) -> usize {
    let paths = |paths: &[String]| paths.iter().map(|path| size_of::<String>() + path.len()).sum::<usize>();
    let texts = record.app_name.len() + record.app_type.len() + record.error.len();
    texts + paths(&record.screenshots) + paths(&record.videos) + map_bytes(&record.metrics)
}

fn map_bytes(map: &Map) -> usize {
    map.iter().map(|(key, value)| size_of::<(String, Value)>() + key.len() + value_bytes(value)).sum()
}

fn value_bytes(value: &Value) -> usize {
    match value {
        Value::String(text) => text.len(),
        Value::List(values) => values.iter().map(|value| size_of::<Value>() + value_bytes(value)).sum(),
        Value::Map(map) => map_bytes(map),
        Value::Null
        | Value::Bool(_)
        | Value::I64(_)
        | Value::U64(_)
        | Value::F64(_)
        | Value::Timestamp(_)
        | Value::Duration(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::Results;
    use crate::serialization::{KeyOrder, Map, Record, Value};

    fn payload(bytes: usize) -> Record {
        let mut metrics = Map::new(KeyOrder::Insertion);
        metrics.insert("payload", vec![Value::from("x".repeat(bytes))]);
        Record { metrics, screenshots: vec!["shot.png".into()], ..Record::default() }
    }

    #[track_caller]
    fn check(results: &Results, len: usize, at_least: usize) {
        assert_eq!(results.len(), len);
        let used = results.memory_usage();
        assert!((at_least..=2 * at_least + 2048).contains(&used), "{used} bytes, expected about {at_least}");
    }

    #[test]
    fn memory_follows_what_is_held_and_is_given_back() {
        let mut results = Results::new();
        assert_eq!(results.memory_usage(), 0);
        for round in 1..=3 {
            results.push(payload(1024 * round));
            check(&results, 1, 1024 * round);
            results.push(payload(0));
            results.push(payload(0));
            check(&results, 3, 1024 * round);
            results.clear();
            assert_eq!(results, Results::new());
            assert_eq!(results.memory_usage(), 0);
        }
    }
}

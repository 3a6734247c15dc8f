//! The lines that a program reads: one JSON object a case, version first.
//!
//! The first key, `benchgate_heap`, is how a reader recognises this harness; its value is the version of the format.

use crate::measure::Pass;
use crate::{Id, Throughput, place};
use serde::Serialize;
use std::collections::BTreeMap;

/// Version of the format.
pub(crate) const VERSION: u32 = 1;

/// A case, not measured.
#[derive(Serialize)]
pub(crate) struct Listing<'a> {
    benchgate_heap: u32,
    id: &'a Id,
    throughput: Option<Throughput>,
}

/// A case that panicked or could not be counted.
#[derive(Serialize)]
pub(crate) struct Failure<'a> {
    benchgate_heap: u32,
    id: &'a Id,
    error: &'a str,
}

/// A case whose sites were written.
#[derive(Serialize)]
pub(crate) struct Sited<'a> {
    benchgate_heap: u32,
    id: &'a Id,
    /// Iterations over which the sites are summed up.
    iterations: u32,
    /// Where the executable is loaded: addresses of sites less this are places in it. On Linux.
    loaded_at: Option<u64>,
}

/// A bench without a case.
#[derive(Serialize)]
pub(crate) struct Empty {
    benchgate_heap: u32,
    cases: u32,
}

/// A measured case.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Measured<'a> {
    benchgate_heap: u32,
    pub(crate) id: &'a Id,
    pub(crate) iterations: u32,
    /// Blocks an iteration.
    pub(crate) allocations: f64,
    /// Bytes an iteration.
    pub(crate) bytes: f64,
    /// Peak growth within one iteration, in bytes.
    pub(crate) peak_bytes: u64,
    /// Growth of the live bytes over both regions.
    pub(crate) live_bytes: i64,
    /// Growth of the live bytes an iteration.
    pub(crate) live_slope: f64,
    pub(crate) threads_before: Option<u64>,
    pub(crate) threads_after: Option<u64>,
    /// Whether allocations, bytes and slope are whole numbers an iteration.
    pub(crate) exact: bool,
    /// Whether both passes agree in everything.
    pub(crate) repeatable: bool,
    pub(crate) counters: BTreeMap<String, u64>,
}

impl<'a> Listing<'a> {
    pub(crate) fn new(id: &'a Id, throughput: Option<Throughput>) -> Self {
        Self { benchgate_heap: VERSION, id, throughput }
    }
}

impl<'a> Failure<'a> {
    pub(crate) fn new(id: &'a Id, error: &'a str) -> Self {
        Self { benchgate_heap: VERSION, id, error }
    }
}

impl<'a> Sited<'a> {
    pub(crate) fn new(id: &'a Id, iterations: u32) -> Self {
        Self { benchgate_heap: VERSION, id, iterations, loaded_at: place::loaded_at() }
    }
}

impl Empty {
    pub(crate) fn new() -> Self {
        Self { benchgate_heap: VERSION, cases: 0 }
    }
}

impl<'a> Measured<'a> {
    /// The second pass, whose process-wide caches are warm; the first one only votes on whether it repeats.
    pub(crate) fn new(id: &'a Id, iterations: u32, first: &Pass, second: Pass) -> Self {
        let each = |total: f64| total / f64::from(iterations);
        let whole = |total: i128| total % i128::from(iterations) == 0;
        Self {
            benchgate_heap: VERSION,
            id,
            iterations,
            allocations: each(second.allocations as f64),
            bytes: each(second.bytes as f64),
            peak_bytes: second.peak_bytes,
            live_bytes: second.live_bytes,
            live_slope: each(second.live_growth as f64),
            threads_before: second.threads_before,
            threads_after: second.threads_after,
            exact: whole(second.allocations.into()) && whole(second.bytes.into()) && whole(second.live_growth.into()),
            repeatable: *first == second,
            counters: second.counters,
        }
    }
}

/// The text of a line, without the line break. Strings cannot break it: JSON escapes control characters.
pub(crate) fn text(line: &impl Serialize) -> String {
    serde_json::to_string(line).expect("lines have string keys and no fallible fields")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn pass(allocations: u64, bytes: u64, live_growth: i64) -> Pass {
        Pass {
            allocations,
            bytes,
            peak_bytes: 1040,
            live_bytes: 0,
            live_growth,
            threads_before: Some(1),
            threads_after: None,
            counters: BTreeMap::from([("rejected".to_owned(), 3)]),
        }
    }

    #[test]
    fn lines_are_written_as_documented() {
        let id = Id::new("pools/slice", "get_put", "tcp256");
        assert_eq!(
            text(&Listing::new(&id, None)),
            r#"{"benchgate_heap":1,"id":{"group":"pools/slice","function":"get_put","value":"tcp256"},"throughput":null}"#
        );
        assert_eq!(
            text(&Listing::new(&Id::alone("x"), Some(Throughput::Bytes(7)))),
            r#"{"benchgate_heap":1,"id":{"group":"x","function":null,"value":null},"throughput":{"bytes":7}}"#
        );
        assert_eq!(text(&Empty::new()), r#"{"benchgate_heap":1,"cases":0}"#);
        assert_eq!(
            text(&Failure::new(&Id::function("g", "f"), "a \"b\"\n")),
            r#"{"benchgate_heap":1,"id":{"group":"g","function":"f","value":null},"error":"a \"b\"\n"}"#
        );
        assert_eq!(
            text(&Measured::new(&id, 64, &pass(64, 66_560, 0), pass(64, 66_560, 0))),
            concat!(
                r#"{"benchgate_heap":1,"id":{"group":"pools/slice","function":"get_put","value":"tcp256"},"#,
                r#""iterations":64,"allocations":1.0,"bytes":1040.0,"peak_bytes":1040,"live_bytes":0,"live_slope":0.0,"#,
                r#""threads_before":1,"threads_after":null,"exact":true,"repeatable":true,"counters":{"rejected":3}}"#
            )
        );
    }

    #[test]
    fn a_fraction_is_not_exact_and_passes_that_differ_are_not_repeatable() {
        let id = Id::alone("x");
        let line = Measured::new(&id, 64, &pass(64, 640, 0), pass(65, 640, -32));
        assert_eq!((line.exact, line.repeatable, line.allocations, line.live_slope), (false, false, 65.0 / 64.0, -0.5));
    }

    proptest! {
        #[test]
        fn any_id_is_one_line_and_reads_back(group in any::<String>(), function in any::<String>(), value in any::<String>(), error in any::<String>()) {
            let id = Id::new(group.clone(), function.clone(), value.clone());
            let line = text(&Failure::new(&id, &error));
            let is_one_line = !line.contains('\n') && line.starts_with(r#"{"benchgate_heap":1,"#);
            prop_assert!(is_one_line);
            let read: serde_json::Value = serde_json::from_str(&line).unwrap();
            prop_assert_eq!(&read["id"], &serde_json::json!({ "group": group, "function": function, "value": value }));
            prop_assert_eq!(read["error"].as_str(), Some(error.as_str()));
        }

        #[test]
        fn counts_read_back(allocations in 0_u64..1 << 34, bytes in 0_u64..1 << 34, growth in -(1_i64 << 34)..1 << 34) {
            let id = Id::alone("x");
            let line = text(&Measured::new(&id, 64, &pass(0, 0, 0), pass(allocations, bytes, growth)));
            let read: serde_json::Value = serde_json::from_str(&line).unwrap();
            prop_assert_eq!(read["allocations"].as_f64().map(|each| each * 64.0), Some(allocations as f64));
            prop_assert_eq!(read["bytes"].as_f64().map(|each| each * 64.0), Some(bytes as f64));
            prop_assert_eq!(read["live_slope"].as_f64().map(|each| each * 64.0), Some(growth as f64));
        }
    }
}

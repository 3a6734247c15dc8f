//! Every writer gives the same bytes for the same record, and those bytes read back as that record.

use crate::records;
use perfblocks::serialization::{
    KeyOrder, Map, Nanos, Record, Timestamp, Value, action, capacity_bound, direct, dynamic, generic, pooled, stream,
};
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof, proptest};

#[track_caller]
fn check(record: &Record) {
    let expected = generic::to_vec(record).unwrap();
    let text = String::from_utf8(expected.clone()).unwrap();
    assert_eq!(String::from_utf8(direct::to_vec(record)).unwrap(), text, "direct");
    assert_eq!(String::from_utf8(pooled::to_vec(record)).unwrap(), text, "pooled");
    assert_eq!(String::from_utf8(dynamic::to_vec(record).unwrap()).unwrap(), text, "dynamic");
    let array = direct::array_to_vec(&[record.clone(), record.clone(), record.clone()]);
    assert_eq!(String::from_utf8(array).unwrap(), format!("[{text},{text},{text}]"), "array");
    let mut array = Vec::new();
    stream::write_all([record, record], &mut array).unwrap();
    assert_eq!(String::from_utf8(array).unwrap(), format!("[{text},{text}]"), "stream");

    let mut pretty = Vec::new();
    direct::append_pretty(record, &mut pretty);
    let expected_pretty = String::from_utf8(generic::to_vec_pretty(record).unwrap()).unwrap();
    assert_eq!(String::from_utf8(pretty).unwrap(), expected_pretty, "pretty");

    assert!(capacity_bound(record) >= expected.len());
    check_answer(&record.metrics);
    exact_capacity_is_enough(record, &expected);
    reads_back(record, &expected);
}

#[track_caller]
fn exact_capacity_is_enough(record: &Record, expected: &[u8]) {
    let mut buffer = Vec::with_capacity(expected.len() + 1);
    let (capacity, start) = (buffer.capacity(), buffer.as_ptr());
    buffer.push(b' ');
    direct::append(record, &mut buffer);
    assert_eq!(&buffer[1..], expected, "reuse");
    assert_eq!((buffer.capacity(), buffer.as_ptr()), (capacity, start), "the buffer was allocated anew");
}

/// A bare map of values: the same rules, and allocated once.
#[track_caller]
fn check_answer(answer: &Map) {
    let expected = serde_json::to_string(answer).unwrap();
    let text = action::to_vec(answer);
    assert!(text.len() <= action::bound(answer));
    assert!([text.len(), action::bound(answer)].contains(&text.capacity()), "allocated more than once");
    assert_eq!(String::from_utf8(text).unwrap(), expected);
    let pretty = serde_json::to_string_pretty(answer).unwrap();
    assert_eq!(String::from_utf8(action::to_vec_pretty(answer)).unwrap(), pretty);
}

/// Against serde_json's parser, which shares no code with the writers.
#[track_caller]
fn reads_back(record: &Record, text: &[u8]) {
    let parsed: serde_json::Value = serde_json::from_slice(text).unwrap();
    let object = parsed.as_object().unwrap();
    assert_eq!(object.len(), if record.error.is_empty() { 9 } else { 10 });
    assert_eq!(object["app_name"], record.app_name.as_str());
    assert_eq!(object["app_type"], record.app_type.as_str());
    assert_eq!(object["start_time"], record.start_time.to_string());
    assert_eq!(object["end_time"], record.end_time.to_string());
    assert_eq!(object["duration"], record.duration.0);
    map_reads_back(&record.metrics, &object["metrics"]);
    assert_eq!(object["screenshots"], serde_json::json!(record.screenshots));
    assert_eq!(object["videos"], serde_json::json!(record.videos));
    assert_eq!(object["success"], record.success);
    assert_eq!(object.get("error").map_or("", |error| error.as_str().unwrap()), record.error);
}

#[track_caller]
fn map_reads_back(map: &Map, parsed: &serde_json::Value) {
    let parsed = parsed.as_object().unwrap();
    assert_eq!(parsed.len(), map.len());
    for (key, value) in map.iter() {
        value_reads_back(value, &parsed[key]);
    }
}

#[track_caller]
fn value_reads_back(value: &Value, parsed: &serde_json::Value) {
    match value {
        Value::Null => assert!(parsed.is_null()),
        Value::Bool(value) => assert_eq!(parsed, value),
        Value::I64(value) | Value::Duration(Nanos(value)) => assert_eq!(parsed.as_i64(), Some(*value)),
        Value::U64(value) => assert_eq!(parsed.as_u64(), Some(*value)),
        Value::F64(value) if !value.is_finite() => assert!(parsed.is_null()),
        // serde_json's parser may miss the last bits; that the text is exact is tested with the scalars.
        Value::F64(value) => {
            let read = parsed.as_f64().unwrap();
            assert!(
                (read - value).abs() <= (4.0 * value.abs() * f64::EPSILON).max(f64::from_bits(1)),
                "{value:e} read back as {read:e}"
            );
        }
        Value::String(value) => assert_eq!(parsed, value.as_str()),
        Value::Timestamp(value) => assert_eq!(*parsed, value.to_string()),
        Value::List(values) => {
            let parsed = parsed.as_array().unwrap();
            assert_eq!(parsed.len(), values.len());
            values.iter().zip(parsed).for_each(|(value, parsed)| value_reads_back(value, parsed));
        }
        Value::Map(map) => map_reads_back(map, parsed),
    }
}

#[test]
fn the_fixtures_agree() {
    check(&records::small());
    check(&records::large());
    check(&records::complex());
    check(&records::escapes());
    check(&records::unicode());
    check(&Record::default());
}

#[test]
fn the_fixtures_have_their_sizes_and_the_bound_is_tight() {
    let check = |record: Record, len: usize| {
        let text = direct::to_vec(&record);
        assert_eq!(text.len(), len);
        assert_eq!(text.capacity(), len, "a text of some kilobytes is allocated when its length is known");
        assert!((len..=len * 5 / 4).contains(&capacity_bound(&record)), "{} for {len}", capacity_bound(&record));
    };
    check(records::small(), 296);
    check(records::large(), 3731);
    // Longer than any stage: allocated by the bound.
    let error = "\"\u{1}text".repeat(2000);
    let long = Record { error, ..records::small() };
    let text = direct::to_vec(&long);
    assert_eq!(text.capacity(), capacity_bound(&long));
    assert!(text.len() <= text.capacity());
}

/// Pieces are put together in a kilobyte and handed over when it is full: here at every place of the text.
#[test]
fn a_full_stage_cuts_nothing_wherever_it_is_full() {
    for padding in 0..1100 {
        let record = Record { app_name: "x".repeat(padding), ..records::complex() };
        assert_eq!(direct::to_vec(&record), generic::to_vec(&record).unwrap(), "{padding}");
        let mut pretty = Vec::new();
        direct::append_pretty(&record, &mut pretty);
        assert_eq!(pretty, generic::to_vec_pretty(&record).unwrap(), "{padding}");
    }
}

#[test]
fn absent_lists_and_maps_are_empty_and_an_empty_error_is_left_out() {
    let text = String::from_utf8(direct::to_vec(&Record::default())).unwrap();
    assert_eq!(
        text,
        "{\"app_name\":\"\",\"app_type\":\"\",\"start_time\":\"1970-01-01T00:00:00Z\",\"end_time\":\"1970-01-01T00:00:00Z\",\
         \"duration\":0,\"metrics\":{},\"screenshots\":[],\"videos\":[],\"success\":false}"
    );
}

#[test]
fn a_buffer_that_grew_is_given_back_and_does_not_change_what_follows() {
    let rejected = pooled::counts().rejected;
    let huge = Record { error: "\u{1}x".repeat(100_000), ..records::small() };
    for record in [records::small(), huge, records::small()] {
        assert_eq!(pooled::to_vec(&record), generic::to_vec(&record).unwrap());
    }
    assert!(pooled::counts().rejected > rejected);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn any_record_agrees(record in any_record()) {
        check(&record);
    }
}

fn any_record() -> impl Strategy<Value = Record> {
    let words = (text(), text(), text());
    let times = (stamp(), stamp(), any::<i64>());
    let lists = (proptest::collection::vec(text(), 0..6), proptest::collection::vec(text(), 0..3));
    (words, times, any_map(3), lists, any::<bool>()).prop_map(|(words, times, metrics, lists, success)| Record {
        app_name: words.0,
        app_type: words.1,
        start_time: times.0,
        end_time: times.1,
        duration: Nanos(times.2),
        metrics,
        screenshots: lists.0,
        videos: lists.1,
        success,
        error: words.2,
    })
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![any::<String>(), "[a-z/_.]{0,40}", "[\\x00-\\x23\\\\]{0,12}", Just(String::new())]
}

fn stamp() -> impl Strategy<Value = Timestamp> {
    (-62_000_000_000_i64..253_402_300_799, prop_oneof![Just(0), Just(120_000_000), 0..1_000_000_000_u32])
        .prop_map(|(seconds, nanos)| Timestamp::from_unix(seconds, nanos).unwrap())
}

fn any_map(depth: u32) -> impl Strategy<Value = Map> {
    (any::<bool>(), proptest::collection::vec((text(), any_value(depth)), 0..5)).prop_map(|(sorted, entries)| {
        let mut map = Map::new(if sorted { KeyOrder::Sorted } else { KeyOrder::Insertion });
        for (key, value) in entries {
            map.insert(key, value);
        }
        map
    })
}

fn any_value(depth: u32) -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::I64),
        (-20_000_i64..20_000).prop_map(Value::I64),
        any::<u64>().prop_map(Value::U64),
        any::<f64>().prop_map(Value::F64),
        (-1000_i32..1000).prop_map(|value| Value::F64(f64::from(value) / 8.0)),
        text().prop_map(Value::String),
        stamp().prop_map(Value::Timestamp),
        any::<i64>().prop_map(|value| Value::Duration(Nanos(value))),
    ];
    leaf.prop_recursive(depth, 24, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::List),
            proptest::collection::vec((text(), inner), 0..5).prop_map(|entries| {
                let mut map = Map::default();
                for (key, value) in entries {
                    map.insert(key, value);
                }
                Value::Map(map)
            }),
        ]
    })
}

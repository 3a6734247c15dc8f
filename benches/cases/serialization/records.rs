//! The records that are written: small, large and complex, as the Panoptic testing framework's own benchmarks shape them, and
//! two whose strings are of one kind.

use perfblocks::serialization::{KeyOrder, Map, Nanos, Record, Timestamp, Value};

/// Two screenshots, one video, three metrics, one second: 296 bytes of JSON.
pub(crate) fn small() -> Record {
    let mut metrics = Map::new(KeyOrder::Insertion);
    metrics.insert("requests", 100_i64);
    metrics.insert("errors", 2_i64);
    metrics.insert("duration", 1.5);
    Record {
        app_name: "Test App".into(),
        app_type: "web".into(),
        start_time: stamp(1_762_855_200, 123_456_789),
        end_time: stamp(1_762_855_201, 123_456_789),
        duration: Nanos(1_000_000_000),
        metrics,
        screenshots: vec!["screenshot1.png".into(), "screenshot2.png".into()],
        videos: vec!["video1.mp4".into()],
        success: true,
        error: String::new(),
    }
}

/// A long name, 50 screenshots, 10 videos, 20 string metrics, five minutes, a long error: 3731 bytes of JSON. Each list's
/// index stands in its string as the code point of that number, so that most strings hold a control character, and one a
/// quote: the escapes are part of the work.
pub(crate) fn large() -> Record {
    let numbered = |prefix: &str, index: u32, suffix: &str| {
        let index = char::from_u32(index).expect("small numbers are code points");
        format!("{prefix}{index}{suffix}")
    };
    let mut metrics = Map::new(KeyOrder::Insertion);
    for index in 0..20 {
        metrics.insert(numbered("metric_", index, ""), numbered("value_with_rather_longer_content_", index, ""));
    }
    Record {
        app_name: "Large Test Application with Very Long Name for UI Performance Testing".into(),
        app_type: "web".into(),
        start_time: stamp(1_762_855_200, 123_456_789),
        end_time: stamp(1_762_855_500, 987_654_321),
        duration: Nanos(300_000_000_000),
        metrics,
        screenshots: (0..50).map(|index| numbered("/path/to/large/screenshot_", index, ".png")).collect(),
        videos: (0..10).map(|index| numbered("/path/to/video_recording_", index, ".mp4")).collect(),
        success: false,
        error: "This is a comprehensive error message that describes in detail what went wrong during the run of this test: timed out".into(),
    }
}

/// A nested map, a mixed list, text beyond ASCII, escapes, and every kind of value, numbers at the ends of their ranges too.
pub(crate) fn complex() -> Record {
    let mut inner = Map::new(KeyOrder::Sorted);
    inner.insert("zulu", "last");
    inner.insert("alpha", Value::List(Vec::new()));
    inner.insert("empty", Map::default());
    inner.insert("flag", false);
    let mut click = Map::default();
    click.insert("selector", "button[data-id=\"42\"]");
    click.insert("at", stamp(1_762_855_200, 500_000_000));
    let mixed = vec![
        Value::Null,
        Value::Bool(true),
        Value::I64(i64::MIN),
        Value::U64(u64::MAX),
        Value::F64(0.1),
        Value::F64(f64::NAN),
        Value::from("line\nbreak\ttab \u{1}\u{8}\u{c}\r"),
        Value::Map(inner),
    ];
    let mut metrics = Map::default();
    metrics.insert("mixed", mixed);
    metrics.insert("click_actions", vec![Value::Map(click)]);
    metrics.insert("latency", Nanos(1_234_567));
    metrics.insert("größe", 6.022_140_76e23);
    metrics.insert("path", "C:\\temp\\\"quoted\"");
    Record {
        app_name: "Prüfung 測試 🦀".into(),
        app_type: "desktop".into(),
        start_time: stamp(1_762_855_200, 120_000_000),
        end_time: stamp(1_762_905_600, 0),
        duration: Nanos(-1),
        metrics,
        screenshots: vec!["übersicht.png".into(), "画面.png".into()],
        videos: Vec::new(),
        success: false,
        error: "assertion `left == right` failed\n  left: \"a\"\n right: \"b\"\u{2028}".into(),
    }
}

/// A small record with 20 more paths, a third of whose characters are quotes, backslashes and controls.
pub(crate) fn escapes() -> Record {
    let path = |index| format!("C:\\dir\\{index}\\\"quoted\"\n\tline \u{1}\u{2}\u{1f} end\\");
    Record { screenshots: (0..20).map(path).collect(), ..small() }
}

/// A small record with 20 more paths, and a name and keys, that have hardly an ASCII character.
pub(crate) fn unicode() -> Record {
    let mut metrics = Map::new(KeyOrder::Insertion);
    metrics.insert("größe", "überprüft");
    metrics.insert("数量", "数百");
    metrics.insert("ошибки", "две");
    Record {
        app_name: "画面の検査".into(),
        app_type: "веб".into(),
        metrics,
        screenshots: (0..20).map(|index| format!("画面の検査結果–Prüfung№{index}測試🦀завершено")).collect(),
        videos: vec!["фильм.mp4".into()],
        ..small()
    }
}

fn stamp(seconds: i64, nanos: u32) -> Timestamp {
    Timestamp::from_unix(seconds, nanos).expect("the fixtures lie in this century")
}

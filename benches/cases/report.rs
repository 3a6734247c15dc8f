//! Cases of `executor/report`: results as HTML, the short page in four ways and the full one.

use super::case::{Case, Throughput};
use super::harness::Harness;
use perfblocks::executor::report::{Report, count};
use perfblocks::serialization::{KeyOrder, Map, Nanos, Record, Timestamp};
use std::io::Write;
use std::path::PathBuf;
use tempfile::TempDir;

/// Hands over the cases of this component.
pub(crate) fn cases(harness: &mut impl Harness) {
    for total in [0, 100, 1000] {
        counted(harness, "format", total, |report, sink| write(count::format(report).as_bytes(), sink));
        counted(harness, "builder", total, |report, sink| write(count::builder(report).as_bytes(), sink));
        counted(harness, "template", total, |report, sink| write(count::template(report).as_bytes(), sink));
        counted(harness, "stream", total, |report, sink| {
            count::stream(report, sink).expect("memory takes everything");
        });
    }
    for total in [10, 100, 1000] {
        full(harness, total);
    }
    file(harness, 100);
}

fn write(page: &[u8], sink: &mut Vec<u8>) {
    sink.write_all(page).expect("memory takes everything");
}

/// The short page into a sink in memory that is kept, so that each way ends with the same bytes in the same place.
fn counted(
    harness: &mut impl Harness,
    way: &str,
    total: usize,
    write: impl Fn(&Report<'_>, &mut Vec<u8>) + Copy + 'static,
) {
    let build = move || (records(total), Vec::with_capacity(1024));
    let id = format!("executor/report/{way}/{total}");
    let case = Case::new(&id, build, move |(records, sink): &mut (Vec<Record>, Vec<u8>)| {
        sink.clear();
        write(&Report { generated: stamp(), records }, sink);
        sink.len()
    })
    .check(move |(records, sink), len| {
        let text = std::str::from_utf8(sink).expect("the page is UTF-8");
        assert_eq!(text, count::format(&Report { generated: stamp(), records }));
        let body = format!("<p>Generated: 2025-11-11T10:00:00.5Z</p>\n<p>Total tests: {total}</p>\n</body>\n</html>\n");
        assert!(text.ends_with(&body) && *len == text.len());
    });
    harness.case(case);
}

/// The full page in a buffer of its own; its release is part of the time.
fn full(harness: &mut impl Harness, total: usize) {
    let len = Report { generated: stamp(), records: &records(total) }.full_len();
    let id = format!("executor/report/full/{total}");
    let case = Case::new(&id, move || records(total), |records| Report { generated: stamp(), records }.to_vec())
        .check(move |records, page| check_full(records, page))
        .throughput(Throughput::Bytes(len as u64));
    harness.case(case);
}

fn check_full(records: &[Record], page: &[u8]) {
    let text = std::str::from_utf8(page).expect("the page is UTF-8");
    assert_eq!(text.matches("<article").count(), records.len());
    assert_eq!(
        text.matches("expected &lt;ok&gt; &amp; &#34;done&#34;, it&#39;s &lt;none&gt;").count(),
        records.len() / 2
    );
    assert!(!text.contains("<ok>") && text.ends_with("</html>\n"));
}

/// The full page to a file, written whole beside it and renamed.
fn file(harness: &mut impl Harness, total: usize) {
    struct State {
        _directory: TempDir,
        path: PathBuf,
        records: Vec<Record>,
    }
    let build = move || {
        let directory = tempfile::tempdir().expect("a directory to write to");
        State { path: directory.path().join("report.html"), _directory: directory, records: records(total) }
    };
    let id = format!("executor/report/write_file/{total}");
    let case = Case::new(&id, build, |state: &mut State| {
        Report { generated: stamp(), records: &state.records }.save(&state.path)
    })
    .check(|state, saved| {
        saved.as_ref().expect("the directory can be written to");
        check_full(&state.records, &std::fs::read(&state.path).expect("the page was written"));
    });
    harness.case(case);
}

/// Results as the Panoptic testing framework's own benchmarks of reports shape them. Every second one fails, here with an
/// error that has something to escape.
fn records(total: usize) -> Vec<Record> {
    let record = |index: usize| {
        let success = index.is_multiple_of(2);
        let mut metrics = Map::new(KeyOrder::Insertion);
        metrics.insert("requests", 100 + index as i64);
        metrics.insert("errors", (index % 5) as i64);
        metrics.insert("duration", index as f64 * 0.1);
        Record {
            app_name: format!("App{}", char::from(b'A' + (index % 26) as u8)),
            app_type: ["web", "desktop", "mobile"][index % 3].into(),
            start_time: stamp(),
            end_time: stamp(),
            duration: Nanos(index as i64 * 1_000_000),
            metrics,
            screenshots: vec!["screenshot1.png".into(), "screenshot2.png".into()],
            videos: vec!["video1.mp4".into()],
            success,
            error: if success { String::new() } else { "expected <ok> & \"done\", it's <none>".into() },
        }
    };
    (0..total).map(record).collect()
}

fn stamp() -> Timestamp {
    Timestamp::from_unix(1_762_855_200, 500_000_000).expect("a second of 2025")
}

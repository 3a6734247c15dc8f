//! Reports: four ways to one page, and a full page in which nothing that a result says is anything but text.

use perfblocks::executor::report::{Report, Tally, count};
use perfblocks::serialization::{Nanos, Record, Timestamp};
use proptest::prelude::{Just, ProptestConfig, Strategy, any, prop_oneof, proptest};
use std::io::{self, Write};

#[track_caller]
fn check(report: &Report<'_>) {
    let short = count::format(report);
    assert_eq!(count::builder(report), short);
    assert_eq!(count::template(report), short);
    let mut sink = Vec::new();
    count::stream(report, &mut sink).unwrap();
    assert_eq!(String::from_utf8(sink).unwrap(), short);

    let page = report.to_vec();
    assert_eq!(report.full_len(), page.len());
    assert_eq!(page.capacity(), page.len().max(8 * 1024), "allocated once, exactly");
    let mut appended = b"before".to_vec();
    report.append(&mut appended);
    assert_eq!(appended, [b"before", page.as_slice()].concat());
    let mut sink = Trickle::default();
    report.write(&mut sink).unwrap();
    assert_eq!(sink.taken, page);
    assert!(sink.largest <= longest_text(report).max(8 * 1024), "{} bytes at once", sink.largest);
    is_inert(report, std::str::from_utf8(&page).unwrap());
}

fn longest_text(report: &Report<'_>) -> usize {
    let texts = |record: &Record| {
        let paths = record.screenshots.iter().chain(&record.videos);
        paths.chain([&record.app_name, &record.app_type, &record.error]).map(String::len).max()
    };
    report.records.iter().filter_map(texts).max().unwrap_or_default()
}

/// A page with what is said taken out is the page of the same results saying nothing: no text becomes structure.
#[track_caller]
fn is_inert(report: &Report<'_>, page: &str) {
    let plain: Vec<Record> = report
        .records
        .iter()
        .map(|record| Record {
            app_name: "name".into(),
            app_type: "type".into(),
            error: if record.error.is_empty() { String::new() } else { "error".into() },
            screenshots: vec!["shot".into(); record.screenshots.len()],
            videos: vec!["video".into(); record.videos.len()],
            ..record.clone()
        })
        .collect();
    let plain = String::from_utf8(Report { records: &plain, ..*report }.to_vec()).unwrap();
    for special in ['<', '>', '"', '\''] {
        assert_eq!(page.matches(special).count(), plain.matches(special).count(), "{special}");
    }
}

/// A sink that takes a few bytes at a time, as a pipe may.
#[derive(Default)]
struct Trickle {
    taken: Vec<u8>,
    largest: usize,
}

impl Write for Trickle {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.largest = self.largest.max(bytes.len());
        let taken = bytes.len().min(1000);
        self.taken.extend_from_slice(&bytes[..taken]);
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn no_result_and_many() {
    check(&Report { generated: Timestamp::UNIX_EPOCH, records: &[] });
    let record = Record {
        app_name: "App <A> & \"B\"".into(),
        app_type: "it's".into(),
        error: "<script>alert('&')</script>".repeat(400),
        screenshots: vec!["out/a b#1?.png".into(), "\"><b>.png".into()],
        videos: vec!["/videos/'x'.mp4".into(), String::new()],
        duration: Nanos(61_000_000_000),
        ..Record::default()
    };
    let records = vec![record; 100];
    check(&Report { generated: Timestamp::UNIX_EPOCH, records: &records[..1] });
    check(&Report { generated: Timestamp::UNIX_EPOCH, records: &records });
}

#[test]
fn a_card_says_what_the_result_says() {
    let record = Record {
        app_name: "Shop & Café".into(),
        app_type: "web".into(),
        start_time: Timestamp::from_unix(1_762_855_265, 0).unwrap(),
        duration: Nanos(1_950_000_000),
        screenshots: vec!["out/home page.png".into()],
        videos: vec!["tour.mp4".into()],
        error: "1 < 2".into(),
        ..Record::default()
    };
    let ok = Record { error: String::new(), success: true, ..record.clone() };
    let page = Report { generated: Timestamp::UNIX_EPOCH, records: &[record, ok] }.to_vec();
    let page = String::from_utf8(page).unwrap();
    let (_, cards) = page.split_once("<main>\n").unwrap();
    let expected = "<article class=\"failed\">\n<h2>Shop &amp; Café</h2>\n<p>failed, web, 1.9 s, began 10:01:05</p>\n\
                    <pre>1 &lt; 2</pre>\n<h3>Screenshots</h3>\n<p>\n<a href=\"screenshots/home%20page.png\">\
                    <img src=\"screenshots/home%20page.png\" alt=\"home page.png\" loading=\"lazy\"></a>\n</p>\n\
                    <h3>Videos</h3>\n<p>\n<a href=\"videos/tour.mp4\">tour.mp4</a>\n</p>\n</article>\n\
                    <article>\n<h2>Shop &amp; Café</h2>\n<p>passed, web, 1.9 s, began 10:01:05</p>\n<h3>";
    assert!(cards.starts_with(expected), "{cards}");
    let summary = "<dt>Total</dt><dd>2</dd></div>\n<div><dt>Passed</dt><dd>1</dd></div>\n\
                   <div><dt>Failed</dt><dd>1</dd></div>\n<div><dt>Duration</dt><dd>3.9 s</dd>";
    assert!(page.contains(summary), "{page}");
}

#[test]
fn a_saved_page_replaces_the_last_whole() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("report.html");
    let records = vec![Record::default(); 50];
    for records in [&records[..], &records[..3]] {
        let report = Report { generated: Timestamp::UNIX_EPOCH, records };
        report.save(&path).unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), report.to_vec());
    }
    assert_eq!(std::fs::read_dir(root.path()).unwrap().count(), 1);
    let error = Report { generated: Timestamp::UNIX_EPOCH, records: &[] }.save(&root.path().join("no/report.html"));
    let error = error.unwrap_err();
    assert!(error.to_string().contains("no/report.html` could not be written\nhint: "), "{error}");
}

#[test]
fn a_sink_that_fails_is_reported() {
    let records = vec![Record::default(); 100];
    let report = Report { generated: Timestamp::UNIX_EPOCH, records: &records };
    for room in [0, 100, 8 * 1024, 8 * 1024 + 1] {
        let error = report.write(&mut vec![0; room].as_mut_slice()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::WriteZero);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn any_results_agree(records in proptest::collection::vec(any_record(), 0..12), seconds in 0..253_402_300_799_i64, nanos in 0..1_000_000_000_u32) {
        let report = Report { generated: Timestamp::from_unix(seconds, nanos).unwrap(), records: &records };
        check(&report);
        let Tally { passed, failed, .. } = Tally::of(&records);
        assert_eq!(passed + failed, records.len());
    }
}

fn any_record() -> impl Strategy<Value = Record> {
    let words = (text(), text(), text());
    let lists = (proptest::collection::vec(text(), 0..4), proptest::collection::vec(text(), 0..3));
    (words, lists, any::<i64>(), any::<bool>()).prop_map(|(words, lists, duration, success)| Record {
        app_name: words.0,
        app_type: words.1,
        error: words.2,
        screenshots: lists.0,
        videos: lists.1,
        duration: Nanos(duration),
        success,
        ..Record::default()
    })
}

fn text() -> impl Strategy<Value = String> {
    let long = "[a-z<&]{0,4}".prop_map(|piece| piece.repeat(3000));
    prop_oneof![4 => any::<String>(), 4 => "[a-z/<>&\"' #]{0,40}", 1 => long, 1 => Just(String::new())]
}

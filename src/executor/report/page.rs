//! The full page, piece by piece: header, summary, a card for each result, footer.

use super::escape::{each_piece, each_url_piece};
use super::tally::elapsed_ns;
use super::{Report, Tally};
use crate::serialization::{Record, TIMESTAMP_LEN, Timestamp};

const HEAD: &str = "<!DOCTYPE html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<title>Test report</title>
<style>
body{font-family:system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1c2430}
header,footer{text-align:center;color:#5b6676}
dl{display:flex;gap:2rem;justify-content:center}
dt{color:#5b6676}
dd{margin:0;font-size:1.6rem}
article{border:1px solid #d5dbe3;border-left:4px solid #2f855a;border-radius:4px;margin:1rem 0;padding:1rem}
article.failed{border-left-color:#c53030}
h2{font-size:1.1rem;margin:0}
pre{background:#fdf2f2;padding:.6rem;white-space:pre-wrap;overflow-wrap:anywhere}
img{max-width:12rem;max-height:9rem}
</style>
</head>
<body>
<header>
<h1>Test report</h1>
<p>Generated: ";
const AFTER_GENERATED: &str = "</p>\n</header>\n<dl>\n<div><dt>Total</dt><dd>";
const AFTER_TOTAL: &str = "</dd></div>\n<div><dt>Passed</dt><dd>";
const AFTER_PASSED: &str = "</dd></div>\n<div><dt>Failed</dt><dd>";
const AFTER_FAILED: &str = "</dd></div>\n<div><dt>Duration</dt><dd>";
const AFTER_DURATION: &str = "</dd></div>\n</dl>\n<main>\n";
const FOOT: &str = "</main>\n<footer>\n<p>Written by the test executor</p>\n</footer>\n</body>\n</html>\n";

/// Writes `report` by handing pieces to `put`.
///
/// # Errors
/// With the first error of `put`.
pub(super) fn write<E>(report: &Report<'_>, put: &mut impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
    let tally = Tally::of(report.records);
    put(HEAD.as_bytes())?;
    let mut stamp = [0; TIMESTAMP_LEN];
    let len = report.generated.write(&mut stamp);
    put(&stamp[..len])?;
    put(AFTER_GENERATED.as_bytes())?;
    number(report.records.len() as u64, put)?;
    put(AFTER_TOTAL.as_bytes())?;
    number(tally.passed as u64, put)?;
    put(AFTER_PASSED.as_bytes())?;
    number(tally.failed as u64, put)?;
    put(AFTER_FAILED.as_bytes())?;
    duration(tally.total_ns, put)?;
    put(AFTER_DURATION.as_bytes())?;
    for record in report.records {
        card(record, put)?;
    }
    put(FOOT.as_bytes())
}

fn card<E>(record: &Record, put: &mut impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
    let (open, status) = match record.success {
        true => ("<article>\n<h2>", "</h2>\n<p>passed, "),
        false => ("<article class=\"failed\">\n<h2>", "</h2>\n<p>failed, "),
    };
    put(open.as_bytes())?;
    each_piece(&record.app_name, put)?;
    put(status.as_bytes())?;
    each_piece(&record.app_type, put)?;
    put(b", ")?;
    duration(elapsed_ns(record), put)?;
    put(b", began ")?;
    put(&clock(record.start_time))?;
    put(b"</p>\n")?;
    if !record.error.is_empty() {
        put(b"<pre>")?;
        each_piece(&record.error, put)?;
        put(b"</pre>\n")?;
    }
    if !record.screenshots.is_empty() {
        put(b"<h3>Screenshots</h3>\n<p>\n")?;
        for path in &record.screenshots {
            screenshot(base_name(path), put)?;
        }
        put(b"</p>\n")?;
    }
    if !record.videos.is_empty() {
        put(b"<h3>Videos</h3>\n<p>\n")?;
        for path in &record.videos {
            video(base_name(path), put)?;
        }
        put(b"</p>\n")?;
    }
    put(b"</article>\n")
}

fn screenshot<E>(name: &str, put: &mut impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
    put(b"<a href=\"screenshots/")?;
    each_url_piece(name, put)?;
    put(b"\"><img src=\"screenshots/")?;
    each_url_piece(name, put)?;
    put(b"\" alt=\"")?;
    each_piece(name, put)?;
    put(b"\" loading=\"lazy\"></a>\n")
}

fn video<E>(name: &str, put: &mut impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
    put(b"<a href=\"videos/")?;
    each_url_piece(name, put)?;
    put(b"\">")?;
    each_piece(name, put)?;
    put(b"</a>\n")
}

/// What follows the last `/`: the page lies beside the directories of artifacts, wherever those were while the run wrote.
fn base_name(path: &str) -> &str {
    path.rfind('/').map_or(path, |slash| &path[slash + 1..])
}

fn number<E>(number: u64, put: &mut impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
    put(itoa::Buffer::new().format(number).as_bytes())
}

/// Milliseconds below a second, tenths of seconds below a minute, else minutes and seconds: how exactly one wants to know.
fn duration<E>(ns: u64, put: &mut impl FnMut(&[u8]) -> Result<(), E>) -> Result<(), E> {
    const MS: u64 = 1_000_000;
    let (ms, seconds) = (ns / MS, ns / MS / 1000);
    if seconds == 0 {
        number(ms, put)?;
        put(b" ms")
    } else if seconds < 60 {
        number(seconds, put)?;
        put(&[b'.', b'0' + (ms / 100 % 10) as u8])?;
        put(b" s")
    } else {
        number(seconds / 60, put)?;
        put(b" min ")?;
        number(seconds % 60, put)?;
        put(b" s")
    }
}

/// The time of day, `HH:MM:SS`, in UTC.
fn clock(stamp: Timestamp) -> [u8; 8] {
    let second = stamp.seconds().rem_euclid(86_400) as u32;
    let digit = |value: u32| b'0' + (value % 10) as u8;
    let [hour, minute, second] = [second / 3600, second / 60 % 60, second % 60];
    let mut text = *b"00:00:00";
    for (at, value) in [(0, hour), (3, minute), (6, second)] {
        text[at] = digit(value / 10);
        text[at + 1] = digit(value);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{base_name, clock, duration};
    use crate::serialization::Timestamp;
    use std::convert::Infallible;

    #[track_caller]
    fn check(ns: u64, expected: &str) {
        let mut out = Vec::new();
        let Ok(()) = duration(ns, &mut |piece| -> Result<(), Infallible> {
            out.extend_from_slice(piece);
            Ok(())
        });
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn durations_are_as_exact_as_one_wants_to_know() {
        check(0, "0 ms");
        check(999_999_999, "999 ms");
        check(1_000_000_000, "1.0 s");
        check(59_999_999_999, "59.9 s");
        check(60_000_000_000, "1 min 0 s");
        check(3_725_000_000_000, "62 min 5 s");
        check(u64::MAX, "307445734 min 33 s");
    }

    #[test]
    fn the_time_of_day_is_that_of_the_stamp() {
        for (seconds, nanos) in [(0, 0), (86_399, 999_999_999), (-1, 5), (1_762_855_200, 0), (1_762_901_999, 1)] {
            let stamp = Timestamp::from_unix(seconds, nanos).unwrap();
            assert_eq!(String::from_utf8(clock(stamp).into()).unwrap(), stamp.to_string()[11..19]);
        }
    }

    #[test]
    fn a_base_name_follows_the_last_slash() {
        for (path, expected) in [("a/b/c.png", "c.png"), ("c.png", "c.png"), ("a/", ""), ("", "")] {
            assert_eq!(base_name(path), expected);
        }
    }
}

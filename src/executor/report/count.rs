//! The short report: when, and how many results. Four ways to the same bytes, to see what a way costs.
//!
//! | way | allocations | a sink sees |
//! |---|---|---|
//! | [`format()`] | as `format!` grows its string | one write |
//! | [`builder`] | 1, exactly as long as the page | one write |
//! | [`template`] | 1, exactly as long as the page; its places are looked for at each call | one write |
//! | [`stream`] | none | one write |
//!
//! Take [`stream`]; the others are here to be measured against, and where a `String` is wanted.

use super::Report;
use crate::serialization::{TIMESTAMP_LEN, Timestamp};
use std::io::{self, Write};

/// The page with its places named. The other ways take its pieces, which are cut when the program is compiled.
const PAGE: &str = "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Test report</title>\n</head>\n\
                    <body>\n<h1>Test report</h1>\n<p>Generated: {{generated}}</p>\n<p>Total tests: {{total}}</p>\n</body>\n</html>\n";
const GENERATED: &str = "{{generated}}";
const TOTAL: &str = "{{total}}";

const HEAD: &str = around(PAGE, GENERATED).0;
const MIDDLE: &str = around(around(PAGE, GENERATED).1, TOTAL).0;
const FOOT: &str = around(PAGE, TOTAL).1;

/// Longest decimal text of a `usize`: 20 digits.
const TOTAL_LEN: usize = 20;
/// The longest page, in bytes.
const PAGE_LEN: usize = HEAD.len() + TIMESTAMP_LEN + MIDDLE.len() + TOTAL_LEN + FOOT.len();

/// By `format!`.
pub fn format(report: &Report<'_>) -> String {
    std::format!("{HEAD}{}{MIDDLE}{}{FOOT}", report.generated, report.records.len())
}

/// Piece by piece into a string of the page's length.
pub fn builder(report: &Report<'_>) -> String {
    let mut stamp = [0; TIMESTAMP_LEN];
    let stamp = stamp_text(report.generated, &mut stamp);
    let mut total = itoa::Buffer::new();
    let total = total.format(report.records.len());
    let mut page = String::with_capacity(HEAD.len() + stamp.len() + MIDDLE.len() + total.len() + FOOT.len());
    for piece in [HEAD, stamp, MIDDLE, total, FOOT] {
        page.push_str(piece);
    }
    page
}

/// From a text whose places are looked for at each call, as those of a template that comes with the call must be.
pub fn template(report: &Report<'_>) -> String {
    let mut stamp = [0; TIMESTAMP_LEN];
    let mut total = itoa::Buffer::new();
    fill(PAGE, [(GENERATED, stamp_text(report.generated, &mut stamp)), (TOTAL, total.format(report.records.len()))])
}

/// Put together on the stack and handed to `sink` at once. It allocates nothing that the sink does not.
///
/// # Errors
/// When the sink fails.
///
/// ```
/// use perfblocks::executor::report::{Report, count};
/// use perfblocks::serialization::Timestamp;
/// let report = Report { generated: Timestamp::UNIX_EPOCH, records: &[] };
/// let mut page = Vec::new();
/// count::stream(&report, &mut page)?;
/// assert_eq!(page, count::format(&report).as_bytes());
/// # Ok::<(), std::io::Error>(())
/// ```
pub fn stream(report: &Report<'_>, sink: &mut impl Write) -> io::Result<()> {
    let mut page = [0; PAGE_LEN];
    let mut len = 0;
    let mut put = |piece: &[u8]| {
        page[len..len + piece.len()].copy_from_slice(piece);
        len += piece.len();
    };
    let mut stamp = [0; TIMESTAMP_LEN];
    put(HEAD.as_bytes());
    put(stamp_text(report.generated, &mut stamp).as_bytes());
    put(MIDDLE.as_bytes());
    put(itoa::Buffer::new().format(report.records.len()).as_bytes());
    put(FOOT.as_bytes());
    sink.write_all(&page[..len])
}

fn stamp_text(stamp: Timestamp, text: &mut [u8; TIMESTAMP_LEN]) -> &str {
    let len = stamp.write(text);
    std::str::from_utf8(&text[..len]).expect("digits and punctuation are ASCII")
}

/// `template` with each place, in the order in which they stand there, replaced by its value.
fn fill<const N: usize>(template: &str, places: [(&str, &str); N]) -> String {
    let longer: usize = places.iter().map(|(_, value)| value.len()).sum();
    let shorter: usize = places.iter().map(|(name, _)| name.len()).sum();
    let mut page = String::with_capacity(template.len() + longer - shorter);
    let mut rest = template;
    for (name, value) in places {
        let (before, after) = rest.split_once(name).expect("the template names its places in this order");
        page.push_str(before);
        page.push_str(value);
        rest = after;
    }
    page.push_str(rest);
    page
}

/// What stands before and after `name` in `text`; without it there, the build fails.
const fn around(text: &'static str, name: &str) -> (&'static str, &'static str) {
    let (bytes, wanted) = (text.as_bytes(), name.as_bytes());
    let mut at = 0;
    while at + wanted.len() <= bytes.len() {
        let mut same = 0;
        while same < wanted.len() && bytes[at + same] == wanted[same] {
            same += 1;
        }
        if same == wanted.len() {
            return (text.split_at(at).0, text.split_at(at + wanted.len()).1);
        }
        at += 1;
    }
    panic!("the page names its places")
}

#[cfg(test)]
mod tests {
    use super::{PAGE_LEN, builder, format, stream, template};
    use crate::executor::report::Report;
    use crate::serialization::{Record, Timestamp};

    #[track_caller]
    fn check(generated: Timestamp, total: usize) {
        let records = vec![Record::default(); total];
        let report = Report { generated, records: &records };
        let expected = format(&report);
        assert!(expected.contains(&std::format!("<p>Generated: {generated}</p>\n<p>Total tests: {total}</p>")));
        assert!(expected.len() <= PAGE_LEN);
        for page in [builder(&report), template(&report)] {
            assert_eq!(page, expected);
            assert_eq!(page.capacity(), expected.len(), "exact");
        }
        let mut sink = b"before".to_vec();
        stream(&report, &mut sink).unwrap();
        assert_eq!(sink, [b"before", expected.as_bytes()].concat());
    }

    #[test]
    fn the_four_ways_agree() {
        let late = Timestamp::from_unix(253_402_300_799, 999_999_999).unwrap();
        for total in [0, 1, 9, 10, 100, 1000] {
            check(Timestamp::UNIX_EPOCH, total);
            check(late, total);
        }
    }

    #[test]
    fn a_full_sink_is_reported() {
        let mut room = [0; 20];
        let report = Report { generated: Timestamp::UNIX_EPOCH, records: &[] };
        let error = stream(&report, &mut room.as_mut_slice()).unwrap_err();
        assert_eq!(error.kind(), std::io::ErrorKind::WriteZero);
    }
}

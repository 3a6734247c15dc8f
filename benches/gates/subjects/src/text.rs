//! Writing and reading text.

use std::fmt::Write as _;
use std::hint::black_box;

use crate::{Work, calls, scaled, scattered};

/// One line of a log, by the standard library's formatting: 100 an iteration.
pub(crate) fn fmt() -> Work {
    let mut line = String::with_capacity(256);
    let mut count = 0_u64;
    Box::new(move || {
        let mut length = 0;
        for _ in 0..calls() {
            count += 1;
            line.clear();
            let (code, took) = (200 + count % 5, (count % 1000) as f64 * 0.125);
            write!(line, "{count:>8} [{code}] {took:.3} ms {:#06x} {:?}", count % 65_536, ("path", count % 7))
                .expect("writing to a string cannot fail");
            length += black_box(&line).len() as u64;
        }
        length
    })
}

struct Record {
    id: u64,
    name: &'static str,
    tags: [&'static str; 6],
    values: [u32; 20],
    is_open: bool,
}

/// A record as JSON, by hand into a buffer at hand: 100 an iteration.
pub(crate) fn json() -> Work {
    let mut buffer = String::with_capacity(512);
    let mut record = Record {
        id: 0,
        name: "a name with \"quotes\" and a \\ in it",
        tags: ["first", "second", "third", "a \t tab", "one that is longer", "last"],
        values: std::array::from_fn(|i| scattered(i as u64) as u32 >> (3 + i)),
        is_open: false,
    };
    Box::new(move || {
        let mut length = 0;
        for _ in 0..calls() {
            record.id += 1;
            record.is_open = record.id.is_multiple_of(3);
            buffer.clear();
            write_record(&mut buffer, black_box(&record));
            length += black_box(&buffer).len() as u64;
        }
        length
    })
}

fn write_record(out: &mut String, record: &Record) {
    out.push_str("{\"id\":");
    write_number(out, record.id);
    out.push_str(",\"name\":");
    write_string(out, record.name);
    out.push_str(",\"tags\":[");
    for (at, tag) in record.tags.iter().enumerate() {
        out.push_str(if at == 0 { "" } else { "," });
        write_string(out, tag);
    }
    out.push_str("],\"values\":[");
    for (at, &value) in record.values.iter().enumerate() {
        out.push_str(if at == 0 { "" } else { "," });
        write_number(out, u64::from(value));
    }
    out.push_str(if record.is_open { "],\"open\":true}" } else { "],\"open\":false}" });
}

fn write_string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            c => out.push(c),
        }
    }
    out.push('"');
}

fn write_number(out: &mut String, number: u64) {
    if number >= 10 {
        write_number(out, number / 10);
    }
    out.push(char::from(b'0' + (number % 10) as u8));
}

/// Lines of the text that is read.
const LINES: usize = 700;

/// Reading lines of `key = number` into sums and key lengths.
pub(crate) fn parse() -> Work {
    let mut text = String::new();
    for i in 0..scaled(LINES) as u64 {
        writeln!(text, "key_{} = {}", i % 100, scattered(i) % 1_000_000).expect("writing to a string cannot fail");
    }
    Box::new(move || {
        let mut sum = 0;
        for line in black_box(&text).lines() {
            let (key, value) = line.split_once('=').expect("our own text");
            sum += key.trim().len() as u64 + value.trim().parse::<u64>().expect("our own text");
        }
        sum
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn record_is_json() {
        let mut out = String::new();
        let record = Record {
            id: 1203,
            name: "a\"b",
            tags: ["c", "d\te", "", "f", "g", "h"],
            values: std::array::from_fn(|i| i as u32),
            is_open: true,
        };
        write_record(&mut out, &record);
        let expected = r#"{"id":1203,"name":"a\"b","tags":["c","d\te","","f","g","h"],"values":[0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19],"open":true}"#;
        assert_eq!(out, expected);
    }
}

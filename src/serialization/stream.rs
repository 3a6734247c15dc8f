//! A sequence of records as one JSON array to a sink, in memory that does not depend on how many there are.

use super::SerializationError;
use super::direct;
use super::record::Record;
use std::io::Write;

/// Bytes after which the buffer goes to the sink; a record longer than this makes the buffer as long as that record.
const FLUSH_AT: usize = 16 * 1024;
/// Room for the record that passes the mark, so that the buffer does not grow for records of the usual size.
const SLACK: usize = 8 * 1024;

/// Writes `records` as a JSON array and returns its length in bytes. The sink gets pieces of about 16 KiB and is flushed at
/// the end; the peak is 24 KiB, or 16 KiB and the longest record where that is more.
///
/// # Errors
/// When the sink fails. What it took before is not a whole array.
///
/// ```
/// use perfblocks::serialization::{Record, stream};
/// let mut sink = Vec::new();
/// stream::write_all(std::iter::empty::<&Record>(), &mut sink)?;
/// assert_eq!(sink, b"[]");
/// # Ok::<(), perfblocks::serialization::SerializationError>(())
/// ```
pub fn write_all<'a>(
    records: impl IntoIterator<Item = &'a Record>,
    sink: &mut impl Write,
) -> Result<u64, SerializationError> {
    let mut buffer = Vec::with_capacity(FLUSH_AT + SLACK);
    let mut written = 0;
    buffer.push(b'[');
    for (index, record) in records.into_iter().enumerate() {
        if index > 0 {
            buffer.push(b',');
        }
        direct::append(record, &mut buffer);
        if buffer.len() >= FLUSH_AT {
            drain(&mut buffer, sink, &mut written)?;
        }
    }
    buffer.push(b']');
    drain(&mut buffer, sink, &mut written)?;
    sink.flush().map_err(|source| SerializationError::Sink { written, source })?;
    Ok(written)
}

fn drain(buffer: &mut Vec<u8>, sink: &mut impl Write, written: &mut u64) -> Result<(), SerializationError> {
    sink.write_all(buffer).map_err(|source| SerializationError::Sink { written: *written, source })?;
    *written += buffer.len() as u64;
    buffer.clear();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{FLUSH_AT, write_all};
    use crate::serialization::{Record, SerializationError, generic};

    #[test]
    fn an_array_is_the_records_between_commas() {
        let records: Vec<Record> =
            (0..2000).map(|index| Record { app_name: format!("run {index}"), ..Record::default() }).collect();
        let mut sink = Vec::new();
        let written = write_all(&records, &mut sink).unwrap();
        assert_eq!(written, sink.len() as u64);
        let each: Vec<String> =
            records.iter().map(|record| String::from_utf8(generic::to_vec(record).unwrap()).unwrap()).collect();
        assert_eq!(String::from_utf8(sink).unwrap(), format!("[{}]", each.join(",")));
    }

    #[test]
    fn a_full_sink_is_reported_with_what_it_took() {
        let records = vec![Record::default(); 200];
        let mut room = [0; FLUSH_AT + 100];
        let error = write_all(&records, &mut room.as_mut_slice()).unwrap_err();
        let SerializationError::Sink { written, source } = error else {
            panic!("expected a failure of the sink, found `{error}`")
        };
        assert!(written <= room.len() as u64);
        assert_eq!(source.kind(), std::io::ErrorKind::WriteZero);
    }
}

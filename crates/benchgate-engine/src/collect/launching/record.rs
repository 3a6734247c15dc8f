//! The file in which the gate, started by cargo as a runner, leaves what it was given:
//!
//! ```text
//! benchgate launch 1 \0 program \0 directory \0 name=value \0 name=value \0 … end \0
//! ```
//!
//! Bytes as the system has them, so that names and values of any kind survive; no part can hold a zero. A variable has a `=`, so
//! the end is none.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::PathBuf;

/// What it begins with: the version of the form.
const HEAD: &[u8] = b"benchgate launch 1";

/// What it ends with; a file without it is not whole.
const END: &[u8] = b"end";

/// How cargo starts one executable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct LaunchRecord {
    pub program: PathBuf,
    pub directory: PathBuf,
    pub environment: BTreeMap<OsString, OsString>,
}

/// Why a file is no record.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum RecordError {
    #[error("it does not begin like a record of this version")]
    Head,
    #[error("it is cut short")]
    CutShort,
    #[error("a variable has no value")]
    Variable,
}

impl LaunchRecord {
    pub fn bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for part in [HEAD, self.program.as_os_str().as_bytes(), self.directory.as_os_str().as_bytes()] {
            bytes.extend_from_slice(part);
            bytes.push(0);
        }
        for (name, value) in &self.environment {
            bytes.extend_from_slice(name.as_bytes());
            bytes.push(b'=');
            bytes.extend_from_slice(value.as_bytes());
            bytes.push(0);
        }
        bytes.extend_from_slice(END);
        bytes.push(0);
        bytes
    }

    /// # Errors
    /// The bytes are no whole record.
    pub fn parse(bytes: &[u8]) -> Result<Self, RecordError> {
        let text = bytes.strip_suffix(&[0]).ok_or(RecordError::CutShort)?;
        let mut parts = text.split(|&byte| byte == 0);
        if parts.next() != Some(HEAD) {
            return Err(RecordError::Head);
        }
        let mut path = || parts.next().map(|part| PathBuf::from(OsStr::from_bytes(part))).ok_or(RecordError::CutShort);
        let (program, directory) = (path()?, path()?);
        let mut environment = BTreeMap::new();
        loop {
            let part = parts.next().ok_or(RecordError::CutShort)?;
            if part == END {
                break;
            }
            // A name has at least one byte, which may even be a `=`.
            let equals = part.iter().skip(1).position(|&byte| byte == b'=').ok_or(RecordError::Variable)? + 1;
            let owned = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
            environment.insert(owned(&part[..equals]), owned(&part[equals + 1..]));
        }
        if parts.next().is_some() {
            return Err(RecordError::CutShort); // two records in one file
        }
        Ok(Self { program, directory, environment })
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::{btree_map, vec};
    use proptest::prelude::*;

    use super::*;

    fn text(least: usize) -> impl Strategy<Value = OsString> {
        vec(1_u8..=255, least..20).prop_map(OsString::from_vec)
    }

    /// Names of variables have no `=` behind their first byte.
    fn name() -> impl Strategy<Value = OsString> {
        vec(1_u8..=255, 1..12).prop_map(|mut name| {
            name[1..].iter_mut().filter(|byte| **byte == b'=').for_each(|byte| *byte = b'_');
            OsString::from_vec(name)
        })
    }

    #[test]
    fn what_is_no_record_is_refused() {
        #[track_caller]
        fn check(bytes: &[u8], expected: RecordError) {
            assert_eq!(LaunchRecord::parse(bytes), Err(expected));
        }
        check(b"", RecordError::CutShort);
        check(b"benchgate launch 2\0p\0d\0end\0", RecordError::Head);
        check(b"benchgate launch 1\0p\0", RecordError::CutShort);
        check(b"benchgate launch 1\0p\0d\0A=1\0", RecordError::CutShort);
        check(b"benchgate launch 1\0p\0d\0A=1\0en", RecordError::CutShort);
        check(b"benchgate launch 1\0p\0d\0A\0end\0", RecordError::Variable);
        check(b"benchgate launch 1\0p\0d\0=\0end\0", RecordError::Variable);
        check(b"benchgate launch 1\0p\0d\0end\0A=1\0", RecordError::CutShort);
    }

    #[test]
    fn line_breaks_equals_signs_and_other_bytes_survive() {
        let record = LaunchRecord::parse(b"benchgate launch 1\0/p q\0/d\0A=1=\n2\0B=\0C=\xff\xfe\0end\0").unwrap();
        let value = |name: &str| record.environment[OsStr::new(name)].as_bytes().to_vec();
        assert_eq!((value("A"), value("B"), value("C")), (b"1=\n2".to_vec(), vec![], vec![0xff, 0xfe]));
        assert_eq!(record.program, PathBuf::from("/p q"));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(program in text(1), directory in text(1), environment in btree_map(name(), text(0), 0..8)) {
            let record = LaunchRecord { program: program.into(), directory: directory.into(), environment };
            let bytes = record.bytes();
            prop_assert_eq!(LaunchRecord::parse(&bytes), Ok(record));
            // No part of a record is a record.
            for length in 0..bytes.len() {
                prop_assert!(LaunchRecord::parse(&bytes[..length]).is_err());
            }
        }

        #[test]
        fn rubbish_is_an_error_and_no_panic(bytes in vec(any::<u8>(), 0..200)) {
            LaunchRecord::parse(&bytes).ok();
            LaunchRecord::parse(&[HEAD, b"\0", &bytes].concat()).ok();
        }
    }
}

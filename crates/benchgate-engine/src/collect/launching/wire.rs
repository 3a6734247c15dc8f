//! Surroundings as they are kept: text where it is text.

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use serde::{Deserialize, Serialize};

use super::surroundings::{Change, Surroundings};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wire {
    directory: Text,
    changes: Vec<(Text, WireChange)>,
    own: Vec<Text>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum WireChange {
    Value(Text),
    Before(Text),
    Behind(Text),
    Removed,
}

/// Text of the system's, which is no text now and then.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
pub(super) enum Text {
    Utf8(String),
    Bytes(Vec<u8>),
}

impl From<OsString> for Text {
    fn from(text: OsString) -> Self {
        text.into_string().map_or_else(|text| Self::Bytes(text.into_vec()), Self::Utf8)
    }
}

impl From<Text> for OsString {
    fn from(text: Text) -> Self {
        match text {
            Text::Utf8(text) => text.into(),
            Text::Bytes(bytes) => Self::from_vec(bytes),
        }
    }
}

impl From<Surroundings> for Wire {
    fn from(surroundings: Surroundings) -> Self {
        let change = |change| match change {
            Change::Value(value) => WireChange::Value(value.into()),
            Change::Before(value) => WireChange::Before(value.into()),
            Change::Behind(value) => WireChange::Behind(value.into()),
            Change::Removed => WireChange::Removed,
        };
        let Surroundings { directory, changes, own } = surroundings;
        Self {
            directory: directory.into_os_string().into(),
            changes: changes.into_iter().map(|(name, to)| (name.into(), change(to))).collect(),
            own: own.into_iter().map(|path| path.into_os_string().into()).collect(),
        }
    }
}

impl From<Wire> for Surroundings {
    fn from(wire: Wire) -> Self {
        let change = |change| match change {
            WireChange::Value(value) => Change::Value(value.into()),
            WireChange::Before(value) => Change::Before(value.into()),
            WireChange::Behind(value) => Change::Behind(value.into()),
            WireChange::Removed => Change::Removed,
        };
        let Wire { directory, changes, own } = wire;
        Self {
            directory: OsString::from(directory).into(),
            changes: changes.into_iter().map(|(name, to)| (name.into(), change(to))).collect(),
            own: own.into_iter().map(|path| OsString::from(path).into()).collect(),
        }
    }
}

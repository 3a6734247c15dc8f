//! `benchgate.toml` -> [`Policy`].
//!
//! A typing error in a gate's configuration is a way to pass by accident, so nothing is forgiven: an unknown key, a
//! value out of range, a glob that matches nothing are errors with file, line, column and a suggestion. It reads the
//! file, nothing else: no environment, no user-wide settings, no inheritance.
#![allow(clippy::disallowed_methods, reason = "reading the configuration file is what this module is for")]

mod claims;
mod convert;
mod error;
mod matches;
mod quantity;
mod suggest;
mod wire;

use std::fs;
use std::io;
use std::ops::Range;
use std::path::Path;

pub use error::{Complaint, ConfigError};
pub use matches::check_matches;
pub use quantity::{format_duration, parse_duration, parse_share};
pub use suggest::did_you_mean;

use crate::gate::{IdGlobs, Policy};
use error::Document;

/// A policy with the text that it came from.
#[derive(Clone, Debug, Default)]
pub struct Loaded {
    /// The policy; the default one where there is no file.
    pub policy: Policy,
    /// What messages call the file.
    pub name: String,
    /// The text of the file; `None` where there is none.
    pub text: Option<String>,
    mentions: Vec<Mention>,
}

/// A place of the file that names benchmarks, and so must match at least one.
#[derive(Clone, Debug)]
struct Mention {
    span: Range<usize>,
    kind: MentionKind,
}

#[derive(Clone, Debug)]
enum MentionKind {
    Glob(IdGlobs),
    Id(String),
}

/// Reads a policy. A file that does not exist means the default policy.
///
/// # Errors
/// [`ConfigError`] if the file cannot be read, or for the first thing that is wrong in it.
pub fn load(path: &Path) -> Result<Loaded, ConfigError> {
    let name = path.display().to_string();
    match fs::read(path) {
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => parse(&name, &text),
            Err(error) => Err(ConfigError::NotText { name, offset: error.utf8_error().valid_up_to() }),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Loaded { name, ..Loaded::default() }),
        Err(source) => Err(ConfigError::Unreadable { name, source }),
    }
}

/// Reads a policy from text, for instance that of the base revision; `name` is what messages call it.
///
/// # Errors
/// [`ConfigError`] for the first thing that is wrong.
pub fn parse(name: &str, text: &str) -> Result<Loaded, ConfigError> {
    let document = Document { name, text };
    let wire = wire::read(document)?;
    let (policy, mentions) = convert::policy(document, wire)?;
    Ok(Loaded { policy, name: name.to_owned(), text: Some(text.to_owned()), mentions })
}

//! What a bench asked for below its own roots, and what it found there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::state::{State, Use};
use crate::collect::roots::{Place, Root, Roots};

/// Places, each with what lay there when it was asked for first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Notes(BTreeMap<(Place, Use), State>);

impl Notes {
    /// Notes a path that is about to be used, if it is one of this side's.
    pub(super) fn add(&mut self, path: &Path, used: Use, roots: &Roots) {
        if let Some(place) = roots.place(path) {
            self.0.entry((place, used)).or_insert_with(|| State::now(path, used, roots));
        }
    }

    /// The first place at which another side has something else.
    pub(in crate::collect) fn differing(&self, other: &Roots) -> Option<&Place> {
        let other = other.physical();
        let differs =
            |((place, used), state): &(&(Place, Use), &State)| State::now(&other.path(place), *used, &other) != **state;
        self.0.iter().find(differs).map(|((place, _), _)| place)
    }

    /// Paths of the tree at which nothing lay.
    pub(super) fn missing(&self) -> BTreeSet<PathBuf> {
        let missing = self.0.iter().filter(|((place, _), state)| place.root == Root::Tree && **state == State::Missing);
        missing.map(|((place, _), _)| place.below.clone()).collect()
    }

    /// Hash over the places and what lies there.
    pub(in crate::collect) fn hash(&self) -> [u8; 32] {
        let mut hash = Sha256::new();
        for ((place, used), state) in &self.0 {
            let root: u8 = match place.root {
                Root::Tree => 1,
                Root::Target => 2,
            };
            let used: u8 = match used {
                Use::Asked => 1,
                Use::Opened => 2,
            };
            let (path, state) = (place.below.as_os_str().as_encoded_bytes(), state.text());
            for part in [&[root, used], path, &state] {
                hash.update((part.len() as u64).to_le_bytes());
                hash.update(part);
            }
        }
        hash.finalize().into()
    }
}

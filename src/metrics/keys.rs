//! Names, each looked up once: afterwards a key of four bytes stands for it.
//!
//! There are at most as many keys as the limits say. Names beyond share the key of "other", so that names made from input
//! cannot fill the memory.

use std::collections::HashMap;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The name under which everything is counted that the limits have no room for.
pub const OTHER: &str = "(other)";

/// What keys of operations are of.
#[derive(Debug)]
pub enum Operation {}
/// What keys of jobs are of.
#[derive(Debug)]
pub enum Job {}
/// What keys of reasons to skip a job are of.
#[derive(Debug)]
pub enum Reason {}
/// What keys of container events are of.
#[derive(Debug)]
pub enum Event {}
/// What keys of custom counters are of.
#[derive(Debug)]
pub enum Custom {}

/// Stands for a name in the recorder that gave it. In another recorder it stands for another name, or for none.
pub struct Key<Of> {
    pub(super) index: u32,
    of: PhantomData<fn() -> Of>,
}

impl<Of> Key<Of> {
    pub(super) const fn new(index: u32) -> Self {
        Self { index, of: PhantomData }
    }
}

// By hand, since a derive would ask the same of `Of`.
impl<Of> Clone for Key<Of> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<Of> Copy for Key<Of> {}
impl<Of> PartialEq for Key<Of> {
    fn eq(&self, other: &Self) -> bool {
        self.index == other.index
    }
}
impl<Of> Eq for Key<Of> {}
impl<Of> Hash for Key<Of> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.index.hash(state);
    }
}
impl<Of> fmt::Debug for Key<Of> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Key({})", self.index)
    }
}

/// The names of one family. Its keys count from `first`, which is that of [`OTHER`].
pub(super) struct Keys<Of> {
    first: u32,
    limit: u32,
    known: Mutex<Known>,
    of: PhantomData<fn() -> Of>,
}

struct Known {
    by_name: HashMap<Arc<str>, u32>,
    names: Vec<Arc<str>>,
}

impl<Of> Keys<Of> {
    /// At most `limit` names besides [`OTHER`].
    pub(super) fn new(first: usize, limit: u16) -> Self {
        let first = u32::try_from(first).expect("limits are 16 bits wide each, so their sum fits 32");
        let other: Arc<str> = OTHER.into();
        let known = Known { by_name: HashMap::from([(Arc::clone(&other), first)]), names: vec![other] };
        Self { first, limit: limit.into(), known: Mutex::new(known), of: PhantomData }
    }

    /// The key of a name, the same each time; that of [`OTHER`] where there is no room.
    pub(super) fn key(&self, name: &str) -> Key<Of> {
        let mut known = self.known();
        if let Some(index) = known.by_name.get(name) {
            return Key::new(*index);
        }
        let place = u32::try_from(known.names.len()).unwrap_or(u32::MAX);
        if place > self.limit {
            return Key::new(self.first);
        }
        let name: Arc<str> = name.into();
        known.names.push(Arc::clone(&name));
        known.by_name.insert(name, self.first + place);
        Key::new(self.first + place)
    }

    /// Hands over each name with its index, [`OTHER`] first.
    pub(super) fn each(&self, mut visit: impl FnMut(usize, &Arc<str>)) {
        for (index, name) in (self.first as usize..).zip(&self.known().names) {
            visit(index, name);
        }
    }

    /// How many names there are, [`OTHER`] included.
    pub(super) fn len(&self) -> usize {
        self.known().names.len()
    }

    /// No foreign code runs under the lock but a visitor of ours, which does not write here; so a poisoned one is whole.
    fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_one_key_and_names_beyond_the_limit_share_that_of_other() {
        let keys = Keys::<Job>::new(10, 2);
        let indexes = ["a", "b", "a", "c", "d", OTHER].map(|name| keys.key(name).index);
        assert_eq!(indexes, [11, 12, 11, 10, 10, 10]);
        let mut names = Vec::new();
        keys.each(|index, name| names.push((index, name.to_string())));
        assert_eq!(names, [(10, OTHER.to_owned()), (11, "a".to_owned()), (12, "b".to_owned())]);
        assert_eq!(keys.len(), 3);
    }

    #[test]
    fn without_room_everything_is_other() {
        assert_eq!(Keys::<Custom>::new(0, 0).key("a").index, 0);
    }
}

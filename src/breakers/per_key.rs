//! A token bucket for each client, in a table that does not grow.
//!
//! Take it where one client must not use up what is there for all. Do not take it to tell millions of clients apart: each
//! key that owes tokens takes a place. A key whose bucket is full again is as good as one never seen, so its place goes to
//! the next new key and nothing is lost by that.
//!
//! A key has its place in one of eight ways of the set that its hash names. A call takes the lock of that set, looks at no
//! more than eight places and allocates nothing, unless cloning a new key does.

use super::clock::{Clock, Monotonic};
use super::quota::{Answer, Quota, QuotaError, Terms};
use crate::sync::{Mutex, MutexGuard};
use std::fmt;
use std::hash::{BuildHasher, Hash};
use std::num::NonZeroUsize;
use std::sync::PoisonError;
use thiserror::Error;

/// Places of a set. More are longer to look through; with fewer, more sets are full before the table is.
pub const WAYS: usize = 8;

/// Why a call is not allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Error)]
pub enum Refusal {
    /// The bucket of its key is empty.
    #[error("the key has used up its calls for now")]
    Quota,
    /// Its key is new, and all places that it could take belong to keys that owe tokens.
    #[error("too many keys at a time")]
    Crowded,
}

/// A token bucket for each key. Share it by reference or `Arc`.
///
/// The hasher is the caller's: keys that strangers choose want one with a secret, such as `std::hash::RandomState`.
///
/// ```
/// use perfblocks::breakers::{PerKey, Quota, Refusal};
/// use std::{hash::RandomState, num::NonZeroUsize};
///
/// let places = NonZeroUsize::new(1024).expect("above zero");
/// let limiter = PerKey::new(Quota::per_second(1, 2), places, RandomState::new())?;
/// let calls = ["ann", "ann", "ann", "bob"].map(|client| limiter.allow(&client));
/// assert_eq!(calls, [Ok(()), Ok(()), Err(Refusal::Quota), Ok(())]);
/// # Ok::<(), perfblocks::breakers::QuotaError>(())
/// ```
pub struct PerKey<K, S, C = Monotonic> {
    sets: Box<[Set<K>]>,
    terms: Terms,
    hasher: S,
    clock: C,
}

/// On cache lines of its own, so that keys of different sets do not slow each other down.
#[repr(align(128))]
struct Set<K>(Mutex<[Place<K>; WAYS]>);

struct Place<K> {
    key: Option<K>,
    hash: u64,
    /// When the bucket will be full again; see [`Terms`].
    full_at: u64,
}

impl<K: Eq> Place<K> {
    fn is_of(&self, key: &K, hash: u64) -> bool {
        self.hash == hash && self.key.as_ref() == Some(key)
    }
}

impl<K, S> PerKey<K, S> {
    /// Places for about `places` keys, on the system's monotonic clock.
    ///
    /// # Errors
    /// The quota makes no sense.
    pub fn new(quota: Quota, places: NonZeroUsize, hasher: S) -> Result<Self, QuotaError> {
        Self::with_clock(quota, places, hasher, Monotonic::default())
    }
}

impl<K, S, C> PerKey<K, S, C> {
    /// The same by `clock`. The number of places is rounded up to a power of two of sets of eight. Twice as many as keys are
    /// expected at a time leave hardly one without a place.
    ///
    /// # Errors
    /// The quota makes no sense.
    pub fn with_clock(quota: Quota, places: NonZeroUsize, hasher: S, clock: C) -> Result<Self, QuotaError> {
        let terms = Terms::new(quota)?;
        let place = |_| Place { key: None, hash: 0, full_at: 0 };
        let sets = places.get().div_ceil(WAYS).next_power_of_two();
        let sets = (0..sets).map(|_| Set(Mutex::new(std::array::from_fn(place)))).collect();
        Ok(Self { sets, terms, hasher, clock })
    }

    fn set(&self, hash: u64) -> &Set<K> {
        &self.sets[hash as usize & (self.sets.len() - 1)]
    }

    /// Keys that it has places for.
    pub fn places(&self) -> usize {
        self.sets.len() * WAYS
    }
}

impl<K: Hash + Eq + Clone, S: BuildHasher, C: Clock> PerKey<K, S, C> {
    /// Takes a token of `key`.
    ///
    /// # Errors
    /// There is none, or no place for a new key.
    #[inline]
    pub fn allow(&self, key: &K) -> Result<(), Refusal> {
        let now = self.terms.moment(self.clock.now());
        let hash = self.hasher.hash_one(key);
        let mut set = lock(self.set(hash));
        let place = match set.iter().position(|place| place.is_of(key, hash)) {
            Some(known) => &mut set[known],
            None => {
                let free = set.iter_mut().find(|place| place.full_at <= now).ok_or(Refusal::Crowded)?;
                *free = Place { key: Some(key.clone()), hash, full_at: 0 };
                free
            }
        };
        match self.terms.ask(place.full_at, now, 1) {
            Answer::Enough { full_at } => {
                place.full_at = full_at;
                Ok(())
            }
            Answer::Lacking { .. } => Err(Refusal::Quota),
        }
    }

    /// Tokens of `key`.
    pub fn available(&self, key: &K) -> u32 {
        let now = self.terms.moment(self.clock.now());
        let hash = self.hasher.hash_one(key);
        let set = lock(self.set(hash));
        self.terms.available(set.iter().find(|place| place.is_of(key, hash)).map_or(0, |place| place.full_at), now)
    }

    /// Keys that owe tokens now. Looks at all places.
    pub fn owing(&self) -> usize {
        let now = self.terms.moment(self.clock.now());
        let owing = |set| lock(set).iter().filter(|place| place.full_at > now).count();
        self.sets.iter().map(owing).sum()
    }
}

/// `K` could panic while it is compared or cloned; the places are whole even then.
fn lock<K>(set: &Set<K>) -> MutexGuard<'_, [Place<K>; WAYS]> {
    set.0.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<K, S, C> fmt::Debug for PerKey<K, S, C> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("PerKey").field("places", &self.places()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::super::clock::ManualClock;
    use super::*;
    use std::hash::{BuildHasherDefault, DefaultHasher};
    use std::time::Duration;

    type Limiter<'clock> = PerKey<u32, BuildHasherDefault<DefaultHasher>, &'clock ManualClock>;

    fn limiter(clock: &ManualClock, quota: Quota, places: usize) -> Limiter<'_> {
        PerKey::with_clock(quota, NonZeroUsize::new(places).unwrap(), BuildHasherDefault::default(), clock).unwrap()
    }

    #[test]
    fn each_key_has_a_bucket_of_its_own() {
        let clock = ManualClock::default();
        let limiter = limiter(&clock, Quota::per_second(1, 2), 256);
        for key in 0..64 {
            let calls = [(); 3].map(|()| limiter.allow(&key));
            assert_eq!(calls, [Ok(()), Ok(()), Err(Refusal::Quota)], "key {key}");
        }
        clock.advance(Duration::from_secs(1));
        assert_eq!([limiter.allow(&7), limiter.allow(&7)], [Ok(()), Err(Refusal::Quota)]);
        assert_eq!([limiter.available(&7), limiter.available(&8), limiter.available(&99)], [0, 1, 2]);
        assert_eq!(limiter.owing(), 64);
        clock.advance(Duration::from_secs(2));
        assert_eq!(limiter.owing(), 0);
    }

    #[test]
    fn it_does_not_grow_and_takes_new_keys_when_old_ones_owe_nothing() {
        let clock = ManualClock::default();
        let limiter = limiter(&clock, Quota::per_second(1, 1), 1);
        assert_eq!(limiter.places(), WAYS);
        let admitted = |keys: std::ops::Range<u32>| keys.filter(|key| limiter.allow(key).is_ok()).count();
        assert_eq!(admitted(0..100), WAYS);
        assert_eq!((limiter.allow(&0), limiter.allow(&99)), (Err(Refusal::Quota), Err(Refusal::Crowded)));
        clock.advance(Duration::from_secs(1));
        assert_eq!((admitted(100..200), limiter.owing()), (WAYS, WAYS));
    }

    #[test]
    fn threads_together_get_exactly_the_capacity_of_each_key() {
        let clock = ManualClock::default();
        let limiter = limiter(&clock, Quota::per_second(1, 50), 256);
        let allowed: usize = std::thread::scope(|scope| {
            let calls = || (0..64 * 20).filter(|call| limiter.allow(&(call % 64)).is_ok()).count();
            let callers: Vec<_> = (0..8).map(|_| scope.spawn(calls)).collect();
            callers.into_iter().map(|caller| caller.join().unwrap()).sum()
        });
        assert_eq!((allowed, limiter.owing()), (64 * 50, 64));
    }
}

//! A flag that asks to stop, raised once and looked at by many.

use std::sync::atomic::{AtomicBool, Ordering};

/// A flag that asks to stop. It is asked between actions; an action that takes long asks it too.
///
/// ```
/// use perfblocks::executor::actions::Stop;
/// let all = Stop::new();
/// let one = all.child();
/// one.raise();
/// assert!(one.is_raised() && !all.is_raised());
/// all.raise();
/// assert!(all.child().is_raised());
/// ```
#[derive(Debug, Default)]
pub struct Stop<'a> {
    parent: Option<&'a Stop<'a>>,
    is_raised: AtomicBool,
}

impl Stop<'_> {
    /// A flag that is not raised.
    pub const fn new() -> Stop<'static> {
        Stop { parent: None, is_raised: AtomicBool::new(false) }
    }

    /// A flag that counts as raised when this one is, and can be raised without this one.
    pub const fn child(&self) -> Stop<'_> {
        Stop { parent: Some(self), is_raised: AtomicBool::new(false) }
    }

    /// Asks to stop. This cannot be taken back.
    pub fn raise(&self) {
        // Nothing is published with it: what the flag's raiser knows reaches the others by a lock or by being joined.
        self.is_raised.store(true, Ordering::Relaxed);
    }

    /// Whether someone asked to stop.
    pub fn is_raised(&self) -> bool {
        let mut flag = Some(self);
        while let Some(one) = flag {
            if one.is_raised.load(Ordering::Relaxed) {
                return true;
            }
            flag = one.parent;
        }
        false
    }
}

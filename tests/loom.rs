//! Models of the protocols between threads: loom runs each through every interleaving that it can tell apart.
//!
//! `RUSTFLAGS="--cfg loom" cargo test -p perfblocks --test loom --target-dir target/loom`
#![cfg(loom)]

#[cfg(feature = "executor")]
#[path = "loom/actions.rs"]
mod actions;
#[cfg(feature = "breakers")]
#[path = "loom/breakers.rs"]
mod breakers;
#[cfg(feature = "executor")]
#[path = "loom/executor.rs"]
mod executor;
#[cfg(feature = "metrics")]
#[path = "loom/metrics.rs"]
mod metrics;
#[cfg(feature = "pools")]
#[path = "loom/pools.rs"]
mod pools;
#[path = "loom/slots.rs"]
mod slots;

/// What a protocol that is compiled in here calls `crate::sync`.
mod sync {
    #[cfg(feature = "executor")]
    pub(crate) use loom::sync::Condvar;
    pub(crate) use loom::sync::{Mutex, MutexGuard};
}

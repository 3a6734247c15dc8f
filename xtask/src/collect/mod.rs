//! Everything that touches the world to get at numbers: trees, builds, bench processes, the machine. Knows `model` only;
//! what a number means is decided in `gate`.
#![expect(clippy::disallowed_methods, reason = "this is the edge: it starts processes and reads files")]

mod build;
mod cache;
mod command;
mod conditions;
mod counting;
mod criterion;
mod discovery;
mod divan;
mod edit;
mod elf;
mod git;
mod health;
mod heap;
mod identical;
mod instructions;
mod kept;
mod links;
mod lockstep;
mod look;
mod machine;
mod packages;
mod schedule;
mod stamp;
mod tree;
mod whole;

pub use build::{Builder, Built, Executable};
pub use cache::{Cache, cache_home};
pub use counting::count_unmodified;
pub use criterion::{Arm, Cpus, Effort, Grain, Limits, Listed};
pub use discovery::{Discovered, Harness, discover};
pub use edit::{Change, Edit};
pub use git::{Chosen, GitError, Repository};
pub use health::health;
pub use heap::{HeapCase, count};
pub use identical::{Identity, code_hash, compare};
pub use instructions::instructions;
pub use links::{Relink, Relinks, refusal};
pub use look::Look;
pub use machine::{inherited_configurations, machine, rustup_toolchain, toolchain};
pub use packages::{BenchTarget, Workspace};
pub use schedule::{Doubt, Interleaving, Reading, Schedule};
pub use stamp::Stamp;
pub use tree::{Tree, TreeManifest};

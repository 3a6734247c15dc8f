//! What a machine and a workspace are like before anything is measured, as it was read. What that means is decided in `gate`.

use std::path::PathBuf;

/// What was read, or why it could not be.
pub type Known<T> = Result<T, String>;

/// Everything that measuring depends on.
#[derive(Clone, Debug, PartialEq)]
pub struct Health {
    /// What sets the clock rate of the processors, each name once.
    pub governors: Known<Vec<String>>,
    /// Share of the processors' time that the host gave to others, 0 to 1: since the system started, and just now.
    pub steal: Known<[f64; 2]>,
    /// What else the machine does.
    pub load: Known<Load>,
    /// Logical processors that this process may use.
    pub cores: u32,
    /// Whether each process gets addresses of its own.
    pub randomization: Known<Randomization>,
    /// Why executables that are built here cannot be linked in another order; `None` where they can.
    pub linker: Known<Option<String>>,
    /// The version of valgrind; `None` where there is none.
    pub valgrind: Known<Option<String>>,
    /// What became of a tiny process that the clock was preloaded into.
    pub preload: Known<Preload>,
    /// Where executables are built and kept.
    pub cache: Place,
    /// Where runs are kept; an error where cargo cannot tell.
    pub target: Known<Place>,
    /// Where base revisions come from; `None` where there is no git.
    pub git: Known<Option<History>>,
    /// First lines of `cargo --version` and `rustc --version`.
    pub toolchain: Known<[String; 2]>,
    /// Bench targets of the packages that are measured in any case.
    pub benches: Known<usize>,
}

/// What else a machine does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Load {
    /// Processes that ran or waited to run, averaged over a minute, as the kernel states it.
    pub minute: f64,
    /// Share of the processors' time that was in use while this process slept, 0 to 1.
    pub busy: f64,
}

/// How far addresses of processes are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Randomization {
    /// Stack, libraries and heap.
    Full,
    /// All but the heap.
    WithoutHeap,
    /// Nothing, in all processes.
    Off,
    /// Nothing, in what this process starts.
    OffHere,
}

/// What became of a tiny process that the clock was preloaded into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Preload {
    /// It announced itself.
    Announced,
    /// The executable cannot take part.
    Unfit(String),
    /// It ran, and the library said nothing.
    Silent,
}

/// A directory that is written to.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// The directory.
    pub path: PathBuf,
    /// Why it cannot be used.
    pub refusal: Option<String>,
    /// Kind of its file system, for instance `ext4`.
    pub kind: Known<String>,
    /// Whether programs may be run from it.
    pub is_executable: Known<bool>,
    /// Bytes that are free there.
    pub free_bytes: Known<u64>,
}

/// What git knows of a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// Whether history is cut off.
    pub is_shallow: bool,
    /// What a run would be compared with, `None` for the stored baseline; an error where that cannot be had.
    pub base: Known<Option<String>>,
}

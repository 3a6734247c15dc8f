//! Where and with what a run was made.

/// The machine. Two machines of the same class may share stored times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Machine {
    /// Architecture, for instance `x86_64`.
    pub architecture: String,
    /// CPU vendor, family, model and stepping, for instance `AuthenticAMD 26/2/1`.
    pub cpu: String,
    /// Marketing name of the CPU.
    pub cpu_name: String,
    /// Logical CPUs that this process may use.
    pub cores: u32,
    /// L2 and L3 sizes as the kernel states them, for instance `1024K+32768K`.
    pub caches: String,
    /// Hypervisor, or `none`.
    pub hypervisor: String,
    /// Operating system and kernel release.
    pub system: String,
    /// Memory in bytes.
    pub memory_bytes: u64,
}

impl Machine {
    /// The machine class: what may share stored times. Clock rates and kernel are left out on purpose, they change by
    /// themselves.
    pub fn class(&self) -> String {
        format!("{} {} {} cores {} {}", self.architecture, self.cpu, self.cores, self.caches, self.hypervisor)
    }
}

/// The compiler and how it was called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Toolchain {
    /// First line of `rustc --version`.
    pub rustc: String,
    /// Host triple.
    pub host: String,
    /// `RUSTFLAGS` and the like that both sides were built with.
    pub flags: String,
}

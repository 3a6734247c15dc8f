//! Where this program lies in memory.
#![expect(clippy::disallowed_methods, reason = "Linux tells by a file")]

/// Where the executable of this process is loaded, by Linux's list of mappings; `None` on other systems.
pub(crate) fn loaded_at() -> Option<u64> {
    let maps = std::fs::read_to_string("/proc/self/maps").ok()?;
    let executable = std::env::current_exe().ok()?;
    let first = maps.lines().find(|line| line.ends_with(&*executable.to_string_lossy()))?;
    u64::from_str_radix(first.split('-').next()?, 16).ok()
}

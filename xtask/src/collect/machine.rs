//! What machine this is, and which compiler builds.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use anyhow::Result;

use super::cargo::clean_environment;
use super::command::line;
use crate::model::{Machine, Toolchain};

/// Reads the machine's description from `/proc` and `/sys`; elsewhere what the standard library knows.
pub fn machine() -> Machine {
    let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        let row = cpuinfo.lines().find(|row| row.split(':').next().is_some_and(|key| key.trim() == name));
        row.and_then(|row| row.split_once(':')).map_or("?", |(_, value)| value.trim())
    };
    let word = |path: &str| fs::read_to_string(path).unwrap_or_default().trim().to_owned();
    let cache = |index: u32| word(&format!("/sys/devices/system/cpu/cpu0/cache/index{index}/size"));
    let is_virtual = field("flags").split(' ').any(|flag| flag == "hypervisor");
    let hypervisor = match word("/sys/hypervisor/type") {
        kind if !kind.is_empty() => kind,
        _ if is_virtual => match word("/sys/class/dmi/id/sys_vendor") {
            vendor if vendor.is_empty() => "virtual".into(),
            vendor => vendor,
        },
        _ => "none".into(),
    };
    Machine {
        architecture: std::env::consts::ARCH.into(),
        cpu: format!("{} {}/{}/{}", field("vendor_id"), field("cpu family"), field("model"), field("stepping")),
        cpu_name: field("model name").into(),
        cores: thread::available_parallelism().map_or(1, |n| u32::try_from(n.get()).unwrap_or(u32::MAX)),
        caches: format!("{}+{}", cache(2), cache(3)),
        hypervisor,
        system: format!("{} {}", std::env::consts::OS, word("/proc/sys/kernel/osrelease")),
        memory_bytes: memory_bytes(),
    }
}

fn memory_bytes() -> u64 {
    let meminfo = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let row = meminfo.lines().find(|row| row.starts_with("MemTotal:")).unwrap_or_default();
    row.split_whitespace().nth(1).and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) * 1024
}

/// The compiler that builds both sides: the one that the candidate's tree selects.
///
/// # Errors
/// There is no `rustc`.
pub fn toolchain(tree: &Path) -> Result<Toolchain> {
    let mut command = Command::new("rustc");
    clean_environment(&mut command, None);
    let text = line(command.current_dir(tree).arg("-vV"))?;
    let field = |name: &str| text.lines().find_map(|row| row.strip_prefix(name)).unwrap_or_default().to_owned();
    let flags = std::env::var("RUSTFLAGS").or_else(|_| std::env::var("CARGO_ENCODED_RUSTFLAGS")).unwrap_or_default();
    Ok(Toolchain { rustc: text.lines().next().unwrap_or_default().into(), host: field("host: "), flags })
}

/// The toolchain that rustup selects in a tree, so that the other tree can be built with the same one; `None` without
/// rustup.
pub fn rustup_toolchain(tree: &Path) -> Option<String> {
    let mut command = Command::new("rustup");
    clean_environment(&mut command, None);
    let text = line(command.current_dir(tree).args(["show", "active-toolchain"])).ok()?;
    text.split_whitespace().next().map(String::from)
}

/// Cargo's configuration files above a repository that a checkout in the cache would not inherit.
pub fn inherited_configurations(repository: &Path, checkout: &Path) -> Vec<PathBuf> {
    let above = repository.ancestors().skip(1).filter(|directory| !checkout.starts_with(directory));
    let files = above.flat_map(|directory| ["config.toml", "config"].map(|name| directory.join(".cargo").join(name)));
    files.filter(|file| file.is_file()).collect()
}

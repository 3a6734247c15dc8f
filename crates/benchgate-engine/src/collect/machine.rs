//! What machine this is, and which compiler builds.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;

use anyhow::{Context, Result, bail};

use super::cargo::clean_environment;
use super::command::line;
use benchgate_core::model::{Machine, Side, Toolchain};

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

/// The compiler of a tree: that of a toolchain of rustup's, or the one that the tree selects.
///
/// # Errors
/// There is no `rustc`.
pub fn toolchain(tree: &Path, name: Option<&str>) -> Result<Toolchain> {
    let mut command = Command::new("rustc");
    clean_environment(&mut command, name);
    let text = line(command.current_dir(tree).arg("-vV"))?;
    let field = |name: &str| text.lines().find_map(|row| row.strip_prefix(name)).unwrap_or_default().to_owned();
    let flags = std::env::var("RUSTFLAGS").or_else(|_| std::env::var("CARGO_ENCODED_RUSTFLAGS")).unwrap_or_default();
    Ok(Toolchain { rustc: text.lines().next().unwrap_or_default().into(), host: field("host: "), flags })
}

/// rustup's name of the toolchain that builds a side: the one that is asked for, else the one that its tree selects; `None` without
/// rustup.
///
/// # Errors
/// It is not installed, with the commands to choose from.
pub fn rustup_toolchain(tree: &Path, side: Side, asked: Option<&str>) -> Result<Option<String>> {
    let mut command = Command::new("rustup");
    clean_environment(&mut command, asked);
    let Ok(output) = command.current_dir(tree).args(["show", "active-toolchain"]).output() else {
        return match asked {
            Some(name) => bail!(
                "toolchain `{name}` is asked for, and there is no `rustup` to select it\nhint: install rustup, or leave out \
                 `toolchain`"
            ),
            None => Ok(None),
        };
    };
    let said =
        String::from_utf8_lossy(if output.status.success() { &output.stdout } else { &output.stderr }).into_owned();
    if output.status.success() {
        return Ok(said.split_whitespace().next().map(String::from));
    }
    let missing = asked.map(String::from).or_else(|| uninstalled(&said));
    let name =
        missing.with_context(|| format!("rustup selects no toolchain for the {}: {}", side.name(), said.trim()))?;
    let whose = if asked.is_some() { "asked for" } else { "selected by its toolchain file" };
    bail!(
        "toolchain `{name}` of the {}, {whose}, is not installed\nhint: `rustup toolchain install {name}`, or build both sides with one \
         that is: `[build] toolchain = \"NAME\"` in benchgate.toml",
        side.name()
    )
}

/// The toolchain that rustup misses, by its complaint.
fn uninstalled(said: &str) -> Option<String> {
    let (_, rest) = said.split_once("toolchain '")?;
    let (name, rest) = rest.split_once('\'')?;
    rest.trim_start().starts_with("is not installed").then(|| name.to_owned())
}

/// Cargo's configuration files above a repository that a checkout in the cache would not inherit.
pub fn inherited_configurations(repository: &Path, checkout: &Path) -> Vec<PathBuf> {
    let above = repository.ancestors().skip(1).filter(|directory| !checkout.starts_with(directory));
    let files = above.flat_map(|directory| ["config.toml", "config"].map(|name| directory.join(".cargo").join(name)));
    files.filter(|file| file.is_file()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_toolchain_is_read_from_the_complaint() {
        #[track_caller]
        fn check(said: &str, expected: Option<&str>) {
            assert_eq!(uninstalled(said).as_deref(), expected);
        }
        check(
            "error: override toolchain '1.80.0-x86_64-unknown-linux-gnu' is not installed",
            Some("1.80.0-x86_64-unknown-linux-gnu"),
        );
        check("error: toolchain 'nightly' is not installed\nhelp: run", Some("nightly"));
        check("error: no active toolchain", None);
    }
}

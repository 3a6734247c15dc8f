//! What measuring depends on, read from the system and tried out: nothing is assumed, and what cannot be read says why.
//!
//! It changes nothing but for what it tries in a directory of its own in the cache, which goes with it. What the readings mean is
//! decided in `gate`.

mod place;
mod probe;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::Duration;

use super::base::{BaseChoice, default_base};
use super::cache::cache_home;
use super::ci::Ci;
use super::command::line;
use super::conditions::Watch;
use super::git::Repository;
use super::machine::{machine, toolchain};
use super::packages::Workspace;
use benchgate_core::model::{Health, History, Known, Load, Randomization};

/// How long this process sleeps to see what others do.
const LOOK: Duration = Duration::from_millis(500);

/// Where the kernel describes the processors.
const PROCESSORS: &str = "/sys/devices/system/cpu";

/// `ADDR_NO_RANDOMIZE` of `personality(2)`: what is started gets the same addresses each time.
const NO_RANDOMIZATION: u64 = 0x0004_0000;

/// Looks at the machine and at a workspace; `directory` is where it should be, whether or not cargo understands it.
pub fn health(workspace: Result<&Workspace, String>, directory: &Path) -> Health {
    let root = workspace.as_ref().map_or(directory, |workspace| &workspace.root);
    let home = cache_home();
    let cache = match &home {
        Ok(home) => place::cache(home),
        Err(error) => place::nowhere(error),
    };
    let probe = match (&cache.refusal, &home) {
        (None, Ok(home)) => probe::Probe::build(root, home).map_err(|error| format!("{error:#}")),
        _ => Err("the cache directory cannot be used".into()),
    };
    let (steal, load) = seen();
    Health {
        governors: governors(),
        steal,
        load,
        cores: machine().cores,
        randomization: randomization(),
        linker: probe.as_ref().map_err(Clone::clone).and_then(probe::Probe::linker),
        valgrind: valgrind(),
        preload: probe.as_ref().map_err(Clone::clone).and_then(probe::Probe::preload),
        cache,
        target: workspace.clone().map(|workspace| place::target(&workspace.target_directory)),
        git: git(root),
        toolchain: versions(root),
        benches: workspace.map(|workspace| workspace.benches.len()),
    }
}

fn governors() -> Known<Vec<String>> {
    let entries = fs::read_dir(PROCESSORS).map_err(|error| format!("`{PROCESSORS}` cannot be read: {error}"))?;
    let files = entries.flatten().map(|entry| entry.path().join("cpufreq/scaling_governor"));
    let names: BTreeSet<String> =
        files.filter_map(|file| Some(fs::read_to_string(file).ok()?.trim().to_owned())).collect();
    match names.is_empty() {
        true => Err("the kernel names none, as is usual in virtual machines".into()),
        false => Ok(names.into_iter().collect()),
    }
}

/// What the host took and what others use, while this process sleeps.
fn seen() -> (Known<[f64; 2]>, Known<Load>) {
    let (all, now) = (Watch::of_all(), Watch::start());
    if !now.is_told() {
        let why = || "`/proc/stat` cannot be read".to_owned();
        return (Err(why()), Err(why()));
    }
    let before = all.end();
    thread::sleep(LOOK);
    let now = now.end();
    let minute = fs::read_to_string("/proc/loadavg").ok();
    let minute = minute.and_then(|text| text.split(' ').next()?.parse().ok());
    let load = minute.map(|minute| Load { minute, busy: now.busy });
    (Ok([before.steal, now.steal]), load.ok_or_else(|| "`/proc/loadavg` cannot be read".into()))
}

fn randomization() -> Known<Randomization> {
    const SETTING: &str = "/proc/sys/kernel/randomize_va_space";
    let setting = fs::read_to_string(SETTING).map_err(|error| format!("`{SETTING}` cannot be read: {error}"))?;
    let of_this = fs::read_to_string("/proc/self/personality").ok();
    drawn(&setting, of_this.as_deref())
}

/// From the setting of the system, and what this process hands on, in hexadecimal.
fn drawn(setting: &str, personality: Option<&str>) -> Known<Randomization> {
    let personality = personality.and_then(|text| u64::from_str_radix(text.trim(), 16).ok()).unwrap_or(0);
    match setting.trim() {
        "0" => Ok(Randomization::Off),
        _ if personality & NO_RANDOMIZATION != 0 => Ok(Randomization::OffHere),
        "1" => Ok(Randomization::WithoutHeap),
        "2" => Ok(Randomization::Full),
        other => Err(format!("the kernel's setting is `{other}`, expected 0, 1 or 2")),
    }
}

fn valgrind() -> Known<Option<String>> {
    match line(Command::new("valgrind").arg("--version")) {
        Ok(version) => Ok(Some(version)),
        Err(error) if is_missing(&error) => Ok(None),
        Err(error) => Err(format!("{error:#}")),
    }
}

fn git(root: &Path) -> Known<Option<History>> {
    let repository = match Repository::at(root) {
        Ok(Some(repository)) => repository,
        Ok(None) => {
            return match line(Command::new("git").arg("--version")) {
                Err(error) if is_missing(&error) => Ok(None),
                Err(error) => Err(format!("{error:#}")),
                Ok(_) => Err(format!("`{}` is not in a git repository", root.display())),
            };
        }
        Err(refused) => return Ok(Some(History { is_shallow: false, base: Err(refused.to_string()) })),
    };
    let base = match default_base(&repository, Ci::here().as_ref()) {
        Ok(BaseChoice::Revision { reason, .. }) => Ok(Some(reason)),
        Ok(BaseChoice::Nothing { .. }) => Ok(None),
        Err(error) => Err(format!("{error:#}")),
    };
    Ok(Some(History { is_shallow: repository.is_shallow(), base }))
}

fn versions(root: &Path) -> Known<[String; 2]> {
    let cargo = line(Command::new("cargo").arg("--version").current_dir(root)).map_err(|error| format!("{error:#}"))?;
    let rustc = toolchain(root, None).map_err(|error| format!("{error:#}"))?.rustc;
    Ok([cargo, rustc])
}

/// Whether a program could not be started since there is none of its name.
fn is_missing(error: &anyhow::Error) -> bool {
    error.downcast_ref::<std::io::Error>().is_some_and(|error| error.kind() == std::io::ErrorKind::NotFound)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_says_of_addresses_is_read() {
        #[track_caller]
        fn check(setting: &str, personality: Option<&str>, expected: Option<Randomization>) {
            assert_eq!(drawn(setting, personality).ok(), expected);
        }
        check("2\n", Some("00000000\n"), Some(Randomization::Full));
        check("2\n", None, Some(Randomization::Full));
        check("1\n", None, Some(Randomization::WithoutHeap));
        check("0\n", Some("00040000\n"), Some(Randomization::Off));
        check("2\n", Some("00040000\n"), Some(Randomization::OffHere));
        check("many\n", None, None);
    }

    #[test]
    fn missing_program_is_told_from_one_that_fails() {
        let said = |name: &str, argument: &str| line(Command::new(name).arg(argument)).unwrap_err();
        assert!(is_missing(&said("no-such-program-here", "--version")));
        assert!(!is_missing(&said("cargo", "--no-such-flag")));
    }
}

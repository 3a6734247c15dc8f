//! What the state of a machine and a workspace means for measuring, in words: a check for each thing that matters.
//!
//! Only what makes measuring impossible has an exit code. Everything else costs precision, time or a kind of evidence, and the
//! decision stays valid: it assumes nothing about the machine but that both sides of a pair run on it.

use super::ExitCode;
use super::percent::{plural, share};
use crate::model::{Health, History, Known, Load, Place, Preload, Randomization};

/// One thing that was looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Check {
    /// What was looked at.
    pub name: &'static str,
    /// How it is.
    pub state: CheckState,
    /// What was found.
    pub found: String,
    /// What follows from it.
    pub consequence: String,
    /// What to do about it.
    pub remedy: Option<String>,
    /// What `bench` would end with because of it.
    pub exit: Option<ExitCode>,
}

/// How something is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CheckState {
    /// As good as it gets.
    Good,
    /// It costs something.
    Costly,
    /// Nothing can be measured because of it.
    Impossible,
    /// It could not be read.
    Unknown,
}

impl CheckState {
    /// The word that every output uses.
    pub fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Costly => "costly",
            Self::Impossible => "impossible",
            Self::Unknown => "unknown",
        }
    }
}

/// Share of time taken by the host from which a reader is told: pairs that lose a tick of 10 ms lose a whole bench.
const MUCH_STEAL: f64 = 0.01;

/// Share of the processors' time in use by others from which a reader is told: a tenth of two cores is a background job.
const MUCH_LOAD: f64 = 0.1;

/// Free bytes below which a run may not get through: two checkouts, a target directory and kept executables.
const LITTLE_ROOM: u64 = 2 << 30;

/// File systems that are not on this machine: fresh copies of executables come slowly, and memory may not be shared through them.
const REMOTE: [&str; 8] = ["nfs", "nfs4", "cifs", "smb3", "9p", "virtiofs", "fuse.sshfs", "vboxsf"];

/// All checks, in the order of display.
pub fn examine(health: &Health) -> Vec<Check> {
    vec![
        toolchain(&health.toolchain),
        workspace(&health.benches),
        git(&health.git),
        governor(&health.governors),
        steal(&health.steal),
        load(&health.load),
        cores(health.cores),
        randomization(&health.randomization),
        preload(&health.preload),
        linker(&health.linker),
        valgrind(&health.valgrind),
        cache(&health.cache),
        target(&health.target),
        gnuplot(),
    ]
}

impl Check {
    /// What `bench` would end with: the first of what makes measuring impossible, in the order of the exit codes.
    pub fn exit_of(checks: &[Self]) -> ExitCode {
        ExitCode::strongest(checks.iter().filter_map(|check| check.exit))
    }

    fn good(name: &'static str, found: impl Into<String>, consequence: impl Into<String>) -> Self {
        let (found, consequence) = (found.into(), consequence.into());
        Self { name, state: CheckState::Good, found, consequence, remedy: None, exit: None }
    }

    fn costly(name: &'static str, found: impl Into<String>, consequence: impl Into<String>) -> Self {
        Self { state: CheckState::Costly, ..Self::good(name, found, consequence) }
    }

    fn impossible(name: &'static str, found: impl Into<String>, exit: ExitCode) -> Self {
        let consequence = format!("nothing can be measured: `bench` ends with {}", exit.code());
        Self { state: CheckState::Impossible, exit: Some(exit), ..Self::good(name, found, consequence) }
    }

    /// It could not be read, for this reason; the consequence is what may be the case.
    fn unknown(name: &'static str, why: &str, consequence: impl Into<String>) -> Self {
        Self { state: CheckState::Unknown, ..Self::good(name, why, consequence) }
    }

    fn remedied(self, remedy: impl Into<String>) -> Self {
        Self { remedy: Some(remedy.into()), ..self }
    }
}

fn toolchain(known: &Known<[String; 2]>) -> Check {
    const NAME: &str = "toolchain";
    match known {
        Ok([cargo, rustc]) => Check::good(
            NAME,
            format!("{cargo}; {rustc}"),
            "a side is built with it where neither its tree nor `[build]` says otherwise",
        ),
        Err(why) => Check::impossible(NAME, why, ExitCode::Build).remedied("install Rust and cargo: https://rustup.rs"),
    }
}

fn workspace(benches: &Known<usize>) -> Check {
    const NAME: &str = "workspace";
    match benches {
        Ok(0) => Check::impossible(NAME, "no bench target", ExitCode::NothingCompared)
            .remedied("add a bench target with `harness = false`, or name another manifest with `--manifest-path`"),
        Ok(n) => Check::good(
            NAME,
            plural(*n as u64, "bench target"),
            "those of all members; tiers and `[build]` say which are measured",
        ),
        Err(why) => Check::impossible(NAME, why, ExitCode::Metadata),
    }
}

fn git(known: &Known<Option<History>>) -> Check {
    const NAME: &str = "git";
    const STORED: &str = "`bench` holds counts against the stored baseline, and compares no times";
    match known {
        Ok(None) => Check::costly(NAME, "git is missing", STORED).remedied("`apt install git`"),
        Err(why) => Check::costly(NAME, why, STORED),
        Ok(Some(History { base: Err(why), .. })) => Check::impossible(NAME, why, ExitCode::BaseUnavailable),
        Ok(Some(History { is_shallow: true, base: Ok(_) })) => {
            Check::costly(NAME, "history is cut off", "a base beyond the cut is an error, never silently another one")
                .remedied("`git fetch --unshallow origin`; in GitHub's checkout action `fetch-depth: 0`")
        }
        Ok(Some(History { is_shallow: false, base: Ok(Some(base)) })) => {
            Check::good(NAME, "history is whole", format!("`bench` compares with {base}"))
        }
        Ok(Some(History { is_shallow: false, base: Ok(None) })) => Check::good(
            NAME,
            "history is whole",
            "no revision differs from this one, so that `bench` takes the stored baseline; `--base REV` names another",
        ),
    }
}

fn governor(known: &Known<Vec<String>>) -> Check {
    const NAME: &str = "governor";
    const WANDERS: &str = "clock rates wander by some per cent for seconds; the sides of a pair alternate within them, so \
                           verdicts hold, and numbers of two runs must not be compared";
    match known {
        Ok(names) if names.iter().all(|name| name == "performance") => {
            Check::good(NAME, "performance", "the clock rate is as steady as the processor keeps it")
        }
        Ok(names) => Check::costly(NAME, names.join(", "), WANDERS)
            .remedied("`sudo cpupower frequency-set --governor performance`"),
        Err(why) => Check::unknown(NAME, why, WANDERS),
    }
}

fn steal(known: &Known<[f64; 2]>) -> Check {
    const NAME: &str = "steal";
    match known {
        Ok([always, now]) => {
            let found = format!("{} since the system started, {} just now", share(*always), share(*now));
            match always.max(*now) >= MUCH_STEAL {
                true => Check::costly(
                    NAME,
                    found,
                    "the host gives processors to others: pairs spread more, and runs take more of them",
                ),
                false => Check::good(NAME, found, "the host leaves the processors to this machine"),
            }
        }
        Err(why) => Check::unknown(NAME, why, "pairs that the host interrupts are not marked as such"),
    }
}

fn load(known: &Known<Load>) -> Check {
    const NAME: &str = "load";
    match known {
        Ok(Load { minute, busy }) => {
            let found = format!("{minute:.2} over a minute, {} of the processors in use just now", share(*busy));
            match *busy >= MUCH_LOAD {
                true => Check::costly(
                    NAME,
                    found,
                    "others compete with the benches: runs take longer and see less while they do",
                )
                .remedied("end what else runs, and ask again"),
                false => Check::good(NAME, found, "the benches have the machine to themselves"),
            }
        }
        Err(why) => Check::unknown(NAME, why, "others may compete with the benches"),
    }
}

fn cores(cores: u32) -> Check {
    const NAME: &str = "cores";
    let beyond =
        format!("benchmarks that state more threads (`@t{}`) are measured when named, and never fail a run", cores + 1);
    match cores {
        0 | 1 => Check::costly(NAME, "1", format!("both sides, the driver and the system share it; {beyond}")),
        n => Check::good(NAME, n.to_string(), beyond),
    }
}

fn randomization(known: &Known<Randomization>) -> Check {
    const NAME: &str = "addresses";
    const FIXED: &str = "all processes of a side get the same addresses, so that pairs cannot tell what one placement costs from \
                         what the code costs; fresh link orders still can";
    const SWITCH: &str = "`sudo sysctl kernel.randomize_va_space=2`";
    match known {
        Ok(Randomization::Full) => {
            Check::good(NAME, "drawn for each process", "what a placement costs is noise between pairs")
        }
        Ok(Randomization::WithoutHeap) => Check::costly(NAME, "drawn, but for the heap's", FIXED).remedied(SWITCH),
        Ok(Randomization::Off) => Check::costly(NAME, "not drawn on this system", FIXED).remedied(SWITCH),
        Ok(Randomization::OffHere) => Check::costly(NAME, "not drawn for what this process starts", FIXED)
            .remedied("run it outside of the debugger, `setarch -R` or container that switches it off"),
        Err(why) => Check::unknown(NAME, why, "if placements are not drawn, pairs cannot tell them from code"),
    }
}

fn preload(known: &Known<Preload>) -> Check {
    const NAME: &str = "preload";
    const ALTERNATE: &str = "no lockstep: the sides alternate bench by bench, so that clock steps of seconds stand between them, and \
                             verdicts take many more pairs";
    match known {
        Ok(Preload::Announced) => Check::good(
            NAME,
            "a process with the clock in front announced itself",
            "the sides alternate within each bench",
        ),
        Ok(Preload::Unfit(why)) => Check::costly(NAME, why, ALTERNATE),
        Ok(Preload::Silent) => {
            Check::costly(NAME, "a process with the clock in front did not announce itself", ALTERNATE)
        }
        Err(why) => Check::unknown(NAME, why, "each series says how its sides alternated"),
    }
}

fn linker(known: &Known<Option<String>>) -> Check {
    const NAME: &str = "linker";
    match known {
        Ok(None) => Check::good(NAME, "LLD", "what looks slower is judged on fresh link orders of both sides"),
        Ok(Some(why)) => Check::costly(
            NAME,
            why,
            "no fresh link orders: what a change moved in memory may pass for its cost, and red takes more pairs in large suites",
        )
        .remedied("`apt install lld` and `RUSTFLAGS=-Clink-arg=-fuse-ld=lld`, or Rust 1.90 or newer on x86_64 Linux, where LLD is the default"),
        Err(why) => Check::unknown(NAME, why, "a run says whether red times are confirmed on fresh link orders"),
    }
}

fn valgrind(known: &Known<Option<String>>) -> Check {
    const NAME: &str = "valgrind";
    match known {
        Ok(Some(version)) => {
            Check::good(NAME, version, "instruction counts stand beside rows that fresh link orders judge")
        }
        Ok(None) => Check::costly(NAME, "valgrind is missing", "no instruction counts stand beside flagged rows")
            .remedied("`apt install valgrind`"),
        Err(why) => Check::unknown(NAME, why, "instruction counts may be missing beside flagged rows"),
    }
}

fn cache(place: &Place) -> Check {
    const NAME: &str = "cache";
    if let Some(why) = &place.refusal {
        return Check::impossible(NAME, why, ExitCode::Output).remedied("set `BENCHGATE_CACHE_DIR`");
    }
    let found = described(place);
    if place.is_executable == Ok(false) {
        return Check { found, ..Check::impossible(NAME, "", ExitCode::BenchFailed) }
            .remedied("it is mounted `noexec`: set `BENCHGATE_CACHE_DIR` to a place whose programs may run");
    }
    let is_little = place.free_bytes.as_ref().is_ok_and(|&bytes| bytes < LITTLE_ROOM);
    let is_remote = place.kind.as_ref().is_ok_and(|kind| REMOTE.contains(&&**kind));
    let unread = [place.kind.as_ref().err(), place.is_executable.as_ref().err(), place.free_bytes.as_ref().err()];
    match (is_little, is_remote, unread.into_iter().flatten().next()) {
        (true, _, _) => Check::costly(NAME, found, "a build of both sides may not fit")
            .remedied("remove what is in it, or set `BENCHGATE_CACHE_DIR`"),
        (false, true, _) => Check::costly(
            NAME,
            found,
            "each process runs a fresh copy of its executable, which this file system is slow to give",
        )
        .remedied("set `BENCHGATE_CACHE_DIR` to a disk of this machine"),
        (false, false, Some(why)) => Check::unknown(NAME, &format!("{found}; {why}"), "builds may not fit"),
        (false, false, None) => {
            Check::good(NAME, found, "both sides are built and kept there, outside of the repository")
        }
    }
}

fn target(known: &Known<Place>) -> Check {
    const NAME: &str = "target";
    const KEPT: &str = "runs are kept there for `report`, `explain` and `compare`; nothing is built in it";
    match known {
        Ok(place) => match place.kind.as_ref().err().or(place.free_bytes.as_ref().err()) {
            Some(why) => Check::unknown(NAME, &format!("{}; {why}", described(place)), KEPT),
            None => Check::good(NAME, described(place), KEPT),
        },
        Err(_) => Check::unknown(NAME, "cargo does not say where it is", KEPT),
    }
}

/// `/var/cache (ext4, 12.3 GiB free)`, with what is known.
fn described(place: &Place) -> String {
    let kind = place.kind.as_ref().ok().cloned();
    let free =
        place.free_bytes.as_ref().ok().map(|&bytes| format!("{:.1} GiB free", bytes as f64 / f64::from(1 << 30)));
    let known: Vec<String> = [kind, free].into_iter().flatten().collect();
    let path = place.path.display();
    if known.is_empty() { path.to_string() } else { format!("{path} ({})", known.join(", ")) }
}

fn gnuplot() -> Check {
    Check::good("gnuplot", "not needed", "charts are drawn here, and benches are kept from asking for it")
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::CheckState::{Costly, Good, Impossible, Unknown};
    use super::*;

    fn place() -> Place {
        Place {
            path: PathBuf::from("/c"),
            refusal: None,
            kind: Ok("ext4".into()),
            is_executable: Ok(true),
            free_bytes: Ok(20 << 30),
        }
    }

    fn sound() -> Health {
        Health {
            governors: Ok(vec!["performance".into()]),
            steal: Ok([0.0004, 0.0]),
            load: Ok(Load { minute: 0.1, busy: 0.01 }),
            cores: 2,
            randomization: Ok(Randomization::Full),
            linker: Ok(None),
            valgrind: Ok(Some("valgrind-3.22.0".into())),
            preload: Ok(Preload::Announced),
            cache: place(),
            target: Ok(place()),
            git: Ok(Some(History { is_shallow: false, base: Ok(Some("the merge base with `main`".into())) })),
            toolchain: Ok(["cargo 1.95.0".into(), "rustc 1.95.0".into()]),
            benches: Ok(10),
        }
    }

    /// All is well but for one check, which has this state, code and words.
    #[track_caller]
    fn check(health: Health, name: &str, state: CheckState, code: Option<u8>, words: &[&str]) {
        for check in examine(&health) {
            let text = format!("{} {} {}", check.found, check.consequence, check.remedy.clone().unwrap_or_default());
            if check.name == name {
                assert_eq!((check.state, check.exit.map(ExitCode::code)), (state, code), "{text}");
                words.iter().for_each(|word| assert!(text.contains(word), "`{word}` is missing: {text}"));
            } else {
                assert_eq!(check.state, Good, "{}: {text}", check.name);
            }
        }
    }

    #[test]
    fn a_sound_machine_is_good_in_all_respects() {
        check(sound(), "none", Good, None, &[]);
        for check in examine(&sound()) {
            assert!(!check.found.is_empty() && !check.consequence.is_empty() && check.exit.is_none(), "{}", check.name);
        }
    }

    #[test]
    fn what_costs_something_says_what_and_how_to_mend_it() {
        let with = |change: fn(&mut Health)| {
            let mut health = sound();
            change(&mut health);
            health
        };
        let governor = with(|health| health.governors = Ok(vec!["ondemand".into(), "powersave".into()]));
        check(governor, "governor", Costly, None, &["ondemand, powersave", "cpupower"]);
        check(with(|health| health.steal = Ok([0.0, 0.031])), "steal", Costly, None, &["3.1 % just now"]);
        let load = with(|health| health.load = Ok(Load { minute: 3.0, busy: 0.5 }));
        check(load, "load", Costly, None, &["3.00 over a minute, 50 %"]);
        check(with(|health| health.cores = 1), "cores", Costly, None, &["`@t2`"]);
        let fixed = with(|health| health.randomization = Ok(Randomization::Off));
        check(fixed, "addresses", Costly, None, &["randomize_va_space=2"]);
        let linker = with(|health| health.linker = Ok(Some("bench `probe` was not linked by LLD".into())));
        check(linker, "linker", Costly, None, &["no fresh link orders", "-fuse-ld=lld"]);
        let valgrind = with(|health| health.valgrind = Ok(None));
        check(
            valgrind,
            "valgrind",
            Costly,
            None,
            &["no instruction counts stand beside flagged rows", "apt install valgrind"],
        );
        let silent = with(|health| health.preload = Ok(Preload::Silent));
        check(silent, "preload", Costly, None, &["did not announce itself", "no lockstep"]);
        let shallow = with(|health| health.git = Ok(Some(History { is_shallow: true, base: Ok(None) })));
        check(shallow, "git", Costly, None, &["fetch-depth: 0"]);
        let remote = with(|health| health.cache.kind = Ok("nfs4".into()));
        check(remote, "cache", Costly, None, &["nfs4", "BENCHGATE_CACHE_DIR"]);
        check(with(|health| health.cache.free_bytes = Ok(1 << 30)), "cache", Costly, None, &["1.0 GiB free"]);
    }

    #[test]
    fn what_makes_measuring_impossible_has_its_exit_code() {
        let why = || "because".to_owned();
        let base = Ok(Some(History { is_shallow: true, base: Err(why()) }));
        check(Health { git: base, ..sound() }, "git", Impossible, Some(97), &["because"]);
        check(Health { toolchain: Err(why()), ..sound() }, "toolchain", Impossible, Some(103), &["because"]);
        check(
            Health { benches: Err(why()), ..sound() },
            "workspace",
            Impossible,
            Some(102),
            &["because", "ends with 102"],
        );
        check(Health { benches: Ok(0), ..sound() }, "workspace", Impossible, Some(4), &["harness = false"]);
        let refused = Place { refusal: Some(why()), ..place() };
        check(Health { cache: refused, ..sound() }, "cache", Impossible, Some(110), &["because"]);
        let noexec = Place { is_executable: Ok(false), ..place() };
        check(Health { cache: noexec, ..sound() }, "cache", Impossible, Some(104), &["noexec"]);
    }

    #[test]
    fn what_cannot_be_read_is_unknown_with_its_reason() {
        let why = || "no such file".to_owned();
        check(Health { governors: Err(why()), ..sound() }, "governor", Unknown, None, &["no such file"]);
        check(Health { steal: Err(why()), ..sound() }, "steal", Unknown, None, &["no such file"]);
        check(Health { load: Err(why()), ..sound() }, "load", Unknown, None, &["no such file"]);
        check(Health { randomization: Err(why()), ..sound() }, "addresses", Unknown, None, &["no such file"]);
        check(Health { linker: Err(why()), ..sound() }, "linker", Unknown, None, &["no such file"]);
        check(Health { preload: Err(why()), ..sound() }, "preload", Unknown, None, &["no such file"]);
        check(Health { valgrind: Err(why()), ..sound() }, "valgrind", Unknown, None, &["no such file"]);
        check(Health { target: Err(why()), ..sound() }, "target", Unknown, None, &["does not say"]);
        let unread = Place { free_bytes: Err(why()), ..place() };
        check(Health { cache: unread, ..sound() }, "cache", Unknown, None, &["/c (ext4); no such file"]);
    }
}

//! The clock and its guards, on real processes. Readings are compared as ratios of two sides that run in one pair.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::super::criterion::{Cpus, Listed};
use super::{Board, Fit, HandOver, KnownEnds, Lesson, Noting};
use benchgate_core::model::{Sample, Samples};

/// Nothing here takes longer, on however busy a machine.
const LIMIT: Duration = Duration::from_secs(60);

/// Readings of one share, of which one must be right.
const TRIES: usize = 20;

/// The test program, compiled once a run for each set of flags, by one thread at a time.
fn program(flags: &[&str]) -> PathBuf {
    static COMPILED: Mutex<Vec<PathBuf>> = Mutex::new(Vec::new());
    let mut compiled = COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    let file = Path::new(env!("OUT_DIR")).join(format!("clockwork{}", flags.concat().replace(['-', '=', ','], "")));
    if !compiled.contains(&file) {
        let place = tempfile::tempdir_in(env!("OUT_DIR")).unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/collect/lockstep/tests/clockwork.rs");
        let mut rustc = Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()));
        rustc
            .args(["--edition", "2024", "-Copt-level=3"])
            .args(flags)
            .arg("-o")
            .arg(place.path().join("clockwork"))
            .arg(source);
        assert!(rustc.status().unwrap().success());
        fs::rename(place.path().join("clockwork"), &file).unwrap();
        compiled.push(file.clone());
    }
    file
}

/// Marks of the readings that end sections of the test program, learned from runs of it.
fn marks(flags: &[&str]) -> BTreeSet<u64> {
    static LEARNED: Mutex<BTreeMap<PathBuf, BTreeSet<u64>>> = Mutex::new(BTreeMap::new());
    let file = program(flags);
    let mut learned = LEARNED.lock().unwrap_or_else(PoisonError::into_inner);
    let learn = || ["work 20 20000", "park 20"].iter().flat_map(|words| learn(&file, words)).collect();
    learned.entry(file.clone()).or_insert_with(learn).clone()
}

/// What one run teaches, which prints how long each of its sections took.
#[track_caller]
fn learn(file: &Path, words: &str) -> Vec<u64> {
    let scratch = tempfile::tempdir().unwrap();
    let fit = Fit::of(&fs::read(file).unwrap(), scratch.path()).unwrap().unwrap();
    let mut environment = Vec::new();
    let noting = Noting::prepare(&fit, scratch.path(), &mut environment).unwrap();
    let output = Command::new(file).args(words.split(' ')).envs(environment).output().unwrap();
    let sample = |line: &str| Sample { iterations: 1.0, nanos: line.parse().unwrap() };
    let samples = Samples::new(String::from_utf8(output.stdout).unwrap().lines().map(sample).collect()).unwrap();
    match Lesson::of(&noting.take().unwrap(), &samples) {
        Lesson::Ends(marks) => marks,
        other => panic!("{} teaches nothing by `{words}`: {other:?}", file.display()),
    }
}

/// A pair of test programs on one processor.
struct Duo {
    board: Board,
    sides: [Child; 2],
    _scratch: tempfile::TempDir,
}

impl Duo {
    /// Starts both, with the first turn for `first`.
    fn start(flags: &[&str], words: [&[&str]; 2], first: usize) -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let file = program(flags);
        let fit = Fit::of(&fs::read(&file).unwrap(), scratch.path()).unwrap().unwrap();
        let board = Board::new(scratch.path(), [&fit, &fit], HandOver::End).unwrap();
        (0..2).for_each(|side| board.mark(side, &marks(flags)));
        board.begin(first);
        let sides = [0, 1].map(|side| {
            let mut command = Command::new(&file);
            command.args(words[side]).envs(board.environment(side, &fit)).stdout(Stdio::piped());
            Cpus::One.start(|| command.spawn()).unwrap()
        });
        Self { board, sides, _scratch: scratch }
    }

    /// Waits until a side has ended, and takes it out of the game.
    fn wait(&mut self, side: usize) {
        let deadline = Instant::now() + LIMIT;
        while self.sides[side].try_wait().unwrap().is_none() {
            assert!(Instant::now() < deadline, "side {side} hangs");
            std::thread::sleep(Duration::from_micros(100));
        }
        self.board.leave(side);
    }

    /// Lets both run to their ends and returns the numbers that they printed.
    fn numbers(&mut self) -> [Vec<f64>; 2] {
        let outputs = self.sides.each_mut().map(|side| side.stdout.take().unwrap());
        let readers = outputs.map(|mut output| {
            std::thread::spawn(move || {
                let mut text = String::new();
                output.read_to_string(&mut text).unwrap();
                text.lines().map(|line| line.parse().unwrap()).collect::<Vec<f64>>()
            })
        });
        let deadline = Instant::now() + LIMIT;
        let mut open = vec![0, 1];
        while !open.is_empty() {
            assert!(Instant::now() < deadline, "sides {open:?} hang");
            for side in open.clone() {
                if let Some(status) = self.sides[side].try_wait().unwrap() {
                    assert!(status.success(), "{status}");
                    self.board.leave(side);
                    open.retain(|other| *other != side);
                }
            }
            std::thread::sleep(Duration::from_micros(100));
        }
        readers.map(|reader| reader.join().unwrap())
    }
}

impl Drop for Duo {
    fn drop(&mut self) {
        for side in &mut self.sides {
            side.kill().ok();
            side.wait().ok();
        }
    }
}

/// Median of the logarithms of ratios, over seven pairs whose first side alternates.
fn effect(flags: &[&str], words: [&[&str]; 2]) -> f64 {
    let of = |pair: usize| {
        let mut duo = Duo::start(flags, words, pair % 2);
        let [base, candidate] = duo.numbers();
        for side in 0..2 {
            assert!(duo.board.has_joined(side));
            assert!(duo.board.watched(side).handed >= 5, "{:?}", duo.board.watched(side));
        }
        let ratios: Vec<f64> = base.iter().zip(&candidate).map(|(base, candidate)| (candidate / base).ln()).collect();
        middle(ratios)
    };
    middle((0..7).map(of).collect())
}

fn middle(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

#[test]
fn planted_share_is_read_as_it_is() {
    #[track_caller]
    fn check(flags: &[&str], steps: &str, expected: f64) {
        // Read to 0.0001 where nothing else runs. Tests may share the machine with anything, which disturbs a reading now and
        // then; a clock that is wrong is wrong each time.
        let mut wrong = Vec::new();
        for _ in 0..TRIES {
            let read = effect(flags, [&["work", "60", "100000"], &["work", "60", steps]]);
            if (read - expected).abs() < 0.01 {
                return;
            }
            wrong.push(read);
        }
        panic!("read {wrong:.4?}, planted {expected:.4}");
    }
    check(&[], "100000", 0.0);
    check(&[], "105000", 0.04879);
    check(&[], "95000", -0.05129);
    check(&FAT, "105000", 0.04879);
}

/// Everything inlined that can be, and no symbols.
const FAT: [&str; 4] = ["-Clto=fat", "-Ccodegen-units=1", "-Cpanic=abort", "-Cstrip=symbols"];

#[test]
fn ends_of_sections_are_learned_whatever_was_inlined_or_stripped() {
    #[track_caller]
    fn check(flags: &[&str]) {
        let mut duo = Duo::start(flags, [&["work", "60", "100000"]; 2], 0);
        duo.numbers();
        let handed = [0, 1].map(|side| duo.board.watched(side).handed);
        assert!(handed.iter().all(|&handed| handed >= 5), "{flags:?}: {handed:?} turns");
    }
    check(&[]);
    check(&FAT);
    check(&["-Clto=thin"]);
    check(&["-Copt-level=s"]);
    check(&["-Cpanic=abort"]);
    check(&["-Ccodegen-units=1"]);
    check(&["-Cstrip=symbols"]);
    check(&["-Copt-level=0"]);
    for linker in ["bfd", "gold", "lld", "mold"] {
        let flag = format!("-Clink-arg=-fuse-ld={linker}");
        if is_there(&format!("ld.{linker}")) || is_there(linker) {
            check(&[&flag]);
        } else {
            writeln!(std::io::stdout(), "skipped: there is no linker {linker}").unwrap();
        }
    }
}

#[test]
fn what_was_learned_holds_for_the_same_functions_elsewhere() {
    let scratch = tempfile::tempdir().unwrap();
    let files =
        [program(&[]), program(&["-Clink-arg=-Wl,--sort-section=name", "-Clink-arg=-Wl,-z,max-page-size=65536"])];
    let bench = Listed { group: "work".into(), function: None, value: None, throughput: None };
    let fits = files.each_ref().map(|file| Fit::of(&fs::read(file).unwrap(), scratch.path()).unwrap().unwrap());
    let own = files.each_ref().map(|file| learn(file, "work 20 20000"));
    assert_ne!(own[0], own[1], "the linker has put everything where it was");
    fits[0].lessons.keep(&bench, Lesson::Ends(own[0].clone()));
    KnownEnds::of(&fits[0].lessons, &files[0]).teach(&fits[1], &files[1]);
    assert_eq!(fits[1].lessons.of(&bench), Some(Lesson::Ends(own[1].clone())));
    // Without names nothing can be told.
    let bare = program(&["-Cstrip=symbols"]);
    let stripped = Fit::of(&fs::read(&bare).unwrap(), scratch.path()).unwrap().unwrap();
    KnownEnds::of(&fits[0].lessons, &files[0]).teach(&stripped, &bare);
    assert_eq!(stripped.lessons.of(&bench), None);
}

fn is_there(program: &str) -> bool {
    std::env::split_paths(&std::env::var_os("PATH").unwrap()).any(|directory| directory.join(program).is_file())
}

#[test]
fn static_program_is_refused_with_its_reason() {
    let scratch = tempfile::tempdir().unwrap();
    let file = program(&["-Ctarget-feature=+crt-static", "-Crelocation-model=static"]);
    let why = Fit::of(&fs::read(file).unwrap(), scratch.path()).unwrap().unwrap_err();
    assert!(why.contains("static"), "{why}");
}

#[test]
fn time_asleep_is_not_on_the_clock() {
    let began = Instant::now();
    let mut duo = Duo::start(&[], [&["work", "100", "100000"]; 2], 1);
    let [base, candidate] = duo.numbers();
    let wall = began.elapsed().as_nanos() as f64;
    let shown: f64 = base.iter().chain(&candidate).sum();
    assert!(shown < wall, "{shown} ns on both clocks in {wall} ns");
    let asleep: Vec<Duration> = (0..2).map(|side| duo.board.watched(side).asleep).collect();
    assert!(asleep.iter().all(|asleep| *asleep > Duration::from_millis(1)), "{asleep:?}");
}

#[test]
fn deadline_waits_as_long_as_was_asked() {
    let mut duo = Duo::start(&[], [&["park", "30"]; 2], 0);
    let [base, candidate] = duo.numbers();
    for nanos in base.iter().chain(&candidate) {
        assert!(*nanos >= 300_000.0, "park_timeout(300 us) came back after {nanos} ns");
    }
    assert!(duo.board.watched(0).shifted + duo.board.watched(1).shifted > 0, "no deadline was shifted");
}

#[test]
fn clock_of_other_threads_never_runs_backwards() {
    let [base, candidate] = Duo::start(&[], [&["watch", "200", "100000"]; 2], 0).numbers();
    assert_eq!((base.last(), candidate.last()), (Some(&0.0), Some(&0.0)));
}

#[test]
fn thread_that_runs_on_is_seen() {
    let mut duo = Duo::start(&[], [&["spin", "40", "100000"], &["work", "40", "100000"]], 0);
    duo.numbers();
    let share = |side| {
        let watched = duo.board.watched(side);
        watched.stray.as_secs_f64() / watched.asleep.as_secs_f64()
    };
    assert!(share(0) > 0.02, "{}", share(0));
    assert!(share(1) < 0.02, "{}", share(1));
    assert_eq!((duo.board.threads(0), duo.board.threads(1)), (1, 0));
}

#[test]
fn children_do_not_join() {
    let [base, candidate] = Duo::start(&[], [&["environment"]; 2], 0).numbers();
    assert_eq!((base, candidate), (vec![0.0, 0.0], vec![0.0, 0.0]));
}

#[test]
fn library_without_its_page_leaves_the_clock_alone() {
    let scratch = tempfile::tempdir().unwrap();
    let fit = Fit::of(&fs::read(program(&[])).unwrap(), scratch.path()).unwrap().unwrap();
    for page in ["0:/nowhere/at/all", "7:x", ""] {
        let mut command = Command::new(program(&[]));
        command.args(["work", "3", "1000"]).env("LD_PRELOAD", &fit.library).env(crate::preload::page::VARIABLE, page);
        let output = command.output().unwrap();
        assert!(output.status.success());
        assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 3, "{page}");
    }
}

#[test]
fn silent_library_is_noticed_in_time() {
    let scratch = tempfile::tempdir().unwrap();
    let fit = Fit::of(&fs::read(program(&[])).unwrap(), scratch.path()).unwrap().unwrap();
    let board = Board::new(scratch.path(), [&fit, &fit], HandOver::End).unwrap();
    let began = Instant::now();
    assert!(!board.has_joined(0));
    assert!(began.elapsed() < LIMIT);
}

/// A side may be killed at any moment, with or without the turn: the other must come to its end.
#[test]
fn thousand_kills_at_random_moments_hang_nothing() {
    let mut coin = ChaCha8Rng::seed_from_u64(1);
    for _ in 0..1000 {
        let mut duo = Duo::start(&[], [&["work", "12", "60000"]; 2], (coin.next_u32() % 2) as usize);
        let victim = (coin.next_u32() % 2) as usize;
        std::thread::sleep(Duration::from_micros(u64::from(coin.next_u32() % 4000)));
        duo.sides[victim].kill().unwrap();
        duo.wait(victim);
        duo.wait(1 - victim);
    }
}

/// A process whose driver is gone must not wait for ever for its turn.
#[test]
fn orphan_ends() {
    let scratch = tempfile::tempdir().unwrap();
    let file = program(&[]);
    let fit = Fit::of(&fs::read(&file).unwrap(), scratch.path()).unwrap().unwrap();
    let board = Board::new(scratch.path(), [&fit, &fit], HandOver::End).unwrap();
    board.begin(1); // the other, which never comes
    let [(_, library), (_, page)] = board.environment(0, &fit);
    let mut command = Command::new("sh");
    let script = "LD_PRELOAD=$1 BENCHGATE_LOCKSTEP=$2 \"$0\" work 5 1000 & read gone";
    command.arg("-c").arg(script).arg(&file).args([library, page]).stdin(Stdio::piped()).stdout(Stdio::piped());
    let driver = command.spawn().unwrap();
    assert!((0..30).any(|_| board.has_joined(0)), "it never joined");
    let output = driver.wait_with_output().unwrap(); // closes its input, and ends when the last holder of its output has
    assert!(output.stdout.is_empty(), "{output:?}");
}

//! Counts what is known: each case allocates a number of blocks and bytes that a reader can check by eye.
//!
//! Its own `main`, one case after the other: dhat counts the whole process, libtest's threads included.
#![allow(clippy::unwrap_used, reason = "a test")]

use benchgate_heap::{Case, Heap, Id};
use serde_json::{Value, json};
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};

#[global_allocator]
static ALLOCATOR: benchgate_heap::Allocator = benchgate_heap::ALLOCATOR;

#[derive(Clone, Default)]
struct Output(Arc<Mutex<Vec<u8>>>);

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Runs cases under a command line; what was printed, and whether the exit code is that of success.
fn run(line: &str, cases: impl FnOnce(&mut Heap)) -> (String, bool) {
    let output = Output::default();
    let mut heap = Heap::new(line.split_whitespace().map(str::to_owned), output.clone()).unwrap();
    cases(&mut heap);
    let is_success = format!("{:?}", heap.finish()) == format!("{:?}", std::process::ExitCode::SUCCESS);
    let text = String::from_utf8(output.0.lock().unwrap().clone()).unwrap();
    (text, is_success)
}

/// Measures one case and compares the fields that `expected` names.
#[track_caller]
fn check(cases: impl FnOnce(&mut Heap), expected: &Value) {
    let (text, is_success) = run("--bench --format json", cases);
    assert!(is_success, "{text}");
    let found: Value = serde_json::from_str(&text).unwrap();
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(&found[name], value, "`{name}` of {text}");
    }
}

fn id() -> Id {
    Id::new("heap", "case", 1)
}

fn block(bytes: usize) -> Vec<u8> {
    Vec::with_capacity(bytes)
}

fn blocks_and_bytes_are_counted() {
    check(
        |heap| {
            heap.case(Case::new(id(), || (), |()| [block(100), block(100), block(100)]));
        },
        &json!({
            "benchgate_heap": 1, "id": { "group": "heap", "function": "case", "value": "1" }, "iterations": 64,
            "allocations": 3.0, "bytes": 300.0, "peak_bytes": 300, "live_bytes": 0, "live_slope": 0.0,
            "exact": true, "repeatable": true, "counters": {},
        }),
    );
}

fn the_peak_is_of_what_lives_at_one_time() {
    check(
        |heap| {
            heap.case(Case::new(
                id(),
                || (),
                |()| {
                    drop(std::hint::black_box(block(1000)));
                    block(300)
                },
            ));
        },
        &json!({ "allocations": 2.0, "bytes": 1300.0, "peak_bytes": 1000, "live_bytes": 0 }),
    );
}

fn a_leak_is_a_slope() {
    check(
        |heap| {
            heap.case(Case::new(id(), || (), |()| std::mem::forget(std::hint::black_box(block(16)))));
        },
        &json!({ "allocations": 1.0, "bytes": 16.0, "live_bytes": 2 * 64 * 16, "live_slope": 16.0, "exact": true }),
    );
}

fn growth_that_happens_now_and_then_is_not_exact() {
    check(
        |heap| {
            heap.case(Case::new(id(), Vec::<u64>::new, |list| list.push(1)).warm_up(0));
        },
        // 64 values fit; the second 64 double the room once: one block of 128 values.
        &json!({ "allocations": 1.0 / 64.0, "bytes": 16.0, "exact": false, "repeatable": true, "live_slope": 8.0 }),
    );
}

fn what_depends_on_the_past_of_the_process_is_not_repeatable() {
    static RUNS: AtomicUsize = AtomicUsize::new(0);
    check(
        |heap| {
            heap.case(Case::new(id(), || RUNS.fetch_add(1, Ordering::Relaxed), |run| block(10 + *run)));
        },
        &json!({ "allocations": 1.0, "bytes": 12.0, "exact": true, "repeatable": false }),
    );
}

fn building_inputs_and_checking_are_not_counted() {
    let check_of_output = |_: &Vec<u8>, output: &usize| {
        assert_eq!(block(4096).capacity(), 4096);
        assert_eq!(*output, 500);
    };
    check(
        |heap| {
            let case = Case::with_input(
                id(),
                || block(10_000),
                || block(500),
                |_, input: Vec<u8>| block(input.capacity()).capacity(),
            );
            heap.case(case.check(check_of_output));
        },
        &json!({ "allocations": 1.0, "bytes": 500.0, "peak_bytes": 500, "live_bytes": 0, "live_slope": 0.0 }),
    );
}

fn dropping_an_output_is_counted() {
    struct Loud;
    impl Drop for Loud {
        fn drop(&mut self) {
            drop(std::hint::black_box(block(20)));
        }
    }
    check(
        |heap| {
            heap.case(Case::new(id(), || (), |()| Loud));
        },
        &json!({ "allocations": 1.0, "bytes": 20.0 }),
    );
}

fn other_threads_are_counted_while_the_iteration_waits_for_them() {
    struct Worker {
        jobs: mpsc::SyncSender<usize>,
        results: mpsc::Receiver<usize>,
    }
    let build = || {
        let (jobs, inbox) = mpsc::sync_channel::<usize>(1);
        let (outbox, results) = mpsc::sync_channel(1);
        std::thread::spawn(move || {
            for bytes in inbox {
                outbox.send(block(bytes).capacity()).unwrap();
            }
        });
        Worker { jobs, results }
    };
    check(
        |heap| {
            heap.case(Case::new(id(), build, |worker| {
                worker.jobs.send(700).unwrap();
                worker.results.recv().unwrap()
            }));
        },
        &json!({ "bytes": 700.0, "allocations": 1.0, "threads_before": 1, "threads_after": 1 }),
    );
}

fn a_thread_that_stays_is_seen() {
    if !std::path::Path::new("/proc/self/task").exists() {
        return;
    }
    let build = || {
        std::thread::spawn(|| {
            loop {
                std::thread::park();
            }
        });
    };
    let (text, _) = run("--bench --format json", |heap| {
        heap.case(Case::new(id(), build, |()| ()));
    });
    let found: Value = serde_json::from_str(&text).unwrap();
    // The second pass: the threads of the look before and of the first pass are there before, one more after.
    assert_eq!((&found["threads_before"], &found["threads_after"]), (&json!(3), &json!(4)), "{text}");
}

fn counters_are_those_of_the_state() {
    check(
        |heap| {
            let case = Case::new(id(), || 0_u64, |count| *count += 1).iterations(10).warm_up(5);
            heap.case(case.counters(|count| vec![("runs", *count)]));
        },
        // Warm-up, twice ten, and one for the peak.
        &json!({ "iterations": 10, "counters": { "runs": 26 } }),
    );
}

fn a_panic_is_a_line_of_its_own_and_the_others_run() {
    let cases = |heap: &mut Heap| {
        heap.case(Case::new(Id::alone("bad"), || (), |()| panic!("broken {}", 7)))
            .case(Case::new(Id::alone("wrong"), || (), |()| 1).check(|(), output| assert_eq!(*output, 2)))
            .case(Case::new(Id::alone("good"), || (), |()| ()));
    };
    let (text, is_success) = run("--bench --format json", cases);
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(!is_success);
    assert_eq!(lines[0]["error"], json!("broken 7"));
    assert!(lines[1]["error"].as_str().unwrap().contains("left: 1"), "{text}");
    assert_eq!((&lines[2]["id"]["group"], &lines[2]["exact"]), (&json!("good"), &json!(true)));
    let (text, is_success) = run("", cases);
    assert!(!is_success && text.contains("Testing bad\nFailed: broken 7") && text.contains("Testing good\nSuccess"));
}

fn cases_are_listed_and_filtered() {
    let cases =
        |heap: &mut Heap| {
            heap.case(Case::new(Id::new("a", "b", "c"), || (), |()| panic!("listed cases do not run")))
                .case(Case::new(Id::function("a", "bc"), || (), |()| ()));
        };
    let line = r#"{"benchgate_heap":1,"id":{"group":"a","function":"bc","value":null},"throughput":null}"#;
    assert_eq!(run("--list", cases), ("a/b/c: benchmark\na/bc: benchmark\n".to_owned(), true));
    assert_eq!(run("--list --format json bc", cases), (format!("{line}\n"), true));
    assert_eq!(run("--list --exact a/bc a", cases), ("a/bc: benchmark\n".to_owned(), true));
    assert_eq!(run("a/bc", cases), ("Testing a/bc\nSuccess\n".to_owned(), true));
    let empty = (format!("{}\n", r#"{"benchgate_heap":1,"cases":0}"#), true);
    assert_eq!(run("--list --format json nothing", cases), empty);
    assert_eq!(run("--bench --format json", |_| ()), empty);
}

#[inline(never)]
fn parsed(bytes: usize) -> Vec<u8> {
    std::hint::black_box(block(bytes))
}

#[expect(clippy::disallowed_methods, reason = "the file is what is tested")]
fn sites_name_the_function_that_allocates() {
    let file = std::env::temp_dir().join(format!("benchgate-heap-sites-{}", std::process::id()));
    let (text, is_success) = run(&format!("--bench --sites {} --exact heap/case/1", file.display()), |heap| {
        heap.case(Case::new(id(), || (), |()| [parsed(100), parsed(28)]));
        heap.case(Case::new(Id::alone("other"), || (), |()| panic!("other cases do not run")));
    });
    assert!(is_success, "{text}");
    let written: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    std::fs::remove_file(&file).unwrap();
    let frames = written["ftbl"].as_array().unwrap();
    let is_parsed = |index: &Value| frames[index.as_u64().unwrap() as usize].as_str().unwrap().contains("parsed");
    let sites = written["pps"].as_array().unwrap();
    let of_parsed = sites.iter().filter(|site| site["fs"].as_array().unwrap().iter().any(is_parsed));
    let bytes: u64 = of_parsed.map(|site| site["tb"].as_u64().unwrap()).sum();
    assert_eq!(bytes, 16 * 128, "{written:#}");
    let all: u64 = sites.iter().map(|site| site["tb"].as_u64().unwrap()).sum();
    assert_eq!(all, bytes, "nothing else allocates meanwhile: {written:#}");
}

fn main() {
    let tests: [(&str, fn()); 13] = [
        ("blocks and bytes are counted", blocks_and_bytes_are_counted),
        ("the peak is of what lives at one time", the_peak_is_of_what_lives_at_one_time),
        ("a leak is a slope", a_leak_is_a_slope),
        ("growth that happens now and then is not exact", growth_that_happens_now_and_then_is_not_exact),
        ("what depends on the past is not repeatable", what_depends_on_the_past_of_the_process_is_not_repeatable),
        ("building inputs and checking are not counted", building_inputs_and_checking_are_not_counted),
        ("dropping an output is counted", dropping_an_output_is_counted),
        ("other threads are counted", other_threads_are_counted_while_the_iteration_waits_for_them),
        ("counters are those of the state", counters_are_those_of_the_state),
        ("a panic is a line of its own and the others run", a_panic_is_a_line_of_its_own_and_the_others_run),
        ("sites name the function that allocates", sites_name_the_function_that_allocates),
        ("cases are listed and filtered", cases_are_listed_and_filtered),
        // Last, because its threads stay until the process ends.
        ("a thread that stays is seen", a_thread_that_stays_is_seen),
    ];
    let mut failed = 0;
    for (name, test) in tests {
        let outcome = std::panic::catch_unwind(test);
        println!("test {name} ... {}", if outcome.is_ok() { "ok" } else { "FAILED" });
        failed += usize::from(outcome.is_err());
    }
    // In libtest's words, for those who add results up.
    let word = if failed == 0 { "ok" } else { "FAILED" };
    println!("\ntest result: {word}. {} passed; {failed} failed; 0 ignored", tests.len() - failed);
    std::process::exit(if failed == 0 { 0 } else { 101 });
}

//! Starts a command and writes down what it took: a program of its own, embedded in the gate.
//!
//! The gate cannot do that itself. What the system tells of a process's peak memory begins with that of the process that it was
//! forked from, and the gate is larger than many a command. This program is small: a peak below some 2 MB is not seen.
//!
//! Built as a program of its own (`build.rs`) and embedded in the gate; and as a module of the gate, for lints.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    unsafe_code,
    reason = "a program of its own, at the edge on all sides; `wait4` is what tells of one child alone"
)]

use std::env;
use std::ffi::{c_int, c_long};
use std::fs;
use std::io;
use std::mem::MaybeUninit;
use std::process::{Command, ExitCode};
use std::time::Instant;

/// How it ends where there is nothing to start.
const NOT_STARTED: u8 = 127;

/// Seconds and microseconds, as Linux has them on 64 bits.
#[repr(C)]
struct Duration {
    seconds: c_long,
    micros: c_long,
}

/// What `wait4` tells, likewise.
#[repr(C)]
struct Usage {
    user: Duration,
    system: Duration,
    /// In KiB.
    peak: c_long,
    others: [c_long; 13],
}

unsafe extern "C" {
    fn wait4(process: c_int, status: *mut c_int, options: c_int, usage: *mut Usage) -> c_int;
}

/// `starter REPORT PROGRAM ARGUMENT…`: into the file `REPORT` go nanoseconds by the wall, nanoseconds of processors, peak memory in
/// bytes and the status that `wait` gave, with a blank between each.
pub fn main() -> ExitCode {
    let mut words = env::args_os().skip(1);
    let (Some(report), Some(program)) = (words.next(), words.next()) else {
        eprintln!("a file for the report and a program are needed");
        return ExitCode::from(NOT_STARTED);
    };
    let started = Instant::now();
    let child = match Command::new(&program).args(words).spawn() {
        Ok(child) => child,
        Err(error) => {
            eprintln!("`{}` cannot be started: {error}", program.display());
            return ExitCode::from(NOT_STARTED);
        }
    };
    let ended = end(child.id() as c_int);
    let wall = started.elapsed().as_nanos();
    let line = ended.map(|(status, usage)| {
        let nanos = |time: &Duration| 1_000_000_000 * time.seconds + 1000 * time.micros;
        let processor = nanos(&usage.user) + nanos(&usage.system);
        format!("{wall} {processor} {} {status}\n", 1024 * usage.peak)
    });
    match line.and_then(|line| fs::write(report, line)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("what `{}` took cannot be told: {error}", program.display());
            ExitCode::FAILURE
        }
    }
}

/// Waits for a child: its status, and what it used.
fn end(child: c_int) -> io::Result<(c_int, Usage)> {
    let (mut status, mut usage) = (0, MaybeUninit::<Usage>::zeroed());
    loop {
        // SAFETY: both places are valid for writing for as long as the call lasts, and of the shapes that it writes.
        let ended = unsafe { wait4(child, &raw mut status, 0, usage.as_mut_ptr()) };
        if ended == child {
            // SAFETY: zero is a value of every field, and the call has filled them.
            return Ok((status, unsafe { usage.assume_init() }));
        }
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
    }
}

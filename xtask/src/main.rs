//! `cargo xtask`: `ci` checks this repository; everything else is the gate, called as `cargo benchgate` is where it is installed.

mod ci;

use std::ffi::OsStr;
use std::process::ExitCode;

use clap::Parser;

/// Everything that CI checks: format, lints, tests, benches once, docs
#[derive(Debug, Parser)]
#[command(name = "xtask ci", bin_name = "cargo xtask ci")]
struct Ci;

fn main() -> ExitCode {
    let mut words = std::env::args_os().skip(1);
    if words.next().as_deref() != Some(OsStr::new("ci")) {
        return benchgate::cli::main();
    }
    let Ci = Ci::parse_from(std::iter::once("xtask ci".into()).chain(words));
    match ci::run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            anstream::eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

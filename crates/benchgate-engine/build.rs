//! Builds the preload libraries, for timing, counting and learning, the reference program and the starter of commands, with the compiler
//! that builds the gate, for the same target, and leaves them in `OUT_DIR` to be embedded. Where they cannot work (another system,
//! another libc), what is embedded is empty, and the gate says so.
#![allow(clippy::disallowed_methods, reason = "a build script reads the environment and starts the compiler")]

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-changed=embedded/preload");
    println!("cargo::rerun-if-changed=embedded/reference");
    println!("cargo::rerun-if-changed=src/collect/commands/starter.rs");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    let is = |name: &str, wanted: &[&str]| env::var(name).is_ok_and(|value| wanted.contains(&&*value));
    let is_supported = is("CARGO_CFG_TARGET_OS", &["linux"])
        && is("CARGO_CFG_TARGET_ENV", &["gnu"])
        && is("CARGO_CFG_TARGET_ARCH", &["x86_64", "aarch64"]);
    let libraries = [
        ("lockstep", &[][..]),
        ("counting", &["--cfg", "benchgate_preload_counting"]),
        ("learning", &["--cfg", "benchgate_preload_learning"]),
    ];
    for (name, conditions) in libraries {
        let library = out.join(name).with_extension("so");
        if is_supported {
            compile(name, conditions, &library);
        } else {
            std::fs::write(&library, []).expect("OUT_DIR can be written");
        }
    }
    for (name, source) in [("reference", "embedded/reference/main.rs"), ("starter", "src/collect/commands/starter.rs")]
    {
        let program = out.join(name);
        if is_supported {
            compile_program(name, source, &program);
        } else {
            std::fs::write(&program, []).expect("OUT_DIR can be written");
        }
    }
}

/// The compiler that builds the gate, for the same target, with what all that is embedded has in common.
fn rustc(output: &Path) -> Command {
    let mut rustc = Command::new(env::var_os("RUSTC").expect("cargo sets it"));
    rustc.args(["--edition", "2024", "-C", "opt-level=3", "-C", "panic=abort", "-C", "debuginfo=0"]);
    rustc.args(["-C", "strip=debuginfo", "-C", "overflow-checks=no", "-C", "debug-assertions=no"]);
    rustc.args(["-C", "codegen-units=1"]);
    rustc.arg("--target").arg(env::var_os("TARGET").expect("cargo sets it"));
    if let Some(linker) = env::var_os("RUSTC_LINKER") {
        rustc.arg("-C").arg(format!("linker={}", linker.display()));
    }
    rustc.arg("-o").arg(output);
    rustc
}

/// The partner of benchmarks whose times are stored, or what starts commands.
fn compile_program(name: &str, source: &str, program: &Path) {
    let mut rustc = rustc(program);
    rustc.args(["--crate-name", &format!("benchgate_{name}"), source]);
    let status = rustc.status().expect("the compiler starts");
    assert!(status.success(), "the {name} program does not build: {rustc:?}");
}

fn compile(name: &str, conditions: &[&str], library: &Path) {
    let mut rustc = rustc(library);
    rustc.args(["--crate-type", "cdylib", "--crate-name", &format!("benchgate_{name}")]);
    rustc.args(conditions).args(["--cfg", "benchgate_preload"]);
    rustc.args(["-C", "link-arg=-lc", "-C", "link-arg=-nostartfiles", "embedded/preload/lib.rs"]);
    let status = rustc.status().expect("the compiler starts");
    assert!(status.success(), "the preload library does not build: {rustc:?}");
}

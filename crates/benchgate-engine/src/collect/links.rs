//! Other link orders of a side's bench executables: the same objects, with their functions in another order.
//!
//! ```text
//! cargo bench --no-run, through a wrapper ──> objects kept, linker's command noted ──┬─ replayed: must give the same bytes
//!                                                                                   └─ with a seed: another order, each 0.1 s
//! ```
//!
//! Cargo keeps what it compiles through `RUSTC_WORKSPACE_WRAPPER` apart from what it compiles without, so no later build takes a
//! library or an executable from here for its own; and the features of all crates are those of the ordinary build, which those of
//! `cargo rustc` are not. It does not know why another order is wanted.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use object::read::elf::ElfFile64;
use object::{Endianness, Object, ObjectSection};

use super::build::{Builder, Executable};
use super::cargo::{Made, clean_environment};
use super::command::output;
use super::elf::loaded_hash;
use super::interruption;
use super::launching::Surroundings;
use super::packages::{BenchTarget, Workspace};
use super::tree::Tree;

/// Where the wrapper notes the linker's commands.
const NOTES_VARIABLE: &str = "BENCHGATE_LINKS";

/// Cargo's name for a program that compiles the workspace's own crates.
const WRAPPER_VARIABLE: &str = "RUSTC_WORKSPACE_WRAPPER";

/// All its names.
pub const WRAPPER_VARIABLES: [&str; 2] = [WRAPPER_VARIABLE, "CARGO_BUILD_RUSTC_WORKSPACE_WRAPPER"];

/// Compiles as asked; for bench executables of the workspace it keeps the objects and notes the linker's command. Cargo names no
/// crate type for those with a `main` of their own, and gives them no `CARGO_BIN_NAME`; `___` is its question what rustc can do.
const WRAPPER: &str = r#"#!/bin/sh
previous= name= kind=
for word; do
    case $previous in
    --crate-name) name=$word ;;
    --crate-type) kind=$word ;;
    esac
    previous=$word
done
if [ -n "$name" ] && [ -z "${kind#bin}" ] && [ "$name" != build_script_build ] && [ "$name" != ___ ] &&
    [ -n "$CARGO_PRIMARY_PACKAGE" ] && [ -z "$CARGO_BIN_NAME" ] && [ -n "$BENCHGATE_LINKS" ]; then
    set -- "$@" -C save-temps --print "link-args=$BENCHGATE_LINKS/$CARGO_PKG_NAME.$name"
fi
exec "$@"
"#;

/// Why an executable cannot be given another link order; `None` where it can.
///
/// # Errors
/// It cannot be read.
pub fn refusal(executable: &Executable) -> Result<Option<String>> {
    let is_set = |name: &&str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if let Some(name) = WRAPPER_VARIABLES.into_iter().find(is_set) {
        return Ok(Some(format!("{name} is in use")));
    }
    let bytes = fs::read(&executable.file).with_context(|| format!("cannot read `{}`", executable.file.display()))?;
    Ok(is_linked_by_lld(&bytes).err().map(|why| format!("bench `{}` {why}", executable.target)))
}

/// LLD shuffles sections on request, and signs what it links. Other linkers cannot.
fn is_linked_by_lld(executable: &[u8]) -> Result<(), &'static str> {
    const UNKNOWN: &str = "does not say what linked it";
    let file = ElfFile64::<Endianness>::parse(executable).map_err(|_| "is no 64-bit ELF executable")?;
    let comment = file.section_by_name(".comment").and_then(|section| section.data().ok()).ok_or(UNKNOWN)?;
    let is_lld = String::from_utf8_lossy(comment).contains("Linker: LLD");
    if is_lld { Ok(()) } else { Err("was not linked by LLD, which alone can shuffle functions") }
}

/// A side whose benches were compiled to be linked again.
#[derive(Debug)]
pub struct Relinks {
    /// The target directory in which they were.
    pub target_directory: PathBuf,
    benches: Vec<Relink>,
}

/// One bench of it.
#[derive(Debug)]
pub struct Relink {
    /// What cargo puts around it: libraries and whatever else it finds by that are those that it was linked with.
    pub surroundings: Surroundings,
    package: String,
    target: String,
    linker: Linker,
    /// Hash of what rustc linked.
    built: [u8; 32],
    /// Where cargo runs.
    directory: PathBuf,
    toolchain: Option<String>,
}

impl Builder<'_> {
    /// Compiles these benches of a side, by package and name, so that they can be linked again; `target_directory` is where they were
    /// built, and notes go to `scratch`.
    ///
    /// # Errors
    /// The side does not build this way; or a linker's command, replayed, does not give what rustc linked.
    pub fn relinks(
        &self,
        tree: &Tree,
        workspace: &Workspace,
        target_directory: &Path,
        benches: &BTreeSet<(&str, &str)>,
        scratch: &Path,
        on_line: impl FnMut(&str) + Send,
    ) -> Result<Relinks> {
        let wrapper = self.cache.wrapper();
        if fs::read_to_string(&wrapper).ok().as_deref() != Some(WRAPPER) {
            let context = || format!("cannot write `{}`", wrapper.display());
            fs::write(&wrapper, WRAPPER).with_context(context)?;
            fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755)).with_context(context)?;
        }
        let notes = scratch.join("links");
        if notes.exists() {
            fs::remove_dir_all(&notes).with_context(|| format!("cannot remove `{}`", notes.display()))?;
        }
        fs::create_dir_all(&notes).with_context(|| format!("cannot make `{}`", notes.display()))?;
        // A directory of its own: cargo puts programs in one place, however they were compiled, and a bench may start them.
        let target_directory = self.begin_links(target_directory)?;
        let is_wanted = |bench: &&BenchTarget| benches.contains(&(&*bench.package, &*bench.name));
        let wanted: Vec<&BenchTarget> = workspace.benches.iter().filter(is_wanted).collect();
        let environment = [(WRAPPER_VARIABLE, &*wrapper), (NOTES_VARIABLE, &*notes)];
        let Made { launches, .. } = self.cargo(tree, workspace, &target_directory, &wanted, &environment, on_line)?;
        let relink = |&(package, target): &(&str, &str)| {
            let note = notes.join(format!("{package}.{}", target.replace('-', "_")));
            let text =
                fs::read_to_string(&note).with_context(|| format!("the linker of bench `{target}` left no note"))?;
            let linker = Linker::parse(&text).with_context(|| format!("cannot read how bench `{target}` is linked"))?;
            let surroundings = launches.get(Path::new(linker.output())).cloned();
            let surroundings = surroundings.with_context(|| format!("cargo did not start bench `{target}`"))?;
            let mut relink = Relink {
                surroundings,
                package: package.to_owned(),
                target: target.to_owned(),
                built: [0; 32],
                linker,
                directory: workspace.root.clone(),
                toolchain: self.toolchain(tree.side).map(String::from),
            };
            relink.built = relink.replayed(scratch)?;
            Ok(relink)
        };
        let benches = benches.iter().map(relink).collect::<Result<_>>()?;
        Ok(Relinks { target_directory, benches })
    }
}

impl Relinks {
    /// One of the benches.
    pub fn find(&self, package: &str, target: &str) -> Option<&Relink> {
        self.benches.iter().find(|bench| (&*bench.package, &*bench.target) == (package, target))
    }
}

impl Relink {
    /// Links the functions in the order of a seed. `take` gets the executable, which is gone afterwards.
    ///
    /// # Errors
    /// The linker fails; or the order stays the same; or `take` fails.
    pub fn link<T>(&self, seed: u32, scratch: &Path, take: impl FnOnce(&Path) -> Result<T>) -> Result<T> {
        let to = scratch.join("linked");
        self.run(Some(seed), &to)?;
        let is_same = code(&to)? == Some(self.built);
        ensure!(!is_same, "the linker left the functions of bench `{}` as they are", self.target);
        let taken = take(&to)?;
        fs::remove_file(&to).with_context(|| format!("cannot remove `{}`", to.display()))?;
        Ok(taken)
    }

    /// What rustc linked, which its command must give again.
    fn replayed(&self, scratch: &Path) -> Result<[u8; 32]> {
        let to = scratch.join("linked");
        self.run(None, &to)?;
        let built = code(Path::new(self.linker.output()))?;
        let replayed = built.filter(|built| code(&to).ok().flatten() == Some(*built));
        let target = &self.target;
        replayed
            .with_context(|| format!("the linker's command for bench `{target}`, replayed, gives another executable"))
    }

    fn run(&self, seed: Option<u32>, to: &Path) -> Result<()> {
        let words = self.linker.words(seed, to);
        let mut command = Command::new(&words[0]);
        clean_environment(&mut command, self.toolchain.as_deref());
        command.args(&words[1..]).envs(self.linker.environment.iter().cloned()).current_dir(&self.directory);
        // Its command alone is longer than a screen.
        output(&mut command).map(drop).map_err(|error| {
            if interruption::has_arrived() {
                return anyhow::anyhow!("interrupted");
            }
            let text = format!("{error:#}");
            let said = text.rsplit_once("`: ").or_else(|| text.rsplit_once("): ")).map_or(&*text, |(_, said)| said);
            anyhow::anyhow!("bench `{}` does not link again: {said}", self.target)
        })
    }
}

/// Hash of all that is loaded of an executable.
fn code(file: &Path) -> Result<Option<[u8; 32]>> {
    let bytes = fs::read(file).with_context(|| format!("cannot read `{}`", file.display()))?;
    Ok(loaded_hash(&bytes, &BTreeSet::new()))
}

/// A linker's command as rustc prints it: `KEY="value" … "program" "argument" …`, quoted like Rust's string literals.
#[derive(Debug, PartialEq, Eq)]
struct Linker {
    environment: Vec<(String, String)>,
    arguments: Vec<String>,
    /// Where the name of the output stands.
    output: usize,
}

impl Linker {
    fn parse(text: &str) -> Result<Self> {
        let (mut environment, mut arguments) = (Vec::new(), Vec::new());
        let mut rest = text.trim();
        while !rest.is_empty() {
            let (key, quoted) = rest.split_once('"').context("expected a quoted word")?;
            let (word, after) = unquoted(quoted)?;
            match key.trim_start().strip_suffix('=') {
                Some(key) if arguments.is_empty() => environment.push((key.to_owned(), word)),
                None if key.trim().is_empty() => arguments.push(word),
                Some(_) | None => bail!("expected a quoted word, found `{}`", key.trim()),
            }
            rest = after.trim_start();
        }
        let output = arguments.iter().position(|word| word == "-o").context("expected `-o`")? + 1;
        ensure!(output < arguments.len(), "expected a file after `-o`");
        Ok(Self { environment, arguments, output })
    }

    fn output(&self) -> &str {
        &self.arguments[self.output]
    }

    /// The command for another output, and another order.
    fn words(&self, seed: Option<u32>, to: &Path) -> Vec<String> {
        let mut words = self.arguments.clone();
        words[self.output] = to.display().to_string();
        // A compiler that links passes on what starts so; a linker that is called itself takes its flags plainly.
        let is_passed_on = words.iter().any(|word| word.starts_with("-Wl,"));
        let prefix = if is_passed_on { "-Wl," } else { "" };
        words.extend(seed.map(|seed| format!("{prefix}--shuffle-sections=.text*={seed}")));
        words
    }
}

/// A word up to its closing quote, and what follows.
fn unquoted(text: &str) -> Result<(String, &str)> {
    let mut word = String::new();
    let mut letters = text.char_indices();
    while let Some((at, letter)) = letters.next() {
        match letter {
            '"' => return Ok((word, &text[at + 1..])),
            '\\' => match letters.next() {
                Some((_, letter @ ('"' | '\\' | '\''))) => word.push(letter),
                Some((_, other)) => bail!("unexpected escape `\\{other}`"),
                None => break,
            },
            letter => word.push(letter),
        }
    }
    bail!("a quoted word does not end")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn printed_commands_are_read() {
        let linker =
            Linker::parse("LC_ALL=\"C\" PATH=\"/a b:/c\" \"cc\" \"-m64\" \"/t/x \\\"y\\\".o\" \"-o\" \"/t/x\"\n")
                .unwrap();
        assert_eq!(linker.environment, [("LC_ALL".into(), "C".into()), ("PATH".into(), "/a b:/c".into())]);
        assert_eq!(linker.arguments, ["cc", "-m64", "/t/x \"y\".o", "-o", "/t/x"]);
        assert_eq!(linker.output(), "/t/x");
        let again = linker.words(Some(7), Path::new("/n"));
        assert_eq!(again, ["cc", "-m64", "/t/x \"y\".o", "-o", "/n", "--shuffle-sections=.text*=7"]);
        let passed_on = Linker::parse("\"cc\" \"-Wl,-O1\" \"-o\" \"x\"").unwrap();
        assert_eq!(passed_on.words(Some(7), Path::new("n"))[4], "-Wl,--shuffle-sections=.text*=7");
        assert_eq!(passed_on.words(None, Path::new("n")), ["cc", "-Wl,-O1", "-o", "n"]);
    }

    #[test]
    fn what_is_no_command_is_refused() {
        #[track_caller]
        fn check(text: &str, expected: &str) {
            let why = Linker::parse(text).unwrap_err().to_string();
            assert!(why.contains(expected), "{why}");
        }
        check("", "expected `-o`");
        check("\"cc\" \"-o\"", "a file after");
        check("env -u X \"cc\" \"-o\" \"x\"", "found `env -u X`");
        check("cc -o x", "a quoted word");
        check("\"cc\" \"-o", "does not end");
        check("\"cc\" \"\\n\"", "unexpected escape");
    }

    #[test]
    fn only_lld_shuffles() {
        assert_eq!(is_linked_by_lld(b"#!/bin/sh\n"), Err("is no 64-bit ELF executable"));
        let shell = fs::read("/bin/sh").unwrap();
        assert!(is_linked_by_lld(&shell).is_err(), "the system's shell is linked by the system's linker");
    }
}

//! Commands of the user's that are run in a side's tree before it is built, and what they leave there.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use super::build::Builder;
use super::command::tail;
use super::interruption;
use super::tree::{Tree, remove_tree};

/// Lines of a command that failed which are shown.
const SHOWN_LINES: usize = 30;

impl Builder<'_> {
    /// Runs the commands in a tree, in the environment of its builds. What they build with cargo goes to a target directory of the side's own,
    /// which begins empty for another tree.
    ///
    /// # Errors
    /// A command fails, with its last words.
    pub fn set_up(&self, tree: &Tree, mut on_line: impl FnMut(&str)) -> Result<()> {
        if self.settings.setup.is_empty() {
            return Ok(());
        }
        let target_directory = self.setup_directory(tree)?;
        for words in &self.settings.setup {
            on_line(words);
            let mut command = Command::new("sh");
            self.prepare_environment(&mut command, tree.side, &target_directory);
            command.args(["-c", words]).current_dir(tree.root.join(&self.below));
            run(&mut command, words, &mut on_line).with_context(|| {
                format!("`[build] setup` fails in the {}, which is `{}`", tree.side.name(), tree.root.display())
            })?;
        }
        Ok(())
    }

    /// Where the commands build in a tree; what an earlier tree left is gone, since cargo would go by times.
    fn setup_directory(&self, tree: &Tree) -> Result<PathBuf> {
        let directory = self.cache.setup(tree.side);
        let stamp = directory.with_extension("tree");
        let [of_base, of_candidate] = &self.compilers;
        let now = [&*tree.commit, of_base, of_candidate].join("\n");
        if fs::read_to_string(&stamp).ok().as_deref() != Some(&now) {
            remove_tree(&directory)?;
            let context = || format!("cannot make `{}`", directory.display());
            fs::create_dir_all(&directory).with_context(context)?;
            fs::write(&stamp, now).with_context(context)?;
        }
        Ok(directory)
    }
}

/// Runs a command to its end; what it prints is passed on line by line.
fn run(command: &mut Command, words: &str, on_line: &mut impl FnMut(&str)) -> Result<()> {
    let (reader, writer) = std::io::pipe().context("cannot make a pipe")?;
    command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer);
    let mut child = command.spawn().context("cannot run `sh`")?;
    // The command holds the other ends of the pipe, which would never end.
    command.stdout(Stdio::null()).stderr(Stdio::null());
    let mut said = String::new();
    for line in BufReader::new(reader).split(b'\n').map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line);
        on_line(&line);
        said.push_str(&line);
        said.push('\n');
    }
    let status = child.wait().context("cannot wait for `sh`")?;
    if !status.success() {
        ensure!(!interruption::explains(status), "interrupted");
        bail!(
            "`{words}` ended with {status}:\n{}\nhint: try it in a clean clone; files that git ignores are not there",
            tail(said.as_bytes(), SHOWN_LINES)
        );
    }
    Ok(())
}

//! Running a command to its end and keeping what it said.

use std::io::Write;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};

use super::interruption;

/// Runs a command and returns its standard output.
///
/// # Errors
/// It could not be started, or it failed; then with the last lines of its standard error.
pub(super) fn output(command: &mut Command) -> Result<Vec<u8>> {
    let shown = shown(command);
    let output = command.stdin(Stdio::null()).output().with_context(|| format!("cannot run `{shown}`"))?;
    if !output.status.success() {
        interruption::note(output.status);
        bail!("`{shown}` failed ({}): {}", output.status, tail(&output.stderr, 20));
    }
    Ok(output.stdout)
}

/// Like [`output`], for a command that reads its standard input to the end before it has much to say.
pub(super) fn output_given(command: &mut Command, input: &[u8]) -> Result<Vec<u8>> {
    let shown = shown(command);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().with_context(|| format!("cannot run `{shown}`"))?;
    let mut stdin = child.stdin.take().expect("stdin is piped");
    // A thread of its own: a command that prints while it reads would wait for us, and we for it.
    let output = std::thread::scope(|scope| {
        let writer = scope.spawn(move || stdin.write_all(input));
        let output = child.wait_with_output();
        // A command that ended early says why by its status.
        writer.join().expect("the writer does not panic").ok();
        output
    });
    let output = output.with_context(|| format!("cannot wait for `{shown}`"))?;
    if !output.status.success() {
        bail!("`{shown}` failed ({}): {}", output.status, tail(&output.stderr, 20));
    }
    Ok(output.stdout)
}

/// Like [`output`], as text without the final line break.
pub(super) fn line(command: &mut Command) -> Result<String> {
    let text = String::from_utf8_lossy(&output(command)?).into_owned();
    Ok(text.trim_end_matches(['\n', '\r']).to_owned())
}

/// The command as one would type it.
pub(super) fn shown(command: &Command) -> String {
    let mut words = vec![command.get_program().to_string_lossy().into_owned()];
    words.extend(command.get_args().map(|arg| arg.to_string_lossy().into_owned()));
    words.join(" ")
}

/// The last lines of what a process said, at most `lines`.
pub(super) fn tail(bytes: &[u8], lines: usize) -> String {
    let text = String::from_utf8_lossy(bytes);
    let all: Vec<&str> = text.trim_end().lines().collect();
    all[all.len().saturating_sub(lines)..].join("\n")
}

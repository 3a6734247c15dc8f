//! Writing and printing what came out.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::args::{Color, Format};
use super::places::places;
use super::repeat::{INSTALLED, program};
use super::stop::{OrStop, Stop};
use benchgate_core::gate::{ExitCode, Outcome};
use benchgate_core::model::Run;
use benchgate_engine::collect::Workspace;
use benchgate_engine::store;
use benchgate_report::{self as report, Charset, Look, Palette, Rows};

/// A run that is judged, and where its report goes.
pub(super) struct Finished<'a> {
    pub run: &'a Run,
    pub outcome: &'a Outcome,
    pub workspace: &'a Workspace,
    pub report: &'a Path,
    pub is_verbose: bool,
}

/// Writes the report and what else was asked for; all of it is tried. `failed` is what went wrong before; it comes back with
/// what could not be written. JSON is written last, since it says what the process ends with.
pub(super) fn write(finished: &Finished<'_>, outputs: &[(Format, PathBuf)], mut failed: Vec<Stop>) -> Vec<Stop> {
    let Finished { run, outcome, .. } = finished;
    let html = report::html(run, outcome).context("cannot render the report").or_stop(ExitCode::Internal);
    let html = html.map_err(|stop| failed.push(stop)).ok();
    let report = html.as_ref().map(|html| (finished.report, html));
    let others = outputs.iter().filter_map(|(format, file)| {
        let text = match format {
            Format::Json => return None,
            Format::Text => report::terminal(run, outcome, FILE_LOOK),
            Format::Html => html.clone()?,
            Format::Markdown => report::markdown(run, outcome, report::COMMENT),
            Format::Junit => report::junit(run, outcome),
            Format::Github => report::github(run, outcome, &places(finished.workspace, outcome)),
        };
        Some((*format, &**file, text))
    });
    failed.extend(report.iter().filter_map(|(file, text)| write_file(file, text.as_bytes()).err()));
    failed.extend(others.filter_map(|(format, file, text)| write_as(format, file, &text).err()));
    for (_, file) in outputs.iter().filter(|(format, _)| *format == Format::Json) {
        let mut outcome = (*outcome).clone();
        outcome.exits.extend(failed.iter().map(|stop| stop.code));
        failed.extend(write_file(file, report::json(run, &outcome).as_bytes()).err());
    }
    failed
}

/// Tells what could not be written, and what the process ends with.
pub(super) fn conclude(finished: &Finished<'_>, failed: Vec<Stop>) -> ExitCode {
    let exits = finished.outcome.exits.iter().copied();
    let code = ExitCode::strongest(exits.chain(failed.iter().map(|stop| stop.code)));
    failed.iter().for_each(|stop| print_error(&stop.error));
    code
}

/// Where the tool stopped before there was anything to judge, programs still get their answer.
pub(super) fn write_stop(stop: &Stop, outputs: &[(Format, PathBuf)]) {
    let said = &said(&stop.error);
    for (format, file) in outputs {
        let written = match format {
            Format::Json => write_file(file, report::json_without_run(stop.code, said).as_bytes()),
            Format::Text => write_file(file, format!("error: {said}\n").as_bytes()),
            Format::Markdown => write_file(file, report::markdown_without_run(said).as_bytes()),
            Format::Junit => write_file(file, report::junit_without_run(said).as_bytes()),
            Format::Github => write_as(*format, file, &report::github_without_run(said)),
            Format::Html => Ok(()), // there is nothing to show
        };
        if let Err(Stop { error, .. }) = written {
            print_error(&error);
        }
    }
}

/// GitHub reads annotations from what a step prints, so they may go there; everything else goes to files.
fn write_as(format: Format, file: &Path, text: &str) -> Result<(), Stop> {
    if format == Format::Github && file == Path::new("-") {
        print_text(text);
        return Ok(());
    }
    write_file(file, text.as_bytes())
}

pub(super) fn write_file(file: &Path, bytes: &[u8]) -> Result<(), Stop> {
    store::write_whole(file, bytes).or_stop(ExitCode::Output)
}

/// Prints the outcome, then where to look further.
pub(super) fn print(finished: &Finished<'_>, kept: Option<&Path>) {
    let mut text = report::terminal(finished.run, finished.outcome, look(finished.is_verbose));
    text.push_str(&format!("report: {}\n", finished.report.display()));
    if let Some(kept) = kept {
        text.push_str(&format!("run:    {}\n", kept.display()));
    }
    print_text(&text);
}

/// Prints text; a reader who went away (a closed pipe) is no error.
pub(super) fn print_text(text: &str) {
    let mut out = anstream::stdout();
    if out.write_all(text.as_bytes()).and_then(|()| out.flush()).is_err() {
        tell("standard output is closed");
    }
}

/// Prints why there is no verdict.
pub(super) fn print_error(error: &anyhow::Error) {
    tell(&format!("error: {}", said(error)));
}

/// What an error says, with its commands as they are typed here.
fn said(error: &anyhow::Error) -> String {
    format!("{error:#}").replace(INSTALLED, program())
}

/// Says a line on standard error. Where nobody listens there either, the verdict stays what it is.
pub(super) fn tell(line: &str) {
    writeln!(anstream::stderr(), "{line}").ok();
}

/// Applies `--color` to everything that is printed.
pub(super) fn choose_color(color: Color) {
    match color {
        Color::Auto => {}
        Color::Always => anstream::ColorChoice::Always.write_global(),
        Color::Never => anstream::ColorChoice::Never.write_global(),
    }
}

/// Columns where standard output is no terminal.
const PLAIN_WIDTH: usize = 120;

/// How text looks in a file.
const FILE_LOOK: Look =
    Look { width: PLAIN_WIDTH, palette: Palette::Plain, charset: Charset::Unicode, rows: Rows::Folded };

/// How text looks on this terminal.
pub(super) fn look(is_verbose: bool) -> Look {
    let out = std::io::stdout();
    let columns =
        rustix::termios::tcgetwinsize(&out).ok().map(|size| usize::from(size.ws_col)).filter(|&columns| columns > 0);
    let asked = std::env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok());
    let is_dumb = out.is_terminal() && std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    Look {
        width: asked.or(columns).unwrap_or(PLAIN_WIDTH),
        palette: if is_dumb { Palette::Plain } else { Palette::Ansi }, // the stream strips colour where it is not wanted
        charset: if is_dumb { Charset::Ascii } else { Charset::Unicode },
        rows: if is_verbose { Rows::All } else { Rows::Folded },
    }
}

//! What is shown while it runs: a bar with a time estimate on a terminal, plain lines elsewhere. Nothing is drawn while
//! something is timed: the bar moves only when it is told to, between pairs.

use std::io::IsTerminal;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::output::tell;
use super::trace::Trace;
use benchgate_engine::measure::Event;
use benchgate_report::inert;

/// Progress on standard error.
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    started: Instant,
    last_line: Instant,
    /// What is kept of all this for `--trace`.
    pub trace: Trace,
}

/// Least time between two plain lines about the same step.
const LINE_PAUSE: Duration = Duration::from_secs(10);

impl Progress {
    /// For this process's standard error.
    pub fn new() -> Self {
        let now = Instant::now();
        let is_terminal = std::io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|term| term != "dumb");
        let bar = is_terminal.then(|| ProgressBar::with_draw_target(Some(1), ProgressDrawTarget::stderr()));
        Self { bar, started: now, last_line: now, trace: Trace::new() }
    }

    /// A step begins.
    pub fn step(&mut self, text: &str) {
        let text = &inert(text);
        self.trace.step(text);
        match &self.bar {
            Some(bar) => {
                bar.set_style(ProgressStyle::with_template("{elapsed_precise} {wide_msg}").expect("a valid template"));
                bar.set_message(text.to_owned());
                bar.tick();
            }
            None => tell(&format!("{:>6.1} s  {text}", self.started.elapsed().as_secs_f64())),
        }
        self.last_line = Instant::now();
    }

    /// Cargo says something; on a terminal its last line is shown.
    pub fn cargo(&self, line: &str) {
        if let Some(bar) = &self.bar {
            bar.set_message(line.trim().to_owned());
            bar.tick();
        }
    }

    /// Shows and keeps what the engine tells.
    pub fn notice(&mut self, event: Event<'_>) {
        match event {
            Event::Step(text) => self.step(&text),
            Event::Pair(pair) => self.trace.pair(&pair),
            Event::Decided { decided, series, pairs, seconds_left } => {
                self.measuring(decided, series, pairs, seconds_left);
            }
        }
    }

    /// Measuring goes on: `done` of `total` series are decided; the estimate is of seconds left.
    fn measuring(&mut self, done: usize, total: usize, pairs: u64, seconds_left: f64) {
        let text = format!("{done} of {total} series decided, {pairs} pairs, about {seconds_left:.0} s left");
        match &self.bar {
            Some(bar) => {
                bar.set_style(
                    ProgressStyle::with_template("{elapsed_precise} {bar:24} {wide_msg}").expect("a valid template"),
                );
                bar.set_length(total as u64);
                bar.set_position(done as u64);
                bar.set_message(text);
                bar.tick();
            }
            None if self.last_line.elapsed() >= LINE_PAUSE => {
                tell(&format!("{:>6.1} s  {text}", self.started.elapsed().as_secs_f64()));
                self.last_line = Instant::now();
            }
            None => {}
        }
    }

    /// Link orders are drawn: which one it is for a bench, and how many of its series are open.
    pub fn measuring_orders(&mut self, nth: u32, open: usize) {
        self.going(&format!("link order {nth}, {open} series open"));
    }

    /// Counting goes on: `done` of `total` benches of both sides.
    pub fn counting(&mut self, done: usize, total: usize) {
        self.going(&format!("{done} of {total} counted"));
    }

    /// A step goes on.
    fn going(&mut self, text: &str) {
        match &self.bar {
            Some(bar) => {
                bar.set_message(text.to_owned());
                bar.tick();
            }
            None if self.last_line.elapsed() >= LINE_PAUSE => {
                tell(&format!("{:>6.1} s  {text}", self.started.elapsed().as_secs_f64()));
                self.last_line = Instant::now();
            }
            None => {}
        }
    }

    /// Takes the bar away, so that what follows has the terminal to itself.
    pub fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

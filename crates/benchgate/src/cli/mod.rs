//! The command line: flags become values, values go through the pipeline, and what comes out is printed.
#![expect(
    clippy::disallowed_methods,
    reason = "this is the edge: it asks the clock and the terminal, and starts programs"
)]

mod accept;
mod acceptances;
mod args;
mod base;
mod baseline;
mod bench;
mod beside;
mod blame;
mod build_args;
mod built;
mod calibrate;
mod canary;
mod claims;
mod commands;
mod company;
mod compare;
mod confirm;
mod counting;
mod differences;
mod doctor;
mod evidence;
mod explain;
mod fixture;
mod kept;
mod link_orders;
mod list;
mod lost;
mod missing;
mod not_built;
mod output;
mod own_outputs;
mod places;
mod prepare;
mod profiles;
mod progress;
mod reference_pairs;
mod relinking;
mod remarks;
mod repeat;
mod report;
mod report_directory;
mod request;
mod rounds;
mod rules;
mod select;
mod sides;
mod step_limit;
mod stop;
mod supported;
mod trace;
mod unmodified;
mod watch;

use std::process::ExitCode as Process;

use clap::Parser;

use args::{Args, SelftestVerb, Verb};
use stop::Stop;

use benchgate_engine::collect;

/// Runs the program and says how it ended.
pub fn main() -> Process {
    if let Some(recorded) = collect::recorded_launch(std::env::args_os().skip(1)) {
        return match recorded {
            Ok(()) => Process::SUCCESS,
            Err(error) => {
                output::print_error(&error);
                Process::FAILURE
            }
        };
    }
    // `cargo benchgate …` passes its own name on.
    let words = std::env::args_os().enumerate().filter(|(index, word)| !(*index == 1 && word == "benchgate"));
    let args = Args::parse_from(words.map(|(_, word)| word));
    output::choose_color(args.color);
    let ended = match &args.verb {
        Verb::Bench(args) => bench::run(args),
        Verb::List(args) => list::run(args),
        Verb::Report(args) => report::run(args),
        Verb::Explain(args) => explain::run(args),
        Verb::Compare(args) => compare::run(args),
        Verb::Claims(args) => claims::run(args),
        Verb::Baseline(args) => baseline::run(args),
        Verb::Accept(args) => accept::run(args),
        Verb::Calibrate(args) => calibrate::run(args),
        Verb::Selftest(args) => match &args.verb {
            SelftestVerb::Canary(args) => canary::run(args),
        },
        Verb::Doctor(args) => doctor::run(args),
    };
    let ended = ended.map_err(Stop::unless_interrupted);
    if let (Err(stop), Verb::Bench(args)) = (&ended, &args.verb) {
        output::write_stop(stop, &args.output);
    }
    let code = match ended {
        Ok(code) => code,
        Err(Stop { code, error }) => {
            output::print_error(&error);
            code
        }
    };
    Process::from(code.code())
}

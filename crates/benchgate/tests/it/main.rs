//! The program from outside: it is run on throw-away workspaces with fake benches, and its exit code, its words and its JSON are
//! held against what they should be.
//!
//! What a bench "takes" stands in a file, so that no verdict depends on the machine; only `lockstep` measures, one side against
//! the other.
#![expect(
    clippy::disallowed_methods,
    reason = "tests are at the edge: they make workspaces and run the program on them"
)]

mod acceptances;
mod annotations;
mod bad_input;
mod bases;
mod build;
mod calibrate;
mod canary;
mod claims;
mod commands;
mod compare;
mod counting;
mod counts;
mod differences;
mod doctor;
mod evidence;
mod exclusive;
mod explain;
mod failures;
mod false_green;
mod identical;
mod ids;
mod interrupt;
mod launching;
mod lockstep;
mod output;
mod own_outputs;
mod planted;
mod policy;
mod ran;
mod reads;
mod repositories;
mod sides;
mod stored_files;
mod stored_times;
mod subject;
mod tidy;
mod tiers;
mod unconfirmed;
mod verdicts;
mod versions;
mod watch;

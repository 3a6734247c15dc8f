//! The program: `cli` turns flags into a run, `config` reads what a workspace says of its benches.

pub mod cli;
pub mod config;

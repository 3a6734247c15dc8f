//! What an executor is told when it is made. It is not read from a file here.

use super::cloud::CloudConfig;
use super::enterprise::EnterpriseConfig;
use crate::analysis::rule::Rule;
use crate::analysis::tester::TesterConfig;

/// What an executor is told when it is made.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Config {
    /// Where error detectors get their pattern tables from.
    pub tables: DetectorTables,
    /// What the test generator proposes; the original's rules where nothing else is said.
    pub rules: Option<Vec<Rule>>,
    /// What the AI tester keeps.
    pub ai: TesterConfig,
    /// Cloud storage; without this section there is no cloud manager and no cloud analytics.
    pub cloud: Option<CloudConfig>,
    /// The enterprise integration; without this section there is none.
    pub enterprise: Option<EnterpriseConfig>,
}

/// Where error detectors get their pattern tables from. What they find is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum DetectorTables {
    /// Compiled once for the process, on first use, and searched in one pass.
    #[default]
    Shared,
    /// Compiled for each executor, as the original does: what its 747 allocations and 138 KB at start-up are.
    PerInstance,
}

impl Config {
    /// Neither cloud nor enterprise, tables compiled for the executor: what the original calls its minimal configuration.
    pub fn minimal() -> Config {
        Config { tables: DetectorTables::PerInstance, ..Config::default() }
    }
}

//! The six parts by name, and why one cannot be had.

use super::cloud::CloudError;
use super::enterprise::EnterpriseError;
use std::fmt;

/// A part of the executor that is built when it is first needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Part {
    /// Proposes tests.
    TestGenerator,
    /// Finds errors in text.
    ErrorDetector,
    /// Both, and vision.
    AiTester,
    /// Keeps artifacts.
    CloudManager,
    /// Counts what the cloud manager keeps and how runs went.
    CloudAnalytics,
    /// The settings of an organisation.
    Enterprise,
}

impl Part {
    /// All parts, each after those that it needs.
    pub const ALL: [Part; 6] = [
        Part::TestGenerator,
        Part::ErrorDetector,
        Part::AiTester,
        Part::CloudManager,
        Part::CloudAnalytics,
        Part::Enterprise,
    ];
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Part::TestGenerator => "test generator",
            Part::ErrorDetector => "error detector",
            Part::AiTester => "AI tester",
            Part::CloudManager => "cloud manager",
            Part::CloudAnalytics => "cloud analytics",
            Part::Enterprise => "enterprise integration",
        })
    }
}

/// Why a part cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum Unavailable {
    /// The configuration does not ask for it. It will not come.
    #[error("there is no {part}, as the configuration has no section `{section}`")]
    Absent {
        /// The part.
        part: Part,
        /// The section that would bring it.
        section: &'static str,
    },
    /// The cloud manager could not be built, which the next call tries again, or could not do what it was asked to.
    #[error("the cloud manager could not be built or used")]
    Cloud(#[from] CloudError),
    /// The enterprise integration could not be built. The next call tries again.
    #[error("the enterprise integration could not be built")]
    Enterprise(#[from] EnterpriseError),
}

impl Unavailable {
    /// Whether the configuration does not ask for the part, so that its absence is no failure.
    pub const fn is_absent(&self) -> bool {
        matches!(self, Unavailable::Absent { .. })
    }
}

//! A suite: the applications that are tested, what is done to them, and the settings, as a JSON file states them.
//!
//! | | |
//! |---|---|
//! | [`Suite::parse`] | text becomes a suite, checked: what it returns can be run |
//! | [`Suite::problems`] | the check alone, for suites that a program puts together |
//! | [`SuiteFile`] | keeps a file's suite until the file changes |
//!
//! Most keys, and the defaults, are those of vasic-digital/Panoptic (`internal/config/config.go`), whose files are YAML;
//! `duration_ms` and the sections `ai`, `cloud` and `enterprise` are ours. A key that does not exist is an error, so that a slip
//! of the pen is no silent default. Nothing here looks whether an address answers or a program exists.

mod check;
mod file;

pub use check::Problem;
pub use file::SuiteFile;

use super::cloud::CloudConfig;
use super::config::{Config, DetectorTables};
use super::enterprise::EnterpriseConfig;
use crate::analysis::tester::TesterConfig;
use serde::Deserialize;
use std::io;
use std::path::PathBuf;

/// What a test run is told.
///
/// ```
/// use perfblocks::executor::suite::Suite;
/// let suite = Suite::parse(r##"{
///     "name": "nightly",
///     "apps": [{"name": "Shop", "type": "web", "url": "https://shop.example"}],
///     "actions": [{"name": "buy", "type": "click", "selector": "#buy"}]
/// }"##)?;
/// assert_eq!((suite.apps.len(), suite.settings.quality), (1, 80));
/// let refused = Suite::parse(r#"{"name": "nightly", "apps": [{"name": "Till", "type": "desktop"}]}"#);
/// assert_eq!(refused.unwrap_err().to_string(), "`apps[0].path` is ``, expected the path of a program");
/// # Ok::<(), perfblocks::executor::suite::SuiteError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suite {
    /// What reports call it.
    pub name: String,
    /// Where artifacts go.
    #[serde(default = "output")]
    pub output: PathBuf,
    /// What is tested.
    pub apps: Vec<App>,
    /// What is done to each application, in this order.
    #[serde(default)]
    pub actions: Vec<Step>,
    /// How.
    #[serde(default)]
    pub settings: Settings,
}

/// An application. What its kind does not need stays empty.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct App {
    /// What reports call it; no two have the same.
    pub name: String,
    /// What it is.
    #[serde(rename = "type")]
    pub kind: AppKind,
    /// Address of a web application.
    #[serde(default)]
    pub url: String,
    /// Program of a desktop application.
    #[serde(default)]
    pub path: String,
    /// System of a mobile application, `android` or `ios`.
    #[serde(default)]
    pub platform: String,
    /// Device that a mobile application runs on; empty for any.
    #[serde(default)]
    pub device: String,
}

/// What an application is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AppKind {
    /// In a browser.
    Web,
    /// A program of its own.
    Desktop,
    /// On a telephone or an emulator of one.
    Mobile,
}

/// An action as the file states it. What its kind does not need stays empty.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// What reports call it.
    pub name: String,
    /// What is done, such as `click`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it is done to.
    #[serde(default)]
    pub selector: String,
    /// An address, a text to fill in, a path.
    #[serde(default)]
    pub value: String,
    /// How long a wait or a recording takes, in milliseconds.
    #[serde(default)]
    pub duration_ms: Option<u64>,
}

/// How a run is made. A key that the file has not keeps its default.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// How screenshots are kept.
    pub screenshot_format: ImageFormat,
    /// Quality of screenshots in percent, from 1 to 100.
    pub quality: u8,
    /// Width of a browser's window in pixels.
    pub window_width: u32,
    /// Height of a browser's window in pixels.
    pub window_height: u32,
    /// Whether browsers run without a window.
    pub headless: bool,
    /// What is logged.
    pub log_level: LogLevel,
    /// What the AI tester keeps.
    pub ai: TesterConfig,
    /// Cloud storage.
    pub cloud: Option<CloudConfig>,
    /// File with the settings of an organisation.
    pub enterprise: Option<PathBuf>,
}

/// How screenshots are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ImageFormat {
    /// Without loss.
    Png,
    /// A third smaller.
    Jpg,
}

/// What is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// Everything.
    Debug,
    /// What happens.
    Info,
    /// What should not happen.
    Warn,
    /// What stops a run.
    Error,
}

/// Why there is no suite.
#[derive(Debug, thiserror::Error)]
pub enum SuiteError {
    /// The file could not be read.
    #[error("`{path}` could not be read")]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The text is not JSON, or has a key that does not exist or a value that does not fit.
    #[error("the text is no suite")]
    Text(#[from] serde_json::Error),
    /// It cannot be run as it is.
    #[error("{first}{more}", more = more(.rest))]
    Invalid {
        /// What is wrong.
        first: Problem,
        /// What else is.
        rest: Vec<Problem>,
    },
}

fn more(rest: &[Problem]) -> String {
    if rest.is_empty() { String::new() } else { format!("; problems of this kind beside it: {}", rest.len()) }
}

fn output() -> PathBuf {
    PathBuf::from("output")
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            screenshot_format: ImageFormat::Png,
            quality: 80,
            window_width: 1920,
            window_height: 1080,
            headless: false,
            log_level: LogLevel::Info,
            ai: TesterConfig::default(),
            cloud: None,
            enterprise: None,
        }
    }
}

impl Suite {
    /// The suite that `text` states.
    ///
    /// # Errors
    /// When the text is no suite, or states one that cannot be run.
    pub fn parse(text: &str) -> Result<Suite, SuiteError> {
        let suite: Suite = serde_json::from_str(text)?;
        let mut problems = suite.problems().into_iter();
        match problems.next() {
            None => Ok(suite),
            Some(first) => Err(SuiteError::Invalid { first, rest: problems.collect() }),
        }
    }

    /// All that stands in the way of running it; nothing, and no allocation, where all is well.
    pub fn problems(&self) -> Vec<Problem> {
        check::problems(self)
    }

    /// What an executor of this suite is made with.
    pub fn config(&self) -> Config {
        Config {
            tables: DetectorTables::Shared,
            rules: None,
            ai: self.settings.ai,
            cloud: self.settings.cloud.clone(),
            enterprise: self.settings.enterprise.clone().map(EnterpriseConfig::File),
        }
    }
}

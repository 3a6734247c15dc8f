//! The settings of an organisation: defaults, then a file or settings given inline, merged over them.

use serde::Deserialize;
use std::path::PathBuf;
use std::{fs, io};

/// The section `enterprise` of the configuration.
#[derive(Debug, Clone, PartialEq)]
pub enum EnterpriseConfig {
    /// A JSON file, read when the integration is built.
    File(PathBuf),
    /// JSON text.
    Inline(String),
}

/// Why the enterprise integration cannot be built.
#[derive(Debug, thiserror::Error)]
pub enum EnterpriseError {
    /// The file could not be read.
    #[error("`{path}` could not be read")]
    Read {
        /// Which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The settings are not JSON, or have a key that does not exist or a value that does not fit.
    #[error("the settings do not fit")]
    Settings(#[from] serde_json::Error),
    /// A limit of 0 would refuse everything.
    #[error("the limit `{0}` is 0, expected at least 1")]
    Limit(&'static str),
}

/// Settings with every value filled in. A key that the file has not keeps its default.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Name of the organisation.
    pub organization: String,
    /// Projects that may exist.
    pub max_projects: u32,
    /// Accounts that may exist.
    pub max_users: u32,
    /// Days that the audit log is kept.
    pub audit_retention_days: u32,
    /// Hours until a session ends.
    pub session_hours: u32,
    /// Roles that an account can have.
    pub roles: Vec<String>,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            organization: String::from("default"),
            max_projects: 10,
            max_users: 50,
            audit_retention_days: 90,
            session_hours: 8,
            roles: ["admin", "editor", "viewer"].map(String::from).into(),
        }
    }
}

/// The integration: settings that hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enterprise {
    settings: Settings,
}

impl Enterprise {
    /// Reads, merges and checks the settings.
    ///
    /// # Errors
    /// When the file cannot be read, the settings do not fit, or a limit is 0.
    pub fn new(config: &EnterpriseConfig) -> Result<Enterprise, EnterpriseError> {
        let settings: Settings = match config {
            EnterpriseConfig::Inline(text) => serde_json::from_str(text)?,
            EnterpriseConfig::File(path) => {
                let read = fs::read(path).map_err(|source| EnterpriseError::Read { path: path.clone(), source });
                serde_json::from_slice(&read?)?
            }
        };
        let limits = [("max_projects", settings.max_projects), ("max_users", settings.max_users)];
        match limits.iter().find(|(_, limit)| *limit == 0) {
            Some((name, _)) => Err(EnterpriseError::Limit(name)),
            None => Ok(Enterprise { settings }),
        }
    }

    /// The settings.
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Whether another project may be added to `existing` ones.
    pub const fn admits_project(&self, existing: u32) -> bool {
        existing < self.settings.max_projects
    }

    pub(super) fn memory_usage(&self) -> usize {
        let roles: usize = self.settings.roles.iter().map(String::capacity).sum();
        self.settings.organization.capacity() + self.settings.roles.capacity() * size_of::<String>() + roles
    }
}

#[cfg(test)]
mod tests {
    use super::{Enterprise, EnterpriseConfig};

    #[track_caller]
    fn check(text: &str, expected: Result<(&str, u32), &str>) {
        let built = Enterprise::new(&EnterpriseConfig::Inline(text.into()));
        let found = match &built {
            Ok(built) => Ok((built.settings().organization.as_str(), built.settings().max_projects)),
            Err(error) => Err(error.to_string()),
        };
        assert_eq!(found, expected.map_err(str::to_owned));
    }

    #[test]
    fn settings_are_merged_over_defaults_and_checked() {
        check("{}", Ok(("default", 10)));
        check(r#"{"organization":"Acme"}"#, Ok(("Acme", 10)));
        check(r#"{"organization":"Acme","max_projects":3}"#, Ok(("Acme", 3)));
        check(r#"{"max_projects":0}"#, Err("the limit `max_projects` is 0, expected at least 1"));
        check(r#"{"max_project":3}"#, Err("the settings do not fit"));
        check("not JSON", Err("the settings do not fit"));
    }

    #[test]
    fn a_limit_admits_that_many() {
        let built = Enterprise::new(&EnterpriseConfig::Inline(r#"{"max_projects":2}"#.into())).unwrap();
        assert_eq!([0, 1, 2, 3].map(|existing| built.admits_project(existing)), [true, true, false, false]);
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = Enterprise::new(&EnterpriseConfig::File("/nonexistent/settings.json".into())).unwrap_err();
        assert_eq!(error.to_string(), "`/nonexistent/settings.json` could not be read");
    }
}

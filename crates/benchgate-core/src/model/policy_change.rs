//! What a change does to the configuration of its own gate.

/// One key of the configuration whose value the candidate changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyChange {
    /// The key with the tables that it stands in, for instance `tolerance.time`.
    pub key: String,
    /// Its value at the base, as TOML; `None` where the base has no such key.
    pub base: Option<String>,
    /// The candidate's, likewise.
    pub candidate: Option<String>,
}

//! The files that a run is judged by, as text.

/// A policy as it was written. A run keeps it, so that it can be judged again by the same words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyText {
    /// What to call it in messages, for instance `benchgate.toml` or `1f2e3d4c5b6a:benchgate.toml`.
    pub name: String,
    /// The whole text of the file.
    pub text: String,
    /// The files that its key `claims` names, in the order in which their claims are listed.
    pub claims: Vec<ClaimFile>,
}

impl PolicyText {
    /// A policy that is one file.
    pub fn alone(name: impl Into<String>, text: impl Into<String>) -> Self {
        Self { name: name.into(), text: text.into(), claims: Vec::new() }
    }

    /// Whether another one says the same, whatever its files are called.
    pub fn says_the_same(&self, other: &Self) -> bool {
        let texts = |policy: &Self| policy.claims.iter().map(|file| file.text.clone()).collect::<Vec<_>>();
        self.text == other.text && texts(self) == texts(other)
    }
}

/// A file of claims that belongs to a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClaimFile {
    /// What to call it in messages, likewise.
    pub name: String,
    /// The whole text of the file.
    pub text: String,
}

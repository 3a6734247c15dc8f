//! Names of artifacts, checked so that none leaves its bucket.

use super::CloudError;

/// Files under way end with this; no artifact does.
pub(super) const PARTIAL: &str = ".partial";

/// The name of an artifact: parts between `/`, of which none is empty, begins with `.` or ends with `.partial`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Name<'n>(&'n str);

impl<'n> Name<'n> {
    /// A name that is checked.
    ///
    /// # Errors
    /// When it is not plain.
    pub fn new(name: &'n str) -> Result<Name<'n>, CloudError> {
        if name.split('/').all(is_plain) { Ok(Name(name)) } else { Err(CloudError::Name(name.to_owned())) }
    }

    /// Its text.
    pub const fn as_str(self) -> &'n str {
        self.0
    }
}

/// A name of one part.
pub(super) fn part(name: &str) -> Result<&str, CloudError> {
    if !name.contains('/') && is_plain(name) { Ok(name) } else { Err(CloudError::Name(name.to_owned())) }
}

/// Whether `part` is one ordinary component of a path, and no file under way.
fn is_plain(part: &str) -> bool {
    !part.is_empty() && !part.starts_with('.') && !part.ends_with(PARTIAL) && !part.contains(['/', '\\', '\0'])
}

#[cfg(test)]
mod tests {
    use super::{Name, part};

    #[track_caller]
    fn check(name: &str, is_name: bool, is_part: bool) {
        assert_eq!((Name::new(name).is_ok(), part(name).is_ok()), (is_name, is_part), "{name}");
    }

    #[test]
    fn only_plain_names_stay_in_their_bucket() {
        check("shot.png", true, true);
        check("übersicht 1.png", true, true);
        check("a/b/c.png", true, false);
        check("../shot.png", false, false);
        check("a/../b", false, false);
        check("a//b", false, false);
        check("/a", false, false);
        check("a/", false, false);
        check("..", false, false);
        check(".hidden", false, false);
        check("a\\b", false, false);
        check("a\0b", false, false);
        check("a.0.partial", false, false);
        check("", false, false);
    }
}

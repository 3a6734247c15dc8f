//! Which files a policy is made of: `benchgate.toml`, and the files of claims that its key `claims` names.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;

use globset::{GlobBuilder, GlobMatcher};
use serde::Deserialize;
use toml::Spanned;

use super::error::{ConfigError, Document, visible};
use super::wire::{Word, read_as};
use benchgate_core::model::{ClaimFile, PolicyText};

/// What a workspace calls its policy.
pub const POLICY: &str = "benchgate.toml";

/// Where the files of a policy lie. Paths are below the directory of [`POLICY`], with `/` between their parts.
pub trait Files {
    /// The bytes of a file; `None` where there is none.
    ///
    /// # Errors
    /// It is there and cannot be read.
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>>;

    /// Paths of the files in a directory and those below it, down to `depth` directories at least.
    ///
    /// # Errors
    /// A directory cannot be listed.
    fn list(&self, directory: &str, depth: usize) -> io::Result<Vec<String>>;
}

/// The files as they lie in a directory.
#[derive(Clone, Copy, Debug)]
pub struct WorkTree<'a>(pub &'a Path);

impl Files for WorkTree<'_> {
    fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
        found(fs::read(self.0.join(path)))
    }

    fn list(&self, directory: &str, depth: usize) -> io::Result<Vec<String>> {
        let mut paths = Vec::new();
        for entry in found(fs::read_dir(self.0.join(directory)))?.into_iter().flatten() {
            let entry = entry?;
            let Ok(name) = entry.file_name().into_string() else { continue }; // no glob of a text can mean it
            let path = if directory.is_empty() { name } else { format!("{directory}/{name}") };
            match entry.file_type()? {
                kind if kind.is_file() => paths.push(path),
                kind if kind.is_dir() && depth > 0 => paths.extend(self.list(&path, depth - 1)?),
                _ => {}
            }
        }
        Ok(paths)
    }
}

/// `None` for what is not there.
fn found<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Reads all files of a policy; `None` where there is no policy. Messages call each file by its path after `prefix`.
///
/// # Errors
/// [`ConfigError`] if a file cannot be read, or a glob of `claims` matches none.
pub fn gather(files: &dyn Files, prefix: &str) -> Result<Option<PolicyText>, ConfigError> {
    let Some((name, text)) = read_text(files, prefix, POLICY)? else { return Ok(None) };
    let mut claims = Vec::new();
    for path in claim_paths(Document { name: &name, text: &text }, files)? {
        let missing = || io::Error::from(io::ErrorKind::NotFound);
        let file = read_text(files, prefix, &path)?;
        let (name, text) = file.ok_or_else(|| unreadable(prefix, &path, missing()))?;
        claims.push(ClaimFile { name, text });
    }
    Ok(Some(PolicyText { name, text, claims }))
}

/// A file with what messages call it. Only one that is not there is none: one that cannot be read must not pass for it.
fn read_text(files: &dyn Files, prefix: &str, path: &str) -> Result<Option<(String, String)>, ConfigError> {
    let bytes = files.read(path).map_err(|source| unreadable(prefix, path, source))?;
    let name = format!("{prefix}{path}");
    bytes.map(|bytes| Ok((name.clone(), text_of(&name, bytes)?))).transpose()
}

fn unreadable(prefix: &str, path: &str, source: io::Error) -> ConfigError {
    ConfigError::Unreadable { name: format!("{prefix}{path}"), source }
}

/// The text of a file. Git may write line ends as the system has them, and stores them as one character.
///
/// # Errors
/// It is not UTF-8.
pub fn text_of(name: &str, bytes: Vec<u8>) -> Result<String, ConfigError> {
    String::from_utf8(bytes)
        .map(|text| text.replace("\r\n", "\n"))
        .map_err(|error| ConfigError::NotText { name: name.to_owned(), offset: error.utf8_error().valid_up_to() })
}

/// The one key that says which other files there are.
#[derive(Deserialize)]
struct Named {
    claims: Option<Spanned<Vec<Word>>>,
}

/// The files of claims, in the order of the globs and then of their names.
fn claim_paths(document: Document<'_>, files: &dyn Files) -> Result<Vec<String>, ConfigError> {
    let Some(globs) = read_as::<Named>(document)?.claims else { return Ok(Vec::new()) };
    if globs.get_ref().is_empty() {
        let problem = "expected at least one glob of files, found `[]`";
        return Err(document.wrong(globs.span(), problem, EXAMPLE.to_owned() + ", or delete the key"));
    }
    let mut paths = Vec::new();
    for word in globs.get_ref() {
        let glob = Glob::of(document, word)?;
        let listed = files.list(&glob.directory, glob.depth);
        let listed = listed.map_err(|source| unreadable("", &glob.directory, source))?;
        let matching: BTreeSet<String> = listed.into_iter().filter(|path| glob.matcher.is_match(path)).collect();
        if matching.is_empty() {
            let problem = format!("`{}` matches no file", visible(word.get_ref()));
            let hint = format!("globs begin in the directory of `{}`; {EXAMPLE}", document.name);
            return Err(document.wrong(word.span(), problem, hint));
        }
        let new: Vec<String> = matching.into_iter().filter(|path| !paths.contains(path)).collect();
        paths.extend(new);
    }
    Ok(paths)
}

const EXAMPLE: &str = "write for instance `claims = [\"benches/claims/*.toml\"]`";

/// A glob with the directory that it looks into.
struct Glob {
    matcher: GlobMatcher,
    directory: String,
    /// Directories between that one and the files.
    depth: usize,
}

impl Glob {
    fn of(document: Document<'_>, word: &Word) -> Result<Self, ConfigError> {
        let text = word.get_ref();
        let wrong = |problem: String| document.wrong(word.span(), problem, EXAMPLE);
        let is_below = !text.is_empty() && !text.starts_with('/') && !text.split('/').any(|part| part == "..");
        if !is_below {
            return Err(wrong(format!("`{}` is no glob of files below the workspace's root", visible(text))));
        }
        if text.contains("**") {
            let problem = format!("`{}` would look into every directory, those of builds included", visible(text));
            return Err(document.wrong(word.span(), problem, "write a `*` for each directory"));
        }
        let built = GlobBuilder::new(text).literal_separator(true).build();
        let glob = built.map_err(|error| wrong(format!("malformed glob `{}`: {}", visible(text), error.kind())))?;
        let parts: Vec<&str> = text.split('/').collect();
        let fixed =
            parts[..parts.len() - 1].iter().take_while(|part| !part.contains(['*', '?', '[', '{', '\\'])).count();
        Ok(Self {
            matcher: glob.compile_matcher(),
            directory: parts[..fixed].join("/"),
            depth: parts.len() - 1 - fixed,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    /// Files by path.
    struct Drawn(BTreeMap<String, Vec<u8>>);

    impl Files for Drawn {
        fn read(&self, path: &str) -> io::Result<Option<Vec<u8>>> {
            Ok(self.0.get(path).cloned())
        }

        fn list(&self, directory: &str, _: usize) -> io::Result<Vec<String>> {
            Ok(self.0.keys().filter(|path| path.starts_with(directory)).cloned().collect())
        }
    }

    const FILES: [(&str, &[u8]); 6] = [
        ("benches/claims/b.toml", b"# b\r\n"),
        ("benches/claims/a.toml", b"# a"),
        ("benches/claims/deep/c.toml", b""),
        ("benches/claims/a.md", b""),
        ("p/benches/claims.toml", b""),
        ("q/benches/claims.toml", b""),
    ];

    fn in_a_directory() -> tempfile::TempDir {
        let home = tempfile::tempdir().unwrap();
        for (path, bytes) in FILES {
            fs::create_dir_all(home.path().join(path).parent().unwrap()).unwrap();
            fs::write(home.path().join(path), bytes).unwrap();
        }
        home
    }

    #[track_caller]
    fn check(globs: &str, expected: &[&str]) {
        let policy = format!("claims = [{globs}]\n");
        let all = FILES.into_iter().chain([(POLICY, policy.as_bytes())]);
        let drawn = Drawn(all.map(|(path, bytes)| (path.to_owned(), bytes.to_vec())).collect());
        let home = in_a_directory();
        fs::write(home.path().join(POLICY), &policy).unwrap();
        for files in [&drawn as &dyn Files, &WorkTree(home.path())] {
            let text = gather(files, "base:").unwrap_or_else(|error| panic!("{error}")).expect("a policy");
            let names: Vec<&str> = text.claims.iter().map(|file| file.name.strip_prefix("base:").unwrap()).collect();
            assert_eq!(names, expected);
        }
    }

    #[test]
    fn files_come_in_the_order_of_the_globs_and_their_names() {
        check("\"benches/claims/*.toml\"", &["benches/claims/a.toml", "benches/claims/b.toml"]);
        check(
            "\"benches/claims/b.toml\", \"benches/claims/*.toml\"",
            &["benches/claims/b.toml", "benches/claims/a.toml"],
        );
        check("\"*/benches/claims.toml\"", &["p/benches/claims.toml", "q/benches/claims.toml"]);
        check("\"benches/claims/*/*.toml\"", &["benches/claims/deep/c.toml"]);
        check("\"{p,benches/claims}/{benches/claims,a}.toml\"", &["benches/claims/a.toml", "p/benches/claims.toml"]);
    }

    #[test]
    fn line_ends_are_those_of_git() {
        let home = in_a_directory();
        fs::write(home.path().join(POLICY), "claims = [\"benches/claims/b.toml\"]\r\n").unwrap();
        let text = gather(&WorkTree(home.path()), "").unwrap().expect("a policy");
        assert_eq!((text.text.matches('\r').count(), text.claims[0].text.as_str()), (0, "# b\n"));
        let nothing = tempfile::tempdir().unwrap();
        assert_eq!(gather(&WorkTree(nothing.path()), "").unwrap(), None);
    }

    #[test]
    fn what_is_wrong_with_the_globs_is_said_where_they_stand() {
        let home = in_a_directory();
        let said = |key: &str| {
            fs::write(home.path().join(POLICY), format!("{key}\n")).unwrap();
            gather(&WorkTree(home.path()), "").expect_err("wrong").to_string()
        };
        for (key, place, problem, hint) in [
            ("claims = []", "1:10", "expected at least one glob", "delete the key"),
            (
                "claims = [\"benches/claims/*.tml\"]",
                "1:11",
                "matches no file",
                "globs begin in the directory of `benchgate.toml`",
            ),
            ("claims = [\"nowhere/*.toml\"]", "1:11", "matches no file", "benches/claims"),
            ("claims = [\"/etc/*.toml\"]", "1:11", "no glob of files below", "benches/claims"),
            ("claims = [\"../*.toml\"]", "1:11", "no glob of files below", "benches/claims"),
            ("claims = [\"\"]", "1:11", "no glob of files below", "benches/claims"),
            ("claims = [\"**/claims.toml\"]", "1:11", "would look into every directory", "a `*` for each"),
            ("claims = [\"a[\"]", "1:11", "malformed glob `a[`", "benches/claims"),
            ("claims = \"a\"", "1:10", "expected a sequence, found string", "write a list"),
        ] {
            let said = said(key);
            assert!(said.starts_with(&format!("`benchgate.toml:{place}`: ")), "{said}");
            assert!(
                said.contains(problem) && said.rsplit_once("hint: ").is_some_and(|(_, last)| last.contains(hint)),
                "{said}"
            );
        }
        fs::write(home.path().join("benches/claims/a.toml"), b"\xff").unwrap();
        assert!(said("claims = [\"benches/claims/a.toml\"]").starts_with("`benches/claims/a.toml` is not UTF-8 text"));
    }
}

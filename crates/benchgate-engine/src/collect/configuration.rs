//! What cargo's configuration files say of how programs are started: variables of `[env]`, and runners.
//!
//! Cargo itself applies both. The files are read here only to refuse what the gate cannot follow before anything is built, to know
//! which variables of the caller a configuration defers to, and to tell what the cargo that started the gate has put into its
//! environment. What cannot be read here, cargo complains about.

use std::env;
use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

/// The settings of all configuration files that apply in one directory, the nearest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct CargoConfiguration {
    /// Variables of `[env]`, with what they are set to.
    pub variables: Vec<(OsString, OsString)>,
    /// Programs through which executables of a target are run.
    pub runners: Vec<Runner>,
    /// What `build.target` names.
    pub targets: Vec<String>,
}

/// A `target.….runner`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Runner {
    /// Triple or `cfg(…)`.
    pub target: String,
    pub command: String,
    pub file: PathBuf,
}

/// Files include files; a circle ends here.
const DEEPEST: u32 = 8;

impl CargoConfiguration {
    /// Reads the files that cargo would read when it is started in a directory, and then those that it is told of.
    pub fn at(directory: &Path, more: &[PathBuf]) -> Self {
        let mut all = Self::default();
        let homes = directory.ancestors().map(|above| above.join(".cargo")).chain(cargo_home());
        let mut seen = Vec::new();
        for home in homes {
            // Cargo prefers the older name where both are there.
            let file = ["config", "config.toml"].map(|name| home.join(name)).into_iter().find(|file| file.is_file());
            if let Some(file) = file.filter(|file| !seen.contains(file)) {
                all.add_file(&file, DEEPEST);
                seen.push(file);
            }
        }
        for file in more {
            all.add_file(file, DEEPEST);
        }
        all
    }

    fn add_file(&mut self, file: &Path, depth: u32) {
        let Some(table) = fs::read_to_string(file).ok().and_then(|text| text.parse::<Table>().ok()) else { return };
        self.add(&table, file);
        let included = match table.get("include") {
            Some(Value::Array(list)) => list.iter().collect(),
            Some(one) => vec![one],
            None => Vec::new(),
        };
        for included in included {
            let path = included.as_str().or_else(|| included.get("path")?.as_str());
            if let (Some(path), Some(directory), 1..) = (path, file.parent(), depth) {
                self.add_file(&directory.join(path), depth - 1);
            }
        }
    }

    fn add(&mut self, table: &Table, file: &Path) {
        // Relative paths start beside the directory that holds the file.
        let root = file.parent().and_then(Path::parent).unwrap_or(Path::new("/"));
        for (name, value) in table.get("env").and_then(Value::as_table).into_iter().flatten() {
            let is_relative = value.get("relative").and_then(Value::as_bool).unwrap_or(false);
            let Some(value) = value.as_str().or_else(|| value.get("value")?.as_str()) else { continue };
            let value = if is_relative { root.join(value).into_os_string() } else { value.into() };
            self.variables.push((name.into(), value));
        }
        for (target, settings) in table.get("target").and_then(Value::as_table).into_iter().flatten() {
            let Some(command) = settings.get("runner").and_then(words) else { continue };
            self.runners.push(Runner { target: target.clone(), command, file: file.to_owned() });
        }
        if self.targets.is_empty() {
            let targets = table.get("build").and_then(|build| build.get("target"));
            let targets = targets.into_iter().flat_map(|targets| match targets {
                Value::Array(list) => list.iter().filter_map(Value::as_str).collect(),
                one => one.as_str().into_iter().collect::<Vec<_>>(),
            });
            // A target may be described by a file; its name is the file's.
            let name = |target: &str| Path::new(target).file_stem().map(|stem| stem.to_string_lossy().into_owned());
            self.targets = targets
                .filter_map(|target| if target.ends_with(".json") { name(target) } else { Some(target.to_owned()) })
                .collect();
        }
    }

    /// Whether `[env]` sets a variable to this value.
    pub fn sets(&self, name: &OsStr, value: &OsStr) -> bool {
        self.variables.iter().any(|(other, to)| other == name && to == value)
    }
}

pub(super) fn cargo_home() -> Option<PathBuf> {
    let home = env::var_os("CARGO_HOME").filter(|home| !home.is_empty()).map(PathBuf::from);
    home.or_else(|| env::home_dir().map(|home| home.join(".cargo")))
}

/// A command that is one string or several.
fn words(command: &Value) -> Option<String> {
    match command {
        Value::Array(words) => Some(words.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(" ")),
        one => one.as_str().map(String::from),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(files: &[(&str, &str)], at: &str) -> (tempfile::TempDir, CargoConfiguration) {
        let home = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let file = home.path().join(path);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        let mut configuration = CargoConfiguration::at(&home.path().join(at), &[]);
        // Whoever runs the tests may have settings of their own.
        configuration.runners.retain(|runner| runner.file.starts_with(home.path()));
        (home, configuration)
    }

    #[test]
    fn variables_of_all_directories_above_are_known() {
        let near = "[env]\nPLAIN = \"1\"\nPLACE = { value = \"data/x\", relative = true }\n";
        let far = "[env]\nFAR = { value = \"2\", force = true }\n";
        let (home, read) = read(&[("a/b/.cargo/config.toml", near), ("a/.cargo/config", far)], "a/b");
        let place = home.path().join("a/b/data/x");
        assert!(read.sets("PLAIN".as_ref(), "1".as_ref()));
        assert!(!read.sets("PLAIN".as_ref(), "2".as_ref()));
        assert!(read.sets("PLACE".as_ref(), place.as_os_str()));
        assert!(read.sets("FAR".as_ref(), "2".as_ref()));
    }

    #[test]
    fn runners_are_known_with_their_files() {
        #[track_caller]
        fn check(text: &str, expected: &[(&str, &str)]) {
            let (_home, read) = read(&[(".cargo/config.toml", text)], "");
            let runners: Vec<_> = read.runners.iter().map(|one| (&*one.target, &*one.command)).collect();
            assert_eq!(runners, expected);
        }
        check("[target.x86_64-unknown-linux-gnu]\nrunner = 'sudo -E'\n", &[("x86_64-unknown-linux-gnu", "sudo -E")]);
        check("[target.'cfg(unix)']\nrunner = ['a b', 'c']\n", &[("cfg(unix)", "a b c")]);
        check("[target.x]\nlinker = 'cc'\n[build]\ntarget = 'x'\n", &[]);
        check("not toml", &[]);
    }

    #[test]
    fn targets_are_those_of_the_nearest_file() {
        #[track_caller]
        fn check(near: &str, far: &str, expected: &[&str]) {
            let (_home, read) = read(&[("a/.cargo/config.toml", near), (".cargo/config.toml", far)], "a");
            assert_eq!(read.targets, expected);
        }
        check("[build]\ntarget = 'x'\n", "[build]\ntarget = 'y'\n", &["x"]);
        check("", "[build]\ntarget = ['y', 'my/z.json']\n", &["y", "z"]);
    }

    #[test]
    fn included_files_count_and_circles_end() {
        let first = "include = ['more.toml', { path = 'config.toml' }]\n";
        let (_home, read) = read(&[(".cargo/config.toml", first), (".cargo/more.toml", "[env]\nX = '1'\n")], "");
        assert!(read.sets("X".as_ref(), "1".as_ref()));
    }
}

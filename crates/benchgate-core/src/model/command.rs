//! Commands that are measured as a whole, as the configuration states them.

use std::collections::BTreeMap;

/// What stands for the directory of a side's built programs.
pub const TARGET: &str = "{target}";

/// What stands for the root of a side's workspace.
pub const TREE: &str = "{tree}";

/// One command. In its words [`TARGET`] and [`TREE`] stand for places of the side.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandBench {
    /// The id of the benchmark.
    pub name: String,
    /// The program and its arguments; never empty.
    pub run: Vec<String>,
    /// Where it runs, below the workspace's root; empty for that itself.
    pub directory: String,
    /// What is added to the environment.
    pub environment: BTreeMap<String, String>,
    /// The file that it reads as its standard input; none where `None`.
    pub stdin: Option<String>,
}

impl CommandBench {
    /// What its words name below the directory of built programs: `tool` for `{target}/tool`, `examples/demo` for
    /// `{target}/examples/demo`.
    pub fn programs(&self) -> impl Iterator<Item = &str> {
        let words = self.run.iter().chain(self.environment.values());
        words.flat_map(|word| {
            word.match_indices(TARGET).filter_map(|(at, mark)| {
                let rest = word[at + mark.len()..].strip_prefix('/')?;
                let is_part = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '+');
                Some(&rest[..rest.find(|c| !is_part(c)).unwrap_or(rest.len())]).filter(|name| !name.is_empty())
            })
        })
    }

    /// A word with the places of a side in it.
    pub fn filled(word: &str, target: &str, tree: &str) -> String {
        word.replace(TARGET, target).replace(TREE, tree)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_what_lies_below_the_target_directory() {
        #[track_caller]
        fn check(run: &[&str], expected: &[&str]) {
            let run = run.iter().map(|word| (*word).to_owned()).collect();
            let command = CommandBench {
                name: "a".into(),
                run,
                directory: String::new(),
                environment: BTreeMap::from([("TOOL".into(), "{target}/other".into())]),
                stdin: None,
            };
            let found: Vec<&str> = command.programs().filter(|name| *name != "other").collect();
            assert_eq!(found, expected);
        }
        check(&["{target}/tool", "--in", "{tree}/data"], &["tool"]);
        check(&["{target}/examples/demo"], &["examples/demo"]);
        check(&["sh", "-c", "{target}/tool | cat"], &["tool"]);
        check(&["sh", "-c", "{target}/a|{target}/b x"], &["a", "b"]);
        check(&["--with={target}/tool.wasm", "PATH={target}:/bin"], &["tool.wasm"]);
        check(&["git", "status"], &[]);
    }

    #[test]
    fn places_of_the_side_stand_in_its_words() {
        assert_eq!(CommandBench::filled("--in={tree}/x:{target}", "/t", "/w"), "--in=/w/x:/t");
        assert_eq!(CommandBench::filled("{print}", "/t", "/w"), "{print}");
    }
}

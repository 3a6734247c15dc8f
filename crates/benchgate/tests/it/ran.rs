//! What the program did: its exit code, its words, its JSON.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::sync::LazyLock;

use jsonschema::Validator;
use serde_json::Value;

/// One run of the program, at its end.
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
    /// What it wrote for programs, checked against the published schema.
    pub(crate) json: Option<Value>,
}

static SCHEMA: LazyLock<Validator> = LazyLock::new(|| {
    let schema = include_str!("../../../../docs/schema/outcome.v1.schema.json");
    let schema = serde_json::from_str(schema).expect("the schema is JSON");
    jsonschema::validator_for(&schema).expect("the schema is a schema")
});

impl Ran {
    /// Runs a command to its end and reads the JSON that it was told to write.
    #[track_caller]
    pub(crate) fn of(mut command: Command, json: Option<&Path>) -> Self {
        Self::from_output(&command.output().expect("the program starts"), json)
    }

    /// What a program that has ended said.
    #[track_caller]
    pub(crate) fn from_output(output: &Output, json: Option<&Path>) -> Self {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("it prints UTF-8");
        let code = output.status.code().expect("it ends by itself");
        let mut ran = Self { code, out: text(&output.stdout), err: text(&output.stderr), json: None };
        ran.json = json.map(|file| read(file, code));
        ran
    }

    /// All that it said, for messages of failed tests.
    pub(crate) fn said(&self) -> String {
        format!("code {}\n--- stdout\n{}\n--- stderr\n{}", self.code, self.out, self.err)
    }

    /// It ended with this code, and standard output holds each of these texts.
    #[track_caller]
    pub(crate) fn ends(&self, code: i32, texts: &[&str]) -> &Self {
        assert_eq!(self.code, code, "{}", self.said());
        let words = unwrapped(&self.out);
        for text in texts {
            assert!(words.contains(text), "`{text}` is missing: {}", self.said());
        }
        self
    }

    /// It stopped with this code and an error that holds these texts; the error has a hint that holds `hint`.
    #[track_caller]
    pub(crate) fn stops(&self, code: i32, texts: &[&str], hint: &str) -> &Self {
        assert_eq!(self.code, code, "{}", self.said());
        let error = self.err.find("error: ").map(|at| &self.err[at..]);
        let error = error.unwrap_or_else(|| panic!("there is no error: {}", self.said()));
        for text in texts {
            assert!(error.contains(text), "`{text}` is missing: {}", self.said());
        }
        let hinted = error.lines().filter_map(|line| line.strip_prefix("hint: ")).any(|line| line.contains(hint));
        assert!(hinted, "no hint with `{hint}`: {}", self.said());
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> &Value {
        self.json.as_ref().unwrap_or_else(|| panic!("no JSON was asked for: {}", self.said()))
    }

    /// The series of one id and metric.
    #[track_caller]
    pub(crate) fn series(&self, id: &str, metric: &str) -> &Value {
        let all = self.json()["series"].as_array().expect("a list");
        let mut found = all.iter().filter(|series| series["id"] == id && series["metric"] == metric);
        let one = found.next().unwrap_or_else(|| panic!("no `{id}` {metric} in {all:#?}\n{}", self.said()));
        assert!(found.next().is_none(), "`{id}` {metric} is there twice");
        one
    }

    /// The verdict on one metric of the bench `area/block/<name>/small` is this word.
    #[track_caller]
    pub(crate) fn verdict(&self, name: &str, metric: &str, word: &str) -> &Self {
        let series = self.series(&format!("area/block/{name}/small"), metric);
        assert_eq!(series["verdict"], word, "{series:#}\n{}", self.said());
        self
    }

    /// The verdict on the time of a bench.
    #[track_caller]
    pub(crate) fn time(&self, name: &str, word: &str) -> &Self {
        self.verdict(name, "time", word)
    }

    /// How many series have a verdict or state.
    #[track_caller]
    pub(crate) fn census(&self, status: &str) -> u64 {
        self.json()["census"][status].as_u64().expect("every status is counted")
    }
}

#[track_caller]
fn read(file: &Path, code: i32) -> Value {
    let text = fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    fs::remove_file(file).expect("it was there");
    let json: Value = serde_json::from_str(&text).expect("it is JSON");
    let complaints: Vec<String> = SCHEMA.iter_errors(&json).map(|error| error.to_string()).collect();
    assert!(complaints.is_empty(), "{complaints:#?}\n{text}");
    assert_eq!(json["exit_code"], code, "{text}");
    let total: u64 = json["census"].as_object().expect("an object").values().filter_map(Value::as_u64).sum();
    assert_eq!(total, json["series"].as_array().expect("a list").len() as u64, "{text}");
    json
}

/// Text without the line breaks and indents that fit it into a width, so that a sentence can be looked for.
pub(crate) fn unwrapped(text: &str) -> String {
    let words = text.split('\n').map(str::trim).collect::<Vec<_>>().join(" ");
    format!("{text}\n{words}")
}

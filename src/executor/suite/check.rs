//! What a suite must be so that it can be run. Text is made only of what is wrong.

use super::super::actions::ActionKind;
use super::{App, AppKind, Settings, Step, Suite};
use std::fmt;

/// A value that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Where it stands, such as `apps[1].url`.
    pub place: String,
    /// What stands there.
    pub found: String,
    /// What should.
    pub expected: &'static str,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` is `{}`, expected {}", self.place, self.found, self.expected)
    }
}

/// Where a value stands: in an element of a list, or in a section.
#[derive(Clone, Copy)]
enum Place {
    Suite,
    App(usize),
    Action(usize),
    Settings,
}

impl Place {
    fn of(self, key: &str) -> String {
        match self {
            Place::Suite => key.to_owned(),
            Place::App(index) => format!("apps[{index}].{key}"),
            Place::Action(index) => format!("actions[{index}].{key}"),
            Place::Settings => format!("settings.{key}"),
        }
    }
}

struct Problems(Vec<Problem>);

impl Problems {
    fn unless(&mut self, fits: bool, place: Place, key: &str, found: impl fmt::Display, expected: &'static str) {
        if !fits {
            self.0.push(Problem { place: place.of(key), found: found.to_string(), expected });
        }
    }

    fn filled(&mut self, text: &str, place: Place, key: &str, expected: &'static str) {
        self.unless(!text.is_empty(), place, key, text, expected);
    }
}

pub(super) fn problems(suite: &Suite) -> Vec<Problem> {
    let mut problems = Problems(Vec::new());
    problems.filled(&suite.name, Place::Suite, "name", "a name");
    problems.unless(!suite.apps.is_empty(), Place::Suite, "apps", "[]", "at least one application");
    for (index, app) in suite.apps.iter().enumerate() {
        let place = Place::App(index);
        let is_taken = suite.apps[..index].iter().any(|other| other.name == app.name);
        problems.filled(&app.name, place, "name", "a name");
        problems.unless(!is_taken, place, "name", &app.name, "a name that no application before it has");
        check_app(&mut problems, app, place);
    }
    for (index, step) in suite.actions.iter().enumerate() {
        check_step(&mut problems, step, Place::Action(index));
    }
    check_settings(&mut problems, &suite.settings);
    problems.0
}

fn check_app(problems: &mut Problems, app: &App, place: Place) {
    match app.kind {
        AppKind::Web => {
            let host = app.url.strip_prefix("https://").or_else(|| app.url.strip_prefix("http://"));
            let is_address = host.is_some_and(|host| !host.is_empty() && !host.starts_with('/'));
            problems.unless(is_address, place, "url", &app.url, "an address with http:// or https://");
        }
        AppKind::Desktop => problems.filled(&app.path, place, "path", "the path of a program"),
        AppKind::Mobile => {
            let is_known = matches!(app.platform.as_str(), "android" | "ios");
            problems.unless(is_known, place, "platform", &app.platform, "`android` or `ios`");
        }
    }
}

fn check_step(problems: &mut Problems, step: &Step, place: Place) {
    problems.filled(&step.name, place, "name", "a name");
    let Ok(kind) = step.kind.parse::<ActionKind>() else {
        return problems.unless(false, place, "type", &step.kind, "a kind of action");
    };
    if matches!(kind, ActionKind::Click | ActionKind::Fill | ActionKind::Submit) {
        problems.filled(&step.selector, place, "selector", "what it is done to");
    }
    if matches!(kind, ActionKind::Navigate | ActionKind::Fill | ActionKind::VisionClick) {
        problems.filled(&step.value, place, "value", "an address or a text");
    }
    let lasts = kind != ActionKind::Wait || step.duration_ms != Some(0);
    problems.unless(lasts, place, "duration_ms", 0, "at least 1, or no such key");
}

fn check_settings(problems: &mut Problems, settings: &Settings) {
    let place = Place::Settings;
    let quality = settings.quality;
    problems.unless((1..=100).contains(&quality), place, "quality", quality, "a number from 1 to 100");
    problems.unless(settings.window_width > 0, place, "window_width", 0, "at least 1");
    problems.unless(settings.window_height > 0, place, "window_height", 0, "at least 1");
    let confidence = settings.ai.confidence;
    problems.unless((0.0..=1.0).contains(&confidence), place, "ai.confidence", confidence, "a number from 0 to 1");
}

#[cfg(test)]
mod tests {
    use super::super::{Suite, SuiteError};

    const GOOD: &str = r##"{"name":"nightly","apps":[{"name":"Shop","type":"web","url":"https://shop.example"},
        {"name":"Till","type":"desktop","path":"/opt/till"},{"name":"Scan","type":"mobile","platform":"ios"}],
        "actions":[{"name":"open","type":"navigate","value":"/login"},{"name":"go","type":"click","selector":"#go"},
        {"name":"pause","type":"wait","duration_ms":5}],"settings":{"quality":75}}"##;

    /// With `from` replaced by `to`, the good suite has these problems.
    #[track_caller]
    fn check(from: &str, to: &str, expected: &[&str]) {
        assert!(GOOD.contains(from), "`{from}` stands in the suite");
        let found = match Suite::parse(&GOOD.replacen(from, to, 1)) {
            Ok(_) => Vec::new(),
            Err(SuiteError::Invalid { first, rest }) => {
                std::iter::once(first).chain(rest).map(|problem| problem.to_string()).collect()
            }
            Err(other) => vec![other.to_string()],
        };
        assert_eq!(found, expected);
    }

    #[test]
    fn what_cannot_be_run_is_named_with_its_place() {
        check("nightly", "nightly", &[]);
        check("nightly", "", &["`name` is ``, expected a name"]);
        check(
            "https://shop",
            "shop",
            &["`apps[0].url` is `shop.example`, expected an address with http:// or https://"],
        );
        check(
            "https://shop.example",
            "https://",
            &["`apps[0].url` is `https://`, expected an address with http:// or https://"],
        );
        check("/opt/till", "", &["`apps[1].path` is ``, expected the path of a program"]);
        check("ios", "palm", &["`apps[2].platform` is `palm`, expected `android` or `ios`"]);
        check("Till", "Shop", &["`apps[1].name` is `Shop`, expected a name that no application before it has"]);
        check("/login", "", &["`actions[0].value` is ``, expected an address or a text"]);
        check("#go", "", &["`actions[1].selector` is ``, expected what it is done to"]);
        check("\"click\"", "\"clack\"", &["`actions[1].type` is `clack`, expected a kind of action"]);
        check("\"click\"", "\"fill\"", &["`actions[1].value` is ``, expected an address or a text"]);
        check("_ms\":5", "_ms\":0", &["`actions[2].duration_ms` is `0`, expected at least 1, or no such key"]);
        check("75", "0", &["`settings.quality` is `0`, expected a number from 1 to 100"]);
        check("\"quality\":75", "\"window_width\":0", &["`settings.window_width` is `0`, expected at least 1"]);
        check(
            "\"quality\":75",
            "\"ai\":{\"confidence\":1.5}",
            &["`settings.ai.confidence` is `1.5`, expected a number from 0 to 1"],
        );
    }

    #[test]
    fn all_problems_are_found_at_once() {
        let text = r#"{"name":"","apps":[],"actions":[{"name":"","type":"swipe"}]}"#;
        let error = Suite::parse(text).unwrap_err();
        assert_eq!(error.to_string(), "`name` is ``, expected a name; problems of this kind beside it: 3");
    }

    #[test]
    fn what_is_no_suite_is_refused_as_text() {
        check("\"url\"", "\"uri\"", &["the text is no suite"]);
        check("\"web\"", "\"wap\"", &["the text is no suite"]);
        check("\"quality\":75", "\"quality\":-1", &["the text is no suite"]);
        check("}]", "}", &["the text is no suite"]);
    }
}

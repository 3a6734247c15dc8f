//! What `doctor` found -> text for a terminal, and JSON.

use serde::Serialize;

use super::terminal::{Look, hanging};
use super::tone::Tone;
use benchgate_core::gate::{Check, CheckState, ExitCode};

/// Columns of the names, and of the sign before them.
const NAME: usize = 12;

/// The version of the shape that [`doctor_json`] writes.
const SCHEMA: u32 = 1;

/// A line for each check: what was looked at, how it is, what follows, what to do.
pub fn doctor(checks: &[Check], look: &Look) -> String {
    let mut text: String = checks.iter().map(|check| line(check, look)).collect();
    let worst = Check::exit_of(checks);
    let count = |state| checks.iter().filter(|check| check.state == state).count();
    text += "\n";
    text += &match worst {
        ExitCode::Pass => {
            let words = format!(
                "This machine can measure: {} good, {} costly, {} unknown.",
                count(CheckState::Good),
                count(CheckState::Costly),
                count(CheckState::Unknown)
            );
            hanging(&words, 0, look)
        }
        code => hanging(&format!("Nothing can be measured: `bench` would end with {}.", code.code()), 0, look),
    };
    text
}

fn line(check: &Check, look: &Look) -> String {
    let (tone, sign) = match check.state {
        CheckState::Good => (Tone::Good, "✓"),
        CheckState::Costly => (Tone::Doubt, "!"),
        CheckState::Impossible => (Tone::Bad, "✗"),
        CheckState::Unknown => (Tone::Quiet, "?"),
    };
    let found = match check.state {
        CheckState::Unknown => format!("unknown, {}", check.found),
        CheckState::Good | CheckState::Costly | CheckState::Impossible => check.found.clone(),
    };
    let remedy = check.remedy.iter().map(|remedy| format!("; {remedy}")).collect::<String>();
    let words = format!("{found}: {}{remedy}", check.consequence);
    let body = hanging(&words, NAME + 3, look);
    let name = format!("{} {:<NAME$} ", look.say(sign), check.name);
    format!("{}{}", look.paint(tone, &name), body.trim_start())
}

/// The same for programs, with a final line feed.
pub fn doctor_json(checks: &[Check]) -> String {
    let wire = Wire {
        schema: SCHEMA,
        exit_code: Check::exit_of(checks).code(),
        checks: checks.iter().map(WireCheck::from).collect(),
    };
    super::json::write(&wire)
}

#[derive(Serialize)]
struct Wire<'a> {
    schema: u32,
    exit_code: u8,
    checks: Vec<WireCheck<'a>>,
}

#[derive(Serialize)]
struct WireCheck<'a> {
    name: &'a str,
    state: &'a str,
    found: &'a str,
    consequence: &'a str,
    remedy: Option<&'a str>,
    exit_code: Option<u8>,
}

impl<'a> From<&'a Check> for WireCheck<'a> {
    fn from(check: &'a Check) -> Self {
        let Check { name, state, found, consequence, remedy, exit } = check;
        Self {
            name,
            state: state.name(),
            found,
            consequence,
            remedy: remedy.as_deref(),
            exit_code: exit.map(ExitCode::code),
        }
    }
}

#[cfg(test)]
mod tests {
    use insta::assert_snapshot;

    use super::*;
    use crate::{Charset, Palette, Rows};

    const LOOK: Look = Look { width: 80, palette: Palette::Plain, charset: Charset::Unicode, rows: Rows::All };

    fn check(name: &'static str, state: CheckState, found: &str, remedy: Option<&str>) -> Check {
        let consequence = "pairs spread more, and a run takes more of them to see as far".into();
        Check { name, state, found: found.into(), consequence, remedy: remedy.map(Into::into), exit: None }
    }

    fn checks() -> Vec<Check> {
        vec![
            check("steal", CheckState::Good, "0 % now", None),
            check("valgrind", CheckState::Costly, "valgrind is missing", Some("`apt install valgrind`")),
            check("governor", CheckState::Unknown, "the kernel names none", None),
        ]
    }

    #[test]
    fn each_check_is_a_line_with_its_consequence() {
        assert_snapshot!(doctor(&checks(), &LOOK), @r"
        ✓ steal        0 % now: pairs spread more, and a run takes more of them to see
                       as far
        ! valgrind     valgrind is missing: pairs spread more, and a run takes more of
                       them to see as far; `apt install valgrind`
        ? governor     unknown, the kernel names none: pairs spread more, and a run
                       takes more of them to see as far

        This machine can measure: 1 good, 1 costly, 1 unknown.
        ");
    }

    #[test]
    fn what_makes_measuring_impossible_is_said_last() {
        let mut checks = checks();
        checks.push(Check {
            exit: Some(ExitCode::Output),
            ..check("cache", CheckState::Impossible, "\u{1b}[31mit cannot be written", None)
        });
        let text = doctor(&checks, &LOOK);
        assert!(text.ends_with("\nNothing can be measured: `bench` would end with 110.\n"), "{text}");
        assert!(text.contains("✗ cache") && !text.contains('\u{1b}'), "{text}");
        assert_eq!(Check::exit_of(&checks), ExitCode::Output);
    }

    #[test]
    fn programs_get_the_same() {
        assert_snapshot!(doctor_json(&checks()[1..2]), @r#"
        {
          "schema": 1,
          "exit_code": 0,
          "checks": [
            {
              "name": "valgrind",
              "state": "costly",
              "found": "valgrind is missing",
              "consequence": "pairs spread more, and a run takes more of them to see as far",
              "remedy": "`apt install valgrind`",
              "exit_code": null
            }
          ]
        }
        "#);
    }
}

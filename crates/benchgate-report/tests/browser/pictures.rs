//! Pictures of the invented runs that the renderers are tested with: those of `docs/img/`, and of whole pages to look at.

use std::path::Path;

use serde_json::{Value, json};

use crate::fixture::{empty_run, mixed, outcome, permitted, suite, time_row};
use crate::gate::{Cause, ExitCode, Outcome, Row, Status};
use crate::model::{Metric, Run};
use crate::page::{Opening, Page};

#[test]
#[ignore = "writes docs/img; `cargo test -p benchgate-report --test browser pictures -- --ignored`"]
fn pictures_of_the_documents() {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().join("docs/img");
    std::fs::create_dir_all(&directory).unwrap();
    for (name, what) in [("fail", failed()), ("pass", passed()), ("inconclusive", unsure())] {
        for theme in ["light", "dark"] {
            let Some(mut page) = Page::open("pictures", &what, Opening { theme, ..Opening::default() }) else { return };
            std::fs::write(directory.join(format!("{name}-{theme}.png")), picture(&mut page)).unwrap();
        }
    }
}

#[test]
#[ignore = "writes target/tmp/pictures; `cargo test -p benchgate-report --test browser pictures -- --ignored`"]
fn pictures_to_look_at() {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pictures");
    std::fs::create_dir_all(&directory).unwrap();
    for (name, what) in [("mixed", mixed()), ("permitted", permitted()), ("suite", suite())] {
        for (theme, width) in [("light", 1280), ("dark", 1280), ("light", 390), ("dark", 390)] {
            let opening = Opening { theme, size: (width, 800), ..Opening::default() };
            let Some(mut page) = Page::open("pictures", &what, opening) else { return };
            page.check("document.documentElement.scrollWidth", json!(width));
            let height = page.value("document.documentElement.scrollHeight");
            let size = json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
            page.ask("Emulation.setDeviceMetricsOverride", size);
            std::fs::write(directory.join(format!("{name}-{theme}-{width}.png")), picture(&mut page)).unwrap();
        }
    }
}

fn picture(page: &mut Page) -> Vec<u8> {
    page.value("document.fonts.ready.then(() => true)");
    let shot = page.ask("Page.captureScreenshot", json!({"format": "png", "optimizeForSpeed": false}));
    decode(&shot["data"])
}

/// Base64, RFC 4648.
fn decode(text: &Value) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digits = text.as_str().unwrap().bytes().filter_map(|byte| ALPHABET.iter().position(|digit| *digit == byte));
    let digits: Vec<usize> = digits.collect();
    let bytes = digits.chunks(4).flat_map(|four| {
        let word = four.iter().fold(0, |word, digit| word << 6 | digit) << (6 * (4 - four.len()));
        [16, 8, 0].into_iter().map(move |shift| (word >> shift) as u8).take(four.len() - 1)
    });
    bytes.collect()
}

fn failed() -> (Run, Outcome) {
    let (run, mut outcome) = suite();
    let worst = |row: &Row| row.effect.map_or(0.0, |effect| effect.estimate);
    let is_red = outcome.rows.iter().take_while(|row| row.status == Status::Regressed).count();
    outcome.rows[..is_red].sort_by(|a, b| worst(b).total_cmp(&worst(a)));
    for row in &mut outcome.rows[..is_red] {
        row.cause = Some(Cause {
            line: format!("`perfblocks::{}`: 12 % of instructions in base, 31 % in candidate", blamed(row)),
            is_found: true,
            how: "Instructions of one cold iteration under callgrind".into(),
            functions: Vec::new(),
            sites: Vec::new(),
        });
        row.detail = match row.key.metric {
            Metric::Time => {
                let slower = 100.0 * worst(row).exp_m1();
                format!("slower by {slower:.1} % in 16 pairs, evidence 4 100 : 1; 12 fresh link orders agree")
            }
            _ => "4 instead of 3, exact on both sides".into(),
        };
    }
    outcome.headline = format!("3 of 210 series regressed, worst `{}` by 33.3 %", outcome.rows[0].id);
    outcome.claims.retain(|claim| claim.state.is_kept() != Some(false));
    (run, outcome)
}

fn blamed(row: &Row) -> &'static str {
    if row.id.starts_with("pools/") { "pools::slice::zero" } else { "serialization::direct::escape" }
}

fn passed() -> (Run, Outcome) {
    let (run, full) = suite();
    let mut rows = full.rows;
    rows.retain(|row| matches!(row.status, Status::Unchanged | Status::Improved));
    let headline = format!("{} series: {} unchanged, 1 improved", rows.len(), rows.len() - 1);
    let mut passed = outcome(rows, vec![ExitCode::Pass], &headline);
    passed.claims = full.claims.into_iter().filter(|claim| claim.state.name() == "holds").collect();
    (run, passed)
}

fn unsure() -> (Run, Outcome) {
    let mut rows: Vec<_> = [("serialization/result/direct/small", 118.4), ("pools/slice/get_put/4k", 21.7)]
        .into_iter()
        .map(|(id, base)| time_row(id, Status::Inconclusive, base, [0.013, -0.009, 0.041]))
        .collect();
    for row in &mut rows {
        row.detail = "64 pairs were not enough".into();
    }
    rows.extend(suite().1.rows.into_iter().filter(|row| row.status == Status::Unchanged).take(30));
    let mut unsure = outcome(rows, vec![ExitCode::Inconclusive], "2 of 32 series are inconclusive");
    unsure.reach = "2 series could not be told apart within the budget".into();
    (empty_run(), unsure)
}

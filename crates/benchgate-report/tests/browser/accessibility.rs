//! What axe-core finds: nothing serious, in either theme, on a wide and on a narrow screen.

use std::path::Path;

use serde_json::{Value, json};

use crate::browser::skip;
use crate::fixture::{mixed, permitted};
use crate::page::{Opening, Page};

/// axe-core, where `.ci/run` or `npm install --prefix target/ci-tools axe-core` has put it.
fn axe() -> Option<String> {
    let tools = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().join("target/ci-tools");
    std::fs::read_to_string(tools.join("node_modules/axe-core/axe.min.js")).ok()
}

/// Serious and critical findings, as `rule: element`.
fn findings(page: &mut Page, axe: &str) -> Vec<String> {
    page.value(&format!("(() => {{ {axe}; }})()"));
    let found =
        page.value("axe.run(document, {resultTypes: ['violations']}).then(all => JSON.stringify(all.violations))");
    let found: Value = serde_json::from_str(found.as_str().unwrap()).unwrap();
    let serious =
        found.as_array().unwrap().iter().filter(|one| one["impact"] == "serious" || one["impact"] == "critical");
    serious
        .flat_map(|one| {
            one["nodes"]
                .as_array()
                .unwrap()
                .iter()
                .map(|node| format!("{}: {} {}", one["id"], node["html"], node["failureSummary"]))
        })
        .collect()
}

#[test]
fn no_serious_axe_finding() {
    let Some(axe) = axe() else {
        return skip(
            "no_serious_axe_finding",
            "no axe-core; `npm install --prefix target/ci-tools axe-core` brings it",
        );
    };
    let mut found = Vec::new();
    for what in [mixed(), permitted()] {
        for (theme, size) in
            [("light", (1280, 800)), ("dark", (1280, 800)), ("light", (390, 844)), ("dark", (390, 844))]
        {
            let opening = Opening { theme, size, fragment: "fold=open", ..Opening::default() };
            let Some(mut page) = Page::open("no_serious_axe_finding", &what, opening) else { return };
            found.extend(findings(&mut page, &axe).into_iter().map(|one| format!("{theme} {size:?} {one}")));
        }
    }
    assert!(found.is_empty(), "{found:#?}");
}

#[test]
fn a_serious_finding_would_be_seen() {
    let Some(axe) = axe() else {
        return skip("a_serious_finding_would_be_seen", "no axe-core");
    };
    let poor = "<html lang=\"en\"><title>x</title><main><h1>x</h1><p style=\"color:#aaa;background:#fff\">pale</p></main></html>";
    let Some(mut page) = Page::open_text("a_serious_finding_would_be_seen", poor, Opening::default()) else { return };
    let found = findings(&mut page, &axe);
    assert!(found.iter().any(|one| one.contains("color-contrast")), "{found:?}");
    page.check("document.title", json!("x"));
}

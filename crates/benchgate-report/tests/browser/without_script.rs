//! Without script the page is whole: all that there is to read is there, links lead on, rows unfold.

use serde_json::json;

use crate::fixture::{mixed, suite};
use crate::page::{Opening, Page};

fn open(test: &str, fragment: &'static str) -> Option<Page> {
    Page::open(test, &suite(), Opening { runs_scripts: false, fragment, ..Opening::default() })
}

#[test]
fn no_javascript() {
    let Some(mut page) = open("no_javascript", "") else { return };
    assert_eq!(page.rows().len(), 5);
    page.check("document.querySelectorAll('button, select, .tools').length", json!(0));
    page.click("#show-quiet");
    assert_eq!(page.rows().len(), 210, "every row is in the page");
    page.click("#show-quiet");
    page.click("table.series tbody tr th a");
    page.wait("location.hash.startsWith('#b-')");
    page.check("document.querySelector('details.bench[open] :target') !== null", json!(true));
    let shut = page.value("document.querySelector('details.bench:not([open]) .body').id");
    page.go(shut.as_str().unwrap());
    page.wait("document.querySelector('details.bench[open] :target') !== null");
}

#[test]
fn g24_report_opened_from_a_file_without_javascript() {
    let (run, outcome) = mixed();
    let opening = Opening { runs_scripts: false, ..Opening::default() };
    let Some(mut page) = Page::open("g24", &(run, outcome.clone()), opening) else { return };
    page.check("location.protocol", json!("file:"));
    let seen = page.value("document.body.innerText");
    let seen = seen.as_str().unwrap();
    for row in &outcome.rows {
        assert!(seen.contains(&row.id), "{}", row.id);
    }
    for text in [
        "ERROR",
        "2 of 7 series regressed",
        "+6.12%",
        "[+5.2, +7.0]",
        "4 100 : 1",
        "3 commits and your uncommitted changes, against the merge base with",
        "direct-allocates-once",
    ] {
        assert!(seen.contains(text), "{text}\n{seen}");
    }
    let links = page.value(
        "[...document.querySelectorAll('a')].filter(one => !document.querySelector(one.hash)).map(one => one.href)",
    );
    assert_eq!(links, json!([]));
}

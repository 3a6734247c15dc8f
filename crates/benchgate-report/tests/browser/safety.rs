//! The page keeps to itself: it asks for nothing, its policy forbids nothing that it does, and names that try to be more than
//! names are names.

use serde_json::json;

use crate::fixture::{hostile_ids, mixed, outcome, row, suite};
use crate::gate::{ExitCode, Outcome, Status};
use crate::model::{Metric, Run};
use crate::page::{Opening, Page};

/// Does to a page what can be done to it.
fn use_all(page: &mut Page) {
    for column in ["verdict", "id", "base", "candidate", "effect", "lower", "visible", "pairs"] {
        page.click(&format!("thead th[data-sort={column}] button"));
    }
    page.choose("Theme", "dark");
    page.choose("Sort by", "id");
    page.press("/");
    page.write("e");
    page.wait("location.hash.includes('search=e')");
    for button in ["document.querySelectorAll('main button')", "document.querySelectorAll('summary')"] {
        page.value(&format!("[...{button}].forEach(one => one.click())"));
    }
    page.value("[...document.querySelectorAll('a')].forEach(one => one.click())");
    page.value("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))");
}

fn used(test: &str, what: &(Run, Outcome), theme: &'static str) -> Option<Page> {
    let mut page = Page::open(test, what, Opening { theme, ..Opening::default() })?;
    use_all(&mut page);
    Some(page)
}

#[test]
fn no_console_error() {
    for theme in ["light", "dark"] {
        let Some(page) = used("no_console_error", &suite(), theme) else { return };
        let said: Vec<_> = ["Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown"]
            .iter()
            .flat_map(|event| page.events(event))
            .collect();
        assert!(said.is_empty(), "{said:#?}");
    }
}

#[test]
fn a_console_error_would_be_seen() {
    let Some(page) = Page::open_text("no_console_error", "<script>nothing()</script>", Opening::default()) else {
        return;
    };
    assert_eq!(page.events("Runtime.exceptionThrown").len(), 1);
}

#[test]
fn no_csp_violation() {
    let Some(mut page) = used("no_csp_violation", &mixed(), "light") else { return };
    page.check("violations", json!([]));
}

#[test]
fn what_the_policy_forbids_is_not_done() {
    let (run, outcome) = mixed();
    let page = benchgate_report::html(&run, &outcome).unwrap();
    let planted =
        "<script>document.title = 'run'</script><b style=\"color:red\"></b><img src=\"http://127.0.0.1:9/x\"></body>";
    let page = page.replace("</body>", planted);
    let Some(mut page) = Page::open_text("no_csp_violation", &page, Opening::default()) else { return };
    page.wait("violations.length === 3");
    assert_ne!(page.value("document.title"), "run");
}

#[test]
fn no_request_leaves_the_page() {
    let Some(page) = used("no_request_leaves_the_page", &mixed(), "light") else { return };
    let asked: Vec<&str> = page
        .events("Network.requestWillBeSent")
        .iter()
        .map(|event| event["request"]["url"].as_str().unwrap())
        .collect();
    let report = page.address();
    assert!(asked.contains(&&*report), "{asked:?}");
    let others: Vec<_> = asked.iter().filter(|url| **url != report && **url != "about:blank").collect();
    assert!(others.is_empty(), "{others:?}");
}

#[test]
fn hostile_names_inert() {
    let names = hostile_ids();
    let mut rows: Vec<_> = names.iter().map(|id| row(id, Metric::Time, Status::Errored)).collect();
    for row in &mut rows {
        row.detail = row.id.clone();
        row.reproduce = Some(row.id.clone());
    }
    let mut outcome = outcome(rows, vec![ExitCode::BenchFailed], &names[1]);
    outcome.warnings = names.clone();
    let (mut run, _) = mixed();
    run.workspace = names[2].clone();
    let Some(mut page) = Page::open("hostile_names_inert", &(run, outcome), Opening::default()) else { return };
    page.value("window.alert = () => violations.push('alert')");
    // They are sorted, searched for, linked to and copied like any other.
    page.press("/");
    page.write("<img src=x onerror=alert(1)>");
    page.wait("document.querySelectorAll('table.series tbody tr').length === 1");
    let fragment = page.fragment();
    page.go(&fragment);
    page.check("document.querySelectorAll('table.series tbody tr').length", json!(1));
    page.check("document.querySelector('#search').value", json!("<img src=x onerror=alert(1)>"));
    page.go("");
    use_all(&mut page);
    page.check("violations", json!([]));
    page.check("document.querySelectorAll('img').length + document.querySelectorAll('script').length", json!(1));
    page.check(
        "new Set([...document.querySelectorAll('details.bench .body')].map(body => body.id)).size",
        json!(names.len()),
    );
    let asked = page.events("Network.requestWillBeSent").len();
    assert_eq!(
        asked,
        page.events("Network.requestWillBeSent")
            .iter()
            .filter(|event| {
                let url = event["request"]["url"].as_str().unwrap();
                url.starts_with("file://") || url == "about:blank"
            })
            .count()
    );
    assert_eq!(page.events("Page.javascriptDialogOpening").len(), 0);
}

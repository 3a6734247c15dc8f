//! A report of ten thousand rows is of use: what is asked of it is done, and the page does not hold more than it shows.

use serde_json::json;

use crate::fixture::{empty_run, outcome, time_row};
use crate::gate::{ExitCode, Outcome, Row, Status};
use crate::model::Run;
use crate::page::{Opening, Page};

fn ten_thousand() -> (Run, Outcome) {
    let row = |i: u32| {
        let share = f64::from((i * 7919) % 10_007) * 1e-7;
        match i {
            0..30 => time_row(&format!("area/block/slow/{i}"), Status::Regressed, 50.0, [0.1 + share, 0.08, 0.12]),
            30..40 => time_row(&format!("area/block/fast/{i}"), Status::Improved, 50.0, [-0.1 - share, -0.12, -0.08]),
            _ => time_row(&format!("area/block/still/{i}"), Status::Unchanged, 50.0 + share, [share, -0.001, 0.001]),
        }
    };
    let rows: Vec<Row> = (0..10_000).map(row).collect();
    (empty_run(), outcome(rows, vec![ExitCode::Regression], "30 of 10000 series regressed"))
}

#[test]
fn ten_thousand_rows_usable() {
    let report = ten_thousand();
    let text = benchgate_report::html(&report.0, &report.1).unwrap();
    assert!(text.len() < 12_000_000, "{} bytes", text.len());
    let Some(mut page) = Page::open_text("ten_thousand_rows_usable", &text, Opening::default()) else { return };
    const ELEMENTS: &str = "document.getElementsByTagName('*').length";
    assert_eq!(page.rows().len(), 40);
    let at_first = page.value(ELEMENTS).as_u64().unwrap();
    assert!(at_first < 80_000, "{at_first} elements");

    page.click("#show-quiet");
    assert_eq!(page.rows().len(), 200);
    page.click("thead th[data-sort=effect] button");
    let effects = page.value(
        "[...document.querySelectorAll('table.series tbody tr')].map(row => Number(row.dataset.values.split(' ')[2]))",
    );
    let effects: Vec<f64> = serde_json::from_value(effects).unwrap();
    assert!(effects.is_sorted_by(|a, b| a >= b) && effects[30] < 0.01, "{effects:?}");
    page.click(".more");
    assert_eq!(page.rows().len(), 1200);

    page.press("/");
    page.write("still/9999");
    page.wait("document.querySelectorAll('table.series tbody tr').length === 1");
    assert_eq!(page.rows(), ["area/block/still/9999 time"]);
    page.check("document.querySelector('.tools .count').textContent", json!("1 of 10000 rows"));
    page.value("history.back()");
    page.wait("document.querySelector('#search').value === ''");
    page.click(".tools [data-verdict=improved]");
    assert_eq!(page.rows().len(), 10);

    // A row without a section, from its link alone.
    let last = page.value("(() => { document.querySelector('[data-verdict=unchanged]').click(); document.querySelector('[data-verdict=improved]').click(); return document.querySelector('table.series tbody tr:last-child th a').hash.slice(1); })()");
    let last = last.as_str().unwrap();
    page.go(last);
    page.wait(&format!("document.activeElement.id === {last:?}"));
    assert_eq!(page.rows().len(), 41);
    let at_last = page.value(ELEMENTS).as_u64().unwrap();
    assert!(at_last < at_first + 100, "{at_last} elements, {at_first} at first");
}

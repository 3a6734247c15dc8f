//! Zoom and search in flame graphs: what is asked for is shown, and without asking nothing changes.

use serde_json::json;

use crate::fixture::mixed;
use crate::page::{Opening, Page};

/// Frames as `name, left edge, share, depth`: half is parsing, of which `escape` is most; `write` calls `escape`, too. The last
/// is the second half of its caller, and by rounding ends a hundred-thousandth after it.
const FRAMES: [(&str, f64, f64, u32); 8] = [
    ("all", 0.0, 1.0, 0),
    ("bench::parse", 0.0, 0.5, 1),
    ("json::escape", 0.1, 0.3, 2),
    ("json::escape<inner>", 0.1, 0.1, 3),
    ("bench::write", 0.5, 0.4, 1),
    ("json::escape", 0.5, 0.2, 2),
    ("bench::third", 0.93333, 0.03333, 1),
    ("bench::third<half>", 0.95, 0.01667, 2),
];

/// A page with a flame graph in its first section.
fn page() -> String {
    let frame = |(name, x, share, depth): (&str, f64, f64, u32)| {
        let name = name.replace('<', "&lt;");
        format!(
            "<g class=\"frame own\" data-name=\"{name}\" data-x=\"{x}\" data-share=\"{share}\" data-self=\"0\" data-depth=\"{depth}\">\
             <title>{name}</title><rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"17\"/></g>",
            1000.0 * x,
            18 * depth,
            1000.0 * share
        )
    };
    let frames: String = FRAMES.into_iter().map(frame).collect();
    let figure = format!(
        "<section class=\"profile\"><figure class=\"flame\" data-flame=\"base\"><figcaption><strong>Planted</strong></figcaption>\
         <svg class=\"flame\" viewBox=\"0 0 1000 72\" role=\"img\"><title>Planted</title>{frames}</svg></figure></section>\n"
    );
    let (run, outcome) = mixed();
    let page = benchgate_report::html(&run, &outcome).unwrap();
    let (before, after) = page.split_once("<p class=\"permalink").unwrap();
    format!("{before}{figure}<p class=\"permalink{after}")
}

/// The planted figure; the fixture may have others.
const FIGURE: &str =
    "[...document.querySelectorAll('figure.flame')].find(one => one.textContent.startsWith('Planted'))";

fn widths(page: &mut Page) -> Vec<(String, i64)> {
    let shown = page.value(&format!(
        "[...{FIGURE}.querySelectorAll('g.frame')].filter(frame => frame.getClientRects().length) \
         .map(frame => [frame.dataset.name, Math.round(frame.querySelector('rect').getAttribute('width'))])"
    ));
    serde_json::from_value(shown).unwrap()
}

fn of<const N: usize>(expected: [(&str, i64); N]) -> Vec<(String, i64)> {
    expected.into_iter().map(|(name, width)| (name.to_owned(), width)).collect()
}

#[test]
fn flame_graph_zooms_into_a_frame_and_back() {
    let test = "flame_graph_zooms_into_a_frame_and_back";
    let Some(mut page) = Page::open_text(test, &page(), Opening::default()) else { return };
    let whole = widths(&mut page);
    assert_eq!(whole.len(), FRAMES.len());
    page.value(&format!("{FIGURE}.dataset.test = 'planted'"));
    page.click("[data-test=planted] g.frame[data-name='bench::write'] rect");
    assert_eq!(widths(&mut page), of([("all", 1000), ("bench::write", 1000), ("json::escape", 500)]));
    page.check(
        &format!("{FIGURE}.querySelector(\"g.frame[data-name='bench::write'] text\").textContent"),
        json!("bench::write"),
    );
    page.click("[data-test=planted] .flame-tools button");
    assert_eq!(widths(&mut page), whole);
}

#[test]
fn flame_graph_holds_what_rounding_moved() {
    let test = "flame_graph_holds_what_rounding_moved";
    let Some(mut page) = Page::open_text(test, &page(), Opening::default()) else { return };
    page.value(&format!("{FIGURE}.dataset.test = 'planted'"));
    page.value(&format!("{FIGURE}.querySelector('input').focus()"));
    page.write("third");
    let found = format!("{FIGURE}.querySelector('.count').textContent");
    page.wait(&format!("{found} !== ''"));
    page.check(&found, json!("2 frames, 3.3 % of the whole"));
    page.click("[data-test=planted] g.frame[data-name='bench::third'] rect");
    let text = format!("{FIGURE}.querySelector(\"g.frame[data-name='bench::third'] text\").textContent");
    page.check(&text, json!("bench::third"));
    assert_eq!(widths(&mut page), of([("all", 1000), ("bench::third", 1000), ("bench::third<half>", 500)]));
    page.click("[data-test=planted] .flame-tools button");
    page.check(&text, json!("…ird"));
}

#[test]
fn flame_graph_finds_functions_and_counts_nothing_twice() {
    let test = "flame_graph_finds_functions_and_counts_nothing_twice";
    let Some(mut page) = Page::open_text(test, &page(), Opening::default()) else { return };
    page.value(&format!("{FIGURE}.querySelector('input').focus()"));
    page.write("ESCAPE");
    let found = format!("{FIGURE}.querySelector('.count').textContent");
    page.wait(&format!("{found} !== ''"));
    page.check(&found, json!("3 frames, 50.0 % of the whole"));
    page.check(&format!("{FIGURE}.querySelectorAll('.hit').length"), json!(3));
    page.write("<inner>");
    page.wait(&format!("{found} === '1 frames, 10.0 % of the whole'"));
    page.press("/");
    page.wait(&format!("{found} === 'none'"));
    page.check("violations", json!([]));
}

#[test]
fn flame_graph_without_script_is_whole() {
    let opening = Opening { runs_scripts: false, ..Opening::default() };
    let Some(mut page) = Page::open_text("flame_graph_without_script_is_whole", &page(), opening) else { return };
    assert_eq!(widths(&mut page).len(), FRAMES.len());
    page.check(&format!("{FIGURE}.querySelectorAll('input, button').length"), json!(0));
}

//! Sort, filter, search, links to a view and theme: each shows what it should, stands in the address, and can be taken back.

use serde_json::json;

use crate::fixture::{mixed, suite};
use crate::page::{Opening, Page};

fn open(test: &str, fragment: &'static str) -> Option<Page> {
    Page::open(test, &suite(), Opening { fragment, ..Opening::default() })
}

#[test]
fn sort() {
    let Some(mut page) = open("sort", "") else { return };
    let head = |column: &str| format!("thead th[data-sort={column}] button");
    let worst = page.rows();
    assert_eq!(worst.len(), 5, "{worst:?}");

    page.click(&head("effect"));
    page.check("document.querySelector('th[data-sort=effect]').ariaSort", json!("descending"));
    let down = page.rows();
    assert_eq!(page.fragment(), "sort=-effect");
    page.click(&head("effect"));
    page.check("document.querySelector('th[data-sort=effect]').ariaSort", json!("ascending"));
    let mut up = page.rows();
    up.reverse();
    assert_eq!(up, down);
    assert_ne!(down, worst);

    // Every column: what is read from the page is in order.
    for (column, place) in [("base", 0), ("candidate", 1), ("effect", 2), ("lower", 3), ("visible", 4), ("pairs", 5)] {
        page.click(&head(column));
        let values = page.value(&format!(
            "[...document.querySelectorAll('table.series tbody tr')].filter(row => row.dataset.metric === 'time') \
             .map(row => Number(row.dataset.values.split(' ')[{place}]))"
        ));
        let values: Vec<f64> = serde_json::from_value(values).unwrap();
        assert!(values.len() > 2 && values.is_sorted_by(|a, b| a >= b), "{column}: {values:?}");
        page.check("document.querySelectorAll('[aria-sort]').length", json!(1));
    }
    page.click(&head("id"));
    let ids: Vec<String> = page.rows().iter().map(|row| row.split(' ').next().unwrap().to_owned()).collect();
    assert!(ids.is_sorted(), "{ids:?}");
    page.click(&head("verdict"));
    assert_eq!((page.rows(), &*page.fragment()), (worst, ""));
}

#[test]
fn filter() {
    let Some(mut page) = open("filter", "") else { return };
    page.click(".tools [data-verdict=regressed]");
    page.check("document.querySelector('[data-verdict=regressed]').ariaPressed", json!("true"));
    assert_eq!(page.rows().len(), 3);
    page.click(".tools [data-verdict=improved]");
    assert_eq!(page.rows().len(), 4);
    assert_eq!(page.fragment(), "verdict=regressed,improved");
    page.choose("Metric", "allocations");
    assert_eq!(page.rows().len(), 1);
    page.check("document.querySelector('.tools .count').textContent", json!("1 of 210 rows"));
    page.check("document.querySelectorAll('details.bench:not([hidden])').length", json!(1));
    page.click(".tools [data-verdict=improved]");
    page.click(".tools [data-verdict=regressed]");
    assert_eq!(page.rows().len(), 35, "with a metric alone, the quiet rows of it are shown too");

    page.choose("Metric", "");
    assert_eq!(page.rows().len(), 5);
    page.click("#show-quiet");
    assert_eq!((page.rows().len(), &*page.fragment()), (200, "all=1"));
    page.click(".more");
    assert_eq!(page.rows().len(), 210);
}

#[test]
fn search() {
    let Some(mut page) = open("search", "") else { return };
    page.press("/");
    page.check("document.activeElement.id", json!("search"));
    page.write("POOLS time");
    page.wait("document.querySelectorAll('table.series tbody tr').length === 14");
    let found = page.rows();
    assert!(found.iter().all(|row| row.starts_with("pools/") && row.ends_with(" time")), "{found:?}");
    assert_eq!(page.fragment(), "search=POOLS+time");
    page.check("[...document.querySelectorAll('details.bench:not([hidden]) h3')].every(title => title.textContent.includes('pools/'))", json!(true));
    page.write(" <nothing> \"of\" 'this'");
    page.wait("document.querySelectorAll('table.series tbody tr').length === 0");
    page.value("history.back()");
    page.wait("document.querySelectorAll('table.series tbody tr').length === 5");
    page.check("document.querySelector('#search').value", json!(""));
}

#[test]
fn permalink() {
    let Some(mut page) = open("permalink", "") else { return };
    page.click("thead th[data-sort=effect] button");
    page.click(".tools [data-verdict=regressed]");
    page.click("table.series tbody tr th a");
    page.wait("document.querySelector('details.bench[open] .body:focus') !== null");
    let fragment = page.fragment();
    let view = |page: &mut Page| {
        let open = page
            .value("[...document.querySelectorAll('details.bench[open]:not([hidden]) .body')].map(body => body.id)");
        (page.rows(), page.fragment(), open)
    };
    let before = view(&mut page);
    assert!(fragment.starts_with("verdict=regressed&sort=-effect&at=b-"), "{fragment}");
    page.go(&fragment);
    assert_eq!(view(&mut page), before, "the same view in another window");

    // Step by step back to the beginning, and forward again.
    page.go("");
    let start = view(&mut page);
    page.click("thead th[data-sort=effect] button");
    let sorted = view(&mut page);
    page.click(".tools [data-verdict=regressed]");
    page.value("history.back()");
    page.wait("document.querySelector('[data-verdict=regressed]').ariaPressed === 'false'");
    assert_eq!(view(&mut page), sorted);
    page.value("history.back()");
    page.wait("location.hash === ''");
    assert_eq!(view(&mut page), start);
    page.value("history.forward()");
    page.wait("location.hash === '#sort=-effect'");
    assert_eq!(view(&mut page), sorted);
}

#[test]
fn link_to_a_benchmark_is_copied() {
    let Some(mut page) = open("link_to_a_benchmark_is_copied", "sort=-effect") else { return };
    let permissions = json!({"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]});
    page.ask("Browser.grantPermissions", permissions);
    page.ask("Page.bringToFront", json!({}));
    page.click("details.bench[open] .permalink button");
    page.wait("document.querySelector('details.bench[open] .permalink button').textContent === 'copied'");
    let anchor = page.value("document.querySelector('details.bench[open] .body').id");
    let copied = page.value("navigator.clipboard.readText()");
    assert_eq!(copied, format!("{}#{}", page.address(), anchor.as_str().unwrap()));
    page.go(anchor.as_str().unwrap());
    page.check("document.querySelector('details.bench[open] .body:focus').id", anchor);
}

#[test]
fn sections_unfold_one_by_one_and_all_at_once() {
    let Some(mut page) = Page::open("sections", &mixed(), Opening::default()) else { return };
    let open = "document.querySelectorAll('details.bench[open]').length";
    page.check("document.querySelectorAll('details.bench').length", json!(5));
    page.check(open, json!(3));
    page.click("details.bench:not([open]) summary");
    page.wait("location.hash.startsWith('#turned=')");
    page.check(open, json!(4));
    let fragment = page.fragment();
    page.go(&fragment);
    page.check(open, json!(4));
    page.value("[...document.querySelectorAll('#benchmarks .tools button')].find(one => one.textContent === 'expand all').click()");
    page.check(open, json!(5));
    assert_eq!(page.fragment(), "fold=open");
    page.value("[...document.querySelectorAll('#benchmarks .tools button')].find(one => one.textContent === 'collapse all').click()");
    page.check(open, json!(0));
    page.value("history.back()");
    page.wait(&format!("{open} === 5"));
}

#[test]
fn theme() {
    const COLOURS: &str =
        "(() => { const look = getComputedStyle(document.body); return [look.backgroundColor, look.color]; })()";
    const SCHEME: &str = "getComputedStyle(document.documentElement).colorScheme";
    let mut seen = Vec::new();
    for theme in ["light", "dark"] {
        let Some(mut page) = Page::open("theme", &mixed(), Opening { theme, ..Opening::default() }) else { return };
        let systems = page.value(COLOURS);
        page.check(SCHEME, json!("light dark"));
        let other = if theme == "dark" { "light" } else { "dark" };
        page.choose("Theme", other);
        assert_eq!(page.fragment(), format!("theme={other}"));
        let chosen = page.value(COLOURS);
        assert_ne!(chosen, systems);
        page.check(SCHEME, json!(other));
        page.go(&format!("theme={other}"));
        page.check(COLOURS, chosen.clone());
        page.choose("Theme", "auto");
        page.check(COLOURS, systems.clone());
        seen.push([systems, chosen]);
    }
    seen[1].reverse();
    assert_eq!(seen[0], seen[1], "chosen themes look as the system's do");
}

#[test]
fn nonsense_in_the_address_is_the_first_view() {
    let Some(mut page) = open("nonsense", "") else { return };
    let rows = page.rows();
    for fragment in [
        "sort=constructor",
        "verdict=x,,y&metric=__proto__&rows=-9e99",
        "%E0%A4%A",
        "turned=,&fold=1&theme=%3Cb%3E",
        "at=%22%5D",
    ] {
        page.go(fragment);
        assert_eq!(page.rows(), rows, "{fragment}");
        assert_eq!(page.events("Runtime.exceptionThrown").len(), 0, "{fragment}");
    }
}

#[test]
fn nothing_is_cut_off_at_the_side() {
    for width in [320, 390, 768, 1280] {
        for what in [mixed(), suite()] {
            let opening = Opening { size: (width, 800), fragment: "all=1&fold=open", ..Opening::default() };
            let Some(mut page) = Page::open("nothing_is_cut_off_at_the_side", &what, opening) else { return };
            page.check("document.documentElement.scrollWidth <= innerWidth", json!(true));
        }
    }
}

/// What, how much, how sure and where, above the fold.
#[test]
fn first_screen_of_a_red_run_says_why() {
    let Some(mut page) = Page::open("first_screen_of_a_red_run_says_why", &mixed(), Opening::default()) else { return };
    let seen = page.value(
        "[...document.querySelectorAll('.banner h1, .headline, .worst li')] \
         .filter(one => one.getBoundingClientRect().bottom <= 800).map(one => one.innerText).join(' ')",
    );
    let seen = seen.as_str().unwrap().replace('\n', " ");
    for text in [
        "ERROR",
        "2 of 7 series",
        "+6.12%",
        "[+5.2, +7.0]",
        "serialization/result/direct/small",
        "time, 118.4 ns → 125.6 ns",
        "4 100 : 1",
        "+100%",
        "1 → 2",
    ] {
        assert!(seen.contains(text), "{text} in {seen}");
    }
}

//! Flame graphs as static SVG: the outermost frame on top, a title on each frame, colours by class. Search and zoom are the
//! script's, which finds what it needs in the frames' attributes.

use crate::inert::inert;
use crate::quantity;
use benchgate_core::gate::Flame;

/// Width of a graph in its own units; the page scales it.
const WIDTH: f64 = 1000.0;

/// Height of a row of frames.
const ROW: usize = 18;

/// Width of a letter of a frame's text, a little more than the 0.6 of its 11 that it takes. The script has the same.
const LETTER: f64 = 6.7;

/// From a frame's upper edge to the base line of its text. The script has the same.
const BASE_LINE: usize = 13;

/// Fewer letters than these say nothing.
const LEAST_LETTERS: usize = 3;

/// Changes of cost from which a frame has the second and the third shade, as shares of the base's whole.
const SHADES: [f64; 2] = [0.05, 0.25];

/// One graph.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Graph {
    /// Which, for the script.
    pub kind: &'static str,
    /// Its title.
    pub title: &'static str,
    /// What it shows.
    pub note: String,
    /// Height in its own units.
    pub height: usize,
    /// Its frames, outermost first.
    pub frames: Vec<Frame>,
}

/// One frame as the template takes it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Frame {
    /// Function.
    pub name: String,
    /// Class of its colour.
    pub class: &'static str,
    /// What it says when pointed at.
    pub title: String,
    /// Frames outside it.
    pub depth: usize,
    /// Left edge as a share.
    pub left: String,
    /// Width as a share.
    pub share: String,
    /// The part that is its own, as a share.
    pub own: String,
    /// Change of its cost as a share of the base's whole; only in the difference.
    pub change: String,
    /// Left edge in the graph's units.
    pub x: String,
    /// Upper edge.
    pub y: usize,
    /// Width.
    pub width: String,
    /// Text, as much of the name's end as there is room for; empty where there is none.
    pub label: String,
    /// Place of the text.
    pub label_x: String,
    /// Base line of the text.
    pub label_y: usize,
}

/// Draws frames.
pub(super) fn graph(kind: &'static str, title: &'static str, note: &str, flames: &[Flame]) -> Graph {
    let is_difference = kind == "difference";
    let depth = flames.iter().map(|flame| flame.depth).max().unwrap_or(0);
    let frames = flames.iter().map(|flame| frame(flame, is_difference)).collect();
    Graph { kind, title, note: note.to_owned(), height: ROW * (depth + 1), frames }
}

fn frame(flame: &Flame, is_difference: bool) -> Frame {
    let name = inert(&flame.name);
    let size = quantity::size;
    let change = match (is_difference, flame.is_shown) {
        (false, _) => String::new(),
        (true, true) => format!("; {} of the base's whole", quantity::percent(flame.change)),
        (true, false) => "; no difference beyond luck".into(),
    };
    let width = WIDTH * flame.share;
    Frame {
        title: format!("{name}: {}, {} in itself{change}", size(flame.share), size(flame.own)),
        class: class(flame, is_difference),
        depth: flame.depth,
        left: share(flame.left),
        share: share(flame.share),
        own: share(flame.own),
        change: if is_difference { share(flame.change) } else { String::new() },
        x: units(WIDTH * flame.left),
        y: ROW * flame.depth,
        width: units(width),
        label: label(&name, width),
        label_x: units(WIDTH * flame.left + 3.0),
        label_y: ROW * flame.depth + BASE_LINE,
        name,
    }
}

fn class(flame: &Flame, is_difference: bool) -> &'static str {
    if !is_difference {
        return if flame.is_of_workspace { "own" } else { "foreign" };
    }
    let shade = SHADES.iter().filter(|&&least| flame.change.abs() >= least).count();
    match (flame.is_shown, flame.change > 0.0, shade) {
        (false, ..) => "same",
        (true, true, 0) => "worse-1",
        (true, true, 1) => "worse-2",
        (true, true, _) => "worse-3",
        (true, false, 0) => "better-1",
        (true, false, 1) => "better-2",
        (true, false, _) => "better-3",
    }
}

/// The name, else as much of its end as there is room for: paths begin alike, and the function comes last.
fn label(name: &str, width: f64) -> String {
    let room = ((width - 6.0) / LETTER).max(0.0) as usize;
    let count = name.chars().count();
    if count <= room {
        return name.to_owned();
    }
    if room < LEAST_LETTERS {
        return String::new();
    }
    let end: String = name.chars().skip(count - (room - 1)).collect();
    format!("…{end}")
}

fn share(share: f64) -> String {
    trimmed(format!("{share:.5}"))
}

fn units(units: f64) -> String {
    trimmed(format!("{units:.2}"))
}

/// `0.25` for `0.2500`: a page has thousands of them.
fn trimmed(number: String) -> String {
    let short = number.trim_end_matches('0').trim_end_matches('.');
    if short == "-0" { "0".into() } else { short.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flame(name: &str, left: f64, share: f64, change: f64) -> Flame {
        let is_shown = change != 0.0;
        Flame { name: name.into(), depth: 2, left, share, own: share / 2.0, is_of_workspace: true, change, is_shown }
    }

    #[test]
    fn frames_say_what_they_are() {
        let graph = graph("difference", "Difference", "n", &[flame("a::b", 0.25, 0.61, 0.5)]);
        let frame = &graph.frames[0];
        assert_eq!((graph.height, frame.y, &*frame.x, &*frame.width), (54, 36, "250", "610"));
        assert_eq!((frame.class, &*frame.left, &*frame.share, &*frame.change), ("worse-3", "0.25", "0.61", "0.5"));
        assert_eq!(frame.title, "a::b: 61%, 30% in itself; +50.0% of the base's whole");
    }

    #[test]
    fn names_are_cut_to_their_frames() {
        #[track_caller]
        fn check(width: f64, expected: &str) {
            assert_eq!(label("fixture::sum", width), expected);
        }
        check(200.0, "fixture::sum");
        check(60.0, "…re::sum");
        check(20.0, "");
        check(0.0, "");
    }

    #[test]
    fn script_labels_as_the_page_does() {
        let script = include_str!("../../templates/flame.js");
        for line in [format!("const LETTER = {LETTER};"), format!("const BASE_LINE = {BASE_LINE};")] {
            assert!(script.lines().any(|one| one == line), "{line}");
        }
    }

    #[test]
    fn hostile_names_are_inert() {
        let graph = graph("base", "Base", "", &[flame("a\u{1b}[31m\u{202e}<script>", 0.0, 1.0, 0.0)]);
        let frame = &graph.frames[0];
        assert!([&frame.name, &frame.title, &frame.label].iter().all(|text| !text.contains(['\u{1b}', '\u{202e}'])));
    }
}

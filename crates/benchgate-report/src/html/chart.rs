//! A plotters chart made part of the page.
//!
//! Plotters writes fixed colours. Each colour used here is a name: the style sheet selects marks by their colour attribute
//! and gives them the page's own, for light and for dark. The fixed ones show where styles do not apply, and work on both.

use plotters::coord::Shift;
use plotters::prelude::*;

/// Text and ticks.
pub(super) const TEXT: RGBColor = RGBColor(0x77, 0x7F, 0x88);
/// Grid and axes.
pub(super) const GRID: RGBColor = RGBColor(0x8B, 0x94, 0x9E);
/// The base.
pub(super) const BASE: RGBColor = RGBColor(0x80, 0x80, 0x80);
/// The candidate: in the colour of the verdict.
pub(super) const CANDIDATE: RGBColor = RGBColor(0x7A, 0x5C, 0xC0);
/// Tolerance band.
pub(super) const BAND: RGBColor = RGBColor(0x99, 0x99, 0xAA);

/// Width and height of a chart in its own units; the page scales it.
pub(super) const SIZE: (u32, u32) = (520, 240);

/// Size of the text in a chart, in its own units.
pub(super) const TEXT_SIZE: u32 = 12;

/// A chart as the template takes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Chart {
    /// What it shows, as its accessible name.
    pub title: String,
    /// What its marks mean.
    pub keys: Vec<Key>,
    /// What is to be seen in it, in words.
    pub description: String,
    /// The inside of an `svg` element with a view box of [`SIZE`]. Numbers and our own words only.
    pub marks: String,
}

/// What one kind of mark means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Key {
    /// Class of the style sheet that draws the mark.
    pub class: &'static str,
    /// What it stands for.
    pub text: &'static str,
}

/// Why a chart could not be drawn.
pub(super) type DrawError = DrawingAreaErrorKind<std::io::Error>;

/// Draws on an empty sheet and takes the frame off, which the template provides.
pub(super) fn marks(
    draw: impl FnOnce(&DrawingArea<SVGBackend<'_>, Shift>) -> Result<(), DrawError>,
) -> Result<String, DrawError> {
    let mut svg = String::new();
    {
        let sheet = SVGBackend::with_string(&mut svg, SIZE).into_drawing_area();
        draw(&sheet)?;
        sheet.present()?;
    }
    let inside = svg.split_once('>').and_then(|(_, rest)| rest.rsplit_once("</svg>"));
    let (inside, _) = inside.expect("plotters writes one svg element");
    // Opacity 1 is the default and a tenth of the text; blank lines and line feeds within text elements are noise.
    Ok(inside.replace(" opacity=\"1\"", "").replace(">\n", ">").replace("\n<", "<"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_inside_is_kept() {
        let marks = marks(|sheet| sheet.draw(&Rectangle::new([(1, 2), (3, 4)], BASE.filled()))).unwrap();
        assert_eq!(marks, r##"<rect x="1" y="2" width="2" height="2" fill="#808080" stroke="none"/>"##);
    }
}

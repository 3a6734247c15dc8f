//! Finds elements in a grey picture by scanning a grid.
//!
//! | kind | grid step | criterion |
//! |---|---|---|
//! | button | 10 px | a window of 10 x 5 px with a variance below 20 and a mean below 200 |
//! | text | 15 px | a pixel above 220 |
//! | image | 20 px | a window of 20 x 20 px with a variance above 50 |
//! | link | 12 px | a pixel between 100 and 200, both excluded |
//!
//! Each grid point that fits is an element of its own: neighbours are not joined, and nothing is read. The numbers are those
//! of the Panoptic testing framework; 0 is black, 255 is white, the variance is that of the population.

/// What kind of element it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// Something to press.
    Button,
    /// A field or a piece of text.
    Text,
    /// A picture.
    Image,
    /// Something that leads elsewhere.
    Link,
    /// A group of fields that are sent together. The detector never finds one; it comes from a page's structure.
    Form,
}

/// A place in a picture, in pixels from the top left corner.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Bounds {
    /// From the left.
    pub x: u32,
    /// From the top.
    pub y: u32,
    /// Width.
    pub width: u32,
    /// Height.
    pub height: u32,
}

/// Something on a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// What it is.
    pub kind: Kind,
    /// What it says; empty when it was found in a picture.
    pub text: String,
    /// Where it is.
    pub bounds: Bounds,
}

/// A picture in shades of grey, row by row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GreyImage {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
}

/// Pixels that do not fill the picture.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a picture of `{width}` x `{height}` was given `{found}` pixels")]
pub struct SizeError {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Number of pixels given.
    pub found: usize,
}

impl GreyImage {
    /// A picture of `pixels`, row by row.
    ///
    /// # Errors
    /// When there are not `width * height` of them.
    pub fn new(width: u32, height: u32, pixels: Vec<u8>) -> Result<GreyImage, SizeError> {
        if pixels.len() as u64 == u64::from(width) * u64::from(height) {
            Ok(GreyImage { width, height, pixels })
        } else {
            Err(SizeError { width, height, found: pixels.len() })
        }
    }

    fn row(&self, y: u32, x: u32, len: u32) -> &[u8] {
        let start = y as usize * self.width as usize + x as usize;
        &self.pixels[start..start + len as usize]
    }

    /// Mean and variance of a window, `None` where it does not lie in the picture.
    fn window(&self, at: Bounds) -> Option<(f64, f64)> {
        if at.x + at.width > self.width || at.y + at.height > self.height {
            return None;
        }
        let (mut sum, mut squares) = (0_u64, 0_u64);
        for y in at.y..at.y + at.height {
            for &pixel in self.row(y, at.x, at.width) {
                sum += u64::from(pixel);
                squares += u64::from(pixel) * u64::from(pixel);
            }
        }
        let count = f64::from(at.width) * f64::from(at.height);
        let mean = sum as f64 / count;
        Some((mean, squares as f64 / count - mean * mean))
    }
}

/// Finds elements in pictures. It holds nothing but its thresholds, which are constants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct VisionDetector;

impl VisionDetector {
    /// The elements of `image`: buttons, then texts, images and links, each row by row.
    pub fn elements(&self, image: &GreyImage) -> Vec<Element> {
        let mut found = Vec::new();
        let mut scan = |kind, step, width, height, fits: fn(f64, f64) -> bool| {
            for y in (0..image.height).step_by(step) {
                for x in (0..image.width).step_by(step) {
                    let bounds = Bounds { x, y, width, height };
                    if image.window(bounds).is_some_and(|(mean, variance)| fits(mean, variance)) {
                        found.push(Element { kind, text: String::new(), bounds });
                    }
                }
            }
        };
        scan(Kind::Button, 10, 10, 5, |mean, variance| variance < 20.0 && mean < 200.0);
        scan(Kind::Text, 15, 1, 1, |grey, _| grey > 220.0);
        scan(Kind::Image, 20, 20, 20, |_, variance| variance > 50.0);
        scan(Kind::Link, 12, 1, 1, |grey, _| grey > 100.0 && grey < 200.0);
        found
    }
}

/// The elements of a kind.
pub fn of_kind(elements: &[Element], kind: Kind) -> impl Iterator<Item = &Element> {
    elements.iter().filter(move |element| element.kind == kind)
}

/// The elements whose text contains `text`, in either case.
pub fn with_text<'e>(elements: &'e [Element], text: &str) -> impl Iterator<Item = &'e Element> {
    let text = text.to_lowercase();
    elements.iter().filter(move |element| element.text.to_lowercase().contains(&text))
}

/// The first element within `tolerance` pixels of a point.
pub fn at_point(elements: &[Element], x: u32, y: u32, tolerance: u32) -> Option<&Element> {
    let near = |point: u32, start: u32, len: u32| {
        point.saturating_add(tolerance) >= start && point <= start.saturating_add(len).saturating_add(tolerance)
    };
    elements.iter().find(|element| {
        let at = element.bounds;
        near(x, at.x, at.width) && near(y, at.y, at.height)
    })
}

#[cfg(test)]
mod tests {
    use super::{Bounds, Element, GreyImage, Kind, SizeError, VisionDetector, at_point, of_kind, with_text};

    /// Buttons, texts, images and links found in 40 x 40 pixels of `grey(x, y)`.
    #[track_caller]
    fn check(grey: impl Fn(u32, u32) -> u8, expected: [usize; 4]) {
        let pixels = (0..40).flat_map(|y| (0..40).map(move |x| (x, y))).map(|(x, y)| grey(x, y)).collect();
        let found = VisionDetector.elements(&GreyImage::new(40, 40, pixels).unwrap());
        let count = |kind| of_kind(&found, kind).count();
        assert_eq!([Kind::Button, Kind::Text, Kind::Image, Kind::Link].map(count), expected);
    }

    #[test]
    fn each_kind_has_its_grid_and_its_thresholds() {
        check(|_, _| 255, [0, 9, 0, 0]);
        check(|_, _| 220, [0, 0, 0, 0]);
        check(|_, _| 199, [16, 0, 0, 16]);
        check(|_, _| 100, [16, 0, 0, 0]);
        check(|x, _| if x % 2 == 0 { 0 } else { 255 }, [0, 3, 4, 0]);
        check(|x, y| if x < 10 && y < 5 { 50 } else { 210 }, [1, 0, 1, 0]);
    }

    #[test]
    fn elements_are_found_by_text_and_point() {
        let element = |text: &str, x| Element {
            kind: Kind::Button,
            text: text.into(),
            bounds: Bounds { x, y: 10, width: 20, height: 10 },
        };
        let elements = [element("Save", 0), element("Größe ändern", 100)];
        assert_eq!(with_text(&elements, "GRÖSSE").count(), 0);
        assert_eq!(with_text(&elements, "größe").count(), 1);
        assert_eq!(with_text(&elements, "SAVE").count(), 1);
        assert_eq!(at_point(&elements, 118, 21, 1).unwrap().text, "Größe ändern");
        assert!(at_point(&elements, 118, 21, 0).is_none());
        assert!(at_point(&elements, 60, 15, 39).is_none());
        assert_eq!(at_point(&elements, 60, 15, 40).unwrap().text, "Save");
    }

    #[test]
    fn a_picture_that_is_not_filled_is_refused() {
        let error = SizeError { width: 3, height: 2, found: 5 };
        assert_eq!(GreyImage::new(3, 2, vec![0; 5]), Err(error));
    }
}

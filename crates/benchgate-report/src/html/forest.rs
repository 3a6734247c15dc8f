//! The forest-plot cell: effect, interval and tolerance of one series on an axis that all series share.
//!
//! Only coordinates are made here; the marks stand in `templates/forest.html`.

use crate::quantity;
use benchgate_core::gate::{Effect, Row};

/// Width and height of a cell in its own units.
const WIDTH: f64 = 200.0;

/// Room left and right of the axis for arrows.
const MARGIN: f64 = 10.0;

/// Half widths of the axis to choose from, as shares.
const EXTENTS: [f64; 8] = [0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0];

/// The axis spans at most so many tolerances, so that the band stays to be seen; what lies beyond becomes an arrow.
const TOLERANCES: f64 = 5.0;

/// The axis that all cells share: shares of the base, zero in the middle.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Axis {
    extent: f64,
    /// Positions and labels, left to right.
    pub ticks: Vec<Tick>,
}

/// One tick of the axis.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tick {
    /// Position.
    pub x: String,
    /// Label.
    pub label: String,
}

/// One cell.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Cell {
    /// What is to be seen, in words.
    pub title: String,
    /// Left edge and width of the tolerance band.
    pub band: Option<(String, String)>,
    /// Both ends of the interval, within the axis.
    pub whisker: Option<(String, String)>,
    /// The estimate, where it is within the axis.
    pub point: Option<String>,
    /// Whether the estimate is exact: then it is drawn as a diamond.
    pub is_exact: bool,
    /// Something lies beyond the left end.
    pub goes_left: bool,
    /// Something lies beyond the right end.
    pub goes_right: bool,
}

impl Axis {
    /// The axis for these rows: that of the times, since a count that doubles says nothing about their scale.
    pub(super) fn of(rows: &[Row]) -> Self {
        let mut extent = Self::extent(rows.iter().filter(|row| !row.key.metric.is_count()));
        if extent.is_none() {
            extent = Self::extent(rows.iter());
        }
        let mut axis = Self { extent: extent.unwrap_or(0.05), ticks: Vec::new() };
        axis.ticks = [-axis.extent, 0.0, axis.extent].map(|share| axis.tick(share)).to_vec();
        axis
    }

    fn extent<'a>(rows: impl Iterator<Item = &'a Row>) -> Option<f64> {
        let mut widest: Option<f64> = None;
        let mut tolerance: f64 = 0.0;
        for row in rows {
            if let Some(effect) = row.effect {
                let ends = [effect.lower, effect.upper].map(|log| Effect::share(log).abs());
                let ends = ends.into_iter().filter(|size| size.is_finite());
                widest = Some(ends.fold(widest.unwrap_or(0.0), f64::max));
                tolerance = tolerance.max(row.tolerance);
            }
        }
        let most = if tolerance > 0.0 { tolerance * TOLERANCES } else { 1.0 };
        let wanted = widest?.max(tolerance * 2.0).min(most);
        // Products of decimals such as 0.02 miss their round value by a hair.
        Some(EXTENTS.into_iter().find(|extent| *extent >= wanted - 1e-9).unwrap_or(1.0))
    }

    fn tick(&self, share: f64) -> Tick {
        let percent = (share * 1000.0).round() / 10.0;
        let label = if share == 0.0 { "0".to_owned() } else { format!("{percent:+}%").replace('-', "−") };
        Tick { x: self.position(share), label }
    }

    fn position(&self, share: f64) -> String {
        let half = WIDTH / 2.0 - MARGIN;
        format!("{:.1}", WIDTH / 2.0 + half * (share / self.extent).clamp(-1.0, 1.0))
    }

    /// The cell of a row; `None` where nothing was compared.
    pub(super) fn cell(&self, row: &Row) -> Option<Cell> {
        let effect = row.effect.filter(|effect| !effect.estimate.is_nan())?;
        let [estimate, lower, upper] = [effect.estimate, effect.lower, effect.upper].map(Effect::share);
        let interval = quantity::interval(effect);
        let tolerance = (row.tolerance > 0.0).then(|| format!(", tolerance {}", quantity::size(row.tolerance)));
        let title = format!(
            "{}{}{}",
            quantity::estimate(effect),
            interval.as_ref().map(|text| format!(", interval {text} %")).unwrap_or_default(),
            tolerance.unwrap_or_default()
        );
        let band = (row.tolerance > 0.0).then(|| {
            let half = WIDTH / 2.0 - MARGIN;
            let width = 2.0 * half * (row.tolerance / self.extent).min(1.0);
            (self.position(-row.tolerance), format!("{width:.1}"))
        });
        Some(Cell {
            title,
            band,
            whisker: interval.is_some().then(|| (self.position(lower), self.position(upper))),
            point: (estimate.abs() <= self.extent).then(|| self.position(estimate)),
            is_exact: interval.is_none(),
            goes_left: estimate.min(lower) < -self.extent,
            goes_right: estimate.max(upper) > self.extent,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{count_row, row, time_row};
    use benchgate_core::gate::Status;
    use benchgate_core::model::Metric;

    fn time(shares: [f64; 3]) -> Row {
        time_row("a/b/c/d", Status::Unchanged, 10.0, shares)
    }

    #[test]
    fn axis_holds_intervals_and_twice_to_five_times_the_tolerance() {
        #[track_caller]
        fn check(rows: &[Row], expected: f64) {
            assert_eq!(Axis::of(rows).extent, expected);
        }
        check(&[], 0.05);
        check(&[row("a/b/c/d", Metric::Time, Status::Identical)], 0.05);
        check(&[time([0.0, -0.001, 0.001])], 0.05);
        check(&[time([0.07, 0.06, 0.08])], 0.1);
        check(&[time([5.0, 4.0, 6.0])], 0.1);
        check(&[count_row("a/b/c/d", Metric::Allocations, Status::Regressed, 4.0, 5.0)], 0.5);
        check(&[count_row("a/b/c/d", Metric::Allocations, Status::Regressed, 0.0, 5.0)], 0.005);
    }

    #[test]
    fn what_is_beyond_the_axis_becomes_an_arrow() {
        let axis = Axis::of(&[time([0.0, -0.01, 0.01])]);
        let cell = axis.cell(&time([0.06, 0.01, 0.2])).unwrap();
        assert_eq!((cell.point, cell.goes_left, cell.goes_right), (None, false, true));
        assert_eq!(cell.whisker, Some(("118.0".into(), "190.0".into())));
        let grown = count_row("a/b/c/d", Metric::Allocations, Status::Regressed, 0.0, 3.0);
        let cell = axis.cell(&grown).unwrap();
        assert!(cell.goes_right && cell.is_exact && cell.whisker.is_none() && cell.point.is_none());
        assert_eq!(cell.title, "+∞");
    }

    #[test]
    fn positions_are_symmetric_about_the_middle() {
        let axis = Axis::of(&[time([0.0, -0.01, 0.01])]);
        let cell = axis.cell(&time([0.0, -0.025, 0.025])).unwrap();
        assert_eq!(cell.whisker, Some(("55.0".into(), "145.0".into())));
        assert_eq!(cell.point, Some("100.0".into()));
        assert_eq!(cell.band, Some(("64.0".into(), "72.0".into())));
    }
}

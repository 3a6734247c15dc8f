//! The pairs in the order in which they ran: drift, and whether who ran first matters, are to be seen at a glance.

use plotters::prelude::*;

use super::chart::{BAND, CANDIDATE, Chart, DrawError, GRID, Key, TEXT, TEXT_SIZE, marks};
use crate::quantity;
use benchgate_core::gate::Effect;
use benchgate_core::gate::{median, pair_effect};
use benchgate_core::model::{Pair, Side};

/// The vertical axis spans this share of the pairs, and half as much again; a pair beyond it is drawn at the edge.
const SPAN: f64 = 0.9;

/// The axis is at least so wide: a thousandth, below which nothing is meant.
const AT_LEAST: f64 = 0.001;

/// One pair as a mark.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Mark {
    order: f64,
    /// Effect as a share, kept within the axis.
    share: f64,
    first: Side,
    is_beyond: bool,
}

/// The chart; `None` where there are no pairs.
pub(super) fn run_order(pairs: &[Pair], tolerance: f64) -> Result<Option<Chart>, DrawError> {
    let shares: Vec<f64> = pairs.iter().map(|pair| Effect::share(pair_effect(pair))).collect();
    let Some(middle) = median(&shares) else { return Ok(None) };
    let limit = limit(&shares, tolerance);
    let marks: Vec<Mark> = pairs
        .iter()
        .zip(&shares)
        .enumerate()
        .map(|(index, (pair, &share))| Mark {
            order: (index + 1) as f64,
            share: share.clamp(-limit, limit),
            first: pair.first,
            is_beyond: share.abs() > limit,
        })
        .collect();
    let beyond = marks.iter().filter(|mark| mark.is_beyond).count();
    let outside = if beyond > 0 { format!("; {beyond} beyond the axis, drawn at its edge") } else { String::new() };
    let first = marks.iter().filter(|mark| mark.first == Side::Base).count();
    let description = format!(
        "{} pairs, base first in {first} (circles), candidate first in {} (triangles); median {}; band: tolerance of {}{outside}",
        marks.len(),
        marks.len() - first,
        quantity::percent(middle),
        quantity::size(tolerance),
    );
    let marks = draw(&marks, limit, tolerance, middle.clamp(-limit, limit))?;
    let title = "Effect of each pair in the order in which they ran".into();
    let keys = vec![Key { class: "dot", text: "base ran first" }, Key { class: "tri", text: "candidate ran first" }];
    Ok(Some(Chart { title, keys, description, marks }))
}

/// Half the height of the axis, as a share.
fn limit(shares: &[f64], tolerance: f64) -> f64 {
    let mut sizes: Vec<f64> = shares.iter().map(|share| share.abs()).filter(|size| size.is_finite()).collect();
    sizes.sort_by(f64::total_cmp);
    let rank = (SPAN * sizes.len().saturating_sub(1) as f64).ceil() as usize;
    let typical = sizes.get(rank).copied().unwrap_or(1.0);
    let limit = (typical * 1.5).max(tolerance * 1.5).max(AT_LEAST);
    if limit.is_finite() { limit } else { 1.0 }
}

fn draw(pairs: &[Mark], limit: f64, tolerance: f64, middle: f64) -> Result<String, DrawError> {
    // Plotters' integer axes overflow at some ranges; a float one needs labels at whole numbers only.
    let last = (pairs.len() + 1) as f64;
    marks(|sheet| {
        let mut chart = ChartBuilder::on(sheet)
            .margin_top(8)
            .margin_right(16)
            .x_label_area_size(28)
            .y_label_area_size(64)
            .build_cartesian_2d(0.0..last, -limit * 1.08..limit * 1.08)?;
        chart
            .configure_mesh()
            .max_light_lines(0)
            .disable_x_mesh()
            .x_labels(8)
            .y_labels(5)
            .bold_line_style(GRID.mix(0.25))
            .axis_style(GRID)
            .label_style(("sans-serif", TEXT_SIZE).into_font().color(&TEXT))
            .x_label_formatter(&|order| whole(*order, last))
            .y_label_formatter(&|share| tick(*share))
            .draw()?;
        if tolerance > 0.0 {
            let band = [(0.0, -tolerance), (last, tolerance)];
            chart.draw_series([Rectangle::new(band, BAND.mix(0.16).filled())])?;
        }
        chart.draw_series([PathElement::new([(0.0, 0.0), (last, 0.0)], GRID)])?;
        chart.draw_series([PathElement::new([(0.0, middle), (last, middle)], CANDIDATE.mix(0.6))])?;
        for mark in pairs {
            let at = (mark.order, mark.share);
            let style = if mark.is_beyond { CANDIDATE.stroke_width(1) } else { CANDIDATE.filled() };
            match mark.first {
                Side::Base => chart.draw_series([Circle::new(at, 4, style)])?,
                Side::Candidate => chart.draw_series([TriangleMarker::new(at, 5, style)])?,
            };
        }
        Ok(())
    })
}

/// A share as a tick: as few digits as tell it.
fn tick(share: f64) -> String {
    let percent = (share * 1e6).round() / 1e4;
    if percent == 0.0 { "0%".into() } else { format!("{percent:+}%").replace('-', "−") }
}

/// A pair's number; nothing between pairs and beyond them.
fn whole(order: f64, last: f64) -> String {
    let is_pair = (order - order.round()).abs() < 1e-6 && order > 0.5 && order < last - 0.5;
    if is_pair { format!("{order:.0}") } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use benchgate_core::model::{Conditions, Sample, Samples};

    fn pair(base: f64, candidate: f64) -> Pair {
        let samples = |nanos| Samples::new(vec![Sample { iterations: 1.0, nanos }]).unwrap();
        Pair {
            order: 0,
            first: Side::Base,
            base: samples(base),
            candidate: samples(candidate),
            conditions: Conditions::default(),
        }
    }

    #[test]
    fn one_wild_pair_does_not_squeeze_the_others() {
        let mut shares = vec![0.01; 20];
        shares.push(30.0);
        assert!((limit(&shares, 0.02) - 0.03).abs() < 1e-12);
        assert_eq!(limit(&[0.0, 0.0], 0.0), AT_LEAST);
    }

    #[test]
    fn shapes_tell_who_ran_first() {
        let pairs = fixture::pairs(100.0, 0.05, 9, 4);
        let chart = run_order(&pairs, 0.02).unwrap().unwrap();
        assert_eq!(chart.marks.matches("<circle").count(), 3);
        assert_eq!(chart.marks.matches("<polygon").count(), 6);
        assert!(chart.description.starts_with("9 pairs, base first in 3 (circles)"), "{}", chart.description);
    }

    #[test]
    fn any_pairs_can_be_drawn() {
        #[track_caller]
        fn check(pairs: &[Pair]) {
            let chart = run_order(pairs, 0.02).unwrap().unwrap();
            assert!(!chart.marks.contains("NaN"), "{}", chart.marks);
        }
        check(&[pair(1.0, 1.0)]);
        check(&[pair(f64::MIN_POSITIVE, f64::MAX)]);
        check(&[pair(f64::MAX, f64::MIN_POSITIVE), pair(1.0, 2.0), pair(1.0, 1e9)]);
        assert_eq!(run_order(&[], 0.02).unwrap(), None);
    }
}

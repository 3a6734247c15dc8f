//! The distributions of both sides: empirical cumulative distribution functions of nanoseconds an iteration.
//!
//! A cumulative function rather than a density: it has no bandwidth to choose, hides nothing, and two of them lie on top of
//! each other without covering each other. Distributions are for looking; the verdict rests on pairs.

use plotters::prelude::*;

use super::chart::{BASE, CANDIDATE, Chart, DrawError, GRID, Key, TEXT, TEXT_SIZE, marks};
use crate::quantity;
use benchgate_core::model::{Metric, Samples};

/// Points that a curve is drawn with: finer than the page shows.
const POINTS: usize = 128;

/// Shares of the samples that the horizontal axis spans; one interrupted sample would squeeze the rest to a wall.
const SPAN: (f64, f64) = (0.0, 0.98);

/// A sorted column of times.
struct Curve {
    nanos: Vec<f64>,
}

impl Curve {
    fn of<'a>(samples: impl Iterator<Item = &'a Samples>) -> Option<Self> {
        let mut nanos: Vec<f64> = samples.flat_map(Samples::nanos_per_iteration).filter(|x| x.is_finite()).collect();
        nanos.sort_by(f64::total_cmp);
        (!nanos.is_empty()).then_some(Self { nanos })
    }

    /// The value below which a share of the samples lies, nearest rank.
    fn quantile(&self, share: f64) -> f64 {
        let rank = (share * (self.nanos.len() - 1) as f64).round() as usize;
        self.nanos[rank]
    }

    /// Points of the curve up to a horizontal limit, the time in units of `scale` nanoseconds.
    fn points(&self, scale: f64, limit: f64) -> Vec<(f64, f64)> {
        let count = self.nanos.len().min(POINTS);
        let share = |i: usize| if count == 1 { 1.0 } else { i as f64 / (count - 1) as f64 };
        let mut points = vec![(self.quantile(0.0) / scale, 0.0)];
        points.extend((0..count).map(|i| (self.quantile(share(i)) / scale, share(i))));
        points.retain(|(x, _)| *x <= limit);
        points
    }
}

/// The chart of both sides, or of the candidate alone; `None` where nothing can be drawn.
pub(super) fn distribution<'a>(
    metric: Metric,
    base: impl Iterator<Item = &'a Samples>,
    candidate: impl Iterator<Item = &'a Samples>,
) -> Result<Option<Chart>, DrawError> {
    let (base, candidate) = (Curve::of(base), Curve::of(candidate));
    let mut curves: Vec<(RGBColor, &Curve, Key)> = Vec::new();
    curves.extend(base.iter().map(|curve| (BASE, curve, Key { class: "dash", text: "base" })));
    curves.extend(candidate.iter().map(|curve| (CANDIDATE, curve, Key { class: "line", text: "candidate" })));
    if curves.is_empty() {
        return Ok(None);
    }
    let low = curves.iter().map(|(_, curve, _)| curve.quantile(SPAN.0)).fold(f64::INFINITY, f64::min);
    let high = curves.iter().map(|(_, curve, _)| curve.quantile(SPAN.1)).fold(f64::NEG_INFINITY, f64::max);
    // At least a thousandth wide, so that the ticks of equal samples differ.
    let pad = ((high - low) * 0.04).max(high * 0.0005);
    let span = (low - pad, high + pad);
    let words = |name: &str, curve: Option<&Curve>| {
        curve.map(|curve| {
            let at = |share| quantity::value(metric, curve.quantile(share));
            let count = curve.nanos.len();
            format!("{name}: median {}, tenth {}, ninetieth percentile {}, {count} samples", at(0.5), at(0.1), at(0.9))
        })
    };
    let description = [words("base", base.as_ref()), words("candidate", candidate.as_ref())];
    Ok(Some(Chart {
        title: title(metric).into(),
        keys: curves.iter().map(|(_, _, key)| *key).collect(),
        description: description.into_iter().flatten().collect::<Vec<_>>().join("; "),
        marks: draw(metric, &curves, span)?,
    }))
}

fn title(metric: Metric) -> &'static str {
    match metric {
        Metric::PeakMemory => "Share of runs whose memory was at most so much",
        Metric::Time
        | Metric::ProcessorTime
        | Metric::Allocations
        | Metric::AllocatedBytes
        | Metric::PeakBytes
        | Metric::LiveBytes
        | Metric::LiveSlope
        | Metric::Threads => "Share of samples that took at most so long an iteration",
    }
}

fn draw(metric: Metric, curves: &[(RGBColor, &Curve, Key)], (low, high): (f64, f64)) -> Result<String, DrawError> {
    // Plotters picks round ticks in the unit that is shown.
    let scale = [1e9, 1e6, 1e3].into_iter().find(|scale| high >= *scale).unwrap_or(1.0);
    marks(|sheet| {
        let mut chart = ChartBuilder::on(sheet)
            .margin_top(8)
            .margin_right(16)
            .x_label_area_size(28)
            .y_label_area_size(56)
            .build_cartesian_2d(low / scale..high / scale, 0.0..1.0)?;
        chart
            .configure_mesh()
            .max_light_lines(0)
            .x_labels(5)
            .y_labels(5)
            .bold_line_style(GRID.mix(0.25))
            .axis_style(GRID)
            .label_style(("sans-serif", TEXT_SIZE).into_font().color(&TEXT))
            .x_label_formatter(&|x| quantity::value(metric, tidy(*x) * scale))
            .y_label_formatter(&|y| format!("{:.0}%", y * 100.0))
            .draw()?;
        for (colour, curve, _) in curves {
            let points = curve.points(scale, high / scale);
            chart.draw_series(LineSeries::new(points, colour.stroke_width(2)))?;
        }
        Ok(())
    })
}

/// Ticks without the dust of adding tenths.
fn tidy(x: f64) -> f64 {
    format!("{x:.6e}").parse().unwrap_or(x)
}

#[cfg(test)]
mod tests {
    use super::*;
    use benchgate_core::model::Sample;

    fn samples(nanos: &[f64]) -> Samples {
        Samples::new(nanos.iter().map(|&nanos| Sample { iterations: 1.0, nanos }).collect()).unwrap()
    }

    #[test]
    fn curves_rise_from_nothing_to_all_of_it() {
        let curve = Curve::of([samples(&[30.0, 10.0, 20.0])].iter()).unwrap();
        assert_eq!(curve.points(10.0, 3.0), [(1.0, 0.0), (1.0, 0.0), (2.0, 0.5), (3.0, 1.0)]);
        assert_eq!(curve.points(10.0, 2.5), [(1.0, 0.0), (1.0, 0.0), (2.0, 0.5)]);
    }

    #[test]
    fn long_columns_are_thinned() {
        let many: Vec<f64> = (1..10_000).map(f64::from).collect();
        assert_eq!(Curve::of([samples(&many)].iter()).unwrap().points(1.0, 1e9).len(), POINTS + 1);
    }

    #[test]
    fn any_samples_can_be_drawn() {
        #[track_caller]
        fn check(base: &[f64], candidate: &[f64]) {
            let (base, candidate) = (samples(base), samples(candidate));
            let chart = distribution(Metric::Time, [&base].into_iter(), [&candidate].into_iter()).unwrap().unwrap();
            assert!(!chart.marks.contains("NaN") && chart.marks.contains("polyline"), "{}", chart.marks);
        }
        check(&[1.0], &[1.0]);
        check(&[5.0, 5.0, 5.0], &[5.0, 5.0]);
        check(&[1.0], &[1e12]);
        check(&[f64::MIN_POSITIVE, 1e-300], &[1e300, 1e307]);
        assert_eq!(distribution(Metric::Time, [].into_iter(), [].into_iter()).unwrap(), None);
    }
}

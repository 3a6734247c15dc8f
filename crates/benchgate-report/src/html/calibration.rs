//! Calibration -> one self-contained page in the style of the report: how often equal code was red, which slowdowns are found,
//! and what each benchmark can see.

use anyhow::Context;
use askama::Template;
use plotters::prelude::*;

use super::chart::{BASE, CANDIDATE, Chart, DrawError, GRID, Key, TEXT, TEXT_SIZE, marks};
use super::prose::Prose;
use super::{STYLE, csp};
use crate::calibration::{BenchLine, Power, Rate, bench_lines, false_red, found, power};
use crate::inert::inert;
use crate::quantity;
use benchgate_core::gate::Effect;
use benchgate_core::model::Calibration;

/// What is beyond this many tolerances is drawn at the edge of its chart.
const MOST_TOLERANCES: f64 = 8.0;

/// The page of a calibration.
///
/// # Errors
/// If a chart cannot be drawn or the template cannot be filled. Neither does I/O, so that this means a defect.
pub fn calibration_html(calibration: &Calibration) -> anyhow::Result<String> {
    let powers = power(calibration);
    let charts = [power_chart(&powers), visible_chart(calibration)];
    let charts = charts.into_iter().collect::<Result<Vec<_>, _>>().context("could not draw a chart")?;
    let page = Page {
        csp: csp::policy(STYLE, None),
        style: STYLE,
        workspace: inert(&calibration.workspace),
        recorded: inert(&calibration.recorded),
        facts: facts(calibration),
        rates: false_red(calibration),
        powers: powers.iter().map(PowerRow::of).collect(),
        planted: calibration.planted.iter().filter(|planted| planted.runs > 0).map(PlantedRow::of).collect(),
        benches: bench_lines(calibration),
        charts: charts.into_iter().flatten().collect(),
        gaps: calibration.gaps.iter().map(|gap| Prose::of(gap)).collect(),
    };
    page.render().context("could not fill the calibration's template")
}

/// The whole page.
#[derive(Template)]
#[template(path = "calibration.html")]
struct Page {
    csp: String,
    style: &'static str,
    workspace: String,
    recorded: String,
    facts: Vec<(&'static str, String)>,
    rates: Vec<Rate>,
    powers: Vec<PowerRow>,
    planted: Vec<PlantedRow>,
    benches: Vec<BenchLine>,
    charts: Vec<Chart>,
    gaps: Vec<Prose>,
}

struct PowerRow {
    effect: String,
    mean: String,
    worst_tenth: String,
    planted: String,
}

impl PowerRow {
    fn of(power: &Power) -> Self {
        let (red, runs) = power.planted;
        Self {
            effect: quantity::size(power.effect),
            mean: found(power.mean),
            worst_tenth: found(power.worst_tenth),
            planted: if runs == 0 { "–".into() } else { format!("{red} of {runs} runs") },
        }
    }
}

struct PlantedRow {
    id: String,
    share: String,
    read: String,
    red: String,
    tolerance: String,
}

impl PlantedRow {
    fn of(planted: &benchgate_core::model::Planted) -> Self {
        Self {
            id: inert(&planted.id),
            share: quantity::percent(planted.share),
            read: planted.estimate.map_or_else(|| "–".into(), |log| quantity::percent(Effect::share(log))),
            red: format!("{} of {}", planted.red, planted.runs),
            tolerance: quantity::size(planted.tolerance),
        }
    }
}

fn facts(calibration: &Calibration) -> Vec<(&'static str, String)> {
    let seconds = calibration.verdict_seconds.map_or_else(String::new, |seconds| {
        let (median, mean) = (quantity::seconds(seconds.median), quantity::seconds(seconds.mean));
        format!("median {median}, mean {mean}, over {} series", seconds.series)
    });
    let commit: String = calibration.commit.chars().take(12).collect();
    let facts = [
        ("Machine class", calibration.machine.clone()),
        ("CPU", calibration.cpu_name.clone()),
        ("Compiler", calibration.rustc.clone()),
        ("Commit", commit),
        ("Measuring", format!("{}, seed {}", quantity::seconds(calibration.measured_seconds), calibration.seed)),
        ("Suite", format!("{} time series, at most {} pairs each", calibration.family, calibration.pair_cap)),
        ("Machine time to a verdict", seconds),
    ];
    facts.into_iter().filter(|(_, text)| !text.is_empty()).map(|(term, text)| (term, inert(&text))).collect()
}

/// Share found by the size of the slowdown.
fn power_chart(powers: &[Power]) -> Result<Option<Chart>, DrawError> {
    let line = |of: fn(&Power) -> f64| -> Vec<(f64, f64)> {
        powers.iter().enumerate().map(|(at, power)| (at as f64, of(power))).filter(|(_, y)| y.is_finite()).collect()
    };
    let (mean, worst) = (line(|power| power.mean), line(|power| power.worst_tenth));
    let code = line(|power| f64::from(power.planted.0) / f64::from(power.planted.1));
    if mean.is_empty() && code.is_empty() {
        return Ok(None);
    }
    let last = powers.len().saturating_sub(1).max(1) as f64;
    let label = |x: f64| {
        let at = x.round();
        let power = powers.get(at as usize).filter(|_| (x - at).abs() < 1e-6 && at >= 0.0);
        power.map_or_else(String::new, |power| quantity::size(power.effect))
    };
    let marks = marks(|sheet| {
        let mut chart = ChartBuilder::on(sheet)
            .margin_top(8)
            .margin_right(16)
            .x_label_area_size(28)
            .y_label_area_size(56)
            .build_cartesian_2d(-0.2..last + 0.2, 0.0..1.05)?;
        chart
            .configure_mesh()
            .max_light_lines(0)
            .disable_x_mesh()
            .x_labels(2 * powers.len() + 1)
            .y_labels(5)
            .bold_line_style(GRID.mix(0.25))
            .axis_style(GRID)
            .label_style(("sans-serif", TEXT_SIZE).into_font().color(&TEXT))
            .x_label_formatter(&|x| label(*x))
            .y_label_formatter(&|y| format!("{:.0}%", y * 100.0))
            .draw()?;
        chart.draw_series(LineSeries::new(worst.clone(), BASE.stroke_width(2)))?;
        chart.draw_series(LineSeries::new(mean.clone(), CANDIDATE.stroke_width(2)))?;
        chart.draw_series(code.iter().map(|&at| Circle::new(at, 5, CANDIDATE.filled())))?;
        Ok(())
    })?;
    let told = powers.iter().map(|power| format!("{}: {}", quantity::size(power.effect), found(power.mean)));
    Ok(Some(Chart {
        title: "Share of planted slowdowns that turned red, by their size".into(),
        keys: vec![
            Key { class: "line", text: "all benches, replayed" },
            Key { class: "dash", text: "worst tenth" },
            Key { class: "dot", text: "planted in code" },
        ],
        description: format!("over all benches {}", told.collect::<Vec<_>>().join(", ")),
        marks,
    }))
}

/// Smallest visible effect of each benchmark, sorted, with its tolerance.
fn visible_chart(calibration: &Calibration) -> Result<Option<Chart>, DrawError> {
    let edge = |tolerance: f64| tolerance * MOST_TOLERANCES;
    let mut points: Vec<(f64, f64)> = calibration
        .benches
        .iter()
        .map(|bench| {
            let visible = bench.visible.map_or(f64::INFINITY, Effect::share);
            (visible.min(edge(bench.tolerance)), bench.tolerance)
        })
        .collect();
    if points.is_empty() {
        return Ok(None);
    }
    points.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    let top = points.iter().map(|point| point.0.max(point.1)).fold(0.01, f64::max) * 1.08;
    let last = (points.len() + 1) as f64;
    let marks = marks(|sheet| {
        let mut chart = ChartBuilder::on(sheet)
            .margin_top(8)
            .margin_right(16)
            .x_label_area_size(12)
            .y_label_area_size(56)
            .build_cartesian_2d(0.0..last, 0.0..top)?;
        chart
            .configure_mesh()
            .max_light_lines(0)
            .disable_x_mesh()
            .x_labels(0)
            .y_labels(5)
            .bold_line_style(GRID.mix(0.25))
            .axis_style(GRID)
            .label_style(("sans-serif", TEXT_SIZE).into_font().color(&TEXT))
            .y_label_formatter(&|y| quantity::size(*y))
            .draw()?;
        for (index, (visible, tolerance)) in points.iter().enumerate() {
            let x = (index + 1) as f64;
            let width = 0.35;
            chart.draw_series([PathElement::new(
                [(x - width, *tolerance), (x + width, *tolerance)],
                BASE.stroke_width(2),
            )])?;
            chart.draw_series([Circle::new((x, *visible), 4, CANDIDATE.filled())])?;
        }
        Ok(())
    })?;
    let blind = calibration.benches.iter().filter(|bench| bench.visible.is_none()).count();
    let middle = points[points.len() / 2].0;
    let blind = if blind > 0 { format!("; {blind} see nothing, drawn at the edge") } else { String::new() };
    Ok(Some(Chart {
        title: "Smallest slowdown that each bench shows with 95 % chance, sorted".into(),
        keys: vec![Key { class: "dot", text: "a bench" }, Key { class: "dash", text: "its tolerance" }],
        description: format!("{} benches, half of them see {} or less{blind}", points.len(), quantity::size(middle)),
        marks,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::calibration;

    #[test]
    fn page_shows_every_figure_and_loads_nothing() {
        let html = calibration_html(&calibration()).unwrap();
        for text in [
            "1 of 300 suites",
            "0.33% [0.0084%, 1.8%]",
            "1 of 12 suite runs",
            "a/b/c/wild",
            "its time cannot be gated here",
            "+4.97%",
            "3 of 4",
            "one link order only",
            "A &#60;CPU&#62;",
            "median 120 ms",
        ] {
            assert!(html.contains(text), "`{text}` is missing");
        }
        assert_eq!(html.matches("<svg class=\"chart").count(), 2);
        assert!(!html.contains("<script") && !html.contains("NaN") && !html.contains("src="));
        assert_eq!(html, calibration_html(&calibration()).unwrap());
    }

    #[test]
    fn nothing_measured_is_still_a_page() {
        let html = calibration_html(&Calibration { effects: vec![0.01], ..Calibration::default() }).unwrap();
        assert!(!html.contains("<svg class=\"chart") && !html.contains("NaN"), "{html}");
    }

    #[test]
    fn benches_that_see_nothing_are_drawn_at_the_edge() {
        let mut calibration = calibration();
        for bench in &mut calibration.benches {
            bench.visible = None;
            bench.found.clear();
        }
        calibration.planted.clear();
        let chart = visible_chart(&calibration).unwrap().unwrap();
        assert!(chart.description.contains("2 see nothing") && !chart.marks.contains("NaN"), "{chart:?}");
        assert_eq!(power_chart(&power(&calibration)).unwrap(), None);
    }
}

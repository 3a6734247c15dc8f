//! From counts of samples to the count of one iteration: `count = once + iterations * each`.

use benchgate_core::model::CountReading;

/// One sample: its iterations, and what was counted in it.
pub(super) type Point = (u64, u64);

/// What the points say.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Fit {
    /// An iteration costs this much. Exact where one whole number holds for every sample.
    Each(CountReading),
    /// Too many samples have as many iterations as others, so that what happens once in each cannot be told from what each
    /// iteration costs.
    Open,
}

/// Points of different lengths that a line with a once-only cost must go through: two it always goes through.
const LEAST_LENGTHS: usize = 3;

/// The count of one iteration.
pub(super) fn each(points: &[Point]) -> Fit {
    let mut lengths: Vec<u64> = points.iter().map(|&(iterations, _)| iterations).collect();
    lengths.sort_unstable();
    lengths.dedup();
    if points.iter().all(|&(_, count)| count == 0) {
        return Fit::Each(CountReading { value: 0.0, is_exact: !points.is_empty() });
    }
    if lengths.len() < 2 {
        return Fit::Open;
    }
    match whole(points) {
        Some(line) if line.once != 0 && lengths.len() < LEAST_LENGTHS => Fit::Open,
        Some(line) => Fit::Each(CountReading { value: line.each as f64, is_exact: true }),
        None => Fit::Each(CountReading { value: mean(points), is_exact: false }),
    }
}

/// All counts over all iterations, to four decimals: it is shown, and nothing exact follows from it.
pub(super) fn mean(points: &[Point]) -> f64 {
    let (iterations, counts) = points
        .iter()
        .fold((0.0, 0.0), |(iterations, counts), &(more, count)| (iterations + more as f64, counts + count as f64));
    if iterations > 0.0 { (counts / iterations * 1e4).round() / 1e4 } else { 0.0 }
}

struct Line {
    once: i128,
    each: u64,
}

/// The line through every point whose slope is a whole number.
fn whole(points: &[Point]) -> Option<Line> {
    let &(short, few) = points.iter().min()?;
    let &(long, many) = points.iter().max()?;
    let (run, rise) = (long.checked_sub(short)?, many.checked_sub(few)?);
    if run == 0 || !rise.is_multiple_of(run) {
        return None;
    }
    let each = rise / run;
    let once_of = |(iterations, count): Point| i128::from(count) - i128::from(iterations) * i128::from(each);
    let once = once_of((short, few));
    points.iter().all(|&point| once_of(point) == once).then_some(Line { once, each })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn exact(value: f64) -> Fit {
        Fit::Each(CountReading { value, is_exact: true })
    }

    fn varying(value: f64) -> Fit {
        Fit::Each(CountReading { value, is_exact: false })
    }

    #[test]
    fn only_one_whole_number_for_every_sample_is_exact() {
        #[track_caller]
        fn check(points: &[Point], expected: Fit) {
            assert_eq!(each(points), expected);
        }
        check(&[(10, 30), (20, 60), (30, 90)], exact(3.0));
        check(&[(10, 34), (20, 64), (30, 94)], exact(3.0)); // four blocks once in each sample
        check(&[(10, 29), (20, 59), (30, 89)], exact(3.0)); // the first iteration costs one less
        check(&[(10, 4), (20, 4), (30, 4)], exact(0.0));
        check(&[(10, 0), (10, 0)], exact(0.0));
        check(&[(1, 3), (2, 6)], exact(3.0));
        check(&[(1, 3), (2, 5)], Fit::Open); // any two points lie on a line
        check(&[(1, 3), (2, 5), (3, 8)], varying(2.6667));
        check(&[(2, 5), (5, 11), (5, 11)], Fit::Open);
        check(&[(10, 30), (20, 61), (30, 90)], varying(3.0167));
        check(&[(10, 5), (20, 10), (30, 15)], varying(0.5));
        check(&[(10, 30), (20, 60), (20, 61)], varying(3.02));
        check(&[(10, 30), (20, 20), (30, 10)], varying(1.0));
        check(&[(5, 10), (5, 10)], Fit::Open);
        check(&[(5, 10)], Fit::Open);
        check(&[], varying(0.0));
    }

    proptest! {
        #[test]
        fn growth_by_doubling_is_never_exact_but_where_it_does_not_show(start in 1u64..50, step in 1u64..50) {
            let doublings = |iterations: u64| u64::from(iterations.next_power_of_two().ilog2());
            let points: Vec<Point> = (0..10).map(|k| start + k * step).map(|n| (n, doublings(n))).collect();
            let is_level = points.iter().all(|point| point.1 == points[0].1);
            let is_exact = matches!(each(&points), Fit::Each(CountReading { is_exact: true, .. }));
            prop_assert!(!is_exact || is_level);
        }

        #[test]
        fn one_block_too_many_anywhere_is_seen(each_one in 0u64..100, once in 0u64..100, at in 0usize..10) {
            let mut points: Vec<Point> = (1..=10).map(|k| (k * 7, once + k * 7 * each_one)).collect();
            prop_assert_eq!(each(&points), exact(each_one as f64));
            points[at].1 += 1;
            let is_exact = matches!(each(&points), Fit::Each(CountReading { is_exact: true, .. }));
            prop_assert!(!is_exact);
        }
    }
}

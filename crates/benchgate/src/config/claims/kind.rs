//! What a claim of each kind needs, and what its numbers may be.

use toml::Spanned;

use super::size;
use crate::config::MentionKind;
use crate::config::convert::Conversion;
use crate::config::error::{ConfigError, visible};
use crate::config::wire::{ClaimWire, Word};
use benchgate_core::gate::{Bound, ClaimKind, Point};
use benchgate_core::model::Metric;

/// Above this an `f64` does not hold every whole number: 2^53.
const LARGEST_COUNT: f64 = 9_007_199_254_740_992.0;

/// More threads than any machine of today has.
const MOST_THREADS: u32 = 4096;

/// Keys of each kind, those that it needs first.
const KEYS: [(&str, &[&str], &[&str]); 7] = [
    ("ratio", &["metric", "numerator", "denominator"], &["at_least", "at_most"]),
    ("difference", &["metric", "minuend", "subtrahend", "at_most"], &[]),
    ("count", &["metric", "id", "equals"], &[]),
    ("ceiling", &["metric", "id", "at_most"], &[]),
    ("counter", &["id", "counter"], &["equals", "at_least", "at_most"]),
    ("growth", &["metric", "ids"], &["sizes", "at_least", "at_most"]),
    ("threads", &["id", "threads", "at_most"], &[]),
];

/// Kind and bound of a claim.
pub(super) fn convert(conversion: &mut Conversion<'_>, wire: &ClaimWire) -> Result<(ClaimKind, Bound), ConfigError> {
    check_keys(conversion, wire)?;
    let mut making = Making { conversion, wire };
    match wire.kind.get_ref().as_str() {
        "ratio" => making.ratio(),
        "difference" => making.difference(),
        "count" => making.count(),
        "ceiling" => making.ceiling(),
        "counter" => making.counter(),
        "growth" => making.growth(),
        "threads" => making.threads(),
        _ => Err(conversion.unknown(&wire.kind, "kind of claim", &ClaimKind::NAMES)),
    }
}

/// Every key that the kind needs is there, and none that it does not know. Of an unknown kind nothing is known.
fn check_keys(conversion: &Conversion<'_>, wire: &ClaimWire) -> Result<(), ConfigError> {
    let kind = wire.kind.get_ref();
    let Some((_, needed, others)) = KEYS.iter().find(|(known, ..)| known == kind) else { return Ok(()) };
    for (key, place) in wire.keys() {
        match place {
            Some(place) if !needed.contains(&key) && !others.contains(&key) => {
                let problem = format!("a claim of kind `{kind}` has no key `{key}`");
                return Err(conversion.wrong(place, problem, format!("delete `{key}` or change `kind`")));
            }
            None if needed.contains(&key) => return Err(lacks(conversion, wire, key)),
            Some(_) | None => {}
        }
    }
    Ok(())
}

fn lacks(conversion: &Conversion<'_>, wire: &ClaimWire, key: &str) -> ConfigError {
    let problem = format!("claim `{}` of kind `{}` lacks key `{key}`", wire.name.get_ref(), wire.kind.get_ref());
    conversion.wrong(wire.name.span(), problem, format!("add `{key} = …` to this claim"))
}

struct Making<'a, 'b> {
    conversion: &'a mut Conversion<'b>,
    wire: &'a ClaimWire,
}

impl<'a> Making<'a, '_> {
    fn ratio(&mut self) -> Result<(ClaimKind, Bound), ConfigError> {
        let bound = self.bound(|value| value > 0.0, "a ratio above 0", "0.5")?;
        let (metric, wire) = (self.metric()?, self.wire);
        let [numerator, denominator] =
            self.two(("numerator", &wire.numerator), ("denominator", &wire.denominator), "their ratio is always 1")?;
        Ok((ClaimKind::Ratio { metric, numerator, denominator }, bound))
    }

    fn difference(&mut self) -> Result<(ClaimKind, Bound), ConfigError> {
        let bound = self.bound(|_| true, "a number", "0")?;
        let (metric, wire) = (self.metric()?, self.wire);
        let [minuend, subtrahend] =
            self.two(("minuend", &wire.minuend), ("subtrahend", &wire.subtrahend), "their difference is always 0")?;
        Ok((ClaimKind::Difference { metric, minuend, subtrahend }, bound))
    }

    fn count(&mut self) -> Result<(ClaimKind, Bound), ConfigError> {
        let metric = self.metric()?;
        if let Some(word) = self.wire.metric.as_ref().filter(|_| !metric.is_count()) {
            let problem = format!("expected the metric of a count, found `{metric}`");
            let hint = "a time is never exact: use `kind = \"ratio\"`, or a count such as `allocations`";
            return Err(self.conversion.wrong(word.span(), problem, hint));
        }
        let bound = self.bound(is_whole, "a whole number from 0", "0")?;
        Ok((ClaimKind::Count { metric, id: self.id()? }, bound))
    }

    fn ceiling(&mut self) -> Result<(ClaimKind, Bound), ConfigError> {
        let metric = self.metric()?;
        let bound = match metric.is_count() {
            true => self.bound(|value| value >= 0.0, "a number from 0", "1024")?,
            false => self.bound(|value| value > 0.0, "nanoseconds above 0", "50")?,
        };
        Ok((ClaimKind::Ceiling { metric, id: self.id()? }, bound))
    }

    fn counter(&mut self) -> Result<(ClaimKind, Bound), ConfigError> {
        let bound = self.bound(is_whole, "a whole number from 0", "0")?;
        let name = self.needed("counter", &self.wire.counter)?;
        self.conversion.check_name(name, "counter")?;
        Ok((ClaimKind::Counter { id: self.id()?, counter: name.get_ref().clone() }, bound))
    }

    fn growth(&mut self) -> Result<(ClaimKind, Bound), ConfigError> {
        let bound = self.bound(|_| true, "a slope", "1.1")?;
        let metric = self.metric()?;
        let ids = self.needed("ids", &self.wire.ids)?;
        let sizes = self.sizes(ids)?;
        let mut points: Vec<Point> = Vec::new();
        for (word, (size, place)) in ids.get_ref().iter().zip(sizes) {
            if points.last().is_some_and(|last| size <= last.size) {
                let problem = format!("expected sizes that grow, found `{size}` after a larger one or the same");
                return Err(self.conversion.wrong(place, problem, "put the benchmarks in the order of their sizes"));
            }
            points.push(Point { id: self.mention(word, word.get_ref().clone()), size });
        }
        Ok((ClaimKind::Growth { metric, points }, bound))
    }

    /// A size for each id, with its place: as stated, else as the id says.
    fn sizes(&self, ids: &Spanned<Vec<Word>>) -> Result<Vec<(f64, std::ops::Range<usize>)>, ConfigError> {
        if ids.get_ref().len() < 2 {
            let problem = format!("expected two benchmarks or more, found {}", ids.get_ref().len());
            return Err(self.conversion.wrong(ids.span(), problem, "growth takes a small size and a large one"));
        }
        let Some(sizes) = &self.wire.sizes else {
            let of = |word: &Word| {
                let size = size::of_id(word.get_ref()).ok_or_else(|| {
                    let problem = format!("the last segment of `{}` is no size", visible(word.get_ref()));
                    self.conversion.wrong(word.span(), problem, "state `sizes = [1000, 10000]`, one for each id")
                })?;
                Ok((size, word.span()))
            };
            return ids.get_ref().iter().map(of).collect();
        };
        if sizes.get_ref().len() != ids.get_ref().len() {
            let problem = format!("expected {} sizes, found {}", ids.get_ref().len(), sizes.get_ref().len());
            return Err(self.conversion.wrong(sizes.span(), problem, "state one for each id"));
        }
        let of = |number: &Spanned<f64>| {
            let size = *number.get_ref();
            if !(size.is_finite() && size > 0.0) {
                let problem = format!("expected a size above 0, found `{size}`");
                return Err(self.conversion.wrong(number.span(), problem, "its logarithm is taken"));
            }
            Ok((size, number.span()))
        };
        sizes.get_ref().iter().map(of).collect()
    }

    fn threads(&mut self) -> Result<(ClaimKind, Bound), ConfigError> {
        let bound = self.bound(|value| value > 0.0, "a ratio above 0", "1.0")?;
        let numbers = self.needed("threads", &self.wire.threads)?;
        let threads: Vec<u32> = numbers.get_ref().iter().map(|number| *number.get_ref()).collect();
        let &[few, many] = &threads[..] else {
            let problem = format!("expected two numbers of threads, found {}", threads.len());
            return Err(self.conversion.wrong(numbers.span(), problem, "write for instance `threads = [1, 2]`"));
        };
        let is_number = |n: u32| (1..=MOST_THREADS).contains(&n);
        if few == many || !is_number(few) || !is_number(many) {
            let problem = format!(
                "expected two different numbers of threads from 1 to {MOST_THREADS}, found `{few}` and `{many}`"
            );
            return Err(self.conversion.wrong(numbers.span(), problem, "write for instance `threads = [1, 2]`"));
        }
        let word = self.needed("id", &self.wire.id)?;
        let kind = ClaimKind::Threads { id: word.get_ref().clone(), threads: [few, many] };
        for id in kind.ids() {
            self.mention(word, id);
        }
        Ok((kind, bound))
    }

    /// The bound of the keys that are there, each of them admitted.
    fn bound(&self, is_admitted: fn(f64) -> bool, expected: &str, example: &str) -> Result<Bound, ConfigError> {
        let checked = |key: &str, number: &Option<Spanned<f64>>| {
            let Some(number) = number else { return Ok(None) };
            let value = *number.get_ref();
            if !value.is_finite() || !is_admitted(value) {
                let problem = format!("expected {expected}, found `{value}`");
                let hint = format!("write for instance `{key} = {example}`");
                return Err(self.conversion.wrong(number.span(), problem, hint));
            }
            Ok(Some(value))
        };
        let (wire, name) = (self.wire, &self.wire.name);
        let exact = checked("equals", &wire.equals)?;
        let bound =
            Bound { at_least: checked("at_least", &wire.at_least)?, at_most: checked("at_most", &wire.at_most)? };
        match (exact, bound.at_least, bound.at_most) {
            (None, None, None) => {
                let problem = format!("claim `{}` of kind `{}` lacks a bound", name.get_ref(), wire.kind.get_ref());
                Err(self.conversion.wrong(name.span(), problem, format!("add `at_most = {example}` to this claim")))
            }
            (Some(value), None, None) => Ok(Bound::exactly(value)),
            (Some(_), ..) => {
                let problem = "`equals` says all that `at_least` and `at_most` could";
                Err(self.conversion.wrong(name.span(), problem, "delete it, or them"))
            }
            (None, Some(low), Some(high)) if low > high => {
                let problem = format!("nothing is at least {low} and at most {high}");
                Err(self.conversion.wrong(name.span(), problem, "exchange the two"))
            }
            (None, ..) => Ok(bound),
        }
    }

    fn metric(&self) -> Result<Metric, ConfigError> {
        let word = self.needed("metric", &self.wire.metric)?;
        let metric = self.conversion.metric(word)?;
        if metric.is_paired() && metric != Metric::Time {
            let problem = format!("expected `time` or the metric of a count, found `{metric}`");
            return Err(self.conversion.wrong(word.span(), problem, "of a command a claim can be about its `time`"));
        }
        Ok(metric)
    }

    fn id(&mut self) -> Result<String, ConfigError> {
        let word = self.needed("id", &self.wire.id)?;
        Ok(self.mention(word, word.get_ref().clone()))
    }

    /// Two ids that differ.
    fn two(
        &mut self,
        (first_key, first): (&str, &'a Option<Word>),
        (second_key, second): (&str, &'a Option<Word>),
        otherwise: &str,
    ) -> Result<[String; 2], ConfigError> {
        let words = [self.needed(first_key, first)?, self.needed(second_key, second)?];
        if words[0].get_ref() == words[1].get_ref() {
            let id = visible(words[1].get_ref());
            let problem = format!("{first_key} and {second_key} are both `{id}`: {otherwise}");
            return Err(self.conversion.wrong(words[1].span(), problem, "name two benchmarks"));
        }
        Ok(words.map(|word| self.mention(word, word.get_ref().clone())))
    }

    fn needed<T>(&self, key: &str, value: &'a Option<T>) -> Result<&'a T, ConfigError> {
        value.as_ref().ok_or_else(|| lacks(self.conversion, self.wire, key))
    }

    /// Notes that a benchmark of this id must exist.
    fn mention(&mut self, word: &Word, id: String) -> String {
        self.conversion.mention(word.span(), MentionKind::Id(id.clone()));
        id
    }
}

/// Whether a number can be a count.
fn is_whole(value: f64) -> bool {
    (0.0..=LARGEST_COUNT).contains(&value) && value.fract() == 0.0
}

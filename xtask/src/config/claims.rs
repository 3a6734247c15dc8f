//! `[[claim]]` tables -> claims: each complete, none stated twice, none that contradicts another.

use toml::Spanned;

use super::convert::Conversion;
use super::error::{ConfigError, visible};
use super::wire::{ClaimWire, SourceWire, Word};
use super::{Mention, MentionKind};
use crate::gate::{Claim, ClaimKind, Source};
use crate::model::Metric;

const KINDS: [&str; 2] = ["ratio", "count"];

/// Above this an `f64` does not hold every whole number: 2^53.
const LARGEST_COUNT: f64 = 9_007_199_254_740_992.0;

pub(super) fn convert(conversion: &mut Conversion<'_>, wires: Vec<ClaimWire>) -> Result<Vec<Claim>, ConfigError> {
    let mut claims: Vec<Claim> = Vec::new();
    for wire in wires {
        let name = wire.name.clone();
        conversion.check_name(&name, "claim")?;
        if claims.iter().any(|claim| claim.name == *name.get_ref()) {
            let problem = format!("claim `{}` is stated twice", name.get_ref());
            return Err(conversion.wrong(name.span(), problem, "give one of the two another name, or delete it"));
        }
        let claim = one(conversion, wire)?;
        if let Some((other, reason)) = claims.iter().find_map(|other| Some((other, contradiction(other, &claim)?))) {
            let problem = format!("claim `{}` contradicts claim `{}`: {reason}", claim.name, other.name);
            return Err(conversion.wrong(name.span(), problem, "both cannot hold: delete or correct one of them"));
        }
        claims.push(claim);
    }
    Ok(claims)
}

fn one(conversion: &mut Conversion<'_>, wire: ClaimWire) -> Result<Claim, ConfigError> {
    let ClaimWire { name, kind, metric, numerator, denominator, at_most, id, equals, source } = wire;
    let measured = conversion.metric(&metric)?;
    let place = Place { conversion, name: &name, kind: &kind };
    let kind = match kind.get_ref().as_str() {
        "ratio" => {
            place.foreign(&[("id", id.map(|word| word.span())), ("equals", equals.map(|word| word.span()))])?;
            let (numerator, denominator) =
                (place.needed("numerator", numerator)?, place.needed("denominator", denominator)?);
            let at_most = place.needed("at_most", at_most)?;
            ratio(conversion, measured, numerator, denominator, at_most)?
        }
        "count" => {
            let (numerator, denominator) = (numerator.map(|word| word.span()), denominator.map(|word| word.span()));
            let at_most = at_most.map(|number| number.span());
            place.foreign(&[("numerator", numerator), ("denominator", denominator), ("at_most", at_most)])?;
            let (id, equals) = (place.needed("id", id)?, place.needed("equals", equals)?);
            if !measured.is_count() {
                let problem = format!("expected the metric of a count, found `{measured}`");
                let hint = "a time is never exact: use `kind = \"ratio\"`, or a count such as `allocations`";
                return Err(conversion.wrong(metric.span(), problem, hint));
            }
            count(conversion, measured, id, equals)?
        }
        _ => return Err(conversion.unknown(&kind, "kind of claim", &KINDS)),
    };
    let source = source.map(|wire| self::source(conversion, wire)).transpose()?;
    Ok(Claim { name: name.into_inner(), kind, source })
}

/// Where a key is missing or out of place.
struct Place<'a, 'b> {
    conversion: &'a Conversion<'b>,
    name: &'a Word,
    kind: &'a Word,
}

impl Place<'_, '_> {
    fn needed<T>(&self, key: &str, value: Option<T>) -> Result<T, ConfigError> {
        value.ok_or_else(|| {
            let problem =
                format!("claim `{}` of kind `{}` lacks key `{key}`", self.name.get_ref(), self.kind.get_ref());
            self.conversion.wrong(self.name.span(), problem, format!("add `{key} = …` to this claim"))
        })
    }

    fn foreign(&self, keys: &[(&str, Option<std::ops::Range<usize>>)]) -> Result<(), ConfigError> {
        match keys.iter().find_map(|(key, span)| Some((key, span.clone()?))) {
            Some((key, span)) => {
                let problem = format!("a claim of kind `{}` has no key `{key}`", self.kind.get_ref());
                Err(self.conversion.wrong(span, problem, format!("delete `{key}` or change `kind`")))
            }
            None => Ok(()),
        }
    }
}

fn ratio(
    conversion: &mut Conversion<'_>,
    metric: Metric,
    numerator: Word,
    denominator: Word,
    at_most: Spanned<f64>,
) -> Result<ClaimKind, ConfigError> {
    let bound = *at_most.get_ref();
    if !(bound.is_finite() && bound > 0.0) {
        let problem = format!("expected a ratio above 0, found `{bound}`");
        return Err(conversion.wrong(at_most.span(), problem, "write for instance `at_most = 0.5`"));
    }
    if numerator.get_ref() == denominator.get_ref() {
        let problem =
            format!("numerator and denominator are both `{}`: their ratio is always 1", visible(denominator.get_ref()));
        return Err(conversion.wrong(denominator.span(), problem, "name two benchmarks"));
    }
    let (numerator, denominator) = (mention(conversion, numerator), mention(conversion, denominator));
    Ok(ClaimKind::Ratio { metric, numerator, denominator, at_most: bound })
}

fn count(
    conversion: &mut Conversion<'_>,
    metric: Metric,
    id: Word,
    equals: Spanned<f64>,
) -> Result<ClaimKind, ConfigError> {
    let value = *equals.get_ref();
    let is_count = (0.0..=LARGEST_COUNT).contains(&value) && value.fract() == 0.0;
    if !is_count {
        let problem = format!("expected a whole number from 0, found `{value}`");
        return Err(conversion.wrong(equals.span(), problem, "write for instance `equals = 0`"));
    }
    Ok(ClaimKind::Count { metric, id: mention(conversion, id), equals: value })
}

fn mention(conversion: &mut Conversion<'_>, id: Word) -> String {
    conversion.mentions.push(Mention { span: id.span(), kind: MentionKind::Id(id.get_ref().clone()) });
    id.into_inner()
}

fn source(conversion: &Conversion<'_>, wire: SourceWire) -> Result<Source, ConfigError> {
    let SourceWire { repository, file, heading } = wire;
    for word in [&repository, &file, &heading] {
        if word.get_ref().trim().is_empty() {
            let problem = "expected where the claim comes from, found an empty text";
            return Err(conversion.wrong(word.span(), problem, "fill it in, or delete `source`"));
        }
    }
    Ok(Source { repository: repository.into_inner(), file: file.into_inner(), heading: heading.into_inner() })
}

/// Why two claims cannot both hold, if they cannot.
fn contradiction(a: &Claim, b: &Claim) -> Option<String> {
    match (&a.kind, &b.kind) {
        (ClaimKind::Count { metric: m, id: i, equals: x }, ClaimKind::Count { metric: n, id: j, equals: y }) => {
            ((m, i) == (n, j) && x != y).then(|| format!("`{m}` of `{i}` is {x} in the one and {y} in the other"))
        }
        (
            ClaimKind::Ratio { metric: m, numerator: p, denominator: q, at_most: x },
            ClaimKind::Ratio { metric: n, numerator: r, denominator: s, at_most: y },
        ) => ((m, p, q) == (n, s, r) && x * y < 1.0)
            .then(|| format!("a ratio of at most {x} means at least {} the other way round, above {y}", 1.0 / x)),
        (ClaimKind::Count { .. }, ClaimKind::Ratio { .. }) | (ClaimKind::Ratio { .. }, ClaimKind::Count { .. }) => None,
    }
}

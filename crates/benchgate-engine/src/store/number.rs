//! Numbers in files: finite, exact, and whole numbers without a decimal point.

use serde::de::Error as _;
use serde::ser::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Below this, an `f64` holds every whole number: 2^53.
const WHOLE_BELOW: f64 = 9_007_199_254_740_992.0;

/// A finite `f64`. Reading gives back the very number that was written.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Number(pub(super) f64);

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serialize(&self.0, serializer)
    }
}

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserialize(deserializer).map(Self)
    }
}

/// For `#[serde(with = "number")]`.
pub(super) fn serialize<S: Serializer>(value: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    let value = *value;
    if !value.is_finite() {
        return Err(S::Error::custom(format!("`{value}` is not a number that a file can hold")));
    }
    if value.fract() == 0.0 && value.abs() < WHOLE_BELOW {
        return serializer.serialize_i64(value as i64);
    }
    serializer.serialize_f64(value)
}

/// For `#[serde(with = "number")]`.
pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<f64, D::Error> {
    let value = f64::deserialize(deserializer)?;
    if value.is_finite() {
        Ok(value)
    } else {
        Err(D::Error::custom(format!("expected a finite number, found `{value}`")))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn whole_numbers_have_no_point() {
        #[track_caller]
        fn check(value: f64, expected: &str) {
            assert_eq!(serde_json::to_string(&Number(value)).expect("finite"), expected);
        }
        check(3.0, "3");
        check(-0.0, "0");
        check(2.5, "2.5");
        check(1e15, "1000000000000000");
        check(1e16, "1e+16");
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(serde_json::to_string(&Number(value)).is_err());
        }
        for text in ["null", "\"1\"", "1e999", "NaN"] {
            assert!(serde_json::from_str::<Number>(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn every_finite_number_comes_back(value in any::<f64>().prop_filter("finite", |x| x.is_finite())) {
            let text = serde_json::to_string(&Number(value)).expect("finite");
            let back: Number = serde_json::from_str(&text).expect("a number");
            prop_assert_eq!(back.0, value);
        }
    }
}

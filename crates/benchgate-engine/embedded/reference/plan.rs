//! What the command line asks for: the part of Criterion's that the gate uses.

/// Criterion's name for the group of all benchmarks.
pub const GROUP: &str = "chain";

/// What to measure.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// Seconds of warm-up.
    pub warm_up: f64,
    /// Seconds of measuring.
    pub measure: f64,
    /// Samples a benchmark.
    pub samples: u32,
    /// Names of benchmarks of the group [`GROUP`], in their order.
    pub benches: Vec<String>,
}

impl Plan {
    /// Reads Criterion's flags and a filter of the form `^(?:chain/0|chain/1)$`.
    ///
    /// # Errors
    /// A flag without its number, or a name that is no reference.
    pub fn read(arguments: &[String]) -> Result<Self, String> {
        let mut plan = Self { warm_up: 0.001, measure: 0.005, samples: 10, benches: Vec::new() };
        let mut arguments = arguments.iter();
        while let Some(argument) = arguments.next() {
            let mut number = || {
                let value = arguments.next().and_then(|value| value.parse::<f64>().ok());
                value.filter(|value| value.is_finite() && *value > 0.0).ok_or(format!("{argument} takes a number"))
            };
            match argument.as_str() {
                "--bench" | "--noplot" => {}
                "--nresamples" => drop(number()?),
                "--warm-up-time" => plan.warm_up = number()?,
                "--measurement-time" => plan.measure = number()?,
                "--sample-size" => plan.samples = number()? as u32,
                filter => plan.benches = benches(filter)?,
            }
        }
        Ok(plan)
    }
}

fn benches(filter: &str) -> Result<Vec<String>, String> {
    let list = filter.strip_prefix("^(?:").and_then(|rest| rest.strip_suffix(")$")).unwrap_or(filter);
    list.split('|').map(bench).collect()
}

fn bench(name: &str) -> Result<String, String> {
    match name.split_once('/') {
        Some((GROUP, number)) => Ok(number.to_owned()),
        _ => Err(format!("`{name}` is no reference; there is `{GROUP}/N`")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(String::from).collect()
    }

    #[test]
    fn flags_of_criterion_are_understood() {
        let line = "--bench --noplot --nresamples 1001 --warm-up-time 0.5 --measurement-time 2 --sample-size 20 ^(?:chain/0|chain/1)$";
        let benches = vec!["0".into(), "1".into()];
        assert_eq!(Plan::read(&words(line)), Ok(Plan { warm_up: 0.5, measure: 2.0, samples: 20, benches }));
    }

    #[test]
    fn what_is_no_reference_is_named() {
        #[track_caller]
        fn check(line: &str, expected: &str) {
            let error = Plan::read(&words(line)).unwrap_err();
            assert!(error.contains(expected), "{error}");
        }
        check("--sample-size many x", "--sample-size");
        check("--sample-size", "--sample-size");
        check("--measurement-time -1", "--measurement-time");
        check("^(?:chain/0|other/1)$", "`other/1`");
        check("json/small", "`json/small`");
    }
}

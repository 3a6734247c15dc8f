//! What Criterion leaves on disk, for executables that do not connect: `<home>/**/new/{benchmark,sample}.json`.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::{Listed, Measured, Planned};
use benchgate_core::model::{Sample, Samples, Throughput};

#[derive(Deserialize)]
struct BenchmarkFile {
    group_id: String,
    function_id: Option<String>,
    value_str: Option<String>,
    throughput: Option<serde_json::Value>,
}

/// Since 0.3.3 an object, before that two arrays.
#[derive(Deserialize)]
#[serde(untagged)]
enum SampleFile {
    Named { iters: Vec<f64>, times: Vec<f64> },
    Plain([Vec<f64>; 2]),
}

/// Reads every result below a `CRITERION_HOME`, in the order in which they were written.
///
/// # Errors
/// A file cannot be read or is not what Criterion writes; a missing directory is no error, it holds no results.
pub(in crate::collect) fn results(home: &Path) -> Result<Vec<Measured>> {
    let mut found = Vec::new();
    let mut open = vec![home.to_owned()];
    while let Some(directory) = open.pop() {
        let Ok(entries) = fs::read_dir(&directory) else { continue };
        for entry in entries {
            let path = entry.with_context(|| format!("cannot read `{}`", directory.display()))?.path();
            if path.is_dir() {
                open.push(path);
            } else if path.ends_with("new/benchmark.json") {
                let written = fs::metadata(&path).and_then(|metadata| metadata.modified()).ok();
                found.push((written, path));
            }
        }
    }
    found.sort();
    found.iter().map(|(_, path)| result(path)).collect()
}

fn result(path: &Path) -> Result<Measured> {
    let name: BenchmarkFile = read(path)?;
    let sample: SampleFile = read(&path.with_file_name("sample.json"))?;
    let (iters, times) = match sample {
        SampleFile::Named { iters, times } | SampleFile::Plain([iters, times]) => (iters, times),
    };
    let pairs = iters.iter().zip(&times).map(|(&iterations, &nanos)| Sample { iterations, nanos });
    let samples = Samples::new(if iters.len() == times.len() { pairs.collect() } else { Vec::new() });
    let throughput = name.throughput.as_ref().and_then(throughput);
    let bench = Listed { group: name.group_id, function: name.function_id, value: name.value_str, throughput };
    Ok(Measured { bench, samples, planned: Planned::default(), median_of: 1 })
}

fn read<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T> {
    let bytes = fs::read(path).with_context(|| format!("cannot read `{}`", path.display()))?;
    serde_json::from_slice(&bytes).with_context(|| format!("`{}` is not what Criterion writes", path.display()))
}

fn throughput(value: &serde_json::Value) -> Option<Throughput> {
    let (kind, amount) = value.as_object()?.iter().next()?;
    let amount = amount.as_u64()?;
    match kind.as_str() {
        "Bytes" | "BytesDecimal" => Some(Throughput::Bytes(amount)),
        "Elements" => Some(Throughput::Elements(amount)),
        "Bits" => Some(Throughput::Bits(amount)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(sample: &str, expected: Option<usize>) {
        let home = tempfile::tempdir().unwrap();
        let place = home.path().join("g/f/new");
        fs::create_dir_all(&place).unwrap();
        let name = r#"{"group_id":"g","function_id":"f","value_str":null,"throughput":{"Elements":3},"full_id":"g/f"}"#;
        fs::write(place.join("benchmark.json"), name).unwrap();
        fs::write(place.join("sample.json"), sample).unwrap();
        let read = results(home.path()).ok().and_then(|all| all.into_iter().next()).map(|one| {
            assert_eq!((one.bench.full_id(), one.bench.throughput), ("g/f".into(), Some(Throughput::Elements(3))));
            one.samples.map_or(0, |samples| samples.as_slice().len())
        });
        assert_eq!(read, expected);
    }

    #[test]
    fn both_forms_of_sample_files_are_read() {
        check(r#"{"sampling_mode":"Linear","iters":[1.0,2.0],"times":[3.0,4.0]}"#, Some(2));
        check("[[1.0,2.0],[3.0,4.0]]", Some(2));
        check("[[1.0,2.0],[3.0]]", Some(0));
        check(r#"{"iters":[1.0],"times":[0.0]}"#, Some(0));
        check("{", None);
        check("", None);
    }
}

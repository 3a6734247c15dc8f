//! The frames of Criterion's port protocol, version 1: a 32-bit big-endian length, then CBOR.

use std::io::{self, Read, Write};

use ciborium::Value;
use serde::{Deserialize, Serialize};

use super::Listed;
use benchgate_core::model::Throughput;

/// What the runner says first, followed by three version bytes.
const RUNNER_MAGIC: &[u8] = b"cargo-criterion";
/// What the bench answers, followed by three version bytes and two 16-bit words: protocol and format.
const BENCH_MAGIC: &[u8] = b"Criterion";
/// No honest message is longer; a length beyond it is rubbish.
const LONGEST_FRAME: u32 = 64 << 20;

/// What a bench process sends. Fields that are not used here are not named.
#[derive(Debug, Deserialize)]
pub(super) enum FromBench {
    BeginningBenchmarkGroup {},
    FinishedBenchmarkGroup {},
    BeginningBenchmark {
        id: RawId,
    },
    SkippingBenchmark {
        id: RawId,
    },
    Warmup {
        #[serde(default)]
        nanos: f64,
    },
    MeasurementStart {
        #[serde(default)]
        estimate_ns: f64,
    },
    MeasurementComplete {
        id: RawId,
        iters: Vec<f64>,
        times: Vec<f64>,
    },
    FormattedValue {},
    ScaledValues {
        unit: String,
    },
}

/// What the runner sends.
#[derive(Debug, Serialize)]
pub(super) enum ToBench {
    /// Go on.
    Continue,
    /// In which unit are your values?
    ScaleForMachines { values: Vec<f64> },
}

/// A benchmark's name on the wire.
#[derive(Debug, Deserialize)]
pub(super) struct RawId {
    group_id: String,
    function_id: Option<String>,
    value_str: Option<String>,
    /// An array since 0.5, an optional value before; kinds were added over time.
    #[serde(default = "null")]
    throughput: Value,
}

fn null() -> Value {
    Value::Null
}

impl From<RawId> for Listed {
    fn from(raw: RawId) -> Self {
        let first = match &raw.throughput {
            Value::Array(all) => all.first(),
            other => Some(other),
        };
        let throughput = first.and_then(throughput);
        Self { group: raw.group_id, function: raw.function_id, value: raw.value_str, throughput }
    }
}

fn throughput(value: &Value) -> Option<Throughput> {
    let (kind, amount) = value.as_map()?.first()?;
    let amount = u64::try_from(amount.as_integer()?).ok()?;
    match kind.as_text()? {
        "Bytes" | "BytesDecimal" => Some(Throughput::Bytes(amount)),
        "Elements" => Some(Throughput::Elements(amount)),
        "Bits" => Some(Throughput::Bits(amount)),
        _ => None,
    }
}

/// Greets a bench and reads its answer: Criterion's version.
pub(super) fn greet(stream: &mut (impl Read + Write)) -> io::Result<[u8; 3]> {
    let mut hello = RUNNER_MAGIC.to_vec();
    hello.extend([1, 1, 0]);
    stream.write_all(&hello)?;
    let mut answer = [0; BENCH_MAGIC.len() + 7];
    stream.read_exact(&mut answer)?;
    let (magic, rest) = answer.split_at(BENCH_MAGIC.len());
    let [major, minor, patch, words @ ..] = rest else { return Err(rubbish("a short greeting".into())) };
    if magic != BENCH_MAGIC {
        return Err(rubbish("no greeting of Criterion's".into()));
    }
    if words != [0, 1, 0, 1] {
        return Err(rubbish(format!("protocol and format {words:?}, where 1 and 1 are known")));
    }
    Ok([*major, *minor, *patch])
}

/// Sends one message.
pub(super) fn send(stream: &mut impl Write, message: &ToBench) -> io::Result<()> {
    let mut frame = vec![0; 4];
    ciborium::into_writer(message, &mut frame).map_err(|error| io::Error::other(error.to_string()))?;
    let length = u32::try_from(frame.len() - 4).expect("our messages are short");
    frame[..4].copy_from_slice(&length.to_be_bytes());
    stream.write_all(&frame)
}

/// Reads one message; `None` at the end of the stream.
pub(super) fn receive(stream: &mut impl Read) -> io::Result<Option<FromBench>> {
    let mut length = [0; 4];
    match stream.read_exact(&mut length) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let length = u32::from_be_bytes(length);
    if length > LONGEST_FRAME {
        return Err(rubbish(format!("a message of {length} bytes")));
    }
    let mut frame = vec![0; length as usize];
    stream.read_exact(&mut frame)?;
    ciborium::from_reader(&frame[..]).map(Some).map_err(|error| rubbish(format!("a message that is none: {error}")))
}

fn rubbish(what: String) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, what)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn frame(value: &Value) -> Vec<u8> {
        let mut body = Vec::new();
        ciborium::into_writer(value, &mut body).unwrap();
        let mut frame = u32::try_from(body.len()).unwrap().to_be_bytes().to_vec();
        frame.extend(body);
        frame
    }

    fn complete(throughput: Value) -> Value {
        let text = |s: &str| Value::Text(s.into());
        let id = Value::Map(vec![
            (text("group_id"), text("a/b")),
            (text("function_id"), text("c")),
            (text("value_str"), Value::Null),
            (text("throughput"), throughput),
        ]);
        let numbers = Value::Array(vec![Value::Float(1.0), Value::Float(2.0)]);
        let body = vec![
            (text("id"), id),
            (text("iters"), numbers.clone()),
            (text("times"), numbers),
            (text("plot_config"), Value::Null),
        ];
        Value::Map(vec![(text("MeasurementComplete"), Value::Map(body))])
    }

    #[test]
    fn throughput_is_read_in_old_and_new_form() {
        #[track_caller]
        fn check(throughput: Value, expected: Option<Throughput>) {
            let message = receive(&mut &frame(&complete(throughput))[..]).unwrap().unwrap();
            let FromBench::MeasurementComplete { id, iters, .. } = message else { panic!("{message:?}") };
            assert_eq!(iters, [1.0, 2.0]);
            assert_eq!(Listed::from(id).throughput, expected);
        }
        let bytes = || Value::Map(vec![(Value::Text("Bytes".into()), Value::Integer(7.into()))]);
        check(Value::Array(vec![bytes()]), Some(Throughput::Bytes(7)));
        check(bytes(), Some(Throughput::Bytes(7)));
        check(Value::Null, None);
        check(Value::Array(vec![]), None);
        check(Value::Map(vec![(Value::Text("Unheard".into()), Value::Null)]), None);
    }

    proptest! {
        #[test]
        fn rubbish_is_an_error_and_no_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut rest = &bytes[..];
            while let Ok(Some(_)) = receive(&mut rest) {}
        }
    }
}

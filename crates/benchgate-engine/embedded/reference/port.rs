//! Criterion's port protocol, version 1, from the bench's end: length-prefixed CBOR, as much of it as a pair needs.

use std::env;
use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::plan::{GROUP, Plan};
use super::work::Chain;

/// Magic, version 0.8.2, protocol 1, format 1.
const HELLO: &[u8] = b"Criterion\x00\x08\x02\x00\x01\x00\x01";

/// What the runner says first: a magic and three version bytes.
const GREETING: usize = b"cargo-criterion".len() + 3;

/// Measures what is planned, bench by bench, whenever the runner gives leave.
pub(super) fn serve(plan: &Plan) -> Result<(), String> {
    let port = env::var("CARGO_CRITERION_PORT").ok().and_then(|port| port.parse::<u16>().ok());
    let port = port.ok_or("CARGO_CRITERION_PORT names no port: this program is run by benchgate")?;
    talk(port, plan).map_err(|error| format!("the runner does not listen: {error}"))
}

fn talk(port: u16, plan: &Plan) -> io::Result<()> {
    let mut stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_nodelay(true)?;
    stream.read_exact(&mut [0; GREETING])?;
    stream.write_all(HELLO)?;
    for name in &plan.benches {
        send(&mut stream, &message("BeginningBenchmark", &[("id", id(name))]))?;
        let (iterations, nanos) = measure(plan);
        let readings = [("id", id(name)), ("iters", floats(&iterations)), ("times", floats(&nanos))];
        send(&mut stream, &message("MeasurementComplete", &readings))?;
        until_continue(&mut stream)?;
    }
    Ok(())
}

/// Iterations and nanoseconds of each sample: Criterion's linear sampling, so that the samples of both sides grow alike.
fn measure(plan: &Plan) -> (Vec<f64>, Vec<f64>) {
    let mut chain = Chain::new();
    let (mut total, mut iterations, mut next) = (Duration::ZERO, 0, 1);
    while total.as_secs_f64() < plan.warm_up {
        total += chain.time(next);
        iterations += next;
        next *= 2;
    }
    let seconds = total.as_secs_f64() / iterations as f64;
    let samples = f64::from(plan.samples);
    let step = (plan.measure / seconds / (samples * (samples + 1.0) / 2.0)).ceil().max(1.0);
    let iterations: Vec<f64> = (1..=plan.samples).map(|sample| step * f64::from(sample)).collect();
    let nanos = iterations.iter().map(|iterations| chain.time(*iterations as u64).as_nanos() as f64).collect();
    (iterations, nanos)
}

fn until_continue(stream: &mut TcpStream) -> io::Result<()> {
    loop {
        let mut length = [0; 4];
        stream.read_exact(&mut length)?;
        let mut body = vec![0; u32::from_be_bytes(length) as usize];
        stream.read_exact(&mut body)?;
        if body.ends_with(b"Continue") {
            return Ok(());
        }
        // The only other thing that a runner asks is in which unit the values are.
        send(stream, &message("ScaledValues", &[("scaled_values", floats(&[1.0])), ("unit", text("ns"))]))?;
    }
}

fn send(stream: &mut TcpStream, body: &[u8]) -> io::Result<()> {
    let length = u32::try_from(body.len()).map_err(io::Error::other)?;
    stream.write_all(&[&length.to_be_bytes(), body].concat())
}

fn message(name: &str, fields: &[(&str, Vec<u8>)]) -> Vec<u8> {
    [head(5, 1), text(name), map(fields)].concat()
}

fn id(name: &str) -> Vec<u8> {
    let null = vec![0xf6];
    let fields = [("group_id", text(GROUP)), ("function_id", text(name)), ("value_str", null)];
    map(&[&fields[..], &[("throughput", head(4, 0))]].concat())
}

/// CBOR's head (RFC 8949, 3): a major type and a number in the shortest of four lengths.
fn head(major: u8, n: usize) -> Vec<u8> {
    let major = major << 5;
    match n {
        0..24 => vec![major | n as u8],
        24..256 => vec![major | 24, n as u8],
        256..65536 => [&[major | 25][..], &(n as u16).to_be_bytes()].concat(),
        _ => [&[major | 27][..], &(n as u64).to_be_bytes()].concat(),
    }
}

fn text(text: &str) -> Vec<u8> {
    [&head(3, text.len()), text.as_bytes()].concat()
}

fn map(fields: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let fields_of = |(name, value): &(&str, Vec<u8>)| [text(name), value.clone()].concat();
    [head(5, fields.len()), fields.iter().flat_map(fields_of).collect()].concat()
}

fn floats(values: &[f64]) -> Vec<u8> {
    let float = |value: &f64| [&[0xfb][..], &value.to_be_bytes()].concat();
    [head(4, values.len()), values.iter().flat_map(float).collect()].concat()
}

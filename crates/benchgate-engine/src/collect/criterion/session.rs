//! A Criterion process on the other end of its port: started, held before its first bench, let go bench by bench.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::{Duration, Instant};

use super::super::interruption;
use super::process::{Arm, End, Launch, Limits, Process, not_started};
use super::wire::{self, FromBench, ToBench};
use super::{Listed, Measured, Planned};
use benchgate_core::model::{Failure, FailureKind, Sample, Samples};

/// How often a wait looks up to see whether the time is over or the user has interrupted.
const LOOK_UP: Duration = Duration::from_millis(200);

/// A process that connected, or one that ended without.
#[derive(Debug)]
pub(in crate::collect) enum Opened {
    /// Held before its first bench.
    Connected(Session),
    /// It ended and never connected: another harness, or a Criterion older than 0.3.3.
    Ended(Process),
}

/// A live Criterion process.
#[derive(Debug)]
pub(in crate::collect) struct Session {
    process: Process,
    stream: TcpStream,
    state: State,
    /// Benches that announced themselves as skipped.
    pub skipped: Vec<Listed>,
    /// Criterion's version, once greeted.
    pub version: Option<[u8; 3]>,
    current: Option<Listed>,
    planned: Planned,
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    /// It waits for the greeting.
    Held,
    /// It waits for leave to go on.
    Waiting,
    Running,
    Over,
}

/// What one step brought.
#[derive(Debug)]
pub(in crate::collect) enum Step {
    /// A bench is measured; the process waits.
    Measured(Measured),
    /// The process ended as it should.
    Over,
    /// It did not; `during` is the bench that was running.
    Failed { failure: Failure, during: Option<Listed> },
    /// The user interrupted.
    Interrupted,
}

/// What came of asking for nothing.
#[derive(Debug)]
pub(in crate::collect) enum Listing {
    /// All benches announced themselves as skipped.
    All,
    /// It began to measure one: it does not look at its command line.
    Began,
    /// It did not end as it should.
    Failed(Failure),
    /// The user interrupted.
    Interrupted,
}

impl Session {
    /// Starts an arm and waits until it connects or ends.
    pub fn open(arm: &Arm, mut launch: Launch, limits: &Limits<'_>) -> Result<Opened, Failure> {
        let fail = |error: io::Error| not_started(arm.side, &arm.file, &error);
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).map_err(fail)?;
        let port = listener.local_addr().map_err(fail)?.port();
        listener.set_nonblocking(true).map_err(fail)?;
        // Five digits always, so that both sides' environments have one length.
        launch.environment.push(("CARGO_CRITERION_PORT", format!("{port:05}")));
        let mut process = Process::start(arm, &launch).map_err(fail)?;
        let deadline = Instant::now() + limits.start;
        let mut pause = Duration::from_micros(100);
        loop {
            match listener.accept() {
                Ok((stream, _)) => {
                    configure(&stream).map_err(fail)?;
                    return Ok(Opened::Connected(Self {
                        process,
                        stream,
                        state: State::Held,
                        skipped: Vec::new(),
                        version: None,
                        current: None,
                        planned: Planned::default(),
                    }));
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(fail(error)),
            }
            if let Some(status) = process.ended().map_err(fail)? {
                if interruption::explains(status) {
                    return Err(process.failure(FailureKind::TimedOut, "interrupted"));
                }
                return Ok(Opened::Ended(process));
            }
            if Instant::now() > deadline {
                return Err(process.failure(FailureKind::TimedOut, "it neither connected nor ended in time"));
            }
            if limits.is_interrupted() {
                return Err(process.failure(FailureKind::TimedOut, "interrupted"));
            }
            std::thread::sleep(pause);
            pause = (pause * 2).min(Duration::from_millis(2));
        }
    }

    /// Lets the process run until its next bench is measured, or to its end.
    pub fn step(&mut self, limits: &Limits<'_>) -> Step {
        match self.advance(limits) {
            Ok(Some(step)) => step,
            // Another has begun.
            Ok(None) => self.step(limits),
            Err(error) => self.explain(&error, limits),
        }
    }

    /// Lets a process that was asked for nothing run to its end, or until it begins with a bench all the same.
    pub fn list(&mut self, limits: &Limits<'_>) -> Listing {
        let step = match self.advance(limits) {
            Ok(None | Some(Step::Measured(_))) => return Listing::Began,
            Ok(Some(step)) => step,
            Err(error) => self.explain(&error, limits),
        };
        match step {
            Step::Over => Listing::All,
            Step::Measured(_) => Listing::Began,
            Step::Failed { failure, .. } => Listing::Failed(failure),
            Step::Interrupted => Listing::Interrupted,
        }
    }

    /// The unit of the bench just measured; anything but `ns` is no time.
    pub fn unit(&mut self, limits: &Limits<'_>) -> io::Result<String> {
        let mut stream = Patient::new(&self.stream, limits);
        wire::send(&mut stream, &ToBench::ScaleForMachines { values: vec![1.0] })?;
        match wire::receive(&mut stream)? {
            Some(FromBench::ScaledValues { unit }) => Ok(unit),
            other => Err(io::Error::new(io::ErrorKind::InvalidData, format!("no unit but {other:?}"))),
        }
    }

    /// Threads that the process has now.
    pub fn threads(&self) -> u32 {
        self.process.threads()
    }

    /// Processor time that it has used or waited for, where the system tells.
    pub fn busy(&self) -> Option<Duration> {
        self.process.busy()
    }

    /// Until a bench begins, which is `None`, or a step is done.
    fn advance(&mut self, limits: &Limits<'_>) -> io::Result<Option<Step>> {
        let mut stream = Patient::new(&self.stream, limits);
        match self.state {
            State::Held => self.version = Some(wire::greet(&mut stream)?),
            State::Waiting => wire::send(&mut stream, &ToBench::Continue)?,
            State::Running => {}
            State::Over => return Ok(Some(Step::Over)),
        }
        self.state = State::Running;
        loop {
            match wire::receive(&mut stream)? {
                Some(FromBench::BeginningBenchmark { id }) => {
                    self.current = Some(id.into());
                    self.planned = Planned::default();
                    return Ok(None);
                }
                Some(FromBench::Warmup { nanos }) => self.planned.warm_up = nanos,
                Some(FromBench::MeasurementStart { estimate_ns }) => self.planned.measure = estimate_ns,
                Some(FromBench::SkippingBenchmark { id }) => self.skipped.push(id.into()),
                Some(FromBench::FinishedBenchmarkGroup {}) => wire::send(&mut stream, &ToBench::Continue)?,
                Some(FromBench::MeasurementComplete { id, iters, times }) => {
                    self.current = None;
                    self.state = State::Waiting;
                    let samples =
                        if iters.len() == times.len() { samples(&iters, &times) } else { Samples::new(vec![]) };
                    let (bench, planned) = (id.into(), self.planned);
                    return Ok(Some(Step::Measured(Measured { bench, samples, planned, median_of: 1 })));
                }
                Some(
                    FromBench::BeginningBenchmarkGroup {}
                    | FromBench::FormattedValue {}
                    | FromBench::ScaledValues { .. },
                ) => {}
                None => return self.end(limits).map(Some),
            }
        }
    }

    fn end(&mut self, limits: &Limits<'_>) -> io::Result<Step> {
        self.state = State::Over;
        let during = self.current.take();
        Ok(match self.process.wait(limits.step, limits)? {
            End::With(status) if status.success() && during.is_none() => Step::Over,
            End::Interrupted => Step::Interrupted,
            End::With(_) if limits.is_interrupted() => Step::Interrupted,
            End::With(status) => {
                let failure = self.process.failure(FailureKind::Crashed, &format!("it ended with {status}"));
                Step::Failed { failure, during }
            }
            End::TooLate => {
                let failure = self.process.failure(FailureKind::TimedOut, "it closed its connection and did not end");
                Step::Failed { failure, during }
            }
        })
    }

    fn explain(&mut self, error: &io::Error, limits: &Limits<'_>) -> Step {
        self.state = State::Over;
        if limits.is_interrupted() {
            return Step::Interrupted;
        }
        let during = self.current.take();
        let failure = match error.kind() {
            io::ErrorKind::TimedOut => self
                .process
                .failure(FailureKind::TimedOut, &format!("it took longer than {} s", limits.step.as_secs_f64())),
            io::ErrorKind::InvalidData => self.process.failure(FailureKind::Rubbish, &format!("it sent {error}")),
            _ => match self.process.wait(Duration::from_secs(2), limits) {
                Ok(End::Interrupted) => return Step::Interrupted,
                Ok(End::With(status)) => self.process.failure(FailureKind::Crashed, &format!("it ended with {status}")),
                Ok(End::TooLate) | Err(_) => {
                    self.process.failure(FailureKind::Crashed, &format!("its connection broke: {error}"))
                }
            },
        };
        Step::Failed { failure, during }
    }
}

fn samples(iterations: &[f64], nanos: &[f64]) -> Result<Samples, benchgate_core::model::SamplesError> {
    Samples::new(iterations.iter().zip(nanos).map(|(&iterations, &nanos)| Sample { iterations, nanos }).collect())
}

fn configure(stream: &TcpStream) -> io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(LOOK_UP))
}

/// A stream that waits until its deadline or until the user interrupts, not for ever, and acknowledges at once: the other
/// end writes length and body apart, and a delayed acknowledgement would cost 40 ms a message.
#[derive(Debug)]
struct Patient<'a> {
    stream: &'a TcpStream,
    deadline: Instant,
    limits: &'a Limits<'a>,
}

impl<'a> Patient<'a> {
    fn new(stream: &'a TcpStream, limits: &'a Limits<'a>) -> Self {
        Self { stream, deadline: Instant::now() + limits.step, limits }
    }
}

impl Read for Patient<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        loop {
            #[cfg(target_os = "linux")]
            rustix::net::sockopt::set_tcp_quickack(self.stream, true)?;
            match self.stream.read(buffer) {
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut) => {
                    if Instant::now() > self.deadline || self.limits.is_interrupted() {
                        return Err(io::ErrorKind::TimedOut.into());
                    }
                }
                other => return other,
            }
        }
    }
}

impl Write for Patient<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.stream.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}

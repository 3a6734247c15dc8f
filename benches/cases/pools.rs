//! Cases of `pools`. A pool is warm: its check before timing has put the first value into it.

mod buffer;
mod ring;

use super::case::{Case, Measures, Threaded, Throughput};
use super::harness::Harness;
use perfblocks::pools::{Counts, Limits, ObjectPool, VecPool, result};
use perfblocks::serialization::{Nanos, Record};
use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr};

/// A row of a connection table, as supervizio/daemon collects it.
#[derive(Clone, Debug)]
struct Connection {
    local: (IpAddr, u16),
    remote: (IpAddr, u16),
    state: u8,
    inode: u64,
    process: Option<u32>,
}

fn connection() -> Connection {
    let address = IpAddr::V4(Ipv4Addr::LOCALHOST);
    Connection { local: (address, 8080), remote: (address, 51_200), state: 1, inode: 4711, process: Some(1) }
}

/// A row of the table of UDP sockets.
#[derive(Clone, Debug)]
struct UdpSocket {
    local: (IpAddr, u16),
    state: u8,
    process: Option<u32>,
}

/// A row of the table of unix sockets. It may own its path, so emptying a vector of them looks at each.
#[derive(Clone, Debug)]
struct UnixSocket {
    path: Cow<'static, str>,
    kind: u8,
    state: u8,
    process: Option<u32>,
}

/// A row of the table of listening ports.
#[derive(Clone, Debug)]
struct Listener {
    protocol: &'static str,
    local: (IpAddr, u16),
    process: Option<u32>,
}

/// A short JSON document, what a cycle writes into the byte buffers.
const DOCUMENT: &[u8] = br#"{"cpu":12.5,"memory":{"total":16384,"free":2048},"load":[0.5,0.4,0.3]}"#;

fn pool<T>(limits: Limits) -> VecPool<T> {
    VecPool::new(limits).expect("the documented defaults are consistent")
}

fn counters(counts: Counts) -> Vec<(&'static str, u64)> {
    let Counts { hits, misses, returned, dropped, rejected, taken: _ } = counts;
    vec![("hits", hits), ("misses", misses), ("returned", returned), ("dropped", dropped), ("rejected", rejected)]
}

/// Hands over the cases of this area.
pub(crate) fn cases(harness: &mut impl Harness) {
    let any = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
    bytes(harness, "pools/slice/get_put/json16k", Limits::JSON);
    rows(harness, "pools/slice/get_put/tcp256", Limits::TCP, connection);
    rows(harness, "pools/slice/get_put/udp64", Limits::UDP, move || UdpSocket {
        local: (any, 53),
        state: 7,
        process: Some(1),
    });
    rows(harness, "pools/slice/get_put/unix64", Limits::UNIX, || UnixSocket {
        path: "/run/systemd/notify".into(),
        kind: 2,
        state: 1,
        process: Some(1),
    });
    rows(harness, "pools/slice/get_put/listen64", Limits::LISTENING, move || Listener {
        protocol: "tcp",
        local: (any, 443),
        process: None,
    });
    rows_on_threads(harness);
    reject(harness, "pools/slice/reject/tcp_oversize", Limits::TCP, connection);
    reject(harness, "pools/slice/reject/json_oversize", Limits::JSON, || b' ');
    bytes(harness, "pools/object/buffer2k/cycle", Limits::RESULT);
    bytes_on_threads(harness);
    results(harness);
    results_on_threads(harness);
    buffer::cases(harness);
    ring::cases(harness);
}

/// Get, write a document, put.
fn bytes(harness: &mut impl Harness, id: &str, limits: Limits) {
    let cycle = |pool: &mut VecPool<u8>| {
        let mut text = pool.get();
        text.extend_from_slice(DOCUMENT);
        text.len()
    };
    harness.case(
        Case::new(id, move || pool(limits), cycle)
            .check(|pool, written| {
                assert_eq!(*written, DOCUMENT.len());
                assert_warm(pool.counts());
            })
            .counters(|pool| counters(pool.counts()))
            .throughput(Throughput::Bytes(DOCUMENT.len() as u64)),
    );
}

/// The same for the buffer of a result, on several threads.
fn bytes_on_threads(harness: &mut impl Harness) {
    let build = || pool::<u8>(Limits::RESULT);
    harness.threaded(
        Threaded::new("pools/object/buffer2k/mt", &[1, 2, 4, 8], build, |pool: &VecPool<u8>| {
            let mut text = pool.get();
            text.extend_from_slice(DOCUMENT);
            text.len()
        })
        .check(|pool, iterations| assert_all_back(pool.counts(), iterations))
        .counters(|pool| counters(pool.counts()))
        .measures(Measures::TimeHeap),
    );
}

/// Get, push a row, put.
fn rows<T: std::fmt::Debug + 'static>(
    harness: &mut impl Harness,
    id: &str,
    limits: Limits,
    row: impl Fn() -> T + 'static,
) {
    let cycle = move |pool: &mut VecPool<T>| {
        let mut rows = pool.get();
        rows.push(std::hint::black_box(row()));
        std::hint::black_box(&*rows).len()
    };
    harness.case(
        Case::new(id, move || pool(limits), cycle)
            .check(|pool, rows| {
                assert_eq!(*rows, 1);
                assert_warm(pool.counts());
            })
            .counters(|pool| counters(pool.counts())),
    );
}

fn rows_on_threads(harness: &mut impl Harness) {
    let build = || pool::<Connection>(Limits::TCP);
    harness.threaded(
        Threaded::new("pools/slice/get_put_tcp/mt", &[1, 2, 4, 8], build, |pool: &VecPool<Connection>| {
            let mut rows = pool.get();
            rows.push(connection());
            rows.len()
        })
        .check(|pool, iterations| assert_all_back(pool.counts(), iterations)),
    );
}

/// Get, exchange the lent vector for one above the limit, put: the pool frees it and stays empty.
fn reject<T: std::fmt::Debug + Clone + 'static>(
    harness: &mut impl Harness,
    id: &str,
    limits: Limits,
    element: fn() -> T,
) {
    let oversize = move || {
        let mut items = Vec::with_capacity(limits.max_capacity + 1);
        items.push(element());
        items
    };
    let cycle = |pool: &mut VecPool<T>, oversize| {
        *pool.get() = oversize;
    };
    harness.case(
        Case::with_input(id, move || pool(limits), oversize, cycle)
            .check(|pool, ()| {
                let counts = pool.counts();
                assert_eq!((counts.hits, counts.returned, counts.rejected), (0, 0, counts.misses));
            })
            .counters(|pool| counters(pool.counts()))
            .large_inputs(),
    );
}

/// A result record, from the pool and made anew: filled alike, so that what differs is the memory of the record itself.
fn results(harness: &mut impl Harness) {
    let pooled = |pool: &mut ObjectPool<Record>| {
        let mut record = pool.get();
        fill(&mut record);
        size(&record)
    };
    harness.case(
        Case::new("pools/object/result_pooled/cycle", || result::result_pool(Limits::RETAINED), pooled)
            .check(|pool, size| {
                assert_eq!(*size, FILLED);
                assert_eq!(*pool.get(), Record::default());
            })
            .counters(|pool| counters(pool.counts())),
    );
    let unpooled = |(): &mut ()| {
        let mut record = Record {
            screenshots: Vec::with_capacity(result::SCREENSHOTS),
            videos: Vec::with_capacity(result::VIDEOS),
            ..Record::default()
        };
        fill(&mut record);
        size(&record)
    };
    harness.case(
        Case::new("pools/object/result_unpooled/cycle", || (), unpooled).check(|(), size| assert_eq!(*size, FILLED)),
    );
}

/// The pooled records on several threads.
fn results_on_threads(harness: &mut impl Harness) {
    let build = || result::result_pool(Limits::RETAINED);
    harness.threaded(
        Threaded::new("pools/object/result_pooled/mt", &[1, 2, 4, 8], build, |pool: &ObjectPool<Record>| {
            let mut record = pool.get();
            fill(&mut record);
            size(&record)
        })
        .check(|pool, iterations| assert_all_back(pool.counts(), iterations))
        .counters(|pool| counters(pool.counts()))
        .measures(Measures::TimeHeap),
    );
}

/// Entries and bytes that [`fill`] puts into a record.
const FILLED: (usize, usize) = (6, 11);

fn fill(record: &mut Record) {
    record.app_name.push_str("Test App");
    record.app_type.push_str("web");
    record.duration = Nanos(1_000_000_000);
    record.metrics.insert("requests", 100_i64);
    record.metrics.insert("errors", 2_i64);
    record.metrics.insert("duration", 1.5);
    record.screenshots.extend(["screenshot1.png".to_owned(), "screenshot2.png".to_owned()]);
    record.videos.push("video1.mp4".to_owned());
    record.success = true;
}

fn size(record: &Record) -> (usize, usize) {
    let record = std::hint::black_box(record);
    let entries = record.metrics.len() + record.screenshots.len() + record.videos.len();
    (entries, record.app_name.len() + record.app_type.len())
}

/// One miss, and everything came back.
fn assert_warm(counts: Counts) {
    assert_eq!((counts.misses, counts.returned), (1, counts.hits + 1));
}

/// Everything that was lent came back, and each thread missed once at most.
fn assert_all_back(counts: Counts, iterations: u64) {
    assert_eq!((counts.hits + counts.misses, counts.returned), (iterations, iterations));
    assert!(counts.misses <= 8, "{counts:?}");
}

//! Cases of `pools`. A pool is warm: its check before timing has put the first value into it.

use super::case::{Case, Threaded, Throughput};
use super::harness::Harness;
use perfblocks::pools::{Counts, Limits, ObjectPool, VecPool, result};
use perfblocks::serialization::{Nanos, Record};
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
    bytes(harness, "pools/slice/get_put/json16k", Limits::JSON);
    rows(harness, "pools/slice/get_put/tcp256", Limits::TCP);
    rows_on_threads(harness);
    reject(harness);
    bytes(harness, "pools/object/buffer2k/cycle", Limits::RESULT);
    results(harness);
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

/// Get, push a row, put.
fn rows(harness: &mut impl Harness, id: &str, limits: Limits) {
    let cycle = |pool: &mut VecPool<Connection>| {
        let mut rows = pool.get();
        rows.push(connection());
        rows.len()
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
        .check(|pool, iterations| {
            let Counts { hits, misses, returned, .. } = pool.counts();
            assert_eq!((hits + misses, returned), (iterations, iterations));
        }),
    );
}

/// Get, exchange the lent vector for one above the limit, put: the pool frees it and stays empty.
fn reject(harness: &mut impl Harness) {
    let oversize = || Vec::with_capacity(Limits::TCP.max_capacity + 1);
    let cycle = |pool: &mut VecPool<Connection>, oversize| {
        *pool.get() = oversize;
    };
    harness.case(
        Case::with_input("pools/slice/reject/tcp_oversize", || pool(Limits::TCP), oversize, cycle)
            .check(|pool, ()| {
                let counts = pool.counts();
                assert_eq!((counts.hits, counts.returned, counts.rejected), (0, 0, counts.misses));
            })
            .counters(|pool| counters(pool.counts())),
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

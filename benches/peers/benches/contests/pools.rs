//! Pools: get, a little work on what was lent, put. Everybody empties what comes back, and has room for all threads.
//!
//! A lent buffer or object is used the same way by all: its state after the work is the output.

use super::contest::shared;
use super::harness::Harness;
use crossbeam_queue::{ArrayQueue, SegQueue};
use perfblocks::pools::{Limits, ObjectPool, Reset, VecPool};
use sharded_slab::Clear;
use std::cell::RefCell;
use std::hint::black_box;
use std::marker::PhantomData;
use thread_local::ThreadLocal;

/// Places in pools of a fixed size: as many as threads, several times over.
const PLACES: usize = 8;

/// Sixteen bytes, a short line.
const LINE: &[u8] = b"status: healthy\n";

/// What is seen of a lent value after the work: how much is in it, and whether it had the room promised.
type Seen = (usize, bool);

/// What pools lend. `Default` makes a fresh one.
trait Lent: Clear + Default + Send + Sync + 'static {
    /// What the work leaves in a value that was empty.
    const FILLED: usize;

    fn work(&mut self) -> Seen;
}

/// A buffer of so many bytes.
struct Buffer<const BYTES: usize>(Vec<u8>);

impl<const BYTES: usize> Default for Buffer<BYTES> {
    fn default() -> Self {
        Self(Vec::with_capacity(BYTES))
    }
}

impl<const BYTES: usize> Clear for Buffer<BYTES> {
    fn clear(&mut self) {
        self.0.clear();
    }
}

impl<const BYTES: usize> Lent for Buffer<BYTES> {
    const FILLED: usize = LINE.len();

    #[inline]
    fn work(&mut self) -> Seen {
        write::<BYTES>(&mut self.0)
    }
}

#[inline]
fn write<const BYTES: usize>(buffer: &mut Vec<u8>) -> Seen {
    buffer.extend_from_slice(black_box(LINE));
    let buffer = black_box(buffer);
    (buffer.len(), buffer.capacity() >= BYTES)
}

/// A record that owns memory.
#[derive(Debug)]
struct Job {
    name: String,
    parts: Vec<u64>,
    is_done: bool,
}

impl Default for Job {
    fn default() -> Self {
        Self { name: String::with_capacity(64), parts: Vec::with_capacity(16), is_done: false }
    }
}

impl Clear for Job {
    fn clear(&mut self) {
        self.name.clear();
        self.parts.clear();
        self.is_done = false;
    }
}

impl Reset for Job {
    fn reset(&mut self) {
        self.clear();
    }
}

impl Lent for Job {
    const FILLED: usize = 9;

    #[inline]
    fn work(&mut self) -> Seen {
        self.name.push_str(black_box("nightly"));
        self.parts.push(black_box(7));
        let job = black_box(self);
        let filled = job.name.len() + job.parts.len() + usize::from(!job.is_done);
        job.is_done = true;
        (filled, job.name.capacity() >= 64 && job.parts.capacity() >= 16)
    }
}

/// Hands over the cases of this area.
pub(crate) fn cases(harness: &mut impl Harness) {
    buffers::<256>(harness, "pool_b256");
    buffers::<2048>(harness, "pool_b2k");
    objects(harness, "pool_object");
}

fn buffers<const BYTES: usize>(harness: &mut impl Harness, what: &str) {
    let limits = Limits { capacity: BYTES, max_capacity: 1 << 20, max_retained: Limits::RETAINED };
    let build = move || VecPool::<u8>::new(limits).expect("the limits agree with each other");
    shared(harness, what, "perfblocks", (LINE.len(), true), build, |pool: &VecPool<u8>| {
        write::<BYTES>(&mut pool.get())
    });
    peers::<Buffer<BYTES>>(harness, what);
}

fn objects(harness: &mut impl Harness, what: &str) {
    let build = || ObjectPool::new(Limits::RETAINED, Job::default);
    shared(harness, what, "perfblocks", (Job::FILLED, true), build, |pool: &ObjectPool<Job>| pool.get().work());
    peers::<Job>(harness, what);
}

fn peers<L: Lent>(harness: &mut impl Harness, what: &str) {
    let expected = (L::FILLED, true);
    shared(harness, what, "malloc", expected, || (), |()| L::default().work());
    per_thread::<L>(harness, what, expected);
    queues::<L>(harness, what, expected);
    crates::<L>(harness, what, expected);
    lockfree_crate::<L>(harness, what, expected);
}

/// What one writes with the crate `thread_local`: a value a thread, in place and so lent once at a time, and a stack a
/// thread, which lends as many as are asked for.
fn per_thread<L: Lent>(harness: &mut impl Harness, what: &str, expected: Seen) {
    let in_place = |values: &ThreadLocal<RefCell<L>>| {
        let mut lent = values.get_or_default().borrow_mut();
        let seen = lent.work();
        lent.clear();
        seen
    };
    shared(harness, what, "thread_local_cell", expected, ThreadLocal::default, in_place);
    let stack = |stacks: &ThreadLocal<RefCell<Vec<L>>>| {
        let stack = stacks.get_or_default();
        let mut lent = stack.borrow_mut().pop().unwrap_or_default();
        let seen = lent.work();
        lent.clear();
        stack.borrow_mut().push(lent);
        seen
    };
    shared(harness, what, "thread_local_stack", expected, ThreadLocal::default, stack);
}

/// Pools that one makes of crossbeam's queues.
fn queues<L: Lent>(harness: &mut impl Harness, what: &str, expected: Seen) {
    let array = |queue: &ArrayQueue<L>| {
        let mut lent = queue.pop().unwrap_or_default();
        let seen = lent.work();
        lent.clear();
        drop(queue.push(lent));
        seen
    };
    shared(harness, what, "array_queue", expected, || ArrayQueue::new(PLACES), array);
    let segments = |queue: &SegQueue<L>| {
        let mut lent = queue.pop().unwrap_or_default();
        let seen = lent.work();
        lent.clear();
        queue.push(lent);
        seen
    };
    shared(harness, what, "seg_queue", expected, SegQueue::new, segments);
}

fn crates<L: Lent>(harness: &mut impl Harness, what: &str, expected: Seen) {
    let locked = |pool: &object_pool::Pool<L>| {
        let mut lent = pool.pull(L::default);
        let seen = lent.work();
        lent.clear();
        seen
    };
    shared(harness, what, "object_pool", expected, || object_pool::Pool::new(PLACES, L::default), locked);

    // It empties on get, by its allocator.
    let build = || opool::Pool::new_prefilled(PLACES, Fresh(PhantomData));
    shared(harness, what, "opool", expected, build, |pool: &opool::Pool<Fresh<L>, L>| pool.get().work());

    let slab = |pool: &sharded_slab::Pool<L>| {
        let mut lent = pool.create().expect("a slab has room for one more");
        let seen = lent.work();
        let key = lent.key();
        drop(lent);
        assert!(pool.clear(key), "its key was just in use");
        seen
    };
    shared(harness, what, "sharded_slab", expected, sharded_slab::Pool::new, slab);

    let pool = || deadpool::unmanaged::Pool::from((0..PLACES).map(|_| L::default()).collect::<Vec<_>>());
    let without_waiting = |pool: &deadpool::unmanaged::Pool<L>| {
        let mut lent = pool.try_get().expect("a place for each thread");
        let seen = lent.work();
        lent.clear();
        seen
    };
    shared(harness, what, "deadpool", expected, pool, without_waiting);
}

/// How `opool` makes and empties values.
#[derive(Debug)]
struct Fresh<L>(PhantomData<fn() -> L>);

impl<L: Lent> opool::PoolAllocator<L> for Fresh<L> {
    fn reset(&self, lent: &mut L) {
        lent.clear();
    }

    fn allocate(&self) -> L {
        L::default()
    }
}

/// The three pools of `lockfree-object-pool`, which empty on put.
fn lockfree_crate<L: Lent>(harness: &mut impl Harness, what: &str, expected: Seen) {
    use lockfree_object_pool::{LinearObjectPool, MutexObjectPool, SpinLockObjectPool};
    let linear = || LinearObjectPool::<L>::new(L::default, L::clear);
    shared(harness, what, "lockfree_linear", expected, linear, |pool: &LinearObjectPool<L>| pool.pull().work());
    let spin = || SpinLockObjectPool::<L>::new(L::default, L::clear);
    shared(harness, what, "lockfree_spin", expected, spin, |pool: &SpinLockObjectPool<L>| pool.pull().work());
    let mutex = || MutexObjectPool::<L>::new(L::default, L::clear);
    shared(harness, what, "lockfree_mutex", expected, mutex, |pool: &MutexObjectPool<L>| pool.pull().work());
}

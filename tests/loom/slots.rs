//! How slots pass from thread to thread: no two have one at a time, and who gets one sees what the last left in it.
//!
//! The numbers are compiled in here, as those of the library belong to threads that end, and live as long as the process.

use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread;
use std::sync::atomic::{AtomicU32, Ordering};

#[path = "../../src/per_thread/indexes.rs"]
mod indexes;

use indexes::Indexes;

/// Fewer slots than threads.
const SLOTS: usize = 2;

/// A number that one thread has at a time.
#[derive(Default)]
struct Own {
    /// Ends the model if two threads are here at a time, or one comes without being ordered behind the last.
    access: UnsafeCell<()>,
    /// Not loom's: who may read and write it is watched by the access.
    number: AtomicU32,
}

struct Slots {
    indexes: Indexes,
    own: [Own; SLOTS],
}

impl Slots {
    fn new() -> Arc<Self> {
        Arc::new(Self { indexes: Indexes::new(), own: Default::default() })
    }

    /// A thread that lives, adds `more` to its slot and ends. 1 if it got one.
    fn live(&self, more: u32) -> u32 {
        let Some(index) = self.indexes.take(SLOTS) else { return 0 };
        assert!(index < SLOTS);
        self.change(index, |own| own + more);
        thread::yield_now();
        self.change(index, |own| own);
        self.indexes.give_back(index);
        1
    }

    /// Takes away what ended threads left.
    fn sweep(&self) -> u32 {
        let mut found = 0;
        self.indexes.with_free(|index| {
            self.change(index, |own| {
                found += own;
                0
            });
        });
        found
    }

    fn change(&self, index: usize, change: impl FnOnce(u32) -> u32) {
        let Own { access, number } = &self.own[index];
        access.with_mut(|_| number.store(change(number.load(Ordering::Relaxed)), Ordering::Relaxed));
    }
}

/// Explores three threads with up to this many preemptions.
fn explore(model: impl Fn() + Send + Sync + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(3);
    builder.check(model);
}

fn spawn(slots: &Arc<Slots>, work: fn(&Slots) -> u32) -> thread::JoinHandle<u32> {
    let slots = Arc::clone(slots);
    thread::spawn(move || work(&slots))
}

fn joined(thread: thread::JoinHandle<u32>) -> u32 {
    thread.join().expect("a model that panics ends there")
}

#[test]
fn no_two_threads_have_one_slot_and_ended_threads_make_room() {
    explore(|| {
        let slots = Slots::new();
        let others = [spawn(&slots, |slots| slots.live(1)), spawn(&slots, |slots| slots.live(1))];
        let mut lived = slots.live(1);
        lived += others.into_iter().map(joined).sum::<u32>();
        assert!((2..=3).contains(&lived), "two at a time get a slot each");
        assert_eq!((slots.sweep(), slots.sweep()), (lived, 0));
        assert!(slots.indexes.used() <= SLOTS);
    });
}

#[test]
fn what_ended_threads_left_is_found_once_while_others_come_and_go() {
    explore(|| {
        let slots = Slots::new();
        assert_eq!(slots.live(100), 1);
        let come_and_go = spawn(&slots, |slots| 10 * slots.live(10));
        let sweeper = spawn(&slots, Slots::sweep);
        let mut found = slots.sweep();
        let left = 100 + joined(come_and_go);
        found += joined(sweeper) + slots.sweep();
        assert_eq!((found, left), (110, 110), "nothing is lost or found twice");
    });
}

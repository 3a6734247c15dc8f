//! The virtual clock and the turns.

use core::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering};

use super::end::bears_mark;
use super::page::{FREE, Page, Seat, rule};
use super::system;

/// One process's view: its page, and its virtual clock. A static, since the library has no other place to keep it.
#[derive(Debug)]
pub struct Clock {
    page: AtomicPtr<Page>,
    role: AtomicUsize,
    /// The thread that takes turns: the initial one, on which Criterion runs benches.
    bench_thread: AtomicUsize,
    parent: AtomicUsize,
    /// How far from where it was linked the executable lies.
    shift: AtomicUsize,
    /// The epoch in which the bench thread arrived last.
    epoch: AtomicU32,
    /// Real time at which the present turn began.
    turn_began: AtomicU64,
    /// Readings of the bench thread in the present turn.
    readings: AtomicU32,
    /// Nanoseconds asleep so far; with [`Clock::asleep_since`] under the sequence lock.
    asleep: AtomicU64,
    /// Real time since when the bench thread sleeps; 0 while it is awake.
    asleep_since: AtomicU64,
    /// Odd while the two above change.
    sequence: AtomicU32,
    /// The latest that another thread was shown: one that was interrupted between reading the real clock and looking here
    /// must not see time run backwards.
    floor: AtomicU64,
    /// Real time from which dilated time is counted; 0 until the first reading.
    origin: AtomicU64,
}

/// Without an END reading for so many quanta, and never one before, any reading hands over: they are made from elsewhere than
/// when they were learned.
const PATIENCE: u64 = 8;

impl Clock {
    /// Without a page.
    pub const fn new() -> Self {
        Self {
            page: AtomicPtr::new(core::ptr::null_mut()),
            role: AtomicUsize::new(0),
            bench_thread: AtomicUsize::new(0),
            parent: AtomicUsize::new(0),
            shift: AtomicUsize::new(0),
            epoch: AtomicU32::new(FREE),
            turn_began: AtomicU64::new(0),
            readings: AtomicU32::new(0),
            asleep: AtomicU64::new(0),
            asleep_since: AtomicU64::new(0),
            sequence: AtomicU32::new(0),
            floor: AtomicU64::new(0),
            origin: AtomicU64::new(0),
        }
    }

    /// Takes its seat on a page, on the thread that will take turns.
    ///
    /// # Safety
    /// The page stays mapped for ever; `role` is 0 or 1.
    pub unsafe fn join(&self, page: *mut Page, role: usize) {
        // SAFETY: the caller's promise.
        let seat = unsafe { &(&(*page).sides)[role & 1] };
        let entry = seat.entry.load(Ordering::Relaxed) as usize;
        self.shift.store(system::loaded_entry().wrapping_sub(entry), Ordering::Relaxed);
        self.role.store(role & 1, Ordering::Relaxed);
        self.bench_thread.store(system::thread(), Ordering::Relaxed);
        self.parent.store(system::parent(), Ordering::Relaxed);
        self.page.store(page, Ordering::Release);
        seat.joined.store(super::page::JOINED, Ordering::Release);
    }

    /// Notes that the process starts a thread.
    pub fn count_thread(&self) {
        if let Some(page) = self.page() {
            self.seats(page).0.threads.fetch_add(1, Ordering::Relaxed);
        }
    }

    fn page(&self) -> Option<&Page> {
        // SAFETY: null, or mapped for ever since `join`.
        unsafe { self.page.load(Ordering::Relaxed).as_ref() }
    }

    fn seats<'a>(&self, page: &'a Page) -> (&'a Seat, &'a Seat, u32) {
        let role = self.role.load(Ordering::Relaxed) & 1;
        (&page.sides[role], &page.sides[1 - role], role as u32)
    }

    /// What the clock shows at real time `now`; may hand the turn over and sleep first, which the reading does not show.
    /// `real` reads the real clock.
    ///
    /// # Safety
    /// `stack` is the calling thread's stack pointer at the reading.
    #[inline]
    pub unsafe fn read(&self, now: u64, stack: *const usize, real: impl Fn() -> u64) -> u64 {
        let Some(page) = self.page() else { return now };
        if system::thread() != self.bench_thread.load(Ordering::Relaxed) {
            return self.shown_to_others(page, now);
        }
        let shown = self.shown(page, now);
        let epoch = page.epoch.load(Ordering::Relaxed);
        if epoch == FREE {
            return shown;
        }
        let readings = self.readings.load(Ordering::Relaxed) + 1;
        self.readings.store(readings, Ordering::Relaxed);
        let used = now.wrapping_sub(self.turn_began.load(Ordering::Relaxed));
        if used >= page.quantum.load(Ordering::Relaxed) || epoch != self.epoch.load(Ordering::Relaxed) {
            // SAFETY: the caller's promise.
            unsafe { self.consider(page, epoch, now, used, stack, real) };
        }
        shown
    }

    /// A reading in a new epoch, or with a spent quantum.
    #[cold]
    #[inline(never)]
    unsafe fn consider(
        &self,
        page: &Page,
        epoch: u32,
        now: u64,
        used: u64,
        stack: *const usize,
        real: impl Fn() -> u64,
    ) {
        let (own, other, role) = self.seats(page);
        if epoch != self.epoch.load(Ordering::Relaxed) {
            self.epoch.store(epoch, Ordering::Relaxed);
            own.arrived.store(epoch, Ordering::Release);
            ring(page);
            self.sleep(page, now, real, || {
                let is_away = other.away.load(Ordering::Acquire) != 0;
                is_away || (page.turn.load(Ordering::Acquire) == role && other.arrived.load(Ordering::Acquire) == epoch)
            });
            page.turn.store(role, Ordering::Release);
            return;
        }
        // SAFETY: the caller's promise.
        if !unsafe { self.is_hand_over(page, own, used, stack) } {
            return;
        }
        if other.away.load(Ordering::Acquire) != 0 {
            self.begin_turn(now);
            return;
        }
        count(&own.handed, 1);
        page.turn.store(1 - role, Ordering::Release);
        ring(page);
        self.sleep(page, now, real, || {
            page.turn.load(Ordering::Acquire) == role || other.away.load(Ordering::Acquire) != 0
        });
        page.turn.store(role, Ordering::Release);
    }

    unsafe fn is_hand_over(&self, page: &Page, own: &Seat, used: u64, stack: *const usize) -> bool {
        match page.rule.load(Ordering::Relaxed) {
            rule::END => {
                // SAFETY: the caller's promise.
                if unsafe { bears_mark(own, self.shift.load(Ordering::Relaxed), stack) } {
                    count(&own.ends, 1);
                    return true;
                }
                let quantum = page.quantum.load(Ordering::Relaxed);
                own.ends.load(Ordering::Relaxed) == 0 && used > quantum.saturating_mul(PATIENCE)
            }
            rule::FOURTH => self.readings.load(Ordering::Relaxed).is_multiple_of(4),
            _ => true,
        }
    }

    /// Sleeps from real time `now` until `is_over`; the clock stands still meanwhile.
    fn sleep(&self, page: &Page, now: u64, real: impl Fn() -> u64, is_over: impl Fn() -> bool) {
        let (own, ..) = self.seats(page);
        let (process, thread) = system::cpu_nanos();
        self.change(|| self.asleep_since.store(now, Ordering::Relaxed));
        loop {
            let seen = page.bell.load(Ordering::Acquire);
            if is_over() {
                break;
            }
            system::wait(&page.bell, seen);
            if system::parent() != self.parent.load(Ordering::Relaxed) {
                system::exit(71); // nobody is left to give the turn
            }
        }
        let (process_after, thread_after) = system::cpu_nanos();
        let others = (process_after - process).saturating_sub(thread_after - thread);
        own.stray.store(own.stray.load(Ordering::Relaxed) + others, Ordering::Relaxed);
        let woke = real();
        let slept = woke.saturating_sub(now);
        own.asleep.store(own.asleep.load(Ordering::Relaxed) + slept, Ordering::Relaxed);
        self.change(|| {
            self.asleep.store(self.asleep.load(Ordering::Relaxed) + slept, Ordering::Relaxed);
            self.asleep_since.store(0, Ordering::Relaxed);
        });
        self.begin_turn(woke);
    }

    fn begin_turn(&self, now: u64) {
        self.turn_began.store(now, Ordering::Relaxed);
        self.readings.store(0, Ordering::Relaxed);
    }

    fn change(&self, change: impl Fn()) {
        let sequence = self.sequence.load(Ordering::Relaxed);
        self.sequence.store(sequence.wrapping_add(1), Ordering::Relaxed);
        core::sync::atomic::fence(Ordering::Release);
        change();
        self.sequence.store(sequence.wrapping_add(2), Ordering::Release);
    }

    /// What the bench thread sees.
    fn shown(&self, page: &Page, now: u64) -> u64 {
        self.dilated(page, now.wrapping_sub(self.asleep.load(Ordering::Relaxed)))
    }

    /// What other threads see: the same clock, which stands still while the bench thread sleeps.
    #[cold]
    fn shown_to_others(&self, page: &Page, now: u64) -> u64 {
        loop {
            let before = self.sequence.load(Ordering::Acquire);
            let since = self.asleep_since.load(Ordering::Relaxed);
            let asleep = self.asleep.load(Ordering::Relaxed);
            core::sync::atomic::fence(Ordering::Acquire);
            if before.is_multiple_of(2) && before == self.sequence.load(Ordering::Relaxed) {
                let reached = if since == 0 { now } else { now.min(since) };
                let shown = self.dilated(page, reached.wrapping_sub(asleep));
                return shown.max(self.floor.fetch_max(shown, Ordering::Relaxed));
            }
            core::hint::spin_loop();
        }
    }

    fn dilated(&self, page: &Page, virtual_now: u64) -> u64 {
        let factor = page.dilation.load(Ordering::Relaxed);
        if factor <= 1 {
            return virtual_now;
        }
        let origin = match self.origin.load(Ordering::Relaxed) {
            0 => {
                self.origin.store(virtual_now, Ordering::Relaxed);
                virtual_now
            }
            origin => origin,
        };
        origin.wrapping_add(virtual_now.wrapping_sub(origin).wrapping_mul(factor))
    }

    /// The real time of a deadline that was computed from this clock, and whether it differs.
    pub fn real_deadline(&self, shown: u64) -> (u64, bool) {
        let Some(page) = self.page() else { return (shown, false) };
        let factor = page.dilation.load(Ordering::Relaxed);
        let origin = self.origin.load(Ordering::Relaxed);
        let undilated =
            if factor <= 1 || origin == 0 { shown } else { origin.wrapping_add(shown.wrapping_sub(origin) / factor) };
        let real = undilated.wrapping_add(self.asleep.load(Ordering::Relaxed));
        if real != shown {
            count(&self.seats(page).0.shifted, 1);
        }
        (real, real != shown)
    }
}

fn ring(page: &Page) {
    page.bell.fetch_add(1, Ordering::AcqRel);
    system::wake(&page.bell);
}

/// Adds to a word that only this process writes.
fn count(word: &AtomicU32, more: u32) {
    word.store(word.load(Ordering::Relaxed).wrapping_add(more), Ordering::Relaxed);
}

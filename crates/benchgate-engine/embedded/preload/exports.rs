//! What the library stands in for: `clock_gettime`, `syscall` and `pthread_create`.

use core::ffi::{c_int, c_void};

use super::clock::Clock;
use super::deadline;
use super::system::{self, ClockGettime, MONOTONIC, Next, ThreadCreate, Timespec, Word};

/// The clock of this process.
pub static CLOCK: Clock = Clock::new();

/// What stands behind this library.
static NEXT_CLOCK: Next = Next::named(c"clock_gettime");
static NEXT_THREAD: Next = Next::named(c"pthread_create");

/// Stands in for libc's. Hands the stack pointer on, to see who reads.
#[cfg(all(benchgate_preload, target_arch = "x86_64"))]
#[unsafe(no_mangle)]
#[unsafe(naked)]
pub unsafe extern "C" fn clock_gettime(_clock: c_int, _time: *mut Timespec) -> c_int {
    core::arch::naked_asm!("mov rdx, rsp", "jmp {}", sym clock_gettime_at)
}

/// Stands in for libc's. Hands the stack pointer on, to see who reads.
#[cfg(all(benchgate_preload, target_arch = "aarch64"))]
#[unsafe(no_mangle)]
#[unsafe(naked)]
pub unsafe extern "C" fn clock_gettime(_clock: c_int, _time: *mut Timespec) -> c_int {
    core::arch::naked_asm!("mov x2, sp", "b {}", sym clock_gettime_at)
}

/// [`clock_gettime`] with the stack pointer at the call.
#[cfg_attr(not(benchgate_preload), expect(dead_code, reason = "called by assembly"))]
unsafe extern "C" fn clock_gettime_at(clock: c_int, time: *mut Timespec, stack: *const usize) -> c_int {
    let Some(next) = next() else {
        system::set_errno(38);
        return -1;
    };
    // SAFETY: the caller's arguments, as libc would get them.
    let result = unsafe { next(clock, time) };
    if clock != MONOTONIC || result != 0 {
        #[cfg(benchgate_preload_learning)]
        if result == 0 {
            // SAFETY: libc has just written it; the stack pointer is this thread's.
            unsafe { super::learning::join::LOG.note(clock, (*time).to_nanos(), stack, system::thread()) };
        }
        return result;
    }
    let real = || {
        let mut now = Timespec::default();
        // SAFETY: writes one timespec.
        unsafe { next(MONOTONIC, &raw mut now) };
        now.to_nanos()
    };
    // SAFETY: libc has just written it; the stack pointer is this thread's.
    unsafe {
        let now = (*time).to_nanos();
        let shown = CLOCK.read(now, stack, real);
        if shown != now {
            time.write(Timespec::from_nanos(shown));
        }
        #[cfg(benchgate_preload_counting)]
        super::counting::heap::LOG.note(shown, system::thread());
        #[cfg(benchgate_preload_learning)]
        super::learning::join::LOG.note(MONOTONIC, shown, stack, system::thread());
    }
    0
}

fn next() -> Option<ClockGettime> {
    // SAFETY: null, or libc's function of this type.
    unsafe { core::mem::transmute::<*mut c_void, Option<ClockGettime>>(NEXT_CLOCK.address()) }
}

/// Stands in for libc's, to count the threads that a process starts: some are gone again before anybody looks.
#[cfg_attr(benchgate_preload, unsafe(no_mangle))]
#[cfg_attr(not(benchgate_preload), expect(dead_code, reason = "called by foreign code"))]
unsafe extern "C" fn pthread_create(
    thread: *mut c_void,
    attributes: *const c_void,
    start: *mut c_void,
    argument: *mut c_void,
) -> c_int {
    CLOCK.count_thread();
    // SAFETY: null, or libc's function of this type; the caller's arguments.
    unsafe {
        match core::mem::transmute::<*mut c_void, Option<ThreadCreate>>(NEXT_THREAD.address()) {
            Some(next) => next(thread, attributes, start, argument),
            None => 38,
        }
    }
}

/// Stands in for libc's, which is variadic: on these architectures the words arrive in the same registers.
#[cfg_attr(benchgate_preload, unsafe(no_mangle))]
#[cfg_attr(not(benchgate_preload), expect(dead_code, reason = "called by foreign code"))]
unsafe extern "C" fn syscall(call: Word, a: Word, b: Word, c: Word, d: Word, e: Word, f: Word) -> Word {
    let mut arguments = [a, b, c, d, e, f].map(|word| word as usize);
    // SAFETY: the caller's arguments.
    let deadline = unsafe { deadline::shifted(&CLOCK, call as usize, &arguments) };
    if let Some(deadline) = &deadline {
        arguments[3] = core::ptr::from_ref(deadline) as usize;
    }
    // SAFETY: the same call with the same meaning.
    let result = unsafe { system::call(call as usize, arguments) };
    if (-4095..0).contains(&result) {
        system::set_errno(-result as c_int);
        return -1;
    }
    result as Word
}

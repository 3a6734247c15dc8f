//! The few system calls and libc functions that the library needs.

use core::ffi::{CStr, c_char, c_int, c_long, c_void};
use core::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

/// A point in time or a duration, as the kernel writes it.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timespec {
    /// Seconds.
    pub seconds: i64,
    /// Nanoseconds within the second.
    pub nanos: i64,
}

impl Timespec {
    /// As nanoseconds; a point before the clock's origin counts as the origin.
    pub fn to_nanos(self) -> u64 {
        let all = self.seconds.wrapping_mul(1_000_000_000).wrapping_add(self.nanos);
        if all < 0 { 0 } else { all as u64 }
    }

    /// From nanoseconds.
    pub fn from_nanos(nanos: u64) -> Self {
        Self { seconds: (nanos / 1_000_000_000) as i64, nanos: (nanos % 1_000_000_000) as i64 }
    }
}

/// `CLOCK_MONOTONIC`.
pub const MONOTONIC: c_int = 1;
const PROCESS_CPU: c_int = 2;
const THREAD_CPU: c_int = 3;

/// Numbers of system calls.
#[cfg(target_arch = "x86_64")]
pub mod number {
    pub const FUTEX: usize = 202;
    pub const OPEN_AT: usize = 257;
    pub const CLOSE: usize = 3;
    pub const MMAP: usize = 9;
    pub const CLOCK_GETTIME: usize = 228;
    pub const GET_PARENT: usize = 110;
    pub const EXIT_GROUP: usize = 231;
}

/// Numbers of system calls.
#[cfg(target_arch = "aarch64")]
pub mod number {
    pub const FUTEX: usize = 98;
    pub const OPEN_AT: usize = 56;
    pub const CLOSE: usize = 57;
    pub const MMAP: usize = 222;
    pub const CLOCK_GETTIME: usize = 113;
    pub const GET_PARENT: usize = 173;
    pub const EXIT_GROUP: usize = 94;
}

/// A system call; negative results are errors.
///
/// # Safety
/// As the call with this number demands.
#[cfg(target_arch = "x86_64")]
pub unsafe fn call(number: usize, arguments: [usize; 6]) -> isize {
    let [a, b, c, d, e, f] = arguments;
    let result: isize;
    // SAFETY: the kernel's calling convention; it clobbers rcx and r11 and nothing else.
    unsafe {
        core::arch::asm!(
            "syscall",
            inlateout("rax") number as isize => result,
            in("rdi") a, in("rsi") b, in("rdx") c, in("r10") d, in("r8") e, in("r9") f,
            lateout("rcx") _, lateout("r11") _,
            options(nostack),
        );
    }
    result
}

/// A system call; negative results are errors.
///
/// # Safety
/// As the call with this number demands.
#[cfg(target_arch = "aarch64")]
pub unsafe fn call(number: usize, arguments: [usize; 6]) -> isize {
    let [a, b, c, d, e, f] = arguments;
    let result: isize;
    // SAFETY: the kernel's calling convention.
    unsafe {
        core::arch::asm!(
            "svc 0",
            in("x8") number,
            inlateout("x0") a as isize => result,
            in("x1") b, in("x2") c, in("x3") d, in("x4") e, in("x5") f,
            options(nostack),
        );
    }
    result
}

unsafe extern "C" {
    fn dlsym(handle: *mut c_void, name: *const c_char) -> *mut c_void;
    fn getauxval(kind: usize) -> usize;
    fn unsetenv(name: *const c_char) -> c_int;
    fn __errno_location() -> *mut c_int;
}

/// libc's own `clock_gettime`.
pub type ClockGettime = unsafe extern "C" fn(c_int, *mut Timespec) -> c_int;

/// libc's own `pthread_create`.
pub type ThreadCreate = unsafe extern "C" fn(*mut c_void, *const c_void, *mut c_void, *mut c_void) -> c_int;

/// A function that this library stands in front of, looked up when it is first wanted.
#[derive(Debug)]
pub struct Next {
    name: &'static CStr,
    found: AtomicPtr<c_void>,
}

impl Next {
    /// The one of this name.
    pub const fn named(name: &'static CStr) -> Self {
        Self { name, found: AtomicPtr::new(core::ptr::null_mut()) }
    }

    /// Its address; null where there is none.
    #[inline]
    pub fn address(&self) -> *mut c_void {
        const NEXT: *mut c_void = -1_isize as *mut c_void;
        let found = self.found.load(Ordering::Relaxed);
        if !found.is_null() {
            return found;
        }
        // SAFETY: a terminated name.
        let found = unsafe { dlsym(NEXT, self.name.as_ptr()) };
        self.found.store(found, Ordering::Relaxed);
        found
    }
}

/// Where the executable's entry point was loaded.
pub fn loaded_entry() -> usize {
    const ENTRY: usize = 9;
    // SAFETY: reads the process's own table.
    unsafe { getauxval(ENTRY) }
}

/// Takes a variable out of the environment, so that children do not join.
pub fn unset(name: &CStr) {
    // SAFETY: a terminated name, and the process has one thread yet.
    unsafe { unsetenv(name.as_ptr()) };
}

/// Sets `errno` of the calling thread.
pub fn set_errno(error: c_int) {
    // SAFETY: libc's own place for it.
    unsafe { *__errno_location() = error };
}

/// Processor time of the process and of the calling thread, in nanoseconds.
pub fn cpu_nanos() -> (u64, u64) {
    let read = |clock: c_int| {
        let mut time = Timespec::default();
        // SAFETY: the kernel writes one timespec.
        unsafe { call(number::CLOCK_GETTIME, [clock as usize, &raw mut time as usize, 0, 0, 0, 0]) };
        time.to_nanos()
    };
    (read(PROCESS_CPU), read(THREAD_CPU))
}

const FUTEX_WAIT: usize = 0;
const FUTEX_WAKE: usize = 1;
/// Waits no longer than this at a time, to see whether the driver still lives.
const LOOK_UP: Timespec = Timespec { seconds: 0, nanos: 500_000_000 };

/// Sleeps while the word holds `seen`; may return early.
pub fn wait(word: &AtomicU32, seen: u32) {
    let limit = LOOK_UP;
    let arguments = [word.as_ptr() as usize, FUTEX_WAIT, seen as usize, &raw const limit as usize, 0, 0];
    // SAFETY: the word outlives the call; errors mean that it returned early.
    unsafe { call(number::FUTEX, arguments) };
}

/// Wakes all who wait on the word.
pub fn wake(word: &AtomicU32) {
    // SAFETY: the kernel only looks the address up.
    unsafe { call(number::FUTEX, [word.as_ptr() as usize, FUTEX_WAKE, i32::MAX as usize, 0, 0, 0]) };
}

/// The parent's number.
pub fn parent() -> usize {
    // SAFETY: takes nothing.
    unsafe { call(number::GET_PARENT, [0; 6]) as usize }
}

/// Ends the process at once.
pub fn exit(code: i32) -> ! {
    loop {
        // SAFETY: does not return.
        unsafe { call(number::EXIT_GROUP, [code as usize, 0, 0, 0, 0, 0]) };
    }
}

/// Maps the file at a terminated path, shared and writable; null where that fails.
pub fn map_shared(path: *const c_char, length: usize) -> *mut c_void {
    const HERE: usize = -100_isize as usize;
    const READ_WRITE_CLOSE_ON_EXEC: usize = 0o2 | 0o2_000_000;
    const PROTECTION: usize = 1 | 2;
    const SHARED: usize = 1;
    // SAFETY: a terminated path from the environment; a fresh mapping disturbs no other.
    unsafe {
        let file = call(number::OPEN_AT, [HERE, path as usize, READ_WRITE_CLOSE_ON_EXEC, 0, 0, 0]);
        if file < 0 {
            return core::ptr::null_mut();
        }
        let address = call(number::MMAP, [0, length, PROTECTION, SHARED, file as usize, 0]);
        call(number::CLOSE, [file as usize, 0, 0, 0, 0, 0]);
        if address < 0 { core::ptr::null_mut() } else { address as *mut c_void }
    }
}

/// What tells threads of a process apart.
#[cfg(target_arch = "x86_64")]
#[inline]
pub fn thread() -> usize {
    let pointer: usize;
    // SAFETY: the first word of a thread's block is its own address, by the ABI.
    unsafe { core::arch::asm!("mov {}, fs:0", out(reg) pointer, options(nostack, pure, readonly, preserves_flags)) };
    pointer
}

/// What tells threads of a process apart.
#[cfg(target_arch = "aarch64")]
#[inline]
pub fn thread() -> usize {
    let pointer: usize;
    // SAFETY: reads the thread register.
    unsafe { core::arch::asm!("mrs {}, tpidr_el0", out(reg) pointer, options(nostack, pure, nomem, preserves_flags)) };
    pointer
}

/// The type of the variadic arguments of `syscall`.
pub type Word = c_long;

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn points_in_time_come_back() {
        #[track_caller]
        fn check(seconds: i64, nanos: i64, expected: u64) {
            let time = Timespec { seconds, nanos };
            assert_eq!(time.to_nanos(), expected);
            if seconds >= 0 {
                assert_eq!(Timespec::from_nanos(expected), time);
            }
        }
        check(0, 0, 0);
        check(1, 5, 1_000_000_005);
        check(4_000_000_000, 999_999_999, 4_000_000_000_999_999_999);
        check(-1, 0, 0);
    }

    #[test]
    fn threads_differ_and_the_parent_lives() {
        let here = thread();
        assert_eq!(here, thread());
        assert_ne!(std::thread::spawn(thread).join().unwrap(), here);
        assert!(parent() > 0);
        let (process, own) = cpu_nanos();
        assert!(process >= own / 2 && own > 0);
    }
}

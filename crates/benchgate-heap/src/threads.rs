//! How many threads the process has: Linux only, `None` elsewhere.
#![expect(clippy::disallowed_methods, reason = "the kernel's list of threads is a directory")]

use std::time::Duration;

/// How often and how long a thread that was told to end is waited for. A joined thread can stay listed for a moment.
const POLLS: u32 = 50;
const POLL: Duration = Duration::from_millis(1);

/// Threads of this process now.
pub(crate) fn count() -> Option<u64> {
    Some(std::fs::read_dir("/proc/self/task").ok()?.count() as u64)
}

/// Threads of this process once those that are ending are gone: the count as soon as it is `before` or less, else the
/// count after 50 ms.
pub(crate) fn settled(before: Option<u64>) -> Option<u64> {
    let mut now = count();
    for _ in 0..POLLS {
        if now <= before {
            break;
        }
        std::thread::sleep(POLL);
        now = count();
    }
    now
}

//! Whether the user has interrupted the run, known before anything that the same signal ended is taken for a failure.
//!
//! Ctrl-C goes to the whole foreground group: to the gate, and to cargo, rustc, git, linkers and benches, which end of it. Their ends
//! must not be called a broken build or a crashed bench, so whoever sees one asks here first.
//!
//! The handler sets the flag itself; no thread stands between. The kernel hands a group's signal to all members under one lock, which
//! a member needs in order to become one that can be waited for. So when the end of a child is seen, the signal is with the gate
//! already; what may still be missing is that a thread of the gate runs the handler. The thread that waits does so before it is back
//! in its own code, if the kernel chose it, which is the main thread where that can take it. Otherwise the chosen one has to be given
//! a processor first, and what is seen of a child in other ways than by waiting (its pipe or connection closed) may even come before the
//! signal. That is what [`MOMENT`] is for.

use std::io;
use std::os::unix::process::ExitStatusExt;
use std::process::ExitStatus;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::{Duration, Instant};

use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

/// Set by the first interrupt: what is measured so far is kept.
pub static INTERRUPTED: LazyLock<Arc<AtomicBool>> = LazyLock::new(Arc::default);

/// How long a signal of one's own may take behind the end of a child. A thread that was woken waits for a processor, on a busy machine
/// some tens of milliseconds. Paid only where something failed.
const MOMENT: Duration = Duration::from_millis(200);

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(2);

/// From now on, Ctrl-C, a terminal that is closed and `kill` end the run in order.
///
/// # Errors
/// The system takes no handler.
pub fn listen() -> io::Result<()> {
    for signal in [SIGINT, SIGTERM, SIGHUP] {
        signal_hook::flag::register(signal, Arc::clone(&INTERRUPTED))?;
    }
    Ok(())
}

/// Whether the user has interrupted, as far as is known; gives a signal that is under way its moment. For those who have seen
/// something fail.
pub fn has_arrived() -> bool {
    let deadline = Instant::now() + MOMENT;
    while !INTERRUPTED.load(Ordering::Relaxed) {
        if Instant::now() > deadline {
            return false;
        }
        thread::sleep(PAUSE);
    }
    true
}

/// Whether that a child ended so is the user's doing. SIGINT is only ever sent by somebody who wants it to stop, so a child that ended
/// of it counts also where the gate was not meant: then the whole run is interrupted. SIGTERM alone is also how systems short of
/// memory end programs, and counts where the gate got a signal too.
pub(super) fn explains(status: ExitStatus) -> bool {
    note(status);
    !status.success() && has_arrived()
}

/// The same without the moment, where failures are part of the ordinary course.
pub(super) fn note(status: ExitStatus) {
    if status.signal() == Some(SIGINT) {
        INTERRUPTED.store(true, Ordering::Relaxed);
    }
}

//! The kernel's side of watching: a filter that a process gets before it begins, and the notifications that come of it.
//!
//! ```text
//! gate    ── socket ──┐  fork   ┌─────────────────────────── notified, looks, lets it go on ── … ── hang-up: all are gone
//! process             └─────────┴ filter, its listener through the socket, exec, opens a file …
//! ```
#![expect(unsafe_code, reason = "filters and their notifications are reached by the system's own calls only")]

use std::io::{self, IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::net::{
    AddressFamily, RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage,
    SendFlags, SocketFlags, SocketType, recvmsg, sendmsg, socketpair,
};

use super::calls;

/// Has a process, and all that it starts, watched from its first instruction on.
#[derive(Clone, Debug)]
pub(in crate::collect) struct Leash {
    socket: Arc<OwnedFd>,
    filter: Arc<[libc::sock_filter]>,
}

/// Where the listener of a watched process arrives.
#[derive(Debug)]
pub(super) struct Arrival(OwnedFd);

/// Both ends.
///
/// # Errors
/// There is no descriptor left.
pub(super) fn leash() -> io::Result<(Leash, Arrival)> {
    let (theirs, ours) = socketpair(AddressFamily::UNIX, SocketType::STREAM, SocketFlags::CLOEXEC, None)?;
    Ok((Leash { socket: Arc::new(theirs), filter: calls::filter().into() }, Arrival(ours)))
}

impl Leash {
    /// Puts the process that this command starts on the leash. It does not start where the system refuses.
    pub fn attach(&self, command: &mut Command) {
        let own = self.clone();
        let begin = move || {
            let listener = install(&own.filter)?;
            send(&own.socket, &listener)
        };
        // SAFETY: between fork and exec the closure makes system calls on memory that exists, and allocates nothing.
        unsafe { command.pre_exec(begin) };
    }
}

fn install(filter: &[libc::sock_filter]) -> io::Result<OwnedFd> {
    let length = u16::try_from(filter.len()).map_err(|_| io::ErrorKind::InvalidInput)?;
    let program = libc::sock_fprog { len: length, filter: filter.as_ptr().cast_mut() };
    // SAFETY: takes numbers only. Without it only the superuser may install a filter.
    if unsafe { libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) } != 0 {
        return Err(io::Error::last_os_error());
    }
    let (mode, flags) = (libc::SECCOMP_SET_MODE_FILTER, libc::SECCOMP_FILTER_FLAG_NEW_LISTENER);
    // SAFETY: the kernel copies the program, which outlives the call.
    let listener = unsafe { libc::syscall(libc::SYS_seccomp, mode, flags, &raw const program) };
    match RawFd::try_from(listener) {
        // SAFETY: the kernel has just made it for this process.
        Ok(listener) if listener >= 0 => Ok(unsafe { OwnedFd::from_raw_fd(listener) }),
        _ => Err(io::Error::last_os_error()),
    }
}

fn send(socket: &OwnedFd, listener: &OwnedFd) -> io::Result<()> {
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    let listeners = [listener.as_fd()];
    if !control.push(SendAncillaryMessage::ScmRights(&listeners)) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    sendmsg(socket, &[IoSlice::new(b"l")], &mut control, SendFlags::NOSIGNAL)?;
    Ok(())
}

impl Arrival {
    /// Waits for the listener; `None` where it has not come yet, or never will, since the other end is closed.
    pub fn listener(&self, limit: Duration) -> io::Result<Option<Listener>> {
        if !readiness(&self.0, limit)?.contains(PollFlags::IN) {
            return Ok(None);
        }
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        recvmsg(&self.0, &mut [IoSliceMut::new(&mut [0])], &mut control, RecvFlags::CMSG_CLOEXEC)?;
        let found = control.drain().find_map(|message| match message {
            RecvAncillaryMessage::ScmRights(mut all) => all.next(),
            _ => None,
        });
        Ok(found.map(Listener))
    }
}

/// What a watched process and its children are about to do.
#[derive(Debug)]
pub(super) struct Listener(OwnedFd);

/// What a listener has.
#[derive(Debug)]
pub(super) enum Heard {
    /// A system call that waits to be let go on.
    Call(Request),
    /// Nothing in this time.
    Nothing,
    /// All watched processes are gone.
    End,
}

/// A system call that has not been made yet.
#[derive(Clone, Copy, Debug)]
pub(super) struct Request {
    id: u64,
    /// The thread that makes it; 0 where it cannot be seen from here.
    pub task: u32,
    /// The kernel's name of the architecture whose numbers are meant.
    pub architecture: u32,
    pub number: i32,
    pub arguments: [u64; 6],
}

/// Larger than the kernel's structures, which may grow.
type Room = [u64; 64];

impl Listener {
    /// Waits for the next call.
    pub fn hear(&self, limit: Duration) -> io::Result<Heard> {
        let ready = readiness(&self.0, limit)?;
        if ready.is_empty() {
            return Ok(Heard::Nothing);
        }
        if !ready.contains(PollFlags::IN) {
            return Ok(Heard::End);
        }
        let mut room: Room = [0; 64];
        // SAFETY: the kernel writes its structure, which fits, into zeroed memory.
        let result = unsafe { libc::ioctl(self.0.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_RECV, room.as_mut_ptr()) };
        if result != 0 {
            return match io::Error::last_os_error() {
                gone if is_gone(&gone) || gone.kind() == io::ErrorKind::Interrupted => Ok(Heard::Nothing),
                error => Err(error),
            };
        }
        // SAFETY: the kernel has just written one; all bytes make a valid value, and the room is large enough and aligned.
        let heard = unsafe { room.as_ptr().cast::<libc::seccomp_notif>().read() };
        Ok(Heard::Call(Request {
            id: heard.id,
            task: heard.pid,
            architecture: heard.data.arch,
            number: heard.data.nr,
            arguments: heard.data.args,
        }))
    }

    /// Whether the thread still waits: only then what was read of it was its own.
    pub fn is_waiting(&self, request: &Request) -> bool {
        // SAFETY: the kernel reads one number.
        let result =
            unsafe { libc::ioctl(self.0.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_ID_VALID, &raw const request.id) };
        result == 0
    }

    /// Lets the kernel make the call as if nobody had looked.
    pub fn let_go(&self, request: &Request) -> io::Result<()> {
        let mut room: Room = [0; 64];
        let go_on = libc::seccomp_notif_resp {
            id: request.id,
            val: 0,
            error: 0,
            flags: libc::SECCOMP_USER_NOTIF_FLAG_CONTINUE as u32,
        };
        // SAFETY: the room is large enough and aligned.
        unsafe { room.as_mut_ptr().cast::<libc::seccomp_notif_resp>().write(go_on) };
        // SAFETY: the kernel reads its structure, which fits.
        let result = unsafe { libc::ioctl(self.0.as_raw_fd(), libc::SECCOMP_IOCTL_NOTIF_SEND, room.as_ptr()) };
        match io::Error::last_os_error() {
            _ if result == 0 => Ok(()),
            gone if is_gone(&gone) => Ok(()),
            error => Err(error),
        }
    }
}

/// What a descriptor is ready for, after this time at most.
fn readiness(descriptor: &OwnedFd, limit: Duration) -> io::Result<PollFlags> {
    let mut polled = [PollFd::new(descriptor, PollFlags::IN)];
    let limit = Timespec::try_from(limit).map_err(io::Error::other)?;
    match poll(&mut polled, Some(&limit)) {
        Ok(_) => Ok(polled[0].revents()),
        Err(rustix::io::Errno::INTR) => Ok(PollFlags::empty()),
        Err(error) => Err(error.into()),
    }
}

/// `ENOENT`: the thread was killed, or left its call for a signal.
fn is_gone(error: &io::Error) -> bool {
    error.raw_os_error() == Some(libc::ENOENT)
}

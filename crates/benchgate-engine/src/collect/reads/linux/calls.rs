//! The system calls that ask for a path, and the filter that has the kernel tell of them.
//!
//! Numbers that one architecture lacks are left out there; those above 423 are the same on all.

use std::mem::offset_of;

use libc::c_long;

/// A call that is told of.
#[derive(Clone, Copy, Debug)]
pub(super) struct Call {
    number: c_long,
    /// The paths among its arguments.
    pub paths: &'static [PathArgument],
    /// What it does with them.
    pub act: Act,
}

/// Where a call has a path.
#[derive(Clone, Copy, Debug)]
pub(super) struct PathArgument {
    /// The argument with the directory that a relative path starts at; the working directory without one.
    pub directory: Option<usize>,
    /// The argument that points to the path.
    pub path: usize,
}

/// What a call does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    /// Asks for something that is there or not.
    Ask,
    /// Opens; the argument holds the flags, where it is known.
    Open { flags: Option<usize> },
    /// Runs a program.
    Run,
    /// Reaches files in a way that cannot be followed.
    Hide(&'static str),
}

/// The call of this number.
pub(super) fn find(number: c_long) -> Option<&'static Call> {
    CALLS.iter().chain(OLD_CALLS).find(|call| call.number == number)
}

/// What the kernel is to tell of: the calls of the table, and all calls of another architecture than the gate's, whose numbers
/// mean something else.
pub(super) fn filter() -> Vec<libc::sock_filter> {
    const LOAD: u16 = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16;
    const RETURN: u16 = (libc::BPF_RET | libc::BPF_K) as u16;
    const EQUAL: u16 = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
    const AT_LEAST: u16 = (libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K) as u16;
    let step = |code, k, jt, jf| libc::sock_filter { code, jt, jf, k };
    let numbers: Vec<u32> = CALLS.iter().chain(OLD_CALLS).map(|call| call.number as u32).collect();
    let left = |index: usize| u8::try_from(numbers.len() - index).expect("fewer than 256 calls");
    let mut filter = vec![
        step(LOAD, offset_of!(libc::seccomp_data, arch) as u32, 0, 0),
        step(EQUAL, ARCHITECTURE, 0, left(0) + 3),
        step(LOAD, offset_of!(libc::seccomp_data, nr) as u32, 0, 0),
        step(AT_LEAST, FOREIGN, left(0) + 1, 0),
    ];
    filter.extend(numbers.iter().enumerate().map(|(index, number)| step(EQUAL, *number, left(index), 0)));
    filter.push(step(RETURN, libc::SECCOMP_RET_ALLOW, 0, 0));
    filter.push(step(RETURN, libc::SECCOMP_RET_USER_NOTIF, 0, 0));
    filter
}

/// What the kernel calls this architecture, from `linux/audit.h`.
#[cfg(target_arch = "x86_64")]
pub(super) const ARCHITECTURE: u32 = 0xc000_003e;
/// What the kernel calls this architecture, from `linux/audit.h`.
#[cfg(target_arch = "aarch64")]
pub(super) const ARCHITECTURE: u32 = 0xc000_00b7;

/// From here on, numbers are those of x86-64's other interface, with 32-bit pointers.
const FOREIGN: u32 = 0x4000_0000;

const FIRST: PathArgument = PathArgument { directory: None, path: 0 };
const SECOND: PathArgument = PathArgument { directory: None, path: 1 };
const AT_FIRST: PathArgument = PathArgument { directory: Some(0), path: 1 };

const fn ask(number: c_long, paths: &'static [PathArgument]) -> Call {
    Call { number, paths, act: Act::Ask }
}

const fn open(number: c_long, paths: &'static [PathArgument], flags: Option<usize>) -> Call {
    Call { number, paths, act: Act::Open { flags } }
}

const fn hide(number: c_long, how: &'static str) -> Call {
    Call { number, paths: &[], act: Act::Hide(how) }
}

static CALLS: &[Call] = &[
    open(libc::SYS_openat, &[AT_FIRST], Some(2)),
    open(libc::SYS_openat2, &[AT_FIRST], None),
    open(libc::SYS_open_tree, &[AT_FIRST], None),
    Call { number: libc::SYS_execve, paths: &[FIRST], act: Act::Run },
    Call { number: libc::SYS_execveat, paths: &[AT_FIRST], act: Act::Run },
    ask(libc::SYS_newfstatat, &[AT_FIRST]),
    ask(libc::SYS_statx, &[AT_FIRST]),
    ask(libc::SYS_faccessat, &[AT_FIRST]),
    ask(libc::SYS_faccessat2, &[AT_FIRST]),
    ask(libc::SYS_readlinkat, &[AT_FIRST]),
    ask(libc::SYS_chdir, &[FIRST]),
    ask(libc::SYS_statfs, &[FIRST]),
    ask(libc::SYS_truncate, &[FIRST]),
    ask(libc::SYS_getxattr, &[FIRST]),
    ask(libc::SYS_lgetxattr, &[FIRST]),
    ask(libc::SYS_listxattr, &[FIRST]),
    ask(libc::SYS_llistxattr, &[FIRST]),
    ask(libc::SYS_setxattr, &[FIRST]),
    ask(libc::SYS_lsetxattr, &[FIRST]),
    ask(libc::SYS_removexattr, &[FIRST]),
    ask(libc::SYS_lremovexattr, &[FIRST]),
    ask(libc::SYS_inotify_add_watch, &[SECOND]),
    ask(libc::SYS_name_to_handle_at, &[AT_FIRST]),
    ask(libc::SYS_mkdirat, &[AT_FIRST]),
    ask(libc::SYS_mknodat, &[AT_FIRST]),
    ask(libc::SYS_unlinkat, &[AT_FIRST]),
    ask(libc::SYS_renameat2, &[AT_FIRST, PathArgument { directory: Some(2), path: 3 }]),
    ask(libc::SYS_linkat, &[AT_FIRST, PathArgument { directory: Some(2), path: 3 }]),
    ask(libc::SYS_symlinkat, &[PathArgument { directory: Some(1), path: 2 }]),
    ask(libc::SYS_fchmodat, &[AT_FIRST]),
    ask(FCHMODAT2, &[AT_FIRST]),
    ask(libc::SYS_fchownat, &[AT_FIRST]),
    ask(libc::SYS_utimensat, &[AT_FIRST]),
    ask(SETXATTRAT, &[AT_FIRST]),
    ask(GETXATTRAT, &[AT_FIRST]),
    ask(LISTXATTRAT, &[AT_FIRST]),
    ask(REMOVEXATTRAT, &[AT_FIRST]),
    ask(FILE_GETATTR, &[AT_FIRST]),
    ask(FILE_SETATTR, &[AT_FIRST]),
    hide(libc::SYS_io_uring_setup, "io_uring"),
    hide(libc::SYS_open_by_handle_at, "file handles"),
    hide(libc::SYS_chroot, "another root directory"),
    hide(libc::SYS_pivot_root, "another root directory"),
    hide(libc::SYS_mount, "mounts"),
    hide(libc::SYS_move_mount, "mounts"),
    hide(libc::SYS_fsmount, "mounts"),
    hide(libc::SYS_setns, "another namespace"),
];

const FCHMODAT2: c_long = 452;
const SETXATTRAT: c_long = 463;
const GETXATTRAT: c_long = 464;
const LISTXATTRAT: c_long = 465;
const REMOVEXATTRAT: c_long = 466;
const FILE_GETATTR: c_long = 468;
const FILE_SETATTR: c_long = 469;

/// Calls that newer architectures have no more.
#[cfg(target_arch = "x86_64")]
static OLD_CALLS: &[Call] = &[
    open(libc::SYS_open, &[FIRST], Some(1)),
    open(libc::SYS_creat, &[FIRST], None),
    ask(libc::SYS_stat, &[FIRST]),
    ask(libc::SYS_lstat, &[FIRST]),
    ask(libc::SYS_access, &[FIRST]),
    ask(libc::SYS_readlink, &[FIRST]),
    ask(libc::SYS_mkdir, &[FIRST]),
    ask(libc::SYS_rmdir, &[FIRST]),
    ask(libc::SYS_mknod, &[FIRST]),
    ask(libc::SYS_unlink, &[FIRST]),
    ask(libc::SYS_rename, &[FIRST, SECOND]),
    ask(libc::SYS_renameat, &[AT_FIRST, PathArgument { directory: Some(2), path: 3 }]),
    ask(libc::SYS_link, &[FIRST, SECOND]),
    ask(libc::SYS_symlink, &[SECOND]),
    ask(libc::SYS_chmod, &[FIRST]),
    ask(libc::SYS_chown, &[FIRST]),
    ask(libc::SYS_lchown, &[FIRST]),
    ask(libc::SYS_utime, &[FIRST]),
    ask(libc::SYS_utimes, &[FIRST]),
    ask(libc::SYS_futimesat, &[AT_FIRST]),
];
/// Calls that newer architectures have no more.
#[cfg(target_arch = "aarch64")]
static OLD_CALLS: &[Call] = &[];

#[cfg(test)]
mod tests {
    use super::*;

    /// What the filter answers.
    fn run(arch: u32, number: u32) -> u32 {
        let filter = filter();
        let (mut at, mut loaded) = (0, 0);
        loop {
            let step = &filter[at];
            at += 1;
            match u32::from(step.code) {
                code if code == libc::BPF_LD | libc::BPF_W | libc::BPF_ABS => {
                    loaded = if step.k as usize == offset_of!(libc::seccomp_data, arch) { arch } else { number };
                }
                code if code == libc::BPF_RET | libc::BPF_K => return step.k,
                code => {
                    let is_at_least = code == libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K;
                    let holds = if is_at_least { loaded >= step.k } else { loaded == step.k };
                    at += usize::from(if holds { step.jt } else { step.jf });
                }
            }
        }
    }

    #[test]
    fn kernel_tells_of_calls_with_paths_and_of_those_that_cannot_be_read() {
        #[track_caller]
        fn check(arch: u32, number: c_long, expected: u32) {
            assert_eq!(run(arch, number as u32), expected, "{number}");
        }
        for call in CALLS.iter().chain(OLD_CALLS) {
            check(ARCHITECTURE, call.number, libc::SECCOMP_RET_USER_NOTIF);
        }
        for number in [libc::SYS_read, libc::SYS_write, libc::SYS_mmap, libc::SYS_fstat, libc::SYS_futex] {
            check(ARCHITECTURE, number, libc::SECCOMP_RET_ALLOW);
            check(0x4000_0003, number, libc::SECCOMP_RET_USER_NOTIF); // 32-bit x86
            check(ARCHITECTURE, number | 0x4000_0000, libc::SECCOMP_RET_USER_NOTIF);
        }
    }

    #[test]
    fn each_call_is_there_once() {
        let mut numbers: Vec<c_long> = CALLS.iter().chain(OLD_CALLS).map(|call| call.number).collect();
        let count = numbers.len();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), count);
    }
}

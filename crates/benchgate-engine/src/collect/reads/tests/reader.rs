//! Reaches for a path in the way that its first argument says: `reader <way> <path>`. What it finds does not matter to it.

use std::ffi::{CString, OsString, c_char, c_int, c_long, c_void};
use std::os::fd::AsRawFd;
use std::os::unix::ffi::OsStringExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::{env, fs, ptr, thread};

unsafe extern "C" {
    fn fopen(path: *const c_char, mode: *const c_char) -> *mut c_void;
    fn opendir(path: *const c_char) -> *mut c_void;
    fn realpath(path: *const c_char, resolved: *mut c_char) -> *mut c_char;
    fn access(path: *const c_char, mode: c_int) -> c_int;
    fn openat(directory: c_int, path: *const c_char, flags: c_int) -> c_int;
    fn open64(path: *const c_char, flags: c_int) -> c_int;
    fn mmap(at: *mut c_void, length: usize, protection: c_int, flags: c_int, file: c_int, offset: i64) -> *mut c_void;
    fn glob(pattern: *const c_char, flags: c_int, failed: *mut c_void, found: *mut c_void) -> c_int;
    fn ftw(path: *const c_char, each: extern "C" fn(*const c_char, *const c_void, c_int) -> c_int, most: c_int) -> c_int;
    fn dlopen(path: *const c_char, flags: c_int) -> *mut c_void;
    fn syscall(number: c_long, ...) -> c_long;
}

extern "C" fn go_on(_: *const c_char, _: *const c_void, _: c_int) -> c_int {
    0
}

fn main() {
    let words: Vec<OsString> = env::args_os().skip(1).collect();
    let path = Path::new(&words[1]);
    let name = CString::new(words[1].clone().into_vec()).unwrap();
    let name = name.as_ptr();
    match words[0].to_str().unwrap() {
        "nothing" => {}
        "read" => drop(fs::read(path)),
        "metadata" => drop(fs::metadata(path)),
        "exists" => drop(path.exists()),
        "link" => drop(fs::read_link(path)),
        "canonical" => drop(fs::canonicalize(path)),
        "list" => drop(fs::read_dir(path).map(Iterator::count)),
        "map" => {
            let file = fs::File::open(path).unwrap();
            let mapped = unsafe { mmap(ptr::null_mut(), 1, 1, 2, file.as_raw_fd(), 0) };
            assert_ne!(unsafe { mapped.cast::<u8>().read() }, 0);
        }
        "thread" => thread::spawn({ let path = words[1].clone(); move || drop(fs::read(path)) }).join().unwrap(),
        "child" => drop(Command::new("cat").arg(path).stderr(Stdio::null()).stdout(Stdio::null()).status()),
        "grandchild" => drop(Command::new("sh").args(["-c", "sh -c 'test -e \"$0\"' \"$0\"; :"]).arg(path).status()),
        "run" => drop(Command::new(path).status()),
        "directory" => {
            env::set_current_dir(path.parent().unwrap()).unwrap();
            drop(fs::read(path.file_name().unwrap()));
        }
        "descriptor" => {
            let directory = fs::File::open(path.parent().unwrap()).unwrap();
            let name = CString::new(path.file_name().unwrap().to_owned().into_vec()).unwrap();
            unsafe { openat(directory.as_raw_fd(), name.as_ptr(), 0) };
        }
        "fopen" => drop(unsafe { fopen(name, c"r".as_ptr()) }),
        "opendir" => drop(unsafe { opendir(name) }),
        "realpath" => drop(unsafe { realpath(name, ptr::null_mut()) }),
        "access" => drop(unsafe { access(name, 0) }),
        "open64" => drop(unsafe { open64(name, 0) }),
        "glob" => drop(unsafe { glob(name, 0, ptr::null_mut(), [0_u64; 64].as_mut_ptr().cast()) }),
        "ftw" => drop(unsafe { ftw(name, go_on, 5) }),
        "dlopen" => drop(unsafe { dlopen(name, 1) }),
        #[cfg(target_arch = "x86_64")]
        "syscall" => drop(unsafe { syscall(2, name, 0) }),
        #[cfg(target_arch = "aarch64")]
        "syscall" => drop(unsafe { syscall(56, -100, name, 0) }),
        #[cfg(target_arch = "x86_64")]
        "assembly" => unsafe {
            std::arch::asm!("syscall", inlateout("rax") 21_usize => _, in("rdi") name, in("rsi") 0, out("rcx") _, out("r11") _);
        },
        #[cfg(target_arch = "aarch64")]
        "assembly" => unsafe {
            std::arch::asm!("svc 0", in("x8") 48, inlateout("x0") -100_isize => _, in("x1") name, in("x2") 0);
        },
        "own links" => drop(fs::read(Path::new("/proc/self/cwd").join(path))),
        "made" => fs::write(path, "made by the bench").unwrap(),
        "ring" => drop(unsafe { syscall(425, 0, ptr::null_mut::<c_void>()) }),
        "root" => drop(std::os::unix::fs::chroot(path)),
        "handle" => drop(unsafe { syscall(if cfg!(target_arch = "x86_64") { 304 } else { 265 }, 0, ptr::null::<c_void>(), 0) }),
        "leave" => drop(Command::new("sleep").arg("30").stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()),
        unknown => panic!("{unknown}"),
    }
}

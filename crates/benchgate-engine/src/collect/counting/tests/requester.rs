//! A program for tests of the counting library: asks for memory between readings of the clock, and prints for each section how
//! long it took, in nanoseconds.

use std::alloc::{Layout, alloc, alloc_zeroed, dealloc, realloc};
use std::hint::black_box;
use std::time::Instant;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words[0].as_str() {
        "requests" => {
            section(|| ());
            section(|| drop(black_box(Box::new([1_u8; 48]))));
            section(|| asked(Layout::new::<[u64; 3]>()));
            section(zeroed);
            section(shrunk);
            section(|| asked(Layout::from_size_align(256, 64).expect("a power of two")));
        }
        "threads" => {
            for blocks in [0, 3, 1] {
                section(|| {
                    let other = std::thread::spawn(move || (0..blocks).for_each(|_| drop(black_box(Box::new([0_u8; 10])))));
                    other.join().expect("it does not panic");
                });
            }
        }
        "environment" => {
            for name in ["LD_PRELOAD", "BENCHGATE_COUNTING"] {
                println!("{}", u8::from(std::env::var_os(name).is_some()));
            }
        }
        unknown => panic!("unknown mode `{unknown}`"),
    }
}

/// Times one section; printing it allocates outside.
fn section(run: impl FnOnce()) {
    let start = Instant::now();
    run();
    let time = start.elapsed();
    println!("{}", time.as_nanos());
}

fn asked(layout: Layout) {
    // SAFETY: no layout here is empty; freed with the same one.
    unsafe { dealloc(black_box(alloc(layout)), layout) };
}

fn shrunk() {
    let layout = Layout::new::<[u8; 100]>();
    // SAFETY: not empty, and freed with the layout that it has then.
    unsafe {
        let block = black_box(realloc(black_box(alloc(layout)), layout, 40));
        dealloc(block, Layout::new::<[u8; 40]>());
    }
}

fn zeroed() {
    let layout = Layout::new::<[u8; 1000]>();
    // SAFETY: not empty, and freed with the same layout.
    unsafe { dealloc(black_box(alloc_zeroed(layout)), layout) };
}

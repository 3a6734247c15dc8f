use super::*;
use crate::preload::end::mark;
use crate::preload::learning::log::MARKS_NOTED;
use benchgate_core::model::Sample;

const NOW: usize = 0x1000;
const START: usize = 0x2000;
const END: usize = 0x2100;
const AFTER: usize = 0x2200;

/// A reading of a clock, made from these addresses so many words up the stack.
fn entry(clock: u64, nanos: u64, callers: &[(usize, usize)]) -> Entry {
    let mut marks = [0; MARKS_NOTED];
    for (place, &(slot, address)) in marks.iter_mut().zip(callers) {
        *place = mark(slot, address);
    }
    Entry { nanos, clock, marks }
}

fn samples(nanos: &[u64]) -> Samples {
    Samples::new(nanos.iter().map(|&nanos| Sample { iterations: 10.0, nanos: nanos as f64 }).collect()).unwrap()
}

/// What Criterion's `iter` reads for samples of so many nanoseconds, if the readings around the section, and those around all,
/// are made from these addresses.
fn iter(nanos: &[u64], callers: impl Fn(usize, usize) -> Vec<(usize, usize)>) -> Vec<Entry> {
    let mut now = 1_000;
    let mut log = Vec::new();
    for (sample, nanos) in nanos.iter().enumerate() {
        for (reading, gap) in [(0, 500), (1, 30), (2, *nanos), (3, 40)] {
            now += gap;
            log.push(entry(MONOTONIC, now, &callers(sample, reading)));
        }
    }
    log
}

const TIMES: [u64; 10] = [1001, 2003, 3001, 4007, 5003, 6011, 7001, 8009, 9001, 10_007];

#[track_caller]
fn check(log: Vec<Entry>, expected: &Lesson) {
    assert_eq!(&Lesson::of(&Noted::All(log), &samples(&TIMES)), expected);
}

#[test]
fn call_that_ends_a_section_is_told_from_all_others() {
    let place = |reading: usize| [START, START + 8, END, AFTER][reading];
    let expected = Lesson::Ends(vec![mark(6, END)]);
    // Inlined: four calls of one function.
    check(iter(&TIMES, |_, reading| vec![(0, NOW), (6, place(reading))]), &expected);
    // `elapsed` is a function of its own, which makes the reading behind the section as well.
    let of_elapsed = |reading: usize| [START, START + 8, END, END][reading];
    check(iter(&TIMES, |_, reading| vec![(0, NOW), (6, of_elapsed(reading)), (12, place(reading))]), &expected);
    // What other calls left on the stack now and then.
    let left = |sample: usize| (4, [END, AFTER, START][sample % 3]);
    check(iter(&TIMES, |sample, reading| vec![(0, NOW), left(sample), (6, place(reading))]), &expected);
    // The same address further down is another place.
    check(iter(&TIMES, |_, reading| vec![(0, END), (6, place(reading))]), &expected);
}

#[test]
fn sections_that_end_at_several_places_have_several_marks() {
    let place = |sample: usize, reading: usize| [START, START, END + 8 * (sample % 2), AFTER][reading];
    let expected = Lesson::Ends(vec![mark(6, END), mark(6, END + 8)]);
    check(iter(&TIMES, |sample, reading| vec![(6, place(sample, reading))]), &expected);
    // Ten places are more than a compiler makes of one bench: nothing is known.
    let many = |sample: usize, reading: usize| [START, START, END + 8 * sample, AFTER][reading];
    check(iter(&TIMES, |sample, reading| vec![(6, many(sample, reading))]), &Lesson::Unknown);
}

#[test]
fn ends_that_are_read_from_where_starts_are_teach_nothing() {
    check(iter(&TIMES, |_, _| vec![(0, NOW), (6, START)]), &Lesson::Unknown);
    check(iter(&TIMES, |_, _| Vec::new()), &Lesson::Unknown);
    check(Vec::new(), &Lesson::Foreign(Foreign::Other));
    assert_eq!(Lesson::of(&Noted::Last(Vec::new()), &samples(&TIMES)), Lesson::Unknown);
    assert_eq!(Lesson::of(&Noted::NotJoined, &samples(&TIMES)), Lesson::Unknown);
}

#[test]
fn sections_with_set_up_between_them_end_where_each_ends() {
    let mut log = Vec::new();
    let mut now = 1_000;
    let mut read = |gap: u64, address: usize| {
        now += gap;
        log.push(entry(MONOTONIC, now, &[(0, NOW), (6, address)]));
    };
    for nanos in TIMES {
        read(700, START);
        for part in [nanos / 3, nanos / 4, nanos - nanos / 3 - nanos / 4] {
            read(900, START + 8);
            read(part, END);
        }
        read(50, AFTER);
    }
    check(log, &Lesson::Ends(vec![mark(6, END)]));
}

#[test]
fn times_of_another_clock_are_said_to_be_its_own() {
    let real = iter(&TIMES.map(|nanos| nanos + 5), |_, _| vec![(0, NOW)]);
    let calendar = iter(&TIMES, |_, reading| vec![(0, NOW), (3, START + 8 * reading)]);
    let both = real.into_iter().zip(calendar);
    let log = both.flat_map(|(real, calendar)| [real, Entry { clock: CALENDAR, ..calendar }]).collect();
    check(log, &Lesson::Foreign(Foreign::System(CALENDAR)));
    assert!(Foreign::System(CALENDAR).to_string().contains("`SystemTime`"));
    assert!(Foreign::Other.to_string().contains("`rdtsc`"));
}

#[test]
fn median_tells_which_readings_were_samples() {
    let mut log = vec![entry(MONOTONIC, 10, &[(0, NOW), (6, END)]); 7];
    let mut now = 1_000;
    for nanos in TIMES {
        for (gap, address) in [(300, START), (nanos, END)] {
            now += gap;
            log.push(entry(MONOTONIC, now, &[(0, NOW), (6, address)]));
        }
    }
    let noted = Noted::All(log);
    let told = |nanos: u64| Lesson::of_median(&noted, &samples(&[nanos]), TIMES.len());
    assert_eq!(told(5900), Lesson::Ends(vec![mark(6, END)]));
    assert_eq!(told(9000), Lesson::Unknown);
    assert_eq!(Lesson::of_median(&noted, &samples(&[5900]), 100), Lesson::Unknown);
}

#[test]
fn lessons_are_shared_by_copies_and_joined_for_a_process() {
    let bench = |name: &str| Listed { group: name.into(), function: None, value: None, throughput: None };
    let (all, known) = (Lessons::default(), [bench("a"), bench("b"), bench("c")]);
    let copy = all.clone();
    copy.keep(&known[0], Lesson::Ends(vec![5, 3]));
    copy.keep(&known[1], Lesson::Ends(vec![3, 7]));
    copy.keep(&known[2], Lesson::Unknown);
    assert_eq!(all.marks(&known), BTreeSet::from([3, 5, 7]));
    assert!(all.know_ends(&known[0]) && !all.know_ends(&known[2]) && all.of(&bench("d")).is_none());
}

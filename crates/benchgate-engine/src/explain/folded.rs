//! Folded stacks of two sides -> one list of stacks with the counts of both. inferno merges them.

use inferno::differential;

use super::names::timed;
use benchgate_core::model::{Stack, Stacks, Unit};

/// Folded stacks of base and candidate: `outermost;…;innermost count`, a line a stack, from the timed routine inwards.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Folded {
    /// Text of base and candidate.
    pub sides: [String; 2],
}

/// Stacks that are kept; what is left out is rarer than any that is kept.
const KEPT: usize = 4000;

impl Folded {
    /// Adds what a side gave, cut down to the timed routine. `named` says what a frame is called.
    pub(super) fn add(&mut self, side: usize, text: &str, named: impl Fn(&str) -> String) {
        for line in text.lines() {
            let Some((stack, count)) = line.rsplit_once(' ') else { continue };
            let frames: Vec<String> = stack.split(';').map(&named).collect();
            let frames: Vec<&str> = frames.iter().map(String::as_str).collect();
            if let (Some(frames), Ok(count)) = (timed(&frames), count.parse::<u64>()) {
                self.sides[side] += &format!("{} {count}\n", frames.join(";"));
            }
        }
    }

    /// Both sides stack by stack.
    pub(super) fn compared(&self, how: String, unit: Unit) -> Result<Stacks, String> {
        let [base, candidate] = &self.sides;
        let mut merged = Vec::new();
        let options = differential::Options::default();
        differential::from_readers(options, base.as_bytes(), candidate.as_bytes(), &mut merged)
            .map_err(|error| format!("its stacks cannot be read: {error}"))?;
        let text = String::from_utf8_lossy(&merged);
        let mut stacks: Vec<Stack> = text.lines().filter_map(stack).collect();
        if stacks.is_empty() {
            return Err("nothing of the timed routine was seen on either side".into());
        }
        stacks.sort_by(|a, b| b.counts.iter().max().cmp(&a.counts.iter().max()).then_with(|| a.frames.cmp(&b.frames)));
        stacks.truncate(KEPT);
        stacks.sort_by(|a, b| a.frames.cmp(&b.frames));
        Ok(Stacks { how, unit, stacks })
    }
}

/// `a;b 3 5`.
fn stack(line: &str) -> Option<Stack> {
    let (rest, candidate) = line.rsplit_once(' ')?;
    let (frames, base) = rest.rsplit_once(' ')?;
    let counts = [base.parse().ok()?, candidate.parse().ok()?];
    Some(Stack { frames: frames.split(';').map(String::from).collect(), counts })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::explain::names::name;

    #[test]
    fn turns_and_sides_are_merged_stack_by_stack() {
        let mut folded = Folded::default();
        folded.add(0, "main;Bencher<M>::iter;t::all;a::sum 3\nmain;criterion::other 9\n", name);
        folded.add(0, "main;Bencher<M>::iter;t::all;a::sum 4\n", name);
        folded.add(
            1,
            "main;Bencher<M>::iter;t::all;a::sum::h0123456789abcdef 5\nmain;Bencher<M>::iter;t::all 1\nrubbish\n",
            name,
        );
        let stacks = folded.compared("how".into(), Unit::Samples).unwrap();
        let found: Vec<(String, [u64; 2])> =
            stacks.stacks.iter().map(|one| (one.frames.join(";"), one.counts)).collect();
        assert_eq!(found, [("t::all".into(), [0, 1]), ("t::all;a::sum".into(), [7, 5])]);
        assert_eq!(stacks.totals(), [7, 6]);
        assert_eq!(folded.sides[1], "t::all;a::sum 5\nt::all 1\n");
    }

    #[test]
    fn nothing_seen_is_no_profile() {
        assert!(Folded::default().compared(String::new(), Unit::Samples).is_err());
    }

    proptest! {
        #[test]
        fn no_text_panics(base in ".{0,200}", candidate in ".{0,200}") {
            let mut folded = Folded::default();
            folded.add(0, &base, name);
            folded.add(1, &format!("main;Bencher::iter;{candidate} 3\n"), name);
            folded.compared(String::new(), Unit::Samples).ok();
        }
    }
}

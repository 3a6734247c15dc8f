//! One benchmark while its pairs are taken.

use super::Rule;
use super::coexistence::Coexistence;
use crate::collect::{Cpus, Doubt, Effort, Grain, Interleaving, Reading};
use benchgate_core::model::{Failure, Pair, Paired};

/// How sides are interleaved that cannot live at once, and why.
pub const ONE_AT_A_TIME: &str = "one process at a time: the sides cannot live at once";

/// What was believed, doubted and failed so far, and what a process is told to do next.
#[derive(Clone, Debug)]
pub struct Trial {
    rule: Rule,
    /// What a process is told to do for it next.
    pub effort: Effort,
    /// Those that were believed.
    pub pairs: Vec<Pair>,
    /// Those that count: what passed when the sides took turns process by process is none.
    pub failures: Vec<Failure>,
    doubted: usize,
    coexistence: Coexistence,
    /// How its last pair was interleaved.
    interleaving: Option<Interleaving>,
    /// Why not in lockstep.
    fallback: Option<String>,
}

/// What became of a reading.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Taken {
    /// It is the last of the pairs.
    Believed,
    /// Both sides gave samples that must not be compared; it is measured again.
    Doubted,
    /// A side failed.
    Failed,
}

impl Trial {
    /// Nothing is measured yet; `is_exclusive` is what the configuration says of its sides.
    pub fn new(rule: Rule, mut effort: Effort, is_exclusive: bool) -> Self {
        let coexistence = Coexistence::new(is_exclusive, &mut effort);
        let (pairs, failures) = (Vec::new(), Vec::new());
        Self { rule, effort, pairs, failures, doubted: 0, coexistence, interleaving: None, fallback: None }
    }

    /// The same benchmark before pairs of another kind.
    pub fn anew(&self, rule: Rule) -> Self {
        let (pairs, failures) = (Vec::new(), Vec::new());
        Self { rule, pairs, failures, doubted: 0, ..self.clone() }
    }

    /// What a look at it showed: the effort that fits, and why it cannot be measured in lockstep.
    pub fn fit(&mut self, fitting: Effort, fallback: Option<String>) {
        self.effort = Effort { grain: self.effort.grain.max(fitting.grain), ..fitting };
        self.fallback = fallback;
    }

    /// Takes in what a pair of processes gave. Which side a doubt or a failure favours is not looked at.
    pub fn take(&mut self, reading: Reading, order: u64) -> Taken {
        self.interleaving = Some(reading.interleaving);
        let Reading { first, conditions, .. } = reading;
        match (reading.base, reading.candidate) {
            (Ok(base), Ok(candidate)) => {
                self.failures.extend(self.coexistence.passed(&mut self.effort));
                if let Some(doubt) = reading.doubt {
                    self.doubt(doubt);
                    return Taken::Doubted;
                }
                self.pairs.push(Pair { order, first, base, candidate, conditions });
                Taken::Believed
            }
            (Err(failure), _) | (_, Err(failure)) => {
                let failed = self.failures.len() + 1;
                let is_doubtful = self.pairs.is_empty() || self.rule.gives_up(failed, self.pairs.len());
                self.failures.extend(self.coexistence.failed(failure, &mut self.effort, is_doubtful));
                Taken::Failed
            }
        }
    }

    /// Where measuring again is no remedy, or was none, the sides take turns bench by bench from now on.
    fn doubt(&mut self, doubt: Doubt) {
        match doubt {
            Doubt::Deadlines => {
                self.effort.dilation = 1;
                return;
            }
            Doubt::Threads(_) => {
                self.doubted += 1;
                self.effort.cpus = Cpus::All;
                return;
            }
            Doubt::Iterations(_) if !self.rule.doubts_iterations => return,
            Doubt::Iterations(_) | Doubt::NotJoined | Doubt::FewTurns(_) | Doubt::Stray(_) | Doubt::OutOfStep => {}
        }
        self.doubted += 1;
        let is_often = self.rule.is_doubtful(self.doubted, self.pairs.len(), self.effort.dilation);
        if doubt.is_lasting() || is_often {
            self.effort.grain = self.effort.grain.max(Grain::Bench);
            self.fallback.get_or_insert_with(|| doubt.to_string());
        }
    }

    /// Failed too often to go on.
    pub fn is_given_up(&self) -> bool {
        self.rule.gives_up(self.failures.len(), self.pairs.len())
    }

    /// Whether the sides cannot live at once.
    pub fn is_apart(&self) -> bool {
        self.coexistence.is_apart()
    }

    /// How its sides failed while both lived, where they were seen not to be able to.
    pub fn exclusion(&self) -> Option<&Failure> {
        self.coexistence.exclusion()
    }

    /// Why its sides were not interleaved in lockstep.
    pub fn fallback(&self) -> Option<&str> {
        self.fallback.as_deref().filter(|_| !self.is_apart())
    }

    /// How its sides were interleaved, in words.
    pub fn interleaving(&self) -> String {
        let how = match self.interleaving {
            Some(_) if self.is_apart() => ONE_AT_A_TIME.to_owned(),
            how => how.map_or_else(String::new, |how| how.to_string()),
        };
        let how = match self.effort.cpus {
            Cpus::One => how,
            Cpus::All => format!("{how}, on all processors"),
        };
        match self.fallback() {
            Some(why) => Paired::apart(&how, why),
            None => how,
        }
    }

    /// The failure that says why there is no pair, one that nothing has been tried about yet included.
    pub fn into_failure(self) -> Option<Failure> {
        self.failures.into_iter().next().or(self.coexistence.into_pending())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::{CLAIMS, LINK_ORDERS, RECORDINGS, SERIES};
    use benchgate_core::model::{Conditions, FailureKind, Sample, Samples, Side};

    fn samples() -> Samples {
        Samples::new(vec![Sample { iterations: 1.0, nanos: 10.0 }]).unwrap()
    }

    fn reading(doubt: Option<Doubt>) -> Reading {
        Reading {
            index: 0,
            first: Side::Base,
            base: Ok(samples()),
            candidate: Ok(samples()),
            conditions: Conditions::default(),
            interleaving: Interleaving::Benches,
            doubt,
        }
    }

    fn failing(side: Side) -> Reading {
        let failure = Failure { side, kind: FailureKind::Crashed, message: "no".into() };
        match side {
            Side::Base => Reading { base: Err(failure), ..reading(None) },
            Side::Candidate => Reading { candidate: Err(failure), ..reading(None) },
        }
    }

    /// One letter a reading: a pair, a doubt that passes, one that lasts, of threads, of deadlines or of iterations, a failure.
    fn run(rule: Rule, effort: Effort, letters: &str) -> Trial {
        let mut trial = Trial::new(rule, effort, false);
        for (order, letter) in letters.chars().enumerate() {
            let reading = match letter {
                'p' => reading(None),
                'd' => reading(Some(Doubt::Stray(0.5))),
                'l' => reading(Some(Doubt::NotJoined)),
                't' => reading(Some(Doubt::Threads(3))),
                's' => reading(Some(Doubt::Deadlines)),
                'i' => reading(Some(Doubt::Iterations(9.0))),
                'b' => failing(Side::Base),
                _ => failing(Side::Candidate),
            };
            trial.take(reading, order as u64);
        }
        trial
    }

    #[test]
    fn doubts_end_lockstep_when_they_last_or_come_often() {
        #[track_caller]
        fn check(rule: Rule, letters: &str, grain: Grain) {
            assert_eq!(run(rule, Effort::LOOK, letters).effort.grain, grain, "{letters}");
        }
        for rule in [SERIES, LINK_ORDERS, RECORDINGS, CLAIMS] {
            check(rule, "ppp", Grain::Turn);
            check(rule, "dd", Grain::Turn);
            check(rule, "ddd", Grain::Bench);
            check(rule, &("p".repeat(12) + "ddd"), Grain::Turn);
            check(rule, "l", Grain::Bench);
            check(rule, "tt", Grain::Turn);
        }
        check(SERIES, "iii", Grain::Bench);
        check(CLAIMS, "iii", Grain::Bench);
        check(RECORDINGS, "iii", Grain::Turn);
    }

    #[test]
    fn fast_clocks_have_more_patience() {
        let fast = Effort { dilation: 16, ..Effort::LOOK };
        for rule in [SERIES, LINK_ORDERS, RECORDINGS, CLAIMS] {
            assert_eq!(run(rule, fast, &"d".repeat(11)).effort.grain, Grain::Turn);
            assert_eq!(run(rule, fast, &"d".repeat(12)).effort.grain, Grain::Bench);
        }
        assert_eq!(run(SERIES, fast, "s").effort.dilation, 1, "it waits for deadlines");
    }

    #[test]
    fn threads_get_all_processors() {
        assert_eq!(run(CLAIMS, Effort { cpus: Cpus::One, ..Effort::LOOK }, "t").effort.cpus, Cpus::All);
    }

    #[test]
    fn a_doubted_pair_is_none_and_a_failed_one_is_forgiven_once() {
        let trial = run(CLAIMS, Effort::LOOK, "pdppppfpp");
        assert_eq!((trial.pairs.len(), trial.failures.len(), trial.is_given_up()), (7, 1, false));
        // A failed one of eight is tried apart first; what fails alone as well has failed.
        for rule in [SERIES, RECORDINGS, CLAIMS] {
            assert!(run(rule, Effort::LOOK, "ff").is_given_up(), "{rule:?}");
        }
    }

    #[test]
    fn which_side_failed_is_not_looked_at() {
        for rule in [SERIES, LINK_ORDERS, RECORDINGS, CLAIMS] {
            for letters in ["pf", "ff", "fp", "ppppppppppppf", "fpfpfp"] {
                let (left, right) =
                    (run(rule, Effort::LOOK, &letters.replace('f', "b")), run(rule, Effort::LOOK, letters));
                assert_eq!(left.effort, right.effort, "{letters}");
                assert_eq!(
                    (left.pairs.len(), left.failures.len()),
                    (right.pairs.len(), right.failures.len()),
                    "{letters}"
                );
            }
        }
    }
}

//! Proposes tests for a list of elements.
//!
//! The kinds of tests, their confidences, and the durations of button, text, accessibility and performance tests are those of
//! the Panoptic testing framework's generator; the other durations and all priorities are ours. The plan is sorted by priority,
//! then by confidence, both falling; equals stay in the order of the elements. Nothing here runs a test.

use super::vision::{Element, Kind};
use std::time::Duration;

/// How much an action list grows with the number of elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Complexity {
    /// Up to 20 elements.
    Low,
    /// 21 to 50 elements.
    Medium,
    /// More than 50 elements.
    High,
}

/// What a proposed test exercises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Press a button or fill a field.
    Interaction,
    /// Follow a link or a picture.
    Navigation,
    /// Fill and send a form.
    Form,
    /// Enter what a field should refuse.
    Validation,
    /// See how the page bears failure.
    ErrorHandling,
    /// Walk the page without a mouse.
    Accessibility,
    /// Time the first buttons.
    Performance,
}

/// How urgent a test is; the higher comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Priority {
    /// Nice to have.
    Low,
    /// Normal.
    Medium,
    /// First.
    High,
}

/// A proposed test.
#[derive(Debug, Clone, PartialEq)]
pub struct ProposedTest {
    /// What it exercises.
    pub purpose: Purpose,
    /// How urgent it is.
    pub priority: Priority,
    /// How sure the generator is that it makes sense, from 0 to 1.
    pub confidence: f64,
    /// How long it should take.
    pub duration: Duration,
    /// Index of the element that it is about; `None` for the page as a whole.
    pub element: Option<usize>,
}

/// What a page holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// Buttons.
    pub buttons: usize,
    /// Texts and fields.
    pub texts: usize,
    /// Pictures.
    pub images: usize,
    /// Links.
    pub links: usize,
    /// Forms.
    pub forms: usize,
}

impl Counts {
    /// Counts `elements` by kind.
    pub fn of(elements: &[Element]) -> Counts {
        let mut counts = Counts::default();
        for element in elements {
            *match element.kind {
                Kind::Button => &mut counts.buttons,
                Kind::Text => &mut counts.texts,
                Kind::Image => &mut counts.images,
                Kind::Link => &mut counts.links,
                Kind::Form => &mut counts.forms,
            } += 1;
        }
        counts
    }

    /// All elements.
    pub const fn total(self) -> usize {
        self.buttons + self.texts + self.images + self.links + self.forms
    }

    /// Low, above 20 elements medium, above 50 high.
    pub const fn complexity(self) -> Complexity {
        match self.total() {
            0..=20 => Complexity::Low,
            21..=50 => Complexity::Medium,
            _ => Complexity::High,
        }
    }
}

/// Proposes tests. It holds nothing but its rules, which are constants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TestGenerator;

/// Buttons that the performance test presses at most.
const TIMED_BUTTONS: usize = 5;

impl TestGenerator {
    /// All tests for `elements`, most urgent first.
    pub fn propose(&self, elements: &[Element]) -> Vec<ProposedTest> {
        let mut tests = Vec::with_capacity(2 * elements.len() + 2);
        for (index, element) in elements.iter().enumerate() {
            propose_for(index, element.kind, &mut tests);
        }
        let timed = elements.iter().enumerate().filter(|(_, element)| element.kind == Kind::Button).take(TIMED_BUTTONS);
        tests.extend(timed.map(|(index, _)| test(Purpose::Performance, Priority::Low, 0.60, 15, Some(index))));
        if !elements.is_empty() {
            tests.push(test(Purpose::ErrorHandling, Priority::Medium, 0.70, 5, None));
            tests.push(test(Purpose::Accessibility, Priority::Low, 0.65, 10, None));
        }
        tests.sort_by(|a, b| b.priority.cmp(&a.priority).then(b.confidence.total_cmp(&a.confidence)));
        tests
    }
}

/// The tests that one element calls for.
fn propose_for(index: usize, kind: Kind, tests: &mut Vec<ProposedTest>) {
    let element = Some(index);
    match kind {
        Kind::Button => tests.push(test(Purpose::Interaction, Priority::High, 0.85, 2, element)),
        Kind::Text => {
            tests.push(test(Purpose::Interaction, Priority::Medium, 0.80, 3, element));
            tests.push(test(Purpose::Validation, Priority::Medium, 0.75, 3, element));
        }
        Kind::Link => tests.push(test(Purpose::Navigation, Priority::Medium, 0.75, 3, element)),
        Kind::Image => tests.push(test(Purpose::Navigation, Priority::Low, 0.70, 3, element)),
        Kind::Form => tests.push(test(Purpose::Form, Priority::High, 0.82, 5, element)),
    }
}

fn test(purpose: Purpose, priority: Priority, confidence: f64, seconds: u64, element: Option<usize>) -> ProposedTest {
    ProposedTest { purpose, priority, confidence, duration: Duration::from_secs(seconds), element }
}

#[cfg(test)]
mod tests {
    use super::{Complexity, Counts, Priority, Purpose, TestGenerator};
    use crate::analysis::vision::{Bounds, Element, Kind};

    fn page(kinds: &[(Kind, usize)]) -> Vec<Element> {
        let bounds = Bounds { x: 0, y: 0, width: 1, height: 1 };
        let element = |kind| Element { kind, text: String::new(), bounds };
        kinds.iter().flat_map(|&(kind, count)| std::iter::repeat_with(move || element(kind)).take(count)).collect()
    }

    #[track_caller]
    fn check(kinds: &[(Kind, usize)], expected: &[(Purpose, usize)]) {
        let tests = TestGenerator.propose(&page(kinds));
        for (purpose, count) in expected {
            assert_eq!(tests.iter().filter(|test| test.purpose == *purpose).count(), *count, "{purpose:?}");
        }
        assert_eq!(tests.len(), expected.iter().map(|(_, count)| count).sum::<usize>());
        assert!(tests.is_sorted_by(|a, b| (a.priority, a.confidence) >= (b.priority, b.confidence)));
    }

    #[test]
    fn every_kind_has_its_tests() {
        let page_tests = [(Purpose::ErrorHandling, 1), (Purpose::Accessibility, 1)];
        check(&[], &[]);
        check(
            &[(Kind::Button, 7)],
            &[&page_tests[..], &[(Purpose::Interaction, 7), (Purpose::Performance, 5)]].concat(),
        );
        check(&[(Kind::Text, 2)], &[&page_tests[..], &[(Purpose::Interaction, 2), (Purpose::Validation, 2)]].concat());
        let mixed = [(Kind::Link, 1), (Kind::Image, 2), (Kind::Form, 1)];
        check(&mixed, &[&page_tests[..], &[(Purpose::Navigation, 3), (Purpose::Form, 1)]].concat());
    }

    #[test]
    fn the_surest_of_the_most_urgent_comes_first() {
        let tests = TestGenerator.propose(&page(&[(Kind::Image, 1), (Kind::Form, 1), (Kind::Button, 1)]));
        assert_eq!((tests[0].purpose, tests[0].element), (Purpose::Interaction, Some(2)));
        assert_eq!((tests[1].purpose, tests[1].priority), (Purpose::Form, Priority::High));
        assert_eq!(tests.last().map(|test| test.purpose), Some(Purpose::Performance));
    }

    #[test]
    fn complexity_steps_above_20_and_50() {
        let complexity = |buttons| Counts::of(&page(&[(Kind::Button, buttons)])).complexity();
        assert_eq!(
            [20, 21, 50, 51].map(complexity),
            [Complexity::Low, Complexity::Medium, Complexity::Medium, Complexity::High]
        );
    }
}

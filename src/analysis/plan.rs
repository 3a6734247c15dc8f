//! Proposes tests for a list of elements, by [rules](super::rule).
//!
//! The plan is in order of priority, then of confidence, both falling; the tests of one rule stay in the order of the elements.
//! Nothing here runs a test. A plan is one allocation; each rule goes once through the elements.

use super::rule::{About, Rule};
use super::vision::{Element, Kind};
use std::sync::Arc;

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

/// A proposed test.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ProposedTest<'g> {
    /// What it does and why, as the generator's rule has it.
    pub rule: &'g Rule,
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

/// Proposes tests by rules. A clone shares them.
///
/// ```
/// use perfblocks::analysis::plan::TestGenerator;
/// use perfblocks::analysis::rule::{Purpose, Step};
/// use perfblocks::analysis::vision::{Bounds, Element, Kind};
/// let bounds = Bounds { x: 0, y: 0, width: 90, height: 20 };
/// let generator = TestGenerator::default();
/// let tests = generator.propose(&[Element { kind: Kind::Button, text: "Save".into(), bounds }]);
/// assert_eq!((tests[0].rule.purpose, tests[0].element), (Purpose::Interaction, Some(0)));
/// assert_eq!(tests[0].rule.steps, [Step::Click]);
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct TestGenerator {
    /// Most urgent first, so that their tests need no sorting.
    rules: Arc<[Rule]>,
}

impl Default for TestGenerator {
    /// With the rules of the original.
    fn default() -> TestGenerator {
        TestGenerator::new(Rule::originals())
    }
}

impl TestGenerator {
    /// One that goes by `rules`.
    pub fn new(mut rules: Vec<Rule>) -> TestGenerator {
        rules.sort_by(|a, b| b.priority.cmp(&a.priority).then(b.confidence.total_cmp(&a.confidence)));
        TestGenerator { rules: rules.into() }
    }

    /// All tests for `elements`, most urgent first.
    pub fn propose(&self, elements: &[Element]) -> Vec<ProposedTest<'_>> {
        let mut tests = Vec::with_capacity(2 * elements.len() + self.rules.len());
        for rule in &*self.rules {
            let (kind, most) = match rule.about {
                About::Each(kind) => (kind, usize::MAX),
                About::First(kind, most) => (kind, most),
                About::Page if elements.is_empty() => continue,
                About::Page => {
                    tests.push(ProposedTest { rule, element: None });
                    continue;
                }
            };
            let of_kind = elements.iter().enumerate().filter(|(_, element)| element.kind == kind).take(most);
            tests.extend(of_kind.map(|(index, _)| ProposedTest { rule, element: Some(index) }));
        }
        tests
    }

    /// Its rules, most urgent first.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    pub(crate) fn memory_usage(&self) -> usize {
        size_of_val(&*self.rules) + self.rules.iter().map(Rule::memory_usage).sum::<usize>()
    }
}

#[cfg(test)]
mod tests {
    use super::{Complexity, Counts, TestGenerator};
    use crate::analysis::rule::{About, Priority, Purpose, Rule};
    use crate::analysis::vision::{Bounds, Element, Kind};

    fn page(kinds: &[(Kind, usize)]) -> Vec<Element> {
        let bounds = Bounds { x: 0, y: 0, width: 1, height: 1 };
        let element = |kind| Element { kind, text: String::new(), bounds };
        kinds.iter().flat_map(|&(kind, count)| std::iter::repeat_with(move || element(kind)).take(count)).collect()
    }

    #[track_caller]
    fn check(kinds: &[(Kind, usize)], expected: &[(Purpose, usize)]) {
        let generator = TestGenerator::default();
        let tests = generator.propose(&page(kinds));
        for (purpose, count) in expected {
            assert_eq!(tests.iter().filter(|test| test.rule.purpose == *purpose).count(), *count, "{purpose:?}");
        }
        assert_eq!(tests.len(), expected.iter().map(|(_, count)| count).sum::<usize>());
        assert!(
            tests.is_sorted_by(|a, b| (a.rule.priority, a.rule.confidence) >= (b.rule.priority, b.rule.confidence))
        );
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
        let generator = TestGenerator::default();
        let tests = generator.propose(&page(&[(Kind::Image, 1), (Kind::Form, 1), (Kind::Button, 1)]));
        assert_eq!((tests[0].rule.purpose, tests[0].element), (Purpose::Interaction, Some(2)));
        assert_eq!((tests[1].rule.purpose, tests[1].rule.priority), (Purpose::Form, Priority::High));
        assert_eq!(tests.last().map(|test| test.rule.purpose), Some(Purpose::Performance));
    }

    #[test]
    fn tests_of_one_rule_stay_in_the_order_of_the_elements() {
        let generator = TestGenerator::default();
        let tests = generator.propose(&page(&[(Kind::Button, 3), (Kind::Link, 1), (Kind::Button, 4)]));
        let of =
            |purpose| tests.iter().filter(move |test| test.rule.purpose == purpose).filter_map(|test| test.element);
        assert_eq!(of(Purpose::Interaction).collect::<Vec<_>>(), [0, 1, 2, 4, 5, 6, 7]);
        assert_eq!(of(Purpose::Performance).collect::<Vec<_>>(), [0, 1, 2, 4, 5]);
    }

    #[test]
    fn other_rules_make_other_plans() {
        let rule = |about, confidence| Rule { about, confidence, ..Rule::originals().swap_remove(0) };
        let rules =
            vec![rule(About::Page, 0.1), rule(About::First(Kind::Link, 2), 0.9), rule(About::Each(Kind::Text), 0.5)];
        let generator = TestGenerator::new(rules);
        let tests = generator.propose(&page(&[(Kind::Text, 1), (Kind::Link, 3)]));
        let seen: Vec<_> = tests.iter().map(|test| (test.rule.confidence, test.element)).collect();
        assert_eq!(seen, [(0.9, Some(1)), (0.9, Some(2)), (0.5, Some(0)), (0.1, None)]);
        assert_eq!(TestGenerator::new(Vec::new()).propose(&page(&[(Kind::Text, 1)])), []);
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

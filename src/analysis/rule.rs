//! What tests a generator proposes, and for which elements.
//!
//! The purposes, confidences and steps of [`Rule::originals`], and the durations of button, text, accessibility and performance
//! tests, are those of vasic-digital/Panoptic (`internal/ai/testgen.go`); the other durations and all priorities are ours. There
//! they are code, and make one test for all elements of a kind; here they are data, and a test is about one element.

use super::vision::Kind;
use std::time::Duration;

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

/// What a rule makes a test for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum About {
    /// Each element of a kind.
    Each(Kind),
    /// The first elements of a kind, so many at most.
    First(Kind, usize),
    /// The page as a whole, if there is anything on it.
    Page,
}

/// A step of a test, done to its element, or to the page where the test is about that.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Step {
    /// Press it.
    Click,
    /// Press it many times in a row.
    RapidClick,
    /// Put a text in.
    Fill(String),
    /// Send what was filled in.
    Submit,
    /// Go on to the next element by the keyboard, until all were reached.
    Tab,
    /// Give the page time to react.
    Wait(Duration),
}

/// What to propose. Any value is valid; a confidence that is no number sorts as `f64::total_cmp` has it.
#[derive(Debug, Clone, PartialEq)]
pub struct Rule {
    /// What the tests exercise.
    pub purpose: Purpose,
    /// What they are made for.
    pub about: About,
    /// How urgent they are.
    pub priority: Priority,
    /// How sure it is that they make sense, from 0 to 1.
    pub confidence: f64,
    /// How long one should take.
    pub duration: Duration,
    /// What is done, in this order.
    pub steps: Vec<Step>,
}

/// Buttons that are pressed in a hurry at most.
const TIMED_BUTTONS: usize = 5;
/// What a page is given to react to input that it should refuse.
const REACTION: Duration = Duration::from_secs(1);
/// What is put into fields: no word, so that a page that stores it shows where.
const TEXT: &str = "test_input";
/// Characters that a page must not take for its own.
const SPECIAL: &str = "@#$%^&*()_+!~`";

impl Rule {
    /// The rules of the original.
    pub fn originals() -> Vec<Rule> {
        use About::{Each, First, Page};
        use Priority::{High, Low, Medium};
        use Step::{Click, Fill, RapidClick, Submit, Tab, Wait};
        let rule = |purpose, about, priority, confidence, seconds, steps: &[Step]| Rule {
            purpose,
            about,
            priority,
            confidence,
            duration: Duration::from_secs(seconds),
            steps: steps.to_vec(),
        };
        let fill = |text: &str| Fill(text.to_owned());
        vec![
            rule(Purpose::Interaction, Each(Kind::Button), High, 0.85, 2, &[Click]),
            rule(Purpose::Interaction, Each(Kind::Text), Medium, 0.80, 3, &[Click, fill(TEXT)]),
            rule(Purpose::Navigation, Each(Kind::Link), Medium, 0.75, 3, &[Click]),
            rule(Purpose::Navigation, Each(Kind::Image), Low, 0.70, 3, &[Click]),
            rule(Purpose::Form, Each(Kind::Form), High, 0.82, 5, &[fill(TEXT), Submit]),
            rule(Purpose::Validation, Each(Kind::Text), Medium, 0.75, 3, &[Click, fill(""), Wait(REACTION)]),
            rule(Purpose::ErrorHandling, Page, Medium, 0.70, 5, &[fill(SPECIAL), Submit]),
            rule(Purpose::Accessibility, Page, Low, 0.65, 10, &[Tab]),
            rule(Purpose::Performance, First(Kind::Button, TIMED_BUTTONS), Low, 0.60, 15, &[RapidClick]),
        ]
    }

    /// Bytes that it holds on the heap, without the allocator's overhead.
    pub(super) fn memory_usage(&self) -> usize {
        let text = |step: &Step| if let Step::Fill(text) = step { text.capacity() } else { 0 };
        self.steps.capacity() * size_of::<Step>() + self.steps.iter().map(text).sum::<usize>()
    }
}

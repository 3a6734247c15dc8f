//! Looking at pages for what is wrong and what could be tested: error patterns in text, elements in screenshots, test plans.
//!
//! | module | what it does |
//! |---|---|
//! | [`pattern`] | the fourteen error patterns, and compiled tables of them |
//! | [`detector`] | finds errors in the text of a page or a log |
//! | [`vision`] | finds elements in a grey picture by scanning a grid |
//! | [`rule`] | which tests to propose, for which elements, and what they do |
//! | [`plan`] | proposes tests for a list of elements |
//! | [`tester`] | the three together, with a configuration |
//!
//! Modelled on the AI module of the Panoptic testing framework: the categories, severities, the range of confidences, the
//! indicator words and the scan thresholds are its own. The wording of the patterns, the priorities of tests and the durations
//! that it does not state are ours. These are heuristics: they point at places to look at and prove nothing. Everything here is
//! deterministic and does no I/O.
//!
//! Take it where many patterns are searched for at once, and the text is seen once. Do not take it for one word, which
//! `str::contains` finds faster, nor where a wrong hit costs something.
//!
//! ```
//! use perfblocks::analysis::detector::ErrorDetector;
//! let detector = ErrorDetector::shared();
//! assert_eq!(detector.detect("ECONNREFUSED, then a deadlock").len(), 2);
//! assert!(detector.detect("all is well").is_empty());
//! ```

pub mod detector;
pub mod pattern;
pub mod plan;
pub mod rule;
pub mod tester;
pub mod vision;

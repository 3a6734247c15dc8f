//! The AI tester: error detector, vision detector and test generator together, with a configuration.

use super::detector::{Detection, ErrorDetector};
use super::plan::{ProposedTest, TestGenerator};
use super::vision::{Element, GreyImage, VisionDetector};
use serde::Deserialize;

/// What the tester keeps of what its parts find.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TesterConfig {
    /// Tests and detections below this confidence are left out. The original's optimised tester has 0.8.
    pub confidence: f64,
    /// Tests beyond this number are left out. The original's optimised tester has 10.
    pub max_tests: usize,
}

impl Default for TesterConfig {
    /// The thresholds of the original's plain tester.
    fn default() -> TesterConfig {
        TesterConfig { confidence: 0.7, max_tests: 20 }
    }
}

/// What one look at a page gives.
#[derive(Debug, Clone, PartialEq)]
pub struct Report<'t> {
    /// What is on the page.
    pub elements: Vec<Element>,
    /// What to test, most urgent first.
    pub tests: Vec<ProposedTest<'t>>,
    /// What seems wrong.
    pub errors: Vec<Detection<'t>>,
}

/// The three detectors with a configuration.
///
/// ```
/// use perfblocks::analysis::detector::ErrorDetector;
/// use perfblocks::analysis::plan::TestGenerator;
/// use perfblocks::analysis::tester::{AiTester, TesterConfig};
/// use perfblocks::analysis::vision::GreyImage;
/// let tester = AiTester::new(ErrorDetector::shared(), TestGenerator::default(), TesterConfig::default());
/// let picture = GreyImage::new(10, 5, vec![90; 50])?;
/// let report = tester.examine("Uncaught TypeError", &picture);
/// assert_eq!((report.elements.len(), report.tests.len(), report.errors.len()), (1, 2, 1));
/// # Ok::<(), perfblocks::analysis::vision::SizeError>(())
/// ```
#[derive(Debug, Clone)]
pub struct AiTester {
    detector: ErrorDetector,
    generator: TestGenerator,
    vision: VisionDetector,
    config: TesterConfig,
}

impl AiTester {
    /// Puts the parts together; the detector's table and the generator's rules are shared, not copied.
    pub fn new(detector: ErrorDetector, generator: TestGenerator, config: TesterConfig) -> AiTester {
        AiTester { detector, generator, vision: VisionDetector, config }
    }

    /// Looks at a page's text and picture.
    pub fn examine(&self, text: &str, picture: &GreyImage) -> Report<'_> {
        let elements = self.vision.elements(picture);
        let mut tests = self.generator.propose(&elements);
        tests.retain(|test| test.rule.confidence >= self.config.confidence);
        tests.truncate(self.config.max_tests);
        let mut errors = self.detector.detect(text);
        errors.retain(|error| error.pattern.confidence >= self.config.confidence);
        Report { elements, tests, errors }
    }

    /// Its configuration.
    pub const fn config(&self) -> TesterConfig {
        self.config
    }

    /// Its error detector.
    pub const fn detector(&self) -> &ErrorDetector {
        &self.detector
    }
}

#[cfg(test)]
mod tests {
    use super::{AiTester, TesterConfig};
    use crate::analysis::detector::ErrorDetector;
    use crate::analysis::plan::TestGenerator;
    use crate::analysis::vision::GreyImage;

    #[track_caller]
    fn check(config: TesterConfig, text: &str, tests: usize, errors: usize) {
        let tester = AiTester::new(ErrorDetector::shared(), TestGenerator::default(), config);
        let picture = GreyImage::new(100, 50, vec![50; 5000]).unwrap();
        let report = tester.examine(text, &picture);
        assert_eq!(report.elements.len(), 50);
        assert_eq!((report.tests.len(), report.errors.len()), (tests, errors));
    }

    #[test]
    fn the_configuration_limits_what_is_kept() {
        let text = "image broken, deadlock";
        check(TesterConfig::default(), text, 20, 1);
        check(TesterConfig { confidence: 0.0, max_tests: 1000 }, text, 57, 2);
        check(TesterConfig { confidence: 0.86, max_tests: 10 }, text, 0, 0);
    }
}

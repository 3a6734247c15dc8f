//! The executor: a configuration, six slots and a list of results. Every operation reaches a part through its getter, so that no path can meet a
//! part that was never built.

use super::analytics::{CloudAnalytics, Summary};
use super::cloud::{CleanUp, CloudManager};
use super::config::{Config, DetectorTables};
use super::enterprise::Enterprise;
use super::part::{Part, Unavailable};
use super::results::Results;
use super::slot::Slot;
use crate::analysis::detector::{Detection, ErrorDetector};
use crate::analysis::plan::{ProposedTest, TestGenerator};
use crate::analysis::tester::{AiTester, Report};
use crate::analysis::vision::{Element, GreyImage};
use crate::serialization::{Record, direct};
use std::convert::Infallible;
use std::time::SystemTime;

/// Runs what a test run needs; parts are built when first needed, each once, whatever the number of threads.
///
/// ```
/// use perfblocks::executor::{Config, Executor, Part};
/// let executor = Executor::new(Config::default());
/// assert_eq!(executor.attempts(Part::ErrorDetector), 0);
/// assert_eq!(executor.detect("deadlock").len(), 1);
/// assert_eq!(executor.attempts(Part::ErrorDetector), 1);
/// assert!(executor.cloud_manager().is_err_and(|why| why.is_absent()));
/// ```
#[derive(Debug)]
pub struct Executor {
    config: Config,
    results: Results,
    test_generator: Slot<TestGenerator>,
    error_detector: Slot<ErrorDetector>,
    ai_tester: Slot<AiTester>,
    cloud_manager: Slot<CloudManager>,
    cloud_analytics: Slot<CloudAnalytics>,
    enterprise: Slot<Enterprise>,
}

/// How much memory an executor holds, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Footprint {
    /// The executor itself, built parts included.
    pub inline: usize,
    /// What results and built parts hold on the heap, as they account for it: tables by the engine's own account, without the scratch of
    /// searches and without the allocator's overhead. A table that the process shares counts in full.
    pub heap: usize,
}

impl Footprint {
    /// Both.
    pub const fn total(self) -> usize {
        self.inline + self.heap
    }
}

impl Executor {
    /// An executor with no part built. It allocates nothing beyond `config`.
    pub fn new(config: Config) -> Executor {
        Executor {
            config,
            results: Results::new(),
            test_generator: Slot::new(),
            error_detector: Slot::new(),
            ai_tester: Slot::new(),
            cloud_manager: Slot::new(),
            cloud_analytics: Slot::new(),
            enterprise: Slot::new(),
        }
    }

    /// An executor with no part built that goes on with `results`.
    pub fn with_results(config: Config, results: Results) -> Executor {
        Executor { results, ..Executor::new(config) }
    }

    /// An executor with every part built that `config` asks for.
    ///
    /// # Errors
    /// When a part cannot be built.
    pub fn new_eager(config: Config) -> Result<Executor, Unavailable> {
        let executor = Executor::new(config);
        match executor.warm(&Part::ALL) {
            Ok(()) => Ok(executor),
            Err(why) => Err(why),
        }
    }

    /// Builds `parts` now, and those that they need; parts that the configuration does not ask for are passed over.
    ///
    /// # Errors
    /// With the first part that cannot be built. What was built before stays.
    pub fn warm(&self, parts: &[Part]) -> Result<(), Unavailable> {
        for part in parts {
            let built = match part {
                Part::TestGenerator => {
                    self.test_generator();
                    Ok(())
                }
                Part::ErrorDetector => {
                    self.error_detector();
                    Ok(())
                }
                Part::AiTester => {
                    self.ai_tester();
                    Ok(())
                }
                Part::CloudManager => self.cloud_manager().map(drop),
                Part::CloudAnalytics => self.cloud_analytics().map(drop),
                Part::Enterprise => self.enterprise().map(drop),
            };
            built.or_else(|why| if why.is_absent() { Ok(()) } else { Err(why) })?;
        }
        Ok(())
    }

    /// The test generator.
    pub fn test_generator(&self) -> &TestGenerator {
        certain(self.test_generator.get_or_try_build(|| {
            Ok(match &self.config.rules {
                Some(rules) => TestGenerator::new(rules.clone()),
                None => TestGenerator::default(),
            })
        }))
    }

    /// The error detector.
    pub fn error_detector(&self) -> &ErrorDetector {
        certain(self.error_detector.get_or_try_build(|| {
            Ok(match self.config.tables {
                DetectorTables::Shared => ErrorDetector::shared(),
                DetectorTables::PerInstance => ErrorDetector::compiled(),
            })
        }))
    }

    /// The AI tester, around the executor's own detector and generator, which it builds where they are not.
    pub fn ai_tester(&self) -> &AiTester {
        certain(self.ai_tester.get_or_try_build(|| {
            Ok(AiTester::new(self.error_detector().clone(), self.test_generator().clone(), self.config.ai))
        }))
    }

    /// The cloud manager.
    ///
    /// # Errors
    /// When the configuration has no section `cloud`, or the manager cannot be built; the next call tries that again.
    pub fn cloud_manager(&self) -> Result<&CloudManager, Unavailable> {
        let absent = Unavailable::Absent { part: Part::CloudManager, section: "cloud" };
        let config = self.config.cloud.as_ref().ok_or(absent)?;
        Ok(self.cloud_manager.get_or_try_build(|| CloudManager::new(config))?)
    }

    /// Cloud analytics, over the bucket of the cloud manager, which it builds where it is not.
    ///
    /// # Errors
    /// As [`Executor::cloud_manager`].
    pub fn cloud_analytics(&self) -> Result<&CloudAnalytics, Unavailable> {
        if self.config.cloud.is_none() {
            return Err(Unavailable::Absent { part: Part::CloudAnalytics, section: "cloud" });
        }
        self.cloud_analytics.get_or_try_build(|| Ok(CloudAnalytics::new(self.cloud_manager()?.bucket())))
    }

    /// The enterprise integration.
    ///
    /// # Errors
    /// When the configuration has no section `enterprise`, or the integration cannot be built; the next call tries that again.
    pub fn enterprise(&self) -> Result<&Enterprise, Unavailable> {
        let absent = Unavailable::Absent { part: Part::Enterprise, section: "enterprise" };
        let config = self.config.enterprise.as_ref().ok_or(absent)?;
        Ok(self.enterprise.get_or_try_build(|| Enterprise::new(config))?)
    }

    /// The errors in `text`.
    pub fn detect(&self, text: &str) -> Vec<Detection<'_>> {
        self.error_detector().detect(text)
    }

    /// Tests for `elements`, most urgent first.
    pub fn propose(&self, elements: &[Element]) -> Vec<ProposedTest<'_>> {
        self.test_generator().propose(elements)
    }

    /// Looks at a page's text and picture.
    pub fn examine(&self, text: &str, picture: &GreyImage) -> Report<'_> {
        self.ai_tester().examine(text, picture)
    }

    /// Stores a result as `name` in the cloud and counts it in the analytics.
    ///
    /// # Errors
    /// When there is no cloud manager, or it cannot store.
    pub fn publish(&self, name: &str, result: &Record) -> Result<(), Unavailable> {
        self.cloud_manager()?.upload(name, &direct::to_vec(result))?;
        self.cloud_analytics()?.record(result);
        Ok(())
    }

    /// Deletes published artifacts that the retention does not keep at the time `now`.
    ///
    /// # Errors
    /// When there is no cloud manager, or it cannot delete.
    pub fn clean_up(&self, now: SystemTime) -> Result<CleanUp, Unavailable> {
        Ok(self.cloud_manager()?.clean_up(now)?)
    }

    /// How published runs went.
    ///
    /// # Errors
    /// As [`Executor::cloud_analytics`].
    pub fn summary(&self) -> Result<Summary, Unavailable> {
        Ok(self.cloud_analytics()?.summary())
    }

    /// Whether the organisation admits another project beside `existing` ones.
    ///
    /// # Errors
    /// As [`Executor::enterprise`].
    pub fn admits_project(&self, existing: u32) -> Result<bool, Unavailable> {
        Ok(self.enterprise()?.admits_project(existing))
    }

    /// Adds a result of a run. It stays until [`Executor::clear_results`].
    pub fn push_result(&mut self, result: Record) {
        self.results.push(result);
    }

    /// The results of runs so far.
    pub const fn results(&self) -> &Results {
        &self.results
    }

    /// Frees every result. An executor that runs for long calls this once results are saved, else it holds all of them.
    pub fn clear_results(&mut self) {
        self.results.clear();
    }

    /// Frees the parts that can be built again as they were; they are when they are next needed. Results stay, and so do cloud
    /// analytics, whose counts would be lost, and a cloud manager whose artifacts would. That nobody holds a part any more is what
    /// `&mut` says.
    pub fn release(&mut self) {
        self.test_generator.take();
        self.error_detector.take();
        self.ai_tester.take();
        if self.cloud_manager.get().is_some_and(CloudManager::is_durable) {
            self.cloud_manager.take();
        }
        self.enterprise.take();
    }

    /// How often building `part` was begun, failures included: 0 or 1 unless building failed.
    pub fn attempts(&self, part: Part) -> u32 {
        match part {
            Part::TestGenerator => self.test_generator.attempts(),
            Part::ErrorDetector => self.error_detector.attempts(),
            Part::AiTester => self.ai_tester.attempts(),
            Part::CloudManager => self.cloud_manager.attempts(),
            Part::CloudAnalytics => self.cloud_analytics.attempts(),
            Part::Enterprise => self.enterprise.attempts(),
        }
    }

    /// How much memory it holds now. It builds nothing. The AI tester shares the detector's table and
    /// the generator's rules, and adds nothing.
    pub fn memory_footprint(&self) -> Footprint {
        let held = [
            Some(self.results.memory_usage()),
            self.test_generator.get().map(TestGenerator::memory_usage),
            self.error_detector.get().map(ErrorDetector::memory_usage),
            self.cloud_manager.get().map(CloudManager::memory_usage),
            self.cloud_analytics.get().map(CloudAnalytics::memory_usage),
            self.enterprise.get().map(Enterprise::memory_usage),
        ];
        Footprint { inline: size_of::<Executor>(), heap: held.iter().flatten().sum() }
    }

    /// The configuration.
    pub const fn config(&self) -> &Config {
        &self.config
    }
}

fn certain<T>(built: Result<T, Infallible>) -> T {
    match built {
        Ok(value) => value,
    }
}

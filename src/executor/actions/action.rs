//! One action of a test, and the kinds that there are.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

/// Waiting longer than this separates what stands before from what stands after: two seconds, as in the Panoptic testing
/// framework (`internal/executor/parallel_executor.go`).
const LONG_WAIT: Duration = Duration::from_secs(2);
/// How long a wait is that does not say.
const DEFAULT_WAIT: Duration = Duration::from_secs(1);
/// How long a recording is that does not say.
const DEFAULT_RECORDING: Duration = Duration::from_secs(30);

/// One action of a test. What a kind does not need stays empty.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Action {
    /// What is to be done.
    pub kind: ActionKind,
    /// What the test calls it.
    pub name: String,
    /// What it is done to.
    pub selector: String,
    /// An address, a text to fill in, a path.
    pub value: String,
    /// How long a wait or a recording is to be.
    pub duration: Option<Duration>,
}

impl Action {
    /// An action of `kind` with nothing but a name.
    pub fn new(kind: ActionKind, name: &str) -> Action {
        Action { kind, name: name.to_owned(), selector: String::new(), value: String::new(), duration: None }
    }

    /// How long it is to last: what it says, else one second for a wait and 30 for a recording; nothing for other kinds.
    pub fn lasts(&self) -> Duration {
        match self.kind {
            ActionKind::Wait => self.duration.unwrap_or(DEFAULT_WAIT),
            ActionKind::Record => self.duration.unwrap_or(DEFAULT_RECORDING),
            _ => Duration::ZERO,
        }
    }

    /// Whether it runs alone: it navigates or submits, records for a stated time, or waits for more than two seconds.
    pub fn is_barrier(&self) -> bool {
        match self.kind {
            ActionKind::Navigate | ActionKind::Submit => true,
            ActionKind::Record => self.duration.is_some_and(|duration| !duration.is_zero()),
            ActionKind::Wait => self.lasts() > LONG_WAIT,
            _ => false,
        }
    }
}

/// A name that no kind of action has.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no kind of action\nhint: expected one of {names}", names = names())]
pub struct UnknownKind(pub String);

fn names() -> String {
    let names: Vec<_> = ActionKind::ALL.iter().map(|kind| kind.name()).collect();
    names.join(", ")
}

macro_rules! kinds {
    ($($kind:ident $name:literal $doc:literal,)*) => {
        /// What can be done: the 27 kinds of the Panoptic testing framework.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ActionKind {
            $(#[doc = $doc] $kind,)*
        }

        impl ActionKind {
            /// All kinds.
            pub const ALL: &[ActionKind] = &[$(ActionKind::$kind,)*];

            /// What a test calls the kind.
            pub const fn name(self) -> &'static str {
                match self {
                    $(ActionKind::$kind => $name,)*
                }
            }
        }
    };
}

kinds! {
    Navigate "navigate" "Goes to the address in `value`.",
    Click "click" "Clicks `selector`.",
    Fill "fill" "Fills `value` into `selector`.",
    Submit "submit" "Submits the form `selector`.",
    Wait "wait" "Does nothing for `duration`, one second unless said.",
    Screenshot "screenshot" "Takes a picture.",
    Record "record" "Records for `duration`, 30 seconds unless said.",
    VisionClick "vision_click" "Clicks what is seen, by its text.",
    VisionReport "vision_report" "Reports what is seen.",
    AiTestGeneration "ai_test_generation" "Proposes tests.",
    SmartErrorDetection "smart_error_detection" "Looks for errors in text.",
    AiEnhancedTesting "ai_enhanced_testing" "Both, and vision.",
    CloudSync "cloud_sync" "Stores artifacts.",
    CloudAnalytics "cloud_analytics" "Counts how runs went.",
    DistributedTest "distributed_test" "Runs on other machines.",
    CloudCleanup "cloud_cleanup" "Removes what is older than it is kept.",
    EnterpriseStatus "enterprise_status" "Asks how the organisation's installation is.",
    UserCreate "user_create" "Makes an account.",
    UserAuthenticate "user_authenticate" "Signs in.",
    ProjectCreate "project_create" "Makes a project.",
    TeamCreate "team_create" "Makes a team.",
    ApiKeyCreate "api_key_create" "Makes a key.",
    AuditReport "audit_report" "Reports who did what.",
    ComplianceCheck "compliance_check" "Checks the rules.",
    LicenseInfo "license_info" "Asks what the licence allows.",
    BackupData "backup_data" "Keeps a copy.",
    CleanupData "cleanup_data" "Removes what is out of date.",
}

impl fmt::Display for ActionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for ActionKind {
    type Err = UnknownKind;

    fn from_str(name: &str) -> Result<ActionKind, UnknownKind> {
        ActionKind::ALL.iter().copied().find(|kind| kind.name() == name).ok_or_else(|| UnknownKind(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::{Action, ActionKind};
    use std::time::Duration;

    #[track_caller]
    fn check(kind: ActionKind, duration_ms: Option<u64>, lasts_ms: u64, is_barrier: bool) {
        let action = Action { duration: duration_ms.map(Duration::from_millis), ..Action::new(kind, "it") };
        assert_eq!((action.lasts(), action.is_barrier()), (Duration::from_millis(lasts_ms), is_barrier));
    }

    #[test]
    fn barriers_change_what_others_see() {
        check(ActionKind::Navigate, None, 0, true);
        check(ActionKind::Submit, None, 0, true);
        check(ActionKind::Click, Some(9000), 0, false);
        check(ActionKind::Wait, None, 1000, false);
        check(ActionKind::Wait, Some(2000), 2000, false);
        check(ActionKind::Wait, Some(2001), 2001, true);
        check(ActionKind::Record, None, 30_000, false);
        check(ActionKind::Record, Some(0), 0, false);
        check(ActionKind::Record, Some(1), 1, true);
        let alone = ActionKind::ALL.iter().copied().filter(|kind| Action::new(*kind, "it").is_barrier());
        assert_eq!(alone.collect::<Vec<_>>(), [ActionKind::Navigate, ActionKind::Submit]);
    }

    #[test]
    fn names_read_back() {
        for &kind in ActionKind::ALL {
            assert_eq!(kind.name().parse(), Ok(kind));
        }
        let error = "tap".parse::<ActionKind>().unwrap_err().to_string();
        assert!(
            error.starts_with("`tap` is no kind of action\nhint: expected one of navigate, click, fill, "),
            "{error}"
        );
    }
}

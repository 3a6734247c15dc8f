//! The wire form of what a run met of acceptances and of changes to its policy.

use jiff::civil::Date;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::number;
use super::run_wire::metric;
use benchgate_core::model::{Acceptance, Ceiling, Granted, Metric, Origin, Permits, PolicyChange, Presence, day};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GrantedWire {
    id: String,
    permits: PermitsWire,
    reason: String,
    #[serde(with = "date")]
    expires: Date,
    tier: Option<String>,
    #[serde(with = "OriginWire")]
    origin: Origin,
    #[serde(with = "PresenceWire")]
    presence: Presence,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum PermitsWire {
    Worse {
        #[serde(with = "metric")]
        metric: Metric,
        #[serde(with = "CeilingWire")]
        ceiling: Ceiling,
    },
    Removal,
    OtherWork,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Ceiling", rename_all = "kebab-case")]
enum CeilingWire {
    Share(#[serde(with = "number")] f64),
    Count(#[serde(with = "number")] f64),
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Origin", rename_all = "kebab-case")]
enum OriginWire {
    Base,
    Change,
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Presence", rename_all = "kebab-case")]
enum PresenceWire {
    Here,
    Absent,
    Untold,
}

impl From<Granted> for GrantedWire {
    fn from(Granted { acceptance, origin, presence }: Granted) -> Self {
        let Acceptance { id, permits, reason, expires, tier } = acceptance;
        let permits = match permits {
            Permits::Worse { metric, ceiling } => PermitsWire::Worse { metric, ceiling },
            Permits::Removal => PermitsWire::Removal,
            Permits::OtherWork => PermitsWire::OtherWork,
        };
        Self { id, permits, reason, expires, tier, origin, presence }
    }
}

impl From<GrantedWire> for Granted {
    fn from(GrantedWire { id, permits, reason, expires, tier, origin, presence }: GrantedWire) -> Self {
        let permits = match permits {
            PermitsWire::Worse { metric, ceiling } => Permits::Worse { metric, ceiling },
            PermitsWire::Removal => Permits::Removal,
            PermitsWire::OtherWork => Permits::OtherWork,
        };
        Self { acceptance: Acceptance { id, permits, reason, expires, tier }, origin, presence }
    }
}

/// Days as `2026-12-31`, for `#[serde(with = "date")]`.
mod date {
    use super::{Date, Deserialize, Deserializer, Serializer, day};
    use serde::de::Error;

    pub(super) fn serialize<S: Serializer>(date: &Date, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(date)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Date, D::Error> {
        let text = String::deserialize(deserializer)?;
        day(&text).ok_or_else(|| D::Error::custom(format!("expected a day such as `2026-12-31`, found `{text}`")))
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PolicyChangeWire {
    key: String,
    base: Option<String>,
    candidate: Option<String>,
}

impl From<PolicyChange> for PolicyChangeWire {
    fn from(PolicyChange { key, base, candidate }: PolicyChange) -> Self {
        Self { key, base, candidate }
    }
}

impl From<PolicyChangeWire> for PolicyChange {
    fn from(PolicyChangeWire { key, base, candidate }: PolicyChangeWire) -> Self {
        Self { key, base, candidate }
    }
}

//! The wire form of what was found about a series, schema 1: evidence, pairs, samples, counts, failures.

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::number::{self, Number};
use benchgate_core::model::{
    Company, Conditions, Confirmation, CountReading, Evidence, Failure, FailureKind, Pair, PairKind, Paired, PastTime,
    Recorded, Sample, Samples, Side,
};

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) enum EvidenceWire {
    Identical {
        detail: String,
    },
    Pairs(PairedWire),
    Counts {
        #[serde(with = "CountWire")]
        base: CountReading,
        #[serde(with = "CountWire")]
        candidate: CountReading,
    },
    OnlyOn {
        #[serde(with = "SideWire")]
        side: Side,
        value: Option<Number>,
    },
    MissingBaseline {
        #[serde(with = "CountWire")]
        candidate: CountReading,
        reason: String,
    },
    Advisory {
        candidate: Vec<SamplesWire>,
        reason: String,
    },
    Recorded(RecordedWire),
    Failed(FailureWire),
    NotRun {
        reason: String,
    },
    Incomparable {
        reason: String,
    },
    NotCounted {
        reason: String,
    },
    NotBuilt {
        reason: String,
    },
}

impl From<Evidence> for EvidenceWire {
    fn from(evidence: Evidence) -> Self {
        match evidence {
            Evidence::Identical { detail } => Self::Identical { detail },
            Evidence::Pairs(paired) => Self::Pairs(paired.into()),
            Evidence::Counts { base, candidate } => Self::Counts { base, candidate },
            Evidence::OnlyOn { side, value } => Self::OnlyOn { side, value: value.map(Number) },
            Evidence::MissingBaseline { candidate, reason } => Self::MissingBaseline { candidate, reason },
            Evidence::Advisory { candidate, reason } => {
                Self::Advisory { candidate: candidate.into_iter().map(SamplesWire).collect(), reason }
            }
            Evidence::Recorded(recorded) => Self::Recorded(recorded.into()),
            Evidence::Failed(failure) => Self::Failed(failure.into()),
            Evidence::NotRun { reason } => Self::NotRun { reason },
            Evidence::Incomparable { reason } => Self::Incomparable { reason },
            Evidence::NotCounted { reason } => Self::NotCounted { reason },
            Evidence::NotBuilt { reason } => Self::NotBuilt { reason },
        }
    }
}

impl From<EvidenceWire> for Evidence {
    fn from(wire: EvidenceWire) -> Self {
        match wire {
            EvidenceWire::Identical { detail } => Self::Identical { detail },
            EvidenceWire::Pairs(paired) => Self::Pairs(paired.into()),
            EvidenceWire::Counts { base, candidate } => Self::Counts { base, candidate },
            EvidenceWire::OnlyOn { side, value } => Self::OnlyOn { side, value: value.map(|number| number.0) },
            EvidenceWire::MissingBaseline { candidate, reason } => Self::MissingBaseline { candidate, reason },
            EvidenceWire::Advisory { candidate, reason } => {
                Self::Advisory { candidate: candidate.into_iter().map(|samples| samples.0).collect(), reason }
            }
            EvidenceWire::Recorded(recorded) => Self::Recorded(recorded.into()),
            EvidenceWire::Failed(failure) => Self::Failed(failure.into()),
            EvidenceWire::NotRun { reason } => Self::NotRun { reason },
            EvidenceWire::Incomparable { reason } => Self::Incomparable { reason },
            EvidenceWire::NotCounted { reason } => Self::NotCounted { reason },
            EvidenceWire::NotBuilt { reason } => Self::NotBuilt { reason },
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PairedWire {
    pairs: Vec<PairWire>,
    failures: Vec<FailureWire>,
    cut_short: Option<String>,
    #[serde(default)]
    interleaving: String,
    #[serde(default, with = "PairKindWire", skip_serializing_if = "is_usual")]
    kind: PairKind,
    #[serde(default)]
    confirmation: Option<ConfirmationWire>,
}

/// Most pairs are of the usual kind, which older files do not state.
fn is_usual(kind: &PairKind) -> bool {
    *kind == PairKind::default()
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "PairKind", rename_all = "kebab-case")]
enum PairKindWire {
    Interleaved,
    OneAtATime,
    Command,
}

impl From<Paired> for PairedWire {
    fn from(Paired { pairs, failures, cut_short, interleaving, kind, confirmation }: Paired) -> Self {
        Self {
            pairs: pairs.into_iter().map(Into::into).collect(),
            failures: failures.into_iter().map(Into::into).collect(),
            cut_short,
            interleaving,
            kind,
            confirmation: confirmation.map(Into::into),
        }
    }
}

impl From<PairedWire> for Paired {
    fn from(PairedWire { pairs, failures, cut_short, interleaving, kind, confirmation }: PairedWire) -> Self {
        Self {
            pairs: pairs.into_iter().map(Into::into).collect(),
            failures: failures.into_iter().map(Into::into).collect(),
            cut_short,
            interleaving,
            kind,
            confirmation: confirmation.map(Into::into),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RecordedWire {
    past: Vec<PastCell>,
    links: u32,
    pairs: Vec<PairWire>,
    failures: Vec<FailureWire>,
}

#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct PastCell(#[serde(with = "PastWire")] PastTime);

#[derive(Serialize, Deserialize)]
#[serde(remote = "PastTime", deny_unknown_fields)]
struct PastWire {
    started: String,
    #[serde(with = "number")]
    value: f64,
    links: u32,
}

impl From<Recorded> for RecordedWire {
    fn from(Recorded { past, links, pairs, failures }: Recorded) -> Self {
        Self {
            past: past.into_iter().map(PastCell).collect(),
            links,
            pairs: pairs.into_iter().map(Into::into).collect(),
            failures: failures.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<RecordedWire> for Recorded {
    fn from(RecordedWire { past, links, pairs, failures }: RecordedWire) -> Self {
        Self {
            past: past.into_iter().map(|PastCell(past)| past).collect(),
            links,
            pairs: pairs.into_iter().map(Into::into).collect(),
            failures: failures.into_iter().map(Into::into).collect(),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConfirmationWire {
    flagged: u32,
    pairs: Vec<PairWire>,
    failures: Vec<FailureWire>,
    cut_short: Option<String>,
    #[serde(default, rename = "disk_full", skip_serializing_if = "std::ops::Not::not")]
    is_disk_full: bool,
    instructions: Option<[Number; 2]>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    company: Option<CompanyWire>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CompanyWire {
    benches: u32,
    alone: Option<Number>,
}

impl From<Confirmation> for ConfirmationWire {
    fn from(confirmation: Confirmation) -> Self {
        let Confirmation { flagged, pairs, failures, cut_short, is_disk_full, instructions, company } = confirmation;
        Self {
            flagged,
            pairs: pairs.into_iter().map(Into::into).collect(),
            failures: failures.into_iter().map(Into::into).collect(),
            cut_short,
            is_disk_full,
            instructions: instructions.map(|sides| sides.map(Number)),
            company: company.map(|Company { benches, alone }| CompanyWire { benches, alone: alone.map(Number) }),
        }
    }
}

impl From<ConfirmationWire> for Confirmation {
    fn from(wire: ConfirmationWire) -> Self {
        let ConfirmationWire { flagged, pairs, failures, cut_short, is_disk_full, instructions, company } = wire;
        Self {
            flagged,
            pairs: pairs.into_iter().map(Into::into).collect(),
            failures: failures.into_iter().map(Into::into).collect(),
            cut_short,
            is_disk_full,
            instructions: instructions.map(|sides| sides.map(|number| number.0)),
            company: company.map(|wire| Company { benches: wire.benches, alone: wire.alone.map(|number| number.0) }),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "CountReading", deny_unknown_fields)]
pub(super) struct CountWire {
    #[serde(with = "number")]
    value: f64,
    #[serde(rename = "exact")]
    is_exact: bool,
}

/// A count where there is no field to put it in.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct CountCell(#[serde(with = "CountWire")] pub(super) CountReading);

#[derive(Serialize, Deserialize)]
#[serde(remote = "Side", rename_all = "kebab-case")]
enum SideWire {
    Base,
    Candidate,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FailureWire {
    #[serde(with = "SideWire")]
    side: Side,
    #[serde(with = "FailureKindWire")]
    kind: FailureKind,
    message: String,
}

impl From<Failure> for FailureWire {
    fn from(Failure { side, kind, message }: Failure) -> Self {
        Self { side, kind, message }
    }
}

impl From<FailureWire> for Failure {
    fn from(FailureWire { side, kind, message }: FailureWire) -> Self {
        Self { side, kind, message }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "FailureKind", rename_all = "kebab-case")]
enum FailureKindWire {
    Crashed,
    TimedOut,
    Rubbish,
    Implausible,
    SetUp,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PairWire {
    order: u64,
    #[serde(with = "SideWire")]
    first: Side,
    base: SamplesWire,
    candidate: SamplesWire,
    #[serde(default)]
    conditions: ConditionsWire,
}

impl From<Pair> for PairWire {
    fn from(Pair { order, first, base, candidate, conditions }: Pair) -> Self {
        let Conditions { steal, busy, others, megahertz } = conditions;
        let [steal, busy, others, megahertz] = [steal, busy, others, megahertz].map(Number);
        let conditions = ConditionsWire { steal, busy, others, megahertz };
        Self { order, first, base: SamplesWire(base), candidate: SamplesWire(candidate), conditions }
    }
}

impl From<PairWire> for Pair {
    fn from(PairWire { order, first, base, candidate, conditions }: PairWire) -> Self {
        let ConditionsWire { steal, busy, others, megahertz } = conditions;
        let conditions = Conditions { steal: steal.0, busy: busy.0, others: others.0, megahertz: megahertz.0 };
        Self { order, first, base: base.0, candidate: candidate.0, conditions }
    }
}

#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ConditionsWire {
    steal: Number,
    busy: Number,
    #[serde(default)]
    others: Number,
    megahertz: Number,
}

/// Checked again when read: a file is outside input.
pub(super) struct SamplesWire(Samples);

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ColumnsWire {
    iterations: Vec<Number>,
    nanos: Vec<Number>,
}

impl Serialize for SamplesWire {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let column = |part: fn(&Sample) -> f64| self.0.as_slice().iter().map(|s| Number(part(s))).collect();
        ColumnsWire { iterations: column(|s| s.iterations), nanos: column(|s| s.nanos) }.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for SamplesWire {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let ColumnsWire { iterations, nanos } = ColumnsWire::deserialize(deserializer)?;
        if iterations.len() != nanos.len() {
            let (a, b) = (iterations.len(), nanos.len());
            return Err(D::Error::custom(format!("expected as many `nanos` as `iterations`, found {b} and {a}")));
        }
        let samples = iterations.iter().zip(&nanos).map(|(i, n)| Sample { iterations: i.0, nanos: n.0 }).collect();
        Samples::new(samples).map(Self).map_err(D::Error::custom)
    }
}

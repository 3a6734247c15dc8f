//! The wire form of profiles, schema 1: names of functions stand in one table, stacks and sites are numbers of its lines.

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};

use super::number::Number;
use super::run_wire::metric;
use benchgate_core::model::{BenchKey, Metric, Profile, SeriesKey, Site, Sites, Stack, Stacks, Taken, Unit};

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ProfileWire {
    package: String,
    target: String,
    group: String,
    function: Option<String>,
    value: Option<String>,
    #[serde(with = "metric")]
    metric: Metric,
    own: Vec<String>,
    taken: TakenWire,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
enum TakenWire {
    Stacks {
        how: String,
        #[serde(with = "UnitWire")]
        unit: Unit,
        seen: StacksWire,
    },
    Sites {
        how: String,
        sites: Vec<SiteWire>,
    },
    Nothing {
        reason: String,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(remote = "Unit", rename_all = "kebab-case")]
enum UnitWire {
    Samples,
    Instructions,
}

/// Each stack is its functions, outermost first, then the counts of base and candidate.
#[derive(Serialize)]
struct StacksWire {
    functions: Vec<String>,
    stacks: Vec<(Vec<u32>, u64, u64)>,
}

/// What it looks like before its numbers are held against its table.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Unchecked {
    functions: Vec<String>,
    stacks: Vec<(Vec<u32>, u64, u64)>,
}

impl<'de> Deserialize<'de> for StacksWire {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let Unchecked { functions, stacks } = Unchecked::deserialize(deserializer)?;
        let is_known = |&number: &u32| (number as usize) < functions.len();
        match stacks.iter().flat_map(|(frames, ..)| frames).all(is_known) {
            true => Ok(Self { functions, stacks }),
            false => Err(D::Error::custom("a stack has a function that its table lacks")),
        }
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SiteWire {
    functions: Vec<String>,
    blocks: [Number; 2],
    bytes: [Number; 2],
    place: String,
}

impl From<Profile> for ProfileWire {
    fn from(Profile { key, own, taken }: Profile) -> Self {
        let SeriesKey { bench: BenchKey { package, target, group, function, value }, metric } = key;
        Self { package, target, group, function, value, metric, own, taken: taken.into() }
    }
}

impl From<ProfileWire> for Profile {
    fn from(wire: ProfileWire) -> Self {
        let ProfileWire { package, target, group, function, value, metric, own, taken } = wire;
        let bench = BenchKey { package, target, group, function, value };
        Self { key: SeriesKey { bench, metric }, own, taken: taken.into() }
    }
}

impl From<Taken> for TakenWire {
    fn from(taken: Taken) -> Self {
        match taken {
            Taken::Stacks(Stacks { how, unit, stacks }) => Self::Stacks { how, unit, seen: stacks.into() },
            Taken::Sites(Sites { how, sites }) => {
                Self::Sites { how, sites: sites.into_iter().map(SiteWire::from).collect() }
            }
            Taken::Nothing { reason } => Self::Nothing { reason },
        }
    }
}

impl From<TakenWire> for Taken {
    fn from(wire: TakenWire) -> Self {
        match wire {
            TakenWire::Stacks { how, unit, seen } => Self::Stacks(Stacks { how, unit, stacks: seen.into() }),
            TakenWire::Sites { how, sites } => {
                Self::Sites(Sites { how, sites: sites.into_iter().map(Site::from).collect() })
            }
            TakenWire::Nothing { reason } => Self::Nothing { reason },
        }
    }
}

impl From<Vec<Stack>> for StacksWire {
    fn from(stacks: Vec<Stack>) -> Self {
        let mut numbers: BTreeMap<String, u32> = BTreeMap::new();
        let mut functions = Vec::new();
        let mut number = |name: String| {
            *numbers.entry(name).or_insert_with_key(|name| {
                functions.push(name.clone());
                (functions.len() - 1) as u32
            })
        };
        let stacks = stacks.into_iter().map(|Stack { frames, counts: [base, candidate] }| {
            (frames.into_iter().map(&mut number).collect(), base, candidate)
        });
        let stacks = stacks.collect();
        Self { functions, stacks }
    }
}

impl From<StacksWire> for Vec<Stack> {
    fn from(StacksWire { functions, stacks }: StacksWire) -> Self {
        let name = |number: u32| functions[number as usize].clone();
        let stack = |(frames, base, candidate): (Vec<u32>, u64, u64)| Stack {
            frames: frames.into_iter().map(name).collect(),
            counts: [base, candidate],
        };
        stacks.into_iter().map(stack).collect()
    }
}

impl From<Site> for SiteWire {
    fn from(Site { frames, blocks, bytes, place }: Site) -> Self {
        Self { functions: frames, blocks: blocks.map(Number), bytes: bytes.map(Number), place }
    }
}

impl From<SiteWire> for Site {
    fn from(SiteWire { functions, blocks, bytes, place }: SiteWire) -> Self {
        let values = |pair: [Number; 2]| pair.map(|Number(value)| value);
        Self { frames: functions, blocks: values(blocks), bytes: values(bytes), place }
    }
}

//! Benches of one side, compiled once more so that they can be linked in other orders, one at a time.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, Result};
use rand_chacha::ChaCha8Rng;

use super::prepare::Prepared;
use super::progress::Progress;
use benchgate_core::model::Side;
use benchgate_engine::collect::{self, Arm, Executable, KnownEnds, Relinks};
use benchgate_engine::measure::{BuiltSide, Target};

/// Numbers of executables of link orders begin above those of targets, so that their files do not meet.
pub(super) const FIRST_INDEX: usize = 1000;

/// Benches of one side that can be linked again.
pub(super) struct Relinkable<'a> {
    side: Side,
    relinks: Relinks,
    /// By index of the target.
    executables: BTreeMap<usize, Executable>,
    /// What the looks at them have shown, which holds for other link orders too.
    known: BTreeMap<usize, KnownEnds>,
    scratch: &'a Path,
}

/// Why targets cannot be linked in fresh orders; `None` where they can.
pub(super) fn refused(prepared: &Prepared, targets: &BTreeSet<usize>) -> Option<String> {
    let configured = &prepared.loaded.policy.build.environment;
    if let Some(name) = collect::WRAPPER_VARIABLES.into_iter().find(|name| configured.contains_key(*name)) {
        return Some(format!("{name} is in use, by `[build] env`"));
    }
    let targets = targets.iter().map(|&index| &prepared.targets[index]);
    let mut found = targets.flat_map(|target| [&target.base, &target.candidate]).flatten();
    let why =
        |found: &BuiltSide| collect::refusal(&found.executable).unwrap_or_else(|error| Some(format!("{error:#}")));
    found.find_map(why)
}

impl<'a> Relinkable<'a> {
    /// Compiles these targets of a side.
    pub fn compile(prepared: &'a Prepared, side: Side, targets: &BTreeSet<usize>, progress: &Progress) -> Result<Self> {
        let compiled = Self::compile_here(prepared, side, targets, progress);
        compiled.with_context(|| format!("the {} cannot be linked again", side.name()))
    }

    fn compile_here(
        prepared: &'a Prepared,
        side: Side,
        targets: &BTreeSet<usize>,
        progress: &Progress,
    ) -> Result<Self> {
        let [base, candidate] = &prepared.trees;
        let tree = match side {
            Side::Base => base,
            Side::Candidate => candidate,
        };
        let tree = tree.as_ref().context("it is not checked out")?;
        let workspace = prepared.checked_out(tree)?;
        let names = targets.iter().map(|&index| {
            let Target { package, name, .. } = &prepared.targets[index];
            (&**package, &**name)
        });
        let names: BTreeSet<(&str, &str)> = names.collect();
        let scratch = prepared.scratch.path();
        let built_in = targets.iter().find_map(|&index| Some(&prepared.targets[index].side(side)?.executable));
        let built_in = &built_in.context("it lacks the benches")?.target_directory;
        let builder = prepared.builder();
        let relinks = builder.relinks(tree, &workspace, built_in, &names, scratch, |line| progress.cargo(line))?;
        let mut executables = BTreeMap::new();
        let mut known = BTreeMap::new();
        for &index in targets {
            let target = &prepared.targets[index];
            let relink = relinks.find(&target.package, &target.name).context("the bench was not built")?;
            let BuiltSide { arm, executable: built, .. } = target.side(side).context("it lacks the bench")?;
            known.insert(index, arm.known_ends(&built.file));
            let (surroundings, target_directory) = (relink.surroundings.clone(), relinks.target_directory.clone());
            executables.insert(index, Executable { surroundings, target_directory, ..built.clone() });
        }
        Ok(Self { side, relinks, executables, known, scratch })
    }

    /// Links a target in the order of a seed; `number` is that of its executable, whose files take the place of those of an earlier one.
    pub fn link(&self, target: usize, seed: u32, number: usize) -> Result<Arm> {
        let executable = &self.executables[&target];
        let relink = self.relinks.find(&executable.package, &executable.target).context("the bench was not built")?;
        let linked = relink.link(seed, self.scratch, |file| {
            let executable = Executable { file: file.to_owned(), ..executable.clone() };
            let arm = Arm::prepare(self.scratch, self.side, number, &executable)?;
            if let Ok(fit) = &arm.fit {
                self.known[&target].teach(fit, file);
            }
            Ok(arm)
        });
        linked.with_context(|| format!("the {} cannot be linked again", self.side.name()))
    }

    /// Links each target in so many orders, with numbers from `first` on.
    pub fn link_all(&self, orders: u32, first: usize, seeds: &mut ChaCha8Rng) -> Result<BTreeMap<usize, Vec<Arm>>> {
        let link = |index: usize| {
            let number = first + 100 * index;
            let arms = (0..orders as usize).map(|order| self.link(index, seed(seeds), number + order));
            Ok((index, arms.collect::<Result<_>>()?))
        };
        self.executables.keys().copied().map(link).collect()
    }
}

/// The seed of a link order, which linkers want above zero.
pub(super) fn seed(seeds: &mut ChaCha8Rng) -> u32 {
    rand::Rng::next_u32(seeds).max(1)
}

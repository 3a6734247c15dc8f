//! Commands of the configuration as targets: what each side has of them.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::anyhow;

use super::progress::Progress;
use super::stop::{OrStop, Stop};
use crate::config::{self, POLICY};
use benchgate_core::gate::ExitCode;
use benchgate_core::model::{CommandBench, Members, Side};
use benchgate_engine::collect::{
    Arm, Builder, Discovered, Executable, Harness, Identity, Listed, Place, Programs, ProgramsError, Surroundings,
    Tree, Workspace,
};
use benchgate_engine::measure::{BuiltSide, Target};

/// What stands for the package of a command.
const PACKAGE: &str = "command";

/// What commands are prepared from.
pub(super) struct Asked<'a> {
    pub commands: &'a [CommandBench],
    pub builder: &'a Builder<'a>,
    pub members: &'a Members,
    pub below: &'a Path,
    pub scratch: &'a Path,
    /// The base, where it is checked out.
    pub base: Option<&'a Tree>,
    pub candidate: &'a Tree,
}

/// One side with the programs that commands start there.
struct BuiltPrograms<'a> {
    tree: &'a Tree,
    workspace: Workspace,
    programs: Programs,
}

impl Asked<'_> {
    /// Builds the programs of both sides; a target for each command.
    pub fn targets(&self, progress: &mut Progress) -> Result<Vec<Target>, Stop> {
        if self.commands.is_empty() {
            return Ok(Vec::new());
        }
        let base = self.base.map(|tree| self.build(tree, progress)).transpose()?.flatten();
        let candidate = self.build(self.candidate, progress)?;
        let mut targets = Vec::new();
        for (index, command) in self.commands.iter().enumerate() {
            let found = |side: Option<&BuiltPrograms<'_>>| {
                side.map(|side| side.find(command, (index, self.scratch))).transpose().map(Option::flatten)
            };
            let (left, right) =
                (found(base.as_ref()).or_stop(ExitCode::Output)?, found(candidate.as_ref()).or_stop(ExitCode::Output)?);
            if left.is_none() && right.is_none() {
                return Err(unknown(command, [&base, &candidate].into_iter().flatten()));
            }
            let is_same = |base: &BuiltPrograms<'_>, candidate: &BuiltPrograms<'_>| {
                base.tree.manifest.differing(&candidate.tree.manifest).is_empty()
                    && base.tree.commit == candidate.tree.commit
            };
            let identity = match (&base, &candidate) {
                (Some(base), Some(candidate)) if is_same(base, candidate) => Identity::Identical("same files".into()),
                _ => Identity::Different,
            };
            let identity = (left.is_some() && right.is_some()).then_some(identity);
            targets.push(Target {
                package: PACKAGE.into(),
                name: command.name.clone(),
                base: left,
                candidate: right,
                identity,
            });
        }
        Ok(targets)
    }

    /// `None` where a side has no such workspace.
    fn build<'t>(&self, tree: &'t Tree, progress: &mut Progress) -> Result<Option<BuiltPrograms<'t>>, Stop> {
        let manifest = tree.root.join(self.below).join("Cargo.toml");
        if tree.side == Side::Base && !manifest.exists() {
            return Ok(None);
        }
        progress.step(&format!("building the programs of the {}", tree.side.name()));
        let workspace = Workspace::load(&manifest, self.members).or_stop(ExitCode::Build)?;
        let names: BTreeSet<String> = self.commands.iter().flat_map(CommandBench::programs).map(String::from).collect();
        let built = self.builder.build_programs(tree, &workspace, &names, |line| progress.cargo(line));
        let programs = built.map_err(|error| match error.is::<ProgramsError>() {
            true => Stop { code: ExitCode::Configuration, error },
            false => Stop {
                code: ExitCode::Build,
                error: error.context(format!("the programs of the {} do not build", tree.side.name())),
            },
        })?;
        Ok(Some(BuiltPrograms { tree, workspace, programs }))
    }
}

impl BuiltPrograms<'_> {
    /// A command on this side, if what it starts is there.
    fn find(&self, command: &CommandBench, (index, scratch): (usize, &Path)) -> anyhow::Result<Option<BuiltSide>> {
        let Self { tree, workspace, programs } = self;
        if command.programs().any(|name| programs.missing.contains(name)) {
            return Ok(None);
        }
        let place = Place { side: tree.side, root: &workspace.root, scratch, index };
        let arm = Arm::of_command(command, programs, place)?;
        if arm.file.starts_with(&workspace.root) && !arm.file.exists() {
            return Ok(None);
        }
        let executable = Executable {
            package: PACKAGE.into(),
            version: String::new(),
            target: command.name.clone(),
            file: arm.file.clone(),
            target_directory: programs.directory.clone(),
            directory: arm.directory.clone(),
            surroundings: Surroundings::plain(&arm.directory),
            inputs: BTreeSet::new(),
            seal: programs.seal.clone(),
        };
        let bench = Listed { group: command.name.clone(), function: None, value: None, throughput: None };
        let discovered = Ok(Discovered { harness: Harness::Command, benches: vec![bench] });
        let code = programs.code(tree);
        Ok(Some(BuiltSide { arm, executable, code, discovered }))
    }
}

/// Why a command can be started on no side.
fn unknown<'a>(command: &CommandBench, sides: impl Iterator<Item = &'a BuiltPrograms<'a>>) -> Stop {
    let name = &command.name;
    let known: BTreeSet<&str> = sides.flat_map(|side| &side.programs.known).map(String::as_str).collect();
    let missing = command.programs().find(|program| !known.contains(program));
    let error = match missing {
        Some(program) => {
            let near = config::did_you_mean(program, known.iter().copied());
            let hint = match (near, known.is_empty()) {
                (Some(near), _) => format!("did you mean `{{target}}/{near}`?"),
                (None, true) => "add a `[[bin]]` to a package of the workspace, or an example".into(),
                (None, false) => format!("its programs are {}", known.iter().copied().collect::<Vec<_>>().join(", ")),
            };
            anyhow!(
                "command `{name}` of {POLICY} starts `{{target}}/{program}`, which no package of the workspace builds\nhint: {hint}"
            )
        }
        None => anyhow!(
            "command `{name}` of {POLICY} starts `{}`, which is not there\nhint: `{{tree}}` is the root of the workspace in a clean clone; \
             what git ignores stands in `[tree] include`",
            command.run[0]
        ),
    };
    Stop { code: ExitCode::Configuration, error }
}

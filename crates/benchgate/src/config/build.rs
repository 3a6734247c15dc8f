//! `[build]`: how both sides are built.

use std::collections::{BTreeMap, BTreeSet};

use globset::Glob;
use serde::Deserialize;
use toml::{Spanned, Value};

use super::convert::Conversion;
use super::error::{ConfigError, visible};
use super::wire::Word;
use super::{Loaded, MentionKind};
use benchgate_core::gate::Tier;
use benchgate_core::model::BuildSettings;

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct BuildWire {
    #[serde(default)]
    features: Vec<Word>,
    #[serde(default)]
    all_features: bool,
    #[serde(default)]
    no_default_features: bool,
    profile: Option<Word>,
    packages: Option<Spanned<Vec<Word>>>,
    #[serde(default)]
    exclude: Vec<Word>,
    benches: Option<Spanned<Vec<Word>>>,
    toolchain: Option<Spanned<Value>>,
    #[serde(default)]
    env: BTreeMap<Word, Word>,
    #[serde(default)]
    setup: Vec<Word>,
}

impl BuildWire {
    /// The words that must be known to a side: features, and globs of benches.
    pub fn sought(&self) -> Vec<Word> {
        let benches = self.benches.iter().flat_map(Spanned::get_ref);
        self.features.iter().chain(benches).cloned().collect()
    }
}

/// Variables that are the gate's to set, with what to write instead.
const OWN_VARIABLES: [(&str, &str); 6] = [
    ("CARGO_BUILD_BUILD_DIR", "each side has a target directory of its own; leave it out"),
    ("CARGO_BUILD_TARGET_DIR", "each side has a target directory of its own; leave it out"),
    ("CARGO_TARGET_DIR", "each side has a target directory of its own; leave it out"),
    ("LD_PRELOAD", "the gate preloads its clock there; leave it out"),
    ("RUSTUP_AUTO_INSTALL", "install the toolchain before the gate runs: `rustup toolchain install NAME`"),
    ("RUSTUP_TOOLCHAIN", "write `toolchain = \"NAME\"`"),
];

/// Checks the section.
pub(super) fn convert(
    conversion: &mut Conversion<'_>,
    wire: BuildWire,
    tiers: &BTreeMap<String, Tier>,
) -> Result<BuildSettings, ConfigError> {
    let BuildWire {
        features,
        all_features,
        no_default_features,
        profile,
        packages,
        exclude,
        benches,
        toolchain,
        env,
        setup,
    } = wire;
    for feature in &features {
        let hint = "write one feature a text, `\"name\"` or `\"package/name\"`";
        plain(conversion, feature, "a feature", hint)?;
    }
    if let Some(profile) = &profile {
        plain(conversion, profile, "a profile", "name one of `[profile.NAME]`, for instance `\"profiling\"`")?;
    }
    let packages = filled(conversion, packages, "packages", "without `packages` every member takes part")?;
    let excluded: BTreeSet<&str> = exclude.iter().map(|word| word.get_ref().as_str()).collect();
    for package in packages.iter().chain(&exclude) {
        plain(conversion, package, "the name of a package", "take it from the `[package]` of its Cargo.toml")?;
        let kind = MentionKind::Package(package.get_ref().clone());
        conversion.mention(package.span(), kind);
    }
    for package in &packages {
        let name = visible(package.get_ref());
        if excluded.contains(package.get_ref().as_str()) {
            let problem = format!("package `{name}` is both named and excluded");
            return Err(conversion.wrong(package.span(), problem, "leave it out of one of the two lists"));
        }
        if let Some((tier, _)) = tiers.iter().find(|(_, tier)| tier.packages.contains(package.get_ref())) {
            let problem =
                format!("package `{name}` belongs to tier `{tier}`, so it takes part with `--tier {tier}` only");
            return Err(conversion.wrong(package.span(), problem, "leave it out of one of the two lists"));
        }
    }
    let benches = filled(conversion, benches, "globs of bench targets", "without `benches` all of them take part")?;
    for glob in &benches {
        if let Err(error) = Glob::new(glob.get_ref()) {
            let problem = format!("malformed glob `{}`: {}", visible(glob.get_ref()), error.kind());
            return Err(conversion.wrong(glob.span(), problem, "`*` stands for any text, `?` for one character"));
        }
    }
    let toolchains = toolchain.map(|value| toolchains(conversion, &value)).transpose()?.unwrap_or_default();
    for (name, value) in &env {
        let text = name.get_ref();
        if let Some((_, hint)) = OWN_VARIABLES.iter().find(|(own, _)| own == text) {
            return Err(conversion.wrong(name.span(), format!("`{text}` is the gate's to set"), *hint));
        }
        if text.is_empty() || text.contains(['=', '\0']) || value.get_ref().contains('\0') {
            let problem = format!("`{}` is no name of a variable, or its value is none", visible(text));
            return Err(conversion.wrong(
                name.span(),
                problem,
                "write for instance `env = { RUSTFLAGS = \"-C target-cpu=native\" }`",
            ));
        }
    }
    for command in &setup {
        if command.get_ref().trim().is_empty() || command.get_ref().contains('\0') {
            let hint = "write it as you would type it, for instance `\"cargo run -p fixtures\"`";
            return Err(conversion.wrong(command.span(), "expected a command, found nothing that can be run", hint));
        }
    }
    let texts = |words: Vec<Word>| words.into_iter().map(Spanned::into_inner).collect();
    Ok(BuildSettings {
        features: texts(features),
        has_all_features: all_features,
        has_no_default_features: no_default_features,
        profile: profile.map(Spanned::into_inner),
        packages: texts(packages),
        exclude: texts(exclude),
        benches: texts(benches),
        toolchains,
        environment: env.into_iter().map(|(name, value)| (name.into_inner(), value.into_inner())).collect(),
        setup: texts(setup),
    })
}

/// A word that cargo takes for one.
fn plain(conversion: &Conversion<'_>, word: &Word, what: &str, hint: &str) -> Result<(), ConfigError> {
    let text = word.get_ref();
    let is_plain = !text.is_empty() && !text.starts_with('-') && !text.contains([' ', ',', '\t', '\n']);
    if is_plain && !text.contains(char::is_control) {
        return Ok(());
    }
    Err(conversion.wrong(word.span(), format!("expected {what}, found `{}`", visible(text)), hint))
}

/// A list that is left out rather than empty.
fn filled(
    conversion: &Conversion<'_>,
    list: Option<Spanned<Vec<Word>>>,
    what: &str,
    hint: &str,
) -> Result<Vec<Word>, ConfigError> {
    match list {
        Some(list) if list.get_ref().is_empty() => {
            Err(conversion.wrong(list.span(), format!("expected {what}, found `[]`"), hint))
        }
        Some(list) => Ok(list.into_inner()),
        None => Ok(Vec::new()),
    }
}

/// One name for both sides, or `{ base = "…", candidate = "…" }`.
fn toolchains(conversion: &Conversion<'_>, value: &Spanned<Value>) -> Result<[Option<String>; 2], ConfigError> {
    let hint = "write `\"1.95.0\"`, or `{ base = \"1.94.0\", candidate = \"1.95.0\" }`";
    let wrong = |problem: String| conversion.wrong(value.span(), problem, hint);
    let name = |value: &Value| match value.as_str() {
        Some(name)
            if !name.is_empty()
                && !name.starts_with('-')
                && !name.contains(|c: char| c.is_whitespace() || c.is_control()) =>
        {
            Ok(Some(name.to_owned()))
        }
        Some(name) => Err(wrong(format!("expected a toolchain of rustup's, found `{}`", visible(name)))),
        None => Err(wrong(format!("expected a toolchain in quotes, found {} `{value}`", value.type_str()))),
    };
    let Value::Table(table) = value.get_ref() else {
        let name = name(value.get_ref())?;
        return Ok([name.clone(), name]);
    };
    let [mut base, mut candidate] = [None, None];
    for (key, value) in table {
        match key.as_str() {
            "base" => base = name(value)?,
            "candidate" => candidate = name(value)?,
            other => return Err(wrong(format!("unknown side `{}`, expected `base` or `candidate`", visible(other)))),
        }
    }
    if table.is_empty() {
        return Err(wrong("expected a toolchain, found `{}`".into()));
    }
    Ok([base, candidate])
}

/// The complaint about a feature or a glob of benches that neither side knows, where the file names it.
pub fn unknown_to_both(loaded: &Loaded, word: &str, problem: &str, hint: &str) -> Option<ConfigError> {
    let document = loaded.document(0)?;
    let span = loaded.sought.iter().find(|one| one.get_ref() == word)?.span();
    Some(document.wrong(span, problem, hint))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use crate::config::{check_packages, parse};
    use benchgate_core::model::{BuildSettings, Side};

    const FULL: &str = "[build]\nfeatures = [\"test-utils\", \"core/fast\"]\nall-features = true\nno-default-features = true\n\
                        profile = \"profiling\"\npackages = [\"core\", \"io\"]\nexclude = [\"gpu\"]\nbenches = [\"parse*\"]\n\
                        toolchain = { base = \"1.94.0\", candidate = \"1.95.0\" }\nenv = { RUSTFLAGS = \"-C target-cpu=native\" }\n\
                        setup = [\"cargo run -p fixtures\"]\n";

    fn read(text: &str) -> Result<BuildSettings, String> {
        parse("b", text).map(|loaded| loaded.policy.build).map_err(|error| error.to_string())
    }

    #[test]
    fn every_key_reaches_the_settings() {
        let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        let settings = read(FULL).unwrap();
        assert_eq!(settings.features, ["test-utils", "core/fast"]);
        assert!(settings.has_all_features && settings.has_no_default_features);
        assert_eq!(settings.profile.as_deref(), Some("profiling"));
        assert_eq!((settings.packages.clone(), settings.exclude.clone()), (words(&["core", "io"]), words(&["gpu"])));
        assert_eq!(
            (settings.benches.clone(), settings.setup.clone()),
            (words(&["parse*"]), words(&["cargo run -p fixtures"]))
        );
        assert_eq!(
            [Side::Base, Side::Candidate].map(|side| settings.toolchain(side)),
            [Some("1.94.0"), Some("1.95.0")]
        );
        assert_eq!(settings.environment["RUSTFLAGS"], "-C target-cpu=native");
        assert_eq!(read("").unwrap(), BuildSettings::default());
        assert_eq!(read("[build]\n").unwrap(), BuildSettings::default());
    }

    #[test]
    fn a_toolchain_is_for_both_sides_or_for_one() {
        let of = |text: &str| read(&format!("[build]\ntoolchain = {text}")).unwrap().toolchains;
        assert_eq!(of("\"1.95.0\""), [Some("1.95.0".into()), Some("1.95.0".into())]);
        assert_eq!(of("{ base = \"nightly\" }"), [Some("nightly".into()), None]);
    }

    #[test]
    fn what_is_wrong_is_shown_with_its_place() {
        #[track_caller]
        fn check(line: &str, column: usize, problem: &str) {
            let said = read(&format!("[build]\n{line}\n")).expect_err(line);
            assert!(said.starts_with(&format!("`b:2:{column}`: ")), "{said}");
            assert!(said.contains(problem) && said.matches("\nhint: ").count() == 1, "{said}");
        }
        check("feature = [\"a\"]", 1, "unknown key `feature`");
        check("features = \"a\"", 12, "expected a sequence");
        check("features = [\"a b\"]", 13, "expected a feature, found `a b`");
        check("features = [\"\"]", 13, "expected a feature");
        check("all-features = \"yes\"", 16, "expected a boolean");
        check("profile = \"--release\"", 11, "expected a profile, found `--release`");
        check("packages = []", 12, "expected packages, found `[]`");
        check("packages = [\"-p\"]", 13, "expected the name of a package");
        check("benches = []", 11, "expected globs of bench targets");
        check("benches = [\"a\", \"b[\"]", 17, "malformed glob `b[`");
        check("toolchain = 195", 13, "expected a toolchain in quotes, found integer `195`");
        check("toolchain = \"\"", 13, "expected a toolchain of rustup's");
        check("toolchain = { side = \"1.95\" }", 13, "unknown side `side`");
        check("toolchain = {}", 13, "expected a toolchain, found `{}`");
        check("env = { X = 1 }", 13, "expected a string");
        check("env = { CARGO_TARGET_DIR = \"/x\" }", 9, "`CARGO_TARGET_DIR` is the gate's to set");
        check("env = { RUSTUP_TOOLCHAIN = \"x\" }", 9, "`RUSTUP_TOOLCHAIN` is the gate's to set");
        check("env = { \"A=B\" = \"x\" }", 9, "is no name of a variable");
        check("setup = [\" \"]", 10, "expected a command");
        let said = read("[build]\npackages = [\"a\", \"b\"]\nexclude = [\"b\"]\n").unwrap_err();
        assert!(said.starts_with("`b:2:18`: package `b` is both named and excluded"), "{said}");
        let said = read("[build]\npackages = [\"a\"]\n[tiers.x]\npackages = [\"a\"]\n").unwrap_err();
        assert!(said.starts_with("`b:2:13`: package `a` belongs to tier `x`"), "{said}");
    }

    #[test]
    fn packages_exist() {
        let loaded = parse("b", "[build]\nexclude = [\"gpu\"]\n").unwrap();
        let known = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        assert!(check_packages(&loaded, &known(&["core", "gpu"])).is_ok());
        let said = check_packages(&loaded, &known(&["core", "gpus"])).unwrap_err().to_string();
        assert!(
            said.starts_with("`b:2:12`: the workspace has no package `gpu`") && said.contains("did you mean `gpus`?"),
            "{said}"
        );
    }

    #[test]
    fn unknown_words_have_the_place_where_they_stand() {
        let loaded = parse("b", FULL).unwrap();
        let said = super::unknown_to_both(&loaded, "parse*", "no bench", "a hint").unwrap().to_string();
        assert!(said.starts_with("`b:8:12`: no bench"), "{said}");
        assert!(super::unknown_to_both(&loaded, "of a flag", "no bench", "a hint").is_none());
    }

    proptest! {
        #[test]
        fn no_value_panics(key in "features|profile|packages|benches|toolchain|env|setup|exclude", value in "[a-b\\[\\]{}\",= *-]{0,24}") {
            if let Err(said) = read(&format!("[build]\n{key} = {value}\n")) {
                prop_assert_eq!(said.matches("\nhint: ").count(), 1);
            }
        }
    }
}

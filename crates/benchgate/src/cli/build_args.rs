//! Flags that say how both sides are built: cargo's own, each in the place of a key of `[build]`.

use clap::ArgAction;

use benchgate_core::model::BuildSettings;

/// How both sides are built.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(next_help_heading = "Build, in the place of keys of `[build]`")]
pub(super) struct BuildArgs {
    /// Features to enable, separated by commas or blanks
    #[arg(short = 'F', long, value_name = "FEATURES", action = ArgAction::Append)]
    pub features: Vec<String>,
    /// Enable all features of the packages that take part
    #[arg(long)]
    pub all_features: bool,
    /// Do not enable the features called `default`
    #[arg(long)]
    pub no_default_features: bool,
    /// Cargo's profile to build with; `bench` where absent
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Only these packages
    #[arg(short = 'p', long, value_name = "NAME", action = ArgAction::Append)]
    pub package: Vec<String>,
    /// All members, whatever packages the configuration names
    #[arg(long, alias = "all", conflicts_with = "package")]
    pub workspace: bool,
    /// Leave these packages out
    #[arg(long, value_name = "NAME", action = ArgAction::Append)]
    pub exclude: Vec<String>,
    /// Only bench targets of this name, which may hold `*`, `?` and `[`
    #[arg(long, value_name = "GLOB", action = ArgAction::Append)]
    pub bench: Vec<String>,
}

impl BuildArgs {
    /// The settings of the configuration, with the keys replaced for which there are flags.
    pub fn over(&self, configured: &BuildSettings) -> BuildSettings {
        let list =
            |given: Vec<String>, configured: &[String]| if given.is_empty() { configured.to_vec() } else { given };
        let configured_packages = if self.workspace { &[][..] } else { &configured.packages };
        BuildSettings {
            features: list(self.features(), &configured.features),
            has_all_features: self.all_features || configured.has_all_features,
            has_no_default_features: self.no_default_features || configured.has_no_default_features,
            profile: self.profile.clone().or_else(|| configured.profile.clone()),
            packages: list(self.package.clone(), configured_packages),
            exclude: list(self.exclude.clone(), &configured.exclude),
            benches: list(self.bench.clone(), &configured.benches),
            toolchains: configured.toolchains.clone(),
            environment: configured.environment.clone(),
            setup: configured.setup.clone(),
        }
    }

    /// The words that give these flags again.
    pub fn words(&self) -> Vec<String> {
        let valued = |flag: &str, values: &[String]| -> Vec<String> {
            values.iter().flat_map(|value| [flag.to_owned(), value.clone()]).collect()
        };
        let switch = |flag: &str, is_on: bool| if is_on { vec![flag.to_owned()] } else { Vec::new() };
        [
            valued("--features", &self.features()),
            switch("--all-features", self.all_features),
            switch("--no-default-features", self.no_default_features),
            valued("--profile", self.profile.as_slice()),
            valued("--package", &self.package),
            switch("--workspace", self.workspace),
            valued("--exclude", &self.exclude),
            valued("--bench", &self.bench),
        ]
        .concat()
    }

    fn features(&self) -> Vec<String> {
        let words = self.features.iter().flat_map(|text| text.split([',', ' ']));
        words.filter(|word| !word.is_empty()).map(String::from).collect()
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;

    #[derive(Parser)]
    struct Command {
        #[command(flatten)]
        build: BuildArgs,
    }

    fn flags(words: &[&str]) -> BuildArgs {
        Command::try_parse_from(["bench"].iter().chain(words)).unwrap().build
    }

    fn configured() -> BuildSettings {
        let list = |word: &str| vec![word.to_owned()];
        BuildSettings {
            features: list("configured"),
            profile: Some("profiling".into()),
            packages: list("core"),
            exclude: list("gpu"),
            benches: list("parse*"),
            setup: list("make"),
            ..BuildSettings::default()
        }
    }

    #[test]
    fn without_flags_the_configuration_holds() {
        assert_eq!(flags(&[]).over(&configured()), configured());
        assert!(flags(&[]).words().is_empty());
    }

    #[test]
    fn each_flag_stands_for_its_key() {
        let all = [
            "-F",
            "a,b",
            "--features",
            "c d",
            "--all-features",
            "--no-default-features",
            "--profile",
            "fast",
            "-p",
            "x",
            "--package",
            "y",
            "--exclude",
            "z",
            "--bench",
            "t*",
        ];
        let settings = flags(&all).over(&configured());
        let expected = BuildSettings {
            features: ["a", "b", "c", "d"].map(String::from).to_vec(),
            has_all_features: true,
            has_no_default_features: true,
            profile: Some("fast".into()),
            packages: ["x", "y"].map(String::from).to_vec(),
            exclude: vec!["z".into()],
            benches: vec!["t*".into()],
            ..configured()
        };
        assert_eq!(settings, expected);
        assert_eq!(flags(&["--workspace"]).over(&configured()).packages, Vec::<String>::new());
        assert_eq!(flags(&["--all"]).over(&configured()).exclude, ["gpu"]);
    }

    #[test]
    fn words_give_the_same_flags_again() {
        for words in
            [&["-F", "a b", "--workspace"][..], &["--no-default-features", "--all-features", "-p", "x", "--bench", "y"]]
        {
            let given = flags(words);
            let words = given.words();
            let again = flags(&words.iter().map(String::as_str).collect::<Vec<_>>());
            assert_eq!(again.over(&configured()), given.over(&configured()));
        }
    }
}

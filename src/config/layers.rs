//! The layers settings are merged from, and the wording of what is wrong with them.

use std::collections::BTreeMap;
use std::fmt;

use figment::error::Kind;
use figment::value::{Dict, Map, Value};
use figment::{Metadata, Profile, Provider, Source};

use super::{DEFAULTS, Figment, Format, PathBuf, Toml};

/// Name of the settings file looked for in the data folder.
const FILE: &str = "scimd.toml";
const PREFIX: &str = "SCIMD_";

/// Where settings are read from.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// Data folder: home of `scimd.toml` and of the SQLite file. Empty: the current folder.
    pub dir: PathBuf,
    /// Settings file named by `--config`; `SCIMD_CONFIG` and then `<dir>/scimd.toml` otherwise.
    pub file: Option<PathBuf>,
    /// Environment variables; those that do not begin with `SCIMD_` are left alone.
    pub env: Vec<(String, String)>,
    /// Flags given on the command line, as settings key and value.
    pub flags: Vec<(String, String)>,
}

/// All that is wrong with the settings.
#[derive(Debug, thiserror::Error)]
pub struct ConfigError {
    /// At least one fault.
    pub faults: Vec<Fault>,
}

/// One setting that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Key as in `scimd.toml`.
    pub key: String,
    /// Where the value was set.
    pub origin: String,
    /// What is wrong and what to do.
    pub problem: String,
}

impl Fault {
    pub(super) fn new(key: &str, origin: String, problem: String) -> Self {
        Self { key: key.to_owned(), origin, problem }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.key, self.origin, self.problem)
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.faults.iter().enumerate() {
            let separator = if index == 0 { "" } else { "\n" };
            write!(f, "{separator}{fault}")?;
        }
        Ok(())
    }
}

impl Sources {
    /// The environment of this process, the data folder `dir`, and nothing else.
    pub fn from_process(dir: impl Into<PathBuf>) -> Self {
        let text = |value: std::ffi::OsString| value.to_string_lossy().into_owned();
        let env = std::env::vars_os().map(|(key, value)| (text(key), text(value))).collect();
        Self { dir: dir.into(), env, ..Self::default() }
    }

    /// The merged layers, weakest first. Errors: a named file that is not there.
    pub(super) fn layers(&self) -> Result<Figment, ConfigError> {
        let variable = self.env.iter().find(|(key, _)| key == "SCIMD_CONFIG");
        let (path, named_by) = match (&self.file, variable) {
            (Some(path), _) => (path.clone(), Some("flag --config")),
            (None, Some((_, path))) if !path.is_empty() => {
                (path.into(), Some("environment variable SCIMD_CONFIG"))
            }
            _ => (self.dir.join(FILE), None),
        };
        let there = path.is_file();
        if let (Some(named_by), false) = (named_by, there) {
            let problem = format!("there is no file {}", path.display());
            return Err(ConfigError {
                faults: vec![Fault::new("config", named_by.into(), problem)],
            });
        }
        let env = self.env.iter().filter_map(|(key, value)| Some((setting(key)?, value.clone())));
        let mut layers = Figment::from(Defaults);
        if there {
            layers = layers.merge(Toml::file_exact(path));
        }
        Ok(layers
            .merge(Pairs { kind: "environment variable", values: env.collect() })
            .merge(Pairs { kind: "flag", values: self.flags.clone() }))
    }
}

/// The key a variable sets. Kubernetes adds `SCIMD_PORT…` and `SCIMD_SERVICE_…` to every container
/// beside a Service named scimd, and the test suite has switches of its own: those set nothing.
fn setting(variable: &str) -> Option<String> {
    let key = variable.strip_prefix(PREFIX)?;
    let foreign = key == "CONFIG"
        || key == "PORT"
        || ["PORT_", "SERVICE_", "TEST_"].iter().any(|prefix| key.starts_with(prefix));
    (!foreign).then(|| key.to_lowercase())
}

/// The built-in file, under a name of its own so that it can be told from the user's.
struct Defaults;

impl Provider for Defaults {
    fn metadata(&self) -> Metadata {
        Metadata::named("default")
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        Toml::string(DEFAULTS).data()
    }
}

/// Settings from anywhere but a file, as text.
pub(super) struct Pairs {
    pub(super) kind: &'static str,
    pub(super) values: Vec<(String, String)>,
}

impl Provider for Pairs {
    fn metadata(&self) -> Metadata {
        Metadata::named(self.kind)
    }

    fn data(&self) -> Result<Map<Profile, Dict>, figment::Error> {
        let values =
            self.values.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str())));
        Ok(Map::from([(Profile::Default, values.collect())]))
    }
}

/// Where each key that is set was set.
pub(super) fn origins(figment: &Figment) -> BTreeMap<String, String> {
    let keys = figment.data().unwrap_or_default().into_values().flat_map(Dict::into_keys);
    keys.filter_map(|key| {
        let origin = describe(figment.find_metadata(&key)?, &key);
        Some((key, origin))
    })
    .collect()
}

/// The origin of `key`; the default when nothing set it.
pub(super) fn origin_in(origins: &BTreeMap<String, String>, key: &str) -> String {
    origins.get(key).cloned().unwrap_or_else(|| "default".to_owned())
}

fn describe(metadata: &Metadata, key: &str) -> String {
    match (metadata.name.as_ref(), &metadata.source) {
        (_, Some(Source::File(path))) => format!("file {}", path.display()),
        ("environment variable", _) => {
            format!("environment variable {PREFIX}{}", key.to_uppercase())
        }
        ("flag", _) => format!("flag --{}", key.replace('_', "-")),
        (name, _) => name.to_owned(),
    }
}

/// The refusal of the typed extraction, in our words.
pub(super) fn refused(error: figment::Error, origin: &dyn Fn(&str) -> String) -> ConfigError {
    let faults = error.into_iter().map(|error| fault(&error, origin)).collect();
    ConfigError { faults }
}

fn fault(error: &figment::Error, origin: &dyn Fn(&str) -> String) -> Fault {
    if let Kind::UnknownField(key, _) = &error.kind {
        let problem = "there is no such setting; `scimd config example` lists them all".to_owned();
        return Fault::new(key, origin(key), problem);
    }
    let key = error.path.join(".");
    if key.is_empty() {
        let place = error.metadata.as_ref().map(|metadata| describe(metadata, ""));
        return Fault::new(
            "file",
            place.unwrap_or_else(|| FILE.to_owned()),
            error.kind.to_string(),
        );
    }
    let problem = format!("{}; `scimd config example` explains the key", error.kind);
    Fault::new(&key, origin(&key), problem)
}

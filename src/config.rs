//! Settings: built-in defaults, then `scimd.toml`, then `SCIMD_*` variables, then flags.
//!
//! The keys, their meaning and their defaults live in `config/scimd.default.toml`, which is built
//! in. Here is how the layers are merged, which values are refused, and where each came from.
//! Nothing here opens a database or a socket.

mod database_url;
mod layers;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use figment::Figment;
use figment::providers::{Format, Toml};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

pub use self::database_url::Engine;
pub use self::layers::{ConfigError, Fault, Sources};

/// `config/scimd.default.toml`: every key with its meaning and default, as `config example` prints.
pub const DEFAULTS: &str = include_str!("../config/scimd.default.toml");

/// Filters are read and evaluated by recursion: a deeper one could overflow the stack of a worker.
const DEEPEST_FILTER: usize = 500;

/// The settings in effect; each field is explained in `config/scimd.default.toml`. Serializing
/// shows the database password as `***`.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Address the server listens on.
    pub listen: SocketAddr,
    /// Address clients reach it at: `http` or `https`, no trailing slash. Never empty.
    pub public_url: String,
    /// Whether Forwarded and X-Forwarded-* headers count.
    pub trust_proxy: bool,
    /// Database with its password; never empty. Relative SQLite paths are already resolved.
    #[serde(deserialize_with = "secret", serialize_with = "redacted")]
    pub database_url: SecretString,
    /// File the password of `database_url` was read from; empty when none.
    pub database_password_file: String,
    /// Most open database connections.
    pub database_connections: u32,
    /// What is done about migrations at start.
    pub migrate: Migrate,
    /// Largest request body in bytes.
    pub body_limit_bytes: usize,
    /// Largest request head in bytes.
    pub header_limit_bytes: usize,
    /// Longest time for one request.
    pub request_timeout_seconds: u64,
    /// Longest filter in bytes.
    pub filter_length: usize,
    /// Deepest filter nesting.
    pub filter_depth: usize,
    /// Most operations in one PATCH.
    pub patch_operations: usize,
    /// Most resources in one answer.
    pub max_results: usize,
    /// Live tokens per provisioning method (K7).
    pub tokens_per_method: u32,
    /// Days an erased user can be restored (K3).
    pub erased_days: u32,
    /// Seconds for requests in flight when the server stops.
    pub shutdown_seconds: u64,
    /// Form of the log.
    pub log_format: LogFormat,
    /// What is logged, as `tracing_subscriber::EnvFilter` reads it.
    pub log_level: String,
    #[serde(skip)]
    origins: BTreeMap<String, String>,
}

/// What is done about migrations when the database is opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Migrate {
    /// Run the missing ones.
    Auto,
    /// Refuse to start while one is missing.
    Check,
    /// Do not look.
    Off,
}

/// Form of the log on standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// Pretty on a terminal, JSON elsewhere.
    Auto,
    /// For people.
    Pretty,
    /// One JSON object per line.
    Json,
}

/// One line of `config show`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Setting {
    /// Key as in `scimd.toml`.
    pub key: String,
    /// Value in effect, without the database password.
    pub value: String,
    /// Where the value was set: `default`, a file, a variable or a flag.
    pub origin: String,
}

impl Config {
    /// Merges the layers of `sources` and checks every value.
    ///
    /// Errors name the key, where its value was set and what is wrong with it; all values that are
    /// out of range are named at once.
    pub fn load(sources: &Sources) -> Result<Self, ConfigError> {
        let figment = sources.layers()?;
        let origins = layers::origins(&figment);
        let origin = |key: &str| layers::origin_in(&origins, key);
        let mut faults = Vec::new();
        let derived = derive(&figment, &sources.dir, &mut |key, problem| {
            faults.push(Fault::new(key, origin(key), problem));
        });
        if !faults.is_empty() {
            return Err(ConfigError { faults });
        }
        let mut config: Self = figment
            .merge(derived)
            .extract_lossy()
            .map_err(|error| layers::refused(error, &origin))?;
        for (key, problem) in config.problems() {
            faults.push(Fault::new(key, origin(key), problem));
        }
        if !faults.is_empty() {
            return Err(ConfigError { faults });
        }
        config.origins = origins;
        Ok(config)
    }

    /// Every key with its value in effect and its origin, in the order of the defaults file.
    pub fn sources(&self) -> Vec<Setting> {
        let Ok(serde_json::Value::Object(values)) = serde_json::to_value(self) else {
            return Vec::new();
        };
        values
            .into_iter()
            .map(|(key, value)| Setting {
                value: value.as_str().map_or_else(|| value.to_string(), str::to_owned),
                origin: layers::origin_in(&self.origins, &key),
                key,
            })
            .collect()
    }

    /// The database engine `database_url` names.
    pub fn engine(&self) -> Engine {
        database_url::engine(self.database_url.expose_secret()).unwrap_or(Engine::Sqlite)
    }

    /// The SQLite file `database_url` names; nothing for Postgres and for a database in memory.
    pub fn sqlite_file(&self) -> Option<PathBuf> {
        database_url::file(self.database_url.expose_secret())
    }

    /// `database_url` with its password as `***`, fit for logs and for people.
    pub fn database_shown(&self) -> String {
        database_url::redact(self.database_url.expose_secret())
    }

    /// What the types cannot refuse: zeros that would stop everything, a filter depth that would
    /// overflow the stack, and a log filter that does not parse.
    fn problems(&self) -> Vec<(&'static str, String)> {
        let counts: [(&'static str, u64); 9] = [
            ("database_connections", self.database_connections.into()),
            ("body_limit_bytes", self.body_limit_bytes as u64),
            ("header_limit_bytes", self.header_limit_bytes as u64),
            ("request_timeout_seconds", self.request_timeout_seconds),
            ("filter_length", self.filter_length as u64),
            ("filter_depth", self.filter_depth as u64),
            ("patch_operations", self.patch_operations as u64),
            ("max_results", self.max_results as u64),
            ("tokens_per_method", self.tokens_per_method.into()),
        ];
        let mut problems: Vec<_> = counts
            .into_iter()
            .filter(|(_, value)| *value == 0)
            .map(|(key, _)| (key, "must be at least 1".to_owned()))
            .collect();
        if self.filter_depth > DEEPEST_FILTER {
            problems.push(("filter_depth", format!("must be at most {DEEPEST_FILTER}")));
        }
        if let Err(problem) = crate::telemetry::filter(&self.log_level) {
            problems.push(("log_level", problem));
        }
        problems
    }
}

/// The values that follow from others: where the key is left empty, and the database URL with its
/// password. Unreadable values are left to the typed extraction, which words them better.
fn derive(
    figment: &Figment,
    dir: &Path,
    fault: &mut dyn FnMut(&'static str, String),
) -> layers::Pairs {
    let text = |key: &str| figment.extract_inner_lossy::<String>(key).unwrap_or_default();
    let mut pairs = Vec::new();
    match database_url::resolve(&text("database_url"), &text("database_password_file"), dir) {
        Ok(url) => {
            if text("migrate").is_empty() {
                let on_start = match database_url::engine(&url) {
                    Some(Engine::Postgres) => "check",
                    _ => "auto",
                };
                pairs.push(("migrate".to_owned(), on_start.to_owned()));
            }
            pairs.push(("database_url".to_owned(), url));
        }
        Err((key, problem)) => fault(key, problem),
    }
    let public_url = text("public_url");
    if public_url.is_empty() {
        if let Ok(listen) = text("listen").parse::<SocketAddr>() {
            pairs.push(("public_url".to_owned(), local_url(listen)));
        }
    } else if let Err(problem) = check_public_url(&public_url) {
        fault("public_url", problem);
    }
    layers::Pairs { kind: "default", values: pairs }
}

/// The URL of a server on this machine: an address that means "every interface" is no address to
/// call.
fn local_url(listen: SocketAddr) -> String {
    if listen.ip().is_unspecified() {
        format!("http://localhost:{}", listen.port())
    } else {
        format!("http://{listen}")
    }
}

fn check_public_url(url: &str) -> Result<(), String> {
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"));
    let Some(rest) = rest else {
        return Err("must begin with https:// or http://, as in https://scim.example.com".into());
    };
    let host = rest.split('/').next().unwrap_or_default();
    if host.is_empty() || host.starts_with(':') {
        return Err("names no host; write it as https://scim.example.com".into());
    }
    if rest.ends_with('/') {
        return Err("must not end with a slash".into());
    }
    if rest.contains(|c: char| "?#@\"\\<>".contains(c) || c.is_whitespace() || c.is_control()) {
        return Err("must be scheme, host, port and path only: no query, fragment or user".into());
    }
    Ok(())
}

fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SecretString, D::Error> {
    String::deserialize(deserializer).map(SecretString::from)
}

fn redacted<S: Serializer>(url: &SecretString, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&database_url::redact(url.expose_secret()))
}

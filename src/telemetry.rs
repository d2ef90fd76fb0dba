//! The log on standard error, and what this build is.

use std::io::IsTerminal;

use serde::Serialize;
use tracing_subscriber::EnvFilter;

use crate::config::{Config, LogFormat};

/// What was built, from what, for where.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Build {
    /// Release, as in `Cargo.toml`.
    pub version: &'static str,
    /// Source revision, where the build was told it by the variable `BUILD_COMMIT`.
    pub commit: Option<&'static str>,
    /// Operating system.
    pub os: &'static str,
    /// Processor.
    pub arch: &'static str,
    /// `release` (optimized) or `debug`.
    pub profile: &'static str,
}

/// This build.
pub const BUILD: Build = Build {
    version: env!("CARGO_PKG_VERSION"),
    commit: option_env!("BUILD_COMMIT"),
    os: std::env::consts::OS,
    arch: std::env::consts::ARCH,
    profile: if cfg!(debug_assertions) { "debug" } else { "release" },
};

/// The release in one line, with the revision where it is known: `0.1.0 (1a2b3c4)`.
pub fn version() -> String {
    match BUILD.commit {
        Some(commit) => format!("{} ({commit})", BUILD.version),
        None => BUILD.version.to_owned(),
    }
}

/// Reads `log_level`. Error: what is wrong with it, and an example.
pub fn filter(level: &str) -> Result<EnvFilter, String> {
    EnvFilter::builder()
        .parse(level)
        .map_err(|error| format!("{error}; write it as info or as info,scimd::http=debug"))
}

/// Starts the log as `config` says. A second call in the same process changes nothing.
///
/// Error: a `log_level` that cannot be read, which [`Config::load`] refuses before.
pub fn init(config: &Config) -> Result<(), String> {
    let stderr = std::io::stderr;
    let terminal = stderr().is_terminal();
    let pretty = match config.log_format {
        LogFormat::Auto => terminal,
        LogFormat::Pretty => true,
        LogFormat::Json => false,
    };
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter(&config.log_level)?)
        .with_writer(stderr)
        // It would be told on standard error too, and a failure there would take the request with it.
        .log_internal_errors(false)
        .with_ansi(terminal && std::env::var_os("NO_COLOR").is_none());
    // The error only says that a log is there already, as in tests that start several servers.
    let _already_started = if pretty {
        log.with_target(false).try_init()
    } else {
        log.json().flatten_event(true).with_current_span(false).try_init()
    };
    Ok(())
}

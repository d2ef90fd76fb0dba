//! Why a command failed, and the exit code that says so.

use std::fmt;
use std::process::ExitCode;

use crate::config::ConfigError;

/// A failed command: a message for people and an exit code for programs.
#[derive(Debug)]
pub(super) struct Failure {
    code: u8,
    message: String,
}

impl Failure {
    /// 1: it did not work.
    pub(super) fn failed(message: impl Into<String>) -> Self {
        Self { code: 1, message: message.into() }
    }

    /// 2: it was asked for wrongly.
    pub(super) fn usage(message: impl Into<String>) -> Self {
        Self { code: 2, message: message.into() }
    }

    /// 3: what was named is not there.
    pub(super) fn missing(message: impl Into<String>) -> Self {
        Self { code: 3, message: message.into() }
    }

    /// 4: the state of things does not allow it.
    pub(super) fn conflict(message: impl Into<String>) -> Self {
        Self { code: 4, message: message.into() }
    }

    /// 5: database or server cannot be reached.
    pub(super) fn unreachable(message: impl Into<String>) -> Self {
        Self { code: 5, message: message.into() }
    }

    /// The exit code that goes with an HTTP status.
    pub(super) fn of_status(status: u16, message: impl Into<String>) -> Self {
        let message = message.into();
        match status {
            400 => Self::usage(message),
            404 => Self::missing(message),
            409 | 412 | 428 => Self::conflict(message),
            503 => Self::unreachable(message),
            _ => Self::failed(message),
        }
    }

    pub(super) fn code(&self) -> ExitCode {
        ExitCode::from(self.code)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// Settings that cannot be used are a fault of the call, wherever they were written.
impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::usage(error.to_string())
    }
}

/// The exit code follows from the status; the reasons, which the answer to a SCIM client leaves out,
/// are for who runs the command.
impl From<crate::domain::Error> for Failure {
    fn from(error: crate::domain::Error) -> Self {
        Self::of_status(error.status(), error.to_string())
    }
}

//! What a use case answers when it does not succeed.

use crate::scim::error::ScimError;
use crate::storage::StorageError;

/// A use case that did not succeed. Nothing was changed.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// Refused by a rule; the reason is for the client.
    #[error("{0}")]
    Refused(#[from] ScimError),
    /// The database cannot be reached now; the reason is for the log.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// A fault of ours or of the database; the reason is for the log.
    #[error("internal fault: {0}")]
    Internal(String),
}

impl Error {
    /// HTTP status that this amounts to; the command line derives its exit code from it.
    pub fn status(&self) -> u16 {
        match self {
            Self::Refused(error) => error.status,
            Self::Unavailable(_) => 503,
            Self::Internal(_) => 500,
        }
    }

    /// The message for the client: reasons that are for the log stay out of it.
    pub fn to_scim(&self) -> ScimError {
        match self {
            Self::Refused(error) => error.clone(),
            Self::Unavailable(_) => {
                ScimError::new(503, "The database is not available now; try again in a few seconds")
            }
            Self::Internal(_) => ScimError::new(
                500,
                "The server failed; nothing was changed. Give the request id to its administrator",
            ),
        }
    }
}

impl From<StorageError> for Error {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Unavailable(reason) => Self::Unavailable(reason),
            StorageError::Stale => Self::Unavailable("the row kept changing".to_owned()),
            StorageError::NoSeat => Self::Refused(ScimError::new(
                428,
                "No seat is left in this organization: lock or erase users, or raise the number of \
                 seats (scimd organization set --seats)",
            )),
            StorageError::TooManyTokens => Self::Refused(ScimError::conflict(
                "The node has as many live tokens as tokens_per_method allows: revoke one first \
                 (scimd token list, scimd token revoke)",
            )),
            StorageError::Missing => Self::Refused(ScimError::not_found("It is not there")),
            StorageError::Taken => {
                Self::Refused(ScimError::uniqueness("A value that must be unique is taken"))
            }
            StorageError::Dangling | StorageError::Failed(_) => Self::Internal(error.to_string()),
        }
    }
}

//! What can go wrong in storage, the same on both engines.

use sqlx::error::DatabaseError;

/// A failed read or write. Details are for the log, never for a client.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StorageError {
    /// The database cannot be reached or is shutting down; trying again later can help.
    #[error("the database cannot be reached: {0}")]
    Unavailable(String),
    /// A unique key is taken.
    #[error("a unique key is taken")]
    Taken,
    /// The row is not at the expected version, or another transaction came first: read again.
    #[error("the row was changed by another request")]
    Stale,
    /// The row to change is not there.
    #[error("the row is not there")]
    Missing,
    /// A row that is referred to is not there.
    #[error("a row that is referred to is not there")]
    Dangling,
    /// The organization has no seat left.
    #[error("no seat is left")]
    NoSeat,
    /// The node has as many live tokens as it may have.
    #[error("the node has as many live tokens as it may have")]
    TooManyTokens,
    /// The disk is full, the file is damaged, a statement is wrong: an administrator must look.
    #[error("the database failed: {0}")]
    Failed(String),
}

/// Postgres: deadlock and serialization failures, which a new try resolves.
const POSTGRES_RETRY: [&str; 2] = ["40001", "40P01"];
/// Postgres: cannot connect now, too many connections, administrator shutdown, read-only after failover.
const POSTGRES_UNAVAILABLE: [&str; 7] =
    ["57P01", "57P02", "57P03", "53300", "25006", "08006", "08003"];
/// SQLite: `SQLITE_BUSY` and `SQLITE_LOCKED` with their extended codes.
const SQLITE_BUSY: [&str; 5] = ["5", "6", "261", "262", "517"];

impl From<sqlx::Error> for StorageError {
    fn from(error: sqlx::Error) -> Self {
        match error {
            sqlx::Error::Database(error) => from_database(error.as_ref()),
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::Protocol(_) => Self::Unavailable(error.to_string()),
            other => Self::Failed(other.to_string()),
        }
    }
}

fn from_database(error: &dyn DatabaseError) -> StorageError {
    let code = error.code().unwrap_or_default();
    if error.is_unique_violation() {
        StorageError::Taken
    } else if error.is_foreign_key_violation() {
        StorageError::Dangling
    } else if POSTGRES_RETRY.contains(&code.as_ref()) {
        StorageError::Stale
    } else if POSTGRES_UNAVAILABLE.contains(&code.as_ref()) || SQLITE_BUSY.contains(&code.as_ref())
    {
        StorageError::Unavailable(error.to_string())
    } else {
        StorageError::Failed(format!("{error} ({code})"))
    }
}

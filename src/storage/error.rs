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
/// Postgres: administrator shutdown, cannot connect now, disk full, out of memory, too many connections,
/// read-only after failover, connection lost, statement or lock timeout.
const POSTGRES_UNAVAILABLE: [&str; 11] = [
    "57P01", "57P02", "57P03", "53100", "53200", "53300", "25006", "08006", "08003", "57014",
    "55P03",
];
/// SQLite: `SQLITE_BUSY`, `SQLITE_LOCKED`, `SQLITE_IOERR` and `SQLITE_FULL`. Extended codes have them in
/// their last byte.
const SQLITE_UNAVAILABLE: [u32; 4] = [5, 6, 10, 13];

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
    } else if is_unavailable(&code) {
        StorageError::Unavailable(error.to_string())
    } else {
        StorageError::Failed(format!("{error} ({code})"))
    }
}

/// Whether trying again later can help. A code of Postgres has five characters, one of SQLite is a number of
/// at most four.
fn is_unavailable(code: &str) -> bool {
    match code.parse::<u32>() {
        Ok(number) if code.len() < 5 => SQLITE_UNAVAILABLE.contains(&(number & 0xff)),
        _ => POSTGRES_UNAVAILABLE.contains(&code),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_both_engines_are_told_apart() {
        for code in ["5", "6", "517", "10", "266", "8202", "13", "57P01", "53100", "57014", "55P03"]
        {
            assert!(is_unavailable(code), "{code}");
        }
        // 23514 & 0xff is no code of SQLite here, and 42P01 is a fault of ours.
        for code in ["1", "19", "2067", "23505", "23514", "42P01", "53301", ""] {
            assert!(!is_unavailable(code), "{code}");
        }
    }
}

//! What can go wrong in storage, the same on both engines.

use std::path::Path;

use sqlx::error::DatabaseError;
use sqlx::postgres::PgConnectOptions;

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
/// read-only after failover, connection lost, statement or lock timeout; and [`POSTGRES_LOGIN`], where the
/// password has been changed under a running server.
const POSTGRES_UNAVAILABLE: [&str; 14] = [
    "57P01",
    "57P02",
    "57P03",
    "53100",
    "53200",
    "53300",
    "25006",
    "08006",
    "08003",
    "57014",
    "55P03",
    "28P01",
    "28000",
    POSTGRES_NO_DATABASE,
];
/// Postgres: wrong password, and a user that may not log in.
const POSTGRES_LOGIN: [&str; 2] = ["28P01", "28000"];
const POSTGRES_NO_DATABASE: &str = "3D000";
/// SQLite: `SQLITE_BUSY`, `SQLITE_LOCKED`, `SQLITE_IOERR`, `SQLITE_FULL`, and what a file is not fit for.
/// Extended codes have them in their last byte.
const SQLITE_UNAVAILABLE: [u32; 7] =
    [5, 6, 10, 13, SQLITE_READONLY, SQLITE_CANTOPEN, SQLITE_NOTADB];
const SQLITE_READONLY: u32 = 8;
const SQLITE_CANTOPEN: u32 = 14;
const SQLITE_NOTADB: u32 = 26;

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
        Ok(number) if code.len() < 5 => SQLITE_UNAVAILABLE.contains(&primary(number)),
        _ => POSTGRES_UNAVAILABLE.contains(&code),
    }
}

fn primary(sqlite_code: u32) -> u32 {
    sqlite_code & 0xff
}

/// Why a connection to Postgres could not be made, and what to do. Nothing in it is secret.
pub(super) fn no_postgres(options: &PgConnectOptions, error: &sqlx::Error) -> StorageError {
    let (user, host, port) = (options.get_username(), options.get_host(), options.get_port());
    let code = error.as_database_error().and_then(DatabaseError::code).unwrap_or_default();
    StorageError::Unavailable(if POSTGRES_LOGIN.contains(&code.as_ref()) {
        format!(
            "Postgres at {host}:{port} does not let {user} in; check the user and the password \
             (database_url, database_password_file): {error}"
        )
    } else if code == POSTGRES_NO_DATABASE {
        let name = options.get_database().unwrap_or(user);
        format!(
            "Postgres at {host}:{port} has no database {name}; make it with createdb, or name \
             another in database_url"
        )
    } else {
        format!("no connection to Postgres at {host}:{port}; check database_url: {error}")
    })
}

/// What went wrong with a SQLite file as a whole, with its path and what to do; other errors as ever.
pub(super) fn of_file(file: &Path, error: sqlx::Error) -> StorageError {
    let file = file.display();
    let code = error.as_database_error().and_then(DatabaseError::code);
    let code = code.and_then(|code| code.parse().ok()).map(primary);
    StorageError::Unavailable(match code {
        Some(SQLITE_READONLY) => {
            format!("the file {file} cannot be written; let this user write it and its folder")
        }
        Some(SQLITE_CANTOPEN) => {
            format!(
                "the file {file} cannot be opened; let this user read and write it and its folder"
            )
        }
        Some(SQLITE_NOTADB) => format!(
            "the file {file} is no SQLite database; name another in database_url, or put a backup \
             in its place"
        ),
        _ => return error.into(),
    })
}

/// As [`of_file`], of a file that could not be opened: whatever the error is, the database is not there.
pub(super) fn no_file(file: &Path, error: sqlx::Error) -> StorageError {
    match of_file(file, error) {
        StorageError::Failed(reason) => {
            StorageError::Unavailable(format!("the file {}: {reason}", file.display()))
        }
        other => other,
    }
}

#[cfg(test)]
mod tests;

//! The only switch between the engines: connections, transactions, and statements with their
//! arguments. Everything above is written once.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use sqlx::postgres::{PgArguments, PgConnectOptions, PgPool, PgPoolOptions, PgRow, Postgres};
use sqlx::sqlite::{
    Sqlite, SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePool,
    SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{Arguments, AssertSqlSafe, Connection, FromRow, Transaction};
use uuid::Uuid;

use super::dialect::Dialect;
use super::error::{no_file, no_postgres, of_file};
use super::{Connect, StorageError};

const ACQUIRE_TIMEOUT: Duration = Duration::from_secs(5);
/// A connection that was idle for so long may have been closed by somebody in between.
const RESTED: Duration = Duration::from_secs(5);
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// A database of either engine. SQLite has many readers and one writer, which WAL lets work side by
/// side.
#[derive(Debug, Clone)]
pub(super) enum Db {
    Postgres(PgPool),
    Sqlite { readers: SqlitePool, writer: SqlitePool },
}

/// A write transaction; on SQLite with its file, for messages.
pub(super) enum Tx {
    Postgres(Transaction<'static, Postgres>),
    Sqlite(Transaction<'static, Sqlite>, PathBuf),
}

/// An argument of a statement.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Arg {
    Bool(bool),
    Int(Option<i64>),
    Text(Option<String>),
    Id(Uuid),
    Bytes(Vec<u8>),
}

/// A statement with its arguments; `$n` is the n-th of them on both engines.
#[derive(Debug, Clone)]
pub(super) struct Sql {
    text: String,
    args: Vec<Arg>,
}

/// A row type that both engines can read.
pub(super) trait Row:
    for<'r> FromRow<'r, PgRow> + for<'r> FromRow<'r, SqliteRow> + Send + Unpin
{
}
impl<T> Row for T where T: for<'r> FromRow<'r, PgRow> + for<'r> FromRow<'r, SqliteRow> + Send + Unpin
{}

impl From<bool> for Arg {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}
impl From<i64> for Arg {
    fn from(value: i64) -> Self {
        Self::Int(Some(value))
    }
}
impl From<Option<i64>> for Arg {
    fn from(value: Option<i64>) -> Self {
        Self::Int(value)
    }
}
impl From<&str> for Arg {
    fn from(value: &str) -> Self {
        Self::Text(Some(value.to_owned()))
    }
}
impl From<String> for Arg {
    fn from(value: String) -> Self {
        Self::Text(Some(value))
    }
}
impl From<Option<&str>> for Arg {
    fn from(value: Option<&str>) -> Self {
        Self::Text(value.map(str::to_owned))
    }
}
impl From<Uuid> for Arg {
    fn from(value: Uuid) -> Self {
        Self::Id(value)
    }
}
impl From<&[u8]> for Arg {
    fn from(value: &[u8]) -> Self {
        Self::Bytes(value.to_vec())
    }
}

impl Sql {
    pub(super) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), args: Vec::new() }
    }

    pub(super) fn with(text: impl Into<String>, args: Vec<Arg>) -> Self {
        Self { text: text.into(), args }
    }

    pub(super) fn bind(mut self, value: impl Into<Arg>) -> Self {
        self.args.push(value.into());
        self
    }
}

/// Hands a statement to the engine's own query type. Every argument is bound by its number; the text
/// is built only from constants and numbered parameters, which is what makes it safe to assert.
macro_rules! prepare {
    ($query:path, $arguments:ty, $sql:expr) => {{
        let mut arguments = <$arguments>::default();
        for arg in $sql.args {
            let added = match arg {
                Arg::Bool(value) => arguments.add(value),
                Arg::Int(value) => arguments.add(value),
                Arg::Text(value) => arguments.add(value),
                Arg::Id(value) => arguments.add(value),
                Arg::Bytes(value) => arguments.add(value),
            };
            added.map_err(sqlx::Error::Encode)?;
        }
        $query(AssertSqlSafe($sql.text), arguments)
    }};
}

impl Db {
    pub(super) async fn connect(connect: &Connect<'_>) -> Result<Self, StorageError> {
        let wrong = |error: sqlx::Error| {
            StorageError::Unavailable(format!("database_url cannot be read: {error}"))
        };
        if connect.url.starts_with("sqlite:") {
            let options = SqliteConnectOptions::from_str(connect.url)
                .map_err(wrong)?
                .create_if_missing(true)
                .foreign_keys(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .busy_timeout(BUSY_TIMEOUT);
            let pool = |connections| {
                SqlitePoolOptions::new()
                    .max_connections(connections)
                    .acquire_timeout(ACQUIRE_TIMEOUT)
                    // A file does not go away between two statements.
                    .test_before_acquire(false)
                    .idle_timeout(None)
                    .max_lifetime(None)
            };
            // The writer opens first: it makes the file and switches it to WAL.
            let writer = pool(1).connect_with(options.clone()).await;
            let writer = writer.map_err(|error| no_file(options.get_filename(), error))?;
            let readers = pool(connect.connections).connect_lazy_with(options);
            return Ok(Self::Sqlite { readers, writer });
        }
        let options = PgConnectOptions::from_str(connect.url).map_err(wrong)?;
        // A process that hangs, or that the network cut off, must not hold its locks for ever.
        let options = options.application_name("scimd").options([
            ("statement_timeout", "60s"),
            ("lock_timeout", "10s"),
            ("idle_in_transaction_session_timeout", "60s"),
        ]);
        let pool = PgPoolOptions::new()
            .max_connections(connect.connections)
            .acquire_timeout(ACQUIRE_TIMEOUT)
            // A ping costs as much as a statement: only connections that rested are asked.
            .test_before_acquire(false)
            .before_acquire(|connection, rest| {
                Box::pin(async move {
                    if rest.idle_for >= RESTED {
                        connection.ping().await?;
                    }
                    Ok(true)
                })
            })
            .connect_with(options.clone())
            .await
            .map_err(|error| no_postgres(&options, &error))?;
        Ok(Self::Postgres(pool))
    }

    pub(super) fn dialect(&self) -> Dialect {
        match self {
            Self::Postgres(_) => Dialect::Postgres,
            Self::Sqlite { .. } => Dialect::Sqlite,
        }
    }

    pub(super) async fn fetch_all<T: Row>(&self, sql: Sql) -> Result<Vec<T>, StorageError> {
        Ok(match self {
            Self::Postgres(pool) => {
                prepare!(sqlx::query_as_with, PgArguments, sql).fetch_all(pool).await?
            }
            Self::Sqlite { readers, .. } => {
                prepare!(sqlx::query_as_with, SqliteArguments, sql).fetch_all(readers).await?
            }
        })
    }

    pub(super) async fn fetch_optional<T: Row>(&self, sql: Sql) -> Result<Option<T>, StorageError> {
        Ok(match self {
            Self::Postgres(pool) => {
                prepare!(sqlx::query_as_with, PgArguments, sql).fetch_optional(pool).await?
            }
            Self::Sqlite { readers, .. } => {
                prepare!(sqlx::query_as_with, SqliteArguments, sql).fetch_optional(readers).await?
            }
        })
    }

    pub(super) async fn fetch_one<T: Row>(&self, sql: Sql) -> Result<T, StorageError> {
        self.fetch_optional(sql).await?.ok_or(StorageError::Missing)
    }

    pub(super) async fn version(&self) -> Result<String, StorageError> {
        match self {
            Self::Postgres(_) => {
                let (version,): (String,) =
                    self.fetch_one(Sql::new("SELECT current_setting('server_version')")).await?;
                let number = version.split(' ').next().unwrap_or_default();
                Ok(format!("Postgres {number}"))
            }
            Self::Sqlite { .. } => {
                let (version,): (String,) =
                    self.fetch_one(Sql::new("SELECT sqlite_version()")).await?;
                Ok(format!("SQLite {version}"))
            }
        }
    }

    /// Begins a write transaction. On SQLite it takes the write lock at once: a transaction that
    /// reads first and writes later could not be waited for.
    pub(super) async fn begin(&self) -> Result<Tx, StorageError> {
        Ok(match self {
            Self::Postgres(pool) => Tx::Postgres(pool.begin().await?),
            Self::Sqlite { writer, .. } => {
                let begun = writer.begin_with("BEGIN IMMEDIATE").await;
                let file = writer.connect_options().get_filename().to_owned();
                Tx::Sqlite(begun.map_err(|error| of_file(&file, error))?, file)
            }
        })
    }

    /// What an error of this database means; one of a SQLite file as a whole names the file.
    pub(super) fn fault(&self, error: sqlx::Error) -> StorageError {
        match self {
            Self::Postgres(_) => error.into(),
            Self::Sqlite { writer, .. } => of_file(writer.connect_options().get_filename(), error),
        }
    }

    /// Closes the connection that writes on SQLite; the next write opens another.
    pub(super) async fn discard_writer(&self) {
        if let Self::Sqlite { writer, .. } = self
            && let Ok(mut connection) = writer.acquire().await
        {
            connection.close_on_drop();
        }
    }

    pub(super) async fn close(&self) {
        match self {
            Self::Postgres(pool) => pool.close().await,
            Self::Sqlite { readers, writer } => {
                readers.close().await;
                writer.close().await;
            }
        }
    }
}

impl Tx {
    pub(super) fn dialect(&self) -> Dialect {
        match self {
            Self::Postgres(_) => Dialect::Postgres,
            Self::Sqlite(..) => Dialect::Sqlite,
        }
    }

    pub(super) async fn fetch_all<T: Row>(&mut self, sql: Sql) -> Result<Vec<T>, StorageError> {
        Ok(match self {
            Self::Postgres(tx) => {
                prepare!(sqlx::query_as_with, PgArguments, sql).fetch_all(&mut **tx).await?
            }
            Self::Sqlite(tx, file) => prepare!(sqlx::query_as_with, SqliteArguments, sql)
                .fetch_all(&mut **tx)
                .await
                .map_err(|error| of_file(file, error))?,
        })
    }

    pub(super) async fn fetch_optional<T: Row>(
        &mut self,
        sql: Sql,
    ) -> Result<Option<T>, StorageError> {
        Ok(self.fetch_all(sql).await?.into_iter().next())
    }

    /// Executes a statement and gives the number of rows it changed.
    pub(super) async fn execute(&mut self, sql: Sql) -> Result<u64, StorageError> {
        Ok(match self {
            Self::Postgres(tx) => prepare!(sqlx::query_with, PgArguments, sql)
                .execute(&mut **tx)
                .await?
                .rows_affected(),
            Self::Sqlite(tx, file) => prepare!(sqlx::query_with, SqliteArguments, sql)
                .execute(&mut **tx)
                .await
                .map_err(|error| of_file(file, error))?
                .rows_affected(),
        })
    }

    pub(super) async fn commit(self) -> Result<(), StorageError> {
        match self {
            Self::Postgres(tx) => tx.commit().await?,
            Self::Sqlite(tx, file) => tx.commit().await.map_err(|error| of_file(&file, error))?,
        }
        Ok(())
    }
}

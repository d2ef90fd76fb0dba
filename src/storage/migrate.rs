//! Migrations: the same numbers and names for both engines, embedded in the binary. They only expand
//! what the previous release can still work with.

use sqlx::migrate::{MigrateError, Migrator};
use sqlx::sqlite::SqlitePool;
use sqlx::{Connection, PgConnection};

use super::engine::{Db, Sql};
use super::{StorageError, Store};

static POSTGRES: Migrator = sqlx::migrate!("migrations/postgres");
static SQLITE: Migrator = sqlx::migrate!("migrations/sqlite");

/// One migration, and whether this database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MigrationState {
    /// Number.
    pub version: i64,
    /// Name.
    pub description: String,
    /// Whether it has been applied.
    pub applied: bool,
}

impl Store {
    /// Every migration of this binary, with its state in this database.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn migrations(&self) -> Result<Vec<MigrationState>, StorageError> {
        let applied: Vec<(i64,)> = if self.has_migrations_table().await? {
            self.db
                .fetch_all(Sql::new("SELECT version FROM _sqlx_migrations WHERE success"))
                .await?
        } else {
            Vec::new()
        };
        Ok(self
            .migrator()
            .iter()
            .map(|migration| MigrationState {
                version: migration.version,
                description: migration.description.to_string(),
                applied: applied.contains(&(migration.version,)),
            })
            .collect())
    }

    /// Applies what is missing; several processes may do so at once.
    ///
    /// # Errors
    /// When a migration fails (it is rolled back) or one that was applied has been changed.
    pub async fn migrate(&self) -> Result<(), StorageError> {
        let result = match &self.db {
            Db::Postgres(pool) => {
                // A migration may take its time.
                let options = (*pool.connect_options())
                    .clone()
                    .options([("statement_timeout", "0"), ("lock_timeout", "0")]);
                let mut connection = PgConnection::connect_with(&options).await?;
                // Not `run`, here and below: its future cannot be sent between threads.
                POSTGRES.run_direct(None, &mut connection, false).await
            }
            Db::Sqlite { writer, .. } => migrate_file(writer).await,
        };
        result.map_err(|error| match error {
            MigrateError::Execute(error) => self.db.fault(error),
            other => StorageError::Failed(other.to_string()),
        })
    }

    fn migrator(&self) -> &'static Migrator {
        if self.is_embedded() { &SQLITE } else { &POSTGRES }
    }

    async fn has_migrations_table(&self) -> Result<bool, StorageError> {
        let text = if self.is_embedded() {
            "SELECT COUNT(*) FROM sqlite_master WHERE name = '_sqlx_migrations'"
        } else {
            "SELECT COUNT(*) FROM pg_catalog.pg_tables \
             WHERE tablename = '_sqlx_migrations' AND schemaname = ANY (current_schemas(false))"
        };
        let (count,): (i64,) = self.db.fetch_one(Sql::new(text)).await?;
        Ok(count > 0)
    }
}

/// The migrator locks Postgres by itself, but not a file: there the write lock is taken before it
/// looks at what is missing, so that of several processes one runs it and the others wait.
async fn migrate_file(writer: &SqlitePool) -> Result<(), MigrateError> {
    let mut tx = writer.begin_with("BEGIN IMMEDIATE").await?;
    SQLITE.run_direct(None, &mut *tx, false).await?;
    Ok(tx.commit().await?)
}

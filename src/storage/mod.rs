//! Storage: SQL lives here and only here, one text for both engines, one table family per file.
//!
//! A change arrives as a value ([`write::Write`]) and is applied in one transaction together with
//! its change record; reads go through a pool. Nothing here knows HTTP or a rule of Keeper: what may
//! be written, and when, is decided in `domain`.

pub mod administration;
mod dialect;
mod engine;
mod error;
mod filter_sql;
pub mod membership;
mod migrate;
mod page;
mod resource;
pub mod rows;
mod token;
pub mod write;
mod writer;

pub use error::StorageError;
pub use filter_sql::{Column, Columns};
pub use migrate::MigrationState;
pub use page::{Order, Scope, Selection};
pub use token::Access;

use engine::Db;
use writer::Writer;

/// How to reach a database.
#[derive(Debug, Clone)]
pub struct Connect<'a> {
    /// `sqlite:<path>` or `postgres://…`, with the password in it.
    pub url: &'a str,
    /// Connections at most (Postgres), readers at most (SQLite).
    pub connections: u32,
}

/// A database, open. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    db: Db,
    writer: Writer,
}

impl Store {
    /// Opens the database; a SQLite file that is not there is made. Runs no migration.
    ///
    /// # Errors
    /// [`StorageError::Unavailable`] when it cannot be reached, with the reason.
    pub async fn open(connect: Connect<'_>) -> Result<Self, StorageError> {
        let db = Db::connect(&connect).await?;
        let writer = Writer::start(db.clone());
        Ok(Self { db, writer })
    }

    /// Name and version of the engine, for people.
    ///
    /// # Errors
    /// When the database cannot be reached.
    pub async fn engine(&self) -> Result<String, StorageError> {
        self.db.version().await
    }

    /// Whether the engine is the embedded one.
    pub fn is_embedded(&self) -> bool {
        matches!(self.db, Db::Sqlite { .. })
    }

    /// Finishes what is queued and closes all connections.
    pub async fn close(&self) {
        self.db.close().await;
    }
}

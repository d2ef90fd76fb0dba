//! Group commit. SQLite has one writer: requests queue, and each transaction takes all that wait, so
//! that many share one flush to disk. Postgres flushes many commits together by itself. A write that
//! fails, fails alone.

use tokio::sync::{mpsc, oneshot};

use super::engine::{Db, Sql, Tx};
use super::write::{self, Write, Written};
use super::{StorageError, Store};

/// Writes that may wait; a request beyond it waits for a place, within its timeout.
const QUEUE: usize = 1024;
/// Writes in one transaction at most, which bounds how long the first of them waits.
const BATCH: usize = 256;

pub(super) struct Job {
    write: Write,
    reply: oneshot::Sender<Result<Written, StorageError>>,
}

/// The way into the database for writes.
#[derive(Debug, Clone)]
pub(super) enum Writer {
    Direct,
    Queue(mpsc::Sender<Job>),
}

impl Writer {
    pub(super) fn start(db: Db) -> Self {
        match db {
            Db::Postgres(_) => Self::Direct,
            Db::Sqlite { .. } => {
                let (sender, receiver) = mpsc::channel(QUEUE);
                tokio::spawn(run(db, receiver));
                Self::Queue(sender)
            }
        }
    }
}

impl Store {
    /// Applies a write. When this returns `Ok`, it is durable.
    ///
    /// # Errors
    /// [`StorageError::Stale`] when the guard does not hold; [`StorageError::Taken`] when a unique
    /// key is taken; [`StorageError::NoSeat`]; [`StorageError::TooManyTokens`]; [`StorageError::Dangling`] when a membership names a
    /// row that is not there. Nothing is stored then.
    pub async fn write(&self, write: Write) -> Result<Written, StorageError> {
        match &self.writer {
            Writer::Direct => {
                let mut tx = self.db.begin().await?;
                let written = write::apply(&mut tx, &write).await?;
                tx.commit().await?;
                Ok(written)
            }
            Writer::Queue(queue) => {
                let (reply, answer) = oneshot::channel();
                let closed = || StorageError::Unavailable("the writer has stopped".to_owned());
                queue.send(Job { write, reply }).await.map_err(|_| closed())?;
                answer.await.map_err(|_| closed())?
            }
        }
    }
}

async fn run(db: Db, mut queue: mpsc::Receiver<Job>) {
    let mut jobs = Vec::with_capacity(BATCH);
    while queue.recv_many(&mut jobs, BATCH).await > 0 {
        let (writes, replies): (Vec<_>, Vec<_>) =
            jobs.drain(..).map(|job| (job.write, job.reply)).unzip();
        let results = match commit_together(&db, &writes).await {
            Ok(results) => results,
            Err(error) => {
                // SQLite ends a transaction by itself when the disk fails, which the pool does not
                // notice: only a new connection is sure to be clean.
                db.discard_writer().await;
                writes.iter().map(|_| Err(error.clone())).collect()
            }
        };
        for (reply, result) in replies.into_iter().zip(results) {
            // The request may have timed out; what it wrote stays written.
            let _ = reply.send(result);
        }
    }
}

async fn commit_together(
    db: &Db,
    writes: &[Write],
) -> Result<Vec<Result<Written, StorageError>>, StorageError> {
    let mut tx = db.begin().await?;
    let mut results = Vec::with_capacity(writes.len());
    for write in writes {
        results.push(apply_alone(&mut tx, write).await?);
    }
    tx.commit().await?;
    Ok(results)
}

/// Applies one write inside a savepoint: when it fails, the others of the transaction stay.
async fn apply_alone(
    tx: &mut Tx,
    write: &Write,
) -> Result<Result<Written, StorageError>, StorageError> {
    tx.execute(Sql::new("SAVEPOINT one")).await?;
    let result = write::apply(tx, write).await;
    if result.is_err() {
        tx.execute(Sql::new("ROLLBACK TO one")).await?;
    }
    tx.execute(Sql::new("RELEASE one")).await?;
    Ok(result)
}

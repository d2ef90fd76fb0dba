//! What the server does by itself beside requests. Each job is a function that does one bounded piece
//! of work, and is run here again and again.

mod retention;

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinHandle;

use crate::domain::Service;

/// How often erased users are looked through.
const RETENTION_EVERY: Duration = Duration::from_hours(1);

/// Starts the jobs; they run until the handle is aborted.
pub fn start(service: Arc<Service>) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut every = tokio::time::interval(RETENTION_EVERY);
        loop {
            every.tick().await;
            if let Err(error) = retention::run_once(&service).await {
                tracing::warn!(%error, "erased users could not be purged");
            }
        }
    })
}

//! Trying again: what a write that was not stored means, and how often a read-modify-write starts over when
//! another request came first.

use std::time::Duration;

use super::error::Error;
use crate::scim::error::ScimError;
use crate::storage::StorageError;

/// How often a write is tried again after another request came first.
const TRIES: u32 = 100;

/// Counts the tries of a read-modify-write, with a short rest between them.
#[derive(Default)]
pub(super) struct Tries(u32);

impl Tries {
    /// Makes way for another try, after a short rest.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when there were too many.
    pub(super) async fn another(&mut self) -> Result<(), Error> {
        self.0 += 1;
        if self.0 >= TRIES {
            return Err(StorageError::Stale.into());
        }
        tokio::time::sleep(Duration::from_millis(u64::from(self.0.min(20)))).await;
        Ok(())
    }

    /// Makes way for another try when another request came first.
    ///
    /// # Errors
    /// The fault, when it is another one; [`Error::Unavailable`] when there were too many tries.
    pub(super) async fn again(&mut self, fault: StorageFault) -> Result<(), Error> {
        if fault.is_stale() { self.another().await } else { Err(fault.into()) }
    }
}

/// Why a draft was not stored. The use case may turn some of it into something else: another try, a
/// revival, a 409 that names the holder.
#[derive(Debug)]
pub(super) enum StorageFault {
    /// This unique key is taken.
    Taken(String),
    /// Another fault of storage.
    Storage(StorageError),
    /// A fault of ours.
    Other(Error),
}

impl StorageFault {
    /// Whether another request came first, or took away what this one refers to: reading again tells.
    pub(super) fn is_stale(&self) -> bool {
        matches!(self, Self::Storage(StorageError::Stale | StorageError::Dangling))
    }
}

impl From<StorageError> for StorageFault {
    fn from(error: StorageError) -> Self {
        Self::Storage(error)
    }
}

impl From<Error> for StorageFault {
    fn from(error: Error) -> Self {
        Self::Other(error)
    }
}

impl From<ScimError> for StorageFault {
    fn from(error: ScimError) -> Self {
        Self::Other(error.into())
    }
}

impl From<StorageFault> for Error {
    fn from(fault: StorageFault) -> Self {
        match fault {
            StorageFault::Taken(_) => StorageError::Taken.into(),
            StorageFault::Storage(error) => error.into(),
            StorageFault::Other(error) => error,
        }
    }
}

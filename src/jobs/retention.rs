//! Tombstones go after `erased_days` (K3).

use crate::domain::{Error, Origin, Service, administrator};

/// Purges what was kept long enough, in pieces so that no write waits long.
pub(super) async fn run_once(service: &Service) -> Result<(), Error> {
    let origin = Origin::system("retention");
    loop {
        let count = administrator::purge(service, &origin).await?;
        if count == 0 {
            return Ok(());
        }
        tracing::info!(count, "erased users are gone for good");
    }
}

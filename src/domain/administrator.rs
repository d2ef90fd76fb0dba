//! What only an administrator does to users (K3, K4): lock, unlock, accept, erase and restore.

use serde_json::Map;
use uuid::Uuid;

use super::actor::{Actor, Origin};
use super::change::{self, Subject};
use super::directory::{User, find_user, shown_user};
use super::error::Error;
use super::lifecycle::Lifecycle;
use super::node;
use super::organization::ORGANIZATION;
use super::precondition::Precondition;
use super::resources::Change;
use super::retry::{StorageFault, Tries};
use super::service::Service;
use crate::scim::error::ScimError;
use crate::storage::membership::{MembershipStep, MembershipWrite, Side};
use crate::storage::rows::{self, ResourceRow, unique_key};
use crate::storage::write::{DeleteWrite, Guard, ResourceWrite, Write};
use crate::storage::{Scope, StorageError};

/// What an administrator does to a user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Locks the account; only an administrator lifts it.
    Lock,
    /// Lifts every lock.
    Unlock,
    /// Notes that the invitation was accepted.
    Accept,
}

/// Locks, unlocks or accepts a user, by id or address.
///
/// # Errors
/// 404; 428 when unlocking needs a seat and none is left.
pub async fn act(
    service: &Service,
    origin: &Origin,
    user: &str,
    action: Action,
) -> Result<User, Error> {
    let row = find_user(service, user).await?;
    let actor = node::administrator(service, origin, row.node_id).await?;
    let (operation, transition): (_, fn(Lifecycle) -> Lifecycle) = match action {
        Action::Lock => ("lock", Lifecycle::lock),
        Action::Unlock => ("unlock", Lifecycle::unlock),
        Action::Accept => ("accept", Lifecycle::accept),
    };
    let id = row.id.to_string();
    let change = Change {
        service,
        actor: &actor,
        resource_type: service.user_type(),
        id: &id,
        if_match: &Precondition::None,
        operation,
    };
    let row = change
        .apply(&[], |_, lifecycle| {
            *lifecycle = transition(*lifecycle);
            Ok(())
        })
        .await?;
    shown_user(service, &actor, row).await
}

/// Erases a user: SCIM does not find it any more and its address is free. What is left is a tombstone
/// that can be restored while it is kept (`erased_days`), with its memberships.
///
/// # Errors
/// 404.
pub async fn erase(service: &Service, origin: &Origin, user: &str) -> Result<User, Error> {
    let mut tries = Tries::default();
    loop {
        let row = find_user(service, user).await?;
        let actor = node::administrator(service, origin, row.node_id).await?;
        let now = service.clock().now();
        let after = ResourceRow {
            version: row.version + 1,
            modified_at: now,
            unique_key: None,
            erased_at: Some(now),
            ..row.clone()
        };
        let steps = vec![MembershipStep::Replace(Vec::new())];
        match write_tombstone(service, &actor, &row, after.clone(), steps, "erase").await {
            Ok(()) => return shown_user(service, &actor, after).await,
            Err(fault) => tries.again(fault).await?,
        }
    }
}

/// Brings an erased user back, by id, with the memberships in groups that are still there.
///
/// # Errors
/// 404 for what is no tombstone; 409 when the address was taken since; 428 when it needs a seat.
pub async fn restore(service: &Service, origin: &Origin, id: &str) -> Result<User, Error> {
    let mut tries = Tries::default();
    loop {
        let row = find_erased(service, id).await?;
        let actor = node::administrator(service, origin, row.node_id).await?;
        let after = ResourceRow {
            version: row.version + 1,
            modified_at: service.clock().now(),
            unique_key: Some(unique_key("User", None, &row.name_key)),
            erased_at: None,
            erased_groups: None,
            ..row.clone()
        };
        let steps = vec![MembershipStep::Add(groups_left(service, &row).await?)];
        match write_tombstone(service, &actor, &row, after.clone(), steps, "restore").await {
            Ok(()) => return shown_user(service, &actor, after).await,
            Err(StorageFault::Storage(StorageError::Taken)) => {
                return Err(Error::Refused(ScimError::uniqueness(
                    "userName: another user has the address by now; erase that user, or change its \
                     userName, then restore this one",
                )));
            }
            Err(fault) => tries.again(fault).await?,
        }
    }
}

async fn find_erased(service: &Service, id: &str) -> Result<ResourceRow, Error> {
    let row = match Uuid::try_parse(id) {
        Ok(id) => service.store.resource(ORGANIZATION, id).await?,
        Err(_) => None,
    };
    row.filter(|row| row.erased_at.is_some()).ok_or_else(|| {
        Error::Refused(ScimError::not_found(format!(
            "There is no erased user {id:?}: list them with scimd user list --erased"
        )))
    })
}

/// The groups of a tombstone that are still there.
async fn groups_left(service: &Service, row: &ResourceRow) -> Result<Vec<Uuid>, Error> {
    let groups: Vec<Uuid> = row
        .erased_groups
        .as_deref()
        .and_then(|text| serde_json::from_str(text).ok())
        .unwrap_or_default();
    let scope = Scope {
        organization_id: ORGANIZATION,
        node_id: row.node_id,
        resource_type: "Group",
        hide_removed: false,
    };
    Ok(service.store.existing(&scope, &groups).await?)
}

/// Deletes tombstones that were kept long enough; gives how many. One call deletes a bounded number.
///
/// # Errors
/// When the database cannot be written.
pub async fn purge(service: &Service, origin: &Origin) -> Result<usize, Error> {
    const MOST: i64 = 100;
    let kept = i64::from(service.limits().erased_days) * 24 * 60 * 60 * 1_000_000;
    let rows = service.store.tombstones(None, service.clock().now() - kept, MOST).await?;
    let mut purged = 0;
    for row in rows {
        let record = record(service, origin, &row, "purge");
        let write = DeleteWrite { row, change: record };
        match service.store.write(Write::Delete(Box::new(write))).await {
            Ok(_) => purged += 1,
            // Another server purged it, or an administrator restored it.
            Err(StorageError::Stale) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(purged)
}

async fn write_tombstone(
    service: &Service,
    actor: &Actor,
    before: &ResourceRow,
    after: ResourceRow,
    steps: Vec<MembershipStep>,
    operation: &'static str,
) -> Result<(), StorageFault> {
    let takes_seat = after.erased_at.is_none()
        && Lifecycle::of(&after).is_active()
        && actor.tenant.limited_seats;
    let memberships = MembershipWrite {
        side: Side::User,
        attribute: "groups".to_owned(),
        steps,
        at: after.modified_at,
        expected: None,
        keep_removed: false,
    };
    let write = ResourceWrite {
        guard: Guard::Version(before.version),
        rewrite: true,
        memberships: Some(memberships),
        takes_seat,
        touches_groups: false,
        change: record(service, &actor.origin, before, operation),
        row: after,
    };
    service.store.write(Write::Resource(Box::new(write))).await?;
    Ok(())
}

fn record(service: &Service, origin: &Origin, row: &ResourceRow, operation: &str) -> rows::Change {
    let subject = Subject {
        organization_id: row.organization_id,
        node_id: Some(row.node_id),
        kind: "User",
        id: row.id.to_string(),
    };
    change::record(&service.clock, origin, operation, subject, Map::new())
}

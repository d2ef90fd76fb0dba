//! A change as a value: the new row, the expected version, memberships and the change record. One
//! write is one transaction, or is applied in one together with others; either all of it is stored
//! or nothing.

use serde_json::{Value, json};
use uuid::Uuid;

use super::administration::Administration;
use super::engine::{Sql, Tx};
use super::membership::{Delta, MembershipWrite};
use super::rows::{Change, ResourceRow};
use super::{StorageError, administration, membership, resource};

/// What a write does.
#[derive(Debug, Clone)]
pub enum Write {
    /// Creates or changes a user or group.
    Resource(Box<ResourceWrite>),
    /// Deletes a resource and its memberships for good.
    Delete(Box<DeleteWrite>),
    /// Changes an organization, node, method or token.
    Administration(Box<AdministrationWrite>),
}

/// Creates or changes a user or group.
#[derive(Debug, Clone)]
pub struct ResourceWrite {
    /// The row as it shall be. Its `version` is the new one.
    pub row: ResourceRow,
    /// What must hold before.
    pub guard: Guard,
    /// Whether the row differs from what is stored; if not, only memberships are written, and
    /// version and time only when one of them really changed.
    pub rewrite: bool,
    /// Changes of memberships.
    pub memberships: Option<MembershipWrite>,
    /// Whether the user takes a seat that it did not hold: then the organization must have one.
    pub takes_seat: bool,
    /// Whether the groups of a user show other members by this change: then their versions move.
    pub touches_groups: bool,
    /// The record. Its `changes` get the memberships that really changed; `version` is filled in.
    pub change: Change,
}

/// What must hold for a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guard {
    /// The resource is new.
    Create,
    /// The stored version is this one.
    Version(i64),
    /// The resource exists. Only for writes that change memberships alone.
    Exists,
}

/// Deletes a resource and its memberships for good.
#[derive(Debug, Clone)]
pub struct DeleteWrite {
    /// The row as it was read; its version must still be stored.
    pub row: ResourceRow,
    /// The record; gets the memberships that were removed.
    pub change: Change,
}

/// Changes an organization, node, method or token.
#[derive(Debug, Clone)]
pub struct AdministrationWrite {
    /// What to do.
    pub statement: Administration,
    /// The record; none for notes that are no change, such as the last use of a token.
    pub change: Option<Change>,
}

/// What a write did.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// Version after the write; the stored one when nothing changed, where it was guarded by one.
    pub version: i64,
    /// Whether anything changed.
    pub changed: bool,
    /// Id that the database chose (nodes).
    pub id: Option<i64>,
}

/// Applies a write within a transaction.
pub(super) async fn apply(tx: &mut Tx, write: &Write) -> Result<Written, StorageError> {
    match write {
        Write::Resource(write) => apply_resource(tx, write).await,
        Write::Delete(write) => apply_delete(tx, write).await,
        Write::Administration(write) => {
            let written = administration::apply(tx, &write.statement).await?;
            if let Some(change) = &write.change {
                let mut change = change.clone();
                if let Some(id) = written.id {
                    change.subject_id = id.to_string();
                    change.node_id = Some(id);
                }
                insert_change(tx, &change).await?;
            }
            Ok(written)
        }
    }
}

async fn apply_resource(tx: &mut Tx, write: &ResourceWrite) -> Result<Written, StorageError> {
    let mut row = write.row.clone();
    if row.resource_type == "Group" && (write.rewrite || write.guard == Guard::Create) {
        resource::settle_group_key(tx, &mut row).await?;
    }
    // Groups are locked before the user, here and wherever memberships change.
    let groups = match write.touches_groups {
        true => membership::lock_groups_of(tx, &row).await?,
        false => Vec::new(),
    };
    // Memberships refer to the row: a new one comes before them, a changed one after them, because
    // a tombstone keeps the memberships that were taken away.
    if write.guard == Guard::Create {
        resource::insert(tx, &row).await?;
    }
    let delta = match &write.memberships {
        Some(memberships) => membership::apply(tx, &row, memberships).await?,
        None => Delta::default(),
    };
    let mut written = Written { version: row.version, changed: true, id: None };
    match (write.guard, write.rewrite) {
        (Guard::Create, _) => {}
        (Guard::Version(version), true) => {
            if row.erased_at.is_some() {
                row.erased_groups = Some(json!(delta.removed).to_string());
            }
            resource::update(tx, &row, version).await?;
        }
        (guard, _) => {
            if delta.is_empty() {
                return Ok(Written { version: row.version - 1, changed: false, id: None });
            }
            written.version = resource::touch(tx, &row, guard).await?;
        }
    }
    if let Some(memberships) = &write.memberships {
        membership::touch_other_side(tx, &row, memberships.side, &delta).await?;
    }
    membership::touch_groups(tx, &row, &groups).await?;
    // Last, because it makes others wait, and because a name that is taken is the better answer.
    if write.takes_seat {
        resource::check_seats(tx, row.organization_id).await?;
    }
    let mut change = write.change.clone();
    change.version = Some(written.version);
    if let (Some(memberships), false) = (&write.memberships, delta.is_empty()) {
        change.changes.insert(memberships.attribute.clone(), delta.to_json());
    }
    insert_change(tx, &change).await?;
    Ok(written)
}

async fn apply_delete(tx: &mut Tx, write: &DeleteWrite) -> Result<Written, StorageError> {
    let members = resource::delete(tx, &write.row).await?;
    let mut change = write.change.clone();
    if !members.is_empty() {
        let ids: Vec<String> = members.iter().map(Uuid::to_string).collect();
        change.changes.insert("members".to_owned(), json!({ "removed": ids }));
    }
    insert_change(tx, &change).await?;
    Ok(Written { version: write.row.version, changed: true, id: None })
}

async fn insert_change(tx: &mut Tx, change: &Change) -> Result<(), StorageError> {
    let changes = Value::Object(change.changes.clone()).to_string();
    let sql = Sql::new(
        "INSERT INTO change (organization_id, id, at, node_id, actor, request_id, operation, \
         subject_type, subject_id, version, changes) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind(change.organization_id)
    .bind(change.id)
    .bind(change.at)
    .bind(change.node_id)
    .bind(change.actor.as_str())
    .bind(change.request_id.as_str())
    .bind(change.operation.as_str())
    .bind(change.subject_type.as_str())
    .bind(change.subject_id.as_str())
    .bind(change.version)
    .bind(changes);
    tx.execute(sql).await?;
    Ok(())
}

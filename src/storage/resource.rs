//! Users and groups, one row each.

use serde_json::json;
use uuid::Uuid;

use super::engine::{Sql, Tx};
use super::page::Scope;
use super::rows::ResourceRow;
use super::write::Guard;
use super::{StorageError, Store};

/// Every column of a resource, in the order of [`insert`].
pub(super) const COLUMNS: &str = "organization_id, id, node_id, resource_type, version, \
    created_at, modified_at, unique_key, name_key, external_id, display, accepted, admin_locked, \
    idp_lock, document, erased_at, erased_groups";

/// A user who holds a seat: neither locked nor erased (K6).
const HOLDS_SEAT: &str = "resource_type = 'User' AND erased_at IS NULL \
    AND NOT admin_locked AND idp_lock = 0";

fn bind_row(sql: Sql, row: &ResourceRow) -> Sql {
    sql.bind(row.organization_id)
        .bind(row.id)
        .bind(row.node_id)
        .bind(row.resource_type.as_str())
        .bind(row.version)
        .bind(row.created_at)
        .bind(row.modified_at)
        .bind(row.unique_key.as_deref())
        .bind(row.name_key.as_str())
        .bind(row.external_id.as_deref())
        .bind(row.display.as_str())
        .bind(row.accepted)
        .bind(row.admin_locked)
        .bind(row.idp_lock)
        .bind(row.document.as_str())
        .bind(row.erased_at)
        .bind(row.erased_groups.as_deref())
}

pub(super) async fn insert(tx: &mut Tx, row: &ResourceRow) -> Result<(), StorageError> {
    let text = format!(
        "INSERT INTO resource ({COLUMNS}) VALUES \
         ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)"
    );
    tx.execute(bind_row(Sql::new(text), row)).await?;
    Ok(())
}

/// Writes the whole row over the version that was read.
pub(super) async fn update(
    tx: &mut Tx,
    row: &ResourceRow,
    expected: i64,
) -> Result<(), StorageError> {
    let text = "UPDATE resource SET node_id = $3, resource_type = $4, version = $5, \
        created_at = $6, modified_at = $7, unique_key = $8, name_key = $9, external_id = $10, \
        display = $11, accepted = $12, admin_locked = $13, idp_lock = $14, document = $15, \
        erased_at = $16, erased_groups = $17 \
        WHERE organization_id = $1 AND id = $2 AND version = $18";
    match tx.execute(bind_row(Sql::new(text), row).bind(expected)).await? {
        0 => Err(StorageError::Stale),
        _ => Ok(()),
    }
}

/// Moves version and time of a resource whose memberships changed; gives the new version.
pub(super) async fn touch(
    tx: &mut Tx,
    row: &ResourceRow,
    guard: Guard,
) -> Result<i64, StorageError> {
    let mut sql = Sql::new(
        "UPDATE resource SET version = version + 1, modified_at = $3 \
         WHERE organization_id = $1 AND id = $2 AND erased_at IS NULL \
         AND ($4 = 0 OR version = $4) RETURNING version",
    )
    .bind(row.organization_id)
    .bind(row.id)
    .bind(row.modified_at);
    sql = match guard {
        Guard::Version(version) => sql.bind(version),
        Guard::Create | Guard::Exists => sql.bind(0),
    };
    let rows: Option<(i64,)> = tx.fetch_optional(sql).await?;
    rows.map(|(version,)| version).ok_or(StorageError::Stale)
}

/// Deletes a resource for good; gives those on the other side of its memberships.
pub(super) async fn delete(tx: &mut Tx, row: &ResourceRow) -> Result<Vec<Uuid>, StorageError> {
    let members: Vec<(Uuid,)> = tx
        .fetch_all(
            Sql::new(
                "DELETE FROM membership WHERE organization_id = $1 AND group_id = $2 \
                 RETURNING user_id",
            )
            .bind(row.organization_id)
            .bind(row.id),
        )
        .await?;
    let sql =
        Sql::new("DELETE FROM resource WHERE organization_id = $1 AND id = $2 AND version = $3")
            .bind(row.organization_id)
            .bind(row.id)
            .bind(row.version);
    match tx.execute(sql).await? {
        0 => Err(StorageError::Stale),
        _ => Ok(members.into_iter().map(|(id,)| id).collect()),
    }
}

/// Keeps the unique key of a group only where the method wants unique names. The method's row is locked
/// against a change of that until this transaction ends: what is decided here stays true.
pub(super) async fn settle_group_key(
    tx: &mut Tx,
    row: &mut ResourceRow,
) -> Result<(), StorageError> {
    let lock = tx.dialect().for_share();
    let sql = Sql::new(format!(
        "SELECT unique_groups FROM provisioning_method \
         WHERE organization_id = $1 AND node_id = $2{lock}"
    ))
    .bind(row.organization_id)
    .bind(row.node_id);
    let unique: Option<(bool,)> = tx.fetch_optional(sql).await?;
    if !unique.is_some_and(|(unique,)| unique) {
        row.unique_key = None;
    }
    Ok(())
}

/// Makes sure that the organization has the seats that its users hold, those of this transaction
/// included. The organization's row is locked until this transaction ends, so that no other takes the
/// same seat.
pub(super) async fn check_seats(tx: &mut Tx, organization_id: i64) -> Result<(), StorageError> {
    let lock = tx.dialect().for_update();
    let seats: Option<(Option<i64>,)> = tx
        .fetch_optional(
            Sql::new(format!("SELECT seats FROM organization WHERE id = $1{lock}"))
                .bind(organization_id),
        )
        .await?;
    let Some((Some(seats),)) = seats else {
        return Ok(());
    };
    let used: Option<(i64,)> = tx
        .fetch_optional(
            Sql::new(format!(
                "SELECT COUNT(*) FROM resource WHERE organization_id = $1 AND {HOLDS_SEAT}"
            ))
            .bind(organization_id),
        )
        .await?;
    if used.is_some_and(|(used,)| used > seats) { Err(StorageError::NoSeat) } else { Ok(()) }
}

impl Store {
    /// A resource by id, tombstones included.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn resource(
        &self,
        organization_id: i64,
        id: Uuid,
    ) -> Result<Option<ResourceRow>, StorageError> {
        let sql = Sql::new(format!(
            "SELECT {COLUMNS} FROM resource WHERE organization_id = $1 AND id = $2"
        ))
        .bind(organization_id)
        .bind(id);
        self.db.fetch_optional(sql).await
    }

    /// The resource that holds a unique key.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn resource_by_unique_key(
        &self,
        organization_id: i64,
        unique_key: &str,
    ) -> Result<Option<ResourceRow>, StorageError> {
        let sql = Sql::new(format!(
            "SELECT {COLUMNS} FROM resource WHERE organization_id = $1 AND unique_key = $2"
        ))
        .bind(organization_id)
        .bind(unique_key);
        self.db.fetch_optional(sql).await
    }

    /// Those of the ids that are in the scope, tombstones left out.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn existing(
        &self,
        scope: &Scope<'_>,
        ids: &[Uuid],
    ) -> Result<Vec<Uuid>, StorageError> {
        let hidden = if scope.hide_removed { " AND idp_lock <> 2" } else { "" };
        let sql = Sql::new(format!(
            "SELECT id FROM resource WHERE organization_id = $1 AND node_id = $2 \
             AND resource_type = $3 AND erased_at IS NULL{hidden} AND {}",
            self.db.dialect().is_one_of("id", 4)
        ))
        .bind(scope.organization_id)
        .bind(scope.node_id)
        .bind(scope.resource_type)
        .bind(json!(ids).to_string());
        let rows: Vec<(Uuid,)> = self.db.fetch_all(sql).await?;
        Ok(rows.into_iter().map(|(id,)| id).collect())
    }

    /// Tombstones: of one organization or all, erased before a time, oldest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn tombstones(
        &self,
        organization_id: Option<i64>,
        before: i64,
        limit: i64,
    ) -> Result<Vec<ResourceRow>, StorageError> {
        let sql = Sql::new(format!(
            "SELECT {COLUMNS} FROM resource WHERE erased_at IS NOT NULL AND erased_at < $1 \
             AND ($2 = 0 OR organization_id = $2) ORDER BY erased_at LIMIT $3"
        ))
        .bind(before)
        .bind(organization_id.unwrap_or(0))
        .bind(limit);
        self.db.fetch_all(sql).await
    }

    /// Users who hold a seat.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn seats_used(&self, organization_id: i64) -> Result<i64, StorageError> {
        let sql = Sql::new(format!(
            "SELECT COUNT(*) FROM resource WHERE organization_id = $1 AND {HOLDS_SEAT}"
        ))
        .bind(organization_id);
        let (used,): (i64,) = self.db.fetch_one(sql).await?;
        Ok(used)
    }
}

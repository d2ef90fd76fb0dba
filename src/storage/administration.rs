//! Organizations, nodes, provisioning methods and tokens: small tables, changed by administrators.

use sqlx::FromRow;

use super::engine::{Arg, Sql, Tx};
use super::rows::{MethodRow, OrganizationRow, TokenRow};
use super::write::Written;
use super::{StorageError, Store, token};

/// The number of the first node of an organization, which is its root.
const FIRST_NODE_ID: i64 = 3400;

/// A change of what administrators own.
#[derive(Debug, Clone)]
pub enum Administration {
    /// Makes an organization with its root node.
    InsertOrganization {
        /// The organization.
        row: OrganizationRow,
        /// Name of the root.
        root: String,
    },
    /// Changes those of seats, reserved domains and name that differ between the rows.
    UpdateOrganization {
        /// As it was read.
        before: OrganizationRow,
        /// As it shall be.
        after: OrganizationRow,
    },
    /// Makes a node below another with the next number, and its provisioning method.
    InsertNode {
        /// Organization.
        organization_id: i64,
        /// Parent.
        parent_id: i64,
        /// Name.
        name: String,
        /// Time.
        at: i64,
        /// The method; its `node_id` is filled in.
        method: MethodRow,
    },
    /// Renames a node.
    RenameNode {
        /// Organization.
        organization_id: i64,
        /// Node.
        node_id: i64,
        /// New name.
        name: String,
    },
    /// Deletes a node with its method and tokens; it must hold no users, groups or nodes.
    DeleteNode {
        /// Organization.
        organization_id: i64,
        /// Node.
        node_id: i64,
    },
    /// Changes those settings of a method that differ between the rows; with `unique_groups` the
    /// unique keys of its groups.
    UpdateMethod {
        /// As it was read.
        before: MethodRow,
        /// As it shall be.
        after: MethodRow,
    },
    /// Makes a token, unless its node has as many live ones as it may have.
    InsertToken {
        /// The token.
        row: TokenRow,
        /// Live tokens at most, at the time of its creation.
        most: i64,
    },
    /// Ends a token.
    RevokeToken {
        /// Organization.
        organization_id: i64,
        /// Public id.
        id: String,
        /// Time.
        at: i64,
    },
    /// Notes that a token was used, and by which client.
    NoteUse {
        /// Organization.
        organization_id: i64,
        /// Public id of the token.
        token_id: String,
        /// Node of the token.
        node_id: i64,
        /// Time.
        at: i64,
        /// Client, when it was recognized.
        client: Option<String>,
    },
}

/// A node with what is counted on it.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct NodeRow {
    /// Number.
    pub id: i64,
    /// Parent; none for the root.
    pub parent_id: Option<i64>,
    /// Name.
    pub name: String,
    /// Time of creation.
    pub created_at: i64,
}

/// Users and groups of a node, tombstones left out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromRow)]
pub struct Counts {
    /// Users.
    pub users: i64,
    /// Groups.
    pub groups: i64,
}

pub(super) async fn apply(
    tx: &mut Tx,
    statement: &Administration,
) -> Result<Written, StorageError> {
    let mut written = Written { changed: true, ..Written::default() };
    match statement {
        Administration::InsertOrganization { row, root } => {
            insert_organization(tx, row).await?;
            insert_node(tx, row.id, None, root, row.created_at).await?;
        }
        Administration::UpdateOrganization { before, after } => {
            update_organization(tx, before, after).await?;
        }
        Administration::InsertNode { organization_id, parent_id, name, at, method } => {
            let id = insert_node(tx, *organization_id, Some(*parent_id), name, *at).await?;
            insert_method(tx, &MethodRow { node_id: id, ..method.clone() }).await?;
            written.id = Some(id);
        }
        Administration::RenameNode { organization_id, node_id, name } => {
            let sql = Sql::new("UPDATE node SET name = $3 WHERE organization_id = $1 AND id = $2")
                .bind(*organization_id)
                .bind(*node_id)
                .bind(name.as_str());
            one(tx, sql).await?;
        }
        Administration::DeleteNode { organization_id, node_id } => {
            delete_node(tx, *organization_id, *node_id).await?;
        }
        Administration::UpdateMethod { before, after } => update_method(tx, before, after).await?,
        Administration::InsertToken { row, most } => token::insert(tx, row, *most).await?,
        Administration::RevokeToken { organization_id, id, at } => {
            token::revoke(tx, *organization_id, id, *at).await?;
        }
        Administration::NoteUse { organization_id, token_id, node_id, at, client } => {
            token::note_use(tx, *organization_id, token_id, *node_id, *at, client.as_deref())
                .await?;
        }
    }
    Ok(written)
}

/// Executes a statement that must change a row.
pub(super) async fn one(tx: &mut Tx, sql: Sql) -> Result<(), StorageError> {
    match tx.execute(sql).await? {
        0 => Err(StorageError::Missing),
        _ => Ok(()),
    }
}

async fn insert_organization(tx: &mut Tx, row: &OrganizationRow) -> Result<(), StorageError> {
    let sql = Sql::new(
        "INSERT INTO organization (id, name, seats, reserved_domains, next_node_id, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(row.id)
    .bind(row.name.as_str())
    .bind(row.seats)
    .bind(row.reserved_domains.as_str())
    .bind(FIRST_NODE_ID)
    .bind(row.created_at);
    one(tx, sql).await
}

async fn update_organization(
    tx: &mut Tx,
    before: &OrganizationRow,
    after: &OrganizationRow,
) -> Result<(), StorageError> {
    let columns = |row: &OrganizationRow| -> [(&str, Arg); 3] {
        [
            ("name", row.name.as_str().into()),
            ("seats", row.seats.into()),
            ("reserved_domains", row.reserved_domains.as_str().into()),
        ]
    };
    let key = vec![before.id.into()];
    update(tx, "organization", "id = $1", key, columns(before), columns(after)).await
}

/// Updates the columns whose values differ, and no others: they may have been changed since they were
/// read. `condition` names the row by the parameters in `args`.
async fn update<const N: usize>(
    tx: &mut Tx,
    table: &str,
    condition: &str,
    mut args: Vec<Arg>,
    before: [(&str, Arg); N],
    after: [(&str, Arg); N],
) -> Result<(), StorageError> {
    let mut assignments = Vec::new();
    for ((column, was), (_, is)) in before.into_iter().zip(after) {
        if was != is {
            args.push(is);
            assignments.push(format!("{column} = ${}", args.len()));
        }
    }
    if assignments.is_empty() {
        return Ok(());
    }
    let assignments = assignments.join(", ");
    one(tx, Sql::with(format!("UPDATE {table} SET {assignments} WHERE {condition}"), args)).await
}

async fn insert_node(
    tx: &mut Tx,
    organization_id: i64,
    parent_id: Option<i64>,
    name: &str,
    at: i64,
) -> Result<i64, StorageError> {
    let next = Sql::new(
        "UPDATE organization SET next_node_id = next_node_id + 1 WHERE id = $1 \
         RETURNING next_node_id - 1",
    );
    let next: Option<(i64,)> = tx.fetch_optional(next.bind(organization_id)).await?;
    let (id,) = next.ok_or(StorageError::Missing)?;
    let sql = Sql::new(
        "INSERT INTO node (organization_id, id, parent_id, name, created_at) \
         VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(organization_id)
    .bind(id)
    .bind(parent_id)
    .bind(name)
    .bind(at);
    one(tx, sql).await?;
    Ok(id)
}

async fn delete_node(tx: &mut Tx, organization_id: i64, node_id: i64) -> Result<(), StorageError> {
    for text in [
        "DELETE FROM provisioning_token WHERE organization_id = $1 AND node_id = $2",
        "DELETE FROM provisioning_method WHERE organization_id = $1 AND node_id = $2",
    ] {
        tx.execute(Sql::new(text).bind(organization_id).bind(node_id)).await?;
    }
    let sql = Sql::new("DELETE FROM node WHERE organization_id = $1 AND id = $2")
        .bind(organization_id)
        .bind(node_id);
    one(tx, sql).await
}

async fn insert_method(tx: &mut Tx, row: &MethodRow) -> Result<(), StorageError> {
    let settings = settings(row).map(|(_, value)| value);
    let mut args = vec![row.organization_id.into(), row.node_id.into(), row.created_at.into()];
    args.extend(settings);
    let sql = Sql::with(
        "INSERT INTO provisioning_method (organization_id, node_id, created_at, role_prefix, \
         unique_groups, removed_users, repost, new_users, dialect) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        args,
    );
    one(tx, sql).await
}

/// The columns of a method that administrators set.
fn settings(row: &MethodRow) -> [(&'static str, Arg); 6] {
    [
        ("role_prefix", row.role_prefix.as_deref().into()),
        ("unique_groups", row.unique_groups.into()),
        ("removed_users", row.removed_users.as_str().into()),
        ("repost", row.repost.as_str().into()),
        ("new_users", row.new_users.as_str().into()),
        ("dialect", row.dialect.as_str().into()),
    ]
}

async fn update_method(
    tx: &mut Tx,
    before: &MethodRow,
    after: &MethodRow,
) -> Result<(), StorageError> {
    let key: Vec<Arg> = vec![after.organization_id.into(), after.node_id.into()];
    let condition = "organization_id = $1 AND node_id = $2";
    let (was, is) = (settings(before), settings(after));
    update(tx, "provisioning_method", condition, key.clone(), was, is).await?;
    if before.unique_groups == after.unique_groups {
        return Ok(());
    }
    // The key has the form of `rows::unique_key`.
    let text = if after.unique_groups {
        "UPDATE resource SET unique_key = resource_type || ':' || node_id || ':' || name_key \
         WHERE organization_id = $1 AND node_id = $2 AND resource_type = 'Group' \
         AND unique_key IS NULL"
    } else {
        "UPDATE resource SET unique_key = NULL WHERE organization_id = $1 AND node_id = $2 \
         AND resource_type = 'Group' AND unique_key IS NOT NULL"
    };
    tx.execute(Sql::with(text, key)).await?;
    Ok(())
}

impl Store {
    /// The nodes of an organization, the root first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn nodes(&self, organization_id: i64) -> Result<Vec<NodeRow>, StorageError> {
        let sql = Sql::new(
            "SELECT id, parent_id, name, created_at FROM node WHERE organization_id = $1 ORDER BY id",
        )
        .bind(organization_id);
        self.db.fetch_all(sql).await
    }

    /// Users and groups of a node.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn counts(&self, organization_id: i64, node_id: i64) -> Result<Counts, StorageError> {
        let sql = Sql::new(
            "SELECT COUNT(CASE WHEN resource_type = 'User' THEN 1 END) AS users, \
             COUNT(CASE WHEN resource_type = 'Group' THEN 1 END) AS groups FROM resource \
             WHERE organization_id = $1 AND node_id = $2 AND erased_at IS NULL",
        )
        .bind(organization_id)
        .bind(node_id);
        self.db.fetch_one(sql).await
    }

    /// The organization with this number.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn organization(&self, id: i64) -> Result<Option<OrganizationRow>, StorageError> {
        let sql = Sql::new(
            "SELECT id, name, seats, reserved_domains, created_at FROM organization WHERE id = $1",
        )
        .bind(id);
        self.db.fetch_optional(sql).await
    }

    /// The provisioning method of a node.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn method(
        &self,
        organization_id: i64,
        node_id: i64,
    ) -> Result<Option<MethodRow>, StorageError> {
        let sql = Sql::new(
            "SELECT organization_id, node_id, role_prefix, unique_groups, removed_users, repost, \
             new_users, dialect, created_at, last_synced, client FROM provisioning_method \
             WHERE organization_id = $1 AND node_id = $2",
        )
        .bind(organization_id)
        .bind(node_id);
        self.db.fetch_optional(sql).await
    }
}

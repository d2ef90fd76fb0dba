//! What the token check needs, in one read.

use sqlx::FromRow;

use super::engine::Sql;
use super::rows::{MethodRow, OrganizationRow, TokenRow};
use super::{StorageError, Store};

/// A token with the method it belongs to and the settings of the organization.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct Access {
    /// The token.
    #[sqlx(flatten)]
    pub token: TokenRow,
    /// The provisioning method of its node.
    #[sqlx(flatten)]
    pub method: MethodRow,
    /// Seats of the organization.
    pub seats: Option<i64>,
    /// JSON array of reserved domains.
    pub reserved_domains: String,
}

impl Store {
    /// The token with this public id, revoked and expired ones included.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn access(&self, token_id: &str) -> Result<Option<Access>, StorageError> {
        let sql = Sql::new(
            "SELECT t.organization_id, t.id, t.node_id, t.name, t.digest, t.created_at, \
             t.expires_at, t.revoked_at, t.last_used_at, \
             m.role_prefix, m.unique_groups, m.removed_users, m.repost, m.new_users, m.dialect, \
             m.last_synced, m.client, o.seats, o.reserved_domains \
             FROM provisioning_token t \
             JOIN provisioning_method m \
             ON m.organization_id = t.organization_id AND m.node_id = t.node_id \
             JOIN organization o ON o.id = t.organization_id \
             WHERE t.id = $1",
        )
        .bind(token_id);
        self.db.fetch_optional(sql).await
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

    /// The tokens of a node, or of all nodes, newest first.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn tokens(
        &self,
        organization_id: i64,
        node_id: Option<i64>,
    ) -> Result<Vec<TokenRow>, StorageError> {
        let sql = Sql::new(
            "SELECT organization_id, id, node_id, name, digest, created_at, expires_at, \
             revoked_at, last_used_at FROM provisioning_token \
             WHERE organization_id = $1 AND ($2 = 0 OR node_id = $2) \
             ORDER BY created_at DESC, id",
        )
        .bind(organization_id)
        .bind(node_id.unwrap_or(0));
        self.db.fetch_all(sql).await
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

//! Provisioning tokens, and what the token check needs in one read.

use sqlx::FromRow;

use super::engine::{Sql, Tx};
use super::rows::{MethodRow, TokenRow};
use super::{StorageError, Store, administration};

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

/// The method's row is locked until the transaction ends, so that nobody else counts meanwhile.
pub(super) async fn insert(tx: &mut Tx, row: &TokenRow, most: i64) -> Result<(), StorageError> {
    let lock = tx.dialect().for_update();
    let method = Sql::new(format!(
        "SELECT node_id FROM provisioning_method WHERE organization_id = $1 AND node_id = $2{lock}"
    ));
    let method: Option<(i64,)> =
        tx.fetch_optional(method.bind(row.organization_id).bind(row.node_id)).await?;
    method.ok_or(StorageError::Missing)?;
    let live = Sql::new(
        "SELECT COUNT(*) FROM provisioning_token WHERE organization_id = $1 AND node_id = $2 \
         AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $3)",
    )
    .bind(row.organization_id)
    .bind(row.node_id)
    .bind(row.created_at);
    let live: Option<(i64,)> = tx.fetch_optional(live).await?;
    if live.is_some_and(|(live,)| live >= most) {
        return Err(StorageError::TooManyTokens);
    }
    let sql = Sql::new(
        "INSERT INTO provisioning_token (organization_id, id, node_id, name, digest, created_at, \
         expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(row.organization_id)
    .bind(row.id.as_str())
    .bind(row.node_id)
    .bind(row.name.as_str())
    .bind(row.digest.as_slice())
    .bind(row.created_at)
    .bind(row.expires_at);
    administration::one(tx, sql).await
}

/// Notes the last use of a token and what is known of the client.
pub(super) async fn note_use(
    tx: &mut Tx,
    organization_id: i64,
    token_id: &str,
    node_id: i64,
    at: i64,
    client: Option<&str>,
) -> Result<(), StorageError> {
    let token = Sql::new(
        "UPDATE provisioning_token SET last_used_at = $3 WHERE organization_id = $1 AND id = $2",
    );
    tx.execute(token.bind(organization_id).bind(token_id).bind(at)).await?;
    let method = Sql::new(
        "UPDATE provisioning_method SET last_synced = $3, client = COALESCE($4, client) \
         WHERE organization_id = $1 AND node_id = $2",
    );
    tx.execute(method.bind(organization_id).bind(node_id).bind(at).bind(client)).await?;
    Ok(())
}

/// Ends a token that is not ended yet.
pub(super) async fn revoke(
    tx: &mut Tx,
    organization_id: i64,
    id: &str,
    at: i64,
) -> Result<(), StorageError> {
    let sql = Sql::new(
        "UPDATE provisioning_token SET revoked_at = $3 \
         WHERE organization_id = $1 AND id = $2 AND revoked_at IS NULL",
    )
    .bind(organization_id)
    .bind(id)
    .bind(at);
    administration::one(tx, sql).await
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
}

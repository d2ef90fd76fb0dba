//! Rows as they are stored. Times are microseconds since the epoch (UTC).

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use sqlx::FromRow;
use uuid::Uuid;

/// A user or a group.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct ResourceRow {
    /// Organization that owns it.
    pub organization_id: i64,
    /// The `id` of the resource.
    pub id: Uuid,
    /// Node it belongs to.
    pub node_id: i64,
    /// Name of the resource type.
    pub resource_type: String,
    /// Number of the version, from 1; the heart of the `ETag`.
    pub version: i64,
    /// Time of creation.
    pub created_at: i64,
    /// Time of the last change.
    pub modified_at: i64,
    /// Key that no other resource of the organization may have; see [`unique_key`].
    pub unique_key: Option<String>,
    /// Comparison key of the name: userName of a user, displayName of a group.
    pub name_key: String,
    /// `externalId`, exact.
    pub external_id: Option<String>,
    /// Name for people, shown as `display` on the other side of a membership.
    pub display: String,
    /// Whether the invitation was accepted.
    pub accepted: bool,
    /// Whether an administrator locked it.
    pub admin_locked: bool,
    /// Lock by the identity provider: 0 none, 1 disabled, 2 removed.
    pub idp_lock: i64,
    /// Canonical JSON, without `meta` and without attributes kept by row.
    pub document: String,
    /// When an administrator erased it; then it is a tombstone.
    pub erased_at: Option<i64>,
    /// Memberships of a tombstone: JSON array of group ids.
    pub erased_groups: Option<String>,
}

/// The key by which a resource is unique: `scope` is empty for the whole organization, or a node.
pub fn unique_key(resource_type: &str, scope: Option<i64>, name_key: &str) -> String {
    scope.map_or_else(
        || format!("{resource_type}::{name_key}"),
        |node_id| format!("{resource_type}:{node_id}:{name_key}"),
    )
}

/// A membership, seen from one side: `owner_id` is the resource that was asked for, `id` and
/// `display` are the other side.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MembershipRow {
    /// The resource that was asked for.
    pub owner_id: Uuid,
    /// The resource on the other side.
    pub id: Uuid,
    /// Its name for people.
    pub display: String,
}

/// An organization (K10).
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct OrganizationRow {
    /// Number.
    pub id: i64,
    /// Name.
    pub name: String,
    /// Seats that are licensed; none means no limit.
    pub seats: Option<i64>,
    /// JSON array of reserved domains; empty means any.
    pub reserved_domains: String,
    /// Time of creation.
    pub created_at: i64,
}

/// The SCIM provisioning method of a node (K7).
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct MethodRow {
    /// Organization.
    pub organization_id: i64,
    /// Node.
    pub node_id: i64,
    /// Prefix that makes a group a role (K5).
    pub role_prefix: Option<String>,
    /// Whether displayName of groups is unique in the node (K5).
    pub unique_groups: bool,
    /// `listed` or `hidden` (K3).
    pub removed_users: String,
    /// `conflict` or `revive` (K3).
    pub repost: String,
    /// `invited` or `active` (K4).
    pub new_users: String,
    /// `tolerant` or `strict` (K8).
    pub dialect: String,
    /// Time of creation.
    pub created_at: i64,
    /// Last authenticated request; none while the method is inactive.
    pub last_synced: Option<i64>,
    /// Client that was recognized.
    pub client: Option<String>,
}

/// A provisioning token (K7); the secret is not in it.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct TokenRow {
    /// Organization.
    pub organization_id: i64,
    /// Public id.
    pub id: String,
    /// Node it opens.
    pub node_id: i64,
    /// Name for people.
    pub name: String,
    /// SHA-256 of the whole token text.
    pub digest: Vec<u8>,
    /// Time of creation.
    pub created_at: i64,
    /// End of validity; none means never.
    pub expires_at: Option<i64>,
    /// When it was revoked.
    pub revoked_at: Option<i64>,
    /// Last use, exact to a minute.
    pub last_used_at: Option<i64>,
}

/// The record of one change: who did what to what, when, in which request. Written in the
/// transaction of the change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Id; ordered by time.
    pub id: Uuid,
    /// Time.
    pub at: i64,
    /// Organization.
    pub organization_id: i64,
    /// Node, where the subject belongs to one.
    pub node_id: Option<i64>,
    /// Who: `token:<public id>`, `administrator:<name>` or `system`.
    pub actor: String,
    /// Request id, the same in logs and answers.
    pub request_id: String,
    /// What was done.
    pub operation: String,
    /// Kind of the subject: a resource type, `Node`, `ProvisioningToken`, ...
    pub subject_type: String,
    /// Id of the subject.
    pub subject_id: String,
    /// Version of the resource after the change.
    pub version: Option<i64>,
    /// Before and after of each changed attribute; for memberships what was added and removed.
    pub changes: Map<String, Value>,
}

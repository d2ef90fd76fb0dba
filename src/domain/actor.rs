//! Who acts, and within which bounds.

use std::sync::Arc;

use super::method::Method;

/// Who acts and in which request; this is what change records say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// `token:<public id>`, `administrator:<name>` or `system`.
    pub actor: String,
    /// Request id, the same in logs and answers.
    pub request_id: String,
}

/// The bounds of a SCIM client: a node of an organization, with the settings that apply there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// Organization.
    pub organization_id: i64,
    /// Node.
    pub node_id: i64,
    /// Settings of the provisioning method.
    pub method: Method,
    /// Whether the organization's seats are limited (K6).
    pub limited_seats: bool,
    /// Domains that users may come from; empty means any (K6).
    pub reserved_domains: Vec<String>,
}

/// Somebody who acts within a tenant.
#[derive(Debug, Clone)]
pub struct Actor {
    /// Who, and in which request.
    pub origin: Origin,
    /// Where.
    pub tenant: Arc<Tenant>,
}

impl Origin {
    /// A provisioning token.
    pub fn token(id: &str, request_id: &str) -> Self {
        Self { actor: format!("token:{id}"), request_id: request_id.to_owned() }
    }

    /// An administrator, by name.
    pub fn administrator(name: &str, request_id: &str) -> Self {
        Self { actor: format!("administrator:{name}"), request_id: request_id.to_owned() }
    }

    /// The server itself.
    pub fn system(request_id: &str) -> Self {
        Self { actor: "system".to_owned(), request_id: request_id.to_owned() }
    }
}

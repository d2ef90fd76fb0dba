//! How an administrator looks at users and groups: by id or by name, on any node, removed and erased
//! users included.

use std::sync::Arc;

use uuid::Uuid;

use super::actor::{Actor, Origin};
use super::error::Error;
use super::lifecycle::{Lifecycle, Status};
use super::node;
use super::organization::ORGANIZATION;
use super::representation::{Representation, document};
use super::resources;
use super::role::GroupKind;
use super::search::{self, Query};
use super::service::Service;
use super::users;
use crate::scim::compare::text_key;
use crate::scim::error::ScimError;
use crate::scim::resource_type::ResourceType;
use crate::storage::rows::{MembershipRow, ResourceRow, unique_key};

/// A user for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Id.
    pub id: Uuid,
    /// Node.
    pub node_id: i64,
    /// The account's address.
    pub user_name: String,
    /// Name for people.
    pub display_name: String,
    /// The identity provider's id.
    pub external_id: Option<String>,
    /// Where the user stands.
    pub status: Status,
    /// When an administrator erased the user.
    pub erased_at: Option<i64>,
    /// Version.
    pub version: i64,
    /// Time of creation, microseconds since the epoch.
    pub created_at: i64,
    /// Time of the last change.
    pub modified_at: i64,
    /// Groups.
    pub groups: Vec<Member>,
}

/// A group for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Id.
    pub id: Uuid,
    /// Node.
    pub node_id: i64,
    /// Name.
    pub display_name: String,
    /// Team or role.
    pub kind: GroupKind,
    /// The identity provider's id.
    pub external_id: Option<String>,
    /// Version.
    pub version: i64,
    /// Time of creation, microseconds since the epoch.
    pub created_at: i64,
    /// Time of the last change.
    pub modified_at: i64,
    /// Members.
    pub members: Vec<Member>,
}

/// The other side of a membership.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Id.
    pub id: Uuid,
    /// Name for people.
    pub display: String,
}

/// The users of a node or of all nodes that a SCIM filter selects, with removed ones.
///
/// # Errors
/// 404; 400 `invalidFilter`.
pub async fn list_users(
    service: &Service,
    origin: &Origin,
    node_id: Option<i64>,
    filter: Option<&str>,
) -> Result<Vec<User>, Error> {
    let found = list(service, origin, service.user_type(), node_id, filter).await?;
    Ok(found.into_iter().map(|(_, user)| user_of(user)).collect())
}

/// The users that were erased and can be restored.
///
/// # Errors
/// When the database cannot be read.
pub async fn list_erased(service: &Service) -> Result<Vec<User>, Error> {
    let rows = service.store.tombstones(Some(ORGANIZATION), i64::MAX, i64::from(i32::MAX)).await?;
    let represent =
        |row| Representation { resource_type: service.user_type().clone(), row, memberships: None };
    Ok(rows.into_iter().map(represent).map(user_of).collect())
}

/// A user by id or address, with its groups.
///
/// # Errors
/// 404.
pub async fn user(service: &Service, origin: &Origin, user: &str) -> Result<User, Error> {
    let row = find_user(service, user).await?;
    let actor = node::administrator(service, origin, row.node_id).await?;
    shown_user(service, &actor, row).await
}

/// The groups of a node or of all nodes that a SCIM filter selects, without their members.
///
/// # Errors
/// 404; 400 `invalidFilter`.
pub async fn list_groups(
    service: &Service,
    origin: &Origin,
    node_id: Option<i64>,
    filter: Option<&str>,
) -> Result<Vec<Group>, Error> {
    let found = list(service, origin, service.group_type(), node_id, filter).await?;
    Ok(found.into_iter().map(|(actor, group)| group_of(&actor, group)).collect())
}

/// A group by id or name, with its members.
///
/// # Errors
/// 404; 409 when several nodes have a group of this name.
pub async fn group(service: &Service, origin: &Origin, group: &str) -> Result<Group, Error> {
    let by_id = Uuid::try_parse(group).is_ok();
    let attribute = if by_id { "id" } else { "displayName" };
    let filter = format!("{attribute} eq {}", serde_json::Value::from(group));
    let mut found =
        list(service, origin, service.group_type(), None, Some(filter.as_str())).await?;
    let several = found.len() > 1;
    let (actor, representation) = found.pop().ok_or_else(|| {
        Error::Refused(ScimError::not_found(format!("There is no group {group:?}")))
    })?;
    if several {
        return Err(Error::Refused(ScimError::conflict(format!(
            "Several groups are called {group:?}: name one by its id (scimd group list)"
        ))));
    }
    let resource_type = service.group_type();
    let whole =
        resources::represent(service, &actor, resource_type, representation.row, true).await?;
    Ok(group_of(&actor, whole))
}

/// A list over one node or all of them, with the actor of each node.
async fn list(
    service: &Service,
    origin: &Origin,
    resource_type: &Arc<ResourceType>,
    node_id: Option<i64>,
    filter: Option<&str>,
) -> Result<Vec<(Actor, Representation)>, Error> {
    let node_ids = match node_id {
        Some(id) => vec![id],
        None => node::provisioned(service).await?,
    };
    let mut found = Vec::new();
    for id in node_ids {
        let actor = node::administrator(service, origin, id).await?;
        let mut query = Query { filter: filter.map(str::to_owned), ..Query::default() };
        loop {
            let page = search::list(service, &actor, resource_type, &query).await?;
            let seen = page.start_index + page.resources.len() as u64;
            let is_last = page.resources.is_empty() || seen > page.total;
            found.extend(page.resources.into_iter().map(|resource| (actor.clone(), resource)));
            if is_last {
                break;
            }
            query.start_index = i64::try_from(seen).ok();
        }
    }
    Ok(found)
}

/// A user by id or address, on any node.
pub(super) async fn find_user(service: &Service, user: &str) -> Result<ResourceRow, Error> {
    let row = match Uuid::try_parse(user) {
        Ok(id) => service.store.resource(ORGANIZATION, id).await?,
        Err(_) => {
            let key = unique_key("User", None, &text_key(user, false));
            service.store.resource_by_unique_key(ORGANIZATION, &key).await?
        }
    };
    let row = row.filter(|row| row.resource_type == "User" && row.erased_at.is_none());
    row.ok_or_else(|| Error::Refused(ScimError::not_found(format!("There is no user {user:?}"))))
}

/// A user for people, with the groups it is in.
pub(super) async fn shown_user(
    service: &Service,
    actor: &Actor,
    row: ResourceRow,
) -> Result<User, Error> {
    Ok(user_of(users::represent(service, actor, row).await?))
}

fn members(rows: Option<Vec<MembershipRow>>) -> Vec<Member> {
    let member = |row: MembershipRow| Member { id: row.id, display: row.display };
    rows.unwrap_or_default().into_iter().map(member).collect()
}

fn user_of(representation: Representation) -> User {
    let row = representation.row;
    let document = document(&row).unwrap_or_default();
    User {
        id: row.id,
        node_id: row.node_id,
        user_name: document.text("userName").unwrap_or_default().to_owned(),
        status: Lifecycle::of(&row).status(),
        display_name: row.display,
        external_id: row.external_id,
        erased_at: row.erased_at,
        version: row.version,
        created_at: row.created_at,
        modified_at: row.modified_at,
        groups: members(representation.memberships),
    }
}

fn group_of(actor: &Actor, representation: Representation) -> Group {
    let row = representation.row;
    Group {
        id: row.id,
        node_id: row.node_id,
        kind: GroupKind::of(&row.display, actor.tenant.method.role_prefix.as_deref()),
        display_name: row.display,
        external_id: row.external_id,
        version: row.version,
        created_at: row.created_at,
        modified_at: row.modified_at,
        members: members(representation.memberships),
    }
}

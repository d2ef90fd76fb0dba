//! Nodes (K7): a node is the tenant of SCIM; every node but the root has one SCIM provisioning method.

use serde_json::{Map, Value};

use super::actor::{Actor, Origin, Tenant};
use super::change::{self, Subject};
use super::error::Error;
use super::method::{Method, MethodChange, RemovedUsers};
use super::organization::{self, ORGANIZATION};
use super::service::Service;
use crate::scim::error::ScimError;
use crate::storage::StorageError;
use crate::storage::administration::{Administration, Counts, NodeRow};
use crate::storage::rows::MethodRow;
use crate::storage::write::{AdministrationWrite, Write, Written};

/// A node for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// Number; part of the Tenant URL.
    pub id: i64,
    /// Parent; none for the root.
    pub parent_id: Option<i64>,
    /// Name.
    pub name: String,
    /// Time of creation, microseconds since the epoch.
    pub created_at: i64,
    /// Users.
    pub users: i64,
    /// Groups.
    pub groups: i64,
    /// The provisioning method; the root has none.
    pub method: Option<Method>,
    /// Last authenticated request; the method is inactive until the first.
    pub last_synced: Option<i64>,
    /// The client that was recognized.
    pub client: Option<String>,
}

/// All nodes, the root first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(service: &Service) -> Result<Vec<Node>, Error> {
    let mut nodes = Vec::new();
    for row in service.store.nodes(ORGANIZATION).await? {
        nodes.push(load(service, row).await?);
    }
    Ok(nodes)
}

/// One node.
///
/// # Errors
/// 404.
pub async fn get(service: &Service, id: i64) -> Result<Node, Error> {
    load(service, find(service, id).await?).await
}

/// The number of the node that has this number or this name. A name of digits is a name only where no
/// node has the number.
///
/// # Errors
/// 404; 409 for a name that several nodes have.
pub async fn resolve(service: &Service, text: &str) -> Result<i64, Error> {
    let nodes = service.store.nodes(ORGANIZATION).await?;
    if let Ok(id) = text.parse()
        && nodes.iter().any(|node| node.id == id)
    {
        return Ok(id);
    }
    let mut named = nodes.iter().filter(|node| node.name == text);
    match (named.next(), named.next()) {
        (Some(node), None) => Ok(node.id),
        (Some(_), Some(_)) => Err(Error::Refused(ScimError::conflict(format!(
            "Several nodes are named {text:?}: name one by its number (scimd node list)"
        )))),
        (None, _) => Err(Error::Refused(ScimError::not_found(format!(
            "There is no node {text:?} (scimd node list)"
        )))),
    }
}

/// The numbers of the nodes that take provisioning: all but the root.
pub(super) async fn provisioned(service: &Service) -> Result<Vec<i64>, Error> {
    let nodes = service.store.nodes(ORGANIZATION).await?;
    Ok(nodes.into_iter().filter(|node| node.parent_id.is_some()).map(|node| node.id).collect())
}

/// Makes a node with its SCIM method; below the root unless a parent is named.
///
/// # Errors
/// 400 for an empty name, 404 for an unknown parent.
pub async fn add(
    service: &Service,
    origin: &Origin,
    name: &str,
    parent_id: Option<i64>,
) -> Result<Node, Error> {
    let name = printable_name("node", name)?;
    let parent_id = match parent_id {
        Some(id) => find(service, id).await?.id,
        None => root(service).await?.id,
    };
    let at = service.clock.now();
    let changes = Map::from_iter([
        ("name".to_owned(), change::entry(Value::Null, name)),
        ("parentId".to_owned(), change::entry(Value::Null, parent_id)),
    ]);
    let statement = Administration::InsertNode {
        organization_id: ORGANIZATION,
        parent_id,
        name: name.to_owned(),
        at,
        method: Method::default().row(0, at),
    };
    let added =
        administer(service, origin, "create", subject("Node", None), changes, statement).await;
    let written = added.map_err(|error| match error {
        StorageError::Dangling => unknown(parent_id),
        other => other.into(),
    })?;
    get(service, written.id.unwrap_or_default()).await
}

/// Renames a node.
///
/// # Errors
/// 400 for an empty name, 404.
pub async fn rename(
    service: &Service,
    origin: &Origin,
    id: i64,
    name: &str,
) -> Result<Node, Error> {
    let name = printable_name("node", name)?;
    let before = find(service, id).await?;
    let changes = Map::from_iter([("name".to_owned(), change::entry(before.name, name))]);
    let statement = Administration::RenameNode {
        organization_id: ORGANIZATION,
        node_id: id,
        name: name.to_owned(),
    };
    administer(service, origin, "update", subject("Node", Some(id)), changes, statement).await?;
    get(service, id).await
}

/// Deletes a node with its method and tokens. What lives on a node must go first.
///
/// # Errors
/// 404; 409 while the node has users, groups, tombstones or nodes below it, and for the root.
pub async fn remove(service: &Service, origin: &Origin, id: i64) -> Result<(), Error> {
    let node = get(service, id).await?;
    if node.parent_id.is_none() {
        return Err(Error::Refused(ScimError::conflict("The root node cannot be removed")));
    }
    let changes = Map::from_iter([("name".to_owned(), change::entry(node.name, Value::Null))]);
    let statement = Administration::DeleteNode { organization_id: ORGANIZATION, node_id: id };
    let removed =
        administer(service, origin, "delete", subject("Node", Some(id)), changes, statement).await;
    removed.map_err(|error| match error {
        StorageError::Dangling => Error::Refused(ScimError::conflict(format!(
            "Node {id} is in use: it has {} users, {} groups, erased users that can still be \
             restored, or nodes below it; only an empty node can be removed",
            node.users, node.groups
        ))),
        other => other.into(),
    })?;
    Ok(())
}

/// Changes the settings of a node's method; tokens stay as they are.
///
/// # Errors
/// 404; 400 for the root; 409 when group names are to be unique and are not.
pub async fn configure(
    service: &Service,
    origin: &Origin,
    id: i64,
    wanted: &MethodChange,
) -> Result<Node, Error> {
    let row = method_row(service, id).await?;
    let before = Method::of(&row);
    let role_prefix = match &wanted.role_prefix {
        Some(prefix) => Some(prefix.clone()).filter(|prefix| !prefix.is_empty()),
        None => before.role_prefix.clone(),
    };
    let after = Method {
        role_prefix,
        unique_groups: wanted.unique_groups.unwrap_or(before.unique_groups),
        removed_users: wanted.removed_users.unwrap_or(before.removed_users),
        repost: wanted.repost.unwrap_or(before.repost),
        new_users: wanted.new_users.unwrap_or(before.new_users),
        dialect: wanted.dialect.unwrap_or(before.dialect),
    };
    if after == before {
        return get(service, id).await;
    }
    let (old, new) = (before.settings(), after.settings());
    let differing = new.into_iter().filter(|(key, value)| old.get(key) != Some(value));
    let entry = |(key, value): (String, Value)| {
        let was = old.get(&key).cloned().unwrap_or_default();
        (key, change::entry(was, value))
    };
    let changes = differing.map(entry).collect();
    let rows = [&before, &after].map(|method| method.row(id, row.created_at));
    let [before, after] = rows;
    let statement = Administration::UpdateMethod { before, after };
    let subject = subject("ProvisioningMethod", Some(id));
    let done = administer(service, origin, "update", subject, changes, statement).await;
    done.map_err(|error| match error {
        StorageError::Taken => Error::Refused(ScimError::conflict(format!(
            "Node {id} has groups of the same name: rename or delete them, then turn unique \
             groups on"
        ))),
        other => other.into(),
    })?;
    get(service, id).await
}

/// The bounds in which an administrator acts on users and groups of a node: as the node's method
/// says, but with removed users in sight.
///
/// # Errors
/// 404; 400 for the root.
pub async fn administrator(service: &Service, origin: &Origin, id: i64) -> Result<Actor, Error> {
    let method = Method {
        removed_users: RemovedUsers::Listed,
        ..Method::of(&method_row(service, id).await?)
    };
    let organization = organization::row(service).await?;
    let tenant = Tenant {
        organization_id: ORGANIZATION,
        node_id: id,
        method,
        limited_seats: organization.seats.is_some(),
        reserved_domains: organization::domains(&organization.reserved_domains),
    };
    Ok(Actor { origin: origin.clone(), tenant: std::sync::Arc::new(tenant) })
}

/// The root of the organization.
pub(super) async fn root(service: &Service) -> Result<NodeRow, Error> {
    let root = service.store.nodes(ORGANIZATION).await?.into_iter().find(|n| n.parent_id.is_none());
    root.ok_or_else(|| Error::Internal("the organization has no root node".to_owned()))
}

/// What a change record is about.
pub(super) fn subject(kind: &'static str, node_id: Option<i64>) -> Subject {
    let id = node_id.map(|id| id.to_string()).unwrap_or_default();
    Subject { organization_id: ORGANIZATION, node_id, kind, id }
}

/// Writes an administrator's change with its record.
pub(super) async fn administer(
    service: &Service,
    origin: &Origin,
    operation: &str,
    subject: Subject,
    changes: Map<String, Value>,
    statement: Administration,
) -> Result<Written, StorageError> {
    let record = change::record(&service.clock, origin, operation, subject, changes);
    let write = AdministrationWrite { statement, change: Some(record) };
    service.store.write(Write::Administration(Box::new(write))).await
}

async fn find(service: &Service, id: i64) -> Result<NodeRow, Error> {
    let node = service.store.nodes(ORGANIZATION).await?.into_iter().find(|node| node.id == id);
    node.ok_or_else(|| unknown(id))
}

fn unknown(id: i64) -> Error {
    Error::Refused(ScimError::not_found(format!("There is no node {id}")))
}

async fn load(service: &Service, row: NodeRow) -> Result<Node, Error> {
    let Counts { users, groups } = service.store.counts(ORGANIZATION, row.id).await?;
    let method = service.store.method(ORGANIZATION, row.id).await?;
    Ok(Node {
        id: row.id,
        parent_id: row.parent_id,
        name: row.name,
        created_at: row.created_at,
        users,
        groups,
        last_synced: method.as_ref().and_then(|method| method.last_synced),
        client: method.as_ref().and_then(|method| method.client.clone()),
        method: method.as_ref().map(Method::of),
    })
}

/// The method of a node.
pub(super) async fn method_row(service: &Service, id: i64) -> Result<MethodRow, Error> {
    let node = find(service, id).await?;
    let method = service.store.method(ORGANIZATION, node.id).await?;
    method.ok_or_else(|| {
        Error::Refused(ScimError::new(
            400,
            format!("Node {id} is the root, which takes no provisioning: use or add another node"),
        ))
    })
}

/// A name that people can read, without the blanks around it. `what` is named by it.
pub(super) fn printable_name<'a>(what: &str, name: &'a str) -> Result<&'a str, ScimError> {
    let name = name.trim();
    if name.is_empty() || name.chars().any(char::is_control) {
        return Err(ScimError::invalid_value(format!(
            "name: a name of a {what} has printable characters, and at least one"
        )));
    }
    Ok(name)
}

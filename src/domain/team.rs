//! Membership from both sides (K5): what a client asked of `members` or `groups`, as steps on rows.

use serde_json::Value;
use uuid::Uuid;

use super::actor::Actor;
use super::error::Error;
use super::representation;
use super::resources;
use super::service::Service;
use crate::scim::error::ScimError;
use crate::scim::patch::{self, Operation, RelationChange, RelationOperation, relation_ids};
use crate::scim::quirk::Quirks;
use crate::scim::resource::Resource;
use crate::scim::resource_type::ResourceType;
use crate::storage::Scope;
use crate::storage::membership::{MembershipStep, Side};
use crate::storage::rows::{MembershipRow, ResourceRow};

/// Takes the relation out of a resource that was sent whole, as ids; `None` when it was not sent.
///
/// # Errors
/// 400 `invalidValue` for an element without id.
pub(super) fn take(side: Side, resource: &mut Resource) -> Result<Option<Vec<String>>, ScimError> {
    let value = resource.remove(attribute(side));
    value.map(|value| relation_ids(attribute(side), &value)).transpose()
}

/// A change of the relation that was not sent as a PATCH.
pub(super) fn operation(side: Side, change: RelationChange) -> RelationOperation {
    RelationOperation { attribute: attribute(side).to_owned(), change, index: 0 }
}

/// Reads the body of a PATCH: operations on attributes, and those on the relation.
///
/// # Errors
/// 400 for a body that is no PATCH of this type, 413 for too many operations.
pub(super) fn parse_patch(
    service: &Service,
    actor: &Actor,
    resource_type: &ResourceType,
    body: &Value,
    quirks: &mut Quirks,
) -> Result<(Vec<Operation>, Vec<RelationOperation>), ScimError> {
    let dialect = actor.tenant.method.dialect;
    let limits = service.limits().patch;
    let raw = patch::parse(body, &limits, dialect, quirks)?;
    let operations = patch::resolve(raw, resource_type, limits.filter, dialect, quirks)?;
    let (relation, _) = representation::relation(&resource_type.name);
    patch::partition(operations, |name| name == relation)
}

/// The steps for the operations of a PATCH, in order. `owner` is the resource that is patched.
///
/// # Errors
/// 400 `invalidValue` for an id to add that is no resource of the other type in this node.
pub(super) async fn steps(
    service: &Service,
    actor: &Actor,
    side: Side,
    owner: Uuid,
    operations: &[RelationOperation],
) -> Result<Vec<MembershipStep>, Error> {
    let mut steps = Vec::with_capacity(operations.len());
    let mut stored: Option<Vec<(Uuid, Value)>> = None;
    for operation in operations {
        steps.push(match &operation.change {
            RelationChange::Add(ids) => {
                MembershipStep::Add(known(service, actor, side, ids).await?)
            }
            RelationChange::Replace(ids) => {
                MembershipStep::Replace(known(service, actor, side, ids).await?)
            }
            // What is not there need not be taken away.
            RelationChange::Remove(ids) => MembershipStep::Remove(parsed(ids)),
            RelationChange::Clear => MembershipStep::Replace(Vec::new()),
            RelationChange::RemoveWhere(filter) => {
                // Those whom an earlier operation adds can be meant as well; one too many does no harm.
                let rows = match &mut stored {
                    Some(rows) => rows,
                    none => none.insert(elements(read(service, actor, side, owner).await?, side)),
                };
                let added = elements(added(service, actor, owner, &steps).await?, side);
                let selected =
                    rows.iter().chain(&added).filter(|(_, element)| filter.matches_value(element));
                let selected = selected.map(|(id, _)| *id).collect();
                // Many of these are much work: others get their turn, and the timeout its chance.
                tokio::task::yield_now().await;
                MembershipStep::Remove(selected)
            }
        });
    }
    Ok(steps)
}

/// Memberships as filters see them.
fn elements(rows: Vec<MembershipRow>, side: Side) -> Vec<(Uuid, Value)> {
    rows.into_iter().map(|row| (row.id, representation::element(&row, side, ""))).collect()
}

/// The memberships that these steps will have made.
async fn added(
    service: &Service,
    actor: &Actor,
    owner_id: Uuid,
    steps: &[MembershipStep],
) -> Result<Vec<MembershipRow>, Error> {
    let ids: Vec<Uuid> = steps
        .iter()
        .flat_map(|step| match step {
            MembershipStep::Add(ids) | MembershipStep::Replace(ids) => ids.as_slice(),
            MembershipStep::Remove(_) => &[],
        })
        .copied()
        .collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let rows = service.store.resources(actor.tenant.organization_id, &ids).await?;
    let row = |row: ResourceRow| MembershipRow { owner_id, id: row.id, display: row.display };
    Ok(rows.into_iter().map(row).collect())
}

/// The memberships of one resource, as the client of this tenant sees them.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn read(
    service: &Service,
    actor: &Actor,
    side: Side,
    owner: Uuid,
) -> Result<Vec<MembershipRow>, Error> {
    read_all(service, actor, side, &[owner]).await
}

/// The memberships of several resources in one read.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn read_all(
    service: &Service,
    actor: &Actor,
    side: Side,
    owners: &[Uuid],
) -> Result<Vec<MembershipRow>, Error> {
    let tenant = &actor.tenant;
    let hide_removed = side == Side::Group && tenant.method.hides_removed();
    Ok(service.store.memberships(tenant.organization_id, side, owners, hide_removed).await?)
}

fn attribute(side: Side) -> &'static str {
    match side {
        Side::Group => "members",
        Side::User => "groups",
    }
}

fn parsed(ids: &[String]) -> Vec<Uuid> {
    ids.iter().filter_map(|id| resources::canonical_id(id)).collect()
}

/// The ids, each a resource of the other type in this node.
///
/// # Errors
/// 400 `invalidValue` that names the first id that is none.
pub(super) async fn known(
    service: &Service,
    actor: &Actor,
    side: Side,
    ids: &[String],
) -> Result<Vec<Uuid>, Error> {
    let other = match side {
        Side::Group => "User",
        Side::User => "Group",
    };
    let wanted = parsed(ids);
    let tenant = &actor.tenant;
    let existing = if wanted.is_empty() {
        Vec::new()
    } else {
        let scope = Scope {
            organization_id: tenant.organization_id,
            node_id: tenant.node_id,
            resource_type: other,
            hide_removed: side == Side::Group && tenant.method.hides_removed(),
        };
        service.store.existing(&scope, &wanted).await?
    };
    let existing: std::collections::HashSet<Uuid> = existing.into_iter().collect();
    let is_known =
        |id: &&String| resources::canonical_id(id).is_some_and(|id| existing.contains(&id));
    let unknown = ids.iter().find(|id| !is_known(id));
    match unknown {
        None => Ok(wanted),
        Some(id) => Err(Error::Refused(not_known(side, id))),
    }
}

fn not_known(side: Side, id: &str) -> ScimError {
    let id = Value::from(id);
    ScimError::invalid_value(match side {
        Side::Group => format!(
            "members: {id} is not the id of a user of this node (members are users, groups within \
             groups are not supported): create the user first"
        ),
        Side::User => {
            format!("groups: {id} is not the id of a group of this node: create the group first")
        }
    })
}

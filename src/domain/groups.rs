//! The use cases on groups, which are teams, or roles by their prefix (K5).

use std::sync::Arc;

use serde_json::Value;

use super::actor::Actor;
use super::change::{self, Subject};
use super::draft::Draft;
use super::error::Error;
use super::lifecycle::Lifecycle;
use super::precondition::Precondition;
use super::representation::{Representation, document};
use super::resources::{self, Change};
use super::retry::{StorageFault, Tries};
use super::service::Service;
use super::team;
use crate::scim::patch::{self, RelationChange};
use crate::scim::quirk::Quirks;
use crate::scim::validate;
use crate::storage::membership::{MembershipStep, Side};
use crate::storage::rows::ResourceRow;
use crate::storage::write::{DeleteWrite, Write};

/// A group by id; its members are read only where `members` asks for them (K9).
///
/// # Errors
/// 404 when the node has no such group.
pub async fn get(
    service: &Service,
    actor: &Actor,
    id: &str,
    members: bool,
) -> Result<Representation, Error> {
    let row = resources::find(service, actor, service.group_type(), id).await?;
    represent(service, actor, row, members).await
}

/// Creates a group with its members.
///
/// # Errors
/// 400 for a body that is not a group or a member that is no user of the node; 409 when the name is
/// taken and the node has unique groups.
pub async fn create(
    service: &Service,
    actor: &Actor,
    body: Value,
    members: bool,
    quirks: &mut Quirks,
) -> Result<Representation, Error> {
    let resource_type = service.group_type();
    let dialect = actor.tenant.method.dialect;
    let mut resource = validate::canonical(resource_type, body, dialect, quirks)?;
    let ids = team::take(Side::Group, &mut resource)?.unwrap_or_default();
    validate::required(resource_type, &resource)?;
    let mut draft = Draft::create(actor, resource_type, resource, Lifecycle::UNLOCKED);
    let mut tries = Tries::default();
    loop {
        if !ids.is_empty() {
            let known = team::known(service, actor, Side::Group, &ids).await?;
            draft.memberships = vec![MembershipStep::Add(known)];
        }
        match draft.clone().store(service).await {
            Ok(row) => return represent(service, actor, row, members).await,
            Err(StorageFault::Taken(key)) => {
                resources::yield_name(service, actor, &key).await?;
                tries.another().await?;
            }
            Err(fault) => tries.again(fault).await?,
        }
    }
}

/// Replaces a group and its members (RFC 7644 section 3.5.1).
///
/// # Errors
/// As [`get`] and [`create`]; 412 when `if_match` names another version.
pub async fn replace(
    service: &Service,
    actor: &Actor,
    id: &str,
    body: Value,
    (if_match, members): (&Precondition, bool),
    quirks: &mut Quirks,
) -> Result<Representation, Error> {
    let resource_type = service.group_type();
    let dialect = actor.tenant.method.dialect;
    let change = Change { service, actor, resource_type, id, if_match, operation: "replace" };
    let read = validate::canonical(resource_type, body, dialect, quirks).and_then(|mut sent| {
        validate::required(resource_type, &sent)?;
        let ids = team::take(Side::Group, &mut sent)?;
        Ok((sent, ids.unwrap_or_default()))
    });
    let (sent, ids) = change.or_not_found(read).await?;
    let relations = [team::operation(Side::Group, RelationChange::Replace(ids))];
    let row = change
        .apply(&relations, |resource, _| {
            validate::immutable(resource_type, resource, &sent)?;
            *resource = sent.clone();
            Ok(())
        })
        .await?;
    represent(service, actor, row, members).await
}

/// Changes a group by PATCH (RFC 7644 section 3.5.2): all operations or none. Where only members
/// change, the cost is that of those members and requests do not wait for each other. What is given back
/// has the new version, and no members.
///
/// # Errors
/// As [`get`] and [`create`]; 412 when `if_match` names another version.
pub async fn patch(
    service: &Service,
    actor: &Actor,
    id: &str,
    body: &Value,
    if_match: &Precondition,
    quirks: &mut Quirks,
) -> Result<Representation, Error> {
    let resource_type = service.group_type();
    let dialect = actor.tenant.method.dialect;
    let change = Change { service, actor, resource_type, id, if_match, operation: "patch" };
    let read = team::parse_patch(service, actor, resource_type, body, quirks);
    let (operations, relations) = change.or_not_found(read).await?;
    let row = if operations.is_empty() {
        change.apply_memberships(&relations).await?
    } else {
        change
            .apply(&relations, |resource, _| {
                patch::apply(resource, &operations, resource_type, dialect, quirks)?;
                Ok(validate::required(resource_type, resource)?)
            })
            .await?
    };
    represent(service, actor, row, false).await
}

/// Deletes a group for good; its members lose it.
///
/// # Errors
/// 404 when the node has no such group; 412.
pub async fn delete(
    service: &Service,
    actor: &Actor,
    id: &str,
    if_match: &Precondition,
) -> Result<(), Error> {
    let resource_type = service.group_type();
    let change = Change { service, actor, resource_type, id, if_match, operation: "delete" };
    let mut tries = Tries::default();
    loop {
        let (row, _) = change.checked().await?;
        let subject = Subject {
            organization_id: row.organization_id,
            node_id: Some(row.node_id),
            kind: "Group",
            id: row.id.to_string(),
        };
        let changes = change::diff(Some(&document(&row)?), None);
        let record =
            change::record(&service.clock, &actor.origin, change.operation, subject, changes);
        let write = Write::Delete(Box::new(DeleteWrite { row, change: record }));
        match service.store.write(write).await.map_err(StorageFault::from) {
            Ok(_) => return Ok(()),
            Err(fault) => tries.again(fault).await?,
        }
    }
}

async fn represent(
    service: &Service,
    actor: &Actor,
    row: ResourceRow,
    members: bool,
) -> Result<Representation, Error> {
    let resource_type: &Arc<_> = service.group_type();
    resources::represent(service, actor, resource_type, row, members).await
}

//! The use cases on users: SCIM in, Keeper's rules applied, one write out.

use serde_json::Value;
use uuid::Uuid;

use super::account;
use super::actor::Actor;
use super::draft::Draft;
use super::email_domain;
use super::error::Error;
use super::lifecycle::{IdpLock, Lifecycle};
use super::method::{NewUsers, Repost};
use super::precondition::Precondition;
use super::representation::Representation;
use super::resources::{self, Change};
use super::retry::{StorageFault, Tries};
use super::service::Service;
use super::team;
use crate::scim::compare::text_key;
use crate::scim::patch::{self, Operation, OperationKind, RelationChange};
use crate::scim::path::PatchTarget;
use crate::scim::quirk::Quirks;
use crate::scim::resource::Resource;
use crate::scim::validate;
use crate::storage::membership::{MembershipStep, Side};
use crate::storage::rows::ResourceRow;

/// A user by id.
///
/// # Errors
/// 404 when the node has no such user, or it is hidden (K3).
pub async fn get(service: &Service, actor: &Actor, id: &str) -> Result<Representation, Error> {
    let row = resources::find(service, actor, service.user_type(), id).await?;
    represent(service, actor, row).await
}

/// Creates a user (K1, K2, K4, K5, K6), or revives a removed one where the method says so (K3).
///
/// # Errors
/// 400 for a body that is not a user, 409 when the address is taken, 428 when no seat is left.
pub async fn create(
    service: &Service,
    actor: &Actor,
    body: Value,
    quirks: &mut Quirks,
) -> Result<Representation, Error> {
    let method = &actor.tenant.method;
    let mut resource = validate::canonical(service.user_type(), body, method.dialect, quirks)?;
    let groups = team::take(Side::User, &mut resource)?.unwrap_or_default();
    account::mirror_created(&mut resource);
    complete(service, actor, &mut resource, None)?;
    let active = asserted_active(&resource).unwrap_or(true);
    let lifecycle = Lifecycle::begin(method.new_users == NewUsers::Active).set_active(active);
    let new = Draft::create(actor, service.user_type(), resource, lifecycle);
    let mut tries = Tries::default();
    let mut holder = None;
    loop {
        let mut draft = match holder.take() {
            None => new.clone(),
            Some(row) => {
                let mut draft = Draft::change(actor, service.user_type(), row, "revive")?;
                draft.resource = new.resource.clone();
                // First active: what was removed is not removed any more, whatever the body wants now.
                draft.lifecycle = draft.lifecycle.set_active(true).set_active(active);
                draft
            }
        };
        draft.memberships = add(team::known(service, actor, Side::User, &groups).await?);
        match draft.store(service).await {
            Ok(stored) => return represent(service, actor, stored).await,
            Err(StorageFault::Taken(key)) => {
                holder = returning(service, actor, &key).await?;
                tries.another().await?;
            }
            Err(fault) => tries.again(fault).await?,
        }
    }
}

/// Replaces a user (RFC 7644 section 3.5.1). Memberships stay unless groups are named (K5), and
/// `active` stays unless it is asserted.
///
/// # Errors
/// As [`get`] and [`create`]; 412 when `if_match` names another version.
pub async fn replace(
    service: &Service,
    actor: &Actor,
    id: &str,
    body: Value,
    if_match: &Precondition,
    quirks: &mut Quirks,
) -> Result<Representation, Error> {
    let resource_type = service.user_type();
    let dialect = actor.tenant.method.dialect;
    let change = Change { service, actor, resource_type, id, if_match, operation: "replace" };
    let read = validate::canonical(resource_type, body, dialect, quirks).and_then(|mut sent| {
        validate::required(resource_type, &sent)?;
        let groups = team::take(Side::User, &mut sent)?;
        Ok((sent, groups))
    });
    let (sent, groups) = change.or_not_found(read).await?;
    // An empty list is what clients echo that keep no groups; it is no wish to leave them all.
    let groups = groups.filter(|groups| !groups.is_empty());
    let relations: Vec<_> = groups
        .map(|ids| team::operation(Side::User, RelationChange::Replace(ids)))
        .into_iter()
        .collect();
    let row = change
        .apply(&relations, |resource, lifecycle| {
            let user_name = resource.text("userName").unwrap_or_default().to_owned();
            let mut after = sent.clone();
            account::mirror_replaced(&mut after, &user_name);
            complete(service, actor, &mut after, Some(&user_name))?;
            validate::immutable(resource_type, resource, &after)?;
            if let Some(active) = asserted_active(&after) {
                *lifecycle = set_active(actor, *lifecycle, active);
            }
            *resource = after;
            Ok(())
        })
        .await?;
    represent(service, actor, row).await
}

/// Changes a user by PATCH (RFC 7644 section 3.5.2): all operations or none.
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
    let resource_type = service.user_type();
    let change = Change { service, actor, resource_type, id, if_match, operation: "patch" };
    let read = team::parse_patch(service, actor, resource_type, body, quirks);
    let (operations, relations) = change.or_not_found(read).await?;
    let operations: Vec<Operation> = operations.into_iter().map(address_set).collect();
    let row = change
        .apply(&relations, |resource, lifecycle| {
            let before = resource.clone();
            for operation in &operations {
                apply(service, actor, resource, lifecycle, operation, quirks)?;
            }
            validate::immutable(resource_type, &before, resource)?;
            complete(service, actor, resource, before.text("userName"))
        })
        .await?;
    represent(service, actor, row).await
}

/// SCIM DELETE: locks the account, whatever state it was in; memberships stay (K3).
///
/// # Errors
/// 404 when the node has no such user or it is hidden; 412.
pub async fn delete(
    service: &Service,
    actor: &Actor,
    id: &str,
    if_match: &Precondition,
) -> Result<(), Error> {
    let resource_type = service.user_type();
    let change = Change { service, actor, resource_type, id, if_match, operation: "delete" };
    change
        .apply(&[], |_, lifecycle| {
            *lifecycle = lifecycle.remove();
            Ok(())
        })
        .await?;
    Ok(())
}

/// A user as it is sent: always with its groups, which its version covers.
pub(super) async fn represent(
    service: &Service,
    actor: &Actor,
    row: ResourceRow,
) -> Result<Representation, Error> {
    resources::represent(service, actor, service.user_type(), row, true).await
}

/// Applies one operation; the mirrored names are made one after each, so that the last wins (K2), and
/// `active` moves the life cycle, not the document (K4).
fn apply(
    service: &Service,
    actor: &Actor,
    resource: &mut Resource,
    lifecycle: &mut Lifecycle,
    operation: &Operation,
    quirks: &mut Quirks,
) -> Result<(), Error> {
    let user_name = resource.text("userName").unwrap_or_default().to_owned();
    let dialect = actor.tenant.method.dialect;
    patch::apply_one(resource, operation, service.user_type(), dialect, quirks)?;
    account::mirror_patched(resource, &user_name);
    let PatchTarget::Attribute { path, .. } = &operation.target else {
        return Ok(());
    };
    let sub_attribute = path.sub_attribute.as_ref().map(|sub| sub.name.as_str());
    if operation.emptied && path.extension.is_none() {
        account::keep_empty_name(resource, &path.attribute.name, sub_attribute);
    }
    if path.extension.is_none()
        && path.attribute.name == "active"
        && let Some(active) = asserted_active(resource)
    {
        *lifecycle = set_active(actor, *lifecycle, active);
    }
    Ok(())
}

/// A user has one address, so adding one sets it (K2).
fn address_set(mut operation: Operation) -> Operation {
    let is_emails = matches!(&operation.target, PatchTarget::Attribute { path, filter: None }
        if path.extension.is_none() && path.sub_attribute.is_none() && path.attribute.name == "emails");
    let replaces = operation.value.as_ref().is_some_and(account::replaces_address);
    if is_emails && replaces && operation.kind == OperationKind::Add {
        operation.kind = OperationKind::Replace;
    }
    operation
}

/// Fills in what follows from the rest, and checks the address (K1, K6). A domain that was let in once
/// is not asked again while the address stays.
fn complete(
    service: &Service,
    actor: &Actor,
    resource: &mut Resource,
    before: Option<&str>,
) -> Result<(), Error> {
    account::default_display_name(resource, before);
    account::default_name(resource);
    validate::required(service.user_type(), resource)?;
    let user_name = resource.text("userName").unwrap_or_default();
    if before != Some(user_name) {
        account::check_address(user_name)?;
    }
    let is_same =
        before.is_some_and(|before| text_key(before, false) == text_key(user_name, false));
    if !is_same {
        email_domain::check_reserved(user_name, &actor.tenant.reserved_domains)?;
    }
    Ok(())
}

/// Moves the life cycle, and says in the log when an administrator's lock keeps `active` false (K4).
fn set_active(actor: &Actor, lifecycle: Lifecycle, active: bool) -> Lifecycle {
    if active && lifecycle.admin_locked {
        let request_id = actor.origin.request_id.as_str();
        tracing::info!(request_id, "an administrator's lock stays: only an administrator lifts it");
    }
    lifecycle.set_active(active)
}

fn asserted_active(resource: &Resource) -> Option<bool> {
    resource.get("active").and_then(Value::as_bool)
}

fn add(groups: Vec<Uuid>) -> Vec<MembershipStep> {
    if groups.is_empty() { Vec::new() } else { vec![MembershipStep::Add(groups)] }
}

/// The user whom a POST for a taken address brings back, where the method says so (K1, K3). What a lookup
/// finds and what a POST conflicts with are the same set. `None` when the address is free after all.
///
/// # Errors
/// 409 `uniqueness`.
async fn returning(
    service: &Service,
    actor: &Actor,
    unique_key: &str,
) -> Result<Option<ResourceRow>, Error> {
    let tenant = &actor.tenant;
    let holder = service.store.resource_by_unique_key(tenant.organization_id, unique_key).await?;
    let Some(holder) = holder else {
        return Ok(None);
    };
    let is_locked = Lifecycle::of(&holder).idp_lock != IdpLock::None;
    let revives = tenant.method.repost == Repost::Revive && is_locked;
    if holder.node_id != tenant.node_id || !(resources::is_hidden(actor, &holder) || revives) {
        return Err(Error::Refused(resources::taken(actor, &holder)));
    }
    Ok(Some(holder))
}

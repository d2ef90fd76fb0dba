//! What users and groups have in common: how they are found, shown, changed under a version, and what
//! happens when a name is taken.

use std::sync::Arc;

use uuid::Uuid;

use super::actor::Actor;
use super::draft::Draft;
use super::error::Error;
use super::lifecycle::{IdpLock, Lifecycle, Status};
use super::precondition::Precondition;
use super::representation::{Representation, relation};
use super::retry::{StorageFault, Tries};
use super::service::Service;
use super::team;
use crate::scim::error::ScimError;
use crate::scim::patch::RelationOperation;
use crate::scim::resource::Resource;
use crate::scim::resource_type::ResourceType;
use crate::storage::membership::Side;
use crate::storage::rows::{MembershipRow, ResourceRow};

/// A change of one resource: who changes what, under which condition, and what the record calls it.
#[derive(Clone, Copy)]
pub(super) struct Change<'a> {
    pub(super) service: &'a Service,
    pub(super) actor: &'a Actor,
    pub(super) resource_type: &'a Arc<ResourceType>,
    pub(super) id: &'a str,
    pub(super) if_match: &'a Precondition,
    pub(super) operation: &'static str,
}

/// The row of a resource that the client may see.
///
/// # Errors
/// 404 when the node has no such resource, or it is hidden (K3).
pub(super) async fn find(
    service: &Service,
    actor: &Actor,
    resource_type: &ResourceType,
    id: &str,
) -> Result<ResourceRow, Error> {
    let tenant = &actor.tenant;
    let row = match canonical_id(id) {
        Some(id) => service.store.resource(tenant.organization_id, id).await?,
        None => None,
    };
    let visible = row.filter(|row| {
        row.resource_type == resource_type.name
            && row.node_id == tenant.node_id
            && row.erased_at.is_none()
            && !is_hidden(actor, row)
    });
    visible.ok_or_else(|| {
        let name = resource_type.name.to_lowercase();
        Error::Refused(ScimError::not_found(format!("There is no {name} {id:?} in this node")))
    })
}

/// Ids are compared exactly, so only the canonical spelling of a UUID names a resource.
pub(super) fn canonical_id(id: &str) -> Option<Uuid> {
    Uuid::try_parse(id).ok().filter(|uuid| uuid.to_string() == id)
}

/// Whether a removed user is out of the client's sight (K3, `hidden`).
pub(super) fn is_hidden(actor: &Actor, row: &ResourceRow) -> bool {
    actor.tenant.method.hides_removed() && Lifecycle::of(row).idp_lock == IdpLock::Removed
}

/// A row as a resource, with its memberships where `memberships` asks for them.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn represent(
    service: &Service,
    actor: &Actor,
    resource_type: &Arc<ResourceType>,
    row: ResourceRow,
    memberships: bool,
) -> Result<Representation, Error> {
    let side = relation(&resource_type.name).1;
    let memberships = match memberships {
        true => Some(team::read(service, actor, side, row.id).await?),
        false => None,
    };
    Ok(Representation { resource_type: Arc::clone(resource_type), row, memberships })
}

impl Change<'_> {
    /// Changes attributes and life cycle by `rules`, and memberships by `relations`, in one write over
    /// the version that was read; when another request came first, from the start again.
    ///
    /// # Errors
    /// What `rules` refuse; 404; 409 when the name is taken; 412.
    pub(super) async fn apply(
        self,
        relations: &[RelationOperation],
        mut rules: impl FnMut(&mut Resource, &mut Lifecycle) -> Result<(), Error> + Send,
    ) -> Result<ResourceRow, Error> {
        let Self { service, actor, resource_type, .. } = self;
        let side = relation(&resource_type.name).1;
        let mut tries = Tries::default();
        loop {
            let _turn = service.turn(canonical_id(self.id).unwrap_or_default()).await;
            let (row, groups) = self.checked().await?;
            let id = row.id;
            let mut draft = Draft::change(actor, resource_type, row, self.operation)?;
            rules(&mut draft.resource, &mut draft.lifecycle)?;
            draft.memberships = team::steps(service, actor, side, id, relations).await?;
            draft.expected = groups.filter(|_| !draft.memberships.is_empty());
            match draft.store(service).await {
                Ok(stored) => return Ok(stored),
                Err(StorageFault::Taken(key)) => {
                    yield_name(service, actor, &key).await?;
                    tries.another().await?;
                }
                Err(fault) => tries.again(fault).await?,
            }
        }
    }

    /// Changes memberships alone. Unless a version was named, no version guards it: members come and
    /// go by row, so requests for one group do not get into each other's way.
    ///
    /// # Errors
    /// 404; 412; 400 for a member that is not known.
    pub(super) async fn apply_memberships(
        self,
        relations: &[RelationOperation],
    ) -> Result<ResourceRow, Error> {
        let Self { service, actor, resource_type, .. } = self;
        let side = relation(&resource_type.name).1;
        let mut tries = Tries::default();
        loop {
            let (row, _) = self.checked().await?;
            let id = row.id;
            let mut draft = Draft::change(actor, resource_type, row, self.operation)?;
            draft.memberships = team::steps(service, actor, side, id, relations).await?;
            draft.guarded = self.if_match.is_given();
            match draft.store(service).await {
                Ok(stored) => return Ok(stored),
                Err(fault) => tries.again(fault).await?,
            }
        }
    }

    /// What was read from the body. Where it is at fault but the resource is not there, that comes first.
    ///
    /// # Errors
    /// 404, or the fault of the body.
    pub(super) async fn or_not_found<T>(self, read: Result<T, ScimError>) -> Result<T, Error> {
        match read {
            Ok(read) => Ok(read),
            Err(error) => {
                find(self.service, self.actor, self.resource_type, self.id).await?;
                Err(error.into())
            }
        }
    }

    /// The row as it is now, held against `If-Match`; with the groups of a user, where they were part of
    /// that.
    pub(super) async fn checked(self) -> Result<(ResourceRow, Option<Vec<Uuid>>), Error> {
        let Self { service, actor, resource_type, .. } = self;
        let row = find(service, actor, resource_type, self.id).await?;
        if !self.if_match.is_given() {
            return Ok((row, None));
        }
        let covered = relation(&resource_type.name).1 == Side::User;
        let current = represent(service, actor, resource_type, row, covered).await?;
        self.if_match.check(&current.etag())?;
        let ids = |rows: Vec<MembershipRow>| rows.into_iter().map(|row| row.id).collect();
        Ok((current.row, current.memberships.map(ids)))
    }
}

/// A name is taken. A removed user whom the client cannot see gives it up, as "not found, then
/// conflict" must not happen (K3); what can be seen is named.
///
/// # Errors
/// 409 `uniqueness` when the name stays taken.
pub(super) async fn yield_name(
    service: &Service,
    actor: &Actor,
    unique_key: &str,
) -> Result<(), Error> {
    let tenant = &actor.tenant;
    let Some(holder) =
        service.store.resource_by_unique_key(tenant.organization_id, unique_key).await?
    else {
        return Ok(());
    };
    if holder.node_id != tenant.node_id || !is_hidden(actor, &holder) {
        return Err(Error::Refused(taken(actor, &holder)));
    }
    let mut draft = Draft::change(actor, service.user_type(), holder, "displace")?;
    draft.displaced = true;
    match draft.store(service).await {
        // Somebody else was quicker; the caller looks again.
        Err(fault) if fault.is_stale() => Ok(()),
        Err(fault) => Err(fault.into()),
        Ok(_) => Ok(()),
    }
}

/// 409 that names the holder only to its own node (K1).
pub(super) fn taken(actor: &Actor, holder: &ResourceRow) -> ScimError {
    let id = holder.id;
    if holder.resource_type == "Group" {
        return ScimError::uniqueness(format!(
            "displayName: group {id} of this node has this name already; update that group instead"
        ));
    }
    if holder.node_id != actor.tenant.node_id {
        return ScimError::uniqueness(
            "userName: this address is in use elsewhere in the organization; use another",
        );
    }
    let advice = match Lifecycle::of(holder).status() {
        Status::Invited | Status::Active => "; update that user instead",
        Status::LockedByIdp => ", who is locked: set active=true there to bring the account back",
        Status::Locked => ", whom an administrator locked: only an administrator can unlock it",
    };
    ScimError::uniqueness(format!("userName: this address is the account of user {id}{advice}"))
}

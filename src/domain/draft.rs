//! A resource on its way into storage: from the attributes a client asked for to the row, the
//! memberships and the change record that are written together.

use std::sync::Arc;

use serde_json::{Map, Value};
use uuid::Uuid;

use super::actor::Actor;
use super::change::{self, Subject};
use super::error::Error;
use super::lifecycle::{IdpLock, Lifecycle};
use super::representation::{self, document, to_document};
use super::retry::StorageFault;
use super::role::GroupKind;
use super::service::Service;
use crate::scim::compare::text_key;
use crate::scim::error::ScimError;
use crate::scim::resource::Resource;
use crate::scim::resource_type::ResourceType;
use crate::storage::StorageError;
use crate::storage::membership::{MembershipStep, MembershipWrite, Side};
use crate::storage::rows::{ResourceRow, unique_key};
use crate::storage::write::{Guard, ResourceWrite, Write};

/// A resource as it shall be.
#[derive(Clone)]
pub(super) struct Draft<'a> {
    pub(super) actor: &'a Actor,
    pub(super) resource_type: &'a Arc<ResourceType>,
    /// The row as it was read; none for a new resource.
    before: Option<ResourceRow>,
    /// The document of that row.
    old: Option<Resource>,
    pub(super) resource: Resource,
    pub(super) lifecycle: Lifecycle,
    pub(super) memberships: Vec<MembershipStep>,
    /// The memberships that were read, where the change depends on them; ordered by id.
    pub(super) expected: Option<Vec<Uuid>>,
    /// Whether the write must fail when the row is not at the version that was read, even when only
    /// memberships change.
    pub(super) guarded: bool,
    /// Whether the resource gives up its unique name.
    pub(super) displaced: bool,
    /// What the change record calls it.
    pub(super) operation: &'static str,
}

/// Longest text that an index takes on both engines, in bytes, with room for what leads the key.
const LONGEST_KEY: usize = 1024;

impl<'a> Draft<'a> {
    /// A resource that is new.
    pub(super) fn create(
        actor: &'a Actor,
        resource_type: &'a Arc<ResourceType>,
        resource: Resource,
        lifecycle: Lifecycle,
    ) -> Self {
        Self {
            actor,
            resource_type,
            before: None,
            old: None,
            resource,
            lifecycle,
            memberships: Vec::new(),
            expected: None,
            guarded: true,
            displaced: false,
            operation: "create",
        }
    }

    /// A resource as it is stored, to be changed under its version.
    ///
    /// # Errors
    /// When what is stored is no JSON object, which is a fault.
    pub(super) fn change(
        actor: &'a Actor,
        resource_type: &'a Arc<ResourceType>,
        before: ResourceRow,
        operation: &'static str,
    ) -> Result<Self, Error> {
        let old = document(&before)?;
        let new = Self::create(actor, resource_type, old.clone(), Lifecycle::of(&before));
        Ok(Self { before: Some(before), old: Some(old), operation, ..new })
    }

    /// Writes the draft and gives the row as it is stored now. Nothing is written when nothing differs.
    pub(super) async fn store(self, service: &Service) -> Result<ResourceRow, StorageFault> {
        let id = self.before.as_ref().map_or_else(|| service.clock.id(), |row| row.id);
        let document = self.finish(id);
        let changes = self.changes(&document);
        let mut row = self.row(service, id, &document);
        let is_user = self.is_user();
        let rewrite = self.before.as_ref().is_none_or(|before| {
            let same = ResourceRow {
                version: row.version,
                modified_at: row.modified_at,
                // Of a group it follows from the name, where storage keeps it at all.
                unique_key: if is_user {
                    before.unique_key.clone()
                } else {
                    row.unique_key.clone()
                },
                ..before.clone()
            };
            same != row
        });
        self.check_size(service, &row)?;
        let guard = match &self.before {
            None => Guard::Create,
            Some(before) if rewrite || self.guarded => Guard::Version(before.version),
            Some(_) => Guard::Exists,
        };
        let unchanged = self.before.clone();
        if !rewrite && self.memberships.is_empty() {
            return Ok(unchanged.unwrap_or(row));
        }
        let write = self.write(service, &row, guard, rewrite, changes);
        match service.store.write(Write::Resource(Box::new(write))).await {
            Ok(written) if written.changed => {
                row.version = written.version;
                Ok(row)
            }
            Ok(_) => Ok(unchanged.unwrap_or(row)),
            Err(StorageError::Taken) => {
                Err(StorageFault::Taken(row.unique_key.unwrap_or_default()))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The document to store: `active` says what the life cycle says.
    fn finish(&self, id: Uuid) -> Resource {
        let mut resource = self.resource.clone();
        resource.set("id", id.to_string());
        if self.resource_type.attribute("active").is_some() {
            resource.set("active", self.lifecycle.is_active());
        }
        to_document(self.resource_type, &resource)
    }

    fn write(
        &self,
        service: &Service,
        row: &ResourceRow,
        guard: Guard,
        rewrite: bool,
        changes: Map<String, Value>,
    ) -> ResourceWrite {
        let (attribute, side) = representation::relation(&row.resource_type);
        let held_seat = self
            .before
            .as_ref()
            .is_some_and(|row| row.erased_at.is_none() && Lifecycle::of(row).is_active());
        let takes_seat = self.is_user() && self.lifecycle.is_active() && !held_seat;
        // The groups of a user show its name; and who is hidden is no member for clients (K3, `hidden`).
        let is_removed = |lifecycle: Lifecycle| lifecycle.idp_lock == IdpLock::Removed;
        let hides = self.actor.tenant.method.hides_removed();
        let touches_groups = self.is_user()
            && self.before.as_ref().is_some_and(|before| {
                let was_removed = is_removed(Lifecycle::of(before));
                before.display != row.display
                    || (hides && was_removed != is_removed(self.lifecycle))
            });
        let subject = Subject {
            organization_id: row.organization_id,
            node_id: Some(row.node_id),
            kind: if self.is_user() { "User" } else { "Group" },
            id: row.id.to_string(),
        };
        ResourceWrite {
            row: row.clone(),
            guard,
            rewrite,
            memberships: (!self.memberships.is_empty()).then(|| MembershipWrite {
                side,
                attribute: attribute.to_owned(),
                steps: self.memberships.clone(),
                expected: self.expected.clone(),
                keep_removed: !self.is_user() && hides,
                at: row.modified_at,
            }),
            takes_seat: takes_seat && self.actor.tenant.limited_seats,
            touches_groups,
            change: change::record(
                &service.clock,
                &self.actor.origin,
                self.operation,
                subject,
                changes,
            ),
        }
    }

    fn is_user(&self) -> bool {
        representation::relation(&self.resource_type.name).1 == Side::User
    }

    /// Holds what is stored to bounds: keys to what an index takes, the document to what one request may
    /// carry, so that it cannot be grown without end.
    ///
    /// # Errors
    /// 400 `invalidValue`, 413.
    fn check_size(&self, service: &Service, row: &ResourceRow) -> Result<(), ScimError> {
        let name = if self.is_user() { "userName" } else { "displayName" };
        let external_id = row.external_id.as_deref().unwrap_or_default();
        for (attribute, key) in [(name, row.name_key.as_str()), ("externalId", external_id)] {
            if key.len() > LONGEST_KEY {
                return Err(ScimError::invalid_value(format!(
                    "{attribute} is too long: {} bytes, where {LONGEST_KEY} are possible",
                    key.len()
                )));
            }
        }
        let most = service.limits().document_bytes;
        if row.document.len() > most {
            return Err(ScimError::new(
                413,
                format!("The resource would be larger than {most} bytes (body_limit_bytes)"),
            ));
        }
        Ok(())
    }

    /// Before and after of the attributes; a status or a kind that people see changes with them.
    fn changes(&self, new: &Resource) -> Map<String, Value> {
        let old = self.old.as_ref();
        let mut changes = change::diff(old, Some(new));
        if let Some(before) = &self.before {
            let (was, is) = (Lifecycle::of(before).status(), self.lifecycle.status());
            if was != is {
                changes.insert("status".to_owned(), change::entry(was.as_str(), is.as_str()));
            }
        }
        if !self.is_user()
            && let Some(old) = old
        {
            let prefix = self.actor.tenant.method.role_prefix.as_deref();
            let kind = |group: &Resource| {
                GroupKind::of(group.text("displayName").unwrap_or_default(), prefix)
            };
            let (was, is) = (kind(old), kind(new));
            if was != is {
                changes.insert("kind".to_owned(), change::entry(was.as_str(), is.as_str()));
            }
        }
        changes
    }

    /// Whether the user has given up its name: now, or before, and neither takes another one nor comes back.
    fn is_displaced(&self, name_key: &str) -> bool {
        let gave_up = |before: &ResourceRow| {
            self.is_user()
                && before.unique_key.is_none()
                && before.name_key == name_key
                && self.lifecycle.idp_lock == IdpLock::Removed
        };
        self.displaced || self.before.as_ref().is_some_and(gave_up)
    }

    fn row(&self, service: &Service, id: Uuid, document: &Resource) -> ResourceRow {
        let tenant = &self.actor.tenant;
        let now = service.clock.now();
        let text = |name: &str| document.text(name).unwrap_or_default();
        let is_group = !self.is_user();
        let name_key = text_key(text(if is_group { "displayName" } else { "userName" }), false);
        // userName is unique in the organization (K1), the name of a group in its node (K5); storage drops
        // the latter where the method lets names repeat.
        let scope = is_group.then_some(tenant.node_id);
        let unique_key = Some(unique_key(&self.resource_type.name, scope, &name_key))
            .filter(|_| !self.is_displaced(&name_key));
        let before = self.before.as_ref();
        let display = Some(text("displayName")).filter(|name| !name.is_empty());
        ResourceRow {
            organization_id: tenant.organization_id,
            id,
            node_id: before.map_or(tenant.node_id, |row| row.node_id),
            resource_type: self.resource_type.name.clone(),
            version: before.map_or(1, |row| row.version + 1),
            created_at: before.map_or(now, |row| row.created_at),
            // Time may stand still for a moment; the order of changes does not.
            modified_at: before.map_or(now, |row| now.max(row.modified_at)),
            unique_key,
            name_key,
            external_id: document.text("externalId").map(str::to_owned),
            display: display.unwrap_or_else(|| text("userName")).to_owned(),
            accepted: self.lifecycle.accepted,
            admin_locked: self.lifecycle.admin_locked,
            idp_lock: self.lifecycle.idp_lock_number(),
            document: Value::Object(document.attributes().clone()).to_string(),
            erased_at: None,
            erased_groups: None,
        }
    }
}

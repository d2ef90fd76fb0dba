//! The organization (K10): owner of nodes, seats and reserved domains. One is made at the first start,
//! and is meant everywhere while it is the only one.

use serde_json::{Map, Value, json};

use super::actor::Origin;
use super::change::{self, Subject};
use super::email_domain;
use super::error::Error;
use super::node::{administer, printable_name, subject};
use super::service::Service;
use crate::scim::error::ScimError;
use crate::storage::StorageError;
use crate::storage::administration::Administration;
use crate::storage::rows::OrganizationRow;

/// The number of the organization that is made at the first start.
pub(super) const ORGANIZATION: i64 = 1;
/// The name of its root node.
const ROOT: &str = "root";

/// The organization for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organization {
    /// Number.
    pub id: i64,
    /// Name.
    pub name: String,
    /// Seats that are licensed; none means no limit (K6).
    pub seats: Option<i64>,
    /// Seats in use: users who are not locked.
    pub seats_used: i64,
    /// Domains that users may come from; empty means any (K6).
    pub reserved_domains: Vec<String>,
}

/// What to change; what is `None` stays.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct OrganizationChange {
    /// New name.
    pub name: Option<String>,
    /// Number of seats; `Some(None)` for no limit.
    pub seats: Option<Option<i64>>,
    /// Reserved domains; an empty list for any.
    pub reserved_domains: Option<Vec<String>>,
}

/// The organization.
///
/// # Errors
/// When the database cannot be read.
pub async fn get(service: &Service) -> Result<Organization, Error> {
    let row = row(service).await?;
    Ok(Organization {
        id: row.id,
        seats: row.seats,
        seats_used: service.store.seats_used(ORGANIZATION).await?,
        reserved_domains: domains(&row.reserved_domains),
        name: row.name,
    })
}

/// Changes seats, reserved domains or name. Fewer seats than are in use lock nobody out: new users are
/// refused until there are enough.
///
/// # Errors
/// 400 for a negative number of seats, a domain that is none, an empty name.
pub async fn set(
    service: &Service,
    origin: &Origin,
    wanted: &OrganizationChange,
) -> Result<Organization, Error> {
    let before = row(service).await?;
    let mut after = before.clone();
    if let Some(name) = &wanted.name {
        printable_name("organization", name)?.clone_into(&mut after.name);
    }
    if let Some(seats) = wanted.seats {
        after.seats = seats;
    }
    if let Some(names) = &wanted.reserved_domains {
        let names: Result<Vec<String>, ScimError> =
            names.iter().map(|name| email_domain::parse(name)).collect();
        after.reserved_domains = json!(names?).to_string();
    }
    if after.seats.is_some_and(|seats| seats < 0) {
        return Err(Error::Refused(ScimError::invalid_value(
            "seats: write a number from 0, or none for no limit",
        )));
    }
    let changes = changes(&before, &after);
    if !changes.is_empty() {
        let statement = Administration::UpdateOrganization { before, after };
        administer(service, origin, "update", about(), changes, statement).await?;
    }
    get(service).await
}

/// Makes the organization with its root node where it is not there yet. Several processes may start at
/// once.
///
/// # Errors
/// When the database cannot be written.
pub(super) async fn ensure(service: &Service, origin: &Origin) -> Result<(), Error> {
    if service.store.organization(ORGANIZATION).await?.is_some() {
        return Ok(());
    }
    let row = OrganizationRow {
        id: ORGANIZATION,
        name: "Default".to_owned(),
        seats: None,
        reserved_domains: "[]".to_owned(),
        created_at: service.clock.now(),
    };
    let changes = Map::from_iter([
        ("name".to_owned(), change::entry(Value::Null, row.name.as_str())),
        ("rootNode".to_owned(), change::entry(Value::Null, ROOT)),
    ]);
    let statement = Administration::InsertOrganization { row, root: ROOT.to_owned() };
    match administer(service, origin, "create", about(), changes, statement).await {
        // Another process came first, and its write made the root too.
        Ok(_) | Err(StorageError::Taken) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// The domains that a row records.
pub(super) fn domains(text: &str) -> Vec<String> {
    serde_json::from_str(text).unwrap_or_default()
}

/// What a change record of the organization is about.
fn about() -> Subject {
    Subject { id: ORGANIZATION.to_string(), ..subject("Organization", None) }
}

/// The organization alone, with nothing counted.
pub(super) async fn row(service: &Service) -> Result<OrganizationRow, Error> {
    let row = service.store.organization(ORGANIZATION).await?;
    row.ok_or_else(|| Error::Internal("there is no organization".to_owned()))
}

fn changes(before: &OrganizationRow, after: &OrganizationRow) -> Map<String, Value> {
    let mut changes = Map::new();
    if before.name != after.name {
        let name = change::entry(before.name.as_str(), after.name.as_str());
        changes.insert("name".to_owned(), name);
    }
    if before.seats != after.seats {
        changes.insert("seats".to_owned(), change::entry(before.seats, after.seats));
    }
    if before.reserved_domains != after.reserved_domains {
        let (was, is) = (domains(&before.reserved_domains), domains(&after.reserved_domains));
        changes.insert("reservedDomains".to_owned(), change::entry(was, is));
    }
    changes
}

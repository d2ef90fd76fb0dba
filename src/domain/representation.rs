//! A resource as it is sent: the stored document, the attributes that are kept by row, and `meta`.

use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::error::Error;
use crate::clock::timestamp;
use crate::scim::project::Projection;
use crate::scim::resource::Resource;
use crate::scim::resource_type::ResourceType;
use crate::scim::schema::Returned;
use crate::scim::validate;
use crate::storage::membership::Side;
use crate::storage::rows::{MembershipRow, ResourceRow};

/// A resource that was read or written.
#[derive(Debug, Clone)]
pub struct Representation {
    /// Its type.
    pub resource_type: Arc<ResourceType>,
    /// What is stored.
    pub row: ResourceRow,
    /// Its memberships; none when they were not asked for.
    pub memberships: Option<Vec<MembershipRow>>,
}

/// How a client wants to see resources.
#[derive(Debug, Clone, Default)]
pub struct View {
    /// URL of the service: what comes before `/Users`.
    pub base_url: String,
    /// The attributes to send.
    pub projection: Projection,
}

/// The attribute of a type that is kept by row: `groups` of a user, `members` of a group.
pub(super) fn relation(resource_type: &str) -> (&'static str, Side) {
    if resource_type == "Group" { ("members", Side::Group) } else { ("groups", Side::User) }
}

impl Representation {
    /// The version as a weak entity tag. A user's answer shows its groups and their names, so the tag
    /// covers them by a digest; a group's own version moves with its members.
    pub fn etag(&self) -> String {
        let version = self.row.version;
        let groups = match (relation(&self.row.resource_type).1, &self.memberships) {
            (Side::User, Some(groups)) if !groups.is_empty() => groups,
            _ => return format!("W/\"{version}\""),
        };
        let mut digest = crc32fast::Hasher::new();
        for group in groups {
            digest.update(group.id.as_bytes());
            digest.update(group.display.as_bytes());
        }
        format!("W/\"{version}-{:08x}\"", digest.finalize())
    }

    /// The URL of the resource.
    pub fn location(&self, base_url: &str) -> String {
        format!("{base_url}{}/{}", self.resource_type.endpoint, self.row.id)
    }

    /// The whole resource.
    ///
    /// # Errors
    /// When what is stored is no JSON object, which is a fault.
    pub fn resource(&self, base_url: &str) -> Result<Resource, Error> {
        let mut resource = document(&self.row)?;
        if let Some((name, elements)) = self.relation(base_url) {
            resource.set(name, elements);
        }
        resource.set("meta", self.meta(base_url));
        Ok(resource)
    }

    /// The JSON to send. Without a projection the stored bytes are sent as they are.
    ///
    /// # Errors
    /// When what is stored is no JSON object, which is a fault.
    pub fn to_json(&self, view: &View) -> Result<String, Error> {
        if !view.projection.is_default() {
            let mut resource = self.resource(&view.base_url)?;
            view.projection.apply(&self.resource_type, &mut resource);
            let mut attributes = resource.into_attributes();
            let (name, _) = relation(&self.resource_type.name);
            if self.memberships.is_some() && view.projection.includes(&self.resource_type, name) {
                // Clients read `groups` without looking whether it is there.
                attributes.entry(name).or_insert_with(|| json!([]));
            }
            return Ok(Value::Object(attributes).to_string());
        }
        let document = self.row.document.as_str();
        // What follows is put in before the closing brace of the document.
        let mut text = document.strip_suffix('}').unwrap_or(document).to_owned();
        if let Some((name, elements)) = self.relation(&view.base_url) {
            text.extend([",\"", name, "\":", &elements.to_string()]);
        }
        text.extend([",\"meta\":", &self.meta(&view.base_url).to_string(), "}"]);
        Ok(text)
    }

    fn meta(&self, base_url: &str) -> Value {
        json!({
            "resourceType": self.resource_type.name,
            "created": timestamp(self.row.created_at),
            "lastModified": timestamp(self.row.modified_at),
            "location": self.location(base_url),
            "version": self.etag(),
        })
    }

    fn relation(&self, base_url: &str) -> Option<(&'static str, Value)> {
        let (name, side) = relation(&self.row.resource_type);
        let elements = self.memberships.as_ref()?.iter().map(|row| element(row, side, base_url));
        Some((name, elements.collect()))
    }
}

/// A membership as an element of `groups` or `members`.
pub(super) fn element(row: &MembershipRow, side: Side, base_url: &str) -> Value {
    let (endpoint, kind) = match side {
        Side::User => ("Groups", "direct"),
        Side::Group => ("Users", "User"),
    };
    json!({
        "value": row.id,
        "$ref": format!("{base_url}/{endpoint}/{}", row.id),
        "display": row.display,
        "type": kind,
    })
}

/// The stored document of a row.
///
/// # Errors
/// When it is no JSON object, which is a fault.
pub(super) fn document(row: &ResourceRow) -> Result<Resource, Error> {
    serde_json::from_str(&row.document)
        .map(Resource::from_canonical)
        .map_err(|error| Error::Internal(format!("the document of {} is damaged: {error}", row.id)))
}

/// A resource as the document to store: attributes in the order of the schema, then extensions,
/// without what is computed, kept by row, or never sent (`password` is accepted and not kept).
pub(super) fn to_document(resource_type: &ResourceType, resource: &Resource) -> Resource {
    let (relation, _) = relation(&resource_type.name);
    let mut attributes = Map::new();
    attributes.insert("schemas".to_owned(), json!(validate::schemas(resource_type, resource)));
    let kept = resource_type.attributes().filter(|attribute| {
        attribute.returned != Returned::Never
            && !["schemas", "meta", relation].contains(&attribute.name.as_str())
    });
    for attribute in kept {
        if let Some(value) = resource.get(&attribute.name) {
            attributes.insert(attribute.name.clone(), value.clone());
        }
    }
    for extension in &resource_type.extensions {
        if let Some(value) = resource.get(&extension.schema.id) {
            attributes.insert(extension.schema.id.clone(), value.clone());
        }
    }
    Resource::from_canonical(attributes)
}

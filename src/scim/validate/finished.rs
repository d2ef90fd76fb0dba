//! The rules that hold for a whole resource, once all of it is there.

use std::sync::Arc;

use serde_json::{Map, Value};

use super::at::At;
use crate::scim::error::ScimError;
use crate::scim::resource::Resource;
use crate::scim::resource_type::ResourceType;
use crate::scim::schema::{Attribute, Mutability};

/// Checks that every required attribute is there and not empty, those of extensions in use and required
/// sub-attributes included (RFC 7643 sections 6 and 7). Read-only ones are left to the server.
///
/// Errors: `invalidValue`, naming the first attribute that is missing.
pub fn required(resource_type: &ResourceType, resource: &Resource) -> Result<(), ScimError> {
    check_required(resource_type.attributes(), resource.attributes(), &At::Root)?;
    for extension in &resource_type.extensions {
        let schema = &extension.schema;
        match resource.get(&schema.id) {
            Some(Value::Object(members)) => {
                check_required(schema.attributes.iter(), members, &At::Urn(&schema.id))?;
            }
            _ if extension.required => return Err(missing(&At::Urn(&schema.id))),
            _ => {}
        }
    }
    Ok(())
}

fn check_required<'a>(
    attributes: impl Iterator<Item = &'a Arc<Attribute>>,
    members: &Map<String, Value>,
    at: &At<'_>,
) -> Result<(), ScimError> {
    for attribute in attributes {
        let at = At::Name(at, &attribute.name);
        let is_due = attribute.required && attribute.mutability != Mutability::ReadOnly;
        match members.get(&attribute.name) {
            value if is_unassigned(value) && is_due => return Err(missing(&at)),
            Some(Value::Object(members)) => {
                check_required(attribute.sub_attributes.iter(), members, &at)?;
            }
            Some(Value::Array(elements)) => {
                for (index, members) in elements.iter().enumerate() {
                    if let Some(members) = members.as_object() {
                        let at = At::Element(&at, index);
                        check_required(attribute.sub_attributes.iter(), members, &at)?;
                    }
                }
            }
            _ => {}
        }
    }
    Ok(())
}

fn is_unassigned(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::String(text)) => text.trim().is_empty(),
        Some(Value::Array(elements)) => elements.is_empty(),
        Some(Value::Object(members)) => members.is_empty(),
        Some(_) => false,
    }
}

fn missing(at: &At<'_>) -> ScimError {
    ScimError::invalid_value(format!("{at} is required"))
}

/// The URNs that belong into `schemas`: the base schema, and each extension that holds data (RFC 7643
/// section 3).
pub fn schemas<'a>(resource_type: &'a ResourceType, resource: &Resource) -> Vec<&'a str> {
    let in_use = resource_type
        .extensions
        .iter()
        .map(|extension| extension.schema.id.as_str())
        .filter(|urn| !is_unassigned(resource.get(urn)));
    std::iter::once(resource_type.schema.id.as_str()).chain(in_use).collect()
}

/// Checks that no immutable attribute that had a value in `before` has another, or none, in `after`
/// (RFC 7644 section 3.5.1). The elements of a list may come and go as wholes: there is no telling which
/// of them was changed.
///
/// Errors: `mutability`, naming the attribute.
pub fn immutable(
    resource_type: &ResourceType,
    before: &Resource,
    after: &Resource,
) -> Result<(), ScimError> {
    let (before, after) = (before.attributes(), after.attributes());
    check_immutable(resource_type.attributes(), before, Some(after), &At::Root)?;
    for extension in &resource_type.extensions {
        let schema = &extension.schema;
        if let Some(Value::Object(before)) = before.get(&schema.id) {
            let after = after.get(&schema.id).and_then(Value::as_object);
            check_immutable(schema.attributes.iter(), before, after, &At::Urn(&schema.id))?;
        }
    }
    Ok(())
}

fn check_immutable<'a>(
    attributes: impl Iterator<Item = &'a Arc<Attribute>>,
    before: &Map<String, Value>,
    after: Option<&Map<String, Value>>,
    at: &At<'_>,
) -> Result<(), ScimError> {
    for attribute in attributes {
        let Some(old) = before.get(&attribute.name) else {
            continue;
        };
        let at = At::Name(at, &attribute.name);
        let new = after.and_then(|after| after.get(&attribute.name));
        if attribute.mutability == Mutability::Immutable && new != Some(old) {
            return Err(ScimError::mutability(format!(
                "{at} has a value and cannot be changed; send the value it has"
            )));
        }
        if let Value::Object(old) = old {
            let new = new.and_then(Value::as_object);
            check_immutable(attribute.sub_attributes.iter(), old, new, &at)?;
        }
    }
    Ok(())
}

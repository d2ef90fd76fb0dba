//! Standard operations on a resource (RFC 7644 sections 3.5.2.1 to 3.5.2.3).

use serde_json::{Map, Value};

use super::elements::Elements;
use super::resolve::numbered;
use super::{Operation, OperationKind};
use crate::scim::error::ScimError;
use crate::scim::filter::ResolvedFilter;
use crate::scim::path::{PatchTarget, ResolvedPath};
use crate::scim::quirk::Quirks;
use crate::scim::resource::Resource;
use crate::scim::resource_type::ResourceType;
use crate::scim::schema::{Attribute, Mutability, Type};
use crate::scim::validate::{self, Dialect};

/// Applies operations in order, each to the result of the one before (row P-04). All or none: on an error
/// the resource is as it was (P-03). Whether everything required is there at the end is for
/// [`validate::required`] to say.
///
/// # Errors
/// 400 `mutability` for a read-only target, a changed immutable value or a required attribute that would
/// go; `invalidValue` for a value that does not fit; `invalidPath` for an add to a sub-attribute of many
/// elements; `noTarget` for a filter that selects nothing and does not say what to create.
pub fn apply(
    resource: &mut Resource,
    operations: &[Operation],
    resource_type: &ResourceType,
    dialect: Dialect,
    quirks: &mut Quirks,
) -> Result<(), ScimError> {
    let mut changed = resource.clone();
    for operation in operations {
        apply_one(&mut changed, operation, resource_type, dialect, quirks)?;
    }
    validate::immutable(resource_type, resource, &changed)?;
    *resource = changed;
    Ok(())
}

/// Applies one of several operations in place, for a caller that has something to do between them. On an
/// error the resource may be half changed: the caller throws it away. When all are applied, it asks
/// [`validate::immutable`] what [`apply`] would have asked.
///
/// # Errors
/// As [`apply`].
pub fn apply_one(
    resource: &mut Resource,
    operation: &Operation,
    resource_type: &ResourceType,
    dialect: Dialect,
    quirks: &mut Quirks,
) -> Result<(), ScimError> {
    one(resource.attributes_mut(), operation, resource_type, dialect, quirks)
        .map_err(|error| numbered(operation.index, &error))
}

fn one(
    attributes: &mut Map<String, Value>,
    operation: &Operation,
    resource_type: &ResourceType,
    dialect: Dialect,
    quirks: &mut Quirks,
) -> Result<(), ScimError> {
    let (path, filter) = match &operation.target {
        PatchTarget::Extension(urn) => {
            return remove_extension(attributes, urn, resource_type);
        }
        PatchTarget::Attribute { path, filter } => (path, filter.as_ref()),
    };
    let urn = path.extension.as_deref();
    let holder = match urn {
        None => Some(&*attributes),
        Some(urn) => attributes.get(urn).and_then(Value::as_object),
    };
    let current = holder.and_then(|holder| holder.get(&path.attribute.name));
    if is_server_owned(operation, path, current)? {
        return Ok(());
    }
    let mut change = Change { operation, path, filter, dialect, quirks, at: path.to_string() };
    let next = change.next(current.cloned())?;
    match urn {
        None => store(attributes, &path.attribute.name, next),
        Some(urn) => {
            let mut extension = match attributes.get_mut(urn).map(Value::take) {
                Some(Value::Object(extension)) => extension,
                _ => Map::new(),
            };
            store(&mut extension, &path.attribute.name, next);
            store(attributes, urn, (!extension.is_empty()).then_some(Value::Object(extension)));
        }
    }
    Ok(())
}

/// Row P-39: the extension goes as a whole, unless something in it must stay.
fn remove_extension(
    attributes: &mut Map<String, Value>,
    urn: &str,
    resource_type: &ResourceType,
) -> Result<(), ScimError> {
    let extension = resource_type.extension(urn);
    if extension.is_some_and(|extension| extension.required) {
        return Err(ScimError::mutability(format!("{urn} is required and cannot be removed")));
    }
    store(attributes, urn, None);
    Ok(())
}

/// Whether the operation is to be let pass without effect, because the server alone sets the attribute.
/// `schemas` follows from the data. Clients without a path repeat what they have read (row P-10).
fn is_server_owned(
    operation: &Operation,
    path: &ResolvedPath,
    current: Option<&Value>,
) -> Result<bool, ScimError> {
    let attribute = &path.attribute;
    let is_read_only = |attribute: &Attribute| attribute.mutability == Mutability::ReadOnly;
    if path.extension.is_none() && attribute.name == "schemas" {
        return Ok(true);
    }
    if !is_read_only(attribute) && !is_read_only(path.leaf()) {
        return Ok(false);
    }
    let is_other = match (current, &operation.value) {
        (Some(current), Some(given)) => {
            !current.is_object() && !current.is_array() && current != given
        }
        _ => false,
    };
    if operation.implied && !is_other {
        return Ok(true);
    }
    Err(ScimError::mutability(format!("{path} is read-only: the server sets it; leave it out")))
}

/// Sets a member, or takes it away. The order of the others stays.
pub(super) fn store(object: &mut Map<String, Value>, name: &str, value: Option<Value>) {
    match value {
        Some(value) => {
            object.insert(name.to_owned(), value);
        }
        None => {
            object.shift_remove(name);
        }
    }
}

/// One operation on one attribute.
pub(super) struct Change<'a> {
    pub(super) operation: &'a Operation,
    pub(super) path: &'a ResolvedPath,
    pub(super) filter: Option<&'a ResolvedFilter>,
    pub(super) dialect: Dialect,
    pub(super) quirks: &'a mut Quirks,
    /// The path, for error messages.
    pub(super) at: String,
}

impl Change<'_> {
    /// The value of the attribute after the operation. What is required stays (rows P-17 and P-35).
    fn next(&mut self, current: Option<Value>) -> Result<Option<Value>, ScimError> {
        let attribute = &self.path.attribute;
        let next = if attribute.multi_valued {
            Elements::from_value(current).change(self)?.into_value()
        } else if attribute.is_complex() {
            let members = match current {
                Some(Value::Object(members)) => members,
                _ => Map::new(),
            };
            let members = self.complex(members)?;
            (!members.is_empty()).then_some(Value::Object(members))
        } else {
            match self.value() {
                None => None,
                Some(value) => self.coerce(attribute, value)?,
            }
        };
        let removes_part = self
            .path
            .sub_attribute
            .as_ref()
            .is_some_and(|sub| sub.required && self.operation.kind == OperationKind::Remove);
        if removes_part || (next.is_none() && attribute.required) {
            return Err(ScimError::mutability(format!(
                "{} is required and cannot be removed: replace it",
                self.at
            )));
        }
        Ok(next)
    }

    /// The value that the operation brings; none for remove.
    pub(super) fn value(&self) -> Option<Value> {
        match self.operation.kind {
            OperationKind::Remove => None,
            OperationKind::Add | OperationKind::Replace => self.operation.value.clone(),
        }
    }

    /// A single-valued complex attribute: a sub-attribute, or the object merged into what is there (rows
    /// P-25, P-26, P-32 and P-44).
    fn complex(
        &mut self,
        mut members: Map<String, Value>,
    ) -> Result<Map<String, Value>, ScimError> {
        let path = self.path;
        let value = self.value();
        if let Some(sub) = &path.sub_attribute {
            let value = match value {
                Some(value) => self.coerce(sub, value)?,
                None => None,
            };
            match value {
                Some(value) => set_part(&path.attribute, &mut members, &sub.name, value),
                None => self.clear_part(&mut members, &sub.name),
            }
            return Ok(members);
        }
        let Some(value) = value else { return Ok(Map::new()) };
        let cleared = self.cleared_parts(&value);
        match self.coerce(&path.attribute, value)? {
            Some(Value::Object(given)) if is_reference(&path.attribute) => members = given,
            Some(Value::Object(given)) => members.extend(given),
            // Nothing but parts to clear, or read-only ones.
            _ => {}
        }
        for name in &cleared {
            self.clear_part(&mut members, name);
        }
        Ok(members)
    }

    /// The sub-attributes that an object clears by null or, tolerantly, an empty text.
    pub(super) fn cleared_parts(&self, value: &Value) -> Vec<String> {
        let is_empty =
            |value: &Value| value.is_null() || (value == "" && self.dialect == Dialect::Tolerant);
        let given = value.as_object().into_iter().flatten();
        given
            .filter(|(_, value)| is_empty(value))
            .filter_map(|(name, _)| self.path.attribute.sub_attribute(name))
            .filter(|sub| sub.mutability != Mutability::ReadOnly)
            .map(|sub| sub.name.clone())
            .collect()
    }

    /// Takes a sub-attribute away. Without its `value` an element, or a reference, is gone for the client:
    /// the default sub-attributes only describe it (RFC 7643 section 2.4). The RFC's letter keeps them.
    pub(super) fn clear_part(&self, members: &mut Map<String, Value>, name: &str) {
        let was_there = members.shift_remove(name).is_some();
        let describes =
            |name: &String| matches!(name.as_str(), "type" | "primary" | "display" | "$ref");
        let is_over = was_there && name == "value" && members.keys().all(describes);
        if is_over && self.dialect == Dialect::Tolerant {
            members.clear();
        }
    }

    pub(super) fn coerce(
        &mut self,
        attribute: &Attribute,
        value: Value,
    ) -> Result<Option<Value>, ScimError> {
        validate::coerce(attribute, value, &self.at, self.dialect, self.quirks)
    }

    pub(super) fn element(&mut self, value: Value) -> Result<Option<Value>, ScimError> {
        validate::element(&self.path.attribute, value, &self.at, self.dialect, self.quirks)
    }
}

/// Whether an attribute names another resource, such as `manager`. Its parts belong together: those of the
/// old one must not describe the new one.
fn is_reference(attribute: &Attribute) -> bool {
    attribute.sub_attribute("$ref").is_some_and(|sub| sub.kind == Type::Reference)
}

/// Sets one sub-attribute. Another `value` of a reference is another reference.
pub(super) fn set_part(
    attribute: &Attribute,
    members: &mut Map<String, Value>,
    name: &str,
    value: Value,
) {
    if name == "value" && is_reference(attribute) && members.get(name) != Some(&value) {
        members.clear();
    }
    store(members, name, Some(value));
}

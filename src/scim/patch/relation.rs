//! Multi-valued attributes whose values are rows of their own, such as memberships: their operations leave
//! the stream and come out as what to do to the rows, so that adding one costs the same at any size.

use std::collections::HashSet;

use serde_json::Value;

use super::parse::member;
use super::resolve::numbered;
use super::{Operation, OperationKind};
use crate::scim::compare::Key;
use crate::scim::error::ScimError;
use crate::scim::filter::{CompareOp, ResolvedFilter};
use crate::scim::path::{PatchTarget, ResolvedPath};

/// An operation on a relation.
#[derive(Debug, Clone, PartialEq)]
pub struct RelationOperation {
    /// Name of the attribute, as its schema spells it.
    pub attribute: String,
    /// What to do.
    pub change: RelationChange,
    /// Position in the request, from 0.
    pub index: usize,
}

/// What to do to the rows of a relation. Lists of ids are in the order of the request and hold none twice.
#[derive(Debug, Clone, PartialEq)]
pub enum RelationChange {
    /// Add these; those that are there already stay (rows P-13 and P-27).
    Add(Vec<String>),
    /// Take these away; those that are not there are no error (row P-36).
    Remove(Vec<String>),
    /// Take away those that the filter selects.
    RemoveWhere(ResolvedFilter),
    /// Afterwards there are exactly these (rows P-43 and P-49).
    Replace(Vec<String>),
    /// Take all away (row P-33).
    Clear,
}

/// Parts the operations into those on attributes of the document and those on relations, each in order.
/// `is_relation` is asked with the name of a top-level attribute of the base schema.
///
/// # Errors
/// 400 `mutability` for a change of a part of an element (row P-50); `invalidValue` for an element without
/// an id; `noTarget` for an add with a filter that names no id.
pub fn partition(
    operations: Vec<Operation>,
    is_relation: impl Fn(&str) -> bool,
) -> Result<(Vec<Operation>, Vec<RelationOperation>), ScimError> {
    let mut rest = Vec::with_capacity(operations.len());
    let mut relations = Vec::new();
    for operation in operations {
        let PatchTarget::Attribute { path, filter } = &operation.target else {
            rest.push(operation);
            continue;
        };
        if path.extension.is_some() || !is_relation(&path.attribute.name) {
            rest.push(operation);
            continue;
        }
        let change = relation_change(&operation, path, filter.as_ref())
            .map_err(|error| numbered(operation.index, &error))?;
        let attribute = path.attribute.name.clone();
        relations.push(RelationOperation { attribute, change, index: operation.index });
    }
    Ok((rest, relations))
}

fn relation_change(
    operation: &Operation,
    path: &ResolvedPath,
    filter: Option<&ResolvedFilter>,
) -> Result<RelationChange, ScimError> {
    let name = &path.attribute.name;
    if path.sub_attribute.is_some() {
        return Err(immutable(name));
    }
    let value = operation.value.as_ref();
    match (operation.kind, filter, value) {
        (OperationKind::Remove, Some(filter), _) => Ok(match selected_ids(filter) {
            Some(ids) => RelationChange::Remove(distinct(ids)),
            None => RelationChange::RemoveWhere(filter.clone()),
        }),
        (OperationKind::Remove, None, None) => Ok(RelationChange::Clear),
        (OperationKind::Remove, None, Some(value)) => {
            Ok(RelationChange::Remove(relation_ids(name, value)?))
        }
        (OperationKind::Add, Some(filter), _) => match selected_ids(filter) {
            Some(ids) => Ok(RelationChange::Add(distinct(ids))),
            None => Err(ScimError::no_target(format!(
                "the filter on {name} does not say which id to add: send the ids as value"
            ))),
        },
        (OperationKind::Replace, Some(_), _) => Err(immutable(name)),
        (OperationKind::Add, None, value) => {
            Ok(RelationChange::Add(relation_ids(name, value.unwrap_or(&Value::Null))?))
        }
        (OperationKind::Replace, None, value) => {
            Ok(RelationChange::Replace(relation_ids(name, value.unwrap_or(&Value::Null))?))
        }
    }
}

fn immutable(name: &str) -> ScimError {
    ScimError::mutability(format!(
        "an element of {name} cannot be changed: remove it and add another"
    ))
}

/// The ids in a filter that does nothing but name them: `value eq "a" or value eq "b"`.
fn selected_ids(filter: &ResolvedFilter) -> Option<Vec<String>> {
    match filter {
        ResolvedFilter::Or(parts) => {
            let ids: Option<Vec<_>> = parts.iter().map(selected_ids).collect();
            Some(ids?.concat())
        }
        ResolvedFilter::Compare { path, op: CompareOp::Eq, value: Key::Text(id), .. }
            if path.attribute.name == "value" && path.attribute.case_exact =>
        {
            Some(vec![id.clone()])
        }
        _ => None,
    }
}

/// The ids in the value of a relation (RFC 7643 section 4.2): of objects with `value` or, failing that,
/// with a `$ref` whose last segment is the id; of plain strings; of one alone or a list. None twice.
///
/// # Errors
/// 400 `invalidValue`, naming the attribute, for an element without an id.
pub fn relation_ids(attribute: &str, value: &Value) -> Result<Vec<String>, ScimError> {
    let elements = match value {
        Value::Array(elements) => elements.as_slice(),
        single => std::slice::from_ref(single),
    };
    let elements = elements.iter().filter(|element| !element.is_null());
    let ids: Result<Vec<_>, _> = elements.map(|element| id(attribute, element)).collect();
    Ok(distinct(ids?))
}

fn id(attribute: &str, element: &Value) -> Result<String, ScimError> {
    let found = match element {
        Value::String(id) => Some(id.as_str()),
        Value::Object(element) => match member(element, "value").filter(|value| !value.is_null()) {
            Some(value) => value.as_str(),
            None => member(element, "$ref").and_then(Value::as_str).and_then(last_segment),
        },
        _ => None,
    };
    found.filter(|id| !id.is_empty()).map(str::to_owned).ok_or_else(|| {
        ScimError::invalid_value(format!(
            "every element of {attribute} must have the id of a resource as its value, a string"
        ))
    })
}

fn last_segment(reference: &str) -> Option<&str> {
    let path = reference.split(['?', '#']).next()?;
    path.trim_end_matches('/').rsplit('/').next()
}

fn distinct(mut ids: Vec<String>) -> Vec<String> {
    let mut seen = HashSet::with_capacity(ids.len());
    ids.retain(|id| seen.insert(id.clone()));
    ids
}

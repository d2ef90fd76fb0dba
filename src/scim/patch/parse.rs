//! The envelope of a PATCH request: `schemas`, `Operations`, `op`.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::resolve::numbered;
use super::{OperationKind, PATCH_URN, PatchLimits, RawOperation, rewrite};
use crate::scim::error::ScimError;
use crate::scim::quirk::{Quirk, Quirks};
use crate::scim::validate::Dialect;

/// Reads the body of a PATCH request (RFC 7644 section 3.5.2, rows P-01 and P-02).
///
/// Names of members are compared without case. The tolerant dialect ignores what `schemas` says (K8) and
/// takes an empty list of operations as "nothing to do".
///
/// # Errors
/// 400 `invalidSyntax` when the body does not have the form of the message, or names a member twice in
/// different case; 413 when it holds more operations than `limits` allows.
pub fn parse(
    body: &Value,
    limits: &PatchLimits,
    dialect: Dialect,
    quirks: &mut Quirks,
) -> Result<Vec<RawOperation>, ScimError> {
    let body = body.as_object().ok_or_else(|| {
        ScimError::invalid_syntax("The body of a PATCH request must be a JSON object")
    })?;
    names_once(body)?;
    if dialect == Dialect::Strict {
        check_schemas(body)?;
    }
    let operations = member(body, "Operations").and_then(Value::as_array).ok_or_else(|| {
        ScimError::invalid_syntax("A PATCH request must have an array named Operations")
    })?;
    if operations.is_empty() {
        if dialect == Dialect::Strict {
            return Err(ScimError::invalid_syntax("Operations must hold at least one operation"));
        }
        quirks.note(Quirk::EmptyOperations);
    }
    if operations.len() > limits.operations {
        return Err(ScimError::new(
            413,
            format!(
                "The request has {} operations and the server takes {} at once (setting \
                 patch_operations): send them in several requests",
                operations.len(),
                limits.operations
            ),
        ));
    }
    let numbered = operations.iter().enumerate();
    numbered.map(|(index, operation)| raw_operation(index, operation, quirks)).collect()
}

fn check_schemas(body: &Map<String, Value>) -> Result<(), ScimError> {
    let is_patch_urn =
        |urn: &Value| urn.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(PATCH_URN));
    match member(body, "schemas").and_then(Value::as_array).map(Vec::as_slice) {
        Some([urn]) if is_patch_urn(urn) => Ok(()),
        _ => Err(ScimError::invalid_syntax(format!(
            "schemas of a PATCH request must be [\"{PATCH_URN}\"]"
        ))),
    }
}

fn raw_operation(
    index: usize,
    operation: &Value,
    quirks: &mut Quirks,
) -> Result<RawOperation, ScimError> {
    let refuse =
        |what: &str| Err(ScimError::invalid_syntax(format!("Operation {}: {what}", index + 1)));
    let Some(operation) = operation.as_object() else {
        return refuse("must be a JSON object");
    };
    names_once(operation).map_err(|error| numbered(index, &error))?;
    let Some(op) = member(operation, "op").and_then(Value::as_str) else {
        return refuse("op is missing: use add, remove or replace");
    };
    let kind = match rewrite::capitalised_op(op, quirks).as_ref() {
        "add" => OperationKind::Add,
        "remove" => OperationKind::Remove,
        "replace" => OperationKind::Replace,
        _ => return refuse("op must be add, remove or replace"),
    };
    let path = match member(operation, "path") {
        None | Some(Value::Null) => None,
        Some(Value::String(path)) => Some(path.clone()),
        Some(_) => return refuse("path must be a string"),
    };
    Ok(RawOperation { kind, path, value: member(operation, "value").cloned() })
}

/// The first member with this name, compared without case (RFC 7643 section 2.1).
pub(super) fn member<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// Refuses an object with members whose names differ only in case: to SCIM they are one name (row S-28), and
/// which of them is meant nobody can say.
pub(super) fn names_once(object: &Map<String, Value>) -> Result<(), ScimError> {
    let mut names = HashSet::with_capacity(object.len());
    match object.keys().find(|name| !names.insert(name.to_ascii_lowercase())) {
        None => Ok(()),
        Some(name) => {
            Err(ScimError::invalid_syntax(format!("{name} is given twice; send it once")))
        }
    }
}

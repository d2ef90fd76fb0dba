//! What clients send against the RFC, one function per habit (Keeper rule K8). Each puts one thing into
//! standard form and notes the quirk; the strict dialect refuses it instead where the RFC does.
//!
//! Habits of single values (booleans as text, a manager that is a bare string, a list of one) occur in
//! POST and PUT too and are put right by [`validate::coerce`](crate::scim::validate::coerce); booleans as
//! text within a filter by the filter's own resolution.

use std::borrow::Cow;

use serde_json::{Map, Value};

use crate::scim::error::ScimError;
use crate::scim::path::PatchTarget;
use crate::scim::quirk::{Quirk, Quirks};
use crate::scim::schema::Attribute;
use crate::scim::validate::Dialect;

/// `{"op": "Replace"}`: Entra without the flag `aadOptscim062020`. No dialect refuses it, as values are
/// compared without case where nothing else is said (RFC 7643 section 2.2).
pub(super) fn capitalised_op<'a>(op: &'a str, quirks: &mut Quirks) -> Cow<'a, str> {
    if op.bytes().any(|byte| byte.is_ascii_uppercase()) {
        quirks.note(Quirk::CapitalisedOp);
        return Cow::Owned(op.to_ascii_lowercase());
    }
    Cow::Borrowed(op)
}

/// `{"path": "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User;:department"}`: Commander ends
/// URNs with a semicolon. Text within brackets is left alone.
pub(super) fn stray_semicolon<'a>(path: &'a str, quirks: &mut Quirks) -> Cow<'a, str> {
    let (attribute, rest) = path.split_at(path.find('[').unwrap_or(path.len()));
    let is_urn = attribute.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("urn:"));
    if !is_urn || !(attribute.contains(";:") || attribute.ends_with(';')) {
        return Cow::Borrowed(path);
    }
    quirks.note(Quirk::StraySemicolon);
    let attribute = attribute.replace(";:", ":");
    Cow::Owned(format!("{}{rest}", attribute.trim_end_matches(';')))
}

/// `{"value": {"name.givenName": "x"}}` (row P-22): Entra with the flag `aadOptscim062020`, Commander and
/// the Google bridge send paths as the keys of a value without a path. The key has already been read as a
/// path; this names the habit.
///
/// # Errors
/// 400 `invalidPath` in the strict dialect: no attribute has such a name.
pub(super) fn path_as_key(
    key: &str,
    target: &PatchTarget,
    dialect: Dialect,
    quirks: &mut Quirks,
) -> Result<(), ScimError> {
    let PatchTarget::Attribute { path, filter } = target else { return Ok(()) };
    let quirk = if filter.is_some() {
        Quirk::FilterPathAsKey
    } else if key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("urn:")) {
        Quirk::QualifiedKey
    } else if path.sub_attribute.is_some() {
        Quirk::DottedKey
    } else {
        return Ok(());
    };
    if dialect == Dialect::Strict {
        return Err(ScimError::invalid_path(format!(
            "{key} is no name of an attribute: send it as the path of an operation of its own"
        )));
    }
    quirks.note(quirk);
    Ok(())
}

/// `{"op": "Add", "path": "manager"}`: Entra names an attribute of an extension without the URN. The path
/// has already been bound to the only extension that has the name; this names the habit.
pub(super) fn unqualified_extension(text: &str, target: &PatchTarget, quirks: &mut Quirks) {
    if let PatchTarget::Attribute { path, .. } = target
        && path.extension.is_some()
        && !text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("urn:"))
    {
        quirks.note(Quirk::UnqualifiedExtension);
    }
}

/// `{"op": "Remove", "path": "members", "value": [{"value": "id"}]}` (row P-37): Entra, JumpCloud and
/// Commander list what is to go, as objects, as one object or as plain strings. The value stays, as the
/// list of what to take away; to let it fall would empty the attribute. A single value goes whatever the
/// client believes it to be, so there the value falls.
///
/// # Errors
/// 400 `invalidValue` where the strict dialect would have to empty the attribute, or where the list cannot
/// be matched to elements.
pub(super) fn value_on_remove(
    target: &PatchTarget,
    value: Option<Value>,
    dialect: Dialect,
    quirks: &mut Quirks,
) -> Result<Option<Value>, ScimError> {
    let (PatchTarget::Attribute { path, filter: None }, Some(value)) = (target, value) else {
        return Ok(None);
    };
    if !path.attribute.multi_valued {
        return Ok(None);
    }
    if dialect == Dialect::Strict || path.sub_attribute.is_some() {
        return Err(ScimError::invalid_value(format!(
            "remove of {path} takes no value: select what to remove by a filter, such as \
             {}[value eq \"..\"]",
            path.attribute.name
        )));
    }
    quirks.note(Quirk::ValueOnRemove);
    let listed = if value.is_array() { value } else { Value::Array(vec![value]) };
    Ok(Some(json_in_value(target, listed, dialect, quirks)))
}

/// `{"op": "Replace", "path": "title", "value": ""}`: Entra clears a value with an empty text. Null and an
/// empty list mean the same and are standard (RFC 7643 section 2.5).
pub(super) fn is_clearing(
    target: &PatchTarget,
    value: &Value,
    dialect: Dialect,
    quirks: &mut Quirks,
) -> bool {
    match value {
        Value::Null => true,
        Value::Array(values) => values.is_empty(),
        Value::String(text) if text.is_empty() && dialect == Dialect::Tolerant => {
            let single =
                matches!(target, PatchTarget::Attribute { path, .. } if !path.leaf().multi_valued);
            if single {
                quirks.note(Quirk::EmptyText);
            }
            single
        }
        _ => false,
    }
}

/// `{"path": "roles", "value": [{"value": "{\"value\":\"Admin\",\"displayName\":\"Admin\"}"}]}`: Entra puts
/// an app role as a JSON document into `value`. Its members become the sub-attributes.
pub(super) fn json_in_value(
    target: &PatchTarget,
    mut value: Value,
    dialect: Dialect,
    quirks: &mut Quirks,
) -> Value {
    let PatchTarget::Attribute { path, .. } = target else { return value };
    if dialect == Dialect::Strict || !path.attribute.multi_valued {
        return value;
    }
    match (&path.sub_attribute, &mut value) {
        (Some(sub), Value::String(text)) if sub.name == "value" => {
            if let Some(inner) = inner_value(text) {
                quirks.note(Quirk::JsonInValue);
                return inner;
            }
        }
        (None, Value::Array(elements)) => {
            for element in elements {
                unfold(&path.attribute, element, quirks);
            }
        }
        (None, element) => unfold(&path.attribute, element, quirks),
        _ => {}
    }
    value
}

fn inner_object(text: &str) -> Option<Map<String, Value>> {
    let is_object = text.trim_start().starts_with('{');
    is_object.then(|| serde_json::from_str(text).ok()).flatten()
}

fn inner_value(text: &str) -> Option<Value> {
    inner_object(text)?.shift_remove("value").filter(Value::is_string)
}

fn unfold(attribute: &Attribute, element: &mut Value, quirks: &mut Quirks) {
    let Value::Object(members) = element else { return };
    let Some(inner) = members.get("value").and_then(Value::as_str).and_then(inner_object) else {
        return;
    };
    if !inner.get("value").is_some_and(Value::is_string) {
        return;
    }
    quirks.note(Quirk::JsonInValue);
    for (name, value) in inner {
        let name = if name == "displayName" { "display".to_owned() } else { name };
        if attribute.sub_attribute(&name).is_some() {
            members.insert(name, value);
        }
    }
}

//! From a client's JSON to a [`Resource`], and the rules a finished resource must fulfil.
//!
//! [`canonical`] reads the body of POST and PUT, [`coerce`] the value of one attribute; PATCH uses the
//! second. [`required`], [`immutable`] and [`schemas`] look at finished resources.

mod at;
mod coerce;
mod finished;
#[cfg(test)]
mod properties;
mod scalar;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

use serde_json::{Map, Value};

use self::at::At;
use self::coerce::Reader;
use super::error::ScimError;
use super::quirk::{Quirk, Quirks};
use super::resource::Resource;
use super::resource_type::{ResourceType, SchemaExtension};

pub(in crate::scim) use self::coerce::drop_doubles;
pub use self::coerce::{coerce, element};
pub use self::finished::{immutable, required, schemas};

/// How the requests of a client are read (Keeper rule K8).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Dialect {
    /// The habits of real clients are put right.
    #[default]
    Tolerant,
    /// The letter of the RFCs.
    Strict,
}

/// Reads the body of a POST or PUT (RFC 7644 sections 3.3 and 3.5.1).
///
/// Names are matched without case and spelled as the schemas spell them; null and empty values are left
/// out (RFC 7643 section 2.5), and so are read-only attributes and `schemas`, which the server computes.
/// What a tolerant reading put right is noted in `quirks`. Whether required attributes are there is not
/// looked at: the caller may fill some in before it asks [`required`].
///
/// Errors: `invalidSyntax` for a body that is no object, for an attribute given twice, and in the strict
/// dialect for an unknown attribute or wrong `schemas`; `invalidValue`, naming the attribute, for a
/// value that does not fit its type.
pub fn canonical(
    resource_type: &ResourceType,
    body: Value,
    dialect: Dialect,
    quirks: &mut Quirks,
) -> Result<Resource, ScimError> {
    let Value::Object(mut body) = body else {
        return Err(ScimError::invalid_syntax(format!(
            "The body must be a JSON object with the attributes of a {}",
            resource_type.name
        )));
    };
    let declared = take_schemas(&mut body);
    if dialect == Dialect::Strict {
        check_schemas(resource_type, declared.as_ref())?;
    }
    let mut reader = Reader { dialect, quirks };
    let (core, extensions) = split(resource_type, body, &mut reader)?;
    let mut attributes = reader.members(core, |name| resource_type.attribute(name), &At::Root)?;
    for (extension, value) in extensions {
        let schema = &extension.schema;
        let at = At::Urn(&schema.id);
        let members = match value {
            Value::Null => continue,
            Value::Object(members) => members,
            _ => return Err(at.wrong("an object with the attributes of the extension", &value)),
        };
        let members = reader.members(members, |name| schema.attribute(name), &at)?;
        if !members.is_empty() {
            attributes.insert(schema.id.clone(), Value::Object(members));
        }
    }
    Ok(Resource::from_canonical(attributes))
}

fn take_schemas(body: &mut Map<String, Value>) -> Option<Value> {
    let key = body.keys().find(|key| key.eq_ignore_ascii_case("schemas"))?.clone();
    body.shift_remove(&key)
}

type Extensions<'a> = Vec<(&'a SchemaExtension, Value)>;

/// Parts the members of the body into attributes and extensions. Whether `schemas` names an extension
/// does not matter: Entra and Okta send extensions they have not declared.
fn split<'a>(
    resource_type: &'a ResourceType,
    body: Map<String, Value>,
    reader: &mut Reader<'_>,
) -> Result<(Map<String, Value>, Extensions<'a>), ScimError> {
    let mut core = Map::new();
    let mut extensions = Extensions::new();
    for (key, value) in body {
        let Some(extension) = extension(resource_type, &key, reader) else {
            core.insert(key, value);
            continue;
        };
        if extensions.iter().any(|(other, _)| other.schema.id == extension.schema.id) {
            return Err(At::Root.twice(&extension.schema.id));
        }
        extensions.push((extension, value));
    }
    Ok((core, extensions))
}

/// The extension that a member's name means; Commander's stray semicolon behind the URN is let go.
fn extension<'a>(
    resource_type: &'a ResourceType,
    key: &str,
    reader: &mut Reader<'_>,
) -> Option<&'a SchemaExtension> {
    resource_type.extension(key).or_else(|| {
        let urn = key.strip_suffix(';').filter(|_| reader.dialect == Dialect::Tolerant)?;
        let extension = resource_type.extension(urn)?;
        reader.quirks.note(Quirk::StraySemicolon);
        Some(extension)
    })
}

/// RFC 7643 section 3: `schemas` is a list without doubles, holds the base schema, and otherwise only
/// extensions of the resource type.
fn check_schemas(resource_type: &ResourceType, declared: Option<&Value>) -> Result<(), ScimError> {
    let base = &resource_type.schema.id;
    let fault = |what: &str| Err(ScimError::invalid_syntax(format!("schemas {what}")));
    let Some(Value::Array(declared)) = declared else {
        return fault(&format!("must be a list that holds {base}"));
    };
    let mut seen = HashSet::new();
    for urn in declared {
        let Some(urn) = urn.as_str() else {
            return fault("must hold URNs as text only");
        };
        if !urn.eq_ignore_ascii_case(base) && resource_type.extension(urn).is_none() {
            return fault(&format!("names {urn:?}, which a {} does not have", resource_type.name));
        }
        if !seen.insert(urn.to_ascii_lowercase()) {
            return fault(&format!("names {urn:?} twice; name it once"));
        }
    }
    if !seen.contains(&base.to_ascii_lowercase()) {
        return fault(&format!("must hold {base}"));
    }
    Ok(())
}

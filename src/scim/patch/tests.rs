//! What a PATCH does, told as: a resource, operations, the resource afterwards.

#![expect(
    clippy::needless_pass_by_value,
    reason = "tables of values read better without references"
)]

mod envelope;
mod fixtures;
mod operations;
mod random;
mod relations;
mod replace;
mod selected;

use std::sync::Arc;

use serde_json::{Value, json};

use super::{Operation, PATCH_URN, PatchLimits, apply, parse, resolve};
use crate::scim::error::{ScimError, ScimType};
use crate::scim::filter::FilterLimits;
use crate::scim::quirk::{Quirk, Quirks};
use crate::scim::resource::Resource;
use crate::scim::resource_type::ResourceType;
use crate::scim::schema::Registry;
use crate::scim::validate::Dialect::{self, Strict, Tolerant};

const LIMITS: PatchLimits =
    PatchLimits { operations: 100, filter: FilterLimits { length: 8192, depth: 50 } };
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn resource_type(name: &str) -> Arc<ResourceType> {
    Arc::clone(Registry::built_in().unwrap().resource_type(name).unwrap())
}

fn resource(value: Value) -> Resource {
    match value {
        Value::Object(attributes) => Resource::from_canonical(attributes),
        other => panic!("{other} is no object"),
    }
}

fn envelope(operations: &Value) -> Value {
    json!({ "schemas": [PATCH_URN], "Operations": operations })
}

fn resolved(
    resource_type: &ResourceType,
    body: &Value,
    dialect: Dialect,
    quirks: &mut Quirks,
) -> Result<Vec<Operation>, ScimError> {
    let raw = parse(body, &LIMITS, dialect, quirks)?;
    resolve(raw, resource_type, LIMITS.filter, dialect, quirks)
}

/// Everything a PATCH without relations goes through.
fn patched(
    type_name: &str,
    before: Value,
    body: &Value,
    dialect: Dialect,
) -> Result<(Value, Vec<Quirk>), ScimError> {
    let resource_type = resource_type(type_name);
    let mut quirks = Quirks::default();
    let mut after = resource(before.clone());
    let operations = resolved(&resource_type, body, dialect, &mut quirks)?;
    let result = apply(&mut after, &operations, &resource_type, dialect, &mut quirks);
    if result.is_err() {
        assert_eq!(after, resource(before), "P-03: a failed PATCH leaves no trace");
    }
    result.map(|()| (Value::Object(after.into_attributes()), quirks.iter().collect()))
}

/// Both dialects do the same and no quirk is needed.
fn check(before: Value, operations: Value, expected: Value) {
    for dialect in [Tolerant, Strict] {
        let body = envelope(&operations);
        let (after, quirks) = patched("User", before.clone(), &body, dialect).unwrap();
        assert_eq!(after, expected, "{dialect:?} {operations}");
        assert_eq!(quirks, [], "{dialect:?} {operations}");
    }
}

/// The tolerant dialect puts it right and names the quirks.
fn check_quirk(before: Value, operations: Value, expected: Value, quirks: &[Quirk]) {
    let (after, found) = patched("User", before, &envelope(&operations), Tolerant).unwrap();
    assert_eq!(after, expected, "{operations}");
    assert_eq!(found, quirks, "{operations}");
}

fn refused(type_name: &str, before: Value, operations: &Value, dialect: Dialect) -> ScimError {
    patched(type_name, before, &envelope(operations), dialect).unwrap_err()
}

/// Both dialects refuse with this keyword, and the detail names this.
fn check_refused(before: Value, operations: Value, scim_type: ScimType, named: &str) {
    for dialect in [Tolerant, Strict] {
        check_refused_by(dialect, before.clone(), operations.clone(), scim_type, named);
    }
}

fn check_refused_by(
    dialect: Dialect,
    before: Value,
    operations: Value,
    scim_type: ScimType,
    named: &str,
) {
    let error = refused("User", before, &operations, dialect);
    assert_eq!(error.scim_type, Some(scim_type), "{dialect:?} {operations}: {error}");
    assert!(error.detail.contains(named), "{dialect:?} {operations}: {error}");
}

//! Whatever comes in, nothing breaks: a canonical resource stays canonical, or there is an error.

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::Map;

use super::*;
use crate::scim::patch::partition;
use crate::scim::validate::{canonical, schemas};

static TYPES: LazyLock<[Arc<ResourceType>; 2]> =
    LazyLock::new(|| [resource_type("User"), resource_type("Group")]);

const PATHS: [&str; 40] = [
    "",
    "title",
    "TITLE",
    "userName",
    "id",
    "meta",
    "meta.version",
    "schemas",
    "externalId",
    "active",
    "password",
    "name",
    "name.givenName",
    "emails",
    "emails.value",
    "emails.primary",
    "emails[type eq \"work\"]",
    "emails[type eq \"work\"].value",
    "emails[type eq \"work\"].primary",
    "emails[primary eq \"True\"].value",
    "emails[not (type eq \"work\")].display",
    "emails[value pr].type",
    "phoneNumbers",
    "phoneNumbers[type eq \"work\" and value eq \"a\"].value",
    "roles",
    "roles[primary eq true].value",
    "addresses[type eq \"home\"].country",
    "x509Certificates",
    "groups",
    "members",
    "members[value eq \"a\"]",
    "members[value eq \"a\"].value",
    "displayName",
    "manager",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User;:department",
    "emails[",
    "foo.bar",
];
const NAMES: [&str; 14] = [
    "value",
    "type",
    "primary",
    "display",
    "$ref",
    "Value",
    "givenName",
    "familyName",
    "country",
    "department",
    "manager",
    "employeeNumber",
    "formatted",
    "displayName",
];
const TEXTS: [&str; 10] = [
    "",
    "a",
    "b",
    "work",
    "Work",
    "home",
    "True",
    "aGk=",
    "https://x.example/Users/a",
    "{\"value\":\"a\"}",
];

fn path() -> impl Strategy<Value = String> {
    prop_oneof![
        9 => proptest::sample::select(&PATHS[..]).prop_map(str::to_owned),
        1 => "\\PC{0,12}",
    ]
}

/// A filter may look at what the operation changes; then twice is not once.
fn unfiltered_path() -> impl Strategy<Value = String> {
    path().prop_map(|path| path.split('[').next().unwrap_or_default().to_owned())
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => proptest::sample::select(&NAMES[..]).prop_map(str::to_owned),
        3 => path(),
    ]
}

fn json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        proptest::sample::select(&TEXTS[..]).prop_map(Value::from),
        proptest::sample::select(&TEXTS[..]).prop_map(Value::from),
        "\\PC{0,6}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((key(), inner), 0..4)
                .prop_map(|members| Value::Object(Map::from_iter(members))),
        ]
    })
}

fn operation() -> impl Strategy<Value = Value> {
    let op = proptest::sample::select(&["add", "Add", "replace", "remove", "Remove", "copy"][..]);
    let path = proptest::option::weighted(0.7, path());
    let value = proptest::option::weighted(0.8, json());
    (op, path, value).prop_map(|(op, path, value)| {
        let mut operation = Map::from_iter([("op".to_owned(), Value::from(op))]);
        operation.extend(path.map(|path| ("path".to_owned(), Value::from(path))));
        operation.extend(value.map(|value| ("value".to_owned(), value)));
        Value::Object(operation)
    })
}

fn body() -> impl Strategy<Value = Value> {
    prop_oneof![
        9 => proptest::collection::vec(operation(), 1..4)
            .prop_map(|operations| envelope(&Value::Array(operations))),
        1 => json(),
    ]
}

/// A body as a client might send it; the part of it that can be read is the resource.
fn attributes() -> impl Strategy<Value = Value> {
    proptest::collection::vec((unfiltered_path(), json()), 0..6)
        .prop_map(|members| Value::Object(Map::from_iter(members)))
}

/// Reads each attribute by itself, so that one that does not fit spares the others.
fn readable(resource_type: &ResourceType, attributes: Value, dialect: Dialect) -> Resource {
    let mut readable = Resource::default();
    for (name, value) in attributes.as_object().into_iter().flatten() {
        let body = json!({ "schemas": [resource_type.schema.id], name: value });
        if let Ok(read) = canonical(resource_type, body, dialect, &mut Quirks::default()) {
            readable.attributes_mut().extend(read.into_attributes());
        }
    }
    readable
}

proptest! {
    /// The oracle is the reading of bodies: what is canonical already is read as it stands, and no
    /// habit of a client has to be put right.
    #[test]
    fn a_patch_leaves_a_canonical_resource_or_an_error(
        body in body(), attributes in attributes(), of_users in any::<bool>(), strict in any::<bool>(),
        with_relations in any::<bool>(),
    ) {
        let resource_type = &TYPES[usize::from(!of_users)];
        let dialect = if strict { Strict } else { Tolerant };
        let before = readable(resource_type, attributes, dialect);
        let mut after = before.clone();
        let mut quirks = Quirks::default();
        let result = resolved(resource_type, &body, dialect, &mut quirks).and_then(|operations| {
            let is_relation = |name: &str| with_relations && matches!(name, "members" | "groups");
            let (rest, _) = partition(operations, is_relation)?;
            apply(&mut after, &rest, resource_type, dialect, &mut quirks)
        });
        match result {
            Ok(()) => {
                let mut found = Quirks::default();
                let mut body = after.clone();
                body.set("schemas", schemas(resource_type, &after));
                let body = Value::Object(body.into_attributes());
                let read = canonical(resource_type, body, dialect, &mut found);
                prop_assert_eq!(read.as_ref(), Ok(&after));
                prop_assert!(found.is_empty(), "{:?} in {:?}", found, after);
            }
            Err(error) => {
                prop_assert_eq!(after, before);
                prop_assert!((400..500).contains(&error.status) && !error.detail.is_empty());
            }
        }
    }

    /// P-13: doing it twice is doing it once, where it can be done twice.
    #[test]
    fn a_replace_is_idempotent(
        path in unfiltered_path(), value in json(), attributes in attributes()) {
        let resource_type = &TYPES[0];
        let body = envelope(&json!([{"op": "replace", "path": path, "value": value}]));
        let mut quirks = Quirks::default();
        let Ok(operations) = resolved(resource_type, &body, Tolerant, &mut quirks) else {
            return Ok(());
        };
        let mut once = readable(resource_type, attributes, Tolerant);
        if apply(&mut once, &operations, resource_type, Tolerant, &mut quirks).is_ok() {
            let mut twice = once.clone();
            if apply(&mut twice, &operations, resource_type, Tolerant, &mut quirks).is_ok() {
                prop_assert_eq!(once, twice);
            }
        }
    }
}

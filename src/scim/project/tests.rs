use serde_json::json;

use super::*;
use crate::scim::error::ScimType;
use crate::scim::schema::{ENTERPRISE_USER_URN as EE, Registry, Schema, USER_URN};

/// User, with attributes that are returned on request and never, alone and as parts.
fn user() -> ResourceType {
    let mut user =
        ResourceType::clone(Registry::built_in().unwrap().resource_type("User").unwrap());
    let mut schema = Schema::clone(&user.schema);
    let more = json!([
        {"name": "shoeSize", "type": "integer", "returned": "request"},
        {"name": "key", "type": "complex", "subAttributes": [
            {"name": "id", "returned": "always"}, {"name": "secret", "returned": "never"},
            {"name": "hint", "returned": "request"}, {"name": "label"}]},
        {"name": "face", "type": "complex", "returned": "always", "subAttributes": [
            {"name": "shape"}, {"name": "color"}]},
    ]);
    schema.attributes.extend(serde_json::from_value::<Vec<Arc<Attribute>>>(more).unwrap());
    user.schema = Arc::new(schema);
    user
}

fn ann() -> Value {
    json!({
        "schemas": [USER_URN, EE],
        "id": "1",
        "userName": "a@x.io",
        "name": {"givenName": "Ann", "familyName": "Lee"},
        "password": "secret",
        "emails": [{"value": "a@x.io", "type": "work", "primary": true}, {"type": "home"}],
        EE: {"department": "x", "manager": {"value": "7", "displayName": "Bo"}},
        "meta": {"resourceType": "User", "location": "https://x.io/Users/1"},
    })
}

fn project(body: Value, attributes: Option<&str>, excluded: Option<&str>) -> Value {
    let user = user();
    let mut resource = Resource::from_canonical(serde_json::from_value(body).unwrap());
    Projection::parse(&user, attributes, excluded).unwrap().apply(&user, &mut resource);
    Value::Object(resource.into_attributes())
}

/// N-01, N-05, N-06, N-07, N-09, N-10, N-11, K-05, S-24, S-47: (names, what comes with `schemas` and `id`).
#[test]
fn attributes_name_all_that_is_sent() {
    let department = json!({EE: {"department": "x"}});
    let manager = json!({EE: {"manager": {"value": "7"}}});
    let values = json!({"emails": [{"value": "a@x.io"}]});
    let given = json!({"name": {"givenName": "Ann"}});
    let cases = [
        ("userName", json!({"userName": "a@x.io"})),
        (" USERNAME , foo,,1x, name.foo", json!({"userName": "a@x.io"})),
        ("id,schemas", json!({})),
        ("foo", json!({})),
        ("password", json!({})),
        ("nickName", json!({})),
        ("name", json!({"name": {"givenName": "Ann", "familyName": "Lee"}})),
        ("name.givenName", given.clone()),
        ("name.givenName,name", json!({"name": {"givenName": "Ann", "familyName": "Lee"}})),
        ("emails.value", values.clone()),
        ("Emails.VALUE,name.givenname", {
            let mut both = given;
            both["emails"] = values["emails"].clone();
            both
        }),
        ("meta.location", json!({"meta": {"location": "https://x.io/Users/1"}})),
        ("urn:ietf:params:scim:schemas:core:2.0:User:userName", json!({"userName": "a@x.io"})),
        (&format!("{EE}:department"), department.clone()),
        (&format!("{}:DEPARTMENT", EE.to_uppercase()), department.clone()),
        (&format!("{EE}:manager.value"), manager),
        (EE, json!({EE: ann()[EE]})),
        ("department", department),
    ];
    for (names, expected) in cases {
        let mut expected = expected;
        expected["schemas"] = json!([USER_URN, EE]);
        expected["id"] = json!("1");
        assert_eq!(project(ann(), Some(names), None), expected, "{names}");
    }
}

/// N-02, N-05, S-24: (names, JSON pointers to what is missing from the default answer).
#[test]
fn excluded_attributes_are_left_out() {
    let department = format!("/{EE}/department");
    let extension = format!("/{EE}");
    let cases = [
        ("id,schemas,userName", vec!["/userName"]),
        ("foo", vec![]),
        ("emails,META", vec!["/emails", "/meta"]),
        ("name.givenName", vec!["/name/givenName"]),
        ("name.givenName,name.familyName", vec!["/name"]),
        ("emails.type", vec!["/emails/0/type", "/emails/1"]),
        (&department[1..].replace('/', ":"), vec![department.as_str()]),
        (EE, vec![extension.as_str()]),
    ];
    for (names, missing) in cases {
        let mut expected = ann();
        remove(&mut expected, "/password");
        for pointer in missing {
            remove(&mut expected, pointer);
        }
        assert_eq!(project(ann(), None, Some(names)), expected, "{names}");
    }
}

fn remove(body: &mut Value, pointer: &str) {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    match body.pointer_mut(parent).unwrap() {
        Value::Array(elements) => drop(elements.remove(name.parse().unwrap())),
        parent => drop(parent.as_object_mut().unwrap().shift_remove(name).unwrap()),
    }
}

/// N-08: empty names are no names. K-05: what is never returned is not, by default either.
#[test]
fn empty_parameters_are_absent() {
    let mut expected = ann();
    remove(&mut expected, "/password");
    for names in [None, Some(""), Some("  ")] {
        assert_eq!(project(ann(), names, names), expected);
        assert!(Projection::parse(&user(), names, names).unwrap().is_default());
    }
    assert!(!Projection::parse(&user(), Some("foo"), Some("")).unwrap().is_default());
}

/// N-04
#[test]
fn both_parameters_are_refused() {
    let error = Projection::parse(&user(), Some("id"), Some("meta")).unwrap_err();
    assert_eq!((error.status, error.scim_type), (400, Some(ScimType::InvalidValue)));
}

/// S-24, N-10: `returned` of attributes and of their parts, in each mode.
#[test]
fn returned_decides_beside_the_names() {
    let body = json!({"shoeSize": 42, "key": {"id": "k", "secret": "s", "hint": "h", "label": "l"},
        "face": {"shape": "round", "color": "red"}});
    let face = json!({"shape": "round", "color": "red"});
    let key = json!({"id": "k", "label": "l"});
    let cases = [
        (None, None, json!({"key": key, "face": face})),
        (Some("shoeSize"), None, json!({"shoeSize": 42, "face": face})),
        (Some("key"), None, json!({"key": key, "face": face})),
        (Some("key.hint"), None, json!({"key": {"id": "k", "hint": "h"}, "face": face})),
        (Some("key.secret"), None, json!({"key": {"id": "k"}, "face": face})),
        (Some("face.color"), None, json!({"face": face})),
        (None, Some("key.label,key.id"), json!({"key": {"id": "k"}, "face": face})),
        (None, Some("key,face"), json!({"face": face})),
        (None, Some("face.color,key"), json!({"face": {"shape": "round"}})),
        (None, Some("userName"), json!({"key": key, "face": face})),
    ];
    for (attributes, excluded, expected) in cases {
        let sent = project(body.clone(), attributes, excluded);
        assert_eq!(sent, expected, "{attributes:?} {excluded:?}");
    }
}

/// N-03: what is not sent need not be read.
#[test]
fn what_is_not_sent_is_known_beforehand() {
    let group = ResourceType::clone(Registry::built_in().unwrap().resource_type("Group").unwrap());
    let cases = [
        (None, None, true),
        (None, Some("members"), false),
        (None, Some("urn:ietf:params:scim:schemas:core:2.0:Group:MEMBERS"), false),
        (None, Some("members.display"), true),
        (Some("displayName"), None, false),
        (Some("members.value"), None, true),
        (Some("foo"), None, false),
    ];
    for (attributes, excluded, expected) in cases {
        let projection = Projection::parse(&group, attributes, excluded).unwrap();
        let includes = projection.includes(&group, "Members");
        assert_eq!(includes, expected, "{attributes:?} {excluded:?}");
        assert!(projection.includes(&group, "id"));
    }
}

//! Rows P-41 to P-48: replace without filters.

use super::*;
use crate::scim::schema::{Attribute, Mutability};

/// P-41
#[test]
fn replace_without_a_path_is_no_put() {
    check(
        json!({
            "title": "x", "active": true, "name": {"givenName": "A", "familyName": "B"},
            "phoneNumbers": [{"value": "1"}],
        }),
        json!([{"op": "replace", "value": {
            "active": false, "name": {"givenName": "C"}, "phoneNumbers": [{"value": "2"}],
        }}]),
        json!({
            "title": "x", "active": false, "name": {"givenName": "C", "familyName": "B"},
            "phoneNumbers": [{"value": "2"}],
        }),
    );
}

/// P-42 to P-44
#[test]
fn replace_sets_what_it_names() {
    let before = json!({
        "nickName": "n", "name": {"givenName": "A", "familyName": "B"},
        "phoneNumbers": [{"value": "1"}, {"value": "2"}],
    });
    let after = |name: &str, value: Value| {
        let mut after = before.clone();
        after[name] = value;
        after
    };
    for (path, value, expected) in [
        ("nickName", json!("m"), after("nickName", json!("m"))),
        ("title", json!("t"), after("title", json!("t"))),
        (
            "name",
            json!({"givenName": "C"}),
            after("name", json!({"givenName": "C", "familyName": "B"})),
        ),
        ("name.givenName", json!("C"), after("name", json!({"givenName": "C", "familyName": "B"}))),
        (
            "phoneNumbers",
            json!([{"value": "2"}, {"value": "3"}]),
            after("phoneNumbers", json!([{"value": "2"}, {"value": "3"}])),
        ),
        ("phoneNumbers", json!({"value": "3"}), after("phoneNumbers", json!([{"value": "3"}]))),
    ] {
        let replace = json!([{"op": "replace", "path": path, "value": value}]);
        check(before.clone(), replace, expected);
    }
}

/// P-48
#[test]
fn replace_with_nothing_unassigns() {
    let before = json!({"title": "x", "name": {"givenName": "A", "middleName": "M"}});
    let without_title = json!({"name": {"givenName": "A", "middleName": "M"}});
    for (operation, after) in [
        (json!({"op": "replace", "path": "title", "value": null}), without_title.clone()),
        (json!({"op": "replace", "path": "title", "value": []}), without_title.clone()),
        (json!({"op": "replace", "value": {"title": null}}), without_title.clone()),
        (
            json!({"op": "replace", "path": "name", "value": {"middleName": null}}),
            json!({"title": "x", "name": {"givenName": "A"}}),
        ),
        (json!({"op": "replace", "path": "phoneNumbers", "value": []}), before.clone()),
    ] {
        check(before.clone(), json!([operation]), after);
    }
    let phones = json!({"phoneNumbers": [{"value": "1"}]});
    for value in [json!([]), json!(null)] {
        let replace = json!([{"op": "replace", "path": "phoneNumbers", "value": value}]);
        check(phones.clone(), replace, json!({}));
        let add = json!([{"op": "add", "path": "phoneNumbers", "value": value}]);
        check_quirk(phones.clone(), add, phones.clone(), &[]);
    }
    let of_part = json!([{"op": "replace", "path": "name", "value": {"middleName": ""}}]);
    let cleared = json!({"title": "x", "name": {"givenName": "A"}});
    check_quirk(before.clone(), of_part.clone(), cleared, &[]);
    let (kept, _) = patched("User", before.clone(), &envelope(&of_part), Strict).unwrap();
    assert_eq!(kept["name"], json!({"givenName": "A", "middleName": ""}));
    let empty_title = json!([{"op": "replace", "path": "title", "value": ""}]);
    let (kept, _) = patched("User", before.clone(), &envelope(&empty_title), Strict).unwrap();
    assert_eq!(kept["title"], "");
    for op in ["add", "replace"] {
        let empty = json!([{"op": op, "path": "title", "value": ""}]);
        check_quirk(before.clone(), empty, without_title.clone(), &[Quirk::EmptyText]);
    }
}

/// Attempts a PATCH of a user type of which one attribute is of another kind.
fn attempt(
    attribute: &str,
    change: impl Fn(&mut Attribute),
    before: Value,
    operation: Value,
) -> Result<Value, Option<ScimType>> {
    let mut resource_type = (*resource_type("User")).clone();
    let mut schema = (*resource_type.schema).clone();
    for changed in schema.attributes.iter_mut().filter(|it| it.name == attribute) {
        change(Arc::make_mut(changed));
    }
    resource_type.schema = Arc::new(schema);
    let mut quirks = Quirks::default();
    let operations =
        resolved(&resource_type, &envelope(&json!([operation])), Strict, &mut quirks).unwrap();
    let mut user = resource(before);
    apply(&mut user, &operations, &resource_type, Strict, &mut quirks)
        .map(|()| Value::Object(user.into_attributes()))
        .map_err(|error| error.scim_type)
}

/// P-09, for attributes that the built-in schemas do not have.
#[test]
fn immutable_attributes_are_set_once() {
    let immutable = |title: &mut Attribute| title.mutability = Mutability::Immutable;
    let set = |value: &str| json!({"op": "add", "path": "title", "value": value});
    let x = json!({"title": "x"});
    assert_eq!(attempt("title", immutable, json!({}), set("x")), Ok(x.clone()));
    assert_eq!(attempt("title", immutable, x.clone(), set("x")), Ok(x.clone()));
    assert_eq!(attempt("title", immutable, x.clone(), set("y")), Err(Some(ScimType::Mutability)));
    let remove = json!({"op": "remove", "path": "title"});
    assert_eq!(attempt("title", immutable, x, remove), Err(Some(ScimType::Mutability)));
}

/// Multi-valued attributes whose elements are no objects.
#[test]
fn lists_of_simple_values() {
    let list = |title: &mut Attribute| title.multi_valued = true;
    let before = json!({"title": ["a", "b"]});
    for (operation, expected) in [
        (json!({"op": "add", "path": "title", "value": ["b", "c"]}), Ok(json!(["a", "b", "c"]))),
        (json!({"op": "remove", "path": "title[value eq \"A\"]"}), Ok(json!(["b"]))),
        (
            json!({"op": "replace", "path": "title[value eq \"a\"]", "value": "c"}),
            Ok(json!(["c", "b"])),
        ),
        (json!({"op": "replace", "path": "title[value eq \"a\"]", "value": "b"}), Ok(json!(["b"]))),
        (
            json!({"op": "replace", "path": "title[value eq \"x\"]", "value": "c"}),
            Err(Some(ScimType::NoTarget)),
        ),
    ] {
        let expected = expected.map(|title| json!({"title": title}));
        assert_eq!(
            attempt("title", list, before.clone(), operation.clone()),
            expected,
            "{operation}"
        );
    }
}

/// P-10: a list that the server sets comes back in a value without a path.
#[test]
fn a_read_only_list_may_come_back() {
    let read_only = |phones: &mut Attribute| phones.mutability = Mutability::ReadOnly;
    let before = json!({"phoneNumbers": [{"value": "1"}]});
    let echo = json!({"op": "replace", "value": {"phoneNumbers": [{"value": "2"}]}});
    assert_eq!(attempt("phoneNumbers", read_only, before.clone(), echo), Ok(before.clone()));
    let set = json!({"op": "replace", "path": "phoneNumbers", "value": [{"value": "2"}]});
    let refused = Err(Some(ScimType::Mutability));
    assert_eq!(attempt("phoneNumbers", read_only, before, set), refused);
}

/// P-17 and P-35, for parts of an attribute.
#[test]
fn required_parts_stay() {
    let required = |name: &mut Attribute| {
        for part in name.sub_attributes.iter_mut().filter(|part| part.name == "givenName") {
            Arc::make_mut(part).required = true;
        }
    };
    let before = json!({"name": {"givenName": "A", "familyName": "B"}});
    let remove = |path: &str| json!({"op": "remove", "path": path});
    let attempt = |operation| attempt("name", required, before.clone(), operation);
    assert_eq!(attempt(remove("name.givenName")), Err(Some(ScimType::Mutability)));
    assert_eq!(attempt(remove("name.familyName")), Ok(json!({"name": {"givenName": "A"}})));
    assert_eq!(attempt(remove("name")), Ok(json!({})));
}

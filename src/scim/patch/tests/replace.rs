//! Rows P-41 to P-48: replace without filters.

use super::*;

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
    for op in ["add", "replace"] {
        let empty = json!([{"op": op, "path": "title", "value": ""}]);
        check_quirk(before.clone(), empty, without_title.clone(), &[Quirk::EmptyText]);
    }
}

/// The rules for immutable attributes, which the built-in schemas have only within `members`.
#[test]
fn immutable_attributes_are_set_once() {
    let mut with_immutable = (*resource_type("User")).clone();
    let mut schema = (*with_immutable.schema).clone();
    for attribute in &mut schema.attributes {
        if attribute.name == "title" {
            let mut title = (**attribute).clone();
            title.mutability = crate::scim::schema::Mutability::Immutable;
            *attribute = Arc::new(title);
        }
    }
    with_immutable.schema = Arc::new(schema);
    let attempt = |before: Value, operation: Value| {
        let mut quirks = Quirks::default();
        let body = envelope(&json!([operation]));
        let operations = resolved(&with_immutable, &body, Strict, &mut quirks).unwrap();
        let mut user = resource(before);
        apply(&mut user, &operations, &with_immutable, Strict, &mut quirks)
            .map(|()| Value::Object(user.into_attributes()))
            .map_err(|error| error.scim_type)
    };
    let set = |value: &str| json!({"op": "add", "path": "title", "value": value});
    assert_eq!(attempt(json!({}), set("x")), Ok(json!({"title": "x"})));
    assert_eq!(attempt(json!({"title": "x"}), set("x")), Ok(json!({"title": "x"})));
    assert_eq!(attempt(json!({"title": "x"}), set("y")), Err(Some(ScimType::Mutability)));
    let remove = json!({"op": "remove", "path": "title"});
    assert_eq!(attempt(json!({"title": "x"}), remove), Err(Some(ScimType::Mutability)));
}

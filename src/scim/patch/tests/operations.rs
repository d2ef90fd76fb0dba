//! Rows P-09 to P-39: add and remove, and what may not be changed.

use super::*;

/// P-09
#[test]
fn read_only_targets_are_refused() {
    let before = json!({"id": "7", "meta": {"resourceType": "User"}});
    for path in ["id", "meta", "meta.created", "manager.displayName"] {
        for operation in [
            json!({"op": "replace", "path": path, "value": "x"}),
            json!({"op": "add", "path": path, "value": "x"}),
            json!({"op": "remove", "path": path}),
        ] {
            check_refused(before.clone(), json!([operation]), ScimType::Mutability, path);
        }
    }
}

/// P-10
#[test]
fn what_a_client_has_read_may_come_back() {
    let before = json!({"id": "7", "title": "x", "meta": {"resourceType": "User"}});
    let echo = |id: &str| {
        json!([{"op": "replace", "value": {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
            "id": id, "meta": {"resourceType": "User", "version": "W/\"1\""}, "title": "y",
        }}])
    };
    let after = json!({"id": "7", "title": "y", "meta": {"resourceType": "User"}});
    check(before.clone(), echo("7"), after.clone());
    let nulls = json!([{"op": "replace", "value": {
        "id": null, "meta": null, "title": "y", ENTERPRISE: {"manager": {"displayName": "M"}},
    }}]);
    check(before.clone(), nulls, after);
    check_refused(before, echo("8"), ScimType::Mutability, "id is read-only");
}

/// P-13
#[test]
fn what_is_there_already_changes_nothing() {
    let before = json!({
        "title": "x", "name": {"givenName": "A"}, "phoneNumbers": [{"type": "work", "value": "1"}],
    });
    for operation in [
        json!({"op": "replace", "path": "title", "value": "x"}),
        json!({"op": "add", "path": "name", "value": {"givenName": "A"}}),
        json!({"op": "add", "path": "phoneNumbers", "value": [{"value": "1", "type": "work"}]}),
        json!({"op": "remove", "path": "nickName"}),
        json!({"op": "remove", "path": "phoneNumbers[type eq \"fax\"]"}),
        json!({"op": "remove", "path": "addresses[type eq \"work\"].country"}),
        json!({"op": "remove", "path": ENTERPRISE}),
        json!({"op": "replace", "path": ENTERPRISE, "value": {}}),
    ] {
        check(before.clone(), json!([operation]), before.clone());
    }
}

/// P-13 and P-15: an element that is added again stays the primary one.
#[test]
fn the_primary_element_may_be_added_again() {
    let before = json!({"phoneNumbers": [{"value": "1", "primary": true}, {"value": "2"}]});
    let add = json!([{"op": "add", "path": "phoneNumbers", "value": before["phoneNumbers"]}]);
    check(before.clone(), add, before);
}

/// P-14 and P-30
#[test]
fn extension_attributes_make_and_end_the_extension() {
    let path = format!("{}:EMPLOYEENUMBER", ENTERPRISE.to_uppercase());
    let with = json!({ENTERPRISE: {"employeeNumber": "12"}});
    check(json!({}), json!([{"op": "add", "path": path, "value": "12"}]), with.clone());
    check(with.clone(), json!([{"op": "remove", "path": path}]), json!({}));
    let merged = json!({ENTERPRISE: {"employeeNumber": "12", "department": "R&D"}});
    for operation in [
        json!({"op": "add", "path": ENTERPRISE, "value": {"department": "R&D"}}),
        json!({"op": "replace", "path": ENTERPRISE, "value": {"department": "R&D"}}),
        json!({"op": "add", "value": {ENTERPRISE: {"Department": "R&D"}}}),
    ] {
        check(with.clone(), json!([operation]), merged.clone());
    }
}

/// P-15
#[test]
fn a_new_primary_ends_the_old_one() {
    let before = json!({"phoneNumbers": [
        {"value": "1", "type": "work", "primary": true}, {"value": "2", "type": "home"},
    ]});
    for operation in [
        json!({"op": "add", "path": "phoneNumbers[type eq \"home\"].primary", "value": true}),
        json!({"op": "add", "path": "phoneNumbers[value eq \"2\"]", "value": {"primary": true}}),
    ] {
        let after = json!({"phoneNumbers": [
            {"value": "1", "type": "work", "primary": false},
            {"value": "2", "type": "home", "primary": true},
        ]});
        check(before.clone(), json!([operation]), after);
    }
    let third = json!({"value": "3", "primary": true});
    check(
        before.clone(),
        json!([{"op": "add", "path": "phoneNumbers", "value": [third]}]),
        json!({"phoneNumbers": [
            {"value": "1", "type": "work", "primary": false}, {"value": "2", "type": "home"}, third,
        ]}),
    );
    let two = json!([{"value": "3", "primary": true}, {"value": "4", "primary": true}]);
    for operation in [
        json!({"op": "add", "path": "phoneNumbers", "value": two}),
        json!({"op": "replace", "path": "phoneNumbers", "value": two}),
        json!({"op": "replace", "path": "phoneNumbers[value pr].primary", "value": true}),
    ] {
        check_refused(before.clone(), json!([operation]), ScimType::InvalidValue, "primary");
    }
}

/// P-21
#[test]
fn add_without_a_path_adds_every_attribute() {
    check(
        json!({
            "title": "x", "name": {"givenName": "A", "familyName": "B"},
            "phoneNumbers": [{"value": "1"}],
        }),
        json!([{"op": "add", "value": {
            "title": "y", "NickName": "n", "name": {"givenName": "C"},
            "phoneNumbers": [{"value": "2"}], ENTERPRISE: {"costCenter": "9"},
        }}]),
        json!({
            "title": "y", "name": {"givenName": "C", "familyName": "B"},
            "phoneNumbers": [{"value": "1"}, {"value": "2"}],
            "nickName": "n", ENTERPRISE: {"costCenter": "9"},
        }),
    );
}

/// P-23
#[test]
fn without_a_path_the_value_is_an_object() {
    for value in [json!("x"), json!(["x"]), json!(null), json!(7)] {
        let operations = json!([{"op": "add", "value": value}]);
        check_refused(json!({}), operations, ScimType::InvalidValue, "object");
    }
    check_refused(json!({}), json!([{"op": "replace"}]), ScimType::InvalidValue, "object");
}

/// P-24 to P-26
#[test]
fn add_sets_single_values() {
    check(json!({}), json!([{"op": "add", "path": "title", "value": "x"}]), json!({"title": "x"}));
    check(
        json!({"title": "w"}),
        json!([{"op": "add", "path": "title", "value": "x"}]),
        json!({"title": "x"}),
    );
    check(
        json!({"name": {"familyName": "B"}}),
        json!([{"op": "add", "path": "name", "value": {"givenName": "A"}}]),
        json!({"name": {"familyName": "B", "givenName": "A"}}),
    );
    check(
        json!({}),
        json!([{"op": "add", "path": "name.givenName", "value": "A"}]),
        json!({"name": {"givenName": "A"}}),
    );
}

/// P-27
#[test]
fn add_appends_what_is_not_there() {
    let before = json!({"phoneNumbers": [{"value": "1", "type": "work"}]});
    for value in [json!({"value": "2"}), json!([{"value": "2"}, {"value": "2"}])] {
        check(
            before.clone(),
            json!([
                {"op": "add", "path": "phoneNumbers", "value": value},
                {"op": "add", "path": "phoneNumbers", "value": value},
            ]),
            json!({"phoneNumbers": [{"value": "1", "type": "work"}, {"value": "2"}]}),
        );
    }
}

/// P-31
#[test]
fn remove_needs_a_path() {
    for operation in [json!({"op": "remove"}), json!({"op": "remove", "value": {"title": "x"}})] {
        check_refused(json!({}), json!([operation]), ScimType::NoTarget, "path");
    }
}

/// P-32 and P-38
#[test]
fn remove_takes_single_values_away() {
    let before = json!({"title": "x", "name": {"givenName": "A", "middleName": "M"}});
    for (path, after) in [
        ("title", json!({"name": {"givenName": "A", "middleName": "M"}})),
        ("name", json!({"title": "x"})),
        ("name.middleName", json!({"title": "x", "name": {"givenName": "A"}})),
        ("nickName", before.clone()),
    ] {
        let remove = json!({"op": "remove", "path": path});
        check(before.clone(), json!([remove, remove]), after);
    }
}

/// P-33 and P-34
#[test]
fn remove_takes_elements_away() {
    let work_x = json!({"value": "1x", "type": "work"});
    let work_y = json!({"value": "1y", "type": "WORK", "display": "d"});
    let home = json!({"value": "2x", "type": "home"});
    let before = json!({"phoneNumbers": [work_x, work_y, home]});
    for (path, left) in [
        ("phoneNumbers[type eq \"work\" and value ew \"x\"]", json!([work_y, home])),
        ("phoneNumbers[type eq \"work\"]", json!([home])),
        (
            "phoneNumbers[type eq \"work\"].display",
            json!([work_x, {"value": "1y", "type": "WORK"}, home]),
        ),
        ("phoneNumbers.display", json!([work_x, {"value": "1y", "type": "WORK"}, home])),
    ] {
        let remove = json!([{"op": "remove", "path": path}]);
        check(before.clone(), remove, json!({"phoneNumbers": left}));
    }
    for path in ["phoneNumbers", "phoneNumbers[value pr]"] {
        check(before.clone(), json!([{"op": "remove", "path": path}]), json!({}));
    }
}

/// P-17 and P-35
#[test]
fn required_attributes_stay() {
    let before = json!({"userName": "a@b.example"});
    for operation in [
        json!({"op": "remove", "path": "userName"}),
        json!({"op": "replace", "path": "userName", "value": null}),
        json!({"op": "replace", "value": {"userName": null}}),
        json!({"op": "replace", "path": "userName", "value": []}),
    ] {
        check_refused(before.clone(), json!([operation]), ScimType::Mutability, "userName");
    }
    let remove = json!([{"op": "remove", "path": "displayName"}]);
    let error = refused("Group", json!({"displayName": "G"}), &remove, Tolerant);
    assert_eq!(error.scim_type, Some(ScimType::Mutability));
}

/// P-37
#[test]
fn remove_with_a_value_removes_just_that() {
    let elements = [
        json!({"value": "1", "type": "work", "display": "one"}),
        json!({"value": "1", "type": "home"}),
        json!({"value": "2"}),
    ];
    let before = json!({"phoneNumbers": elements});
    let [work, home, other] = &elements;
    for (value, left) in [
        (json!([{"value": "1", "display": "changed"}]), json!([other])),
        (json!({"value": "1", "type": "Home"}), json!([work, other])),
        (json!(["2"]), json!([work, home])),
        (json!("2"), json!([work, home])),
        (json!([{"Type": "work"}]), json!([home, other])),
        (json!([{"value": "3"}]), json!([work, home, other])),
        (json!([]), json!([work, home, other])),
        (json!([{}]), json!([work, home, other])),
    ] {
        let operations = json!([{"op": "remove", "path": "phoneNumbers", "value": value}]);
        let quirks = [Quirk::ValueOnRemove];
        let body = envelope(&operations);
        let (after, found) = patched("User", before.clone(), &body, Tolerant).unwrap();
        assert_eq!(after, json!({"phoneNumbers": left}), "{value}");
        assert_eq!(found.first(), quirks.first(), "{value}");
        check_refused_by(
            Strict,
            before.clone(),
            operations,
            ScimType::InvalidValue,
            "phoneNumbers",
        );
    }
    let of_parts = json!([{"op": "remove", "path": "phoneNumbers.value", "value": "1"}]);
    check_refused(before.clone(), of_parts, ScimType::InvalidValue, "phoneNumbers.value");
    let null = json!([{"op": "remove", "path": "phoneNumbers", "value": null}]);
    check(before, null, json!({}));
    let of_single = json!([{"op": "remove", "path": "title", "value": "not the title"}]);
    check(json!({"title": "x"}), of_single, json!({}));
}

/// P-39
#[test]
fn an_extension_goes_as_a_whole() {
    let before = json!({"title": "x", ENTERPRISE: {"department": "R&D"}});
    for operation in [
        json!({"op": "remove", "path": ENTERPRISE}),
        json!({"op": "replace", "path": ENTERPRISE, "value": null}),
        json!({"op": "replace", "value": {ENTERPRISE: null}}),
    ] {
        check(before.clone(), json!([operation]), json!({"title": "x"}));
    }
    let mut with_required = (*resource_type("User")).clone();
    with_required.extensions[0].required = true;
    let mut quirks = Quirks::default();
    let body = envelope(&json!([{"op": "remove", "path": ENTERPRISE}]));
    let operations = resolved(&with_required, &body, Strict, &mut quirks).unwrap();
    let mut user = resource(before);
    let error = apply(&mut user, &operations, &with_required, Strict, &mut quirks).unwrap_err();
    assert_eq!(error.scim_type, Some(ScimType::Mutability));
}

//! Rows P-28, P-29 and P-45 to P-50: filters and sub-attributes of many elements.

use super::*;

/// P-28: what matches is merged into.
#[test]
fn add_to_selected_elements_merges() {
    let before = json!({"addresses": [
        {"type": "work", "locality": "Cork"}, {"type": "work", "country": "IE"}, {"type": "home"},
    ]});
    let after = json!({"addresses": [
        {"type": "work", "locality": "Cork", "country": "DE"}, {"type": "work", "country": "DE"},
        {"type": "home"},
    ]});
    for operation in [
        json!({"op": "add", "path": "addresses[type eq \"work\"].country", "value": "DE"}),
        json!({"op": "add", "path": "addresses[type eq \"Work\"]", "value": {"country": "DE"}}),
    ] {
        check(before.clone(), json!([operation]), after.clone());
    }
}

/// P-28: what does not match is created, once for several sub-attributes.
#[test]
fn add_without_a_match_creates_one_element() {
    let home = json!({"type": "home", "locality": "Bonn"});
    for before in [json!({}), json!({"addresses": [home]})] {
        let mut elements = before["addresses"].as_array().cloned().unwrap_or_default();
        elements.push(json!({"type": "work", "country": "IE", "locality": "Cork"}));
        check(
            before,
            json!([
                {"op": "add", "path": "addresses[type eq \"work\"].country", "value": "IE"},
                {"op": "add", "path": "addresses[type eq \"work\"].locality", "value": "Cork"},
            ]),
            json!({"addresses": elements}),
        );
    }
    check(
        json!({}),
        json!([{"op": "add", "path": "phoneNumbers[type eq \"work\" and primary eq true]", "value": {"value": "1"}}]),
        json!({"phoneNumbers": [{"type": "work", "primary": true, "value": "1"}]}),
    );
    for filter in
        ["type ne \"work\"", "type eq \"a\" or type eq \"b\"", "value pr", "type sw \"w\""]
    {
        let path = format!("addresses[{}].country", filter.replace("value", "locality"));
        let operations = json!([{"op": "add", "path": path, "value": "IE"}]);
        check_refused(json!({}), operations, ScimType::NoTarget, "addresses");
    }
    let against_itself =
        json!([{"op": "add", "path": "phoneNumbers[value eq \"1\"].value", "value": "2"}]);
    check_refused(json!({}), against_itself, ScimType::NoTarget, "phoneNumbers");
}

/// P-47: a replace creates for Entra, and is refused by the RFC's letter.
#[test]
fn replace_without_a_match_creates_or_is_refused() {
    let operations = json!([
        {"op": "replace", "path": "phoneNumbers[type eq \"fax\"].value", "value": "1"},
        {"op": "replace", "path": "phoneNumbers[type eq \"fax\"].display", "value": "Fax"},
    ]);
    let expected = json!({"phoneNumbers": [{"type": "fax", "value": "1", "display": "Fax"}]});
    let quirks = [Quirk::ReplaceWithoutMatch];
    check_quirk(json!({}), operations.clone(), expected, &quirks);
    check_refused_by(Strict, json!({}), operations, ScimType::NoTarget, "phoneNumbers");
}

/// P-29
#[test]
fn parts_without_a_filter_mean_every_element() {
    let before = json!({"phoneNumbers": [{"value": "1", "type": "work"}, {"value": "2"}]});
    check(
        before.clone(),
        json!([{"op": "replace", "path": "phoneNumbers.type", "value": "home"}]),
        json!({"phoneNumbers": [{"value": "1", "type": "home"}, {"value": "2", "type": "home"}]}),
    );
    check(
        before.clone(),
        json!([{"op": "remove", "path": "phoneNumbers.type"}]),
        json!({"phoneNumbers": [{"value": "1"}, {"value": "2"}]}),
    );
    let add = json!([{"op": "add", "path": "phoneNumbers.value", "value": "3"}]);
    check_refused(before, add.clone(), ScimType::InvalidPath, "add to phoneNumbers.value");
    let one = json!({"phoneNumbers": [{"value": "3"}]});
    for before in [json!({}), json!({"phoneNumbers": [{"value": "1"}]})] {
        check_quirk(before.clone(), add.clone(), one.clone(), &[]);
        check_refused_by(Strict, before, add.clone(), ScimType::InvalidPath, "phoneNumbers.value");
    }
    let set = json!([{"op": "replace", "path": "phoneNumbers.value", "value": "3"}]);
    check_quirk(json!({}), set.clone(), json!({"phoneNumbers": [{"value": "3"}]}), &[]);
    check_refused_by(Strict, json!({}), set, ScimType::NoTarget, "phoneNumbers");
}

/// P-45
#[test]
fn replace_swaps_selected_elements() {
    let before = json!({"phoneNumbers": [
        {"value": "1", "type": "work", "display": "old"}, {"value": "2", "type": "home"},
    ]});
    check(
        before.clone(),
        json!([{"op": "replace", "path": "phoneNumbers[type eq \"work\"]", "value": {"value": "n"}}]),
        json!({"phoneNumbers": [{"type": "work", "value": "n"}, {"value": "2", "type": "home"}]}),
    );
    check(
        before.clone(),
        json!([{"op": "replace", "path": "phoneNumbers[type eq \"work\"]", "value": null}]),
        json!({"phoneNumbers": [{"value": "2", "type": "home"}]}),
    );
    check_quirk(
        before,
        json!([{"op": "replace", "path": "phoneNumbers[type eq \"home\"]", "value": "n"}]),
        json!({"phoneNumbers": [
            {"value": "1", "type": "work", "display": "old"}, {"type": "home", "value": "n"},
        ]}),
        &[Quirk::TextForComplex],
    );
}

/// P-46
#[test]
fn replace_of_a_part_keeps_the_others() {
    check(
        json!({"addresses": [
            {"type": "work", "locality": "Cork", "postalCode": "1"}, {"type": "home", "postalCode": "2"},
        ]}),
        json!([{"op": "replace", "path": "addresses[type eq \"work\"].postalCode", "value": "9"}]),
        json!({"addresses": [
            {"type": "work", "locality": "Cork", "postalCode": "9"}, {"type": "home", "postalCode": "2"},
        ]}),
    );
}

/// A cleared value leaves no element behind that only describes it; the RFC's letter keeps the rest.
#[test]
fn an_element_ends_with_its_value() {
    let before = json!({"phoneNumbers": [
        {"value": "1", "type": "work", "primary": true}, {"value": "2", "type": "home"},
    ]});
    let left = json!({"phoneNumbers": [{"value": "2", "type": "home"}]});
    let path = "phoneNumbers[type eq \"work\"].value";
    check_quirk(before.clone(), json!([{"op": "remove", "path": path}]), left.clone(), &[]);
    let empty = json!([{"op": "replace", "path": path, "value": ""}]);
    check_quirk(before.clone(), empty, left.clone(), &[Quirk::EmptyText]);
    for op in ["add", "replace"] {
        let empty = json!([{
            "op": op, "path": "phoneNumbers[type eq \"work\"]", "value": {"value": null, "type": "work"},
        }]);
        check_quirk(before.clone(), empty.clone(), left.clone(), &[]);
        check_quirk(left.clone(), empty, left.clone(), &[]);
    }
    let without_value = json!({"phoneNumbers": [{"type": "work", "display": "d"}]});
    check(without_value.clone(), json!([{"op": "remove", "path": path}]), without_value);
    let body = envelope(&json!([{"op": "remove", "path": path}]));
    let (after, _) = patched("User", before, &body, Strict).unwrap();
    assert_eq!(after["phoneNumbers"][0], json!({"type": "work", "primary": true}));
}

/// Nothing given makes no element, and empty parts are left out of a new one.
#[test]
fn empty_parts_make_no_element() {
    let add = |value: Value| json!([{"op": "add", "path": "phoneNumbers[type eq \"fax\"]", "value": value}]);
    check(json!({}), add(json!({})), json!({}));
    let after = json!({"phoneNumbers": [{"type": "fax", "value": "1"}]});
    check_quirk(json!({}), add(json!({"value": "1", "display": ""})), after, &[]);
}

/// P-37: without `value`, all that is listed decides.
#[test]
fn remove_lists_elements_without_a_value() {
    let [cork, bonn] = [
        json!({"locality": "Cork", "country": "IE"}),
        json!({"locality": "Bonn", "country": "DE"}),
    ];
    check_quirk(
        json!({"addresses": [cork, bonn]}),
        json!([{"op": "remove", "path": "addresses", "value": [{"country": "ie"}]}]),
        json!({"addresses": [bonn]}),
        &[Quirk::ValueOnRemove],
    );
}

/// P-09: what is immutable may be set once, and what is read-only is not cleared.
#[test]
fn parts_of_elements_keep_their_mutability() {
    let before = json!({"displayName": "G", "members": [{"value": "a"}]});
    let add = json!([{"op": "add", "path": "members[value eq \"a\"].type", "value": "User"}]);
    let (after, _) = patched("Group", before, &envelope(&add), Strict).unwrap();
    assert_eq!(after["members"], json!([{"value": "a", "type": "User"}]));
    let groups = json!({"groups": [{"value": "g", "display": "G"}]});
    let clear = json!([{
        "op": "add", "path": "groups[value eq \"g\"]", "value": {"value": "g", "display": null},
    }]);
    check(groups.clone(), clear, groups);
}

/// P-50, for attributes that are part of the document.
#[test]
fn immutable_parts_of_elements_stay() {
    let before = json!({"displayName": "G", "members": [{"value": "a", "type": "User"}]});
    for path in ["members[value eq \"a\"].value", "members.type", "members[value eq \"a\"]"] {
        for dialect in [Tolerant, Strict] {
            let value = if path.ends_with(']') { json!({"value": "b"}) } else { json!("b") };
            let operations = json!([{"op": "replace", "path": path, "value": value}]);
            let error = refused("Group", before.clone(), &operations, dialect);
            assert_eq!(error.scim_type, Some(ScimType::Mutability), "{path}: {error}");
        }
    }
}

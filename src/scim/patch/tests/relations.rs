//! Memberships: what `partition` makes of operations on relations.

use super::*;
use crate::scim::patch::{RelationChange, RelationOperation, partition, relation_ids};

fn parted(
    type_name: &str,
    operations: &Value,
    dialect: Dialect,
) -> Result<(Vec<Operation>, Vec<RelationOperation>), ScimError> {
    let mut quirks = Quirks::default();
    let body = envelope(operations);
    let operations = resolved(&resource_type(type_name), &body, dialect, &mut quirks)?;
    partition(operations, |name| matches!(name, "members" | "groups"))
}

fn change(operation: &Value) -> RelationChange {
    let (rest, mut relations) = parted("Group", &json!([operation]), Tolerant).unwrap();
    assert_eq!((rest.len(), relations.len()), (0, 1), "{operation}");
    let relation = relations.remove(0);
    assert_eq!((relation.attribute.as_str(), relation.index), ("members", 0));
    relation.change
}

fn ids(ids: &[&str]) -> Vec<String> {
    ids.iter().map(|&id| id.to_owned()).collect()
}

/// P-27, P-33, P-36, P-37, P-43, P-49
#[test]
fn operations_become_changes_of_rows() {
    use RelationChange::{Add, Clear, Remove, Replace};
    for (operation, expected) in [
        (
            json!({"op": "add", "path": "members", "value": [{"value": "a"}, {"value": "b"}, {"value": "a"}]}),
            Add(ids(&["a", "b"])),
        ),
        (
            json!({"op": "add", "path": "members", "value": {"$ref": null, "value": "a"}}),
            Add(ids(&["a"])),
        ),
        (json!({"op": "add", "path": "Members", "value": ["a", "b"]}), Add(ids(&["a", "b"]))),
        (json!({"op": "add", "path": "members", "value": "a"}), Add(ids(&["a"]))),
        (
            json!({"op": "add", "value": {"members": [{"VALUE": "a", "display": "A"}]}}),
            Add(ids(&["a"])),
        ),
        (
            json!({"op": "add", "path": "members", "value": [{"$ref": "https://x.example/Users/a/?x=y"}]}),
            Add(ids(&["a"])),
        ),
        (
            json!({"op": "add", "path": "members[value eq \"a\"]", "value": {"value": "a"}}),
            Add(ids(&["a"])),
        ),
        (
            json!({"op": "add", "path": "members", "value": [null, {"value": null, "$ref": "../Users/a"}]}),
            Add(ids(&["a"])),
        ),
        (json!({"op": "remove", "path": "members"}), Clear),
        (json!({"op": "remove", "path": "members", "value": null}), Clear),
        (
            json!({"op": "remove", "path": "members", "value": [{"value": "a"}]}),
            Remove(ids(&["a"])),
        ),
        (json!({"op": "remove", "path": "members", "value": []}), Remove(ids(&[]))),
        (json!({"op": "remove", "path": "members[value eq \"A\"]"}), Remove(ids(&["A"]))),
        (
            json!({"op": "remove", "path": "members[value eq \"a\" or value eq \"b\"]"}),
            Remove(ids(&["a", "b"])),
        ),
        (
            json!({"op": "replace", "path": "members", "value": [{"value": "b"}]}),
            Replace(ids(&["b"])),
        ),
        (json!({"op": "replace", "path": "members", "value": []}), Clear),
        (json!({"op": "replace", "value": {"members": [{"value": "b"}]}}), Replace(ids(&["b"]))),
    ] {
        assert_eq!(change(&operation), expected, "{operation}");
    }
    for filter in ["display eq \"x\"", "value sw \"a\"", "value eq \"a\" and type eq \"User\""] {
        let operation = json!({"op": "remove", "path": format!("members[{filter}]")});
        assert!(matches!(change(&operation), RelationChange::RemoveWhere(_)), "{filter}");
    }
}

/// Only attributes of the base schema are asked about.
#[test]
fn an_attribute_of_an_extension_is_no_relation() {
    let mut quirks = Quirks::default();
    let body = envelope(&json!([{"op": "remove", "path": format!("{ENTERPRISE}:manager")}]));
    let operations = resolved(&resource_type("User"), &body, Strict, &mut quirks).unwrap();
    let (rest, relations) = partition(operations, |name| name == "manager").unwrap();
    assert_eq!((rest.len(), relations.len()), (1, 0));
}

/// The folded key of a filter is no id where ids are compared without case.
#[test]
fn an_id_without_case_is_left_to_the_filter() {
    let mut quirks = Quirks::default();
    let body = envelope(&json!([{"op": "remove", "path": "emails[value eq \"A\"]"}]));
    let operations = resolved(&resource_type("User"), &body, Strict, &mut quirks).unwrap();
    let (_, relations) = partition(operations, |name| name == "emails").unwrap();
    assert!(matches!(relations[0].change, RelationChange::RemoveWhere(_)));
}

/// The other operations keep their order, and so do those on relations.
#[test]
fn the_rest_stays_in_order() {
    let operations = json!([
        {"op": "add", "path": "groups", "value": [{"value": "g"}]},
        {"op": "replace", "value": {"title": "x", "groups": [{"value": "h"}], "nickName": "n"}},
        {"op": "remove", "path": ENTERPRISE},
        {"op": "remove", "path": "groups"},
    ]);
    let (rest, relations) = parted("User", &operations, Tolerant).unwrap();
    assert_eq!(rest.iter().map(|operation| operation.index).collect::<Vec<_>>(), [1, 1, 2]);
    let changes: Vec<_> = relations.into_iter().map(|it| (it.index, it.change)).collect();
    let expected = [
        (0, RelationChange::Add(ids(&["g"]))),
        (1, RelationChange::Replace(ids(&["h"]))),
        (3, RelationChange::Clear),
    ];
    assert_eq!(changes, expected);
}

/// P-50 and P-28
#[test]
fn parts_of_a_membership_cannot_be_changed() {
    for (op, path, expected) in [
        ("replace", "members[value eq \"a\"].value", ScimType::Mutability),
        ("replace", "members[value eq \"a\"].display", ScimType::Mutability),
        ("replace", "members[value eq \"a\"]", ScimType::Mutability),
        ("add", "members.value", ScimType::Mutability),
        ("add", "members[type eq \"User\"]", ScimType::NoTarget),
    ] {
        let operations = json!([{"op": op, "path": path, "value": "b"}]);
        let error = parted("Group", &operations, Tolerant).unwrap_err();
        assert_eq!(error.scim_type, Some(expected), "{op} {path}: {error}");
        assert!(error.detail.contains("members"), "{error}");
    }
}

#[test]
fn an_element_without_an_id_is_refused() {
    for value in
        [json!(7), json!(""), json!({}), json!([{"value": ""}]), json!([{"value": 7}]), json!([[]])]
    {
        let error = relation_ids("members", &value).unwrap_err();
        assert_eq!(error.scim_type, Some(ScimType::InvalidValue), "{value}");
        assert!(error.detail.contains("members"), "{error}");
    }
}

/// P-37: the strict dialect does not guess what a value on remove means.
#[test]
fn strict_remove_takes_no_value() {
    let operations = json!([{"op": "remove", "path": "members", "value": [{"value": "a"}]}]);
    let error = parted("Group", &operations, Strict).unwrap_err();
    assert_eq!(error.scim_type, Some(ScimType::InvalidValue));
}

/// P-19
#[test]
fn a_thousand_members_keep_their_order() {
    let members: Vec<_> = (0..1000).map(|n| json!({"value": format!("u{n}")})).collect();
    let operation = json!({"op": "add", "path": "members", "value": members});
    let RelationChange::Add(ids) = change(&operation) else { panic!("no add") };
    assert_eq!(ids, (0..1000).map(|n| format!("u{n}")).collect::<Vec<_>>());
}

//! Rows P-01 to P-08: the message, its operations and their paths.

use super::*;
use crate::scim::patch::OperationKind;

fn parsed(body: &Value, dialect: Dialect) -> Result<Vec<OperationKind>, ScimError> {
    let mut quirks = Quirks::default();
    let operations = parse(body, &LIMITS, dialect, &mut quirks)?;
    Ok(operations.iter().map(|operation| operation.kind).collect())
}

/// P-01
#[test]
fn the_body_has_schemas_and_operations() {
    let operation = json!({"op": "remove", "path": "title"});
    for body in
        [json!([]), json!("x"), json!({}), json!({"Operations": {}}), json!({"Operations": null})]
    {
        for dialect in [Tolerant, Strict] {
            let error = parsed(&body, dialect).unwrap_err();
            assert_eq!(error.scim_type, Some(ScimType::InvalidSyntax), "{body}");
        }
    }
    for schemas in
        [json!(null), json!([]), json!(["urn:x"]), json!(PATCH_URN), json!([PATCH_URN, "urn:x"])]
    {
        let body = json!({"schemas": schemas, "Operations": [operation]});
        assert_eq!(parsed(&body, Tolerant).unwrap(), [OperationKind::Remove]);
        assert_eq!(parsed(&body, Strict).unwrap_err().scim_type, Some(ScimType::InvalidSyntax));
    }
    let body = json!({"Schemas": [PATCH_URN.to_uppercase()], "operations": [operation]});
    assert_eq!(parsed(&body, Strict).unwrap(), [OperationKind::Remove]);
}

/// P-01: the validator of Entra sends an empty list.
#[test]
fn no_operations_are_nothing_to_do_or_refused() {
    let (after, quirks) =
        patched("User", json!({"title": "x"}), &envelope(&json!([])), Tolerant).unwrap();
    assert_eq!((after, quirks), (json!({"title": "x"}), vec![Quirk::EmptyOperations]));
    let error = refused("User", json!({}), &json!([]), Strict);
    assert_eq!(error.scim_type, Some(ScimType::InvalidSyntax));
}

/// P-02
#[test]
fn op_is_one_of_three_in_any_case() {
    use OperationKind::{Add, Remove, Replace};
    let body = envelope(&json!([{"op": "Add", "value": {}}, {"OP": "REMOVE"}, {"op": "replace"}]));
    assert_eq!(parsed(&body, Strict).unwrap(), [Add, Remove, Replace]);
    for operation in [
        json!({"op": "move"}),
        json!({"op": "copy"}),
        json!({"op": "test"}),
        json!({"op": ""}),
        json!({"op": 1}),
        json!({"path": "title"}),
        json!("add"),
        json!({"op": "add", "path": ["title"]}),
    ] {
        let error = parsed(&envelope(&json!([operation])), Tolerant).unwrap_err();
        assert_eq!(error.scim_type, Some(ScimType::InvalidSyntax), "{operation}");
        assert!(error.detail.starts_with("Operation 1: "), "{error}");
    }
}

/// S-28
#[test]
fn names_that_differ_only_in_case_are_refused() {
    let title = json!({"op": "replace", "path": "title", "value": "x"});
    let twice = json!({"schemas": [PATCH_URN], "Operations": [title], "operations": []});
    for dialect in [Tolerant, Strict] {
        let error = parsed(&twice, dialect).unwrap_err();
        assert_eq!(error.scim_type, Some(ScimType::InvalidSyntax));
        assert_eq!(error.detail, "operations is given twice; send it once");
    }
    for (operation, named) in [
        (json!({"op": "add", "Op": "remove", "path": "title", "value": "x"}), "Op"),
        (json!({"op": "add", "path": "title", "value": "x", "Value": "y"}), "Value"),
        (json!({"op": "add", "value": {"title": "x", "TITLE": "y"}}), "TITLE"),
        (
            json!({"op": "add", "value": {ENTERPRISE: {"division": "x", "Division": "y"}}}),
            "Division",
        ),
        (
            json!({"op": "add", "path": ENTERPRISE, "value": {"division": 1, "DIVISION": 2}}),
            "DIVISION",
        ),
    ] {
        let detail = format!("Operation 1: {named} is given twice; send it once");
        check_refused(json!({}), json!([operation]), ScimType::InvalidSyntax, &detail);
    }
}

#[test]
fn too_many_operations_are_refused_by_name_of_the_setting() {
    let operation = json!({"op": "remove", "path": "title"});
    let body = |count| envelope(&Value::Array(vec![operation.clone(); count]));
    assert_eq!(parsed(&body(100), Strict).unwrap().len(), 100);
    let error = parsed(&body(101), Strict).unwrap_err();
    assert_eq!(error.status, 413);
    assert!(error.detail.contains("patch_operations"), "{error}");
}

/// P-03
#[test]
fn a_failing_operation_undoes_those_before_it() {
    let operations = json!([
        {"op": "replace", "path": "title", "value": "new"},
        {"op": "replace", "path": "active", "value": 7},
    ]);
    check_refused(
        json!({"title": "old"}),
        operations,
        ScimType::InvalidValue,
        "Operation 2: active",
    );
}

/// P-04
#[test]
fn each_operation_sees_the_one_before() {
    check(
        json!({}),
        json!([
            {"op": "add", "path": "phoneNumbers", "value": [{"type": "work", "value": "1"}]},
            {"op": "replace", "path": "phoneNumbers[type eq \"work\"].value", "value": "2"},
        ]),
        json!({"phoneNumbers": [{"type": "work", "value": "2"}]}),
    );
}

/// P-05
#[test]
fn malformed_paths_are_refused() {
    for path in
        ["emails[", ".name", "name.", "a b", "/x", "emails[0]", "name[type eq \"x\"].givenName"]
    {
        let operations = json!([{"op": "replace", "path": path, "value": "x"}]);
        check_refused(json!({}), operations, ScimType::InvalidPath, "Operation 1");
    }
    check(json!({}), json!([{"op": "add", "path": "TITLE", "value": "x"}]), json!({"title": "x"}));
}

/// P-06 and K8
#[test]
fn unknown_attributes_drop_out_or_are_refused() {
    for path in [
        "foo",
        "name.foo",
        "emails[type eq \"work\"].foo",
        "urn:ietf:params:scim:schemas:extension:Acme:2.0:User:tag",
        "urn:ietf:params:scim:schemas:core:2.0:User:role",
    ] {
        let operations = json!([
            {"op": "add", "path": path, "value": "x"},
            {"op": "add", "path": "title", "value": "y"},
        ]);
        let expected = json!({"title": "y"});
        check_quirk(json!({}), operations.clone(), expected, &[Quirk::UnknownAttribute]);
        check_refused_by(Strict, json!({}), operations, ScimType::InvalidPath, "Operation 1");
    }
    for key in ["foo", "a b", "name.foo", "", "urn:x:y"] {
        let operations = json!([{"op": "add", "value": {key: "x", "title": "y"}}]);
        let expected = json!({"title": "y"});
        check_quirk(json!({}), operations.clone(), expected, &[Quirk::UnknownAttribute]);
        check_refused_by(Strict, json!({}), operations, ScimType::InvalidPath, "");
    }
}

/// P-22: a key with brackets means to be a path.
#[test]
fn a_malformed_path_as_key_is_refused() {
    for key in ["emails[type eq \"work\"", "emails[0]", "foo["] {
        let operations = json!([{"op": "replace", "value": {key: "x"}}]);
        check_refused(json!({}), operations, ScimType::InvalidPath, "Operation 1");
    }
}

/// P-07
#[test]
fn a_bad_filter_in_a_path_is_named() {
    for path in ["emails[type xx \"w\"]", "emails[foo eq \"w\"]", "emails[type eq 1].value"] {
        let operations = json!([{"op": "replace", "path": path, "value": "x"}]);
        check_refused(json!({}), operations, ScimType::InvalidFilter, "Operation 1");
    }
}

/// P-08
#[test]
fn values_must_be_there_and_fit() {
    for operation in [
        json!({"op": "add", "path": "title"}),
        json!({"op": "replace", "path": "title"}),
        json!({"op": "add", "path": "title", "value": 7}),
        json!({"op": "replace", "path": "active", "value": "perhaps"}),
        json!({"op": "replace", "path": "name", "value": 7}),
        json!({"op": "add", "path": "emails", "value": [7]}),
        json!({"op": "replace", "path": ENTERPRISE, "value": "x"}),
    ] {
        check_refused(json!({}), json!([operation]), ScimType::InvalidValue, "Operation 1");
    }
    let add_null = json!([{"op": "add", "path": "title", "value": null}]);
    check_quirk(json!({"title": "x"}), add_null.clone(), json!({"title": "x"}), &[]);
    check_refused_by(Strict, json!({}), add_null, ScimType::InvalidValue, "null");
}

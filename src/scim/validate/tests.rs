use std::sync::Arc;

use serde_json::json;

use super::*;
use crate::scim::error::ScimType;
use crate::scim::schema::{Attribute, ENTERPRISE_USER_URN as EE, Registry, Schema};

fn resource_type(name: &str) -> ResourceType {
    ResourceType::clone(Registry::built_in().unwrap().resource_type(name).unwrap())
}

/// User with one more attribute of its own for each simple type, and an immutable one.
pub(super) fn custom() -> ResourceType {
    let mut user = resource_type("User");
    let mut schema = Schema::clone(&user.schema);
    let attributes = json!([
        {"name": "badge", "type": "integer"}, {"name": "score", "type": "decimal"},
        {"name": "hired", "type": "dateTime"}, {"name": "tags", "multiValued": true},
        {"name": "serial", "mutability": "immutable"},
        {"name": "desk", "type": "complex", "subAttributes": [
            {"name": "number", "required": true}, {"name": "floor", "mutability": "immutable"}]},
    ]);
    schema.attributes.extend(serde_json::from_value::<Vec<Arc<Attribute>>>(attributes).unwrap());
    user.schema = Arc::new(schema);
    user
}

pub(super) fn read(body: Value, dialect: Dialect) -> Result<(Value, Vec<&'static str>), ScimError> {
    let mut quirks = Quirks::default();
    let resource = canonical(&custom(), body, dialect, &mut quirks)?;
    let names = quirks.iter().map(Quirk::name).collect();
    Ok((Value::Object(resource.into_attributes()), names))
}

fn tolerant(body: Value) -> Value {
    read(body, Dialect::Tolerant).unwrap().0
}

fn refused(body: Value, dialect: Dialect) -> (ScimType, String) {
    let body_text = body.to_string();
    match read(body, dialect) {
        Ok((read, _)) => panic!("{body_text} was read as {read}"),
        Err(error) => {
            assert_eq!(error.status, 400, "{body_text}");
            (error.scim_type.unwrap(), error.detail)
        }
    }
}

pub(super) fn strict_body(mut body: Value) -> Value {
    body["schemas"] = json!([crate::scim::schema::USER_URN]);
    body
}

/// S-01, S-11: names in any case, members in any order.
#[test]
fn names_are_spelled_as_the_schema_spells_them() {
    let body = json!({"Name": {"GIVENNAME": "Ann"}, "USERNAME": "a@x.io", "EMAILS": [{"Value": "a@x.io"}],
        EE.to_uppercase(): {"DEPARTMENT": "R&D"}, "Schemas": []});
    let expected = json!({"userName": "a@x.io", "name": {"givenName": "Ann"},
        "emails": [{"value": "a@x.io"}], EE: {"department": "R&D"}});
    assert_eq!(tolerant(body), expected);
}

/// S-28
#[test]
fn members_that_differ_only_in_case_are_refused() {
    let (keyword, detail) =
        refused(json!({"userName": "a@x.io", "username": "b@x.io"}), Dialect::Tolerant);
    assert_eq!(
        (keyword, detail.as_str()),
        (ScimType::InvalidSyntax, "userName is given twice; send it once")
    );
    let (_, detail) =
        refused(json!({"emails": [{"value": "a", "VALUE": null}]}), Dialect::Tolerant);
    assert_eq!(detail, "emails[0].value is given twice; send it once");
    let (_, detail) = refused(json!({EE: {}, EE.to_uppercase(): {}}), Dialect::Tolerant);
    assert_eq!(detail, format!("{EE} is given twice; send it once"));
}

/// S-16, C-06, U-07, K-21: null, `[]` and `{}` are absent.
#[test]
fn unassigned_values_are_left_out() {
    let body = json!({"nickName": null, "phoneNumbers": [], "name": {}, "title": [],
        "addresses": [{}, null, {"region": null}], EE: {"department": null}, "displayName": ""});
    for dialect in [Dialect::Tolerant, Dialect::Strict] {
        let read = read(strict_body(body.clone()), dialect);
        // An empty displayName is a text: clients compare what they sent with what they get.
        assert_eq!(read, Ok((json!({"displayName": ""}), vec![])));
    }
}

/// S-04, S-06, S-07, S-08, K-07, K-12: (body, path in the detail), refused by both dialects.
#[test]
fn values_of_the_wrong_type_are_refused() {
    let pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----";
    let cases = [
        (json!({"active": "yes"}), "active must be true or false"),
        (json!({"active": 1}), "active must be"),
        (json!({"userName": 5}), "userName must be a text, not a number"),
        (json!({"userName": true}), "userName must be"),
        (json!({"userName": ["a", "b"]}), "userName must be a single value, not a list"),
        (json!({"userName": {"x": 1}}), "userName must be a text, not an object"),
        (json!({"name": "x"}), "name must be an object"),
        (json!({"name": 7}), "name must be an object"),
        (json!({"emails": 7}), "emails"),
        (json!({"emails": [7]}), "emails[0] must be an object, not a number"),
        (json!({"emails": [{"value": 7}]}), "emails[0].value must be a text"),
        (json!({"tags": ["a", 5]}), "tags[1] must be a text"),
        (json!({"badge": 1.0}), "badge must be a whole number"),
        (json!({"badge": "1"}), "badge must be"),
        (json!({"score": "1"}), "score must be a number"),
        (json!({"hired": "2024-01-01"}), "hired must be a date with a time"),
        (json!({"hired": "2024-01-01 08:00:00Z"}), "hired"),
        (json!({"hired": "2024-01-01T08:00"}), "hired"),
        (json!({"hired": "2024-13-01T08:00:00Z"}), "hired"),
        (json!({"hired": "2024-01-01T08:00:00Z[UTC]"}), "hired"),
        (json!({"hired": "08:00:00"}), "hired"),
        (json!({"hired": "äöü2024-01-01T08:00:00Z"}), "hired"),
        (
            json!({"x509Certificates": [{"value": "***"}]}),
            "x509Certificates[0].value must be base64",
        ),
        (json!({"x509Certificates": [{"value": pem}]}), "x509Certificates[0].value"),
        (json!({"profileUrl": "my page"}), "profileUrl must be a URI"),
        (json!({EE: "x"}), EE),
        (json!({EE: {"costCenter": 5}}), "extension:enterprise:2.0:User:costCenter must be a text"),
        (json!({"title": "a\u{0}b"}), "title holds the character U+0000"),
        (json!({EE: {"manager": {"value": "\u{0}"}}}), "User:manager.value holds"),
    ];
    for (body, path) in cases {
        for dialect in [Dialect::Tolerant, Dialect::Strict] {
            let (keyword, detail) = refused(strict_body(body.clone()), dialect);
            assert_eq!(keyword, ScimType::InvalidValue, "{body}");
            assert!(detail.contains(path), "{body}: {detail}");
        }
    }
}

/// S-04 to S-09, S-14, S-17, K-03, K-08, K-10: (a value that is kept as it is, in both dialects).
#[test]
fn values_of_the_right_type_are_kept() {
    let cases = [
        json!({"badge": -3, "score": 1.5, "active": false}),
        json!({"score": 1}),
        json!({"hired": "2024-02-29T08:30:00Z"}),
        json!({"hired": "9999-12-31T23:59:59Z"}),
        json!({"hired": "2024-02-29T08:30:00.123456+02:00"}),
        json!({"hired": "2024-02-29T08:30:00"}),
        json!({"x509Certificates": [{"value": "MIIBfg"}, {"value": "MIIBfg=="}]}),
        json!({"emails": [{"value": "a@x.io", "type": "work"}, {"value": "a@x.io", "type": "untyped"}]}),
        json!({"locale": "en_US", "addresses": [{"country": "Germany"}]}),
        json!({"name": {"formatted": "a", "familyName": "b", "givenName": "c", "middleName": "d",
            "honorificPrefix": "e", "honorificSuffix": "f"}}),
        json!({"profileUrl": "https://x.io/a:b?c#d", "photos": [{"value": "../a.png"}]}),
        json!({"tags": ["a", "A"]}),
    ];
    for body in cases {
        for dialect in [Dialect::Tolerant, Dialect::Strict] {
            assert_eq!(read(strict_body(body.clone()), dialect), Ok((body.clone(), vec![])));
        }
    }
}

/// K-07: only the strict dialect wants a URI to be one.
#[test]
fn strict_references_are_uris() {
    for text in ["::", "1a:b", ":x", "http://x/{y}"] {
        let body = json!({"profileUrl": text});
        assert_eq!(tolerant(body.clone()), body);
        let (keyword, detail) = refused(strict_body(body), Dialect::Strict);
        assert_eq!(
            (keyword, detail.as_str()),
            (ScimType::InvalidValue, "profileUrl must be a URI, not this text")
        );
    }
}

/// K8 (S-05, K-13, K-23): (what a client sends, what it means, the quirk); the strict dialect refuses it.
#[test]
fn habits_of_clients_are_put_right() {
    let cases = [
        (json!({"active": "False"}), json!({"active": false}), "boolean-as-text"),
        (json!({"active": "tRUE"}), json!({"active": true}), "boolean-as-text"),
        (
            json!({"emails": [{"primary": "True"}]}),
            json!({"emails": [{"primary": true}]}),
            "boolean-as-text",
        ),
        (json!({"emails": {"value": "a"}}), json!({"emails": [{"value": "a"}]}), "scalar-for-list"),
        (json!({"tags": "a"}), json!({"tags": ["a"]}), "scalar-for-list"),
        (json!({"emails": {}}), json!({}), "scalar-for-list"),
        (json!({"title": ["a"]}), json!({"title": "a"}), "list-for-scalar"),
        (
            json!({EE: {"manager": [{"value": "7"}]}}),
            json!({EE: {"manager": {"value": "7"}}}),
            "list-for-scalar",
        ),
        (
            json!({EE: {"manager": "7"}}),
            json!({EE: {"manager": {"value": "7"}}}),
            "text-for-complex",
        ),
        (
            json!({"roles": ["a", "b"]}),
            json!({"roles": [{"value": "a"}, {"value": "b"}]}),
            "text-for-complex",
        ),
        (json!({"roles": "a"}), json!({"roles": [{"value": "a"}]}), "scalar-for-list"),
        (
            json!({"displayName": [{"$ref": null, "value": "x"}]}),
            json!({"displayName": "x"}),
            "list-for-scalar",
        ),
        (json!({"displayName": {"value": "x"}}), json!({"displayName": "x"}), "complex-for-text"),
        (json!({"roles": ""}), json!({}), "empty-text"),
        (json!({"roles": [""]}), json!({}), "empty-text"),
        (json!({EE: {"manager": ""}}), json!({}), "empty-text"),
        (json!({"profileUrl": ""}), json!({}), "empty-text"),
        (
            json!({format!("{EE};"): {"department": "x"}}),
            json!({EE: {"department": "x"}}),
            "stray-semicolon",
        ),
        (json!({"foo": 1, "department": "x"}), json!({}), "unknown-attribute"),
        (
            json!({"name": {"foo": 1, "givenName": "x"}}),
            json!({"name": {"givenName": "x"}}),
            "unknown-attribute",
        ),
    ];
    for (body, expected, quirk) in cases {
        let (value, quirks) = read(body.clone(), Dialect::Tolerant).unwrap();
        assert_eq!(value, expected, "{body}");
        assert!(quirks.contains(&quirk), "{body}: {quirks:?}");
        refused(strict_body(body), Dialect::Strict);
    }
}

/// K8: an empty identifier is none. `manager: {"value": ""}` is how Entra takes a manager away.
#[test]
fn empty_identifiers_are_unassigned() {
    let body = json!({"externalId": "", EE: {"manager": {"value": ""}}, "groups": [{"value": ""}]});
    assert_eq!(read(body, Dialect::Tolerant), Ok((json!({}), vec!["empty-text"])));
}

/// S-12: more than one primary is refused, also when it is a text. S-13: doubles are dropped.
#[test]
fn lists_have_one_primary_and_no_doubles() {
    let work = json!({"value": "a@x.io", "type": "work", "primary": true});
    let twice = json!({"emails": [work, {"value": "b@x.io", "primary": "true"}]});
    let (keyword, detail) = refused(twice, Dialect::Tolerant);
    assert_eq!(keyword, ScimType::InvalidValue);
    assert!(detail.starts_with("emails has more than one primary element"), "{detail}");
    let reordered = json!({"primary": true, "type": "work", "value": "a@x.io"});
    let other = json!({"value": "a@x.io", "type": "home"});
    let read = tolerant(json!({"emails": [work, other, reordered, other]}));
    assert_eq!(read, json!({"emails": [work, other]}));
}

/// S-21, S-20: an extension counts whether `schemas` names it or not; its attributes only count in it.
#[test]
fn undeclared_extensions_are_read() {
    let body = strict_body(json!({EE: {"department": "x"}}));
    for dialect in [Dialect::Tolerant, Dialect::Strict] {
        assert_eq!(read(body.clone(), dialect).unwrap().0, json!({EE: {"department": "x"}}));
    }
}

/// C-03, U-03, S-42, K-22: read-only values are ignored, whatever they are; K5: `groups` is not read-only.
#[test]
fn read_only_values_are_ignored() {
    let body = json!({"id": 5, "meta": "x", "groups": [{"value": "g", "display": 7}],
        EE: {"manager": {"value": "7", "displayName": []}}});
    let expected = json!({"groups": [{"value": "g"}], EE: {"manager": {"value": "7"}}});
    for dialect in [Dialect::Tolerant, Dialect::Strict] {
        assert_eq!(read(strict_body(body.clone()), dialect), Ok((expected.clone(), vec![])));
    }
}

/// S-18: the strict dialect looks at `schemas`, the tolerant one never does (K8). S-27 likewise.
#[test]
fn schemas_count_only_in_the_strict_dialect() {
    let user = crate::scim::schema::USER_URN;
    let cases = [
        json!(null),
        json!([]),
        json!(user),
        json!([5]),
        json!([EE]),
        json!([user, user]),
        json!([user, "urn:scim:schemas:core:1.0"]),
        json!([format!("{user};")]),
    ];
    for schemas in cases {
        let body = json!({"schemas": schemas, "userName": "a"});
        assert_eq!(read(body.clone(), Dialect::Tolerant), Ok((json!({"userName": "a"}), vec![])));
        let (keyword, detail) = refused(body, Dialect::Strict);
        assert_eq!(keyword, ScimType::InvalidSyntax, "{detail}");
        assert!(detail.starts_with("schemas "), "{detail}");
    }
    assert!(read(json!({"schemas": [EE.to_uppercase(), user]}), Dialect::Strict).is_ok());
    let (keyword, detail) = refused(strict_body(json!({"name": {"foo": 1}})), Dialect::Strict);
    assert_eq!(keyword, ScimType::InvalidSyntax);
    assert!(detail.starts_with("name.foo is no attribute"), "{detail}");
}

/// C-08
#[test]
fn a_body_that_is_no_object_is_refused() {
    for body in [json!([]), json!("x"), json!(null), json!(1)] {
        assert_eq!(refused(body, Dialect::Tolerant).0, ScimType::InvalidSyntax);
    }
}

/// P-18: the value of one attribute, named as PATCH wants it; one element of a list on its own.
#[test]
fn one_value_is_read_as_in_a_body() {
    let user = custom();
    let quirks = &mut Quirks::default();
    let emails = user.attribute("emails").unwrap();
    let error = coerce(emails, json!([{"value": 5}]), "Emails", Dialect::Tolerant, quirks);
    assert_eq!(error.unwrap_err().detail, "Emails[0].value must be a text, not a number");
    let read = coerce(emails, json!({"value": "a"}), "emails", Dialect::Tolerant, quirks);
    assert_eq!(read, Ok(Some(json!([{"value": "a"}]))));
    let read = element(emails, json!("a"), "emails", Dialect::Tolerant, quirks);
    assert_eq!(read, Ok(Some(json!({"value": "a"}))));
    assert!(coerce(emails, json!({}), "emails", Dialect::Strict, quirks).is_err());
    let names: Vec<_> = quirks.iter().collect();
    assert_eq!(names, [Quirk::ScalarForList, Quirk::TextForComplex]);
}

fn stored(attributes: Value) -> Resource {
    Resource::from_canonical(serde_json::from_value(attributes).unwrap())
}

/// S-26, U-05, K-01, K-14, X-10
#[test]
fn required_attributes_must_be_there() {
    let user = custom();
    let group = resource_type("Group");
    let mut badged = user.clone();
    badged.extensions[0].required = true;
    let urn_missing = format!("{EE} is required");
    let cases = [
        (&user, json!({"userName": "a"}), None),
        (&user, json!({}), Some("userName is required")),
        (&user, json!({"userName": ""}), Some("userName is required")),
        (&user, json!({"userName": " "}), Some("userName is required")),
        (&user, json!({"userName": "a", "desk": {"floor": "1"}}), Some("desk.number is required")),
        (&user, json!({"userName": "a", "desk": {"number": "1"}}), None),
        (&group, json!({"members": []}), Some("displayName is required")),
        (&group, json!({"displayName": "x"}), None),
        (&badged, json!({"userName": "a"}), Some(urn_missing.as_str())),
        (&badged, json!({"userName": "a", EE: {"division": "x"}}), None),
    ];
    for (resource_type, attributes, expected) in cases {
        let result = required(resource_type, &stored(attributes.clone()));
        let expected = expected.map_or(Ok(()), |detail| Err(ScimError::invalid_value(detail)));
        assert_eq!(result, expected, "{attributes}");
    }
}

/// S-19, P-14: an extension is named when, and only when, it holds data.
#[test]
fn schemas_name_what_is_in_use() {
    let user = resource_type("User");
    let base = crate::scim::schema::USER_URN;
    assert_eq!(schemas(&user, &stored(json!({"userName": "a"}))), [base]);
    assert_eq!(schemas(&user, &stored(json!({EE: {}}))), [base]);
    assert_eq!(schemas(&user, &stored(json!({EE: {"division": "x"}}))), [base, EE]);
}

/// U-04
#[test]
fn immutable_values_stay() {
    let user = custom();
    let cases = [
        (json!({}), json!({"serial": "1"}), true),
        (json!({"serial": "1"}), json!({"serial": "1", "title": "x"}), true),
        (json!({"serial": "1"}), json!({"serial": "2"}), false),
        (json!({"serial": "1"}), json!({}), false),
        (json!({"desk": {"number": "1"}}), json!({"desk": {"number": "2", "floor": "3"}}), true),
        (json!({"desk": {"floor": "3"}}), json!({"desk": {"floor": "4"}}), false),
        (json!({"desk": {"floor": "3"}}), json!({}), false),
        (json!({"desk": {"number": "1"}}), json!({}), true),
    ];
    for (before, after, allowed) in cases {
        let result = immutable(&user, &stored(before.clone()), &stored(after.clone()));
        assert_eq!(result.is_ok(), allowed, "{before} -> {after}");
        if let Err(error) = result {
            assert_eq!((error.status, error.scim_type), (400, Some(ScimType::Mutability)));
        }
    }
    let members = |id: &str| stored(json!({"members": [{"value": id, "type": "User"}]}));
    assert_eq!(immutable(&resource_type("Group"), &members("a"), &members("b")), Ok(()));
}

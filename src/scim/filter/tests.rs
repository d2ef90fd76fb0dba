//! What filters mean and which are refused, row by row. How they are read: `parse/tests.rs`.

use std::sync::{Arc, LazyLock};

use serde_json::{Value, json};

use super::*;
use crate::scim::error::{ScimError, ScimType};

use crate::scim::resource::Resource;
use crate::scim::resource_type::{ResourceType, SchemaExtension};
use crate::scim::schema::{Registry, Schema};

/// Made once: the fuzz tests ask for it a million times.
pub(super) fn resource_type(name: &str) -> Arc<ResourceType> {
    static REGISTRY: LazyLock<Registry> = LazyLock::new(|| Registry::built_in().unwrap());
    Arc::clone(REGISTRY.resource_type(name).unwrap())
}

fn resource(attributes: Value) -> Resource {
    let Value::Object(attributes) = attributes else { panic!("a resource is an object") };
    Resource::from_canonical(attributes)
}

pub(super) fn ana() -> Resource {
    resource(json!({
        "schemas": [
            "urn:ietf:params:scim:schemas:core:2.0:User",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        ],
        "id": "2819c223-7F76",
        "externalId": "ExtAna",
        "userName": "Ana.Diaz@example.com",
        "name": { "givenName": "Ana", "familyName": "Díaz or and not ( [" },
        "displayName": "a\"b\\c/😀",
        "active": true,
        "emails": [
            { "value": "ana@work.example", "type": "work", "primary": true },
            { "value": "ana@home.example", "type": "home" },
        ],
        "groups": [{ "value": "g1", "$ref": "https://x/Groups/g1", "display": "Sales" }],
        "x509Certificates": [{ "value": "AQID" }],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
            "department": "Tax",
            "manager": { "value": "26118915" },
        },
        "meta": {
            "resourceType": "User",
            "created": "2026-03-01T10:00:00.5Z",
            "lastModified": "2026-03-02T10:00:00Z",
            "location": "https://x/Users/2819c223-7F76",
            "version": "W/\"aB\"",
        },
    }))
}

fn bind(filter: &str, resource_type: &ResourceType) -> Result<ResolvedFilter, ScimError> {
    Filter::parse(filter, FilterLimits::default())?.resolve(resource_type)
}

/// Whether the filter selects Ana.
#[track_caller]
fn check(filter: &str, expected: bool) {
    let bound = bind(filter, &resource_type("User")).unwrap();
    assert_eq!(bound.matches(&ana()), expected, "{filter}");
}

#[track_caller]
fn refused(filter: &str, detail: &str) {
    let error = bind(filter, &resource_type("User")).unwrap_err();
    assert_eq!((error.status, error.scim_type), (400, Some(ScimType::InvalidFilter)), "{filter}");
    assert!(error.detail.contains(detail), "{filter}: {}", error.detail);
}

/// F-01, F-02
#[test]
fn names_operators_and_keywords_ignore_case() {
    check("userName eq \"none\"", false);
    check("USERNAME Eq \"ana.diaz@example.com\" AND Active EQ TRUE", true);
    check("nAmE.GIVENNAME sW \"an\" aNd NOT (active eq False)", true);
    check("EMAILS[TYPE EQ \"home\" AND VALUE PR]", true);
}

/// F-03
#[test]
fn not_binds_before_and_before_or() {
    check("active eq true or active eq true and active eq false", true);
    check("(active eq true or active eq true) and active eq false", false);
    check("not (active eq true) and active eq false", false);
    check("not (active eq true and active eq false)", true);
}

/// F-04, K-01, K-02
#[test]
fn case_matters_where_the_schema_says_so() {
    for op in ["eq", "co", "sw", "ew", "ge", "le"] {
        check(&format!("userName {op} \"ANA.DIAZ@EXAMPLE.COM\""), true);
        check(&format!("active eq true and (userName {op} \"ANA.DIAZ@EXAMPLE.COM\")"), true);
    }
    check("userName ne \"ANA.diaz@example.com\"", false);
    check("userName gt \"ANA.diaz@example.co\"", true);
    check("emails[value eq \"ANA@WORK.EXAMPLE\"]", true);
    check("groups[value eq \"G1\"]", false);
    for path in ["externalId", "meta.version", "id"] {
        let value =
            json!({ "externalId": "extana", "meta.version": "W/\"ab\"", "id": "2819c223-7f76" });
        check(&format!("{path} eq {}", value[path]), false);
        check(&format!("{path} ne {}", value[path]), true);
    }
    check("externalId gt \"ExtAnA\"", true);
    check("externalId co \"tA\"", true);
    check("userName eq \"ａｎａ.diaz@example.com\"", true);
    check("name.familyName sw \"DI\u{301}AZ\"", true);
}

/// F-05
#[test]
fn text_operators() {
    for (op, value, expected) in [
        ("eq", "Ana", true),
        ("eq", "An", false),
        ("ne", "An", true),
        ("ne", "ana", false),
        ("co", "n", true),
        ("co", "x", false),
        ("sw", "an", true),
        ("sw", "na", false),
        ("ew", "na", true),
        ("ew", "an", false),
        ("sw", "ana", true),
        ("ew", "ana", true),
        ("co", "", true),
        ("sw", "", true),
        ("ew", "", true),
        ("gt", "ana", false),
        ("ge", "ana", true),
        ("lt", "anb", true),
        ("le", "an", false),
    ] {
        check(&format!("name.givenName {op} {}", json!(value)), expected);
    }
    check("title co \"\"", false);
}

/// F-06
#[test]
fn present_means_not_empty() {
    let user = resource_type("User");
    let title = |value: Value| resource(json!({ "title": value, "name": { "givenName": value } }));
    for (value, expected) in [(json!("x"), true), (json!(""), false), (json!(null), false)] {
        for path in ["title", "name", "name.givenName"] {
            let filter = bind(&format!("{path} pr"), &user).unwrap();
            assert_eq!(filter.matches(&title(value.clone())), expected, "{path} {value}");
        }
    }
    let emails = bind("emails pr", &user).unwrap();
    for (value, expected) in
        [(json!([]), false), (json!([{}]), false), (json!([{ "type": "work" }]), true)]
    {
        assert_eq!(emails.matches(&resource(json!({ "emails": value }))), expected, "{value}");
    }
    check("name pr", true);
    check("nickName pr", false);
    check("active pr", true);
    check("emails.display pr", false);
}

/// F-07
#[test]
fn dates_are_compared_as_instants() {
    check("meta.created eq \"2026-03-01T12:00:00.500+02:00\"", true);
    check("meta.created gt \"2026-03-01T11:59:00+02:00\"", true);
    check("meta.created lt \"2026-03-01T09:59:00-05:00\"", true);
    check("meta.created ge \"2026-03-01T10:00:00.5Z\"", true);
    check("meta.created le \"2026-03-01T10:00:00.4Z\"", false);
    check("meta.created gt \"2026-03-01T10:00:00\"", true);
    check("meta.lastModified ne \"2026-03-02T10:00:00.000Z\"", false);
    for op in ["gt", "ge", "lt", "le"] {
        refused(&format!("active {op} true"), "\"active\"");
        refused(&format!("x509Certificates.value {op} \"AQID\""), "\"x509Certificates.value\"");
    }
    check("x509Certificates.value eq \"AQID\"", true);
    check("x509Certificates.value eq \"aqid\"", false);
}

/// F-09
#[test]
fn values_and_operators_fit_the_type() {
    refused("active eq \"x\"", "\"active\" is true or false");
    refused("userName eq 5", "\"userName\" is text in double quotes");
    refused("userName eq true", "\"userName\"");
    refused("active co true", "operator co does not work on \"active\"");
    refused("meta.created eq \"yesterday\"", "\"meta.created\" is a date and time");
    refused("meta.created eq \"2026-03-01\"", "\"meta.created\"");
    refused("meta.created sw \"2026\"", "operator sw");
    refused("userName gt null", "null only by eq and ne");
    refused("emails[primary eq 1]", "\"primary\"");
    refused("userName[value eq \"x\"]", "has no elements");
    refused("name.givenName[value eq \"x\"]", "has no elements");
}

/// K-04, quirk of Entra: booleans as text.
#[test]
fn booleans_may_be_text() {
    check("emails[primary eq \"True\"]", true);
    check("active eq \"true\"", true);
    check("active eq \"False\"", false);
}

/// RFC 7643 section 2.4: an element without `primary` is not primary.
#[test]
fn absent_primary_counts_as_false() {
    check("emails[type eq \"home\" and primary eq false]", true);
    check("emails[type eq \"home\" and primary ne false]", false);
    check("emails[type eq \"work\" and primary eq false]", false);
    check("emails.primary eq false", true);
    check("emails[type eq \"home\" and primary pr]", false);
    check("phoneNumbers.primary eq false", false);
    check("phoneNumbers[primary eq false]", false);
}

/// F-10, F-24
#[test]
fn text_is_a_json_string() {
    check(r#"displayName eq "a\"b\\c\/\uD83D\uDE00""#, true);
    check(r#"displayName sw "\u0061\"""#, true);
    check("name.familyName ew \"or and not ( [\"", true);
}

/// F-12, F-13, F-14, F-15
#[test]
fn value_paths_ask_one_element() {
    check("emails.value eq \"ana@home.example\"", true);
    check("emails.type eq \"work\" and emails.value co \"home\"", true);
    check("emails[type eq \"work\" and value co \"home\"]", false);
    check("emails[type eq \"home\" and value co \"home\"]", true);
    check("emails[type eq \"other\" or (type eq \"home\" and value ew \".example\")]", true);
    check("emails[not (type eq \"work\")]", true);
    check("phoneNumbers[not (type eq \"work\")]", false);
    check("emails[type eq \"work\"].value eq \"ana@work.example\"", true);
    check("emails[type eq \"work\"].value eq \"ana@home.example\"", false);
    check("emails[type eq \"work\" or type eq \"home\"].value co \"home\"", true);
    check("emails[type eq \"work\"].display pr", false);
    check("name[givenName eq \"ana\" and familyName pr]", true);
    check("name[givenName eq \"bob\"]", false);
}

/// F-16
#[test]
fn complex_attributes_need_a_part() {
    check("emails co \"home.example\"", true);
    check("emails eq \"work\"", false);
    check("name pr", true);
    refused("name eq \"x\"", "\"name.formatted\"");
    check("manager eq \"26118915\"", true);
    refused("addresses eq \"x\"", "complex attribute");
}

/// F-17, F-18, F-19, F-28, S-02, N-11
#[test]
fn every_attribute_can_be_filtered() {
    const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    check(&format!("schemas eq \"{ENTERPRISE}\""), true);
    check("schemas eq \"urn:x\"", false);
    check(&format!("schemas[value eq \"{ENTERPRISE}\"]"), true);
    check("meta.resourceType eq \"User\"", true);
    check("meta.location ew \"/Users/2819c223-7F76\"", true);
    check("meta.version eq \"W/\\\"aB\\\"\"", true);
    check("id eq \"2819c223-7F76\" and externalId eq \"ExtAna\"", true);
    check(&format!("{ENTERPRISE}:manager.value eq \"26118915\""), true);
    check(&format!("{}:DEPARTMENT eq \"tax\"", ENTERPRISE.to_uppercase()), true);
    check("urn:ietf:params:scim:schemas:core:2.0:User:name.givenName eq \"ana\"", true);
    check("department eq \"Tax\"", true);
    check("manager.value eq \"26118915\"", true);
    check("groups.value eq \"g1\" and groups[$ref ew \"/g1\"] and groups.$ref pr", true);
    let team = resource(json!({ "members": [{ "value": "u1" }, { "value": "u2" }] }));
    for (filter, expected) in [
        ("members[value eq \"u2\"]", true),
        ("members.value eq \"u2\"", true),
        ("members eq \"u3\"", false),
    ] {
        let filter = bind(filter, &resource_type("Group")).unwrap();
        assert_eq!(filter.matches(&team), expected);
    }
}

/// N-11: a bare name that two extensions have names neither.
#[test]
fn ambiguous_bare_names_are_refused() {
    let mut user = ResourceType::clone(&resource_type("User"));
    let schema =
        Schema { id: "urn:example:2.0:User".into(), ..Schema::clone(&user.extensions[0].schema) };
    user.extensions.push(SchemaExtension { schema: Arc::new(schema), required: false });
    assert!(bind("department eq \"Tax\"", &user).is_err());
    let filter = bind("urn:example:2.0:User:department eq \"Tax\"", &user).unwrap();
    assert!(!filter.matches(&ana()));
}

/// F-20, F-21: Ana has two emails, of which one differs from any value, and no title.
#[test]
fn unassigned_and_null() {
    check("title eq null", true);
    check("title ne null", false);
    check("userName eq null", false);
    check("userName ne null", true);
    check("name eq null", false);
    check("emails[display eq null]", true);
    check("title eq \"a\"", false);
    check("title ne \"a\"", true);
    check("not (title eq \"a\")", true);
    check("not (title ne \"a\")", false);
    check("emails.value ne \"ana@work.example\"", true);
    check("not (emails.value eq \"ana@work.example\")", false);
    check("groups.value ne \"g1\"", false);
    check("phoneNumbers.value ne \"1\"", true);
    check("phoneNumbers[value ne \"1\"]", false);
}

/// F-23, S-02
#[test]
fn unknown_names_are_refused_with_the_nearest() {
    refused("usrName eq \"x\"", "did you mean \"userName\"?");
    refused("name.givenNam eq \"x\"", "did you mean \"name.givenName\"?");
    refused(
        "departmnt pr",
        "did you mean \"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department\"?",
    );
    refused("emails[typ eq \"x\"]", "emails has no attribute \"typ\"; did you mean \"type\"?");
    refused("foo eq \"x\"", "\"foo\"; /Schemas lists");
    refused("userName.foo pr", "userName.foo");
    refused("urn:ietf:params:scim:schemas:core:2.0:Group:members pr", "Group:members");
    refused("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User pr", "is an extension");
    refused("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:userName pr", "userName");
    refused("1abc pr", "character 1");
}

/// K-06
#[test]
fn passwords_are_not_filtered() {
    for test in ["sw \"a\"", "eq \"a\"", "pr", "ne null", "eq null"] {
        refused(&format!("password {test}"), "\"password\"");
        refused(&format!("active eq true or not (PASSWORD {test})"), "\"password\"");
        refused(&format!("urn:ietf:params:scim:schemas:core:2.0:User:password {test}"), "password");
    }
}

/// P-28: what an element must hold that the filter would select.
#[test]
fn eq_terms_keep_the_spelling() {
    let terms = |filter: &str| {
        let bound = bind(filter, &resource_type("User")).unwrap();
        let ResolvedFilter::Element { filter, .. } = bound else { panic!("brackets") };
        let terms = filter.eq_terms()?;
        Some(terms.into_iter().map(|(it, value)| (it.name.clone(), value)).collect::<Vec<_>>())
    };
    let work = ("type".to_owned(), json!("Work"));
    let primary = ("primary".to_owned(), json!(true));
    assert_eq!(terms("emails[TYPE eq \"Work\"]"), Some(vec![work.clone()]));
    for filter in [
        "emails[type eq \"Work\" and primary eq \"True\"]",
        "emails[(type eq \"Work\") and (primary eq true)]",
    ] {
        assert_eq!(terms(filter), Some(vec![work.clone(), primary.clone()]));
    }
    for filter in [
        "type ne \"work\"",
        "type eq \"work\" or value pr",
        "type pr",
        "not (type eq \"a\")",
        "type eq null",
    ] {
        assert_eq!(terms(&format!("emails[{filter}]")), None, "{filter}");
    }
}

/// Elements of a list of simple values are called `value`.
#[test]
fn simple_elements_are_called_value() {
    let Ok(ResolvedFilter::Element { filter, .. }) =
        bind("schemas[value sw \"urn:a\"]", &resource_type("User"))
    else {
        panic!("brackets")
    };
    assert!(filter.matches_value(&json!("urn:a:b")));
    assert!(!filter.matches_value(&json!("urn:b")));
    assert!(!filter.matches_value(&Value::Null));
}

/// The deepest filter that `filter_depth` may allow fits the stack of a worker, in a debug build too.
#[test]
fn the_deepest_filter_fits_the_stack() {
    let limits = FilterLimits { length: 10_000, depth: 500 };
    let text = format!("{}title pr{}", "not (".repeat(499), ")".repeat(499));
    let filter = Filter::parse(&text, limits).unwrap();
    let resource = Resource::from_canonical(serde_json::Map::new());
    assert!(filter.resolve(&resource_type("User")).unwrap().matches(&resource));
    assert!(!filter.to_string().is_empty());
}

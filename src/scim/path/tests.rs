use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::scim::compare::{Key, sort_key};
use crate::scim::error::{ScimError, ScimType};
use crate::scim::filter::FilterLimits;
use crate::scim::schema::{Registry, Schema};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const CORE: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

fn user() -> Arc<ResourceType> {
    Arc::clone(Registry::built_in().unwrap().resource_type("User").unwrap())
}

fn named(text: &str) -> Option<Named> {
    AttributePath::parse(text)?.resolve(&user())
}

fn path(text: &str) -> ResolvedPath {
    match named(text) {
        Some(Named::Attribute(path)) => path,
        other => panic!("{text}: {other:?}"),
    }
}

fn resource(attributes: Value) -> Resource {
    let Value::Object(attributes) = attributes else { panic!("a resource is an object") };
    Resource::from_canonical(attributes)
}

/// N-09, N-11, S-01, S-02
#[test]
fn paths_resolve_in_any_case_and_print_in_canonical_notation() {
    let department = format!("{ENTERPRISE}:department");
    let manager = format!("{ENTERPRISE}:manager.$ref");
    for (text, canonical) in [
        ("USERNAME", "userName"),
        ("Name.GIVENNAME", "name.givenName"),
        ("groups.$REF", "groups.$ref"),
        ("META.created", "meta.created"),
        (&format!("{}:NAME.givenname", CORE.to_uppercase()), "name.givenName"),
        (&format!("{CORE}:externalId"), "externalId"),
        (&department, &department),
        (&department.to_uppercase(), &department),
        ("Department", &department),
        ("manager.$ref", &manager),
    ] {
        assert_eq!(path(text).to_string(), canonical);
    }
    let extension = Some(Named::Extension(ENTERPRISE.to_owned()));
    assert_eq!(named(ENTERPRISE), extension);
    assert_eq!(named(&ENTERPRISE.to_lowercase()), extension);
}

/// N-09: where one URN begins another, the longer one counts.
#[test]
fn the_longest_urn_wins() {
    let mut user = ResourceType::clone(&user());
    let extension = user.extensions[0].clone();
    let id = format!("{ENTERPRISE}:manager");
    let schema = Schema { id: id.clone(), ..Schema::clone(&extension.schema) };
    user.extensions.push(SchemaExtension { schema: Arc::new(schema), ..extension });
    let resolve = |text: &str| AttributePath::parse(text).unwrap().resolve(&user);
    assert_eq!(resolve(&id), Some(Named::Extension(id.clone())));
    let text = format!("{id}:department");
    let Some(Named::Attribute(found)) = resolve(&text) else { panic!("{text} is known") };
    assert_eq!(found.to_string(), text);
}

/// P-06
#[test]
fn other_names_are_unknown() {
    for text in [
        "foo",
        "userName.value",
        "name.foo",
        CORE,
        "urn:ietf:params:scim:schemas:core:2.0:Group:members",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:Users:department",
        &format!("{CORE}:department"),
        &format!("{ENTERPRISE}:userName"),
    ] {
        assert_eq!(named(text), None, "{text}");
    }
}

/// F-16: what stands for an attribute in a comparison.
#[test]
fn complex_attributes_are_compared_by_value() {
    let comparable = |text: &str| path(text).comparable().map(|path| path.to_string());
    assert_eq!(comparable("emails").as_deref(), Some("emails.value"));
    assert_eq!(comparable("emails.type").as_deref(), Some("emails.type"));
    assert_eq!(comparable("userName").as_deref(), Some("userName"));
    assert_eq!(comparable("schemas").as_deref(), Some("schemas"));
    assert_eq!(comparable("name"), None);
    let manager = Some(format!("{ENTERPRISE}:manager.value"));
    assert_eq!(comparable("manager"), manager);
    assert_eq!(comparable("addresses"), None);
}

#[test]
fn values_are_flat() {
    let user = resource(json!({
        "schemas": ["a", "b"],
        "userName": "ana",
        "name": { "givenName": "Ana" },
        "emails": [{ "value": "x", "type": "work" }, { "value": "y" }],
        ENTERPRISE: { "department": "Tax", "manager": { "value": "1" } },
    }));
    for (text, values) in [
        ("schemas", json!(["a", "b"])),
        ("userName", json!(["ana"])),
        ("name.givenName", json!(["Ana"])),
        ("name.familyName", json!([])),
        ("emails.value", json!(["x", "y"])),
        ("emails.type", json!(["work"])),
        ("phoneNumbers.value", json!([])),
        ("department", json!(["Tax"])),
        ("manager.value", json!(["1"])),
    ] {
        let found: Vec<Value> = path(text).values(&user).into_iter().cloned().collect();
        assert_eq!(Value::from(found), values, "{text}");
    }
}

/// O-03, O-04, O-05
#[test]
fn sorting_uses_the_primary_or_first_value() {
    let emails = |emails: Value| resource(json!({ "emails": emails, "title": "ÄB" }));
    let text = |text: &str| Some(Key::Text(text.to_owned()));
    let second = emails(json!([{ "value": "a" }, { "value": "B", "primary": true }]));
    let first = emails(json!([{ "value": "C" }, { "value": "d" }]));
    assert_eq!(sort_key(&path("emails"), &second), text("b"));
    assert_eq!(sort_key(&path("emails.value"), &first), text("c"));
    assert_eq!(sort_key(&path("emails"), &emails(json!([]))), None);
    assert_eq!(sort_key(&path("title"), &first), text("äb"));
    assert_eq!(sort_key(&path("name"), &resource(json!({ "name": { "formatted": "x" } }))), None);
}

fn patch_path(text: &str) -> Result<PatchPath, ScimError> {
    PatchPath::parse(text, FilterLimits::default())
}

#[track_caller]
fn refused<T: std::fmt::Debug>(result: Result<T, ScimError>, keyword: ScimType, detail: &str) {
    let error = result.unwrap_err();
    assert_eq!((error.status, error.scim_type), (400, Some(keyword)), "{error}");
    assert!(error.detail.contains(detail), "{error}");
}

/// P-05
#[test]
fn patch_paths_are_read() {
    let parts = |text: &str| {
        let path = patch_path(text).unwrap();
        let filter = path.filter.map(|filter| filter.to_string());
        (path.attribute.0, filter, path.sub_attribute)
    };
    let owned = |text: &str| Some(text.to_owned());
    assert_eq!(parts("name.givenName"), ("name.givenName".to_owned(), None, None));
    assert_eq!(parts(ENTERPRISE), (ENTERPRISE.to_owned(), None, None));
    let (attribute, filter, sub) = parts("emails[type eq \"]\\\"[\" and value pr].display");
    assert_eq!(attribute, "emails");
    assert_eq!(filter, owned("type eq \"]\\\"[\" and value pr"));
    assert_eq!(sub, owned("display"));
    let (attribute, filter, sub) = parts(&format!("{CORE}:emails[not (type eq \"work\")]"));
    assert_eq!((attribute, filter), (format!("{CORE}:emails"), owned("not (type eq \"work\")")));
    assert_eq!(sub, None);
}

/// P-05
#[test]
fn malformed_patch_paths_are_refused() {
    for text in [
        "",
        " ",
        "emails[",
        ".name",
        "name.",
        "a b",
        "/x",
        "emails[0]",
        "emails[]",
        "emails]",
        "[type eq \"work\"]",
        "emails[type eq \"work]",
        "emails[type pr]value",
        "emails[type pr].",
        "emails[type pr].a.b",
        "emails[type pr].a b",
        "emails[type pr][value pr]",
        "a.b.c",
        "é",
        "urn:",
        "emails[type pr].urn:a",
        "name..givenName",
    ] {
        refused(patch_path(text), ScimType::InvalidPath, "malformed");
    }
    let limits = FilterLimits { length: 5, depth: 1 };
    refused(PatchPath::parse("userName", limits), ScimType::InvalidPath, "5 bytes");
}

/// P-07
#[test]
fn bad_filters_in_patch_paths_are_refused_as_filters() {
    for (text, detail) in [
        ("emails[type xx \"w\"]", "character 13: expected an operator"),
        ("emails[type eq work]", "character 16"),
        ("emails[a[b pr]]", "character 9: expected an operator; brackets do not nest"),
        ("emails[(type pr]", "character 16"),
    ] {
        refused(patch_path(text), ScimType::InvalidFilter, detail);
    }
}

/// P-05, P-06
#[test]
fn patch_paths_are_bound() {
    let bind = |text: &str| patch_path(text)?.resolve(&user());
    let shown = |text: &str| match bind(text).unwrap() {
        PatchTarget::Extension(urn) => (urn, false),
        PatchTarget::Attribute { path, filter } => (path.to_string(), filter.is_some()),
    };
    assert_eq!(shown(&ENTERPRISE.to_uppercase()), (ENTERPRISE.to_owned(), false));
    assert_eq!(shown("NAME.givenname"), ("name.givenName".to_owned(), false));
    assert_eq!(shown("Emails[TYPE eq \"work\"].VALUE"), ("emails.value".to_owned(), true));
    assert_eq!(shown("emails[primary eq \"True\"]"), ("emails".to_owned(), true));
    assert_eq!(shown("schemas[value eq \"urn:a\"]"), ("schemas".to_owned(), true));
    assert_eq!(shown("department"), (format!("{ENTERPRISE}:department"), false));

    let invalid_path =
        |text: &str, detail: &str| refused(bind(text), ScimType::InvalidPath, detail);
    invalid_path("foo", "\"foo\"");
    invalid_path("nickname.x", "nickname.x");
    invalid_path("emals[type eq \"work\"]", "did you mean \"emails\"?");
    invalid_path("emails[type eq \"work\"].valu", "did you mean \"value\"?");
    invalid_path("userName[value eq \"x\"]", "\"userName\" is none");
    invalid_path("name[givenName eq \"x\"]", "\"name\" is none");
    invalid_path("emails.value[value eq \"x\"]", "\"emails.value\" is none");
    invalid_path(&format!("{ENTERPRISE}[department pr]"), "is none");
    refused(bind("emails[foo eq \"x\"]"), ScimType::InvalidFilter, "\"foo\"");
    refused(bind("emails[primary gt true]"), ScimType::InvalidFilter, "\"primary\"");
    refused(bind("schemas[foo eq \"x\"]"), ScimType::InvalidFilter, "\"foo\"");
}

/// The work of a suggestion is bounded, and the detail does not echo a page of text.
#[test]
fn long_names_are_shortened_in_the_detail() {
    let long = "a".repeat(8000);
    let detail = AttributePath::parse(&long).unwrap().unknown(&user());
    assert!(detail.len() < 250, "{detail}");
}

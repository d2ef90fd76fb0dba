//! Each rewrite on the payload of the client it exists for.

use std::fs;
use std::path::Path;

use super::*;
use crate::scim::patch::{RelationChange, partition};

fn fixture(name: &str) -> Value {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/clients");
    let text = fs::read_to_string(folder.join(name).with_extension("json")).unwrap();
    let text = text.replace("{{user1}}", "u1").replace("{{user2}}", "u2");
    serde_json::from_str(&text.replace("{{group1}}", "g1").replace("{{group2}}", "g2")).unwrap()
}

fn check_fixture(name: &str, before: Value, expected: Value, quirks: &[Quirk]) {
    let fixture = fixture(name);
    let (after, found) = patched("User", before, &fixture["body"], Tolerant).unwrap();
    assert_eq!(after, expected, "{name}");
    assert_eq!(found, quirks, "{name}");
}

fn manager(id: &str) -> Value {
    json!({ENTERPRISE: {"manager": {"value": id}}})
}

#[test]
fn entra_old_style() {
    check_fixture(
        "entra/patch-old-style",
        json!({
            "displayName": "Ana", "emails": [{"type": "work", "value": "ana@contoso.example", "primary": true}],
            "phoneNumbers": [{"type": "work", "value": "555-0100"}],
        }),
        json!({
            "displayName": "Ana D.",
            "emails": [{"type": "work", "value": "ana.d@contoso.example", "primary": true}],
            "phoneNumbers": [{"type": "work", "value": "555-0100"}, {"type": "mobile", "value": "555-0199"}],
            "name": {"givenName": "Ana"},
            "addresses": [
                {"type": "work", "country": "IE", "locality": "Cork"},
                {"type": "other", "formatted": "Room 4"},
            ],
            "externalId": "ana.d",
            ENTERPRISE: {"department": "Legal"},
        }),
        &[Quirk::CapitalisedOp, Quirk::ReplaceWithoutMatch],
    );
}

#[test]
fn entra_with_the_flag() {
    check_fixture(
        "entra/patch-aadoptscim062020",
        json!({"emails": [{"type": "work", "value": "x@contoso.example"}], ENTERPRISE: {"department": "Legal"}}),
        json!({
            "emails": [{"type": "work", "value": "ana.d@contoso.example"}],
            ENTERPRISE: {"department": "Legal", "employeeNumber": "000124"},
            "displayName": "Ana D.", "name": {"givenName": "Ana", "familyName": "D."},
        }),
        &[Quirk::DottedKey, Quirk::QualifiedKey],
    );
    check_fixture(
        "entra/patch-add-merged",
        json!({}),
        json!({"name": {"givenName": "Ana", "formatted": "Ana Díaz"}, ENTERPRISE: {"costCenter": "4130"}}),
        &[Quirk::DottedKey, Quirk::QualifiedKey],
    );
    check_fixture(
        "entra/patch-filter-keys",
        json!({}),
        json!({"displayName": "Ana D.", "addresses": [{"type": "work", "locality": "Cork", "country": "IE"}]}),
        &[Quirk::FilterPathAsKey, Quirk::ReplaceWithoutMatch],
    );
}

/// P-22: the strict dialect knows no paths as keys.
#[test]
fn strict_refuses_paths_as_keys() {
    for name in ["entra/patch-add-merged", "entra/patch-filter-keys", "commander/update-user"] {
        let error = patched("User", json!({}), &fixture(name)["body"], Strict).unwrap_err();
        assert_eq!(error.scim_type, Some(ScimType::InvalidPath), "{name}");
    }
    let nested = json!([{"op": "add", "value": {ENTERPRISE: {"manager.value": "u1"}}}]);
    check_refused_by(Strict, json!({}), nested.clone(), ScimType::InvalidPath, "manager.value");
    check_quirk(json!({}), nested, manager("u1"), &[Quirk::DottedKey]);
    let echo = json!([{"op": "add", "path": ENTERPRISE, "value": {"manager.displayName": "M"}}]);
    check_quirk(json!({}), echo, json!({}), &[Quirk::DottedKey]);
}

#[test]
fn entra_unknown_and_core_qualified_attributes() {
    let after = json!({"title": "Lead"});
    let quirks = [Quirk::CapitalisedOp, Quirk::UnknownAttribute];
    check_fixture("entra/patch-custom-extension", json!({}), after.clone(), &quirks);
    check_fixture("entra/patch-core-urn", json!({}), after, &quirks);
}

/// P-18
#[test]
fn booleans_as_text() {
    let quirks = [Quirk::CapitalisedOp, Quirk::BooleanAsText];
    for (name, before, after) in [
        ("entra/disable-user-old-style", true, false),
        ("entra/enable-user-old-style", false, true),
        ("commander/lock-user", true, false),
    ] {
        check_fixture(name, json!({"active": before}), json!({"active": after}), &quirks);
    }
}

#[test]
fn lifecycle_without_quirks() {
    for (name, active) in [
        ("entra/disable-user", false),
        ("okta/deactivate", false),
        ("okta/activate", true),
        ("sailpoint/enable-user", true),
        ("sailpoint/disable-user", false),
        ("onelogin/disable-user", false),
        ("google/disable-user", false),
    ] {
        check_fixture(name, json!({"active": !active}), json!({"active": active}), &[]);
    }
}

/// P-18: what Entra makes of a manager.
#[test]
fn managers_in_every_form() {
    use Quirk::{CapitalisedOp, EmptyText, ListForScalar, TextForComplex, UnqualifiedExtension};
    let old =
        json!({ENTERPRISE: {"manager": {"value": "u9", "$ref": "https://x.example/Users/u9"}}});
    let reference = "https://scim.contoso.example/Users/u2";
    let array = json!({ENTERPRISE: {"manager": {"$ref": reference, "value": "u2"}}});
    for (name, after, quirks) in [
        ("manager-add-array", array, &[CapitalisedOp, UnqualifiedExtension, ListForScalar][..]),
        ("manager-add-string", manager("u2"), &[CapitalisedOp, TextForComplex]),
        ("manager-add-object", manager("u2"), &[]),
        ("manager-clear-string", json!({}), &[CapitalisedOp, EmptyText]),
        ("manager-clear-object", json!({}), &[EmptyText]),
    ] {
        let name = format!("entra/{name}");
        check_fixture(&name, old.clone(), after.clone(), quirks);
        check_fixture(&name, json!({}), after, quirks);
    }
    let same =
        json!([{"op": "replace", "path": format!("{ENTERPRISE}:manager.value"), "value": "u9"}]);
    check(old.clone(), same, old.clone());
    let echo = json!([{"op": "replace", "value": {ENTERPRISE: {"manager": {"displayName": "M"}}}}]);
    check(old.clone(), echo, old.clone());
    let part =
        json!([{"op": "replace", "path": format!("{ENTERPRISE}:manager.value"), "value": "u2"}]);
    check(old, part, manager("u2"));
}

#[test]
fn roles_in_every_form() {
    check_fixture(
        "entra/roles-json-in-value",
        json!({}),
        json!({"roles": [{"value": "Admin", "display": "Admin"}]}),
        &[Quirk::CapitalisedOp, Quirk::JsonInValue],
    );
    check_fixture(
        "entra/roles-complex",
        json!({"roles": [{"value": "Old"}]}),
        json!({"roles": [{
            "primary": false, "type": "WindowsAzureActiveDirectoryRole", "display": "User", "value": "User",
        }]}),
        &[],
    );
    check_fixture(
        "entra/roles-primary-text",
        json!({}),
        json!({"roles": [{"primary": true, "value": "Admin", "display": "Administrator"}]}),
        &[Quirk::CapitalisedOp, Quirk::ReplaceWithoutMatch],
    );
    let json_text = "{\"value\":\"Admin\"}";
    let part = json!([{"op": "add", "path": "roles[primary eq true].value", "value": json_text}]);
    let after = json!({"roles": [{"primary": true, "value": "Admin"}]});
    check_quirk(json!({}), part, after, &[Quirk::JsonInValue]);
    let remove = json!([{"op": "remove", "path": "roles", "value": [{"value": json_text}]}]);
    let quirks = [Quirk::ValueOnRemove, Quirk::JsonInValue];
    check_quirk(json!({"roles": [{"value": "Admin"}]}), remove, json!({}), &quirks);
    let strict = json!([{"op": "add", "path": "roles", "value": [{"value": json_text}]}]);
    let (kept, _) = patched("User", json!({}), &envelope(&strict), Strict).unwrap();
    assert_eq!(kept, json!({"roles": [{"value": json_text}]}));
    for text in ["{not json", "{\"display\":\"x\"}", "{\"value\":7}", "[\"value\"]"] {
        let roles = json!([{"value": text}]);
        let plain = json!([{"op": "add", "path": "roles", "value": roles}]);
        check(json!({}), plain, json!({"roles": roles}));
    }
}

#[test]
fn entra_clears_values() {
    check_fixture(
        "entra/null-update",
        json!({"title": "x", "nickName": "n", "preferredLanguage": "en", "locale": "de-DE", "active": true}),
        json!({"active": true}),
        &[Quirk::CapitalisedOp, Quirk::EmptyText],
    );
    let before = json!({"displayName": "Ines", "active": true});
    check_fixture(
        "commander/clear-display-name",
        before,
        json!({"active": true}),
        &[Quirk::EmptyText],
    );
}

#[test]
fn a_scalar_in_an_array() {
    check_fixture(
        "entra/scalar-in-array",
        json!({}),
        json!({"displayName": "Ana D."}),
        &[Quirk::CapitalisedOp, Quirk::ListForScalar, Quirk::ComplexForText],
    );
}

#[test]
fn dotted_keys_of_commander_and_the_google_bridge() {
    let name = json!({"givenName": "Ines", "familyName": "R."});
    check_fixture(
        "commander/update-user",
        json!({"name": name}),
        json!({
            "name": {"givenName": "Ines", "familyName": "Roth-Kern"},
            "externalId": "104455667788990011223", "displayName": "Ines Roth-Kern", "active": true,
        }),
        &[Quirk::DottedKey],
    );
    check_fixture(
        "ksm-google/update-user",
        json!({}),
        json!({"displayName": "Lea Sand-Holm", "name": {"familyName": "Sand-Holm"}, "active": true}),
        &[Quirk::DottedKey],
    );
}

#[test]
fn a_semicolon_behind_a_urn() {
    let quirks = [Quirk::StraySemicolon];
    let after = json!({ENTERPRISE: {"department": "R&D"}});
    for operation in [
        json!({"op": "add", "path": format!("{ENTERPRISE};:department"), "value": "R&D"}),
        json!({"op": "add", "path": format!("{ENTERPRISE};"), "value": {"department": "R&D"}}),
        json!({"op": "add", "value": {format!("{ENTERPRISE};"): {"department": "R&D"}}}),
    ] {
        check_quirk(json!({}), json!([operation]), after.clone(), &quirks);
    }
    let core = "urn:ietf:params:scim:schemas:core:2.0:User";
    let path = format!("{core}:phoneNumbers[value eq \"a;:b\"].type");
    let in_text = json!([{"op": "add", "path": path, "value": "work"}]);
    check(json!({}), in_text, json!({"phoneNumbers": [{"value": "a;:b", "type": "work"}]}));
}

/// P-37 and K5: memberships from both sides.
#[test]
fn memberships() {
    use RelationChange::{Add, Remove, Replace};
    let u = |ids: &[&str]| ids.iter().map(|&id| id.to_owned()).collect::<Vec<_>>();
    for (name, expected) in [
        ("entra/add-members-old-style", vec![Add(u(&["u1", "u2"]))]),
        ("entra/remove-members-with-value", vec![Remove(u(&["u1"]))]),
        ("entra/remove-member-with-object", vec![Remove(u(&["u1"]))]),
        ("entra/remove-member-by-filter", vec![Remove(u(&["u1"]))]),
        ("entra/replace-members", vec![Replace(u(&["u2"]))]),
        ("okta/change-members", vec![Remove(u(&["u1"])), Add(u(&["u2"]))]),
        ("okta/replace-members", vec![Replace(u(&["u1", "u2"]))]),
        ("onelogin/add-members", vec![Add(u(&["u1"]))]),
        ("onelogin/remove-members-with-value", vec![Remove(u(&["u1"]))]),
        ("jumpcloud/change-members", vec![Add(u(&["u2"])), Remove(u(&["u1"]))]),
        ("commander/push-user-groups", vec![Add(u(&["g1"])), Remove(u(&["g2"]))]),
        ("ksm-google/add-user-groups", vec![Add(u(&["g1", "g2"]))]),
        ("ksm-google/remove-user-groups", vec![Remove(u(&["g1"]))]),
        ("sailpoint/add-entitlement", vec![Add(u(&["g1"]))]),
    ] {
        let fixture = fixture(name);
        let on_users = fixture["path"].as_str().unwrap().starts_with("/Users");
        let resource_type = resource_type(if on_users { "User" } else { "Group" });
        let mut quirks = Quirks::default();
        let operations = resolved(&resource_type, &fixture["body"], Tolerant, &mut quirks).unwrap();
        let (rest, relations) =
            partition(operations, |name| matches!(name, "members" | "groups")).unwrap();
        assert_eq!(rest, [], "{name}");
        let changes: Vec<_> = relations.into_iter().map(|relation| relation.change).collect();
        assert_eq!(changes, expected, "{name}");
    }
}

/// P-10: Okta repeats the id; the others send what they mean.
#[test]
fn groups_are_renamed() {
    for (name, display_name) in [
        ("okta/rename-group", "Payroll EU"),
        ("entra/rename-group", "Sales EMEA"),
        ("entra/rename-group-old-style", "Sales EMEA"),
        ("commander/update-group", "Payroll EU"),
        ("ksm-google/update-group", "Drivers EU"),
    ] {
        let before = json!({"id": "g1", "displayName": "Old"});
        let (after, _) = patched("Group", before, &fixture(name)["body"], Tolerant).unwrap();
        assert_eq!(after["displayName"], display_name, "{name}");
        assert_eq!(after["id"], "g1", "{name}");
    }
}

/// Every recorded request is complete, and every recorded PATCH can be read.
#[test]
fn every_fixture_is_well_formed() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/clients");
    let mut patches = 0;
    for client in fs::read_dir(folder).unwrap().map(Result::unwrap).filter(|it| it.path().is_dir())
    {
        for file in fs::read_dir(client.path()).unwrap() {
            let path = file.unwrap().path();
            let name = path.strip_prefix(client.path().parent().unwrap()).unwrap();
            let fixture = fixture(name.to_str().unwrap());
            for key in ["description", "method", "path", "status"] {
                assert!(!fixture[key].is_null(), "{name:?} has no {key}");
            }
            if fixture["method"] == "PATCH" {
                let on_users = fixture["path"].as_str().unwrap().starts_with("/Users");
                let resource_type = resource_type(if on_users { "User" } else { "Group" });
                let mut quirks = Quirks::default();
                resolved(&resource_type, &fixture["body"], Tolerant, &mut quirks).unwrap();
                patches += 1;
            }
        }
    }
    assert!(patches > 40, "only {patches} recorded PATCH requests were found");
}

//! The account is an e-mail address (K1), and `emails` mirrors `userName` (K2): one value, two names.
//! An update of either changes the other.

use serde_json::{Map, Value, json};

use crate::scim::error::ScimError;
use crate::scim::resource::Resource;

/// Longest address that mail can carry (RFC 5321 section 4.5.3.1.3, without the brackets).
const LONGEST: usize = 254;

/// Checks that a userName is an e-mail address (K1). Odd but deliverable ones pass: refusing them would
/// stop provisioning.
///
/// # Errors
/// 400 `invalidValue`.
pub fn check_address(user_name: &str) -> Result<(), ScimError> {
    let is_address = user_name.len() <= LONGEST
        && !user_name.chars().any(|c| c.is_whitespace() || c.is_control())
        && user_name
            .rsplit_once('@')
            .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty());
    if is_address {
        return Ok(());
    }
    Err(ScimError::invalid_value(format!(
        "userName must be an e-mail address, as it is the account (and so must the work address in \
         emails): {user_name:?} is none"
    )))
}

/// The only e-mail address a user has, as it is sent (K2).
pub fn emails(user_name: &str) -> Value {
    json!([{ "value": user_name, "type": "work", "primary": true }])
}

/// Makes a created user's two names one: userName wins, a work address alone becomes the userName.
pub fn mirror_created(resource: &mut Resource) {
    if resource.text("userName").is_none()
        && let Some(address) = addresses(resource).pop()
    {
        resource.set("userName", address);
    }
    mirror(resource);
}

/// Makes a replaced user's two names one: the one that differs from what is stored wins, and userName
/// when both do.
pub fn mirror_replaced(resource: &mut Resource, stored: &str) {
    if resource.text("userName") == Some(stored)
        && let Some(address) = changed_address(resource, stored)
    {
        resource.set("userName", address);
    }
    mirror(resource);
}

/// Makes the two names one after one PATCH operation: whichever the operation changed wins, so the last
/// of several operations does. Addresses of another type than work, and removals, change nothing.
pub fn mirror_patched(resource: &mut Resource, before: &str) {
    mirror_replaced(resource, before);
}

/// The display name follows the address while it was never given, or is the address (Keeper shows the
/// e-mail address then). An empty one that a client sent stays empty.
pub fn default_display_name(resource: &mut Resource, before: Option<&str>) {
    let follows = match resource.text("displayName") {
        None => true,
        Some(display) => before == Some(display),
    };
    if follows && let Some(user_name) = resource.text("userName").map(str::to_owned) {
        resource.set("displayName", user_name);
    }
}

/// An empty name that a client sends is kept and sent back. Commander compares what it gets with what it
/// has, and would send the empty names again at every push if it got something else. Takes the attribute
/// and the sub-attribute that were emptied.
pub fn keep_empty_name(resource: &mut Resource, attribute: &str, sub_attribute: Option<&str>) {
    match (attribute, sub_attribute) {
        ("displayName", None) => resource.set("displayName", ""),
        ("name", Some(part @ ("givenName" | "familyName"))) => {
            let name = resource.attributes_mut().entry("name").or_insert_with(|| json!({}));
            if let Some(name) = name.as_object_mut() {
                name.insert(part.to_owned(), Value::from(""));
            }
        }
        _ => {}
    }
}

/// `name` is always an object (Keeper's clients read its parts without looking whether it is there).
pub fn default_name(resource: &mut Resource) {
    if resource.get("name").is_none() {
        resource.set("name", Map::new());
    }
}

fn mirror(resource: &mut Resource) {
    match resource.text("userName").map(emails) {
        Some(emails) => resource.set("emails", emails),
        None => drop(resource.remove("emails")),
    }
}

/// The address that is not the stored one; the last of several.
fn changed_address(resource: &Resource, stored: &str) -> Option<String> {
    addresses(resource).into_iter().rfind(|address| address != stored)
}

/// The addresses that can be the account's: of type work, or of no type.
fn addresses(resource: &Resource) -> Vec<String> {
    let elements = resource.get("emails").and_then(Value::as_array);
    let is_account = |element: &&Value| {
        element.get("type").and_then(Value::as_str).is_none_or(|t| t.eq_ignore_ascii_case("work"))
    };
    let value = |element: &Value| element.get("value").and_then(Value::as_str).map(str::to_owned);
    elements.into_iter().flatten().filter(is_account).filter_map(value).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(value: Value) -> Resource {
        match value {
            Value::Object(map) => Resource::from_canonical(map),
            other => panic!("{other}"),
        }
    }

    #[track_caller]
    fn check(resource: &Resource, user_name: &str) {
        assert_eq!(resource.text("userName"), Some(user_name));
        assert_eq!(resource.get("emails"), Some(&emails(user_name)));
    }

    #[test]
    fn k1_a_user_name_is_an_address() {
        for good in ["a@b", "bob+x@y.example", "\"odd\"@x.example", "ä@ü.example", "a@b@c.example"]
        {
            assert_eq!(check_address(good), Ok(()), "{good}");
        }
        for bad in ["", "bob", "@x.example", "bob@", "a b@x.example", "a@x\n", &"a".repeat(255)] {
            assert!(check_address(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn k2_on_create_user_name_wins_and_a_work_address_alone_is_the_account() {
        let work = |value: &str| json!([{ "value": value, "type": "Work" }]);
        let mut both = user(json!({ "userName": "a@x.example", "emails": work("b@x.example") }));
        mirror_created(&mut both);
        check(&both, "a@x.example");
        let mut alone = user(json!({ "emails": work("b@x.example") }));
        mirror_created(&mut alone);
        check(&alone, "b@x.example");
        let mut home = user(json!({ "emails": [{ "value": "h@x.example", "type": "home" }] }));
        mirror_created(&mut home);
        assert_eq!((home.text("userName"), home.get("emails")), (None, None));
    }

    #[test]
    fn k2_on_replace_the_one_that_differs_wins_and_user_name_when_both_do() {
        for (user_name, address, expected) in [
            ("new@x.example", "old@x.example", "new@x.example"),
            ("old@x.example", "new@x.example", "new@x.example"),
            ("new@x.example", "other@x.example", "new@x.example"),
            ("Old@x.example", "old@x.example", "Old@x.example"),
        ] {
            let mut sent = user(json!({
                "userName": user_name, "emails": [{ "value": address, "type": "work" }]
            }));
            mirror_replaced(&mut sent, "old@x.example");
            check(&sent, expected);
        }
    }

    #[test]
    fn k2_a_removed_or_private_address_changes_nothing() {
        let mut removed = user(json!({ "userName": "a@x.example" }));
        mirror_patched(&mut removed, "a@x.example");
        check(&removed, "a@x.example");
        let mut private = user(json!({ "userName": "a@x.example", "emails": [
            { "value": "a@x.example", "type": "work", "primary": false },
            { "value": "h@x.example", "type": "home", "primary": true }] }));
        mirror_patched(&mut private, "a@x.example");
        check(&private, "a@x.example");
    }

    #[test]
    fn the_display_name_follows_the_address_until_it_is_given() {
        let mut fresh = user(json!({ "userName": "a@x.example" }));
        default_display_name(&mut fresh, None);
        assert_eq!(fresh.text("displayName"), Some("a@x.example"));
        fresh.set("userName", "b@x.example");
        default_display_name(&mut fresh, Some("a@x.example"));
        assert_eq!(fresh.text("displayName"), Some("b@x.example"));
        for given in ["Ada", ""] {
            fresh.set("displayName", given);
            default_display_name(&mut fresh, Some("b@x.example"));
            assert_eq!(fresh.text("displayName"), Some(given));
        }
    }

    #[test]
    fn names_that_were_emptied_stay_empty() {
        let mut emptied = user(json!({ "userName": "a@x.example" }));
        keep_empty_name(&mut emptied, "displayName", None);
        keep_empty_name(&mut emptied, "name", Some("givenName"));
        keep_empty_name(&mut emptied, "title", None);
        default_display_name(&mut emptied, Some("a@x.example"));
        assert_eq!(emptied.text("displayName"), Some(""));
        assert_eq!(emptied.get("name"), Some(&json!({ "givenName": "" })));
        assert_eq!(emptied.get("title"), None);
    }
}

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
        && !user_name.chars().any(is_unseen)
        && user_name
            .rsplit_once('@')
            .is_some_and(|(local, domain)| is_local_part(local) && is_domain(domain));
    if is_address {
        return Ok(());
    }
    Err(ScimError::invalid_value(format!(
        "userName must be an e-mail address, as it is the account (and so must the work address in \
         emails): {user_name:?} is none"
    )))
}

/// Blanks, control characters, and those that change or hide what people see: two accounts must not look
/// the same.
fn is_unseen(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{AD}' | '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}'
            | '\u{2060}'..='\u{2069}' | '\u{FEFF}')
}

/// RFC 5321 section 4.1.2, with letters of any script: a quoted text, or words between dots.
fn is_local_part(local: &str) -> bool {
    let is_quoted = local.len() > 2 && local.starts_with('"') && local.ends_with('"');
    let is_word_char =
        |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c) || !c.is_ascii();
    let is_word = |word: &str| !word.is_empty() && word.chars().all(is_word_char);
    is_quoted || local.split('.').all(is_word)
}

/// Labels between dots, with letters of any script. A name without a dot passes: some networks have them.
fn is_domain(domain: &str) -> bool {
    let is_label_char =
        |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_' || !c.is_ascii();
    domain.split('.').all(|label| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(is_label_char)
    })
}

/// The only e-mail address a user has, as it is sent (K2).
pub fn emails(user_name: &str) -> Value {
    json!([{ "value": user_name, "type": "work", "primary": true }])
}

/// Makes a created user's two names one: userName wins, a work address alone becomes the userName.
pub fn mirror_created(resource: &mut Resource) {
    if resource.text("userName").is_none()
        && let Some(address) = asserted_address(resource)
    {
        resource.set("userName", address);
    }
    mirror(resource);
}

/// Makes a replaced user's two names one: the one that differs from what is stored wins, and userName
/// when both do.
pub fn mirror_replaced(resource: &mut Resource, stored: &str) {
    if resource.text("userName") == Some(stored)
        && let Some(address) = asserted_address(resource)
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

/// The address that a list of addresses asserts for the account: of those of type work or of no type, the
/// primary one, else one of type work, else the first.
fn asserted_address(resource: &Resource) -> Option<String> {
    let elements = resource.get("emails").and_then(Value::as_array)?;
    let rank = |element: &&Value| match is_primary(element) {
        Some(true) => 2,
        _ => u8::from(element.get("type").is_some()),
    };
    // `max_by_key` takes the last of equals.
    let best = elements.iter().rev().filter(|element| is_account(element)).max_by_key(rank)?;
    best.get("value").and_then(Value::as_str).map(str::to_owned)
}

/// Whether an element can be the account's address: of type work, or of no type.
fn is_account(element: &Value) -> bool {
    element.get("type").and_then(Value::as_str).is_none_or(|t| t.eq_ignore_ascii_case("work"))
}

fn is_primary(element: &Value) -> Option<bool> {
    match element.get("primary")? {
        Value::Bool(primary) => Some(*primary),
        other => other.as_str().map(|text| text.eq_ignore_ascii_case("true")),
    }
}

/// Whether adding this value to `emails` means to change the address: a user has exactly one (K2), so an
/// address that is added takes the place of it, unless it says that it is private or second.
pub fn replaces_address(added: &Value) -> bool {
    let elements = match added {
        Value::Array(elements) => elements.as_slice(),
        single => std::slice::from_ref(single),
    };
    elements.iter().any(|element| is_account(element) && is_primary(element) != Some(false))
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
        for good in ["a@b", "bob+x@y.example", "\"o@d\"@x.example", "ä@ü.example", "o'hara.j@a-b.x"]
        {
            assert_eq!(check_address(good), Ok(()), "{good}");
        }
        let bad = [
            "",
            "bob",
            "@x.example",
            "bob@",
            "a b@x.example",
            "a@x\n",
            &"a".repeat(255),
            "a@b@c.example",
            ".a@b.example",
            "a.@b.example",
            "a..b@c.example",
            "a@b..example",
            "a@.example",
            "a@b.example.",
            "a@-b.example",
            "mailto:a@b.example",
            "<a@b.example>",
            "lo\u{200B}ok@b.example",
            "\u{202E}a@b.example",
            "lo\u{AD}ok@b.example",
            "a@b.ex\u{2060}ample",
        ];
        for bad in bad {
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

    #[test]
    fn k2_of_several_addresses_the_primary_one_counts_then_work_then_the_first() {
        let work = |value: &str, primary: bool| json!({ "value": value, "type": "work", "primary": primary });
        for (emails, expected) in [
            (json!([work("a@x", false), work("b@x", true), work("c@x", false)]), "b@x"),
            (
                json!([{ "value": "a@x" }, { "value": "b@x", "primary": true }, { "value": "c@x" }]),
                "b@x",
            ),
            (json!([{ "value": "a@x" }, { "value": "b@x", "type": "Work" }]), "b@x"),
            (json!([{ "value": "a@x" }, { "value": "b@x" }]), "a@x"),
            (
                json!([{ "value": "h@x", "type": "home", "primary": true }, { "value": "b@x" }]),
                "b@x",
            ),
        ] {
            let mut sent = user(json!({ "emails": emails }));
            mirror_created(&mut sent);
            check(&sent, expected);
        }
        // A private address beside the account's own renames nobody.
        let mut beside =
            user(json!({ "userName": "a@x", "emails": [work("a@x", true), { "value": "p@x" }] }));
        mirror_replaced(&mut beside, "a@x");
        check(&beside, "a@x");
    }

    #[test]
    fn k2_an_added_address_takes_the_place_of_the_one_there_is() {
        for (added, replaces) in [
            (json!([{ "value": "b@x" }]), true),
            (json!({ "value": "b@x", "type": "work" }), true),
            (json!("b@x"), true),
            (json!([{ "value": "b@x", "primary": false }]), false),
            (json!([{ "value": "b@x", "primary": "False" }]), false),
            (json!([{ "value": "b@x", "type": "home" }]), false),
        ] {
            assert_eq!(replaces_address(&added), replaces, "{added}");
        }
    }
}

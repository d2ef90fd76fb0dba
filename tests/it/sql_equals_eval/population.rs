//! Users and groups to be looked for: names in many scripts and cases, values that are missing, empty, shared or full
//! of quotes, users disabled, locked and removed, and another node that must never show.

use serde_json::{Map, Value, json};

use super::random::Random;
use crate::support::{Client, ENTERPRISE, TestServer};

/// Where names and values come from.
#[rustfmt::skip]
pub(super) const WORDS: &[&str] = &[
    "", "a", "A", "b", "ana", "Ana", "BOB", "bob.smith", "Bob.Smith", "work", "Work", "home", "x", "0", "10", "9",
    "jörg", "JÖRG", "jo\u{308}rg", "straße", "STRASSE", "ﬁsher", "Ｗide", "İstanbul", "ÉTÉ", "зоя", "ЗОЯ", "李", "😀",
    "\u{10FFFF}", "a\u{10FFFF}b", "o'neil", "say \"hi\"", "back\\slash", "100%", "under_score", "*", "[x]", "a b", " a",
    "tab\tnew\nline", "ς", "Σ", "㎒", "K", "e\u{301}", "é",
];
const DOMAINS: &[&str] = &["x.example", "X.Example", "sub.x.example", "contoso.example"];
const USERS: usize = 60;
const GROUPS: usize = 12;

pub(super) struct Population {
    pub(super) client: Client,
    users: Vec<String>,
    removed: Vec<String>,
    groups: Vec<String>,
}

impl Population {
    pub(super) async fn create(server: &TestServer, random: &mut Random) -> Self {
        let client = server.client();
        let mut users = Vec::new();
        for number in 0..USERS {
            let name = format!("{}{number}@{}", local(random), random.pick(DOMAINS));
            let made = client.create_user(&name, user(random, &users)).await;
            users.push(made["id"].as_str().unwrap().to_owned());
        }
        let (pair, mut groups) = pairs(&client).await;
        users.extend(pair);
        for number in 0..GROUPS {
            let size = *random.pick(&[0, 1, 2, 5, 30]);
            let members: Vec<&str> = (0..size).map(|_| random.pick(&users).as_str()).collect();
            let name = format!("{}{number}", random.pick(WORDS));
            let made = client.create_group(&name, &members).await;
            let id = made["id"].as_str().unwrap().to_owned();
            if !random.one_in(3) {
                let operation =
                    json!([{"op": "add", "path": "externalId", "value": external_id(random)}]);
                client.operations(&format!("/Groups/{id}"), operation).await.expect_success();
            }
            groups.push(id);
        }
        let elsewhere = server.another_node("Elsewhere").await;
        for number in 0..3 {
            let name = format!("{}{number}@other.example", local(random));
            let made = elsewhere.create_user(&name, user(random, &[])).await;
            elsewhere
                .create_group(&format!("Other {number}"), &[made["id"].as_str().unwrap()])
                .await;
        }
        let removed: Vec<String> = users.iter().step_by(7).cloned().collect();
        for id in &removed {
            client.delete(&format!("/Users/{id}")).await.expect_success();
        }
        for id in users.iter().skip(3).step_by(11) {
            server.lock_user(id).await;
        }
        let gone = groups.swap_remove(2 + random.below(GROUPS));
        client.delete(&format!("/Groups/{gone}")).await.expect_success();
        Self { client, users, removed, groups }
    }

    /// Filters on what is rare at random.
    pub(super) fn corners(&self, resource_type: &str) -> Vec<String> {
        let (list, id) = match resource_type {
            "User" => ("groups", &self.groups[0]),
            _ => ("members", &self.users[USERS]),
        };
        let mut corners = vec![
            // Some element is another, though one is this.
            format!("{list}[not (value eq \"{id}\") and display pr]"),
            format!("not ({list}[not (value eq \"{id}\") and display pr])"),
            format!("{list}[(value eq \"{id}\" or value pr) and not (value pr and value eq \"\")]"),
            format!("{list}[value eq \"{id}\" and value ne \"{id}\"]"),
            format!("{list}.value eq \"{}\"", id.to_uppercase()),
        ];
        let name = if resource_type == "User" { "userName" } else { "displayName" };
        for name in ["externalId", name] {
            for value in ["\\u0000", "a", "a\u{10FFFF}", "\u{10FFFF}", ""] {
                for op in ["eq", "ne", "co", "sw", "le"] {
                    corners.push(format!("{name} {op} \"{value}\""));
                }
            }
        }
        corners
    }

    /// The ids that the server shows, by resource type.
    pub(super) fn visible(&self, hide_removed: bool) -> [(&'static str, Vec<String>); 2] {
        let shown = |id: &&String| !(hide_removed && self.removed.contains(id));
        let users = self.users.iter().filter(shown).cloned().collect();
        [("User", users), ("Group", self.groups.clone())]
    }
}

/// Two users, one with an unusual externalId, and two groups with both in each.
async fn pairs(client: &Client) -> ([String; 2], Vec<String>) {
    let id = |made: &Value| made["id"].as_str().unwrap().to_owned();
    let external_id = json!({"externalId": "a\u{10FFFF}b"});
    let one = id(&client.create_user("one@x.example", external_id).await);
    let other = id(&client.create_user("other@x.example", json!({})).await);
    let mut groups = Vec::new();
    for name in ["Pair", "Same pair"] {
        groups.push(id(&client.create_group(name, &[&one, &other]).await));
    }
    ([one, other], groups)
}

/// A word that can stand before the `@`.
fn local(random: &mut Random) -> String {
    let word = *random.pick(WORDS);
    word.chars().filter(|c| c.is_alphanumeric() || ".'%_".contains(*c)).collect()
}

fn external_id(random: &mut Random) -> Value {
    json!(random.pick(WORDS))
}

/// Each attribute is there or not.
fn user(random: &mut Random, others: &[String]) -> Value {
    let mut user = Map::new();
    if !random.one_in(3) {
        user.insert("externalId".into(), external_id(random));
    }
    if random.one_in(4) {
        user.insert("active".into(), json!(false));
    }
    for name in ["displayName", "nickName", "title", "userType", "locale", "timezone"] {
        if random.one_in(2) {
            user.insert(name.into(), json!(random.pick(WORDS)));
        }
    }
    let name = parts(random, &["formatted", "familyName", "givenName", "honorificPrefix"]);
    user.insert("name".into(), name);
    for (list, kinds) in [
        ("phoneNumbers", ["work", "mobile"]),
        ("addresses", ["work", "home"]),
        ("roles", ["work", "x"]),
        ("entitlements", ["a", "b"]),
        ("ims", ["xmpp", "msn"]),
    ] {
        let names: &[&str] =
            if list == "addresses" { &["country", "formatted"] } else { &["value", "display"] };
        let mut items = Vec::new();
        for kind in &kinds[..random.below(3)] {
            let mut item = parts(random, names);
            item["type"] = json!(kind);
            if items.is_empty() && random.one_in(2) {
                item["primary"] = json!(random.one_in(2));
            }
            items.push(item);
        }
        user.insert(list.into(), Value::Array(items));
    }
    if random.one_in(3) {
        user.insert("photos".into(), json!([{"value": "https://x.example/P", "type": "photo"}]));
        user.insert("x509Certificates".into(), json!([{"value": "AQID"}]));
    }
    let mut enterprise = parts(random, &["employeeNumber", "costCenter", "department", "division"]);
    if !others.is_empty() && random.one_in(3) {
        enterprise["manager"] = json!({"value": random.pick(others)});
    }
    user.insert(ENTERPRISE.into(), enterprise);
    Value::Object(user)
}

fn parts(random: &mut Random, names: &[&str]) -> Value {
    let mut object = Map::new();
    for name in names {
        if !random.one_in(3) {
            object.insert((*name).to_owned(), json!(random.pick(WORDS)));
        }
    }
    Value::Object(object)
}

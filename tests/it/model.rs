//! What the server should hold, kept by a second, much plainer program: structs and maps, no SCIM engine. The tests
//! change the model in plain words and the server by a client's requests, and then compare everything.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::support::{Client, ENTERPRISE, GROUP, USER};

/// A user as the rules K1 to K5 make it.
#[derive(Clone, Debug, Default)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) active: bool,
    /// Core attributes but `userName`, `emails`, `active` and `groups`.
    pub(crate) core: Map<String, Value>,
    pub(crate) enterprise: Map<String, Value>,
}

/// A group and the ids of its members.
#[derive(Clone, Debug, Default)]
pub(crate) struct Group {
    pub(crate) display_name: String,
    pub(crate) external_id: Option<String>,
    pub(crate) members: BTreeSet<String>,
}

/// Everything one node should hold, by id.
#[derive(Clone, Debug, Default)]
pub(crate) struct Model {
    pub(crate) users: BTreeMap<String, User>,
    pub(crate) groups: BTreeMap<String, Group>,
}

/// One attribute of a user, as identity providers address it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    UserName,
    Email,
    Active,
    Core(&'static str),
    Name(&'static str),
    Phone(&'static str),
    Address(&'static str, &'static str),
    Enterprise(&'static str),
    Manager,
}

impl Target {
    /// The PATCH path of this attribute.
    pub(crate) fn path(self) -> String {
        match self {
            Self::UserName => "userName".to_owned(),
            Self::Email => "emails[type eq \"work\"].value".to_owned(),
            Self::Active => "active".to_owned(),
            Self::Core(name) => name.to_owned(),
            Self::Name(part) => format!("name.{part}"),
            Self::Phone(kind) => format!("phoneNumbers[type eq \"{kind}\"].value"),
            // Entra's default mapping writes this one with a capital.
            Self::Address(kind, "formatted") => format!("addresses[type eq \"{kind}\"].Formatted"),
            Self::Address(kind, part) => format!("addresses[type eq \"{kind}\"].{part}"),
            Self::Enterprise(name) => format!("{ENTERPRISE}:{name}"),
            Self::Manager => format!("{ENTERPRISE}:manager"),
        }
    }
}

impl User {
    pub(crate) fn new(user_name: &str) -> Self {
        Self { name: user_name.to_owned(), active: true, ..Self::default() }
    }

    /// Sets an attribute; null takes it away.
    pub(crate) fn set(&mut self, target: Target, value: &Value) {
        match target {
            // K2: one source, two names.
            Target::UserName | Target::Email => {
                value.as_str().expect("an address").clone_into(&mut self.name);
            }
            Target::Active => self.active = value.as_bool().expect("a boolean"),
            Target::Core(name) => put(&mut self.core, name, value.clone()),
            Target::Name(part) => {
                let name = self.core.entry("name").or_insert_with(|| json!({}));
                put(name.as_object_mut().unwrap(), part, value.clone());
            }
            Target::Phone(kind) => self.set_element("phoneNumbers", kind, "value", value),
            Target::Address(kind, part) => self.set_element("addresses", kind, part, value),
            Target::Enterprise(name) => put(&mut self.enterprise, name, value.clone()),
            Target::Manager => {
                let manager = if value.is_null() { Value::Null } else { json!({"value": value}) };
                put(&mut self.enterprise, "manager", manager);
            }
        }
    }

    /// Whether the attribute has a value.
    pub(crate) fn has(&self, target: Target) -> bool {
        let element = |list: &str, kind: &str, part: &str| {
            let items = self.core.get(list).and_then(Value::as_array);
            items.is_some_and(|items| {
                items.iter().any(|item| item["type"] == kind && item.get(part).is_some())
            })
        };
        match target {
            Target::UserName | Target::Email | Target::Active => true,
            Target::Core(name) => self.core.contains_key(name),
            Target::Name(part) => self.core.get("name").is_some_and(|n| n.get(part).is_some()),
            Target::Phone(kind) => element("phoneNumbers", kind, "value"),
            Target::Address(kind, part) => element("addresses", kind, part),
            Target::Enterprise(name) => self.enterprise.contains_key(name),
            Target::Manager => self.enterprise.contains_key("manager"),
        }
    }

    fn set_element(&mut self, list: &str, kind: &str, part: &str, value: &Value) {
        let items = self.core.entry(list).or_insert_with(|| json!([])).as_array_mut().unwrap();
        let found = items.iter().position(|item| item["type"] == kind);
        let place = found.unwrap_or_else(|| {
            items.push(json!({"type": kind}));
            items.len() - 1
        });
        put(items[place].as_object_mut().unwrap(), part, value.clone());
        if value.is_null() {
            items.retain(|item| item.as_object().is_some_and(|item| item.len() > 1));
        }
        if items.is_empty() {
            self.core.remove(list);
        }
    }

    /// The user as an answer shows it, but `id`, `meta` and `groups`.
    pub(crate) fn shown(&self) -> Value {
        let mut shown = self.core.clone();
        let mut schemas = vec![USER];
        shown.insert("userName".into(), json!(self.name));
        shown.insert("active".into(), json!(self.active));
        let email = json!({"value": self.name, "type": "work", "primary": true});
        shown.insert("emails".into(), json!([email]));
        if !self.enterprise.is_empty() {
            schemas.push(ENTERPRISE);
            shown.insert(ENTERPRISE.into(), Value::Object(self.enterprise.clone()));
        }
        shown.insert("schemas".into(), json!(schemas));
        Value::Object(shown)
    }
}

fn put(object: &mut Map<String, Value>, key: &str, value: Value) {
    if value.is_null() {
        object.remove(key);
    } else {
        object.insert(key.to_owned(), value);
    }
}

impl Model {
    /// The ids of the groups `user` is in.
    pub(crate) fn groups_of(&self, user: &str) -> BTreeSet<String> {
        let with = self.groups.iter().filter(|(_, group)| group.members.contains(user));
        with.map(|(id, _)| id.clone()).collect()
    }

    /// The id of the user with this name.
    pub(crate) fn id_of(&self, user_name: &str) -> String {
        let mut found = self.users.iter().filter(|(_, user)| user.name == user_name);
        found.next().expect("a user of the model").0.clone()
    }
}

/// Asserts that the server holds exactly the model: by list, by GET, and from both sides of every membership.
pub(crate) async fn assert_same(client: &Client, model: &Model) {
    let listed = client.get("/Users").await.resources();
    assert_eq!(ids(&listed), model.users.keys().cloned().collect(), "the users of the node");
    for shown in &listed {
        let id = shown["id"].as_str().unwrap();
        let expected = &model.users[id];
        let single = client.get(&format!("/Users/{id}")).await.expect(200);
        assert_eq!(&single, shown, "a user by GET and in the list");
        let meta = &single["meta"];
        assert_eq!(meta["resourceType"], "User");
        assert_eq!(meta["location"], format!("{}/Users/{id}", client.base));
        let groups = references(&single["groups"]);
        assert_eq!(groups, model.groups_of(id), "groups of {}", expected.name);
        for group in single["groups"].as_array().into_iter().flatten() {
            let of = &model.groups[group["value"].as_str().unwrap()];
            assert_eq!(group["display"], of.display_name, "{group}");
        }
        assert_eq!(normal(single), normal(expected.shown()), "user {id}");
    }
    let listed = client.get("/Groups").await.resources();
    assert_eq!(ids(&listed), model.groups.keys().cloned().collect(), "the groups of the node");
    for shown in &listed {
        let id = shown["id"].as_str().unwrap();
        let expected = &model.groups[id];
        let single = client.get(&format!("/Groups/{id}")).await.expect(200);
        assert_eq!(references(&single["members"]), expected.members, "{}", expected.display_name);
        assert_eq!(references(&shown["members"]), expected.members, "{}", expected.display_name);
        assert_eq!(single["displayName"], expected.display_name);
        assert_eq!(single["schemas"], json!([GROUP]));
        assert_eq!(single["externalId"].as_str(), expected.external_id.as_deref(), "{single}");
        assert_eq!(single["meta"]["resourceType"], "Group");
        let bare =
            client.get(&format!("/Groups/{id}?excludedAttributes=members")).await.expect(200);
        assert!(bare.get("members").is_none(), "excludedAttributes=members: {bare}");
    }
}

fn ids(resources: &[Value]) -> BTreeSet<String> {
    let set: BTreeSet<String> =
        resources.iter().map(|shown| shown["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(set.len(), resources.len(), "a resource listed twice");
    set
}

/// The `value`s of a reference list, each once.
pub(crate) fn references(list: &Value) -> BTreeSet<String> {
    let items = list.as_array().cloned().unwrap_or_default();
    let set: BTreeSet<String> =
        items.iter().map(|item| item["value"].as_str().unwrap().to_owned()).collect();
    assert_eq!(set.len(), items.len(), "a reference twice: {list}");
    set
}

/// What two users must agree in: without what the server adds, and with "", [] and {} as absent (S-16, P-48).
fn normal(mut user: Value) -> Value {
    let object = user.as_object_mut().unwrap();
    for key in ["id", "meta", "groups"] {
        object.remove(key);
    }
    if let Some(manager) = object.get_mut(ENTERPRISE).and_then(|own| own.get_mut("manager")) {
        *manager = json!({"value": manager["value"]});
    }
    if let Some(schemas) = object.get_mut("schemas").and_then(Value::as_array_mut) {
        schemas.sort_by_key(ToString::to_string);
    }
    prune(&mut user);
    user
}

fn prune(value: &mut Value) {
    match value {
        Value::Object(object) => {
            object.values_mut().for_each(prune);
            object.retain(|_, value| !is_unassigned(value));
        }
        Value::Array(items) => items.iter_mut().for_each(prune),
        _ => {}
    }
}

fn is_unassigned(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(object) => object.is_empty(),
        _ => false,
    }
}

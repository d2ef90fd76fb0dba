//! Keeper's own clients: Commander's `scim push` and the Go bridge for Google, which share one algorithm and differ in
//! what they put on the wire. Both write memberships on the user, because they know no other way.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::model::{Group, Model, User, assert_same};
use crate::support::{Client, ENTERPRISE, TestServer, USER};

const USERS: usize = 510;
const PAGE: usize = 500;

/// Whose wire habits to have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Pusher {
    /// Pages of 500, `application/json` on every body.
    Commander,
    /// Bare GETs that must return everything, no Content-Type on POST.
    GoBridge,
}

/// A person in the source directory.
#[derive(Clone, Debug)]
struct Person {
    id: String,
    email: String,
    given: String,
    family: String,
    active: bool,
    groups: Vec<String>,
}

/// The source directory: people, and groups by id.
#[derive(Clone, Debug, Default)]
struct Source {
    people: Vec<Person>,
    groups: BTreeMap<String, String>,
}

struct Push {
    client: Client,
    pusher: Pusher,
    model: Model,
}

both_engines! {
    /// Commander with two pages of people: first push, a push that changes everything, one that changes nothing.
    async fn commander_scim_push(server: TestServer) {
        lives_of_a_directory(server.client(), Pusher::Commander, USERS).await;
    }

    /// The Go bridge: the same life, other habits.
    async fn go_bridge_push(server: TestServer) {
        lives_of_a_directory(server.client(), Pusher::GoBridge, 60).await;
    }
}

async fn lives_of_a_directory(client: Client, pusher: Pusher, people: usize) {
    let mut push = Push { client, pusher, model: Model::default() };
    let mut source = directory(people);
    push.run(&source).await;
    assert_same(&push.client, &push.model).await;
    change(&mut source);
    push.run(&source).await;
    assert_same(&push.client, &push.model).await;
    let before = push.client.get("/Users").await.expect(200);
    let writes = push.run(&source).await;
    assert_eq!(writes, 0, "a push of an unchanged source writes nothing");
    assert_eq!(push.client.get("/Users").await.expect(200), before);
}

fn directory(people: usize) -> Source {
    let person = |number: usize| Person {
        id: format!("g-{number}"),
        email: format!("user{number:03}@corp.example"),
        given: "Uma".to_owned(),
        family: format!("Nr{number}"),
        active: true,
        groups: vec![format!("grp-{}", number % 3)],
    };
    Source {
        people: (0..people).map(person).collect(),
        groups: (0..3).map(|n| (format!("grp-{n}"), format!("Department {n}"))).collect(),
    }
}

/// Names, an address, groups, leavers, a suspended person, a newcomer, a renamed and a replaced group.
fn change(source: &mut Source) {
    source.people[0].given = "Ulla".to_owned();
    source.people[1].family = "Married".to_owned();
    source.people[2].groups = vec!["grp-0".to_owned(), "grp-1".to_owned()];
    source.people[3].groups.clear();
    source.people[4].active = false;
    source.people.remove(5);
    source.people.push(Person {
        id: "g-new".to_owned(),
        email: "newcomer@corp.example".to_owned(),
        given: "Neo".to_owned(),
        family: "Comer".to_owned(),
        active: true,
        groups: vec!["grp-0".to_owned()],
    });
    source.groups.insert("grp-0".to_owned(), "Department Zero".to_owned());
    source.groups.remove("grp-2");
    for person in &mut source.people {
        person.groups.retain(|group| group != "grp-2");
    }
}

impl Push {
    /// One push; returns how many writes it took.
    async fn run(&mut self, source: &Source) -> usize {
        let (groups, users) = match self.pusher {
            Pusher::Commander => (self.pages("/Groups").await, self.pages("/Users").await),
            Pusher::GoBridge => (self.bare("/Groups").await, self.bare("/Users").await),
        };
        let mut writes = self.push_groups(source, &groups).await;
        writes += self.push_people(source, &users).await;
        writes + self.push_memberships(source).await
    }

    async fn pages(&self, path: &str) -> Vec<Value> {
        let mut all = Vec::new();
        loop {
            let start = all.len() + 1;
            let page = format!("{path}?startIndex={start}&count={PAGE}");
            let body = self.client.get(&page).await.expect(200);
            all.extend(body["Resources"].as_array().unwrap().iter().cloned());
            let number = |key: &str| body[key].as_u64().unwrap();
            if number("startIndex") + number("itemsPerPage") >= number("totalResults") {
                return all;
            }
        }
    }

    /// The bridge gives up unless the first answer already holds everything.
    async fn bare(&self, path: &str) -> Vec<Value> {
        let body = self.client.get(path).await.expect(200);
        let number = |key: &str| body[key].as_u64().unwrap();
        assert!(number("startIndex") + number("itemsPerPage") >= number("totalResults"), "{path}");
        body["Resources"].as_array().unwrap().clone()
    }

    async fn push_groups(&mut self, source: &Source, held: &[Value]) -> usize {
        let mut writes = 0;
        for (external_id, name) in &source.groups {
            let found = held.iter().find(|group| group["externalId"] == json!(external_id));
            match found {
                Some(group) if group["displayName"] == json!(name) => {}
                Some(group) => {
                    writes += 1;
                    let id = group["id"].as_str().unwrap();
                    let value = json!({"externalId": external_id, "displayName": name});
                    self.replace(&format!("/Groups/{id}"), value).await;
                    name.clone_into(&mut self.model.groups.get_mut(id).unwrap().display_name);
                }
                None => {
                    writes += 1;
                    // The stray semicolon is Commander's.
                    let body = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group;"],
                        "displayName": name, "externalId": external_id});
                    let created = self.posting().post("/Groups", body).await.expect(201);
                    assert_eq!(created["externalId"], json!(external_id));
                    let group = Group {
                        display_name: name.clone(),
                        external_id: Some(external_id.clone()),
                        ..Group::default()
                    };
                    let id = created["id"].as_str().unwrap().to_owned();
                    self.model.groups.insert(id, group);
                }
            }
        }
        for group in held {
            let external_id = group["externalId"].as_str().unwrap();
            if !source.groups.contains_key(external_id) {
                writes += 1;
                let id = group["id"].as_str().unwrap();
                self.client.delete(&format!("/Groups/{id}")).await.expect_success();
                self.model.groups.remove(id);
            }
        }
        writes
    }

    async fn push_people(&mut self, source: &Source, held: &[Value]) -> usize {
        let mut writes = 0;
        for person in &source.people {
            let found = held.iter().find(|user| user["externalId"] == json!(person.id));
            if let Some(user) = found {
                writes += self.update(person, user).await;
            } else {
                writes += 1;
                self.create(person).await;
            }
        }
        for user in held.iter().filter(|user| user["active"] == json!(true)) {
            let known = |person: &Person| user["externalId"] == json!(person.id);
            if !source.people.iter().any(known) {
                writes += 1;
                let id = user["id"].as_str().unwrap();
                self.client.delete(&format!("/Users/{id}")).await.expect(204);
                self.model.users.get_mut(id).unwrap().active = false;
            }
        }
        writes
    }

    async fn create(&mut self, person: &Person) {
        let core = json!({"externalId": person.id,
            "displayName": format!("{} {}", person.given, person.family),
            "name": {"givenName": person.given, "familyName": person.family}});
        let mut body = json!({"schemas": [USER, ENTERPRISE], "userName": person.email,
            "active": true});
        crate::support::client::merge(&mut body, core.clone());
        let created = self.posting().post("/Users", body).await.expect(201);
        let mut user = User::new(&person.email);
        user.core = core.as_object().unwrap().clone();
        self.model.users.insert(created["id"].as_str().unwrap().to_owned(), user);
    }

    /// One path-less replace with dotted keys, of what differs.
    async fn update(&mut self, person: &Person, user: &Value) -> usize {
        let full = format!("{} {}", person.given, person.family);
        let wanted = [
            ("displayName", json!(full), &user["displayName"]),
            ("name.givenName", json!(person.given), &user["name"]["givenName"]),
            ("name.familyName", json!(person.family), &user["name"]["familyName"]),
            ("active", json!(person.active), &user["active"]),
        ];
        let value: Map<String, Value> = wanted
            .into_iter()
            .filter(|(_, new, old)| new != *old)
            .map(|(key, new, _)| (key.to_owned(), new))
            .collect();
        if value.is_empty() {
            return 0;
        }
        let id = user["id"].as_str().unwrap();
        self.replace(&format!("/Users/{id}"), Value::Object(value)).await;
        let held = self.model.users.get_mut(id).unwrap();
        held.active = person.active;
        held.core.insert("displayName".to_owned(), json!(full));
        let name = json!({"givenName": person.given, "familyName": person.family});
        held.core.insert("name".to_owned(), name);
        1
    }

    /// At most one add and one remove per person, on the user.
    async fn push_memberships(&mut self, source: &Source) -> usize {
        let mut writes = 0;
        for person in &source.people {
            let user = self.model.id_of(&person.email);
            let held = self.model.groups_of(&user);
            let wanted: Vec<String> = person.groups.iter().map(|id| self.group_id(id)).collect();
            let values = |ids: Vec<&String>| -> Vec<Value> {
                ids.into_iter().map(|id| json!({"value": id})).collect()
            };
            let add = values(wanted.iter().filter(|id| !held.contains(*id)).collect());
            let remove = values(held.iter().filter(|id| !wanted.contains(id)).collect());
            let operations: Vec<Value> = [("add", add), ("remove", remove)]
                .into_iter()
                .filter(|(_, value)| !value.is_empty())
                .map(|(op, value)| json!({"op": op, "path": "groups", "value": value}))
                .collect();
            if operations.is_empty() {
                continue;
            }
            writes += 1;
            let path = format!("/Users/{user}");
            let body = json!({"Operations": operations});
            self.patching().patch(&path, body).await.expect_success();
            for (id, group) in &mut self.model.groups {
                if wanted.contains(id) {
                    group.members.insert(user.clone());
                } else {
                    group.members.remove(&user);
                }
            }
        }
        writes
    }

    async fn replace(&self, path: &str, value: Value) {
        let body = json!({"Operations": [{"op": "replace", "value": value}]});
        self.patching().patch(path, body).await.expect_success();
    }

    fn group_id(&self, external_id: &str) -> String {
        let mut found = self
            .model
            .groups
            .iter()
            .filter(|(_, group)| group.external_id.as_deref() == Some(external_id));
        found.next().expect("a pushed group").0.clone()
    }

    fn patching(&self) -> Client {
        self.client.with_content_type(Some("application/json"))
    }

    fn posting(&self) -> Client {
        match self.pusher {
            Pusher::Commander => self.patching(),
            Pusher::GoBridge => self.client.with_content_type(None),
        }
    }
}

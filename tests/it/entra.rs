//! A whole life under Entra ID, in both PATCH styles: test connection, first cycle, five incremental cycles with every
//! kind of change, hard delete and return. After each cycle the server equals the model.

use serde_json::{Map, Value, json};

use crate::model::{Group, Model, Target, User, assert_same};
use crate::support::{Client, ENTERPRISE, GROUP, TestServer, USER, encode};

use Target::{Active, Address, Core, Email, Enterprise, Manager, Name, Phone, UserName};

const USERS: usize = 200;
const GROUPS: usize = 20;
const BATCH: usize = 25;

/// How the provisioning service writes a PATCH.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    /// One operation per attribute, capitalised, booleans as strings.
    Old,
    /// What `?aadOptscim062020` on the Tenant URL asks for.
    Flag,
}

/// The provisioning job: what it sends, and beside it what it means.
pub(crate) struct Job {
    client: Client,
    style: Style,
    pub(crate) model: Model,
}

both_engines! {
    /// The style without the compatibility flag.
    async fn entra_life_in_the_old_style(server: TestServer) {
        life(Job::new(server.client(), Style::Old)).await;
    }

    /// The style of `?aadOptscim062020`.
    async fn entra_life_with_the_flag(server: TestServer) {
        life(Job::new(server.client(), Style::Flag)).await;
    }
}

async fn life(mut job: Job) {
    job.test_connection().await;
    job.first_cycle().await;
    assert_same(&job.client, &job.model).await;
    job.second_cycle_attributes().await;
    assert_same(&job.client, &job.model).await;
    job.third_cycle_addresses_and_managers().await;
    assert_same(&job.client, &job.model).await;
    job.fourth_cycle_groups().await;
    assert_same(&job.client, &job.model).await;
    job.fifth_cycle_leavers().await;
    assert_same(&job.client, &job.model).await;
    job.sixth_cycle_returns().await;
    assert_same(&job.client, &job.model).await;
}

fn name(number: usize) -> String {
    format!("person{number:03}@contoso.example")
}

fn group_name(number: usize) -> String {
    format!("Team {number:02}")
}

impl Job {
    pub(crate) fn new(client: Client, style: Style) -> Self {
        Self { client, style, model: Model::default() }
    }

    /// Section 1.1: a name nobody has, groups without members, the schemas.
    async fn test_connection(&self) {
        let nobody = "c3a5a4a2-6c5e-4b6e-9d67-0d1e5c1f5a11";
        let answer = self.client.find("/Users", &format!("userName eq \"{nobody}\"")).await;
        assert_eq!(answer.resources(), Vec::<Value>::new());
        let filter = encode(&format!("displayName eq \"{nobody}\""));
        let path = format!("/Groups?excludedAttributes=members&filter={filter}");
        assert_eq!(self.client.get(&path).await.total(), 0);
        assert!(self.client.get("/Schemas").await.total() >= 3);
        self.client.with_token(Some("wrong")).get("/Users").await.expect_error(401, "");
    }

    /// Section 1.2: users first, then managers, then groups and their members in batches.
    async fn first_cycle(&mut self) {
        for number in 0..USERS {
            self.provision_user(number).await;
        }
        for number in 1..20 {
            let manager = self.model.id_of(&name(0));
            self.update(&name(number), vec![(Manager, json!(manager))]).await;
        }
        for number in 0..GROUPS {
            self.provision_group(number).await;
            let members: Vec<String> = (0..USERS)
                .filter(|user| user % GROUPS == number || user % 7 == number)
                .map(|user| self.model.id_of(&name(user)))
                .collect();
            self.add_members(&group_name(number), &members).await;
        }
    }

    async fn second_cycle_attributes(&mut self) {
        self.update(&name(1), vec![(Core("displayName"), json!("Ana Díaz-Köhler"))]).await;
        let several = vec![
            (Core("title"), json!("Head of \"R&D\"")),
            (Core("preferredLanguage"), json!("pt-BR")),
            (Name("givenName"), json!("Zoë")),
            (Name("familyName"), json!("O'Brien")),
            (Name("formatted"), json!("Zoë O'Brien")),
            (Core("externalId"), json!("zoe.obrien")),
            (Enterprise("department"), json!("Legal")),
            (Enterprise("costCenter"), json!("4711")),
        ];
        self.update(&name(2), several).await;
        self.update(&name(3), vec![(Email, json!("three.new@contoso.example"))]).await;
        self.update(&name(4), vec![(UserName, json!("Four.New@contoso.example"))]).await;
        let both = json!("five.new@contoso.example");
        self.update(&name(5), vec![(UserName, both.clone()), (Email, both)]).await;
        self.update(&name(6), vec![(Core("title"), Value::Null)]).await;
        self.provision_user(USERS).await;
    }

    async fn third_cycle_addresses_and_managers(&mut self) {
        let elements = vec![
            (Phone("mobile"), json!("555-0199")),
            (Phone("fax"), json!("555-0200")),
            (Address("work", "country"), json!("IE")),
            (Address("work", "streetAddress"), json!("2 Side St")),
            (Address("other", "formatted"), json!("Building 5")),
        ];
        self.update(&name(10), elements.clone()).await;
        // A user that was sent without phones and addresses: no path matches anything yet.
        self.update(&name(11), elements).await;
        self.update(&name(11), vec![(Address("work", "locality"), json!("Cork"))]).await;
        let manager = self.model.id_of(&name(10));
        self.update(&name(12), vec![(Manager, json!(manager))]).await;
        self.manager_as_documented(&name(13), &manager).await;
        self.manager_as_object(&name(14), &manager).await;
        self.update(&name(15), vec![(Manager, Value::Null)]).await;
        self.update(&name(16), vec![(Enterprise("department"), Value::Null)]).await;
        // An update that changes nothing is still sent now and then.
        self.update(&name(17), vec![(Active, json!(true))]).await;
    }

    async fn fourth_cycle_groups(&mut self) {
        self.rename_group(&group_name(0), "Team 00 EMEA").await;
        let leaving = self.some_members(&group_name(1), 3);
        self.remove_members(&group_name(1), &leaving).await;
        let joining: Vec<String> = (100..140).map(|user| self.model.id_of(&name(user))).collect();
        self.add_members(&group_name(2), &joining).await;
        // Sent again: nothing doubles.
        self.add_members(&group_name(2), &joining[..5]).await;
        self.provision_group(GROUPS).await;
        self.add_members(&group_name(GROUPS), &joining).await;
        let all = self.some_members(&group_name(3), usize::MAX);
        self.remove_members(&group_name(3), &all).await;
        let id = self.group_id(&group_name(4));
        self.client.delete(&format!("/Groups/{id}")).await.expect(204);
        self.model.groups.remove(&id);
        self.client.get(&format!("/Groups/{id}")).await.expect_error(404, "");
    }

    /// Section 1.5: unassigned people are disabled, purged ones deleted; both stay listed (K3), with their teams.
    async fn fifth_cycle_leavers(&mut self) {
        for number in 50..60 {
            self.update(&name(number), vec![(Active, json!(false))]).await;
        }
        for number in 55..65 {
            let id = self.model.id_of(&name(number));
            self.client.delete(&format!("/Users/{id}")).await.expect(204);
            self.model.users.get_mut(&id).unwrap().active = false;
        }
        let id = self.model.id_of(&name(60));
        self.client.delete(&format!("/Users/{id}")).await.expect(204);
    }

    /// The link to a deleted person is gone: found by name again, read, and switched on.
    async fn sixth_cycle_returns(&mut self) {
        for number in 50..53 {
            self.update(&name(number), vec![(Active, json!(true))]).await;
        }
        for number in 60..63 {
            let id = self.model.id_of(&name(number));
            let filter = format!("userName eq \"{}\"", name(number).to_uppercase());
            let found = self.client.find("/Users", &filter).await.resources();
            assert_eq!(found.len(), 1, "{filter}");
            assert_eq!(found[0]["id"], json!(id));
            assert_eq!(found[0]["active"], json!(false));
            let changes = vec![(Active, json!(true)), (Core("title"), json!("Returned"))];
            self.update(&name(number), changes).await;
        }
        self.provision_user(USERS + 1).await;
    }

    /// The filter probe and the POST of section 1.2; every third person comes without phones and addresses.
    async fn provision_user(&mut self, number: usize) {
        let user_name = name(number);
        let probe = self.client.find("/Users", &format!("userName eq \"{user_name}\"")).await;
        assert_eq!(probe.total(), 0, "{user_name}");
        let mut core = json!({
            "externalId": format!("person{number:03}"), "displayName": format!("Person {number}"),
            "title": "Engineer", "name": {"formatted": format!("Per Son{number}"),
            "familyName": format!("Son{number}"), "givenName": "Per"}});
        if number % 3 != 2 {
            let more = json!({
                "phoneNumbers": [{"type": "work", "value": "+1 206 555 0100"},
                                 {"type": "mobile", "value": "555-0101"}],
                "addresses": [{"type": "work", "primary": true, "streetAddress": "1 Main St",
                    "locality": "Cork", "postalCode": "T12", "country": "IE"}]});
            crate::support::client::merge(&mut core, more);
        }
        let enterprise = json!({"employeeNumber": format!("{number:06}"), "department": "R&D"});
        let mut body = json!({
            "schemas": [USER, ENTERPRISE], "userName": user_name, "active": true,
            "emails": [{"primary": true, "type": "work", "value": user_name}],
            "meta": {"resourceType": "User"}, ENTERPRISE: enterprise, "roles": []});
        crate::support::client::merge(&mut body, core.clone());
        let created = self.client.post("/Users", body).await.expect(201);
        let mut user = User::new(&user_name);
        user.core = object(core);
        user.enterprise = object(enterprise);
        self.model.users.insert(created["id"].as_str().unwrap().to_owned(), user);
    }

    async fn provision_group(&mut self, number: usize) {
        let display_name = group_name(number);
        let filter = encode(&format!("displayName eq \"{display_name}\""));
        let path = format!("/Groups?excludedAttributes=members&filter={filter}");
        assert_eq!(self.client.get(&path).await.total(), 0);
        let external_id = format!("8e9c-{number}");
        let ad = "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group";
        let body = json!({"schemas": [GROUP, ad], "externalId": external_id,
            "displayName": display_name, "meta": {"resourceType": "Group"}});
        let created = self.client.post("/Groups", body).await.expect(201);
        let group = Group { display_name, external_id: Some(external_id), ..Group::default() };
        self.model.groups.insert(created["id"].as_str().unwrap().to_owned(), group);
    }

    /// One PATCH with these changes, null meaning clear.
    async fn update(&mut self, user_name: &str, changes: Vec<(Target, Value)>) {
        let id = self.model.id_of(user_name);
        let operations = match self.style {
            Style::Old => old_style(&self.model.users[&id], &changes),
            Style::Flag => flag_style(&changes),
        };
        let answer = self.client.operations(&format!("/Users/{id}"), operations).await.expect(200);
        assert_eq!(answer["id"], json!(id));
        let user = self.model.users.get_mut(&id).unwrap();
        for (target, value) in &changes {
            user.set(*target, value);
        }
    }

    /// The sample of Microsoft's documentation: an unqualified path and an array.
    async fn manager_as_documented(&mut self, user_name: &str, manager: &str) {
        let value =
            json!([{"$ref": format!("http://idp.example/Users/{manager}"), "value": manager}]);
        let operations = json!([{"op": "Add", "path": "manager", "value": value}]);
        self.set_manager(user_name, manager, operations).await;
    }

    /// What Microsoft's Validator sends.
    async fn manager_as_object(&mut self, user_name: &str, manager: &str) {
        let path = format!("{ENTERPRISE}:manager");
        let operations = json!([{"op": "add", "path": path, "value": {"value": manager}}]);
        self.set_manager(user_name, manager, operations).await;
    }

    async fn set_manager(&mut self, user_name: &str, manager: &str, operations: Value) {
        let id = self.model.id_of(user_name);
        let answer = self.client.operations(&format!("/Users/{id}"), operations).await.expect(200);
        assert_eq!(answer[ENTERPRISE]["manager"]["value"], json!(manager), "{answer}");
        self.model.users.get_mut(&id).unwrap().set(Manager, &json!(manager));
    }

    async fn rename_group(&mut self, display_name: &str, to: &str) {
        let operation = match self.style {
            Style::Old => json!({"op": "Replace", "path": "displayName", "value": to}),
            Style::Flag => json!({"op": "replace", "value": {"displayName": to}}),
        };
        let id = self.patch_group(display_name, json!([operation])).await;
        to.clone_into(&mut self.model.groups.get_mut(&id).unwrap().display_name);
    }

    async fn add_members(&mut self, display_name: &str, members: &[String]) {
        let op = if self.style == Style::Old { "Add" } else { "add" };
        for batch in members.chunks(BATCH) {
            let value: Vec<Value> =
                batch.iter().map(|id| json!({"$ref": null, "value": id})).collect();
            let operations = json!([{"op": op, "path": "members", "value": value}]);
            let id = self.patch_group(display_name, operations).await;
            self.model.groups.get_mut(&id).unwrap().members.extend(batch.iter().cloned());
        }
    }

    async fn remove_members(&mut self, display_name: &str, members: &[String]) {
        let operations: Vec<Value> = match self.style {
            Style::Old => {
                let value: Vec<Value> =
                    members.iter().map(|id| json!({"$ref": null, "value": id})).collect();
                vec![json!({"op": "Remove", "path": "members", "value": value})]
            }
            Style::Flag => members
                .iter()
                .map(|id| json!({"op": "remove", "path": format!("members[value eq \"{id}\"]")}))
                .collect(),
        };
        let id = self.patch_group(display_name, json!(operations)).await;
        self.model.groups.get_mut(&id).unwrap().members.retain(|id| !members.contains(id));
    }

    /// A read without members, then the PATCH, answered 204 (K9).
    async fn patch_group(&self, display_name: &str, operations: Value) -> String {
        let id = self.group_id(display_name);
        let path = format!("/Groups/{id}");
        self.client.get(&format!("{path}?excludedAttributes=members")).await.expect(200);
        self.client.operations(&path, operations).await.expect(204);
        id
    }

    fn group_id(&self, display_name: &str) -> String {
        let mut found = self.model.groups.iter().filter(|(_, g)| g.display_name == display_name);
        found.next().expect("a group of the model").0.clone()
    }

    fn some_members(&self, display_name: &str, count: usize) -> Vec<String> {
        let group = &self.model.groups[&self.group_id(display_name)];
        group.members.iter().take(count).cloned().collect()
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        other => panic!("not an object: {other}"),
    }
}

/// `Add` where there is no value yet, `Replace` where there is one, `Remove` or `""` to clear; booleans as strings.
fn old_style(user: &User, changes: &[(Target, Value)]) -> Value {
    let operation = |(target, value): &(Target, Value)| {
        let path = target.path();
        match (target, value) {
            (Manager, Value::Null) => json!({"op": "Replace", "path": path, "value": ""}),
            (_, Value::Null) => json!({"op": "Remove", "path": path}),
            (_, Value::Bool(true)) => json!({"op": "Replace", "path": path, "value": "True"}),
            (_, Value::Bool(false)) => json!({"op": "Replace", "path": path, "value": "False"}),
            _ => {
                let op = if user.has(*target) { "Replace" } else { "Add" };
                json!({"op": op, "path": path, "value": value})
            }
        }
    };
    changes.iter().map(operation).collect()
}

/// Paths with filters apart, everything else in one path-less object with dotted and URN-qualified keys.
fn flag_style(changes: &[(Target, Value)]) -> Value {
    let (apart, merged): (Vec<_>, Vec<_>) =
        changes.iter().partition(|(target, _)| target.path().contains('['));
    let mut operations: Vec<Value> = apart
        .iter()
        .map(|(target, value)| json!({"op": "replace", "path": target.path(), "value": value}))
        .collect();
    if !merged.is_empty() {
        let value: Map<String, Value> = merged
            .iter()
            .map(|(target, value)| {
                let value = if value.is_null() { json!("") } else { value.clone() };
                (target.path(), value)
            })
            .collect();
        operations.push(json!({"op": "replace", "value": value}));
    }
    Value::Array(operations)
}

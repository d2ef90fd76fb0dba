//! A whole life under Okta, in PUT style: connect, assign, profile changes by GET and PUT of the whole object,
//! deactivation in both ways, pushed groups. After each stage the server equals the model.

use serde_json::{Value, json};

use crate::model::{Group, Model, Target, User, assert_same};
use crate::support::client::merge;
use crate::support::{Client, ENTERPRISE, GROUP, TestServer, USER};

use Target::{Active, Core, Enterprise, Name, UserName};

const USERS: usize = 40;

/// Okta's job and what it means.
struct Okta {
    client: Client,
    model: Model,
}

both_engines! {
    /// Section 5 of the client notes, from the connection test to the unlinked group.
    async fn okta_life_in_put_style(server: TestServer) {
        let client = server.client().with_content_type(Some("application/json"));
        let mut okta = Okta { client, model: Model::default() };
        okta.connect().await;
        okta.assign_everybody().await;
        assert_same(&okta.client, &okta.model).await;
        okta.push_groups().await;
        assert_same(&okta.client, &okta.model).await;
        okta.change_profiles().await;
        assert_same(&okta.client, &okta.model).await;
        okta.deactivate_and_return().await;
        assert_same(&okta.client, &okta.model).await;
        okta.change_groups().await;
        assert_same(&okta.client, &okta.model).await;
    }

    /// Okta's SPEC suite: the shapes of lists and errors, and what happens twice.
    async fn okta_spec_suite(server: TestServer) {
        let client = server.client().with_content_type(Some("application/json"));
        let user = client.create_user("spec@okta.example", json!({"displayName": "Spec"})).await;
        let listed = client.get("/Users?count=1&startIndex=1").await.expect(200);
        for key in ["schemas", "totalResults", "startIndex", "itemsPerPage", "Resources"] {
            assert!(listed.get(key).is_some(), "{key}");
        }
        for key in ["id", "name", "userName", "active", "emails"] {
            assert!(listed["Resources"][0].get(key).is_some(), "{key} in {listed}");
        }
        let detail = client.get("/Users/010101001010101011001010101011").await.expect_error(404, "");
        assert!(!detail.is_empty());
        let body = json!({"schemas": [USER], "userName": "Spec@okta.example"});
        client.post("/Users", body).await.expect_error(409, "uniqueness");
        let found = client.find("/Users", "userName eq \"SPEC@OKTA.EXAMPLE\"").await.resources();
        assert_eq!(found[0]["id"], user["id"]);
    }
}

fn name(number: usize) -> String {
    format!("okta{number:02}@corp.example")
}

impl Okta {
    async fn connect(&self) {
        let users = self.client.get("/Users?startIndex=1&count=2").await.expect(200);
        assert_eq!(users["totalResults"], json!(0));
        assert_eq!(self.client.get("/Groups?startIndex=1&count=100").await.total(), 0);
    }

    async fn assign_everybody(&mut self) {
        for number in 0..USERS {
            let user_name = name(number);
            let filter = crate::support::encode(&format!("userName eq \"{user_name}\""));
            let path = format!("/Users?filter={filter}&startIndex=1&count=100");
            assert_eq!(self.client.get(&path).await.total(), 0);
            let core = json!({"externalId": format!("00u{number}"), "locale": "en-US",
                "displayName": format!("Okta Person {number}"),
                "name": {"givenName": "Okta", "familyName": format!("Person {number}")}});
            let mut body = json!({"schemas": [USER], "userName": user_name, "groups": [],
                "emails": [{"primary": true, "value": user_name, "type": "work"}],
                "password": "1mz050nq", "active": true});
            merge(&mut body, core.clone());
            let created = self.client.post("/Users", body).await.expect(201);
            let mut user = User::new(&user_name);
            user.core = core.as_object().unwrap().clone();
            self.model.users.insert(created["id"].as_str().unwrap().to_owned(), user);
        }
    }

    async fn push_groups(&mut self) {
        for number in 0..4 {
            let display_name = format!("Pushed {number}");
            let body = json!({"schemas": [GROUP], "displayName": display_name, "members": []});
            let id = self.client.post("/Groups", body).await.expect(201)["id"].clone();
            let id = id.as_str().unwrap().to_owned();
            self.model.groups.insert(id.clone(), Group { display_name, ..Group::default() });
            let members: Vec<usize> = (0..USERS).filter(|user| user % 4 == number).collect();
            self.replace_members(&id, &members).await;
        }
    }

    /// GET, then PUT of everything that was read, with the change in it.
    async fn put(&mut self, user_name: &str, changes: &[(Target, Value)], edit: Value) -> Value {
        let id = self.model.id_of(user_name);
        let path = format!("/Users/{id}");
        let mut body = self.client.get(&path).await.expect(200);
        merge(&mut body, edit);
        let answer = self.client.put(&path, body).await.expect(200);
        let user = self.model.users.get_mut(&id).unwrap();
        for (target, value) in changes {
            user.set(*target, value);
        }
        answer
    }

    async fn change_profiles(&mut self) {
        let title = json!("Staff Engineer");
        self.put(&name(0), &[(Core("title"), title.clone())], json!({"title": title})).await;
        let edit = json!({"name": {"givenName": "Grace", "familyName": "Hopper"}});
        let changes = [(Name("givenName"), json!("Grace")), (Name("familyName"), json!("Hopper"))];
        self.put(&name(1), &changes, edit).await;
        // K2: whichever of the two differs from what is stored wins.
        let new = json!("renamed02@corp.example");
        self.put(&name(2), &[(UserName, new.clone())], json!({"userName": new})).await;
        let new = json!("mailed03@corp.example");
        let emails = json!([{"value": new, "type": "work", "primary": true}]);
        self.put(&name(3), &[(UserName, new)], json!({"emails": emails})).await;
        let edit = json!({"schemas": [USER, ENTERPRISE], ENTERPRISE: {"department": "Sales"}});
        self.put(&name(4), &[(Enterprise("department"), json!("Sales"))], edit).await;
        // An emptied attribute is left out or null.
        self.put(&name(0), &[(Core("title"), Value::Null)], json!({"title": null})).await;
        // `groups: []` of an echoed user is no request to leave all groups (K5).
        self.put(&name(5), &[], json!({"groups": []})).await;
    }

    async fn deactivate_and_return(&mut self) {
        for number in 6..9 {
            let id = self.model.id_of(&name(number));
            let operations = json!([{"op": "replace", "value": {"active": false}}]);
            self.client.operations(&format!("/Users/{id}"), operations).await.expect_success();
            self.model.users.get_mut(&id).unwrap().active = false;
        }
        for number in 9..12 {
            self.put(&name(number), &[(Active, json!(false))], json!({"active": false})).await;
        }
        // A profile PUT without `active` keeps somebody locked who is (U-06).
        let id = self.model.id_of(&name(9));
        let mut body = self.client.get(&format!("/Users/{id}")).await.expect(200);
        body.as_object_mut().unwrap().remove("active");
        let answer = self.client.put(&format!("/Users/{id}"), body).await.expect(200);
        assert_eq!(answer["active"], json!(false));
        // A deactivated user still answers, and is found again on re-assignment.
        let filter = format!("userName eq \"{}\"", name(6));
        assert_eq!(self.client.find("/Users", &filter).await.resources()[0]["active"], false);
        let answer = self.put(&name(6), &[(Active, json!(true))], json!({"active": true})).await;
        assert_eq!(answer["active"], json!(true));
        self.put(&name(10), &[(Active, json!(true))], json!({"active": true})).await;
        let again = json!({"schemas": [USER], "userName": name(11), "active": true});
        self.client.post("/Users", again).await.expect_error(409, "uniqueness");
    }

    async fn change_groups(&mut self) {
        let ids: Vec<String> = self.model.groups.keys().cloned().collect();
        // A rename repeats the id; a membership push repeats the rename.
        let value = json!({"id": ids[0], "displayName": "Pushed and renamed"});
        self.patch_group(&ids[0], json!([{"op": "replace", "value": value}])).await;
        "Pushed and renamed"
            .clone_into(&mut self.model.groups.get_mut(&ids[0]).unwrap().display_name);
        self.swap_member(&ids[1]).await;
        self.replace_members(&ids[2], &[0, 1, 4, 5]).await;
        self.put_group(&ids[2]).await;
        self.client.delete(&format!("/Groups/{}", ids[3])).await.expect(204);
        self.model.groups.remove(&ids[3]);
    }

    /// Remove by filter and add with display names, in one request.
    async fn swap_member(&mut self, group: &str) {
        let out = self.model.groups[group].members.first().unwrap().clone();
        let into = self.model.id_of(&name(20));
        let into_too = self.model.id_of(&name(21));
        let operations = json!([
            {"op": "remove", "path": format!("members[value eq \"{out}\"]")},
            {"op": "add", "path": "members", "value": [
                {"value": into, "display": name(20)}, {"value": into_too, "display": name(21)}]}]);
        self.patch_group(group, operations).await;
        let members = &mut self.model.groups.get_mut(group).unwrap().members;
        members.remove(&out);
        members.extend([into, into_too]);
    }

    /// A custom app pushes a group by PUT of all of it.
    async fn put_group(&mut self, group: &str) {
        let members = [self.model.id_of(&name(30)), self.model.id_of(&name(31))];
        let value: Vec<Value> = members.iter().map(|id| json!({"value": id})).collect();
        let body = json!({"schemas": [GROUP], "id": group, "displayName": "Put whole",
            "members": value});
        self.client.put(&format!("/Groups/{group}"), body).await.expect(200);
        let held = self.model.groups.get_mut(group).unwrap();
        "Put whole".clone_into(&mut held.display_name);
        held.members = members.into();
    }

    async fn replace_members(&mut self, group: &str, numbers: &[usize]) {
        let ids: Vec<String> = numbers.iter().map(|user| self.model.id_of(&name(*user))).collect();
        let value: Vec<Value> = ids.iter().map(|id| json!({"value": id})).collect();
        let operations = json!([{"op": "replace", "path": "members", "value": value}]);
        self.patch_group(group, operations).await;
        self.model.groups.get_mut(group).unwrap().members = ids.into_iter().collect();
    }

    async fn patch_group(&self, group: &str, operations: Value) {
        self.client.operations(&format!("/Groups/{group}"), operations).await.expect_success();
    }
}

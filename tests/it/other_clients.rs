//! Clients with few habits of their own: Google's connector, Nango, `SailPoint`, `OneLogin`, `JumpCloud`, curl, and the
//! documented examples of Keeper.

use serde_json::json;

use crate::model::{Group, Model, User, assert_same, references};
use crate::support::{ENTERPRISE, TestServer, USER};

both_engines! {
    /// Google Workspace directly: a bare list, then POSTs that name the SCIM 1.0 schema first.
    async fn google_direct(server: TestServer) {
        let client = server.client();
        assert_eq!(client.get("/Users").await.total(), 0);
        let mail = "gina@corp.example";
        let body = json!({"schemas": ["urn:scim:schemas:core:1.0", USER], "userName": mail,
            "emails": [{"value": mail, "primary": true, "type": "work"}],
            "displayName": "Gina Google", "active": true,
            "name": {"givenName": "Gina", "familyName": "Google"}});
        let created = client.post("/Users", body).await.expect(201);
        assert_eq!(created["schemas"], json!([USER]));
        let mut user = User::new(mail);
        user.core = json!({"displayName": "Gina Google",
            "name": {"givenName": "Gina", "familyName": "Google"}}).as_object().unwrap().clone();
        let mut model = Model::default();
        model.users.insert(created["id"].as_str().unwrap().to_owned(), user);
        assert_same(&client, &model).await;
    }

    /// Keeper's documented create: `roles` as a string, empty externalId, a team by value, enterprise URN unused.
    async fn keeper_documented_create_and_lock(server: TestServer) {
        let client = server.client();
        let team = client.create_group("Payroll", &[]).await;
        let body = json!({"schemas": [USER, ENTERPRISE], "userName": "ines@corp.example",
            "displayName": "Ines Roth", "externalId": "", "roles": "4711",
            "name": {"familyName": "Roth", "givenName": "Ines"},
            "emails": [{"value": "ines@corp.example"}],
            "groups": [{"value": team["id"], "display": "Payroll"}]});
        let user = client.post("/Users", body).await.expect(201);
        assert!(user.get("externalId").is_none_or(|id| id == ""), "{user}");
        let id = user["id"].as_str().unwrap();
        assert_eq!(references(&user["groups"]), [team["id"].as_str().unwrap().to_owned()].into());
        let operations = json!([{"op": "Replace", "path": "active", "value": "false"}]);
        let locked = client.operations(&format!("/Users/{id}"), operations).await.expect(200);
        assert_eq!(locked["active"], json!(false));
        let operations = json!([{"op": "Replace", "path": "active", "value": "TRUE"}]);
        let open = client.operations(&format!("/Users/{id}"), operations).await.expect(200);
        assert_eq!(open["active"], json!(true));
        assert_eq!(references(&open["groups"]).len(), 1, "a lock leaves the teams alone");
    }

    /// Nango reads `emails[primary].value` and `name.*` without a null check; displayName defaults to the address.
    async fn nango_sparse_user(server: TestServer) {
        let client = server.client();
        let mail = "nan@corp.example";
        let body = json!({"schemas": [USER], "userName": mail,
            "emails": [{"type": "work", "value": mail}]});
        let user = client.post("/Users", body).await.expect(201);
        assert_eq!(user["emails"], json!([{"value": mail, "type": "work", "primary": true}]));
        assert!(user["name"].is_object(), "name is always an object: {user}");
        assert_eq!(user["displayName"], json!(mail));
        assert_eq!(user["groups"], json!([]), "groups is always there: {user}");
    }

    /// `SailPoint` enables and disables by a path-less add.
    async fn sailpoint_add_active(server: TestServer) {
        let client = server.client();
        let user = client.create_user("sail@corp.example", json!({})).await;
        let path = format!("/Users/{}", user["id"].as_str().unwrap());
        for active in [false, true] {
            let operations = json!([{"op": "add", "value": {"active": active}}]);
            let answer = client.operations(&path, operations).await.expect(200);
            assert_eq!(answer["active"], json!(active));
        }
    }

    /// `OneLogin`: probe for a nobody, a body from a hand-written template, group calls, DELETE.
    async fn onelogin_template(server: TestServer) {
        let client = server.client().with_content_type(Some("application/json"));
        assert_eq!(client.find("/Users", "userName eq \"nobody\"").await.total(), 0);
        let body = json!({"schemas": [USER], "userName": "one@corp.example",
            "displayName": "One Login", "phoneNumbers": [], "title": null,
            "customTemplateKey": {"deep": [1, 2]}});
        let user = client.post("/Users", body).await.expect(201);
        assert!(user.get("customTemplateKey").is_none(), "{user}");
        let id = user["id"].as_str().unwrap();
        let group = client.create_group("OneLogin Role", &[]).await;
        let path = format!("/Groups/{}", group["id"].as_str().unwrap());
        let operations = json!([{"op": "add", "path": "members", "value": [{"value": id}]}]);
        client.operations(&path, operations).await.expect_success();
        assert_eq!(references(&client.get(&path).await.expect(200)["members"]), [id.into()].into());
        client.delete(&format!("/Users/{id}")).await.expect(204);
        assert_eq!(client.get(&format!("/Users/{id}")).await.expect(200)["active"], json!(false));
    }

    /// `JumpCloud` tries itself with a user and a group it deletes again, adopts groups by name, updates by PUT.
    async fn jumpcloud_activation(server: TestServer) {
        let client = server.client();
        let probe = client.create_user("jctest@corp.example", json!({"active": true})).await;
        let team = client.create_group("jctestgroup", &[]).await;
        let (user, group) = (probe["id"].as_str().unwrap(), team["id"].as_str().unwrap());
        client.delete(&format!("/Groups/{group}")).await.expect(204);
        client.delete(&format!("/Users/{user}")).await.expect(204);
        let held = client.create_group("Adopted", &[]).await;
        let found = client.find("/Groups", "displayName eq \"adopted\"").await.resources();
        assert_eq!(found[0]["id"], held["id"]);
        let body = json!({"schemas": [USER], "userName": "jctest@corp.example", "active": true,
            "displayName": "Back", "name": {"givenName": "J", "familyName": "C"}});
        let answer = client.put(&format!("/Users/{user}"), body).await.expect(200);
        assert_eq!(answer["active"], json!(true));
        assert_eq!(answer["displayName"], json!("Back"));
        let mut model = Model::default();
        let mut person = User::new("jctest@corp.example");
        person.core = json!({"displayName": "Back",
            "name": {"givenName": "J", "familyName": "C"}}).as_object().unwrap().clone();
        model.users.insert(user.to_owned(), person);
        let group = Group { display_name: "Adopted".to_owned(), ..Group::default() };
        model.groups.insert(held["id"].as_str().unwrap().to_owned(), group);
        assert_same(&client, &model).await;
    }

    /// Microsoft's Validator: roles as JSON text and with `primary` as text, an address of type `untyped`, no operations.
    async fn microsoft_validator_shapes(server: TestServer) {
        let client = server.client();
        let body = json!({"schemas": [USER, ENTERPRISE], "userName": "val@corp.example",
            "roles": [{"primary": "True", "value": "r", "type": "t", "display": "d"}],
            "phoneNumbers": [{"type": "untyped", "value": "555"}],
            ENTERPRISE: {"manager": "nobody-at-all"}});
        let user = client.post("/Users", body).await.expect(201);
        assert_eq!(user["roles"][0]["primary"], json!(true), "{user}");
        assert_eq!(user["phoneNumbers"][0]["type"], json!("untyped"));
        assert_eq!(user[ENTERPRISE]["manager"]["value"], json!("nobody-at-all"));
        let path = format!("/Users/{}", user["id"].as_str().unwrap());
        let operations = json!([
            {"op": "replace", "path": "roles[primary eq \"True\"].display", "value": "new"},
            {"op": "replace", "path": format!("{ENTERPRISE}:manager"), "value": {"value": ""}}]);
        let user = client.operations(&path, operations).await.expect(200);
        assert_eq!(user["roles"][0]["display"], json!("new"), "{user}");
        assert!(user[ENTERPRISE].get("manager").is_none(), "{user}");
        client.operations(&path, json!([])).await.expect(200);
        let text = "{\"id\":\"1\",\"value\":\"Admin\",\"displayName\":\"Admin\"}";
        let operations = json!([{"op": "Add", "path": "roles", "value": [{"value": text}]}]);
        client.operations(&path, operations).await.expect(200);
        let operations = json!([{"op": "replace", "path": "roles", "value": null}]);
        let user = client.operations(&path, operations).await.expect(200);
        assert!(user.get("roles").is_none_or(|roles| roles == &json!([])), "{user}");
    }
}

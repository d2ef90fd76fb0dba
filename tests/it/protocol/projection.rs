//! `attributes` and `excludedAttributes` (RFC 7644 sections 3.4.2.5, 3.9 and 3.10).

use serde_json::{Value, json};

use super::{group_path, id, user_path};
use crate::support::{Client, ENTERPRISE, GROUP, TestServer, USER};

async fn ada(client: &Client) -> Value {
    let more = json!({"displayName": "Ada", "title": "t", "externalId": "e",
        "name": {"givenName": "Ada", "familyName": "King"},
        "phoneNumbers": [{"value": "1", "type": "work"}],
        "schemas": [USER, ENTERPRISE],
        ENTERPRISE: {"department": "D", "manager": {"value": "7"}}});
    client.create_user("ada@x.example", more).await
}

fn keys(value: &Value) -> Vec<String> {
    let mut keys: Vec<String> = value.as_object().unwrap().keys().cloned().collect();
    keys.sort();
    keys
}

both_engines! {
    /// N-01: `attributes` leaves id, schemas and what was named.
    async fn n01_attributes_names_the_whole_answer(server: TestServer) {
        let client = server.client();
        let path = user_path(&ada(&client).await);
        let user = client.get(&format!("{path}?attributes=userName")).await.expect(200);
        assert_eq!(keys(&user), ["id", "schemas", "userName"]);
    }

    /// N-02, S-24: `excludedAttributes` takes away what was named, but never what is always returned.
    async fn n02_excluded_attributes_spares_what_is_always_returned(server: TestServer) {
        let client = server.client();
        let ada = ada(&client).await;
        let path = format!("{}?excludedAttributes=id,userName,name.givenName,meta", user_path(&ada));
        let user = client.get(&path).await.expect(200);
        assert_eq!(user["id"], ada["id"]);
        assert!(user.get("userName").is_none() && user.get("meta").is_none(), "{user}");
        assert_eq!(user["name"]["familyName"], "King");
        assert!(user["name"].get("givenName").is_none(), "{user}");
        assert_eq!(user["title"], "t");
    }

    /// N-02, N-03: Entra's `excludedAttributes=members` on every answer that shows a group.
    async fn n03_members_can_be_excluded_everywhere(server: TestServer) {
        let client = server.client();
        let ada = ada(&client).await;
        let query = "?excludedAttributes=members";
        let body = json!({"schemas": [GROUP], "displayName": "n03", "members": [{"value": ada["id"]}]});
        let group = client.post(&format!("/Groups{query}"), body.clone()).await.expect(201);
        let path = format!("{}{query}", group_path(&group));
        let mut shown = vec![group.clone(), client.get(&path).await.expect(200)];
        shown.extend(client.get(&format!("/Groups{query}")).await.resources());
        shown.push(client.put(&path, body).await.expect(200));
        let operations = json!([{"op": "replace", "path": "displayName", "value": "n03b"}]);
        let answer = client.operations(&path, operations).await;
        assert!(matches!(answer.status, 200 | 204), "{answer:?}");
        shown.extend(answer.body);
        for group in shown {
            assert!(group.get("members").is_none(), "{group}");
            assert_eq!(group["externalId"], Value::Null);
        }
        let whole = client.get(&group_path(&group)).await.expect(200);
        assert_eq!(whole["members"][0]["value"], ada["id"]);
    }

    /// N-03, C-07, P-12, U-12: both parameters on POST, PUT and PATCH too.
    async fn n03_projection_works_on_writes(server: TestServer) {
        let client = server.client();
        let body = json!({"schemas": [USER], "userName": "w@x.example", "title": "t"});
        let user = client.post("/Users?attributes=userName", body.clone()).await.expect(201);
        assert_eq!(keys(&user), ["id", "schemas", "userName"]);
        let path = user_path(&user);
        let user = client.put(&format!("{path}?attributes=title"), body).await.expect(200);
        assert_eq!(keys(&user), ["id", "schemas", "title"]);
        let operations = json!([{"op": "replace", "path": "title", "value": "u"}]);
        let user = client.operations(&format!("{path}?attributes=title"), operations).await;
        let user = user.expect(200);
        assert_eq!(keys(&user), ["id", "schemas", "title"]);
        assert_eq!(user["title"], "u");
        let group = client.create_group("n03", &[]).await;
        let path = format!("{}?attributes=displayName", group_path(&group));
        let operations = json!([{"op": "replace", "path": "displayName", "value": "named"}]);
        let group = client.operations(&path, operations).await.expect(200);
        assert_eq!(group["displayName"], "named", "a named attribute makes the PATCH answer 200");
    }

    /// N-04: the two exclude each other.
    async fn n04_both_parameters_are_refused(server: TestServer) {
        let client = server.client();
        let path = "/Users?attributes=userName&excludedAttributes=title";
        client.get(path).await.expect_error(400, "invalidValue");
    }

    /// N-05, N-06, N-09: every notation of a name.
    async fn n05_names_in_every_notation(server: TestServer) {
        let client = server.client();
        let path = user_path(&ada(&client).await);
        let department = json!({"department": "D"});
        for (names, key, value) in [
            ("name.givenName", "name", json!({"givenName": "Ada"})),
            ("NAME.GIVENNAME", "name", json!({"givenName": "Ada"})),
            ("phoneNumbers.value", "phoneNumbers", json!([{"value": "1"}])),
            ("name", "name", json!({"givenName": "Ada", "familyName": "King"})),
            ("urn:ietf:params:scim:schemas:core:2.0:User:title", "title", json!("t")),
            ("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
                ENTERPRISE, department.clone()),
            ("urn%3Aietf%3Aparams%3Ascim%3Aschemas%3Aextension%3Aenterprise%3A2.0%3AUser%3Adepartment",
                ENTERPRISE, department.clone()),
            ("userName,%20title", "title", json!("t")),
            ("userName,+title", "title", json!("t")),
            ("userName%2Ctitle", "title", json!("t")),
        ] {
            let user = client.get(&format!("{path}?attributes={names}")).await.expect(200);
            assert_eq!(user[key], value, "{names}: {user}");
            assert!(user.get("externalId").is_none(), "{names}: {user}");
        }
        let user = client.get(&format!("{path}?attributes={ENTERPRISE}")).await.expect(200);
        assert_eq!(user[ENTERPRISE]["department"], "D");
        assert_eq!(user[ENTERPRISE]["manager"]["value"], "7");
        let user = client.get(&format!("{path}?attributes={ENTERPRISE}:manager.value")).await;
        assert_eq!(user.expect(200)[ENTERPRISE], json!({"manager": {"value": "7"}}));
        let user = client.get(&format!("{path}?excludedAttributes={ENTERPRISE}:department")).await;
        let user = user.expect(200);
        assert!(user[ENTERPRISE].get("department").is_none(), "{user}");
        assert_eq!(user[ENTERPRISE]["manager"]["value"], "7");
    }

    /// N-07, N-08: unknown names name nothing; an empty parameter is absent.
    async fn n07_unknown_and_empty_names(server: TestServer) {
        let client = server.client();
        let ada = ada(&client).await;
        let path = user_path(&ada);
        let user = client.get(&format!("{path}?attributes=foo")).await.expect(200);
        assert_eq!(keys(&user), ["id", "schemas"]);
        assert_eq!(client.get(&format!("{path}?attributes=")).await.expect(200), ada);
        assert_eq!(client.get(&format!("{path}?excludedAttributes=foo")).await.expect(200), ada);
    }

    /// N-03: lists are projected item by item, groups on users included.
    async fn n03_lists_are_projected(server: TestServer) {
        let client = server.client();
        let ada = ada(&client).await;
        client.create_group("g", &[id(&ada)]).await;
        let listed = client.get("/Users?attributes=groups").await.resources();
        assert_eq!(keys(&listed[0]), ["groups", "id", "schemas"]);
        assert_eq!(listed[0]["groups"].as_array().unwrap().len(), 1);
        let listed = client.get("/Users?excludedAttributes=groups").await.resources();
        assert!(listed[0].get("groups").is_none(), "{listed:?}");
        let listed = client.get("/Groups?attributes=members.value").await.resources();
        assert_eq!(listed[0]["members"], json!([{"value": ada["id"]}]));
    }
}

//! What resources say about themselves: schemas, ids, versions, references (RFC 7643 sections 2 to 4).

use serde_json::json;

use super::{group_path, id, user_path};
use crate::support::{ENTERPRISE, TestServer, USER};

both_engines! {
    /// S-19, S-21, P-14, P-39: `schemas` lists exactly what is in use.
    async fn s19_schemas_lists_what_is_in_use(server: TestServer) {
        let client = server.client();
        let plain = client.create_user("s19a@x.example", json!({})).await;
        assert_eq!(plain["schemas"], json!([USER]));
        let more = json!({"schemas": [USER], ENTERPRISE: {"department": "D", "costCenter": "1"}});
        let user = client.create_user("s19b@x.example", more).await;
        assert_eq!(user["schemas"].as_array().unwrap().len(), 2, "{user}");
        let path = user_path(&user);
        let department = format!("{ENTERPRISE}:department");
        let operations = json!([{"op": "remove", "path": department},
            {"op": "remove", "path": format!("{ENTERPRISE}:costCenter")}]);
        let user = client.operations(&path, operations).await.expect(200);
        assert_eq!(user["schemas"], json!([USER]));
        assert!(user.get(ENTERPRISE).is_none(), "{user}");
        let operations = json!([{"op": "add", "path": department, "value": "E"}]);
        let user = client.operations(&path, operations).await.expect(200);
        assert!(user["schemas"].as_array().unwrap().contains(&json!(ENTERPRISE)), "{user}");
        let user = client.operations(&path, json!([{"op": "remove", "path": ENTERPRISE}])).await;
        assert_eq!(user.expect(200)["schemas"], json!([USER]));
    }

    /// S-40: ids are exact, never a client's, never used for two things.
    async fn s40_ids_are_exact(server: TestServer) {
        let client = server.client();
        let user = client.create_user("s40@x.example", json!({})).await;
        let group = client.create_group("s40", &[]).await;
        assert_ne!(user["id"], group["id"]);
        assert!(!id(&user).contains("bulkId"));
        assert_eq!(client.find("/Users", &format!("id eq \"{}\"", id(&user))).await.total(), 1);
        let upper = id(&user).to_uppercase();
        assert_ne!(upper, id(&user));
        assert_eq!(client.find("/Users", &format!("id eq \"{upper}\"")).await.total(), 0);
        client.get(&format!("/Users/{upper}")).await.expect_error(404, "");
    }

    /// S-41, S-22: externalId belongs to the client, is exact, not unique, and never made up.
    async fn s41_external_id_is_the_clients(server: TestServer) {
        let client = server.client();
        let first = client.create_user("s41a@x.example", json!({"externalId": "AbC"})).await;
        client.create_user("s41b@x.example", json!({"externalId": "AbC"})).await;
        let without = client.create_user("s41c@x.example", json!({})).await;
        assert_eq!(first["externalId"], "AbC");
        assert!(without.get("externalId").is_none(), "{without}");
        assert_eq!(client.find("/Users", "externalId eq \"AbC\"").await.total(), 2);
        assert_eq!(client.find("/Users", "externalId eq \"abc\"").await.total(), 0);
        let elsewhere = server.another_node("Elsewhere").await;
        assert_eq!(elsewhere.find("/Users", "externalId eq \"AbC\"").await.total(), 0);
    }

    /// S-44, U-09, V-02: `created` stays; `lastModified` and `version` move with a change.
    async fn s44_times_move_with_changes(server: TestServer) {
        let client = server.client();
        let before = client.create_user("s44@x.example", json!({})).await;
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        let operations = json!([{"op": "add", "path": "title", "value": "t"}]);
        let after = client.operations(&user_path(&before), operations).await.expect(200);
        assert_eq!(after["meta"]["created"], before["meta"]["created"]);
        assert_ne!(after["meta"]["version"], before["meta"]["version"]);
        let time = |user: &serde_json::Value| user["meta"]["lastModified"].as_str().unwrap().to_owned();
        assert!(time(&after) > time(&before), "{} {}", time(&after), time(&before));
    }

    /// S-09, K-16, K5: every reference in an answer can be fetched, from both sides of a membership.
    async fn s09_references_can_be_fetched(server: TestServer) {
        let client = server.client();
        let user = client.create_user("s09@x.example", json!({})).await;
        let group = client.create_group("s09", &[id(&user)]).await;
        let user = client.get(&user_path(&user)).await.expect(200);
        for reference in [&group["members"][0], &user["groups"][0]] {
            let url = reference["$ref"].as_str().unwrap_or_else(|| panic!("$ref in {reference}"));
            let path = url.strip_prefix(&client.base).expect("below the node's URL");
            assert_eq!(client.get(path).await.expect(200)["id"], reference["value"]);
        }
        assert_eq!(user["groups"][0]["display"], "s09");
        assert_eq!(user["groups"][0]["type"], "direct");
        assert_eq!(group["members"][0]["type"], "User");
    }

    /// K-22, K-23: the manager is an object with a value, however it was sent; its displayName is not the client's.
    async fn k23_manager_is_stored_in_one_form(server: TestServer) {
        let client = server.client();
        let boss = client.create_user("boss@x.example", json!({"displayName": "Boss"})).await;
        let user = client.create_user("k23@x.example", json!({})).await;
        let path = format!("{ENTERPRISE}:manager");
        for value in [json!(id(&boss)), json!({"value": id(&boss)}), json!([{"value": id(&boss)}])] {
            let operations = json!([{"op": "Add", "path": path, "value": value}]);
            let user = client.operations(&user_path(&user), operations).await.expect(200);
            assert_eq!(user[ENTERPRISE]["manager"]["value"], boss["id"], "{value}");
        }
        let filter = format!("{ENTERPRISE}:manager.value eq \"{}\"", id(&boss));
        assert_eq!(client.find("/Users", &filter).await.total(), 1);
    }

    /// K-19, K3: deleting a user of a `hidden` method takes it out of every group's members.
    async fn k19_a_deleted_user_leaves_no_dangling_member(server: TestServer) {
        server.set("removed_users", "hidden").await;
        let client = server.client();
        let user = client.create_user("k19@x.example", json!({})).await;
        let group = client.create_group("k19", &[id(&user)]).await;
        client.delete(&user_path(&user)).await.expect(204);
        let after = client.get(&group_path(&group)).await.expect(200);
        assert!(after.get("members").is_none_or(|members| members == &json!([])), "{after}");
        let filter = format!("members.value eq \"{}\"", id(&user));
        assert_eq!(client.find("/Groups", &filter).await.total(), 0);
    }

    /// S-47, F-18: the common attributes work on both types, in filters, sorting and projection.
    async fn s47_common_attributes_work_everywhere(server: TestServer) {
        let client = server.client();
        let user = client.create_user("s47@x.example", json!({"externalId": "x1"})).await;
        client.create_group("s47", &[]).await;
        for path in ["/Users", "/Groups"] {
            for filter in ["meta.lastModified gt \"2020-01-01T00:00:00Z\"", "meta.created pr",
                "meta.version pr", "meta.location pr", "id pr"] {
                assert_eq!(client.find(path, filter).await.total(), 1, "{path} {filter}");
            }
            client.get(&format!("{path}?sortBy=meta.created")).await.expect(200);
            let shown = client.get(&format!("{path}?attributes=meta.location")).await.resources();
            assert_eq!(shown[0]["meta"].as_object().unwrap().len(), 1, "{shown:?}");
        }
        assert_eq!(client.find("/Users", "meta.resourceType eq \"User\"").await.total(), 1);
        assert_eq!(client.find("/Users", "meta.resourceType eq \"Group\"").await.total(), 0);
        let version = user["meta"]["version"].as_str().unwrap().replace('"', "\\\"");
        let filter = format!("meta.version eq \"{version}\"");
        assert_eq!(client.find("/Users", &filter).await.total(), 1, "{filter}");
        let location = user["meta"]["location"].as_str().unwrap();
        let filter = format!("meta.location eq \"{location}\"");
        assert_eq!(client.find("/Users", &filter).await.total(), 1, "{filter}");
    }
}

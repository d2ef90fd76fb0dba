//! PATCH (RFC 7644 section 3.5.2): the message, atomicity, add, remove, replace.

use std::time::Duration;

use axum::http::Method;
use serde_json::{Value, json};

use super::{group_path, id, user_path};
use crate::model::references;
use crate::support::{Client, PATCH_OP, TestServer};

async fn user(client: &Client, more: Value) -> (String, Value) {
    let user = client.create_user("patch@x.example", more).await;
    (user_path(&user), user)
}

both_engines! {
    /// P-01, P-02, P-08, P-23: messages that are none.
    async fn p01_bad_messages_are_invalid_syntax(server: TestServer) {
        let client = server.client();
        let (path, before) = user(&client, json!({})).await;
        for bad in [json!({"schemas": [PATCH_OP]}), json!({"schemas": [PATCH_OP], "Operations": {}}),
            json!({"schemas": [PATCH_OP], "Operations": "x"}),
            json!({"schemas": [PATCH_OP], "Operations": [5]}),
            json!({"schemas": [PATCH_OP], "Operations": [{"path": "title", "value": "t"}]})] {
            client.patch(&path, bad).await.expect_error(400, "invalidSyntax");
        }
        for op in ["move", "copy", "test", ""] {
            let operations = json!([{"op": op, "path": "title", "value": "t"}]);
            client.operations(&path, operations).await.expect_error(400, "invalidSyntax");
        }
        for (op, value) in [("add", json!("x")), ("replace", json!(5)), ("add", json!(null))] {
            let operations = json!([{"op": op, "value": value}]);
            client.operations(&path, operations).await.expect_error(400, "invalidValue");
        }
        let operations = json!([{"op": "add", "path": "title"}]);
        client.operations(&path, operations).await.expect_error(400, "invalidValue");
        assert_eq!(client.get(&path).await.expect(200), before);
    }

    /// P-01, P-02, P-18: operation names and keys in any case, booleans as text.
    async fn p02_any_case_is_accepted(server: TestServer) {
        let client = server.client();
        let (path, _) = user(&client, json!({})).await;
        let message = json!({"schemas": [PATCH_OP], "operations": [
            {"OP": "REPLACE", "Path": "Title", "VALUE": "t"},
            {"op": "Add", "path": "active", "value": "False"}]});
        let after = client.patch(&path, message).await.expect(200);
        assert_eq!((&after["title"], &after["active"]), (&json!("t"), &json!(false)));
    }

    /// P-03: one failing operation leaves everything as it was, group links included.
    async fn p03_all_or_nothing(server: TestServer) {
        let client = server.client();
        let (path, _) = user(&client, json!({"title": "t"})).await;
        let team = client.create_group("p03", &[]).await;
        let before = client.get(&path).await.expect(200);
        let good = json!({"op": "replace", "path": "title", "value": "changed"});
        let join = json!({"op": "add", "path": "groups", "value": [{"value": team["id"]}]});
        for bad in [json!({"op": "replace", "path": "active", "value": "maybe"}),
            json!({"op": "replace", "path": "emails[", "value": "x"}),
            json!({"op": "remove"}),
            json!({"op": "replace", "path": "userName", "value": "no address"})] {
            let operations = json!([good, join, bad]);
            client.operations(&path, operations).await.expect_error(400, "");
            assert_eq!(client.get(&path).await.expect(200), before, "{bad}");
        }
        let held = client.get(&group_path(&team)).await.expect(200);
        assert_eq!(held, team, "the group link went back too");
    }

    /// P-04: each operation sees the one before.
    async fn p04_operations_act_in_order(server: TestServer) {
        let client = server.client();
        let (path, _) = user(&client, json!({})).await;
        let after = client.operations(&path, json!([
            {"op": "add", "path": "phoneNumbers", "value": [{"type": "work", "value": "1"}]},
            {"op": "replace", "path": "phoneNumbers[value eq \"1\"].value", "value": "2"},
            {"op": "add", "path": "title", "value": "t"},
            {"op": "remove", "path": "title"}])).await.expect(200);
        assert_eq!(after["phoneNumbers"], json!([{"type": "work", "value": "2"}]));
        assert!(after.get("title").is_none());
    }

    /// P-11, S-25: a taken userName, a taken displayName.
    async fn p11_uniqueness(server: TestServer) {
        let client = server.client();
        client.create_user("taken@x.example", json!({})).await;
        let (path, _) = user(&client, json!({})).await;
        let operations = json!([{"op": "replace", "path": "userName", "value": "TAKEN@x.example"}]);
        client.operations(&path, operations).await.expect_error(409, "uniqueness");
        client.create_group("Taken", &[]).await;
        let group = client.create_group("Free", &[]).await;
        let operations = json!([{"op": "replace", "value": {"displayName": "TAKEN"}}]);
        client.operations(&group_path(&group), operations).await.expect_error(409, "uniqueness");
    }

    /// P-13, P-27, P-36, P-38: what changes nothing succeeds and leaves the version.
    async fn p13_no_change_keeps_the_version(server: TestServer) {
        let client = server.client();
        let more = json!({"title": "t", "phoneNumbers": [{"type": "work", "value": "1"}]});
        let (path, before) = user(&client, more).await;
        tokio::time::sleep(Duration::from_millis(10)).await;
        for operation in [json!({"op": "replace", "path": "title", "value": "t"}),
            json!({"op": "add", "path": "phoneNumbers", "value": {"type": "work", "value": "1"}}),
            json!({"op": "remove", "path": "nickName"}),
            json!({"op": "remove", "path": "phoneNumbers[type eq \"fax\"]"}),
            json!({"op": "replace", "value": {"active": true, "userName": "patch@x.example"}}),
            json!({"op": "remove", "path": "emails"})] {
            let after = client.operations(&path, json!([operation])).await.expect(200);
            assert_eq!(after, before, "{operation}");
        }
        let group = client.create_group("p13", &[id(&before)]).await;
        let path = group_path(&group);
        for operation in [json!({"op": "add", "path": "members", "value": [{"value": before["id"]}]}),
            json!({"op": "remove", "path": "members[value eq \"nope\"]"}),
            json!({"op": "replace", "path": "members", "value": [{"value": before["id"]}]})] {
            client.operations(&path, json!([operation])).await.expect(204);
            assert_eq!(client.get(&path).await.expect(200), group, "{operation}");
        }
    }

    /// P-12, K9: a user PATCH answers with the user, a group PATCH with nothing.
    async fn p12_answers(server: TestServer) {
        let client = server.client();
        let (path, _) = user(&client, json!({})).await;
        let operations = json!([{"op": "add", "path": "title", "value": "t"}]);
        let answer = client.operations(&path, operations).await.expect(200);
        assert_eq!(client.get(&path).await.expect(200), answer);
        let group = client.create_group("p12", &[]).await;
        let operations = json!([{"op": "replace", "path": "displayName", "value": "p12b"}]);
        client.operations(&group_path(&group), operations).await.expect(204);
    }

    /// P-15: a new primary demotes the old one.
    async fn p15_one_primary(server: TestServer) {
        let client = server.client();
        let phones = json!([{"type": "work", "value": "1", "primary": true},
            {"type": "home", "value": "2"}]);
        let (path, _) = user(&client, json!({"phoneNumbers": phones})).await;
        let operations = json!([{"op": "replace", "path": "phoneNumbers[type eq \"home\"].primary",
            "value": true}]);
        let after = client.operations(&path, operations).await.expect(200);
        let primary: Vec<bool> = after["phoneNumbers"].as_array().unwrap().iter()
            .map(|phone| phone["primary"] == json!(true)).collect();
        assert_eq!(primary, [false, true], "{after}");
    }

    /// P-16: unknown resources, collections.
    async fn p16_where_there_is_nothing_to_patch(server: TestServer) {
        let client = server.client();
        let operations = json!([{"op": "add", "path": "title", "value": "t"}]);
        client.operations("/Users/nope", operations.clone()).await.expect_error(404, "");
        let answer = client.operations("/Users", operations).await;
        assert!(answer.header("allow").is_some_and(|allow| allow.contains("POST")), "{answer:?}");
        answer.expect_error(405, "");
        let answer = client.send(Method::PATCH, "/Groups/nope", &[], Some("{}".to_owned())).await;
        assert!(matches!(answer.status, 400 | 404), "{answer:?}");
    }

    /// P-19: a thousand members in one request, and away again.
    async fn p19_a_thousand_members(server: TestServer) {
        let client = server.client();
        let mut tasks = tokio::task::JoinSet::new();
        for lane in 0..8 {
            let client = client.clone();
            tasks.spawn(async move {
                let mut ids = Vec::new();
                for number in 0..125 {
                    let name = format!("m{lane}.{number}@x.example");
                    ids.push(id(&client.create_user(&name, json!({})).await).to_owned());
                }
                ids
            });
        }
        let ids: Vec<String> = tasks.join_all().await.concat();
        let group = client.create_group("p19", &[]).await;
        let path = group_path(&group);
        let value: Vec<Value> = ids.iter().map(|id| json!({"value": id})).collect();
        let operations = json!([{"op": "add", "path": "members", "value": value}]);
        client.operations(&path, operations).await.expect(204);
        let held = client.get(&path).await.expect(200);
        assert_eq!(references(&held["members"]), ids.iter().cloned().collect());
        let operations: Vec<Value> = ids[..500].iter()
            .map(|id| json!({"op": "remove", "path": format!("members[value eq \"{id}\"]")}))
            .collect();
        client.operations(&path, json!(operations)).await.expect(204);
        let held = client.get(&path).await.expect(200);
        assert_eq!(references(&held["members"]), ids[500..].iter().cloned().collect());
    }

    /// P-20, P-17, P-35: the result must be valid as a whole.
    async fn p35_required_attributes_cannot_go(server: TestServer) {
        let client = server.client();
        let (path, before) = user(&client, json!({})).await;
        for required in ["userName", "id"] {
            let operations = json!([{"op": "remove", "path": required}]);
            client.operations(&path, operations).await.expect_error(400, "mutability");
        }
        let operations = json!([{"op": "replace", "path": "userName", "value": null}]);
        client.operations(&path, operations).await.expect_error(400, "");
        assert_eq!(client.get(&path).await.expect(200), before);
        let group = client.create_group("p35", &[]).await;
        let operations = json!([{"op": "remove", "path": "displayName"}]);
        client.operations(&group_path(&group), operations).await.expect_error(400, "mutability");
    }
}

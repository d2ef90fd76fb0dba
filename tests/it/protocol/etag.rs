//! Versions and preconditions (RFC 7644 section 3.14).

use axum::http::Method;
use serde_json::{Value, json};

use super::{group_path, id, user_path};
use crate::support::{Answer, Client, PATCH_OP, TestServer, USER};

async fn conditional(client: &Client, method: Method, path: &str, header: (&str, &str)) -> Answer {
    let body = match method {
        Method::PUT => Some(json!({"schemas": [USER], "userName": "v@x.example", "title": "put"})),
        Method::PATCH => Some(json!({"schemas": [PATCH_OP],
            "Operations": [{"op": "add", "path": "title", "value": "patched"}]})),
        _ => None,
    };
    client.send(method, path, &[header], body.as_ref().map(Value::to_string)).await
}

both_engines! {
    /// V-01, S-46: every answer with a resource carries its version; list items too.
    async fn v01_versions_are_everywhere(server: TestServer) {
        let client = server.client();
        let answer = client.post("/Users", json!({"schemas": [USER], "userName": "v@x.example"})).await;
        let tag = answer.header("etag").expect("ETag on POST").to_owned();
        let user = answer.expect(201);
        assert_eq!(user["meta"]["version"], json!(tag));
        assert!(tag.starts_with("W/\"") || tag.starts_with('"'), "{tag}");
        let path = user_path(&user);
        assert_eq!(client.get(&path).await.header("etag"), Some(tag.as_str()));
        assert_eq!(client.get("/Users").await.resources()[0]["meta"]["version"], json!(tag));
        let group = client.create_group("v01", &[id(&user)]).await;
        let tag = group["meta"]["version"].as_str().unwrap();
        assert_eq!(client.get(&group_path(&group)).await.header("etag"), Some(tag));
    }

    /// V-03: If-None-Match: 304 for the version held, alone, in a list, by `*`, with a projection; otherwise 200.
    async fn v03_if_none_match(server: TestServer) {
        let client = server.client();
        let user = client.create_user("v@x.example", json!({})).await;
        let path = user_path(&user);
        let tag = user["meta"]["version"].as_str().unwrap();
        let list = format!("\"other\", {tag}");
        let strong = tag.trim_start_matches("W/");
        for held in [tag, list.as_str(), "*", strong] {
            let answer = conditional(&client, Method::GET, &path, ("if-none-match", held)).await;
            assert_eq!(answer.status, 304, "{held}");
            assert_eq!(answer.header("etag"), Some(tag));
        }
        let projected = format!("{path}?attributes=userName");
        let answer = conditional(&client, Method::GET, &projected, ("if-none-match", tag)).await;
        assert_eq!(answer.status, 304);
        let answer = conditional(&client, Method::GET, &path, ("if-none-match", "\"other\"")).await;
        assert_eq!(answer.status, 200);
    }

    /// V-04, V-05, D-07, U-12: a stale If-Match is 412 and does nothing; a right one, weak or `*`, lets pass.
    async fn v04_if_match(server: TestServer) {
        let client = server.client();
        let first = client.create_user("v@x.example", json!({"title": "t"})).await;
        let path = user_path(&first);
        let stale = first["meta"]["version"].as_str().unwrap().to_owned();
        let operations = json!([{"op": "replace", "path": "title", "value": "u"}]);
        let second = client.operations(&path, operations).await.expect(200);
        for method in [Method::PUT, Method::PATCH, Method::DELETE] {
            for bad in [stale.as_str(), "\"nonsense\"", "W/\"0\""] {
                let answer = conditional(&client, method.clone(), &path, ("if-match", bad)).await;
                answer.expect_error(412, "");
            }
        }
        assert_eq!(client.get(&path).await.expect(200), second);
        let tag = second["meta"]["version"].as_str().unwrap();
        let answer = conditional(&client, Method::PATCH, &path, ("if-match", tag)).await;
        assert_eq!(answer.expect(200)["title"], "patched");
        let answer = conditional(&client, Method::PUT, &path, ("if-match", "*")).await;
        let third = answer.expect(200);
        let list = format!("\"x\", {}", third["meta"]["version"].as_str().unwrap());
        let answer = conditional(&client, Method::DELETE, &path, ("if-match", &list)).await;
        answer.expect(204);
    }

    /// V-02: a group's version moves with its members, however they were changed.
    async fn v02_members_move_the_version(server: TestServer) {
        let client = server.client();
        let user = client.create_user("v02@x.example", json!({})).await;
        let group = client.create_group("v02", &[]).await;
        let path = group_path(&group);
        let version = |group: &Value| group["meta"]["version"].as_str().unwrap().to_owned();
        let join = json!([{"op": "add", "path": "groups", "value": [{"value": group["id"]}]}]);
        client.operations(&user_path(&user), join).await.expect(200);
        let second = client.get(&path).await.expect(200);
        assert_ne!(version(&second), version(&group));
        let leave = json!([{"op": "remove", "path": "members", "value": [{"value": user["id"]}]}]);
        client.operations(&path, leave).await.expect(204);
        let third = client.get(&path).await.expect(200);
        assert_ne!(version(&third), version(&second));
    }

    /// V-06: without a precondition a write is allowed.
    async fn v06_no_precondition_is_fine(server: TestServer) {
        let client = server.client();
        let user = client.create_user("v@x.example", json!({})).await;
        let body = json!({"schemas": [USER], "userName": "v@x.example", "title": "t"});
        client.put(&user_path(&user), body).await.expect(200);
    }
}

//! What is left of removed users, of seats and of members in the answers that others get (K3, K5, K6).

use axum::http::Method;
use serde_json::{Value, json};

use crate::model::references;
use crate::protocol::{group_path, id, user_path};
use crate::support::{Client, TestServer, USER};

fn active(value: bool) -> Value {
    json!([{"op": "replace", "path": "active", "value": value}])
}

/// The group as it is now, which a client that holds `old` must be sent.
async fn changed(client: &Client, old: &Value) -> Value {
    let tag = old["meta"]["version"].as_str().unwrap();
    let answer = client.send(Method::GET, &group_path(old), &[("if-none-match", tag)], None).await;
    assert_ne!(answer.header("etag"), Some(tag), "{answer:?}");
    let group = answer.expect(200);
    assert_ne!(group["meta"]["version"], old["meta"]["version"]);
    let listed = client.get("/Groups").await.resources();
    assert_eq!(listed[0]["meta"]["version"], group["meta"]["version"]);
    group
}

both_engines! {
    /// K6: a name that is taken is said first; a locked user has no seat and needs one to come back.
    async fn k6_no_seat_left(server: TestServer) {
        server.organization(Some(2), &[]).await;
        let client = server.client();
        let first = client.create_user("a@x.example", json!({})).await;
        let second = client.create_user("b@x.example", json!({})).await;
        let body = |name: &str| json!({"schemas": [USER], "userName": name});
        client.post("/Users", body("A@x.example")).await.expect_error(409, "uniqueness");
        client.post("/Users", body("c@x.example")).await.expect_error(428, "");
        // What takes no seat needs none.
        client.create_user("locked@x.example", json!({"active": false})).await;
        let title = json!([{"op": "add", "path": "title", "value": "t"}]);
        client.operations(&user_path(&second), title).await.expect(200);
        client.operations(&user_path(&second), active(true)).await.expect(200);
        client.operations(&user_path(&first), active(false)).await.expect(200);
        client.post("/Users", body("c@x.example")).await.expect(201);
        client.operations(&user_path(&first), active(true)).await.expect_error(428, "");
        assert_eq!(client.get(&user_path(&first)).await.expect(200)["active"], json!(false));
        server.lock_user(id(&second)).await;
        client.operations(&user_path(&first), active(true)).await.expect(200);
        assert_eq!(client.find("/Users", "active eq true").await.total(), 2);
    }

    /// K3, K6, `hidden`: who comes back by POST needs a seat too.
    async fn k6_return_takes_a_seat(server: TestServer) {
        server.set("removed_users", "hidden").await;
        server.organization(Some(1), &[]).await;
        let client = server.client();
        let first = client.create_user("a@x.example", json!({})).await;
        client.delete(&user_path(&first)).await.expect(204);
        let second = client.create_user("b@x.example", json!({})).await;
        let body = json!({"schemas": [USER], "userName": "a@x.example"});
        client.post("/Users", body.clone()).await.expect_error(428, "");
        client.get(&user_path(&first)).await.expect_error(404, "");
        client.delete(&user_path(&second)).await.expect(204);
        assert_eq!(client.post("/Users", body).await.expect(201)["id"], first["id"]);
    }

    /// K5: operations on members act in order, also where a filter names those whom the request itself adds.
    async fn members_filter_sees_earlier_operations(server: TestServer) {
        let client = server.client();
        let user = client.create_user("a@x.example", json!({"displayName": "Ann"})).await;
        let other = client.create_user("b@x.example", json!({"displayName": "Bob"})).await;
        let group = client.create_group("Team", &[id(&other)]).await;
        let add = json!({"op": "add", "path": "members", "value": [{"value": user["id"]}]});
        let remove = json!({"op": "remove", "path": "members[display eq \"Ann\"]"});
        let members = async || {
            references(&client.get(&group_path(&group)).await.expect(200)["members"])
        };
        let (ann, bob) = (id(&user).to_owned(), id(&other).to_owned());
        client.operations(&group_path(&group), json!([add, remove])).await.expect(204);
        assert_eq!(members().await, [bob.clone()].into());
        client.operations(&group_path(&group), json!([remove, add])).await.expect(204);
        assert_eq!(members().await, [ann.clone(), bob.clone()].into());
        client.operations(&group_path(&group), json!([remove, add])).await.expect(204);
        assert_eq!(members().await, [ann, bob.clone()].into());
        client.operations(&group_path(&group), json!([add, remove])).await.expect(204);
        assert_eq!(members().await, [bob].into());
    }

    /// K5: the same from the side of the user.
    async fn groups_filter_sees_earlier_operations(server: TestServer) {
        let client = server.client();
        let group = client.create_group("Team", &[]).await;
        let path = user_path(&client.create_user("a@x.example", json!({})).await);
        let add = json!({"op": "add", "path": "groups", "value": [{"value": group["id"]}]});
        let remove = json!({"op": "remove", "path": "groups[display eq \"Team\"]"});
        for (operations, count) in [(json!([add, remove]), 0), (json!([remove, add]), 1),
            (json!([add, remove]), 0)] {
            let user = client.operations(&path, operations).await.expect(200);
            assert_eq!(references(&user["groups"]).len(), count, "{user}");
            let held = client.get(&group_path(&group)).await.expect(200);
            assert_eq!(references(&held["members"]).len(), count, "{held}");
        }
    }

    /// K3, V-03, `hidden`: who goes and comes back changes the groups that show it, and so their versions.
    async fn k3_hidden_members_move_the_version(server: TestServer) {
        server.set("removed_users", "hidden").await;
        let client = server.client();
        let user = client.create_user("a@x.example", json!({})).await;
        let other = client.create_user("b@x.example", json!({})).await;
        let full = client.create_group("Team", &[id(&user), id(&other)]).await;
        client.delete(&user_path(&user)).await.expect(204);
        let less = changed(&client, &full).await;
        assert_eq!(references(&less["members"]), [id(&other).to_owned()].into());
        let body = json!({"schemas": [USER], "userName": "a@x.example"});
        assert_eq!(client.post("/Users", body).await.expect(201)["id"], user["id"]);
        let again = changed(&client, &less).await;
        assert_eq!(references(&again["members"]), references(&full["members"]));
    }

    /// K1, K3: a removed user whose address went to another stays a user, without the address.
    async fn k3_displaced_users_stay(server: TestServer) {
        server.set("removed_users", "hidden").await;
        let client = server.client();
        let first = client.create_user("a@x.example", json!({})).await;
        let second = client.create_user("b@x.example", json!({})).await;
        client.delete(&user_path(&first)).await.expect(204);
        let rename = json!([{"op": "replace", "path": "userName", "value": "a@x.example"}]);
        client.operations(&user_path(&second), rename).await.expect(200);
        server.set("removed_users", "listed").await;
        let path = user_path(&first);
        let held = client.get(&path).await.expect(200);
        assert_eq!((&held["userName"], &held["active"]), (&json!("a@x.example"), &json!(false)));
        client.delete(&path).await.expect(204);
        client.delete(&path).await.expect(204);
        let title = json!([{"op": "add", "path": "title", "value": "t"}]);
        assert_eq!(client.operations(&path, title).await.expect(200)["title"], "t");
        let detail = client.operations(&path, active(true)).await.expect_error(409, "uniqueness");
        assert!(detail.contains(id(&second)), "{detail}");
        assert_eq!(client.get(&path).await.expect(200)["active"], json!(false));
        let rename = json!([{"op": "replace", "path": "userName", "value": "c@x.example"}]);
        client.operations(&path, rename).await.expect(200);
        assert_eq!(client.operations(&path, active(true)).await.expect(200)["active"], json!(true));
    }

    /// V-04: a tag from before the groups changed is stale, for PATCH and PUT; the current one is not.
    async fn v04_groups_are_part_of_the_version(server: TestServer) {
        let client = server.client();
        let user = client.create_user("a@x.example", json!({})).await;
        let team = client.create_group("Team", &[]).await;
        let other = client.create_group("Other", &[]).await;
        let path = user_path(&user);
        let leave = json!({"Operations": [{"op": "replace", "path": "groups", "value": []}]});
        let put = json!({"schemas": [USER], "userName": "a@x.example",
            "groups": [{"value": other["id"]}]});
        let join = json!([{"op": "add", "path": "members", "value": [{"value": user["id"]}]}]);
        for (method, body, expected) in [(Method::PATCH, leave, None), (Method::PUT, put, Some(&other))] {
            let old = client.get(&path).await.expect(200);
            client.operations(&group_path(&team), join.clone()).await.expect(204);
            let current = client.get(&path).await.expect(200);
            let send = async |held: &Value| {
                let tags = [("if-match", held["meta"]["version"].as_str().unwrap())];
                client.send(method.clone(), &path, &tags, Some(body.to_string())).await
            };
            send(&old).await.expect_error(412, "");
            assert_eq!(client.get(&path).await.expect(200), current);
            let after = send(&current).await.expect(200);
            assert_eq!(references(&after["groups"]), expected.map(|g| id(g).to_owned()).into_iter().collect());
        }
    }
}

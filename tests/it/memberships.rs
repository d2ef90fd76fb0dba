//! What changes memberships together: many clients at one group, members a client cannot see, names that groups
//! show, conditions and domains that must not be taken for others.

use std::time::{Duration, Instant};

use axum::http::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::model::references;
use crate::protocol::{group_path, id, user_path};
use crate::support::{TestServer, USER};

fn replace(path: &str, value: &Value) -> Value {
    json!([{"op": "replace", "path": path, "value": value}])
}

both_engines! {
    /// P-49: clients that replace, add and remove members of one group at the same time wait for each other, none
    /// for a deadlock, and what is there at the end is there on both sides.
    async fn many_clients_change_one_group(server: TestServer) {
        let (clients, _second) = server.two_clients().await;
        let mut users = Vec::new();
        for number in 0..24 {
            users.push(clients[0].create_user(&format!("u{number}@x.example"), json!({})).await);
        }
        let group = clients[0].create_group("Team", &[]).await;
        let start = Instant::now();
        let mut tasks = JoinSet::new();
        for number in 0..160_usize {
            let client = clients[number % 2].clone();
            // Every request names other users, in another order.
            let step = [1, 5, 7, 11, 13][number % 5];
            let some = |place: usize| json!({"value": users[(number + place * step) % 24]["id"]});
            let members: Vec<Value> = (0..8).map(some).collect();
            let op = ["replace", "add", "remove"][number % 3];
            let body = json!([{"op": op, "path": "members", "value": members}]);
            let path = group_path(&group);
            tasks.spawn(async move { client.operations(&path, body).await.status });
        }
        assert!(tasks.join_all().await.iter().all(|status| *status == 204));
        // A deadlock is only noticed after a second, and there would be dozens.
        assert!(start.elapsed() < Duration::from_secs(20), "{:?}", start.elapsed());
        let members = references(&clients[0].get(&group_path(&group)).await.expect(200)["members"]);
        for user in &users {
            let groups = references(&clients[0].get(&user_path(user)).await.expect(200)["groups"]);
            assert_eq!(groups.contains(id(&group)), members.contains(id(user)));
        }
    }

    /// K3, `hidden`: a client that writes back what it sees takes nothing from those it does not see.
    async fn k3_hidden_members_stay(server: TestServer) {
        server.set("removed_users", "hidden").await;
        let client = server.client();
        let seen = client.create_user("a@x.example", json!({})).await;
        let hidden = client.create_user("b@x.example", json!({})).await;
        let group = client.create_group("Team", &[id(&seen), id(&hidden)]).await;
        client.delete(&user_path(&hidden)).await.expect(204);
        let shown = client.get(&group_path(&group)).await.expect(200);
        let same = client.put(&group_path(&group), shown.clone()).await.expect(200);
        assert_eq!(same["meta"]["version"], shown["meta"]["version"]);
        let only = replace("members", &json!([{"value": seen["id"]}]));
        client.operations(&group_path(&group), only).await.expect(204);
        let gone = json!([{"op": "remove", "path": "members", "value": [{"value": hidden["id"]}]}]);
        client.operations(&group_path(&group), gone).await.expect(204);
        let body = json!({"schemas": [USER], "userName": "b@x.example"});
        let back = client.post("/Users", body).await.expect(201);
        assert_eq!(back["id"], hidden["id"]);
        assert!(references(&back["groups"]).contains(id(&group)));
    }

    /// V-02, V-03: a group shows the names of its members, so its version moves with them.
    async fn v02_group_versions_cover_names(server: TestServer) {
        let client = server.client();
        let user = client.create_user("a@x.example", json!({})).await;
        let group = client.create_group("Team", &[id(&user)]).await;
        let tag = group["meta"]["version"].as_str().unwrap();
        let name = replace("displayName", &json!("Ann"));
        client.operations(&user_path(&user), name).await.expect(200);
        let condition = [("if-none-match", tag)];
        let answer = client.send(Method::GET, &group_path(&group), &condition, None).await;
        let group = answer.expect(200);
        assert_eq!(group["members"][0]["display"], "Ann");
        let title = replace("title", &json!("t"));
        client.operations(&user_path(&user), title).await.expect(200);
        let same = client.get(&group_path(&group)).await.expect(200);
        assert_eq!(same["meta"]["version"], group["meta"]["version"]);
    }

    /// V-04: a condition that cannot be read is one that does not hold.
    async fn v04_an_unreadable_condition_does_not_hold(server: TestServer) {
        let client = server.client();
        let user = client.create_user("a@x.example", json!({})).await;
        let body = json!({"Operations": replace("title", &json!("t"))});
        for condition in ["", "\u{e9}"] {
            let headers = [("if-match", condition)];
            let path = user_path(&user);
            let answer = client.send(Method::PATCH, &path, &headers, Some(body.to_string())).await;
            answer.expect_error(412, "");
        }
        let same = client.get(&user_path(&user)).await.expect(200);
        assert_eq!(same["meta"]["version"], user["meta"]["version"]);
    }

    /// K6: an address that was let in is not asked for its domain again while it stays the same without case.
    async fn k6_another_case_is_no_other_domain(server: TestServer) {
        let client = server.client();
        let user = client.create_user("a@w.example", json!({})).await;
        server.organization(None, &["only.example"]).await;
        let case = replace("userName", &json!("A@W.example"));
        let changed = client.operations(&user_path(&user), case).await.expect(200);
        assert_eq!(changed["emails"][0]["value"], "A@W.example");
        let other = replace("userName", &json!("b@w.example"));
        client.operations(&user_path(&user), other).await.expect_error(400, "invalidValue");
    }

    /// K2: a private address beside the account's own renames nobody; one that is added alone does.
    async fn k2_several_addresses(server: TestServer) {
        let client = server.client();
        let user = client.create_user("main@x.example", json!({})).await;
        let body = json!({"schemas": [USER], "userName": "main@x.example", "emails": [
            {"value": "main@x.example", "type": "work", "primary": true}, {"value": "private@y.example"}]});
        let kept = client.put(&user_path(&user), body).await.expect(200);
        assert_eq!(kept["userName"], "main@x.example");
        let second = json!([{"op": "add", "path": "emails",
            "value": [{"value": "second@y.example", "primary": false}]}]);
        let kept = client.operations(&user_path(&user), second).await.expect(200);
        assert_eq!(kept["userName"], "main@x.example");
        let added = json!([{"op": "add", "path": "emails", "value": [{"value": "new@x.example"}]}]);
        let renamed = client.operations(&user_path(&user), added).await.expect(200);
        assert_eq!(renamed["userName"], "new@x.example");
        assert_eq!(renamed["emails"].as_array().unwrap().len(), 1);
    }
}

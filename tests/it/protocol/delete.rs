//! DELETE (RFC 7644 section 3.6), in both faces of K3.

use serde_json::json;

use super::{group_path, id, user_path};
use crate::model::references;
use crate::support::{PATCH_OP, TestServer, USER};

both_engines! {
    /// D-01, D-08, K3 `listed`: 204, locked, still found by id, list and filter, teams kept, 204 again.
    async fn k3_listed_delete_locks(server: TestServer) {
        let client = server.client();
        let user = client.create_user("k3@x.example", json!({})).await;
        let group = client.create_group("k3", &[id(&user)]).await;
        let path = user_path(&user);
        for _ in 0..2 {
            client.delete(&path).await.expect(204);
        }
        let after = client.get(&path).await.expect(200);
        assert_eq!(after["active"], json!(false));
        assert_eq!(references(&after["groups"]), [id(&group).to_owned()].into());
        assert_eq!(client.get("/Users").await.total(), 1);
        assert_eq!(client.find("/Users", "active eq false").await.total(), 1);
        let body = json!({"schemas": [USER], "userName": "K3@x.example"});
        let detail = client.post("/Users", body).await.expect_error(409, "uniqueness");
        assert!(detail.contains("active"), "the detail says what to do: {detail}");
        let operations = json!([{"op": "replace", "path": "active", "value": true}]);
        let back = client.operations(&path, operations).await.expect(200);
        assert_eq!(back["active"], json!(true));
        client.delete(&path).await.expect(204);
        let body = json!({"schemas": [USER], "userName": "k3@x.example", "active": true});
        assert_eq!(client.put(&path, body).await.expect(200)["active"], json!(true));
    }

    /// K3 `repost = revive`: POST of a removed user's name answers 201 with the same id, unlocked and updated.
    async fn k3_listed_repost_revives_when_told_to(server: TestServer) {
        server.set("repost", "revive").await;
        let client = server.client();
        let user = client.create_user("k3r@x.example", json!({"title": "old"})).await;
        let body = json!({"schemas": [USER], "userName": "k3r@x.example", "title": "new"});
        client.post("/Users", body.clone()).await.expect_error(409, "uniqueness");
        client.delete(&user_path(&user)).await.expect(204);
        let back = client.post("/Users", body).await.expect(201);
        assert_eq!(back["id"], user["id"]);
        assert_eq!((&back["active"], &back["title"]), (&json!(true), &json!("new")));
        assert_eq!(client.get("/Users").await.total(), 1);
    }

    /// D-02, D-03, K3 `hidden`: after DELETE every operation is 404, and no list, filter or total knows the user.
    async fn d02_hidden_delete_is_gone(server: TestServer) {
        server.set("removed_users", "hidden").await;
        let client = server.client();
        let user = client.create_user("d02@x.example", json!({"externalId": "e"})).await;
        let other = client.create_user("d03@x.example", json!({})).await;
        let group = client.create_group("d02", &[id(&user), id(&other)]).await;
        let path = user_path(&user);
        client.delete(&path).await.expect(204);
        client.get(&path).await.expect_error(404, "");
        client.delete(&path).await.expect_error(404, "");
        let body = json!({"schemas": [USER], "userName": "d02@x.example", "active": true});
        client.put(&path, body).await.expect_error(404, "");
        let message = json!({"schemas": [PATCH_OP],
            "Operations": [{"op": "replace", "path": "active", "value": true}]});
        client.patch(&path, message).await.expect_error(404, "");
        assert_eq!(client.get("/Users").await.total(), 1);
        for filter in ["userName eq \"d02@x.example\"".to_owned(), "active eq false".to_owned(),
            format!("id eq \"{}\"", id(&user)), "externalId eq \"e\"".to_owned(),
            format!("groups.value eq \"{}\" and active eq false", id(&group))] {
            assert_eq!(client.find("/Users", &filter).await.total(), 0, "{filter}");
        }
        let held = client.get(&group_path(&group)).await.expect(200);
        assert_eq!(references(&held["members"]), [id(&other).to_owned()].into());
        let operations = json!([{"op": "add", "path": "members", "value": [{"value": user["id"]}]}]);
        client.operations(&group_path(&group), operations).await.expect_error(400, "invalidValue");
    }

    /// D-04, C-11, K3 `hidden`: the name is free again for a POST, which brings back the same id (K3 overrides D-05).
    async fn d04_hidden_user_is_revived_by_post(server: TestServer) {
        server.set("removed_users", "hidden").await;
        let client = server.client();
        let user = client.create_user("d04@x.example", json!({"title": "old", "nickName": "n"})).await;
        client.delete(&user_path(&user)).await.expect(204);
        let again = client.create_user("D04@x.example", json!({"title": "new"})).await;
        assert_eq!(again["id"], user["id"]);
        assert_eq!((&again["active"], &again["title"]), (&json!(true), &json!("new")));
        assert_eq!(again["userName"], "D04@x.example");
        assert_eq!(client.get(&user_path(&user)).await.expect(200), again);
        assert_eq!(client.find("/Users", "userName eq \"d04@x.example\"").await.total(), 1);
    }

    /// K3, D-02, D-05: an erased user is unknown to SCIM, its name is free for another id, and a restored one is whole.
    async fn k3_erased_users_are_gone_and_can_be_restored(server: TestServer) {
        let client = server.client();
        let user = client.create_user("k3e@x.example", json!({"title": "t"})).await;
        let group = client.create_group("k3e", &[id(&user)]).await;
        let path = user_path(&user);
        server.erase_user(id(&user)).await;
        client.get(&path).await.expect_error(404, "");
        client.delete(&path).await.expect_error(404, "");
        assert_eq!(client.get("/Users").await.total(), 0);
        let held = client.get(&group_path(&group)).await.expect(200);
        assert_eq!(references(&held["members"]), [].into());
        let again = client.create_user("k3e@x.example", json!({})).await;
        assert_ne!(again["id"], user["id"]);
        server.erase_user(id(&again)).await;
        server.restore_user(id(&user)).await;
        let back = client.get(&path).await.expect(200);
        assert_eq!((&back["title"], &back["userName"]), (&json!("t"), &json!("k3e@x.example")));
        assert_eq!(references(&back["groups"]), [id(&group).to_owned()].into());
        let held = client.get(&group_path(&group)).await.expect(200);
        assert_eq!(references(&held["members"]), [id(&user).to_owned()].into());
    }

    /// D-06: unknown ids and collections.
    async fn d06_delete_of_nothing(server: TestServer) {
        let client = server.client();
        client.delete("/Users/nope").await.expect_error(404, "");
        client.delete("/Groups/nope").await.expect_error(404, "");
        client.delete("/Users").await.expect_error(405, "");
        client.delete("/Groups").await.expect_error(405, "");
    }

    /// D-09, D-10: a group goes, its members stay; of parallel DELETEs one is 204.
    async fn d09_group_delete_spares_the_members(server: TestServer) {
        let client = server.client();
        let user = client.create_user("d09@x.example", json!({})).await;
        let group = client.create_group("d09", &[id(&user)]).await;
        let path = group_path(&group);
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..6 {
            let (client, path) = (client.clone(), path.clone());
            tasks.spawn(async move { client.delete(&path).await.status });
        }
        let mut statuses = tasks.join_all().await;
        statuses.sort_unstable();
        assert_eq!(statuses, [204, 404, 404, 404, 404, 404]);
        client.get(&path).await.expect_error(404, "");
        let after = client.get(&user_path(&user)).await.expect(200);
        assert_eq!(references(&after["groups"]), [].into());
        let again = client.create_group("d09", &[]).await;
        assert_ne!(again["id"], group["id"], "an id is never used again");
    }
}

//! The rules K1, K2, K4, K5 and K6 from the outside; K3 is in `protocol::delete`, K7 in `protocol::tokens`.

use serde_json::{Value, json};

use crate::model::references;
use crate::protocol::{group_path, id, user_path};
use crate::support::{Client, PATCH_OP, TestServer, USER};

fn emails(address: &str) -> Value {
    json!([{"value": address, "type": "work", "primary": true}])
}

async fn patched(client: &Client, path: &str, operations: Value) -> Value {
    client.operations(path, operations).await.expect(200)
}

both_engines! {
    /// K1: userName is an e-mail address.
    async fn k1_user_name_is_an_address(server: TestServer) {
        let client = server.client();
        for bad in ["bob", "bob@", "@x.example", "a b@x.example", "bob@x.example\n"] {
            let body = json!({"schemas": [USER], "userName": bad});
            let detail = client.post("/Users", body).await.expect_error(400, "invalidValue");
            assert!(detail.contains("userName"), "{detail}");
        }
        for good in ["o'neil+tag@sub.x.example", "J\u{f6}rg@x.example", "a@x.co", "A_b-c@x-y.example"] {
            assert_eq!(client.create_user(good, json!({})).await["userName"], good);
        }
    }

    /// K1: unique over all nodes; of another node's holder only that it exists is told.
    async fn k1_unique_in_the_organization(server: TestServer) {
        let client = server.client();
        let other = server.another_node("Other").await;
        let holder = other.create_user("k1@x.example", json!({})).await;
        let body = json!({"schemas": [USER], "userName": "K1@X.example"});
        let detail = client.post("/Users", body).await.expect_error(409, "uniqueness");
        assert!(!detail.contains(id(&holder)), "{detail}");
        assert!(detail.contains("elsewhere"), "{detail}");
        let user = client.create_user("free@x.example", json!({})).await;
        let operations = json!([{"op": "replace", "path": "userName", "value": "k1@x.example"}]);
        client.operations(&user_path(&user), operations).await.expect_error(409, "uniqueness");
    }

    /// K2: POST: userName wins, other addresses are not kept.
    async fn k2_post_mirrors_user_name(server: TestServer) {
        let client = server.client();
        let addresses = json!([{"value": "home@x.example", "type": "home", "primary": true},
            {"value": "work@x.example", "type": "work"}]);
        let user = client.create_user("k2@x.example", json!({"emails": addresses})).await;
        assert_eq!(user["emails"], emails("k2@x.example"));
    }

    /// K2: PUT: the one that differs from what is stored wins; userName when both do.
    async fn k2_put_takes_the_one_that_differs(server: TestServer) {
        let client = server.client();
        let user = client.create_user("a@x.example", json!({})).await;
        let path = user_path(&user);
        for (user_name, address, expected) in [("a@x.example", "b@x.example", "b@x.example"),
            ("c@x.example", "b@x.example", "c@x.example"), ("d@x.example", "e@x.example", "d@x.example")] {
            let body = json!({"schemas": [USER], "userName": user_name, "emails": emails(address)});
            let after = client.put(&path, body).await.expect(200);
            assert_eq!((&after["userName"], &after["emails"]), (&json!(expected), &emails(expected)));
            assert_eq!(client.find("/Users", &format!("userName eq \"{expected}\"")).await.total(), 1);
        }
    }

    /// K2: PATCH: any address operation sets userName, the last one wins, other types and removals do nothing.
    async fn k2_patch_mirrors_both_ways(server: TestServer) {
        let client = server.client();
        let path = user_path(&client.create_user("a@x.example", json!({})).await);
        for (operations, expected) in [
            (json!([{"op": "replace", "path": "userName", "value": "b@x.example"}]), "b"),
            (json!([{"op": "replace", "path": "emails[type eq \"work\"].value", "value": "c@x.example"}]), "c"),
            (json!([{"op": "Add", "path": "emails[primary eq true].value", "value": "d@x.example"}]), "d"),
            (json!([{"op": "replace", "path": "emails.value", "value": "e@x.example"}]), "e"),
            (json!([{"op": "replace", "path": "emails", "value": emails("f@x.example")}]), "f"),
            (json!([{"op": "replace", "value": {"emails": emails("g@x.example")}}]), "g"),
            (json!([{"op": "replace", "path": "userName", "value": "h@x.example"},
                {"op": "replace", "path": "emails[type eq \"work\"].value", "value": "i@x.example"}]), "i"),
            (json!([{"op": "replace", "path": "emails[type eq \"work\"].value", "value": "j@x.example"},
                {"op": "replace", "path": "userName", "value": "k@x.example"}]), "k"),
            (json!([{"op": "add", "path": "emails", "value": [{"type": "home", "value": "z@x.example"}]}]), "k"),
            (json!([{"op": "add", "path": "emails[type eq \"other\"].value", "value": "z@x.example"}]), "k"),
            (json!([{"op": "remove", "path": "emails"}]), "k"),
            (json!([{"op": "remove", "path": "emails[type eq \"work\"]"}]), "k"),
        ] {
            let after = patched(&client, &path, operations.clone()).await;
            let expected = format!("{expected}@x.example");
            assert_eq!(after["userName"], json!(expected), "{operations}");
            assert_eq!(after["emails"], emails(&expected), "{operations}");
        }
        let operations = json!([{"op": "replace", "path": "emails[type eq \"work\"].value", "value": "no"}]);
        client.operations(&path, operations).await.expect_error(400, "invalidValue");
    }

    /// K4: an administrator's lock is not the identity provider's to lift.
    async fn k4_admin_lock_beats_active_true(server: TestServer) {
        let client = server.client();
        let user = client.create_user("k4@x.example", json!({})).await;
        let path = user_path(&user);
        server.lock_user(id(&user)).await;
        assert_eq!(client.get(&path).await.expect(200)["active"], json!(false));
        let operations = json!([{"op": "replace", "path": "active", "value": true}]);
        assert_eq!(patched(&client, &path, operations).await["active"], json!(false));
        let body = json!({"schemas": [USER], "userName": "k4@x.example", "active": true});
        assert_eq!(client.put(&path, body).await.expect(200)["active"], json!(false));
        server.unlock_user(id(&user)).await;
        assert_eq!(client.get(&path).await.expect(200)["active"], json!(true));
    }

    /// K4: SCIM's own lock goes and comes by `active`, on POST too.
    async fn k4_active_locks_and_unlocks(server: TestServer) {
        let client = server.client();
        let user = client.create_user("k4@x.example", json!({"active": false})).await;
        assert_eq!(user["active"], json!(false));
        let path = user_path(&user);
        for active in [true, false, true] {
            let operations = json!([{"op": "replace", "value": {"active": active}}]);
            assert_eq!(patched(&client, &path, operations).await["active"], json!(active));
            let filter = format!("active eq {active}");
            assert_eq!(client.find("/Users", &filter).await.total(), 1);
        }
    }

    /// K5, K-15: two teams of one name: a conflict by default, in any case; legal with `unique_groups` off.
    async fn k5_unique_groups(server: TestServer) {
        let client = server.client();
        let first = client.create_group("Sales", &[]).await;
        let body = json!({"displayName": "SALES"});
        client.post("/Groups", body.clone()).await.expect_error(409, "uniqueness");
        let other = server.another_node("Other").await;
        other.post("/Groups", body.clone()).await.expect(201);
        server.set("unique_groups", "off").await;
        let second = client.post("/Groups", body).await.expect(201);
        assert_ne!(first["id"], second["id"]);
        assert_eq!(client.find("/Groups", "displayName eq \"sales\"").await.total(), 2);
    }

    /// K5: nested groups and teams of another node are no members.
    async fn k5_members_are_users_of_the_node(server: TestServer) {
        let client = server.client();
        let inner = client.create_group("Inner", &[]).await;
        let outer = client.create_group("Outer", &[]).await;
        let other = server.another_node("Other").await;
        let stranger = other.create_user("stranger@x.example", json!({})).await;
        let team = other.create_group("Theirs", &[]).await;
        for value in [id(&inner), id(&stranger), id(&team)] {
            let operations = json!([{"op": "add", "path": "members", "value": [{"value": value}]}]);
            client.operations(&group_path(&outer), operations).await.expect_error(400, "invalidValue");
        }
        let user = client.create_user("k5@x.example", json!({})).await;
        let operations = json!([{"op": "add", "path": "groups", "value": [{"value": team["id"]}]}]);
        client.operations(&user_path(&user), operations).await.expect_error(400, "invalidValue");
        let body = json!({"userName": "k5b@x.example", "groups": [{"value": team["id"]}]});
        client.post("/Users", body).await.expect_error(400, "invalidValue");
        assert_eq!(client.get("/Users").await.total(), 1);
    }

    /// K5: a rename across the prefix boundary keeps the id and the members; the prefix stays in the name.
    async fn k5_role_prefix(server: TestServer) {
        server.set("role_prefix", "role-").await;
        let client = server.client();
        let user = client.create_user("k5@x.example", json!({})).await;
        let role = client.create_group("role-Auditor", &[id(&user)]).await;
        assert_eq!(role["displayName"], "role-Auditor");
        for name in ["Auditors", "role-Auditor"] {
            let operations = json!([{"op": "replace", "path": "displayName", "value": name}]);
            client.operations(&group_path(&role), operations).await.expect(204);
            let held = client.get(&group_path(&role)).await.expect(200);
            assert_eq!(held["displayName"], name);
            assert_eq!(references(&held["members"]), [id(&user).to_owned()].into());
            let shown = client.get(&user_path(&user)).await.expect(200);
            assert_eq!(shown["groups"][0]["display"], name);
        }
    }

    /// K6: no seat left is 428; a locked user holds none, and needs one to come back.
    async fn k6_seats(server: TestServer) {
        server.organization(Some(2), &[]).await;
        let client = server.client();
        let first = client.create_user("k6a@x.example", json!({})).await;
        client.create_user("k6b@x.example", json!({})).await;
        let body = json!({"schemas": [USER], "userName": "k6c@x.example"});
        let detail = client.post("/Users", body.clone()).await.expect_error(428, "");
        assert!(detail.contains("seat"), "{detail}");
        client.delete(&user_path(&first)).await.expect(204);
        client.post("/Users", body).await.expect(201);
        let unlock = json!({"schemas": [PATCH_OP],
            "Operations": [{"op": "replace", "path": "active", "value": true}]});
        client.patch(&user_path(&first), unlock.clone()).await.expect_error(428, "");
        server.organization(Some(3), &[]).await;
        assert_eq!(client.patch(&user_path(&first), unlock).await.expect(200)["active"], json!(true));
    }

    /// K6: only reserved domains, in any case, on every way a name can change.
    async fn k6_reserved_domains(server: TestServer) {
        server.organization(None, &["x.example", "Y.example"]).await;
        let client = server.client();
        let user = client.create_user("k6@X.example", json!({})).await;
        client.create_user("k6@y.example", json!({})).await;
        let body = json!({"schemas": [USER], "userName": "k6@z.example"});
        let detail = client.post("/Users", body.clone()).await.expect_error(400, "invalidValue");
        assert!(detail.contains("z.example"), "{detail}");
        client.put(&user_path(&user), body).await.expect_error(400, "invalidValue");
        let operations = json!([{"op": "replace", "path": "emails[type eq \"work\"].value",
            "value": "k6@sub.x.example"}]);
        client.operations(&user_path(&user), operations).await.expect_error(400, "invalidValue");
        assert_eq!(client.get(&user_path(&user)).await.expect(200), user);
    }
}

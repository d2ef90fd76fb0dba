//! PUT (RFC 7644 section 3.5.1).

use std::time::Duration;

use serde_json::{Value, json};

use super::{group_path, id, user_path};
use crate::model::references;
use crate::support::{ENTERPRISE, GROUP, TestServer, USER};

fn body(user_name: &str, more: Value) -> Value {
    let mut body = json!({"schemas": [USER], "userName": user_name});
    crate::support::client::merge(&mut body, more);
    body
}

both_engines! {
    /// U-01, U-03: the whole resource comes back; read-only values are neither refused nor applied.
    async fn u03_read_only_values_are_ignored(server: TestServer) {
        let client = server.client();
        let user = client.create_user("u03@x.example", json!({})).await;
        let more = json!({"id": "other", "title": "t", "meta": {"created": "2001-01-01T00:00:00Z"}});
        let path = user_path(&user);
        let after = client.put(&path, body("u03@x.example", more)).await.expect(200);
        assert_eq!(after["id"], user["id"]);
        assert_eq!(after["meta"]["created"], user["meta"]["created"]);
        assert_eq!(after["title"], "t");
        assert_eq!(client.get(&path).await.expect(200), after);
        client.get("/Users/other").await.expect_error(404, "");
    }

    /// U-02, U-13: PUT never creates, and is for one resource.
    async fn u02_put_never_creates(server: TestServer) {
        let client = server.client();
        client.put("/Users/new", body("u02@x.example", json!({}))).await.expect_error(404, "");
        let answer = client.put("/Users", body("u02@x.example", json!({}))).await;
        answer.expect_error(405, "");
        assert_eq!(client.get("/Users").await.total(), 0);
    }

    /// U-05, S-26, K2: required attributes must be there, userName although emails are.
    async fn u05_required_attributes(server: TestServer) {
        let client = server.client();
        let user = client.create_user("u05@x.example", json!({})).await;
        let emails = json!({"schemas": [USER], "emails": [{"value": "new@x.example"}]});
        for bad in [json!({"schemas": [USER], "title": "t"}), emails] {
            client.put(&user_path(&user), bad).await.expect_error(400, "invalidValue");
        }
        let group = client.create_group("u05", &[]).await;
        let bad = json!({"schemas": [GROUP], "members": []});
        client.put(&group_path(&group), bad).await.expect_error(400, "invalidValue");
        assert_eq!(client.get(&user_path(&user)).await.expect(200), user);
    }

    /// U-06, U-07, U-11: what is left out is cleared, extension and its URN too; `active` is kept.
    async fn u06_omitted_attributes_are_cleared(server: TestServer) {
        let client = server.client();
        let more = json!({"title": "t", "nickName": "n", "active": false, "externalId": "e",
            "phoneNumbers": [{"value": "1"}], "schemas": [USER, ENTERPRISE],
            ENTERPRISE: {"department": "D"}});
        let user = client.create_user("u06@x.example", more).await;
        let put = body("u06@x.example", json!({"title": "u", "phoneNumbers": []}));
        let after = client.put(&user_path(&user), put).await.expect(200);
        for gone in ["nickName", "phoneNumbers", "externalId", ENTERPRISE] {
            assert!(after.get(gone).is_none(), "{gone}: {after}");
        }
        assert_eq!(after["schemas"], json!([USER]));
        assert_eq!(after["title"], "u");
        assert_eq!(after["active"], json!(false), "a PUT without active unlocks nobody");
    }

    /// U-08, S-25: a taken userName.
    async fn u08_rename_to_a_taken_name(server: TestServer) {
        let client = server.client();
        client.create_user("taken@x.example", json!({})).await;
        let user = client.create_user("u08@x.example", json!({})).await;
        let put = body("TAKEN@x.example", json!({"title": "t"}));
        client.put(&user_path(&user), put).await.expect_error(409, "uniqueness");
        assert_eq!(client.get(&user_path(&user)).await.expect(200), user);
        let put = body("U08@x.example", json!({}));
        let after = client.put(&user_path(&user), put).await.expect(200);
        assert_eq!(after["userName"], "U08@x.example", "its own name in another case is free");
    }

    /// U-09, P-13, V-02: a real change moves the version; the same content does not.
    async fn u09_versions_follow_real_changes(server: TestServer) {
        let client = server.client();
        let user = client.create_user("u09@x.example", json!({"title": "t"})).await;
        tokio::time::sleep(Duration::from_millis(10)).await;
        let path = user_path(&user);
        let same = client.put(&path, body("u09@x.example", json!({"title": "t"}))).await.expect(200);
        assert_eq!(same["meta"], user["meta"]);
        let same = client.put(&path, user.clone()).await.expect(200);
        assert_eq!(same["meta"], user["meta"], "a resource put back as it was read");
        let other = client.put(&path, body("u09@x.example", json!({"title": "u"}))).await.expect(200);
        assert_ne!(other["meta"]["version"], user["meta"]["version"]);
        assert_ne!(other["meta"]["lastModified"], user["meta"]["lastModified"]);
    }

    /// U-10: all or nothing.
    async fn u10_one_bad_value_changes_nothing(server: TestServer) {
        let client = server.client();
        let user = client.create_user("u10@x.example", json!({"title": "t"})).await;
        let group = client.create_group("u10", &[]).await;
        let put = body("new@x.example", json!({"title": "u", "active": "maybe"}));
        client.put(&user_path(&user), put).await.expect_error(400, "invalidValue");
        let put = json!({"schemas": [GROUP], "displayName": "new",
            "members": [{"value": user["id"]}, {"value": "nope"}]});
        client.put(&group_path(&group), put).await.expect_error(400, "invalidValue");
        assert_eq!(client.get(&user_path(&user)).await.expect(200), user);
        assert_eq!(client.get(&group_path(&group)).await.expect(200), group);
    }

    /// U-04, K-16: the members of a group are replaced as a whole.
    async fn u04_members_are_replaced(server: TestServer) {
        let client = server.client();
        let first = client.create_user("u04a@x.example", json!({})).await;
        let second = client.create_user("u04b@x.example", json!({})).await;
        let third = client.create_user("u04c@x.example", json!({})).await;
        let group = client.create_group("u04", &[id(&first), id(&second)]).await;
        let put = json!({"schemas": [GROUP], "displayName": "u04 new", "externalId": "e",
            "members": [{"value": second["id"]}, {"value": third["id"]}]});
        let after = client.put(&group_path(&group), put).await.expect(200);
        let expected = [id(&second).to_owned(), id(&third).to_owned()].into();
        assert_eq!(references(&after["members"]), expected);
        assert_eq!(after["displayName"], "u04 new");
        let user = client.get(&user_path(&first)).await.expect(200);
        assert_eq!(references(&user["groups"]), [].into());
        let user = client.get(&user_path(&third)).await.expect(200);
        assert_eq!(user["groups"][0]["display"], "u04 new");
        let put = json!({"schemas": [GROUP], "displayName": "u04 new", "members": []});
        let after = client.put(&group_path(&group), put).await.expect(200);
        assert_eq!(references(&after["members"]), [].into());
    }

    /// K5: PUT without groups, or with an empty list, leaves the memberships; with a list it sets them.
    async fn k5_put_and_groups(server: TestServer) {
        let client = server.client();
        let user = client.create_user("k5@x.example", json!({})).await;
        let first = client.create_group("k5a", &[id(&user)]).await;
        let second = client.create_group("k5b", &[]).await;
        let path = user_path(&user);
        for more in [json!({}), json!({"groups": []})] {
            let after = client.put(&path, body("k5@x.example", more)).await.expect(200);
            assert_eq!(references(&after["groups"]), [id(&first).to_owned()].into());
        }
        let more = json!({"groups": [{"value": second["id"]}]});
        let after = client.put(&path, body("k5@x.example", more)).await.expect(200);
        assert_eq!(references(&after["groups"]), [id(&second).to_owned()].into());
        let held = client.get(&group_path(&second)).await.expect(200);
        assert_eq!(references(&held["members"]), [id(&user).to_owned()].into());
        let more = json!({"groups": [{"value": "nope"}]});
        client.put(&path, body("k5@x.example", more)).await.expect_error(400, "invalidValue");
    }
}

//! PATCH targets (RFC 7644 section 3.5.2): every form of path, and what the tolerant dialect (K8) makes of the odd ones.

use serde_json::{Value, json};

use super::{group_path, id, user_path};
use crate::model::references;
use crate::support::{Client, ENTERPRISE, TestServer};

async fn user(client: &Client, more: Value) -> (String, Value) {
    let user = client.create_user("path@x.example", more).await;
    (user_path(&user), user)
}

both_engines! {
    /// P-05, P-06, P-07: paths that are none.
    async fn p05_bad_paths(server: TestServer) {
        let client = server.client();
        let phones = json!({"phoneNumbers": [{"type": "work", "value": "1"}]});
        let (path, before) = user(&client, phones).await;
        for bad in ["phoneNumbers[", ".title", "name.", "a b", "/title", "phoneNumbers[0]",
            "phoneNumbers[type eq \"work\"]value", "phoneNumbers[type eq \"work\"].value.x", "]"] {
            let operations = json!([{"op": "replace", "path": bad, "value": "x"}]);
            let answer = client.operations(&path, operations).await;
            let body = answer.expect(400);
            let kinds = [json!("invalidPath"), json!("invalidFilter")];
            assert!(kinds.contains(&body["scimType"]), "{bad}: {body}");
        }
        let operations = json!([{"op": "replace", "path": "phoneNumbers[type xx \"w\"]", "value": "x"}]);
        client.operations(&path, operations).await.expect_error(400, "invalidFilter");
        assert_eq!(client.get(&path).await.expect(200), before);
    }

    /// P-06, K8: a path the schema does not have is never applied; the tolerant dialect ignores it, by the letter it is
    /// invalidPath.
    async fn p06_unknown_paths(server: TestServer) {
        let client = server.client();
        let (path, _) = user(&client, json!({})).await;
        let operations = json!([{"op": "add", "path": "foo", "value": 1},
            {"op": "add", "path": "title", "value": "t"}]);
        let answer = client.operations(&path, operations).await;
        let after = answer.expect(200);
        assert_eq!(after["title"], "t", "one unknown attribute does not fail the rest");
        assert!(after.get("foo").is_none(), "{after}");
    }

    /// P-09, P-10: read-only targets; an echoed id is no change.
    async fn p10_echoed_ids_are_ignored(server: TestServer) {
        let client = server.client();
        let (path, before) = user(&client, json!({})).await;
        for target in ["id", "meta.created", "meta"] {
            let operations = json!([{"op": "replace", "path": target, "value": "other"}]);
            client.operations(&path, operations).await.expect_error(400, "mutability");
        }
        assert_eq!(client.get(&path).await.expect(200), before);
        let group = client.create_group("p10", &[]).await;
        let value = json!({"id": group["id"], "displayName": "p10 renamed"});
        let operations = json!([{"op": "replace", "value": value}]);
        client.operations(&group_path(&group), operations).await.expect(204);
        let value = json!({"id": "another", "displayName": "p10 wrong"});
        let operations = json!([{"op": "replace", "value": value}]);
        client.operations(&group_path(&group), operations).await.expect_error(400, "mutability");
        let after = client.get(&group_path(&group)).await.expect(200);
        assert_eq!(after["displayName"], "p10 renamed");
    }

    /// P-21, P-22, P-30: path-less values with plain, dotted, qualified and filtered keys.
    async fn p22_keys_are_paths(server: TestServer) {
        let client = server.client();
        let (path, _) = user(&client, json!({"phoneNumbers": [{"type": "home", "value": "h"}]})).await;
        let mut value = json!({"title": "t", "name.givenName": "G", "nickname": "n",
            "phoneNumbers": [{"type": "work", "value": "w"}],
            "addresses[type eq \"work\"].country": "IE"});
        value[format!("{ENTERPRISE}:department")] = json!("D");
        value[ENTERPRISE] = json!({"costCenter": "C"});
        let after = client.operations(&path, json!([{"op": "add", "value": value}])).await.expect(200);
        assert_eq!(after["name"]["givenName"], "G");
        assert_eq!(after["nickName"], "n");
        assert_eq!(after["phoneNumbers"].as_array().unwrap().len(), 2, "add appends: {after}");
        assert_eq!(after["addresses"][0]["country"], "IE");
        assert_eq!(after[ENTERPRISE], json!({"department": "D", "costCenter": "C"}));
        let text = after.to_string();
        assert!(!text.contains("name.givenName") && !text.contains("User:department"), "{text}");
        let operations = json!([{"op": "add", "path": ENTERPRISE, "value": {"division": "V"}}]);
        let after = client.operations(&path, operations).await.expect(200);
        assert_eq!(after[ENTERPRISE]["division"], "V");
        assert_eq!(after[ENTERPRISE]["department"], "D", "an extension as path is merged");
    }

    /// P-24, P-25, P-26, P-44: complex values are merged, by add and by replace.
    async fn p44_complex_values_are_merged(server: TestServer) {
        let client = server.client();
        let (path, _) = user(&client, json!({"name": {"familyName": "F", "givenName": "G"}})).await;
        for operation in [json!({"op": "replace", "path": "name", "value": {"givenName": "H"}}),
            json!({"op": "add", "path": "name", "value": {"givenName": "I"}}),
            json!({"op": "replace", "value": {"name": {"givenName": "J"}}}),
            json!({"op": "add", "path": "name.givenName", "value": "K"})] {
            let after = client.operations(&path, json!([operation])).await.expect(200);
            assert_eq!(after["name"]["familyName"], "F", "{operation}");
        }
        let operations = json!([{"op": "remove", "path": "name"},
            {"op": "add", "path": "name.middleName", "value": "M"}]);
        let after = client.operations(&path, operations).await.expect(200);
        assert_eq!(after["name"], json!({"middleName": "M"}));
    }

    /// P-28, P-47, K8: a filter without a match makes the element, by add and by replace, once for several parts.
    async fn p28_filters_without_match_create(server: TestServer) {
        let client = server.client();
        let addresses = json!([{"type": "home", "country": "FR"}]);
        let (path, _) = user(&client, json!({"addresses": addresses})).await;
        let work = |part: &str| format!("addresses[type eq \"work\"].{part}");
        let after = client.operations(&path, json!([
            {"op": "Replace", "path": work("country"), "value": "IE"},
            {"op": "Add", "path": work("locality"), "value": "Cork"},
            {"op": "Replace", "path": "phoneNumbers[type eq \"fax\"].value", "value": "9"}]))
            .await.expect(200);
        assert_eq!(after["addresses"], json!([{"type": "home", "country": "FR"},
            {"type": "work", "country": "IE", "locality": "Cork"}]));
        assert_eq!(after["phoneNumbers"], json!([{"type": "fax", "value": "9"}]));
    }

    /// P-45, P-46: a match keeps its other parts; all matches change.
    async fn p46_matches_keep_their_other_parts(server: TestServer) {
        let client = server.client();
        let more = json!({"addresses": [{"type": "work", "country": "IE", "locality": "Cork"}],
            "phoneNumbers": [{"type": "work", "value": "1"}, {"type": "work", "value": "2"},
                {"type": "home", "value": "3"}]});
        let (path, _) = user(&client, more).await;
        let after = client.operations(&path, json!([
            {"op": "replace", "path": "addresses[type eq \"work\"].postalCode", "value": "T12"},
            {"op": "replace", "path": "phoneNumbers[type eq \"work\"].display", "value": "d"}]))
            .await.expect(200);
        assert_eq!(after["addresses"], json!([
            {"type": "work", "country": "IE", "locality": "Cork", "postalCode": "T12"}]));
        let shown: Vec<bool> = after["phoneNumbers"].as_array().unwrap().iter()
            .map(|phone| phone["display"] == "d").collect();
        assert_eq!(shown, [true, true, false]);
    }

    /// P-31: remove without a path has no target.
    async fn p31_remove_needs_a_path(server: TestServer) {
        let client = server.client();
        let (path, before) = user(&client, json!({})).await;
        client.operations(&path, json!([{"op": "remove"}])).await.expect_error(400, "noTarget");
        assert_eq!(client.get(&path).await.expect(200), before);
    }

    /// P-32, P-33, P-34, P-48: what remove and null take away, and what they leave.
    async fn p34_remove_takes_exactly_its_target(server: TestServer) {
        let client = server.client();
        let more = json!({"title": "t", "nickName": "n", "userType": "u",
            "name": {"familyName": "F", "givenName": "G"},
            "phoneNumbers": [{"type": "work", "value": "1", "display": "d"},
                {"type": "home", "value": "2"}]});
        let (path, _) = user(&client, more).await;
        let after = client.operations(&path, json!([
            {"op": "remove", "path": "title"}, {"op": "remove", "path": "name.givenName"},
            {"op": "replace", "path": "nickName", "value": null},
            {"op": "replace", "value": {"userType": null}},
            {"op": "remove", "path": "phoneNumbers[type eq \"work\"].display"},
            {"op": "remove", "path": "phoneNumbers[type eq \"home\" and value eq \"2\"]"}]))
            .await.expect(200);
        for gone in ["title", "nickName", "userType"] {
            assert!(after.get(gone).is_none(), "{gone}: {after}");
        }
        assert_eq!(after["name"], json!({"familyName": "F"}));
        assert_eq!(after["phoneNumbers"], json!([{"type": "work", "value": "1"}]));
        let operations = json!([{"op": "remove", "path": "phoneNumbers"}]);
        let after = client.operations(&path, operations).await.expect(200);
        assert!(after.get("phoneNumbers").is_none(), "{after}");
    }

    /// P-33, P-37, P-43, P-49: members removed by value, by filter, replaced, and all at once when nothing is named.
    async fn p37_members_are_removed_by_value(server: TestServer) {
        let client = server.client();
        let mut ids = Vec::new();
        for number in 0..4 {
            let user = client.create_user(&format!("p37.{number}@x.example"), json!({})).await;
            ids.push(id(&user).to_owned());
        }
        let group = client.create_group("p37", &[&ids[0], &ids[1], &ids[2]]).await;
        let path = group_path(&group);
        let value = |id: &String| json!([{"$ref": null, "value": id}]);
        for (operation, left) in [
            (json!({"op": "Remove", "path": "members", "value": value(&ids[0])}), vec![1, 2]),
            (json!({"op": "Remove", "path": "members", "value": {"value": ids[3]}}), vec![1, 2]),
            (json!({"op": "remove", "path": format!("members[value eq \"{}\"]", ids[1])}), vec![2]),
            (json!({"op": "replace", "path": "members", "value": value(&ids[3])}), vec![3]),
            (json!({"op": "replace", "path": "members",
                "value": [{"value": ids[3]}, {"value": ids[0]}]}), vec![0, 3]),
            (json!({"op": "Remove", "path": "members", "value": []}), vec![0, 3]),
            (json!({"op": "remove", "path": "members"}), vec![]),
        ] {
            client.operations(&path, json!([operation])).await.expect(204);
            let held = client.get(&path).await.expect(200);
            let expected = left.iter().map(|place: &usize| ids[*place].clone()).collect();
            assert_eq!(references(&held["members"]), expected, "{operation}");
        }
    }

    /// P-50, K-17: a member's parts are immutable, and must exist.
    async fn p50_members_parts_are_immutable(server: TestServer) {
        let client = server.client();
        let user = client.create_user("p50@x.example", json!({})).await;
        let group = client.create_group("p50", &[id(&user)]).await;
        let path = group_path(&group);
        let target = format!("members[value eq \"{}\"].value", id(&user));
        let operations = json!([{"op": "replace", "path": target, "value": "x"}]);
        client.operations(&path, operations).await.expect_error(400, "mutability");
        let operations = json!([{"op": "add", "path": "members", "value": [{"value": "nope"}]}]);
        client.operations(&path, operations).await.expect_error(400, "invalidValue");
        assert_eq!(client.get(&path).await.expect(200), group);
    }

    /// K5, K-11: groups on users are written by PATCH: add, remove by value and by filter, replace, replace by nothing.
    async fn k5_groups_on_users(server: TestServer) {
        let client = server.client();
        let (path, _) = user(&client, json!({})).await;
        let mut teams = Vec::new();
        for number in 0..3 {
            teams.push(id(&client.create_group(&format!("k5.{number}"), &[]).await).to_owned());
        }
        let value = |place: usize| json!([{"value": teams[place]}]);
        for (operation, left) in [
            (json!({"op": "add", "path": "groups", "value": value(0)}), vec![0]),
            (json!({"op": "add", "path": "groups", "value": value(1)}), vec![0, 1]),
            (json!({"op": "add", "path": "groups", "value": value(1)}), vec![0, 1]),
            (json!({"op": "remove", "path": "groups", "value": value(0)}), vec![1]),
            (json!({"op": "replace", "path": "groups", "value": value(2)}), vec![2]),
            (json!({"op": "remove", "path": format!("groups[value eq \"{}\"]", teams[2])}), vec![]),
            (json!({"op": "add", "value": {"groups": value(1)}}), vec![1]),
            (json!({"op": "replace", "path": "groups", "value": []}), vec![]),
        ] {
            let after = client.operations(&path, json!([operation])).await.expect(200);
            let expected: std::collections::BTreeSet<String> =
                left.iter().map(|place: &usize| teams[*place].clone()).collect();
            assert_eq!(references(&after["groups"]), expected, "{operation}");
            for (place, team) in teams.iter().enumerate() {
                let held = client.get(&format!("/Groups/{team}")).await.expect(200);
                let members = references(&held["members"]).len();
                assert_eq!(members == 1, left.contains(&place), "{operation} {held}");
            }
        }
        let operations = json!([{"op": "add", "path": "groups", "value": [{"value": "nope"}]}]);
        client.operations(&path, operations).await.expect_error(400, "invalidValue");
    }
}

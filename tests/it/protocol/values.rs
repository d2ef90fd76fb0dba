//! Values and their types (RFC 7643 sections 2 and 4), and PATCH operations that stand for many (RFC 7644 section 3.5.2).

use serde_json::json;

use super::{group_path, id, user_path};
use crate::model::references;
use crate::support::{ENTERPRISE, GROUP, TestServer, USER};

const CERTIFICATE: &str = "MIIDQzCCAqygAwIBAgICEAAwDQYJKoZIhvcNAQEFBQAwTjELMAkGA1UE";

both_engines! {
    /// S-05, P-18: booleans are taken as text and given as booleans.
    async fn s05_booleans_are_never_text(server: TestServer) {
        let client = server.client();
        let phones = json!([{"value": "1", "primary": "True"}]);
        let more = json!({"active": "False", "phoneNumbers": phones});
        let user = client.create_user("s05@x.example", more).await;
        assert_eq!(user["active"], json!(false));
        assert_eq!(user["phoneNumbers"][0]["primary"], json!(true));
        assert_eq!(client.find("/Users", "active eq false").await.total(), 1);
    }

    /// S-07: times in answers have date, time and zone.
    async fn s07_times_are_whole(server: TestServer) {
        let user = server.client().create_user("s07@x.example", json!({})).await;
        for key in ["created", "lastModified"] {
            let text = user["meta"][key].as_str().unwrap();
            let _: jiff::Timestamp = text.parse().unwrap();
            assert!(text.contains('T') && text.ends_with('Z'), "{text}");
        }
    }

    /// S-08, K-12: binary values are base64; what is not is refused.
    async fn s08_binary_is_base64(server: TestServer) {
        let client = server.client();
        let more = json!({"x509Certificates": [{"value": CERTIFICATE}]});
        let user = client.create_user("s08@x.example", more).await;
        assert_eq!(user["x509Certificates"][0]["value"], CERTIFICATE);
        let bad = json!({"schemas": [USER], "userName": "s08b@x.example",
            "x509Certificates": [{"value": "***"}]});
        client.post("/Users", bad).await.expect_error(400, "invalidValue");
    }

    /// S-13, P-27: one element twice is one.
    async fn s13_equal_elements_are_one(server: TestServer) {
        let client = server.client();
        let phone = json!({"value": "1", "type": "work"});
        let more = json!({"phoneNumbers": [phone, phone]});
        let user = client.create_user("s13@x.example", more).await;
        assert_eq!(user["phoneNumbers"], json!([phone]));
        let operations = json!([{"op": "add", "path": "phoneNumbers", "value": [phone]}]);
        let after = client.operations(&user_path(&user), operations).await.expect(200);
        assert_eq!(after["phoneNumbers"], json!([phone]));
    }

    /// S-15, K-16: a member's `$ref` is the server's own, whatever was sent.
    async fn s15_refs_are_the_servers(server: TestServer) {
        let client = server.client();
        let user = client.create_user("s15@x.example", json!({})).await;
        let member = json!({"value": user["id"], "$ref": "https://elsewhere.example/v2/Users/1"});
        let body = json!({"schemas": [GROUP], "displayName": "s15", "members": [member]});
        let group = client.post("/Groups", body).await.expect(201);
        assert_eq!(group["members"][0]["$ref"], user["meta"]["location"]);
    }

    /// S-18, K8: nothing about `schemas` is refused in the tolerant dialect.
    async fn s18_schemas_are_never_refused(server: TestServer) {
        let client = server.client();
        for (number, schemas) in [json!([]), json!(["urn:nope"]), json!([USER, USER]), json!(null),
            json!([ENTERPRISE]), json!([GROUP])].into_iter().enumerate() {
            let body = json!({"schemas": schemas, "userName": format!("s18.{number}@x.example")});
            let user = client.post("/Users", body).await.expect(201);
            assert_eq!(user["schemas"], json!([USER]), "{schemas}");
        }
        let body = json!({"userName": "s18.none@x.example"});
        assert_eq!(client.post("/Users", body).await.expect(201)["schemas"], json!([USER]));
    }

    /// S-20: an extension's attribute at the top level is not stored as a core one.
    async fn s20_extensions_have_their_place(server: TestServer) {
        let client = server.client();
        let more = json!({"department": "top", "manager": "top"});
        let user = client.create_user("s20@x.example", more).await;
        assert!(user.get("department").is_none() && user.get("manager").is_none(), "{user}");
    }

    /// K-20, K5: a group can be no member, not even of itself, so there are no cycles.
    async fn k20_no_cycles(server: TestServer) {
        let client = server.client();
        let group = client.create_group("k20", &[]).await;
        let operations = json!([{"op": "add", "path": "members", "value": [{"value": group["id"]}]}]);
        client.operations(&group_path(&group), operations).await.expect_error(400, "invalidValue");
    }

    /// P-41, P-42: a path-less replace changes what it names: multi-valued whole, complex merged, the rest untouched.
    async fn p41_replace_without_path(server: TestServer) {
        let client = server.client();
        let more = json!({"title": "t", "name": {"familyName": "F", "givenName": "G"},
            "phoneNumbers": [{"type": "work", "value": "1"}, {"type": "home", "value": "2"}]});
        let user = client.create_user("p41@x.example", more).await;
        let value = json!({"name": {"givenName": "H"}, "phoneNumbers": [{"type": "fax", "value": "3"}],
            "nickName": "new"});
        let operations = json!([{"op": "replace", "value": value}]);
        let after = client.operations(&user_path(&user), operations).await.expect(200);
        assert_eq!(after["title"], "t");
        assert_eq!(after["nickName"], "new");
        assert_eq!(after["name"], json!({"familyName": "F", "givenName": "H"}));
        assert_eq!(after["phoneNumbers"], json!([{"type": "fax", "value": "3"}]));
    }

    /// P-29: a part of a multi-valued attribute without a filter means the part of every element.
    async fn p29_parts_of_every_element(server: TestServer) {
        let client = server.client();
        let more = json!({"phoneNumbers": [{"type": "work", "value": "1", "display": "a"},
            {"type": "home", "value": "2", "display": "b"}]});
        let user = client.create_user("p29@x.example", more).await;
        let path = user_path(&user);
        let operations = json!([{"op": "replace", "path": "phoneNumbers.display", "value": "c"}]);
        let after = client.operations(&path, operations).await.expect(200);
        for phone in after["phoneNumbers"].as_array().unwrap() {
            assert_eq!(phone["display"], "c", "{after}");
        }
        let operations = json!([{"op": "remove", "path": "phoneNumbers.display"}]);
        let after = client.operations(&path, operations).await.expect(200);
        assert_eq!(after["phoneNumbers"], json!([{"type": "work", "value": "1"},
            {"type": "home", "value": "2"}]));
    }

    /// P-21: a path-less add appends members and merges the rest.
    async fn p21_add_without_path(server: TestServer) {
        let client = server.client();
        let first = client.create_user("p21a@x.example", json!({})).await;
        let second = client.create_user("p21b@x.example", json!({})).await;
        let group = client.create_group("p21", &[id(&first)]).await;
        let value = json!({"members": [{"value": second["id"]}], "externalId": "e"});
        let operations = json!([{"op": "add", "value": value}]);
        client.operations(&group_path(&group), operations).await.expect(204);
        let after = client.get(&group_path(&group)).await.expect(200);
        let both = [id(&first).to_owned(), id(&second).to_owned()].into();
        assert_eq!(references(&after["members"]), both);
        assert_eq!((&after["displayName"], &after["externalId"]), (&json!("p21"), &json!("e")));
    }
}

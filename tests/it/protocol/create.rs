//! POST (RFC 7644 section 3.3).

use axum::http::Method;
use serde_json::{Value, json};

use super::{id, user_path};
use crate::support::{ENTERPRISE, GROUP, TestServer, USER};

both_engines! {
    /// C-01, C-04, S-40, S-42, S-43, S-44: 201, Location, and a GET there gives the same.
    async fn c01_created_resource_is_at_its_location(server: TestServer) {
        let client = server.client();
        let body = json!({"schemas": [USER], "userName": "c01@x.example", "id": "mine",
            "meta": {"resourceType": "Group", "created": "2001-01-01T00:00:00Z", "version": "W/\"z\""}});
        let answer = client.post("/Users", body).await;
        let location = answer.header("location").unwrap().to_owned();
        let created = answer.expect(201);
        assert_ne!(id(&created), "mine");
        assert_eq!(location, format!("{}{}", client.base, user_path(&created)));
        assert_eq!(created["meta"]["resourceType"], "User");
        assert_eq!(created["meta"]["created"], created["meta"]["lastModified"]);
        assert_ne!(created["meta"]["created"], "2001-01-01T00:00:00Z");
        assert_eq!(client.get(&user_path(&created)).await.expect(200), created);
        let group = client.create_group("c01", &[]).await;
        assert_eq!(group["meta"]["resourceType"], "Group");
        assert_ne!(group["id"], created["id"]);
    }

    /// C-02, K-01, S-25: a taken userName, in any case, is a 409 with scimType uniqueness (K1 names the holder's id).
    async fn c02_taken_user_name_is_a_conflict(server: TestServer) {
        let client = server.client();
        let holder = client.create_user("Bob@x.example", json!({})).await;
        let body = json!({"schemas": [USER], "userName": "bob@X.EXAMPLE"});
        let detail = client.post("/Users", body).await.expect_error(409, "uniqueness");
        assert!(detail.contains(id(&holder)), "{detail}");
        assert_eq!(holder["userName"], "Bob@x.example", "the case is kept");
    }

    /// K-02, Z-06: userName is compared after Unicode preparation.
    async fn k02_user_name_is_compared_normalised(server: TestServer) {
        let client = server.client();
        client.create_user("caf\u{e9}@x.example", json!({})).await;
        let body = json!({"schemas": [USER], "userName": "cafe\u{301}@x.example"});
        client.post("/Users", body).await.expect_error(409, "uniqueness");
        client.create_user("bob@x.example", json!({})).await;
        let body = json!({"schemas": [USER], "userName": "\u{ff22}ob@x.example"});
        client.post("/Users", body).await.expect_error(409, "uniqueness");
    }

    /// C-03: read-only values in the body are ignored, never an error.
    async fn c03_read_only_values_are_ignored(server: TestServer) {
        let client = server.client();
        let body = json!({"schemas": [USER, ENTERPRISE], "userName": "c03@x.example",
            "id": 5, "meta": {"location": "x"},
            ENTERPRISE: {"manager": {"value": "1", "displayName": "Not yours"}}});
        let user = client.post("/Users", body).await.expect(201);
        assert_ne!(user[ENTERPRISE]["manager"]["displayName"], "Not yours");
        assert_ne!(user["meta"]["location"], "x");
    }

    /// C-05, K-04: the default of `active` is shown and filtered by.
    async fn k04_active_defaults_to_true(server: TestServer) {
        let client = server.client();
        let user = client.create_user("k04@x.example", json!({})).await;
        assert_eq!(user["active"], json!(true));
        assert_eq!(client.find("/Users", "active eq true").await.total(), 1);
    }

    /// C-06, S-16: null and [] are absent.
    async fn c06_null_and_empty_are_absent(server: TestServer) {
        let client = server.client();
        let more = json!({"nickName": null, "phoneNumbers": [], "title": "t"});
        let user = client.create_user("c06@x.example", more).await;
        assert!(user.get("nickName").is_none() && user.get("phoneNumbers").is_none(), "{user}");
        assert_eq!(client.find("/Users", "nickName pr").await.total(), 0);
        assert_eq!(client.find("/Users", "phoneNumbers pr").await.total(), 0);
        assert_eq!(client.find("/Users", "title pr").await.total(), 1);
    }

    /// C-08: a body that is no JSON object is invalidSyntax.
    async fn c08_bad_bodies_are_invalid_syntax(server: TestServer) {
        let client = server.client();
        for body in ["{\"a\":", "[]", "\"x\"", "", "5", "null"] {
            let answer = client.send(Method::POST, "/Users", &[], Some(body.to_owned())).await;
            answer.expect_error(400, "invalidSyntax");
        }
    }

    /// C-09: POST to a resource is no operation.
    async fn c09_post_to_a_resource_is_not_allowed(server: TestServer) {
        let client = server.client();
        let user = client.create_user("c09@x.example", json!({})).await;
        let answer = client.post(&user_path(&user), json!({"schemas": [USER]})).await;
        assert!(answer.header("allow").is_some_and(|allow| allow.contains("PATCH")), "{answer:?}");
        answer.expect_error(405, "");
    }

    /// S-26, K-01, K-14: required attributes.
    async fn s26_required_attributes_are_required(server: TestServer) {
        let client = server.client();
        for body in [json!({"schemas": [USER]}), json!({"schemas": [USER], "userName": ""}),
            json!({"schemas": [USER], "userName": null})] {
            let detail = client.post("/Users", body).await.expect_error(400, "invalidValue");
            assert!(detail.contains("userName"), "{detail}");
        }
        for body in [json!({"schemas": [GROUP]}), json!({"schemas": [GROUP], "displayName": ""})] {
            let detail = client.post("/Groups", body).await.expect_error(400, "invalidValue");
            assert!(detail.contains("displayName"), "{detail}");
        }
    }

    /// S-04: a value of the wrong JSON type is invalidValue and names the attribute; nothing is stored.
    async fn s04_wrong_types_are_invalid_values(server: TestServer) {
        let client = server.client();
        for (attribute, value) in [("active", json!("yes")), ("userName", json!(5)),
            ("title", json!({"a": 1})), ("displayName", json!(["a", "b"])),
            ("profileUrl", json!(7)), ("active", json!(1))] {
            let mut body = json!({"schemas": [USER], "userName": "s04@x.example"});
            body[attribute] = value;
            let detail = client.post("/Users", body).await.expect_error(400, "invalidValue");
            assert!(detail.contains(attribute), "{detail}");
        }
        assert_eq!(client.get("/Users").await.total(), 0);
    }

    /// S-01, S-11: names are compared without case, order means nothing, answers use the schema's case.
    async fn s01_names_are_case_insensitive(server: TestServer) {
        let client = server.client();
        let body = json!({"Name": {"GIVENNAME": "Ada"}, "USERNAME": "s01@x.example",
            "URN:ietf:params:scim:schemas:extension:ENTERPRISE:2.0:user": {"DEPARTMENT": "D"},
            "schemas": [ENTERPRISE, USER]});
        let user = client.post("/Users", body).await.expect(201);
        assert_eq!(user["name"]["givenName"], "Ada");
        assert_eq!(user[ENTERPRISE]["department"], "D");
        let text = user.to_string();
        assert!(!text.contains("GIVENNAME") && !text.contains("DEPARTMENT"), "{text}");
    }

    /// S-28: two names for one attribute are ambiguous.
    async fn s28_duplicate_members_are_refused(server: TestServer) {
        let client = server.client();
        let body = r#"{"userName": "a@x.example", "username": "b@x.example"}"#.to_owned();
        let answer = client.send(Method::POST, "/Users", &[], Some(body)).await;
        answer.expect_error(400, "invalidSyntax");
    }

    /// S-27, K8: unknown attributes are ignored.
    async fn s27_unknown_attributes_are_ignored(server: TestServer) {
        let client = server.client();
        let user = client.create_user("s27@x.example", json!({"foo": 1, "urn:a:b": {"c": 2}})).await;
        assert!(user.get("foo").is_none() && user.get("urn:a:b").is_none(), "{user}");
        assert_eq!(user["schemas"], json!([USER]));
    }

    /// S-12: never two primaries.
    async fn s12_at_most_one_primary(server: TestServer) {
        let client = server.client();
        let phones = json!([{"value": "1", "type": "work", "primary": true},
            {"value": "2", "type": "home", "primary": true}]);
        let body = json!({"schemas": [USER], "userName": "s12@x.example", "phoneNumbers": phones});
        let answer = client.post("/Users", body).await;
        if answer.status == 201 {
            let user = answer.expect(201);
            let primaries = user["phoneNumbers"].as_array().unwrap().iter();
            assert_eq!(primaries.filter(|phone| phone["primary"] == json!(true)).count(), 1);
        } else {
            answer.expect_error(400, "invalidValue");
        }
    }

    /// S-14, S-17, K-03, K-08, K-10, K-13: legal values come back as sent.
    async fn round_trip_of_a_full_user(server: TestServer) {
        let client = server.client();
        let more = json!({
            "name": {"formatted": "Dr. Ada B. King Esq.", "familyName": "King", "givenName": "Ada",
                "middleName": "B.", "honorificPrefix": "Dr.", "honorificSuffix": "Esq."},
            "displayName": "Ada \u{1f680} \"q\" \\ \u{e9}", "nickName": "ad", "title": "Countess",
            "userType": "Employee", "preferredLanguage": "en-GB", "locale": "en_US",
            "timezone": "Europe/London", "profileUrl": "https://x.example/ada",
            "phoneNumbers": [{"value": "555", "type": "work", "display": "office"},
                {"value": "555", "type": "home"}],
            "ims": [{"value": "ada", "type": "xmpp"}],
            "photos": [{"value": "https://x.example/a.png", "type": "photo"}],
            "addresses": [{"type": "untyped", "formatted": "1 St\nLondon", "country": "GB"}],
            "entitlements": [{"value": "e1"}], "roles": [{"value": "admin"}],
            "x509Certificates": [{"value": "MIIDQzCCAqygAwIBAgICEAAwDQYJKoZIhvcNAQEFBQAwTjELMAkGA1UE"}]});
        let user = client.create_user("full@x.example", more.clone()).await;
        for (name, value) in more.as_object().unwrap() {
            assert_eq!(&user[name], value, "{name}");
        }
    }

    /// K-05, K-06, N-10: a password is taken and never shown, by any name, in any answer (the client checks each).
    async fn k05_password_is_never_shown(server: TestServer) {
        let client = server.client();
        let user = client.create_user("k05@x.example", json!({"password": "t1meMa$heen"})).await;
        let path = user_path(&user);
        client.get(&path).await.expect(200);
        client.get(&format!("{path}?attributes=password")).await.expect(200);
        client.get("/Users?attributes=password,userName").await.expect(200);
        let operations = json!([{"op": "replace", "path": "password", "value": "other"}]);
        client.operations(&format!("{path}?attributes=password"), operations).await.expect(200);
        let body = json!({"schemas": [USER], "userName": "k05@x.example", "password": "third"});
        client.put(&path, body).await.expect(200);
        client.find("/Users", "password sw \"t\"").await.expect_error(400, "invalidFilter");
        client.find("/Users", "password pr").await.expect_error(400, "invalidFilter");
        client.get("/Users?sortBy=password").await.expect_error(400, "invalidValue");
    }

    /// K-21, K-16, K-18: groups without members, with display names, with one member twice.
    async fn k18_members_are_stored_once(server: TestServer) {
        let client = server.client();
        let user = client.create_user("k18@x.example", json!({})).await;
        let member = json!({"value": user["id"], "display": "K", "type": "User"});
        let body = json!({"schemas": [GROUP], "displayName": "Twice", "members": [member, member]});
        let group = client.post("/Groups", body).await.expect(201);
        assert_eq!(group["members"].as_array().map(Vec::len), Some(1), "{group}");
        assert_eq!(group["members"][0]["value"], user["id"]);
        let empty = client.post("/Groups", json!({"schemas": [GROUP], "displayName": "None"})).await;
        let empty: Value = empty.expect(201);
        assert!(empty.get("members").is_none_or(|members| members == &json!([])), "{empty}");
    }

    /// K-17: a member nobody knows is an invalid value, and nothing is made.
    async fn k17_unknown_member_is_an_invalid_value(server: TestServer) {
        let client = server.client();
        let body = json!({"schemas": [GROUP], "displayName": "Bad", "members": [{"value": "nope"}]});
        client.post("/Groups", body).await.expect_error(400, "invalidValue");
        assert_eq!(client.get("/Groups").await.total(), 0);
    }
}

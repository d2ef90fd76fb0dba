//! Sorting (RFC 7644 section 3.4.2.3).

use serde_json::json;

use crate::support::{Client, TestServer};

async fn order(client: &Client, query: &str) -> Vec<String> {
    let users = client.get(&format!("/Users?{query}")).await.resources();
    users.iter().map(|user| user["userName"].as_str().unwrap()[..1].to_owned()).collect()
}

both_engines! {
    /// O-01, O-02, O-03: without case where the schema says so, with case where not; both directions.
    async fn o03_case_follows_the_schema(server: TestServer) {
        let client = server.client();
        for (name, external_id) in [("C@x.example", "a"), ("b@x.example", "B"), ("a@x.example", "c")] {
            client.create_user(name, json!({"externalId": external_id})).await;
        }
        assert_eq!(order(&client, "sortBy=userName").await, ["a", "b", "C"]);
        assert_eq!(order(&client, "sortBy=userName&sortOrder=descending").await, ["C", "b", "a"]);
        assert_eq!(order(&client, "sortBy=USERNAME&sortOrder=Ascending").await, ["a", "b", "C"]);
        assert_eq!(order(&client, "sortBy=externalId").await, ["b", "C", "a"]);
        assert_eq!(order(&client, "sortBy=emails").await, ["a", "b", "C"]);
        assert_eq!(order(&client, "sortBy=emails.value").await, ["a", "b", "C"]);
        assert_eq!(order(&client, "sortBy=meta.created").await, ["C", "b", "a"]);
        client.get("/Users?sortBy=userName&sortOrder=sideways").await
            .expect_error(400, "invalidValue");
        assert_eq!(order(&client, "sortOrder=descending").await.len(), 3);
    }

    /// O-04: a missing value is last when ascending and first when descending.
    async fn o04_missing_values(server: TestServer) {
        let client = server.client();
        for (name, title) in [("a@x.example", json!(null)), ("b@x.example", json!("Y")),
            ("c@x.example", json!("x"))] {
            client.create_user(name, json!({"title": title})).await;
        }
        assert_eq!(order(&client, "sortBy=title").await, ["c", "b", "a"]);
        assert_eq!(order(&client, "sortBy=title&sortOrder=descending").await, ["a", "b", "c"]);
        assert_eq!(order(&client, "sortBy=title&count=1&startIndex=3").await, ["a"]);
    }

    /// O-05, O-06, O-08: multi-valued, nested and qualified names; a complex one needs a part.
    async fn o05_paths(server: TestServer) {
        let client = server.client();
        for (name, phones, family) in [
            ("a@x.example", json!([{"value": "1"}, {"value": "9", "primary": true}]), "m"),
            ("b@x.example", json!([{"value": "5"}]), "z"),
            ("c@x.example", json!([{"value": "7", "type": "work"}]), "A"),
        ] {
            let more = json!({"phoneNumbers": phones, "name": {"familyName": family}});
            client.create_user(name, more).await;
        }
        assert_eq!(order(&client, "sortBy=phoneNumbers").await, ["b", "c", "a"]);
        assert_eq!(order(&client, "sortBy=name.familyName").await, ["c", "a", "b"]);
        let qualified = "sortBy=urn:ietf:params:scim:schemas:core:2.0:User:name.familyName";
        assert_eq!(order(&client, qualified).await, ["c", "a", "b"]);
        for bad in ["name", "password", "foo"] {
            let answer = client.get(&format!("/Users?sortBy={bad}")).await;
            answer.expect_error(400, "invalidValue");
        }
    }

    /// O-07: equal values keep one total order over pages.
    async fn o07_pages_do_not_overlap(server: TestServer) {
        let client = server.client();
        for number in 0..30 {
            let more = json!({"title": "Same"});
            client.create_user(&format!("u{number}@x.example"), more).await;
        }
        let mut seen = std::collections::BTreeSet::new();
        for page in 0..6 {
            let path = format!("/Users?sortBy=title&count=5&startIndex={}", page * 5 + 1);
            for user in client.get(&path).await.resources() {
                assert!(seen.insert(user["id"].as_str().unwrap().to_owned()), "twice: {user}");
            }
        }
        assert_eq!(seen.len(), 30);
    }
}

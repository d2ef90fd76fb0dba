//! What is stored has bounds, and what is costly stays within the time of a request.

use std::time::{Duration, Instant};

use axum::http::Method;
use serde_json::{Value, json};

use crate::protocol::{group_path, user_path};
use crate::support::{PATCH_OP, TestServer, USER};

/// The longest key that an index takes.
const LONGEST_KEY: usize = 1024;

both_engines! {
    /// Texts that are looked up by are at most 1 KiB, counted in bytes; the error names the attribute.
    async fn keys_are_bounded(server: TestServer) {
        let client = server.client();
        let user = client.create_user("a@x.example", json!({})).await;
        let group = client.create_group("Team", &[]).await;
        let long = "\u{e9}".repeat(LONGEST_KEY / 2 + 1);
        let address = format!("{}@x.example", "a".repeat(LONGEST_KEY));
        for (path, existing, attribute, value) in [
            ("/Users", user_path(&user), "externalId", &long),
            ("/Users", user_path(&user), "userName", &address),
            ("/Groups", group_path(&group), "externalId", &long),
            ("/Groups", group_path(&group), "displayName", &long),
        ] {
            let mut body = json!({"userName": "b@x.example", "displayName": "New"});
            body[attribute] = json!(value);
            let operations = json!([{"op": "replace", "path": attribute, "value": value}]);
            for answer in [client.post(path, body.clone()).await, client.put(&existing, body).await,
                client.operations(&existing, operations).await] {
                let detail = answer.expect_error(400, "invalidValue");
                assert!(detail.contains(attribute), "{detail}");
            }
            assert_eq!(client.find(path, &format!("{attribute} eq \"{value}\"")).await.total(), 0);
        }
        assert_eq!(client.get("/Users").await.resources(), [user]);
        assert_eq!(client.get("/Groups").await.resources(), [group]);
        let fits = &long[2..];
        assert_eq!(fits.len(), LONGEST_KEY);
        client.create_user("fits@x.example", json!({"externalId": fits})).await;
        client.create_group(fits, &[]).await;
        assert_eq!(client.find("/Users", &format!("externalId eq \"{fits}\"")).await.total(), 1);
        assert_eq!(client.find("/Groups", &format!("displayName eq \"{fits}\"")).await.total(), 1);
    }

    /// A resource cannot be grown by `PATCH` beyond what one request could have brought.
    async fn documents_are_bounded(server: TestServer) {
        const LIMIT: usize = 8192;
        let limit = LIMIT.to_string();
        let small = server.another_server(&[("body_limit_bytes", &limit)]).await;
        let client = small.client();
        let path = user_path(&client.create_user("a@x.example", json!({})).await);
        let mut kept = 0;
        loop {
            let phone = json!([{"value": format!("{kept:0>500}"), "type": "work"}]);
            let operations = json!([{"op": "add", "path": "phoneNumbers", "value": phone}]);
            let answer = client.operations(&path, operations).await;
            if answer.status != 200 {
                let detail = answer.expect_error(413, "");
                assert!(detail.contains("body_limit_bytes"), "{detail}");
                break;
            }
            kept += 1;
            assert!(kept * 500 < LIMIT, "{kept} phone numbers of 500 bytes are stored");
        }
        assert!(kept * 600 > LIMIT / 2, "only {kept} phone numbers fit");
        let user = client.get(&path).await.expect(200);
        assert_eq!(user["phoneNumbers"].as_array().unwrap().len(), kept);
        let operations = json!([{"op": "remove", "path": "phoneNumbers"}]);
        client.operations(&path, operations).await.expect(200);
    }

    /// Many operations on many values: each operation must not copy, check or compare them all again and again.
    async fn two_hundred_operations_on_five_thousand_values(server: TestServer) {
        let client = server.client();
        let phones: Vec<Value> =
            (0..5000).map(|n| json!({"value": format!("+{n}"), "type": "work"})).collect();
        let user = client.create_user("a@x.example", json!({"phoneNumbers": phones})).await;
        let operations: Vec<Value> = (0..200)
            .map(|n| match n % 4 {
                0 => json!({"op": "add", "path": "phoneNumbers",
                    "value": [{"value": format!("+new{n}"), "type": "home"}]}),
                1 => json!({"op": "replace", "path": format!("phoneNumbers[value eq \"+{n}\"].type"),
                    "value": "other"}),
                2 => json!({"op": "remove", "path": format!("phoneNumbers[value eq \"+{n}\"]")}),
                _ => json!({"op": "replace", "path": "title", "value": format!("t{n}")}),
            })
            .collect();
        let started = Instant::now();
        let after = client.operations(&user_path(&user), json!(operations)).await.expect(200);
        let took = started.elapsed();
        assert!(took < Duration::from_secs(10), "{took:?}");
        let phones = after["phoneNumbers"].as_array().unwrap();
        assert_eq!((phones.len(), &after["title"]), (5000, &json!("t199")));
        let others = phones.iter().filter(|phone| phone["type"] == "other").count();
        assert_eq!(others, 50);
    }

    /// A member that is named twice means two things at once; what is no JSON means nothing. Neither is guessed at.
    async fn ambiguous_and_broken_json(server: TestServer) {
        let client = server.client();
        let user = client.create_user("a@x.example", json!({})).await;
        let twice = [
            format!(r#"{{"schemas":["{USER}"],"userName":"b@x.example","userName":"c@x.example"}}"#),
            r#"{"userName":"b@x.example","name":{"givenName":"A","givenName":"B"}}"#.to_owned(),
            r#"{"userName":"b@x.example","phoneNumbers":[{"value":"1","value":"2"}]}"#.to_owned(),
        ];
        let broken = ["", "{", "{\"userName\":\"b@x.example\"", "{\"userName\":\"b@x.example\"} {}",
            "{'userName':'b@x.example'}", "{\"userName\":\"b@x.example\",}", "{\"userName\":\"\\ud800\"}"];
        for body in twice.iter().map(String::as_str).chain(broken) {
            for (method, path) in [(Method::POST, "/Users".to_owned()), (Method::PUT, user_path(&user))] {
                let answer = client.send(method, &path, &[], Some(body.to_owned())).await;
                answer.expect_error(400, "invalidSyntax");
            }
        }
        for operation in [r#"{"op":"add","op":"remove","path":"title","value":"t"}"#,
            r#"{"op":"add","path":"title","value":"t","value":"u"}"#] {
            let body = format!(r#"{{"schemas":["{PATCH_OP}"],"Operations":[{operation}]}}"#);
            let answer = client.send(Method::PATCH, &user_path(&user), &[], Some(body)).await;
            answer.expect_error(400, "invalidSyntax");
        }
        assert_eq!(client.get("/Users").await.resources(), [user]);
    }
}

//! Errors, media types and limits (RFC 7644 sections 3.8 and 3.12). The client itself holds every error answer to E-01.

use axum::http::Method;
use serde_json::json;

use super::user_path;
use crate::support::{Client, TestServer, USER};

both_engines! {
    /// E-01, E-06, H-04: the router's own errors are SCIM bodies, and 405 says what is allowed.
    async fn e01_router_errors_are_scim_bodies(server: TestServer) {
        let client = server.client();
        for path in ["/Nope", "/Users/1/2/3", "/users", "/.well-known", ""] {
            let answer = client.get(path).await;
            assert!(matches!(answer.status, 404 | 501), "{path} -> {answer:?}");
        }
        for (method, path) in [(Method::PUT, "/Users"), (Method::DELETE, "/Groups"),
            (Method::PATCH, "/Schemas"), (Method::POST, "/ServiceProviderConfig"),
            (Method::from_bytes(b"BREW").unwrap(), "/Users")] {
            let answer = client.send(method, path, &[], None).await;
            assert!(answer.header("allow").is_some(), "{path} {answer:?}");
            answer.expect_error(405, "");
        }
        let host = Client { base: server.base.clone(), ..client.clone() };
        for path in ["/api/rest/scim/v2", "/api/rest/scim/v3/1/Users", "/api/rest/scim/v1/1/Users"] {
            let answer = host.get(path).await;
            assert!(matches!(answer.status, 400 | 401 | 404), "{path} -> {answer:?}");
        }
    }

    /// E-03: whatever the body is, the answer is a 400 of the SCIM kind, never a 500.
    async fn e03_odd_bodies_never_break_the_server(server: TestServer) {
        let client = server.client();
        let user = client.create_user("e03@x.example", json!({})).await;
        let deep = format!("{{\"a\":{}1{}}}", "[".repeat(5000), "]".repeat(5000));
        let odd = ["{}", "[]", "null", "true", "1e999", "{\"schemas\": 5}", "{\"schemas\": [5]}",
            "{\"userName\": {\"userName\": []}}", "{\"Operations\": [[]]}", "{\"emails\": [[]]}",
            "{\"userName\": \"a@b.example\", \"name\": 5}", "{\"displayName\": \"\\ud800\"}",
            "{\"members\": [{\"value\": {}}]}", "\u{feff}", "{\"Operations\":[{\"op\":{}}]}",
            "{\"Operations\":[{\"op\":\"add\",\"path\":5,\"value\":1}]}", &deep];
        for body in odd {
            for (method, path) in [(Method::POST, "/Users".to_owned()), (Method::POST, "/Groups".to_owned()),
                (Method::PUT, user_path(&user)), (Method::PATCH, user_path(&user))] {
                let answer = client.send(method, &path, &[], Some(body.to_owned())).await;
                assert!((400..500).contains(&answer.status), "{answer:?}");
            }
        }
        assert_eq!(client.get(&user_path(&user)).await.expect(200), user);
    }

    /// H-01, H-02: what is accepted and what is asked for; other types are 415.
    async fn h02_media_types(server: TestServer) {
        let client = server.client();
        for (number, content_type) in [None, Some("application/scim+json"), Some("application/json"),
            Some("application/json; charset=utf-8"), Some("APPLICATION/SCIM+JSON;charset=UTF-8")]
            .into_iter().enumerate() {
            let client = client.with_content_type(content_type);
            client.create_user(&format!("h02.{number}@x.example"), json!({})).await;
        }
        for accept in ["application/scim+json", "application/json", "*/*", "text/html, */*;q=0.1"] {
            let headers = [("accept", accept)];
            assert_eq!(client.send(Method::GET, "/Users", &headers, None).await.status, 200);
        }
        let body = json!({"schemas": [USER], "userName": "h02@x.example"});
        for bad in ["text/plain", "application/xml", "multipart/form-data"] {
            let client = client.with_content_type(Some(bad));
            client.post("/Users", body.clone()).await.expect_error(415, "");
        }
    }

    /// H-03: UTF-8 in and out; a byte order mark is tolerated.
    async fn h03_utf8(server: TestServer) {
        let client = server.client();
        let text = "\u{feff}{\"userName\": \"h03@x.example\", \"displayName\": \"\u{7530}\u{1f9d1}\"}";
        let answer = client.send(Method::POST, "/Users", &[], Some(text.to_owned())).await;
        assert_eq!(answer.expect(201)["displayName"], "\u{7530}\u{1f9d1}");
        let raw = client.http.post(format!("{}/Users", client.base))
            .bearer_auth(client.token.as_deref().unwrap())
            .header("content-type", "application/scim+json")
            .body(b"{\"userName\": \"\xff\xfe@x.example\"}".to_vec());
        let answer = raw.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), 400);
        let body: serde_json::Value = answer.json().await.unwrap();
        assert_eq!(body["scimType"], "invalidSyntax");
    }

    /// H-09, E-01: a body over the limit is 413, with a body that says so.
    async fn h09_too_large_a_body(server: TestServer) {
        let client = server.client();
        let more = "x".repeat(20 * 1024 * 1024);
        let body = json!({"schemas": [USER], "userName": "h09@x.example", "displayName": more});
        match client.try_send(Method::POST, "/Users", &[], Some(body.to_string())).await {
            Ok(answer) => {
                answer.expect_error(413, "");
            }
            // The server may hang up before it has read it all; the answer is then lost on the way.
            Err(error) => assert!(error.is_request() || error.is_body(), "{error:?}"),
        }
        assert_eq!(client.get("/Users").await.total(), 0);
    }

    /// A request id is accepted, made where there is none, and returned, with errors too.
    async fn request_ids_are_returned(server: TestServer) {
        let client = server.client();
        let headers = [("x-request-id", "abc-123")];
        let answer = client.send(Method::GET, "/Users/nope", &headers, None).await;
        assert_eq!(answer.header("x-request-id"), Some("abc-123"));
        let first = client.get("/Users").await;
        let second = client.get("/Users").await;
        assert!(first.header("x-request-id").is_some());
        assert_ne!(first.header("x-request-id"), second.header("x-request-id"));
    }
    /// H-09, F-27, P-19: the limits of the configuration, each with a clear SCIM error.
    async fn limits_are_the_configured_ones(server: TestServer) {
        let tight = server.another_server(&[("body_limit_bytes", "2000"), ("filter_length", "60"),
            ("filter_depth", "3"), ("patch_operations", "2"), ("max_results", "3")]).await;
        let client = tight.client();
        let user = client.create_user("limits@x.example", json!({})).await;
        let body = json!({"userName": "b@x.example", "displayName": "x".repeat(2000)});
        client.post("/Users", body).await.expect_error(413, "");
        let long = format!("userName eq \"{}\"", "a".repeat(60));
        client.find("/Users", &long).await.expect_error(400, "invalidFilter");
        client.find("/Users", "((((userName pr))))").await.expect_error(400, "invalidFilter");
        let operation = json!({"op": "add", "path": "title", "value": "t"});
        let operations = json!([operation, operation, operation]);
        let answer = client.operations(&user_path(&user), operations).await;
        assert!(matches!(answer.status, 400 | 413), "{answer:?}");
        for number in 0..4 {
            client.create_user(&format!("l{number}@x.example"), json!({})).await;
        }
        let listed = client.get("/Users?count=100").await.expect(200);
        assert_eq!((&listed["totalResults"], &listed["itemsPerPage"]), (&json!(5), &json!(3)));
    }

    /// H-05: the public address is the configured one, and the proxy's only when it is trusted.
    async fn h05_public_addresses(server: TestServer) {
        let headers = [("x-forwarded-proto", "https"), ("x-forwarded-host", "scim.example")];
        let trusting = server.another_server(&[("trust_proxy", "true")]).await;
        let user = server.client().create_user("h05@x.example", json!({})).await;
        let path = user_path(&user);
        let plain = server.client().send(Method::GET, &path, &headers, None).await.expect(200);
        assert_eq!(plain["meta"]["location"], user["meta"]["location"]);
        let shown = trusting.client().send(Method::GET, &path, &headers, None).await.expect(200);
        let location = shown["meta"]["location"].as_str().unwrap();
        assert!(location.starts_with("https://scim.example/api/rest/scim/v2/"), "{location}");
        assert!(location.ends_with(&path), "{location}");
    }
}

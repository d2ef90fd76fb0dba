//! Tokens and nodes (K7; RFC 7644 sections 2 and 7).

use axum::http::Method;
use serde_json::json;

use crate::support::{Client, TestServer};

both_engines! {
    /// E-04, E-05, Z-03, Z-07, K7: no token, an empty one, a damaged one: 401 with WWW-Authenticate.
    async fn z03_bad_tokens_are_refused(server: TestServer) {
        let client = server.client();
        let good = client.token.clone().unwrap();
        let damaged = format!("{}x", &good[..good.len() - 1]);
        for token in [None, Some(""), Some("wrong"), Some(damaged.as_str()), Some("scim_a_b_c"),
            Some(&good[..good.len() / 2])] {
            for path in ["/Users", "/Users/1", "/Groups", "/Nope"] {
                let answer = client.with_token(token).get(path).await;
                let scheme = answer.header("www-authenticate").unwrap_or_default().to_owned();
                assert!(scheme.starts_with("Bearer"), "{scheme:?} {answer:?}");
                answer.expect_error(401, "");
            }
        }
        let headers = [("authorization", "Basic dXNlcjpwdw==")];
        let answer = client.with_token(None).send(Method::GET, "/Users", &headers, None).await;
        answer.expect_error(401, "");
        let lower = format!("bearer {good}");
        let headers = [("authorization", lower.as_str())];
        let answer = client.with_token(None).send(Method::GET, "/Users", &headers, None).await;
        assert_eq!(answer.status, 200, "the scheme's name has no case");
    }

    /// Z-02, K7: a token works for its node only; whether another node exists is not told.
    async fn k7_a_token_is_for_its_node(server: TestServer) {
        let client = server.client();
        let other = server.another_node("Other").await;
        let crossed = Client { base: other.base.clone(), ..client.clone() };
        let nowhere = Client { base: format!("{}9", client.base), ..client.clone() };
        let exists = crossed.get("/Users").await.expect_error(401, "");
        let does_not = nowhere.get("/Users").await.expect_error(401, "");
        assert_eq!(exists, does_not);
        assert_eq!(other.get("/Users").await.total(), 0);
    }

    /// K7: a second token lives beside the first; revoking one spares the other.
    async fn k7_two_tokens_overlap(server: TestServer) {
        let client = server.client();
        let (second, public_id) = server.another_token().await;
        let second = client.with_token(Some(&second));
        client.create_user("k7@x.example", json!({})).await;
        assert_eq!(second.get("/Users").await.total(), 1);
        server.revoke_token(&public_id).await;
        tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
        second.get("/Users").await.expect_error(401, "");
        assert_eq!(client.get("/Users").await.total(), 1);
    }

    /// what the service can do is readable with a token.
    async fn x03_discovery_with_a_token(server: TestServer) {
        let client = server.client();
        for path in ["/ServiceProviderConfig", "/Schemas", "/ResourceTypes"] {
            client.get(path).await.expect(200);
            let answer = client.with_token(None).get(path).await;
            assert!(matches!(answer.status, 200 | 401), "{answer:?}");
        }
    }
}

//! GET of one resource (RFC 7644 section 3.4.1) and the shape of URLs.

use axum::http::Method;
use serde_json::json;

use super::{group_path, id, user_path};
use crate::support::TestServer;

both_engines! {
    /// unknown ids and ids of the other type are 404.
    async fn r02_an_id_belongs_to_one_type(server: TestServer) {
        let client = server.client();
        let user = client.create_user("r02@x.example", json!({})).await;
        let group = client.create_group("r02", &[]).await;
        client.get(&user_path(&user)).await.expect(200);
        client.get(&group_path(&group)).await.expect(200);
        client.get("/Users/nope").await.expect_error(404, "");
        client.get(&format!("/Groups/{}", id(&user))).await.expect_error(404, "");
        client.get(&format!("/Users/{}", id(&group))).await.expect_error(404, "");
    }

    /// odd ids are unknown, never a fault of the server.
    async fn r03_odd_ids_are_unknown(server: TestServer) {
        let client = server.client();
        let long = "9".repeat(6000);
        for odd in ["%2F", "..%2FUsers", "%00", "a%20b", "%F0%9F%9A%80", "%FF", "-1", "0",
            "99999999999999999999999", "'%20OR%20'1'='1", long.as_str()] {
            for path in [format!("/Users/{odd}"), format!("/Groups/{odd}")] {
                let answer = client.get(&path).await;
                assert!(matches!(answer.status, 400 | 404 | 414), "{path} -> {answer:?}");
                let answer = client.delete(&path).await;
                assert!(matches!(answer.status, 400 | 404 | 414), "{path} -> {answer:?}");
            }
        }
    }

    /// H-06: a trailing slash is accepted, on collections with a query too.
    async fn h06_trailing_slash_is_accepted(server: TestServer) {
        let client = server.client();
        let user = client.create_user("h06@x.example", json!({})).await;
        assert_eq!(client.get("/Users/").await.total(), 1);
        assert_eq!(client.get(&format!("{}/", user_path(&user))).await.expect(200), user);
        assert_eq!(client.get("/Users/?filter=userName+eq+%22h06%40x.example%22").await.total(), 1);
        client.get("/ServiceProviderConfig/").await.expect(200);
    }

    /// L-11, K8: unknown query parameters, Entra's flag among them, change nothing.
    async fn l11_unknown_parameters_are_ignored(server: TestServer) {
        let client = server.client();
        let user = client.create_user("l11@x.example", json!({})).await;
        assert_eq!(client.get("/Users?aadOptscim062020&foo=1").await.total(), 1);
        let path = format!("{}?aadOptscim062020", user_path(&user));
        assert_eq!(client.get(&path).await.expect(200), user);
    }

    /// H-08: HEAD is GET without a body.
    async fn h08_head_has_no_body(server: TestServer) {
        let client = server.client();
        let user = client.create_user("h08@x.example", json!({})).await;
        let answer = client.send(Method::HEAD, &user_path(&user), &[], None).await;
        assert_eq!(answer.status, 200);
        assert_eq!(answer.header("etag"), user["meta"]["version"].as_str());
    }

    /// F-25: a filter on one resource is ignored.
    async fn f25_filter_on_one_resource_is_ignored(server: TestServer) {
        let client = server.client();
        let user = client.create_user("f25@x.example", json!({})).await;
        let path = format!("{}?filter=userName+eq+%22other%22", user_path(&user));
        assert_eq!(client.get(&path).await.expect(200), user);
    }

    /// Z-02, K7: another node's resources are unknown here, by every method.
    async fn z02_other_nodes_are_out_of_reach(server: TestServer) {
        let client = server.client();
        let other = server.another_node("Other").await;
        let user = other.create_user("z02@x.example", json!({})).await;
        let group = other.create_group("z02", &[]).await;
        for path in [user_path(&user), group_path(&group)] {
            client.get(&path).await.expect_error(404, "");
            client.delete(&path).await.expect_error(404, "");
            let operations = json!([{"op": "add", "path": "displayName", "value": "mine"}]);
            client.operations(&path, operations).await.expect_error(404, "");
            let body = json!({"userName": "a@x.example", "displayName": "mine"});
            client.put(&path, body).await.expect_error(404, "");
        }
        assert_eq!(client.get("/Users").await.total(), 0);
        assert_eq!(client.get("/Groups").await.total(), 0);
        assert_eq!(other.get(&user_path(&user)).await.expect(200), user);
    }
}

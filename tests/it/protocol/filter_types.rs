//! Filters and types (RFC 7644 section 3.4.2.2): dates, order, and every filter that must be refused.

use std::time::Duration;

use serde_json::json;

use super::id;
use crate::support::TestServer;

both_engines! {
    /// F-07: dates are compared as instants, whatever their offset.
    async fn f07_dates_are_compared_as_instants(server: TestServer) {
        let client = server.client();
        let early = client.create_user("early@x.example", json!({})).await;
        tokio::time::sleep(Duration::from_millis(1100)).await;
        let late = client.create_user("late@x.example", json!({})).await;
        let instant = late["meta"]["created"].as_str().unwrap();
        let utc: jiff::Timestamp = instant.parse().unwrap();
        let later = utc.checked_add(jiff::SignedDuration::from_hours(2)).unwrap();
        let shifted = later.to_string().replace('Z', "+02:00");
        assert!(shifted.ends_with("+02:00"), "{shifted}");
        for written in [instant, shifted.as_str()] {
            for (operator, expected) in [("eq", 1), ("ge", 1), ("gt", 0), ("lt", 1), ("le", 2),
                ("ne", 1)] {
                let filter = format!("meta.created {operator} \"{written}\"");
                assert_eq!(client.find("/Users", &filter).await.total(), expected, "{filter}");
            }
        }
        let filter = format!("meta.created lt \"{shifted}\"");
        let found = client.find("/Users", &filter).await.resources();
        assert_eq!(found[0]["id"], early["id"]);
    }

    /// F-05, F-07: strings are ordered without case where the schema says so, and with it where not.
    async fn f07_strings_are_ordered(server: TestServer) {
        let client = server.client();
        for (name, external_id) in [("a@x.example", "B"), ("B@x.example", "a"), ("c@x.example", "b")] {
            client.create_user(name, json!({"externalId": external_id})).await;
        }
        for (filter, expected) in [("userName gt \"a@x.example\"", 2), ("userName lt \"b@X.example\"", 1),
            ("userName ge \"b@x.example\"", 2), ("userName le \"B@X.EXAMPLE\"", 2),
            ("externalId lt \"a\"", 1), ("externalId ge \"a\"", 2)] {
            assert_eq!(client.find("/Users", filter).await.total(), expected, "{filter}");
        }
    }

    /// F-08, F-11: what is no filter is refused; it never finds everybody.
    async fn f08_bad_filters_are_refused(server: TestServer) {
        let client = server.client();
        client.create_user("f08@x.example", json!({})).await;
        for bad in ["", " ", "userName", "userName eq", "userName xx \"a\"", "eq \"a\"",
            "userName eq \"a", "(userName eq \"a\"", "userName eq \"a\")", "userName eq \"a\" and",
            "userName eq \"a\" userName eq \"b\"", "not userName eq \"a\"", "and", "()",
            "userName eq \"a\" or or userName eq \"b\"", "1abc pr", ".userName pr", "userName. pr",
            "name..givenName pr", "userName eq 'a'", "userName eq {\"a\": 1}", "userName eq [1]",
            "userName pr \"a\"", "emails[type eq \"work\"", "[type eq \"work\"]", "userName[0] pr",
            "userName eq \"\\u12\"", "userName eq bob", "\u{0}", "urn:foo pr", "*"] {
            let answer = client.find("/Users", bad).await;
            answer.expect_error(400, "invalidFilter");
            let answer = client.find("/Groups", bad).await;
            answer.expect_error(400, "invalidFilter");
        }
    }

    /// F-07, F-09: operators and values that do not go with the attribute's type.
    async fn f09_types_must_match(server: TestServer) {
        let client = server.client();
        client.create_user("f09@x.example", json!({})).await;
        for bad in ["active eq \"x\"", "userName eq 5", "active co true", "active gt true",
            "meta.created eq \"yesterday\"", "meta.created co 5", "userName eq true",
            "x509Certificates.value gt \"a\"", "active eq 1", "displayName sw false"] {
            client.find("/Users", bad).await.expect_error(400, "invalidFilter");
        }
    }

    /// F-23: an attribute the type does not have.
    async fn f23_unknown_attributes_are_refused(server: TestServer) {
        let client = server.client();
        for bad in ["foo eq \"x\"", "name.foo pr", "members pr",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:foo pr"] {
            let detail = client.find("/Users", bad).await.expect_error(400, "invalidFilter");
            assert!(!detail.is_empty());
        }
        client.find("/Groups", "userName pr").await.expect_error(400, "invalidFilter");
    }

    /// F-27: depth and length are bounded, and the process lives on.
    async fn f27_monsters_are_refused(server: TestServer) {
        let client = server.client();
        let deep = format!("{}userName pr{}", "(".repeat(2000), ")".repeat(2000));
        let wide = vec!["userName eq \"a\""; 2000].join(" or ");
        let long = format!("userName eq \"{}\"", "a".repeat(60_000));
        for monster in [deep, wide, long] {
            let answer = client.find("/Users", &monster).await;
            assert!(matches!(answer.status, 400 | 413 | 414 | 431), "{}", answer.status);
        }
        assert_eq!(client.get("/Users").await.total(), 0);
    }

    /// H-07: a parameter given twice is refused, never one of the two taken.
    async fn h07_duplicate_parameters_are_refused(server: TestServer) {
        let client = server.client();
        let path = "/Users?filter=userName+pr&filter=active+eq+true";
        client.get(path).await.expect_error(400, "");
        client.get("/Users?count=1&count=2").await.expect_error(400, "");
    }

    /// S-02, F-28: `$ref` can be filtered.
    async fn s02_ref_can_be_filtered(server: TestServer) {
        let client = server.client();
        let user = client.create_user("s02@x.example", json!({})).await;
        client.create_group("s02", &[id(&user)]).await;
        let filter = format!("members[$ref ew \"/Users/{}\"]", id(&user));
        assert_eq!(client.find("/Groups", &filter).await.total(), 1);
        assert_eq!(client.find("/Groups", "members[$ref ew \"/nope\"]").await.total(), 0);
    }
}

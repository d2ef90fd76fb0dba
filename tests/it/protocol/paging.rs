//! Lists and index paging (RFC 7644 sections 3.4.2 and 3.4.2.4).

use std::collections::BTreeSet;

use serde_json::json;

use crate::support::{Client, TestServer};

async fn twelve(client: &Client) {
    for number in 0..12 {
        client.create_user(&format!("p{number:02}@x.example"), json!({})).await;
    }
}

both_engines! {
    /// L-01: startIndex is 1-based; anything less is 1, and the answer says so.
    async fn l01_start_index_is_one_based(server: TestServer) {
        let client = server.client();
        twelve(&client).await;
        for start in ["0", "-5", "1"] {
            let body = client.get(&format!("/Users?startIndex={start}&count=3")).await.expect(200);
            assert_eq!(body["startIndex"], json!(1), "{start}");
            assert_eq!(body["itemsPerPage"], json!(3));
        }
        let body = client.get("/Users?startIndex=12").await.expect(200);
        assert_eq!((&body["startIndex"], &body["itemsPerPage"]), (&json!(12), &json!(1)));
    }

    /// L-02, L-05: count 0 and below ask for the total alone.
    async fn l02_count_zero_is_the_total(server: TestServer) {
        let client = server.client();
        twelve(&client).await;
        for count in ["0", "-1"] {
            let body = client.get(&format!("/Users?count={count}")).await.expect(200);
            assert_eq!(body["totalResults"], json!(12));
            assert_eq!(body["Resources"], json!([]));
        }
        assert_eq!(client.get("/Users?count=1").await.resources().len(), 1);
    }

    /// L-03: totalResults counts all matches of the filter, not the page.
    async fn l03_total_is_of_the_filter(server: TestServer) {
        let client = server.client();
        twelve(&client).await;
        let body = client.get("/Users?count=5&startIndex=3").await.expect(200);
        assert_eq!((&body["totalResults"], &body["itemsPerPage"]), (&json!(12), &json!(5)));
        let path = "/Users?count=2&filter=userName+sw+%22p0%22";
        let body = client.get(path).await.expect(200);
        assert_eq!((&body["totalResults"], &body["itemsPerPage"]), (&json!(10), &json!(2)));
        // A filter the database cannot decide alone pages alike.
        let path = "/Users?count=4&startIndex=9&filter=not+(userName+ew+%22nope%22)";
        let body = client.get(path).await.expect(200);
        assert_eq!((&body["totalResults"], &body["itemsPerPage"]), (&json!(12), &json!(4)));
    }

    /// L-04, L-06, L-07: beyond the end.
    async fn l04_beyond_the_end(server: TestServer) {
        let client = server.client();
        twelve(&client).await;
        let body = client.get("/Users?startIndex=9999").await.expect(200);
        assert_eq!(body["totalResults"], json!(12));
        assert_eq!(body["Resources"], json!([]));
        assert_eq!(body["startIndex"], json!(9999), "Entra wants back what it asked for");
    }

    /// L-08, L-09: a count too large is cut; one that is no number is refused.
    async fn l09_counts_that_are_no_numbers(server: TestServer) {
        let client = server.client();
        twelve(&client).await;
        assert_eq!(client.get("/Users?count=100000").await.resources().len(), 12);
        let huge = "99999999999999999999999";
        assert_eq!(client.get(&format!("/Users?count={huge}")).await.resources().len(), 12);
        for more in ["", "&sortBy=title", "&filter=nickName%20pr"] {
            let path = format!("/Users?startIndex={huge}&count={huge}{more}");
            assert_eq!(client.get(&path).await.resources().len(), 0, "{path}");
        }
        for bad in ["count=abc", "startIndex=x", "count=1.5", "startIndex=1e3", "count="] {
            let answer = client.get(&format!("/Users?{bad}")).await;
            if bad == "count=" {
                assert!(matches!(answer.status, 200 | 400), "{answer:?}");
            } else {
                answer.expect_error(400, "invalidValue");
            }
        }
    }

    /// L-13, O-07: a static walk sees everything once, users and groups.
    async fn l13_a_walk_sees_everything_once(server: TestServer) {
        let client = server.client();
        twelve(&client).await;
        for number in 0..12 {
            client.create_group(&format!("g{number}"), &[]).await;
        }
        for kind in ["/Users", "/Groups"] {
            let mut seen = BTreeSet::new();
            let mut start = 1;
            loop {
                let page = client.get(&format!("{kind}?startIndex={start}&count=5")).await.resources();
                if page.is_empty() {
                    break;
                }
                start += page.len();
                for resource in page {
                    assert!(seen.insert(resource["id"].as_str().unwrap().to_owned()), "{resource}");
                }
            }
            assert_eq!(seen.len(), 12, "{kind}");
        }
    }

    /// K9: a GET without count returns everything; count is honoured beyond any usual page size.
    async fn k9_a_bare_list_returns_everything(server: TestServer) {
        let client = server.client();
        let mut tasks = tokio::task::JoinSet::new();
        for number in 0..240 {
            let client = client.clone();
            tasks.spawn(async move {
                client.create_user(&format!("bulk{number}@x.example"), json!({})).await;
            });
        }
        tasks.join_all().await;
        assert_eq!(client.get("/Users").await.resources().len(), 240);
        assert_eq!(client.get("/Users?count=230").await.resources().len(), 230);
    }
}

//! Races that are decided inside the transaction: locks taken in one order, names, seats, and versions that cover
//! memberships. On Postgres the clients are of two servers.

use std::time::{Duration, Instant};

use axum::http::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::model::references;
use crate::protocol::{group_path, id, user_path};
use crate::support::{Client, TestServer, USER};

/// Sends all at once, by turns through the clients, and returns what was answered, the lowest status first.
async fn at_once(clients: &[Client], path: &str, bodies: Vec<Value>) -> Vec<(u16, Value)> {
    let mut tasks = JoinSet::new();
    for (number, body) in bodies.into_iter().enumerate() {
        let (client, path) = (clients[number % clients.len()].clone(), path.to_owned());
        tasks.spawn(async move {
            let answer = client.post(&path, body).await;
            (answer.status, answer.body.unwrap_or_default())
        });
    }
    let mut answers = tasks.join_all().await;
    answers.sort_by_key(|(status, _)| *status);
    answers
}

fn statuses(answers: &[(u16, Value)]) -> Vec<u16> {
    answers.iter().map(|(status, _)| *status).collect()
}

/// One success among `refusals`.
fn one_among(status: u16, refusals: usize) -> Vec<u16> {
    std::iter::once(201).chain(std::iter::repeat_n(status, refusals)).collect()
}

/// All of `groups`, in one of many orders.
fn shuffled(groups: &[Value], number: usize) -> Vec<Value> {
    // Steps that have no factor in common with the length reach every group.
    let step = [1, 3, 5, 7][number / groups.len() % 4];
    (0..groups.len())
        .map(|place| json!({"value": groups[(number + place * step) % groups.len()]["id"]}))
        .collect()
}

/// DELETE, then six POSTs of the name at once: one brings the user back, the others see that it is there.
async fn return_once(server: &TestServer) {
    let (clients, _second) = server.two_clients().await;
    for round in 0..6 {
        let name = format!("back{round}@x.example");
        let user = clients[0].create_user(&name, json!({})).await;
        clients[0].delete(&user_path(&user)).await.expect(204);
        let body =
            |number| json!({"schemas": [USER], "userName": name, "title": format!("t{number}")});
        let answers = at_once(&clients, "/Users", (0..6).map(body).collect()).await;
        assert_eq!(statuses(&answers), one_among(409, 5), "{answers:?}");
        assert_eq!(answers[0].1["id"], user["id"]);
        for client in &clients {
            let held = client.get(&user_path(&user)).await.expect(200);
            assert_eq!((&held["title"], &held["active"]), (&answers[0].1["title"], &json!(true)));
        }
    }
}

/// Turns unique names on among POSTs of one name. Gives whether that was done and what became of the POSTs.
async fn unique_among_posts(server: &TestServer, clients: &[Client], delay: u64) -> (bool, usize) {
    let body = json!({"displayName": format!("Race {delay}")});
    let turn_on = async {
        tokio::time::sleep(Duration::from_millis(delay)).await;
        server.try_unique_groups(true).await
    };
    let (answers, done) = tokio::join!(at_once(clients, "/Groups", vec![body; 20]), turn_on);
    let made = answers.iter().filter(|(status, _)| *status == 201).count();
    let refused = answers.iter().filter(|(status, _)| *status == 409).count();
    assert_eq!(made + refused, 20, "{answers:?}");
    assert!(matches!(done, Ok(()) | Err(409)), "{done:?}");
    (done.is_ok(), made)
}

both_engines! {
    /// Users with the same groups in another order each wait for each other, but never for ever.
    async fn groups_in_any_order(server: TestServer) {
        let (clients, _second) = server.two_clients().await;
        let mut groups = Vec::new();
        for number in 0..8 {
            groups.push(clients[0].create_group(&format!("Group {number}"), &[]).await);
        }
        let started = Instant::now();
        let mut tasks = JoinSet::new();
        for lane in 0..16 {
            let (client, groups) = (clients[lane % 2].clone(), groups.clone());
            tasks.spawn(async move {
                for number in 0..4 {
                    let body = json!({"userName": format!("u{lane}.{number}@x.example"),
                        "groups": shuffled(&groups, lane * 4 + number)});
                    client.post("/Users", body).await.expect(201);
                }
            });
        }
        tasks.join_all().await;
        let took = started.elapsed();
        assert!(took < Duration::from_secs(12), "64 users took {took:?}");
        let everybody = references(&json!(clients[1].get("/Users").await.resources().iter()
            .map(|user| json!({"value": user["id"]})).collect::<Vec<_>>()));
        assert_eq!(everybody.len(), 64);
        for group in &groups {
            let held = clients[1].get(&group_path(group)).await.expect(200);
            assert_eq!(references(&held["members"]), everybody);
        }
    }

    /// K3, `hidden`: the name of a removed user brings it back once, whoever asks.
    async fn k3_hidden_returns_once(server: TestServer) {
        server.set("removed_users", "hidden").await;
        return_once(&server).await;
    }

    /// K3, `listed` with `repost = revive`: likewise.
    async fn k3_listed_revives_once(server: TestServer) {
        server.set("repost", "revive").await;
        return_once(&server).await;
    }

    /// K5: unique names turned on while the servers still think they are off: either that is refused, or there is
    /// no name twice from then on; and every group stays usable.
    async fn k5_unique_groups_turned_on_among_posts(server: TestServer) {
        let (clients, _second) = server.two_clients().await;
        let user = clients[0].create_user("k5@x.example", json!({})).await;
        for delay in [0, 0, 2, 5, 20] {
            server.set("unique_groups", "off").await;
            let (done, made) = unique_among_posts(&server, &clients, delay).await;
            let groups = clients[0].get("/Groups").await.resources();
            assert_eq!(groups.len(), made);
            // Refused because of two groups of the name; or turned on, and then there is no second one.
            assert_eq!(done, made == 1, "turned on: {done}, made: {made}");
            for (number, group) in groups.iter().enumerate() {
                let client = &clients[number % 2];
                let members = json!([{"op": "add", "path": "members", "value": [{"value": user["id"]}]}]);
                client.operations(&group_path(group), members).await.expect(204);
                let outer = json!([{"op": "replace", "path": "externalId", "value": number.to_string()}]);
                client.operations(&group_path(group), outer).await.expect(204);
                let rename = json!([{"op": "replace", "path": "displayName", "value": format!("N{number}")}]);
                client.operations(&group_path(group), rename).await.expect(204);
                let held = client.get(&group_path(group)).await.expect(200);
                assert_eq!(references(&held["members"]), [id(&user).to_owned()].into());
            }
            for group in &groups {
                clients[0].delete(&group_path(group)).await.expect(204);
            }
        }
    }

    /// K6: the last seat goes to one of those who ask for it at once.
    async fn k6_last_seat(server: TestServer) {
        let (clients, _second) = server.two_clients().await;
        clients[0].create_user("first@x.example", json!({})).await;
        for round in 0..3 {
            server.organization(Some(round + 2), &[]).await;
            let body = |number| json!({"userName": format!("r{round}.{number}@x.example")});
            let answers = at_once(&clients, "/Users", (0..8).map(body).collect()).await;
            assert_eq!(statuses(&answers), one_among(428, 7), "{answers:?}");
        }
        assert_eq!(clients[1].get("/Users").await.total(), 4);
    }

    /// V-04: a version covers the groups of a user. A PUT that replaces them under If-Match comes before the group
    /// that another request adds, or is refused; it never undoes what its sender has not seen.
    async fn v04_if_match_holds_against_groups(server: TestServer) {
        let (clients, _second) = server.two_clients().await;
        let first = clients[0].create_group("First", &[]).await;
        let second = clients[0].create_group("Second", &[]).await;
        for round in 0..30 {
            let name = format!("v04.{round}@x.example");
            let user = clients[0].create_user(&name, json!({})).await;
            let tag = user["meta"]["version"].as_str().unwrap().to_owned();
            let path = user_path(&user);
            let body = json!({"schemas": [USER], "userName": name, "groups": [{"value": first["id"]}]});
            let tags = [("if-match", tag.as_str())];
            let join = json!([{"op": "add", "path": "members", "value": [{"value": user["id"]}]}]);
            let (put, joined) = tokio::join!(
                clients[0].send(Method::PUT, &path, &tags, Some(body.to_string())),
                async {
                    tokio::time::sleep(Duration::from_millis(round % 10)).await;
                    clients[1].operations(&group_path(&second), join).await
                },
            );
            joined.expect(204);
            let held = references(&clients[1].get(&path).await.expect(200)["groups"]);
            let mut expected = vec![id(&second).to_owned()];
            match put.status {
                200 => expected.push(id(&first).to_owned()),
                status => assert_eq!(status, 412, "{put:?}"),
            }
            assert_eq!(held, expected.into_iter().collect(), "PUT: {}", put.status);
        }
    }
}

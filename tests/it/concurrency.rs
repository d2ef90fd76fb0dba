//! Races: many clients on one server, on two servers that share a database, and on two processes.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::http::Method;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::model::references;
use crate::protocol::{group_path, id, user_path};
use crate::support::process::Installation;
use crate::support::{Client, Engine, TestServer, USER, postgres, run, runtime};

/// Sends POSTs of one userName through all `clients` at once and returns the statuses, sorted.
async fn post_at_once(clients: &[Client], times: usize, user_name: &str) -> Vec<u16> {
    let mut tasks = JoinSet::new();
    for number in 0..times {
        let client = clients[number % clients.len()].clone();
        let body = json!({"schemas": [USER], "userName": user_name, "title": number.to_string()});
        tasks.spawn(async move { client.post("/Users", body).await.status });
    }
    let mut statuses = tasks.join_all().await;
    statuses.sort_unstable();
    statuses
}

/// 32 times PATCH at once, each with another member and another phone; then everything must be there.
async fn patch_at_once(clients: &[Client]) {
    let shared = clients[0].create_user("shared@x.example", json!({})).await;
    let group = clients[0].create_group("Shared", &[]).await;
    let mut tasks = JoinSet::new();
    for number in 0..32_usize {
        let client = clients[number % clients.len()].clone();
        let (group, shared) = (group.clone(), shared.clone());
        tasks.spawn(async move {
            let user = client.create_user(&format!("m{number}@x.example"), json!({})).await;
            let join = if number % 2 == 0 {
                let value = json!([{"value": user["id"]}]);
                let operations = json!([{"op": "add", "path": "members", "value": value}]);
                client.operations(&group_path(&group), operations).await
            } else {
                let value = json!([{"value": group["id"]}]);
                let operations = json!([{"op": "add", "path": "groups", "value": value}]);
                client.operations(&user_path(&user), operations).await
            };
            join.expect_success();
            let phone = json!([{"value": format!("+{number}"), "type": "work"}]);
            let operations = json!([{"op": "add", "path": "phoneNumbers", "value": phone}]);
            client.operations(&user_path(&shared), operations).await.expect(200);
            id(&user).to_owned()
        });
    }
    let members: BTreeSet<String> = tasks.join_all().await.into_iter().collect();
    for client in clients {
        let held = client.get(&group_path(&group)).await.expect(200);
        assert_eq!(references(&held["members"]), members);
        let user = client.get(&user_path(&shared)).await.expect(200);
        assert_eq!(references(&user["phoneNumbers"]).len(), 32, "{user}");
    }
}

both_engines! {
    /// C-10: one of fifty wins.
    async fn c10_fifty_posts_of_one_name(server: TestServer) {
        let statuses = post_at_once(&[server.client()], 50, "race@x.example").await;
        let mut expected = vec![409; 50];
        expected[0] = 201;
        assert_eq!(statuses, expected);
        assert_eq!(server.client().get("/Users").await.total(), 1);
    }

    /// V-04: one of twenty PUTs with one If-Match wins.
    async fn v04_twenty_puts_with_one_version(server: TestServer) {
        let client = server.client();
        let user = client.create_user("v04@x.example", json!({})).await;
        let tag = user["meta"]["version"].as_str().unwrap().to_owned();
        let mut tasks = JoinSet::new();
        for number in 0..20 {
            let (client, path, tag) = (client.clone(), user_path(&user), tag.clone());
            let body = json!({"schemas": [USER], "userName": "v04@x.example",
                "title": format!("t{number}")}).to_string();
            tasks.spawn(async move {
                client.send(Method::PUT, &path, &[("if-match", &tag)], Some(body)).await.status
            });
        }
        let mut statuses = tasks.join_all().await;
        statuses.sort_unstable();
        let mut expected = vec![412; 20];
        expected[0] = 200;
        assert_eq!(statuses, expected);
    }

    /// Nothing is lost when 32 clients PATCH one group and one user.
    async fn parallel_patches_lose_nothing(server: TestServer) {
        patch_at_once(&[server.client()]).await;
    }

    /// K5: of parallel POSTs of one displayName one wins.
    async fn parallel_groups_of_one_name(server: TestServer) {
        let mut tasks = JoinSet::new();
        for _ in 0..20 {
            let client = server.client();
            tasks.spawn(async move {
                client.post("/Groups", json!({"displayName": "Race"})).await.status
            });
        }
        let won = tasks.join_all().await.iter().filter(|status| **status == 201).count();
        assert_eq!(won, 1);
        assert_eq!(server.client().get("/Groups").await.total(), 1);
    }

    /// K6: parallel POSTs never take more seats than there are.
    async fn parallel_posts_respect_the_seats(server: TestServer) {
        server.organization(Some(5), &[]).await;
        let mut tasks = JoinSet::new();
        for number in 0..20 {
            let client = server.client();
            let body = json!({"userName": format!("seat{number}@x.example")});
            tasks.spawn(async move { client.post("/Users", body).await.status });
        }
        let statuses = tasks.join_all().await;
        assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 5, "{statuses:?}");
        assert_eq!(statuses.iter().filter(|status| **status == 428).count(), 15, "{statuses:?}");
    }

    /// K7: a token revoked through one server is refused by another on the same database within a second.
    async fn k7_revocation_is_seen_within_a_second(server: TestServer) {
        let second = server.another_server(&[]).await;
        let (token, public_id) = server.another_token().await;
        let through_second = second.client().with_token(Some(&token));
        assert_eq!(through_second.get("/Users").await.status, 200);
        server.revoke_token(&public_id).await;
        let revoked = Instant::now();
        while through_second.get("/Users").await.status != 401 {
            assert!(revoked.elapsed() < Duration::from_secs(1), "still accepted");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert_eq!(second.client().get("/Users").await.status, 200);
    }
}

/// Two servers that share nothing but Postgres.
#[test]
fn two_servers_on_one_postgres() {
    run(Engine::Postgres, |server| async move {
        let second = server.another_server(&[]).await;
        let clients = [server.client(), second.client()];
        for round in 0..5 {
            let statuses = post_at_once(&clients, 10, &format!("r{round}@x.example")).await;
            assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
            assert_eq!(statuses.iter().filter(|status| **status == 409).count(), 9, "{statuses:?}");
        }
        patch_at_once(&clients).await;
    });
}

const SHARED_USERS: usize = 20;

/// `SCIMD_TEST_RACES` racing writes over two processes on one Postgres: every PATCH is kept, every name made once.
#[test]
fn two_processes_on_one_postgres() {
    let Some(admin) = postgres::shared() else { return };
    let races: usize =
        std::env::var("SCIMD_TEST_RACES").ok().map_or(1000, |races| races.parse().unwrap());
    runtime().block_on(async {
        let url = postgres::create_database(admin).await;
        let folder = tempfile::tempdir().unwrap();
        let installation = Installation::quickstart(folder.path().to_owned(), &url);
        let processes = [installation.serve().await, installation.serve().await];
        let clients = processes.each_ref().map(|process| installation.client(process));
        race(&clients, races).await;
        let secret = installation.command(&["token", "create", installation.node(), "-q"]);
        let by_second = clients[1].with_token(Some(secret.trim()));
        assert_eq!(by_second.get("/Users?count=0").await.status, 200);
        let public_id = secret.trim().split('_').nth(1).unwrap().to_owned();
        installation.command(&["token", "revoke", &public_id]);
        tokio::time::sleep(Duration::from_secs(1)).await;
        by_second.get("/Users?count=0").await.expect_error(401, "");
        drop(processes);
        postgres::drop_database(admin, &url).await;
    });
}

/// A quarter of the writes are creates of one name through both servers, the rest PATCH the shared users.
async fn race(clients: &[Client; 2], races: usize) {
    let mut shared = Vec::new();
    for number in 0..SHARED_USERS {
        shared.push(clients[0].create_user(&format!("shared{number}@x.example"), json!({})).await);
    }
    let lanes = Arc::new(Semaphore::new(16));
    let mut tasks: JoinSet<u16> = JoinSet::new();
    let names = races / 8;
    for number in 0..races {
        let client = clients[number % 2].clone();
        let permit = Arc::clone(&lanes).acquire_owned().await.unwrap();
        let path = user_path(&shared[number / 2 % SHARED_USERS]);
        tasks.spawn(async move {
            let _permit = permit;
            if number / 2 < names {
                let body = json!({"userName": format!("name{}@x.example", number / 2)});
                return client.post("/Users", body).await.status;
            }
            let phone = json!([{"value": number.to_string(), "type": "work"}]);
            let operations = json!([{"op": "add", "path": "phoneNumbers", "value": phone}]);
            client.operations(&path, operations).await.status
        });
    }
    let statuses = tasks.join_all().await;
    let count = |wanted: u16| statuses.iter().filter(|status| **status == wanted).count();
    let patches = races - names * 2;
    assert_eq!((count(201), count(409), count(200)), (names, names, patches));
    let mut kept = 0;
    for user in &shared {
        let user = clients[1].get(&user_path(user)).await.expect(200);
        kept += references(user.get("phoneNumbers").unwrap_or(&Value::Null)).len();
    }
    assert_eq!(kept, patches, "every PATCH once");
    let total = clients[0].get("/Users?count=0").await.total();
    assert_eq!(usize::try_from(total).unwrap(), names + SHARED_USERS);
}

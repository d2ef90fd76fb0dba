//! Faults, against the real program: killed among writers, the database gone and back, told to end.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use axum::http::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::model::references;
use crate::protocol::group_path;
use crate::support::process::{Installation, Process};
use crate::support::{Client, postgres, runtime};

const WRITERS: usize = 32;

/// What the server has acknowledged: the last title of each user, by id; and the refusals seen on the way.
#[derive(Default)]
struct Ledger {
    titles: BTreeMap<String, usize>,
    refused: Vec<(u16, Option<String>)>,
}

/// Starts the writers. Each makes users in its group and gives each of them a few titles, until `stop` is set; an
/// answer that is no success is noted, and a lost connection ends the writer unless `persistent`.
fn write_on(
    client: &Client,
    groups: &[String],
    stop: &Arc<AtomicBool>,
    persistent: bool,
) -> (JoinSet<()>, Arc<Mutex<Ledger>>) {
    let ledger = Arc::new(Mutex::new(Ledger::default()));
    let mut tasks = JoinSet::new();
    for writer in 0..WRITERS {
        let (client, stop, ledger) = (client.clone(), Arc::clone(stop), Arc::clone(&ledger));
        let group = groups[writer % groups.len()].clone();
        tasks.spawn(async move {
            for number in 0.. {
                let user =
                    write_user(&client, &group, &format!("w{writer}.{number}"), &ledger).await;
                if stop.load(Ordering::Relaxed) || (user.is_err() && !persistent) {
                    return;
                }
            }
        });
    }
    (tasks, ledger)
}

async fn write_user(
    client: &Client,
    group: &str,
    name: &str,
    ledger: &Mutex<Ledger>,
) -> Result<(), reqwest::Error> {
    let body = json!({"userName": format!("{name}@x.example"), "title": "0",
        "groups": [{"value": group}]});
    let created = attempt(client, Method::POST, "/Users", body, ledger).await?;
    let Some(id) = created.as_ref().and_then(|user| user["id"].as_str()) else { return Ok(()) };
    ledger.lock().unwrap().titles.insert(id.to_owned(), 0);
    for title in 1..4 {
        let operations = json!({"Operations": [
            {"op": "replace", "path": "title", "value": title.to_string()}]});
        let path = format!("/Users/{id}");
        if attempt(client, Method::PATCH, &path, operations, ledger).await?.is_some() {
            ledger.lock().unwrap().titles.insert(id.to_owned(), title);
        }
    }
    Ok(())
}

/// Sends a write; a refusal is noted and gives `None`.
async fn attempt(
    client: &Client,
    method: Method,
    path: &str,
    body: Value,
    ledger: &Mutex<Ledger>,
) -> Result<Option<Value>, reqwest::Error> {
    let answer = client.try_send(method, path, &[], Some(body.to_string())).await?;
    if answer.status < 300 {
        return Ok(answer.body);
    }
    let retry = answer.header("retry-after").map(str::to_owned);
    ledger.lock().unwrap().refused.push((answer.status, retry));
    tokio::time::sleep(Duration::from_millis(50)).await;
    Ok(None)
}

/// Everything acknowledged is there, and whatever is there is there whole: found by name, and in its group from both
/// sides.
async fn assert_whole(client: &Client, ledger: &Ledger) {
    let users = client.get("/Users").await.resources();
    let users: BTreeMap<&str, &Value> =
        users.iter().map(|user| (user["id"].as_str().unwrap(), user)).collect();
    for (id, title) in &ledger.titles {
        let user = users.get(id.as_str()).unwrap_or_else(|| panic!("acknowledged {id} is lost"));
        let held: usize = user["title"].as_str().unwrap().parse().unwrap();
        assert!((*title..=3).contains(&held), "acknowledged title {title}: {user}");
    }
    let groups = client.get("/Groups").await.resources();
    for (id, user) in &users {
        let own = references(&user["groups"]);
        assert_eq!(own.len(), 1, "a user without its group: {user}");
        for group in &groups {
            let listed = references(&group["members"]).contains(*id);
            assert_eq!(listed, own.contains(group["id"].as_str().unwrap()), "{user}");
        }
    }
    for (id, user) in users.iter().take(50) {
        let filter = format!("userName eq \"{}\"", user["userName"].as_str().unwrap());
        assert_eq!(client.find("/Users", &filter).await.resources()[0]["id"], json!(id));
    }
}

async fn four_groups(client: &Client) -> Vec<String> {
    let mut groups = Vec::new();
    for number in 0..4 {
        let group = client.create_group(&format!("Crash {number}"), &[]).await;
        groups.push(group_path(&group).trim_start_matches("/Groups/").to_owned());
    }
    groups
}

async fn killed_among_writers(installation: &Installation) {
    let process = installation.serve().await;
    let client = installation.client(&process);
    let groups = four_groups(&client).await;
    let stop = Arc::new(AtomicBool::new(false));
    let (writers, ledger) = write_on(&client, &groups, &stop, false);
    let started = Instant::now();
    while ledger.lock().unwrap().titles.len() < 3 * WRITERS {
        assert!(started.elapsed() < Duration::from_secs(50), "the writers get nowhere");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    process.kill();
    writers.join_all().await;
    let ledger = std::mem::take(&mut *ledger.lock().unwrap());
    assert_eq!(ledger.refused, Vec::new(), "no write is refused while the server lives");
    let process: Process = installation.serve().await;
    let client = installation.client(&process);
    assert_whole(&client, &ledger).await;
    client.create_user("after@x.example", json!({"groups": [{"value": groups[0]}]})).await;
}

#[test]
fn killed_among_32_writers_on_sqlite() {
    runtime().block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("crash.db").display());
        let installation = Installation::quickstart(folder.path().to_owned(), &url);
        killed_among_writers(&installation).await;
    });
}

#[test]
fn killed_among_32_writers_on_postgres() {
    let Some(admin) = postgres::shared() else { return };
    runtime().block_on(async {
        let url = postgres::create_database(admin).await;
        let folder = tempfile::tempdir().unwrap();
        let installation = Installation::quickstart(folder.path().to_owned(), &url);
        killed_among_writers(&installation).await;
        postgres::drop_database(admin, &url).await;
    });
}

/// While Postgres is away every answer is a 503 SCIM body with Retry-After (the client checks the body); when it is
/// back, service resumes by itself, and nothing acknowledged was lost.
#[test]
fn postgres_stopped_and_started_under_load() {
    if postgres::shared().is_none() {
        return;
    }
    let mut cluster = postgres::Cluster::start().unwrap();
    runtime().block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let url = cluster.url("postgres");
        let installation = Installation::quickstart(folder.path().to_owned(), &url);
        let process = installation.serve().await;
        let client = installation.client(&process);
        let groups = four_groups(&client).await;
        let stop = Arc::new(AtomicBool::new(false));
        let (writers, ledger) = write_on(&client, &groups, &stop, true);
        tokio::time::sleep(Duration::from_millis(700)).await;
        cluster.stop_server();
        let stopped = Instant::now();
        while stopped.elapsed() < Duration::from_secs(3) {
            let answer = client.get("/Users?count=1").await;
            assert_eq!(answer.status, 503, "{answer:?}");
            let retry =
                answer.header("retry-after").and_then(|seconds| seconds.parse::<u32>().ok());
            assert!(retry.is_some_and(|seconds| seconds > 0), "{answer:?}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        cluster.start_server();
        let started = Instant::now();
        while client.get("/Users?count=1").await.status != 200 {
            assert!(started.elapsed() < Duration::from_secs(15), "service did not resume");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let before = ledger.lock().unwrap().titles.len();
        tokio::time::sleep(Duration::from_millis(1500)).await;
        stop.store(true, Ordering::Relaxed);
        writers.join_all().await;
        let ledger = std::mem::take(&mut *ledger.lock().unwrap());
        assert!(ledger.titles.len() > before, "writes go on");
        assert!(!ledger.refused.is_empty(), "no writer noticed");
        for (status, retry) in &ledger.refused {
            // A write whose acknowledgement was lost may be there already when it is repeated.
            assert_eq!(*status, 503);
            assert!(retry.is_some(), "503 without Retry-After");
        }
        assert_whole(&client, &ledger).await;
    });
}

#[test]
fn sigterm_finishes_what_is_in_flight() {
    runtime().block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite:{}", folder.path().join("term.db").display());
        let installation = Installation::quickstart(folder.path().to_owned(), &url);
        let mut process = installation.serve().await;
        let client = installation.client(&process);
        let slow = tokio::task::spawn_blocking({
            let client = client.clone();
            move || half_a_request(&client)
        });
        let (mut stream, rest) = slow.await.unwrap();
        process.terminate();
        tokio::time::sleep(Duration::from_millis(300)).await;
        let answer = tokio::task::spawn_blocking(move || {
            stream.write_all(rest.as_bytes()).unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).unwrap();
            answer
        });
        let answer = answer.await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
        let status = process.wait(Duration::from_secs(10)).await;
        assert_eq!(status.code(), Some(0));
        let process = installation.serve().await;
        let client = installation.client(&process);
        assert_eq!(client.find("/Users", "userName eq \"slow@x.example\"").await.total(), 1);
    });
}

/// Sends the head and the first half of a POST, and returns what is left to send.
fn half_a_request(client: &Client) -> (TcpStream, String) {
    let address = client.base.trim_start_matches("http://");
    let (host, path) = address.split_once('/').unwrap();
    let body = json!({"userName": "slow@x.example"}).to_string();
    let (first, rest) = body.split_at(8);
    let head = format!(
        "POST /{path}/Users HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/scim+json\r\nContent-Length: {}\r\n\r\n{first}",
        client.token.as_deref().unwrap(),
        body.len()
    );
    let mut stream = TcpStream::connect(host).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    std::thread::sleep(Duration::from_millis(200));
    (stream, rest.to_owned())
}

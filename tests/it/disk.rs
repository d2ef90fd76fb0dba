//! The real program where writing fails, and what it writes to its log.
#![cfg(target_os = "linux")]

use std::process::Command;
use std::time::{Duration, Instant};

use axum::http::Method;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::model::references;
use crate::protocol::{group_path, user_path};
use crate::support::process::{Installation, Process};
use crate::support::{Client, encode, runtime};

/// Files may grow to half a megabyte (in blocks of 512 bytes); the hard limit stays, so that it can be lifted.
const SHORT_OF_SPACE: [&str; 4] =
    ["sh", "-c", "trap '' XFSZ; ulimit -S -f 1024; exec \"$@\"", "sh"];

fn on_sqlite(folder: &tempfile::TempDir) -> Installation {
    let url = format!("sqlite:{}", folder.path().join("disk.db").display());
    Installation::quickstart(folder.path().to_owned(), &url)
}

fn lift_limit(process: &Process) {
    let id = process.id().to_string();
    let done = Command::new("prlimit").args(["--pid", &id, "--fsize=unlimited:"]).status().unwrap();
    assert!(done.success(), "prlimit");
}

/// POSTs users with a group until the disk is full and all lanes were refused; gives the names that were
/// acknowledged and those that were refused.
async fn fill(client: &Client, group: &Value) -> (Vec<String>, Vec<String>) {
    let mut lanes = JoinSet::new();
    for lane in 0..4 {
        let (client, group) = (client.clone(), group.clone());
        lanes.spawn(async move {
            let (mut made, mut refused) = (Vec::new(), Vec::new());
            let started = Instant::now();
            while refused.len() < 5 {
                assert!(started.elapsed() < Duration::from_secs(40), "the disk does not get full");
                let name = format!("u{lane}.{}@x.example", made.len() + refused.len());
                let body = json!({"userName": name, "groups": [{"value": group["id"]}],
                    "title": "t".repeat(4000)});
                let answer = client.post("/Users", body).await;
                if answer.status == 201 {
                    made.push(name);
                    continue;
                }
                let seconds =
                    answer.header("retry-after").and_then(|text| text.parse::<u32>().ok());
                assert!(seconds.is_some_and(|seconds| seconds > 0), "{answer:?}");
                let detail = answer.expect_error(503, "");
                assert!(!detail.contains("disk"), "details are for the log: {detail}");
                refused.push(name);
            }
            (made, refused)
        });
    }
    let (made, refused): (Vec<_>, Vec<_>) = lanes.join_all().await.into_iter().unzip();
    (made.concat(), refused.concat())
}

/// A disk that is full costs the writes of that time, nothing else: reading goes on, what was acknowledged is whole,
/// what was refused is not there, and when there is space again writing goes on without a restart.
#[test]
fn full_disk_and_space_again() {
    runtime().block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let installation = on_sqlite(&folder);
        let process = installation.serve_under(&SHORT_OF_SPACE).await;
        let client = installation.client(&process);
        let group = client.create_group("Team", &[]).await;
        let (made, refused) = fill(&client, &group).await;
        assert!(!made.is_empty(), "nothing could be written at all");
        let assert_whole = async |client: &Client| {
            for (names, count) in [(&made, 1), (&refused, 0)] {
                for name in names {
                    let filter = format!("userName eq \"{name}\"");
                    assert_eq!(client.find("/Users", &filter).await.total(), count, "{name}");
                }
            }
            let users = client.get("/Users").await.resources();
            let held = client.get(&group_path(&group)).await.expect(200);
            let members = references(&held["members"]);
            assert_eq!((users.len(), members.len()), (made.len(), made.len()));
        };
        assert_whole(&client).await;
        lift_limit(&process);
        let started = Instant::now();
        let probe = json!({"displayName": "Space again"});
        while client.post("/Groups", probe.clone()).await.status != 201 {
            assert!(started.elapsed() < Duration::from_secs(10), "writing does not resume");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        assert_whole(&client).await;
        for name in &refused {
            client.create_user(name, json!({"groups": [{"value": group["id"]}]})).await;
        }
        process.kill();
        let process = installation.serve().await;
        let client = installation.client(&process);
        let total = made.len() + refused.len();
        assert_eq!(client.get("/Users").await.resources().len(), total);
        let held = client.get(&group_path(&group)).await.expect(200);
        assert_eq!(references(&held["members"]).len(), total);
    });
}

/// A log that cannot be written is no reason to stop answering.
#[test]
fn log_that_cannot_be_written() {
    runtime().block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let installation = on_sqlite(&folder);
        let onto_full = ["sh", "-c", "exec \"$@\" 2>/dev/full", "sh"];
        let process = installation.serve_under(&onto_full).await;
        let client = installation.client(&process);
        let user = client.create_user("a@x.example", json!({})).await;
        client.post("/Users", json!({"userName": "no address"})).await.expect_error(400, "");
        assert_eq!(client.get(&user_path(&user)).await.expect(200), user);
    });
}

const MARK: &str = "m4rk3d";

/// Requests that are refused, each of which names [`MARK`] in its query or body.
fn refusals(user: &Value) -> Vec<(Method, String, Option<String>)> {
    let path = user_path(user);
    let query = |query: &str| (Method::GET, format!("/Users?{query}"), None);
    let change = |operation: Value| {
        let body = json!({"Operations": [operation]}).to_string();
        (Method::PATCH, path.clone(), Some(body))
    };
    let post = |body: String| (Method::POST, "/Users".to_owned(), Some(body));
    vec![
        post(json!({"userName": MARK}).to_string()),
        post(json!({"userName": "b@x.example", "active": MARK}).to_string()),
        post(json!({"userName": "b@x.example", "groups": [{"value": MARK}]}).to_string()),
        post(json!({"userName": "b@x.example", "externalId": MARK.repeat(400)}).to_string()),
        post(json!([MARK]).to_string()),
        post(json!({"userName": format!("{MARK}@x.example"), MARK: 1, "emails": MARK}).to_string()),
        post(format!("{{\"userName\": \"{MARK}\", {MARK}")),
        post(format!("{{\"{MARK}\": 1, \"{MARK}\": 2}}")),
        (Method::PUT, path.clone(), Some(json!({"userName": MARK}).to_string())),
        change(json!({"op": MARK, "path": "title", "value": "t"})),
        change(json!({"op": "add", "path": format!("emails[{MARK}"), "value": "t"})),
        change(json!({"op": "replace", "path": "userName", "value": MARK})),
        change(json!({"op": "add", "path": "groups", "value": [{"value": MARK}]})),
        query(&format!("filter={}", encode(&format!("userName eq \"{MARK}")))),
        query(&format!("filter={}", encode(&format!("{MARK} eq \"x\" {MARK}")))),
        query(&format!("startIndex={MARK}")),
        query(&format!("count={MARK}")),
        query(&format!("sortOrder={MARK}&sortBy={MARK}..{MARK}")),
        query(&format!("attributes=userName&excludedAttributes={MARK}..")),
    ]
}

/// Bodies and queries hold addresses of people: the log says that a request was refused and what kind of fault it
/// was, not what was in it (RFC 7644 section 7.5.2).
#[test]
fn refusals_are_logged_without_values() {
    runtime().block_on(async {
        let folder = tempfile::tempdir().unwrap();
        let installation = on_sqlite(&folder);
        let everything = ["env", "SCIMD_LOG_LEVEL=debug"];
        let process = installation.serve_under(&everything).await;
        let client = installation.client(&process);
        let user = client.create_user(&format!("{MARK}@y.example"), json!({})).await;
        let requests = refusals(&user);
        let mut count = 0;
        for (method, path, body) in &requests {
            let answer = client.send(method.clone(), path, &[], body.clone()).await;
            count += usize::from(answer.status == 400);
        }
        assert!(count >= 12, "only {count} of {} were refused", requests.len());
        let taken = json!({"userName": format!("{MARK}@y.example")});
        client.post("/Users", taken).await.expect_error(409, "uniqueness");
        let log = installation.logged(&process);
        assert_eq!(log.matches("\"status\":400").count(), count, "{log}");
        let telling: Vec<&str> = log.lines().filter(|line| line.contains(MARK)).collect();
        assert!(telling.is_empty(), "{telling:#?}");
        assert!(log.contains("invalidValue"), "{log}");
    });
}

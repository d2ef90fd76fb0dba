//! Replays every recorded client request over HTTP: the answer has the status the recording names.

use std::fs;
use std::path::{Path, PathBuf};

use axum::http::Method;
use serde_json::{Value, json};

use crate::support::{Client, TestServer};

both_engines! {
    /// Every file of `tests/fixtures/clients`, each with two users and two groups of its own.
    async fn recorded_requests_are_answered_as_recorded(server: TestServer) {
        let client = server.client().with_content_type(None);
        let mut faults = Vec::new();
        let recordings = recordings();
        assert!(recordings.len() > 50, "only {} recordings found", recordings.len());
        for (number, file) in recordings.iter().enumerate() {
            if let Err(fault) = replay(&client, number, file).await {
                faults.push(fault);
            }
            clear(&client, number).await;
        }
        assert!(faults.is_empty(), "{} of {}:\n{}", faults.len(), recordings.len(), faults.join("\n"));
    }
}

fn recordings() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/clients");
    let mut files = Vec::new();
    for folder in fs::read_dir(root).unwrap().flatten().filter(|entry| entry.path().is_dir()) {
        files.extend(fs::read_dir(folder.path()).unwrap().flatten().map(|file| file.path()));
    }
    files.sort();
    files
}

async fn replay(client: &Client, number: usize, file: &Path) -> Result<(), String> {
    let mut text = fs::read_to_string(file).unwrap();
    let mut users = Vec::new();
    for user in 1..=2 {
        let name = format!("recorded{number}.{user}@corp.example");
        let made = client.create_user(&name, json!({"displayName": "Recorded"})).await;
        let id = made["id"].as_str().unwrap().to_owned();
        text = text.replace(&format!("{{{{user{user}}}}}"), &id);
        users.push(id);
    }
    for group in 1..=2 {
        let members: Vec<&str> = users.iter().map(String::as_str).collect();
        let made = client.create_group(&format!("Recorded {group}"), &members).await;
        text = text.replace(&format!("{{{{group{group}}}}}"), made["id"].as_str().unwrap());
    }
    let recording: Value = serde_json::from_str(&text).unwrap();
    let headers: Vec<(&str, &str)> = recording["headers"]
        .as_object()
        .into_iter()
        .flatten()
        .filter(|(name, _)| !name.eq_ignore_ascii_case("authorization"))
        .map(|(name, value)| (name.as_str(), value.as_str().unwrap()))
        .collect();
    let method: Method = recording["method"].as_str().unwrap().parse().unwrap();
    let body = recording.get("body").map(ToString::to_string);
    let path = recording["path"].as_str().unwrap();
    let answer = client.send(method, path, &headers, body).await;
    if recording["status"] == json!(answer.status) {
        return Ok(());
    }
    let told = recording["description"].as_str().unwrap_or_default();
    Err(format!(
        "{} ({told}): {} not {}: {:?}",
        file.display(),
        answer.status,
        recording["status"],
        answer.body
    ))
}

/// Frees every name the recording has taken, so that the next starts alike.
async fn clear(client: &Client, number: usize) {
    for (place, user) in client.get("/Users").await.resources().iter().enumerate() {
        let value = json!({"userName": format!("past{number}.{place}@corp.example")});
        let path = format!("/Users/{}", user["id"].as_str().unwrap());
        client.operations(&path, json!([{"op": "replace", "value": value}])).await.expect(200);
    }
    for group in client.get("/Groups").await.resources() {
        client.delete(&format!("/Groups/{}", group["id"].as_str().unwrap())).await.expect(204);
    }
}

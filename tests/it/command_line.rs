//! The program as people and scripts run it: what it prints where, and with which exit code it ends.

use std::net::TcpListener;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// `scimd` in `folder`, which sees nothing of the tester's settings.
fn scimd(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_scimd"));
    command.args(arguments).current_dir(folder).env_clear();
    command
}

fn run(folder: &TempDir, arguments: &[&str]) -> Output {
    scimd(folder.path(), arguments).output().unwrap()
}

/// Standard output of a command that must succeed.
#[track_caller]
fn ok(folder: &TempDir, arguments: &[&str]) -> String {
    let output = run(folder, arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {said}");
    String::from_utf8(output.stdout).unwrap()
}

#[track_caller]
fn json(folder: &TempDir, arguments: &[&str]) -> Value {
    serde_json::from_str(&ok(folder, arguments)).unwrap()
}

/// Checks the exit code of a command that must fail, and that it says why, on standard error only.
#[track_caller]
fn fails(folder: &TempDir, arguments: &[&str], code: i32, reason: &str) {
    let output = run(folder, arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
    assert!(said.contains(reason), "{arguments:?}: {said}");
    assert!(output.stdout.is_empty(), "{arguments:?}: {:?}", output.stdout);
}

/// A folder with what `quickstart` makes, and what it printed.
fn installed() -> (TempDir, Value) {
    let folder = tempfile::tempdir().unwrap();
    let printed = json(&folder, &["quickstart", "--no-serve", "--json"]);
    (folder, printed)
}

/// A running server, killed when dropped.
struct Server {
    child: Child,
    listen: String,
}

impl Server {
    fn start(folder: &TempDir) -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let listen = format!("127.0.0.1:{port}");
        let child = scimd(folder.path(), &["serve", "--listen", &listen])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let start = Instant::now();
        let server = Self { child, listen };
        while !server.healthcheck(folder).status.success() {
            assert!(start.elapsed() < Duration::from_secs(20), "the server did not become ready");
            std::thread::sleep(Duration::from_millis(20));
        }
        server
    }

    fn healthcheck(&self, folder: &TempDir) -> Output {
        let mut command = scimd(folder.path(), &["healthcheck"]);
        command.env("SCIMD_LISTEN", &self.listen).output().unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn quickstart_prints_one_object_and_running_it_again_harms_nothing() {
    let (folder, first) = installed();
    let node = first["node_id"].as_i64().unwrap();
    let url = format!("http://127.0.0.1:8080/api/rest/scim/v2/{node}");
    assert_eq!(first["tenant_url"], url);
    let token = first["token"].as_str().unwrap();
    assert!(token.starts_with("scim_"), "{first}");

    let again = json(&folder, &["quickstart", "--no-serve", "--json"]);
    assert_eq!(again["tenant_url"], url);
    assert_eq!(again["node_id"], node);
    assert_eq!(again["token"], Value::Null);
    assert_eq!(again["token_id"], first["token_id"]);

    let output = run(&folder, &["quickstart", "--no-serve"]);
    let said = String::from_utf8(output.stderr).unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let make_another = format!("scimd token create {node}");
    assert!(said.contains(first["token_id"].as_str().unwrap()), "{said}");
    assert!(said.contains(&make_another), "{said}");
    assert!(printed.contains(&url) && !printed.contains(token), "{printed}");
}

#[test]
fn the_lines_quickstart_prints_work_when_pasted() {
    let folder = tempfile::tempdir().unwrap();
    let printed = ok(&folder, &["quickstart", "--no-serve"]);
    let server = Server::start(&folder);
    let lines = printed.split_once("Try it in another terminal:").unwrap().1;
    let script = format!("set -e\n{}", lines.replace("127.0.0.1:8080", &server.listen));
    let output = Command::new("bash").args(["-c", &script]).output().unwrap();
    let answers = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{answers}{}", String::from_utf8_lossy(&output.stderr));
    let answers: Vec<&str> = answers.lines().collect();
    let [created, found, changed, locked, unlocked, group, deleted] = answers[..] else {
        panic!("{answers:#?}");
    };
    let parse = |text: &str| serde_json::from_str::<Value>(text).unwrap();
    let created = parse(created);
    assert_eq!(created["active"], true);
    assert_eq!(parse(found)["totalResults"], 1);
    assert_eq!(parse(found)["Resources"][0]["id"], created["id"]);
    assert_eq!(parse(changed)["title"], "Countess");
    assert_eq!(parse(locked)["active"], false);
    assert_eq!(parse(unlocked)["active"], true);
    assert_eq!(parse(group)["members"][0]["value"], created["id"]);
    assert_eq!(deleted, "204");
    let user = json(&folder, &["user", "show", "ada@example.com", "--json"]);
    assert_eq!(user["status"], "Locked by IdP");
}

#[test]
fn a_token_opens_its_node_until_it_is_revoked() {
    let (folder, _) = installed();
    let server = Server::start(&folder);
    let node = json(&folder, &["node", "add", "Engineering", "--json"]);
    let id = node["id"].to_string();
    let secret = ok(&folder, &["token", "create", "Engineering", "--name", "Entra", "-q"]);
    assert!(secret.starts_with("scim_") && secret.lines().count() == 1, "{secret}");
    let tokens = json(&folder, &["token", "list", &id, "--json"]);
    assert_eq!(tokens[0]["name"], "Entra");
    assert!(!tokens.to_string().contains(secret.trim()), "{tokens}");
    let url = format!("http://{}/api/rest/scim/v2/{id}/Users", server.listen);
    let header = format!("Authorization: Bearer {}", secret.trim());
    let status = || {
        let arguments = ["-s", "-o", "/dev/null", "-w", "%{http_code}", "-H", &header, &url];
        String::from_utf8(Command::new("curl").args(arguments).output().unwrap().stdout).unwrap()
    };
    assert_eq!(status(), "200");
    ok(&folder, &["token", "revoke", tokens[0]["id"].as_str().unwrap()]);
    std::thread::sleep(Duration::from_secs(1));
    assert_eq!(status(), "401");
}

#[test]
fn exit_codes_tell_what_went_wrong() {
    let empty = tempfile::tempdir().unwrap();
    fails(&empty, &["user", "list"], 5, "there is no database");
    assert!(!empty.path().join("scimd.db").exists());
    fails(&empty, &["healthcheck"], 5, "cannot reach the server");
    fails(&empty, &["nonsense"], 2, "unrecognized subcommand");
    fails(&empty, &["serve", "--listen", "nowhere"], 2, "listen (flag --listen)");
    fails(&empty, &["user", "list", "--database-url", "mysql://x"], 2, "postgres://USER@HOST/NAME");
    fails(&empty, &["token", "create", "1", "--expiry", "1y"], 2, "365d");
    let refused = ["node", "list", "--database-url", "postgres://u@127.0.0.1:1/d"];
    fails(&empty, &refused, 5, "database");

    let (folder, printed) = installed();
    fails(&folder, &["node", "show", "999999"], 3, "999999");
    fails(&folder, &["token", "create", "Nowhere"], 3, "Nowhere");
    fails(&folder, &["organization", "set", "--seats", "-1"], 2, "number of seats");
    fails(&folder, &["organization", "set", "--name", " "], 2, "organization");
    fails(&folder, &["node", "rm", "root"], 4, "root");
    fails(&folder, &["token", "revoke", "tok_none"], 3, "tok_none");
    fails(&folder, &["user", "show", "nobody@example.com"], 3, "nobody@example.com");
    fails(&folder, &["group", "members", "Nobody"], 3, "Nobody");
    let node = printed["node_id"].to_string();
    ok(&folder, &["node", "set", &node, "--removed-users", "hidden"]);
    fails(&folder, &["node", "set", &node], 2, "--removed-users");
    fails(&folder, &["node", "set", &node, "--repost", "sometimes"], 2, "revive");
    fails(&folder, &["token", "create", &node, "--name", ""], 2, "token");
    ok(&folder, &["token", "create", &node]);
    fails(&folder, &["token", "create", &node], 4, "token");
}

#[test]
fn nodes_are_named_by_number_or_name() {
    let (folder, printed) = installed();
    let first = printed["node_id"].as_i64().unwrap();
    let add = |name: &str| json(&folder, &["node", "add", name, "--json"])["id"].as_i64().unwrap();
    let shown = |text: &str| json(&folder, &["node", "show", text, "--json"])["id"].as_i64();
    let (digits, hidden) = (add("2024"), add(&first.to_string()));
    assert_eq!(shown("2024"), Some(digits));
    assert_eq!(shown(&first.to_string()), Some(first), "a number before a name");
    assert_eq!(shown(&hidden.to_string()), Some(hidden));
    let twin = add("2024");
    fails(&folder, &["node", "show", "2024"], 4, "by its number");
    ok(&folder, &["node", "rename", &twin.to_string(), " Twin "]);
    assert_eq!(shown("Twin"), Some(twin));
}

#[test]
fn users_are_administered_by_user_name() {
    let (folder, printed) = installed();
    let server = Server::start(&folder);
    let header = format!("Authorization: Bearer {}", printed["token"].as_str().unwrap());
    let url = format!("http://{}/api/rest/scim/v2/{}/Users", server.listen, printed["node_id"]);
    let body = r#"{"schemas":[],"userName":"kim@example.com"}"#;
    let kind = "Content-Type: application/scim+json";
    let created =
        Command::new("curl").args(["-sf", "-H", &header, "-H", kind, &url, "-d", body]).output();
    assert!(created.unwrap().status.success());
    let status = || {
        let user = json(&folder, &["user", "show", "KIM@example.com", "--json"]);
        user["status"].as_str().unwrap().to_owned()
    };
    assert_eq!(status(), "Invited");
    for (command, expected) in [("accept", "Active"), ("lock", "Locked"), ("unlock", "Active")] {
        ok(&folder, &["user", command, "kim@example.com"]);
        assert_eq!(status(), expected, "{command}");
    }
    let listed = json(&folder, &["user", "list", "--status", "active", "--json"]);
    assert_eq!(listed[0]["user_name"], "kim@example.com");
    let id = listed[0]["id"].as_str().unwrap();
    ok(&folder, &["user", "erase", "kim@example.com"]);
    fails(&folder, &["user", "show", "kim@example.com"], 3, "kim@example.com");
    ok(&folder, &["user", "restore", id]);
    assert_eq!(status(), "Active");
}

#[test]
fn settings_can_be_shown_checked_and_written_down() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("scimd.toml"), ok(&folder, &["config", "example"])).unwrap();
    ok(&folder, &["config", "check"]);
    let shown = json(&folder, &["config", "show", "--sources", "--json"]);
    let file = folder.path().join("scimd.toml");
    assert!(shown[0]["origin"].as_str().unwrap().ends_with("scimd.toml"), "{shown}");
    std::fs::write(file, "listn = 1").unwrap();
    fails(&folder, &["config", "check"], 2, "listn (file ");
}

#[test]
fn migrations_are_listed_and_run() {
    let folder = tempfile::tempdir().unwrap();
    fails(&folder, &["migrate", "status"], 5, "there is no database");
    let run = json(&folder, &["migrate", "run", "--json"]);
    let migrations = json(&folder, &["migrate", "status", "--json"]);
    let migrations = migrations.as_array().unwrap();
    assert_eq!(run["applied"], migrations.len());
    assert!(!migrations.is_empty() && migrations.iter().all(|each| each["applied"] == true));
    assert_eq!(json(&folder, &["migrate", "run", "--json"])["applied"], 0);
}

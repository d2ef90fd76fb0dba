//! The real program: made ready with `quickstart --no-serve --json`, then served, killed, restarted.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::client::Client;
use super::postgres::free_port;

/// One installation of the program: where it lives, and what `quickstart` printed.
pub(crate) struct Installation {
    folder: PathBuf,
    database_url: String,
    node: String,
    token: String,
}

/// A running `scimd serve`; killed when dropped.
pub(crate) struct Process {
    child: Child,
    port: u16,
}

impl Installation {
    /// Runs `quickstart` on this database; logs go to `folder`.
    pub(crate) fn quickstart(folder: PathBuf, database_url: &str) -> Self {
        let output = Command::new(env!("CARGO_BIN_EXE_scimd"))
            .args(["quickstart", "--json", "--no-serve", "--database-url", database_url])
            .arg("--dir")
            .arg(&folder)
            .env_clear()
            .current_dir(&folder)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "quickstart: {said}");
        let printed: Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
        let text = |key: &str| match &printed[key] {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        let (node, token) = (text("node_id"), text("token"));
        assert!(text("tenant_url").ends_with(&format!("/api/rest/scim/v2/{node}")), "{printed}");
        Self { folder, database_url: database_url.to_owned(), node, token }
    }

    /// Starts `serve` on a free port of the loopback and waits until it answers.
    pub(crate) async fn serve(&self) -> Process {
        self.serve_under(&[]).await
    }

    /// As [`Self::serve`], started by another program, which must become it (`exec`).
    pub(crate) async fn serve_under(&self, launcher: &[&str]) -> Process {
        let port = free_port();
        let log = File::options().create(true).append(true).open(self.log(port)).unwrap();
        let mut words = launcher.to_vec();
        words.push(env!("CARGO_BIN_EXE_scimd"));
        let child = Command::new(words[0])
            .args(&words[1..])
            .args(["serve", "--database-url", &self.database_url])
            .args(["--listen", &format!("127.0.0.1:{port}")])
            .env_clear()
            .current_dir(&self.folder)
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        let process = Process { child, port };
        process.wait_until_ready().await;
        process
    }

    fn log(&self, port: u16) -> PathBuf {
        self.folder.join(format!("serve-{port}.log"))
    }

    /// What `process` has written to standard error so far.
    pub(crate) fn logged(&self, process: &Process) -> String {
        std::fs::read_to_string(self.log(process.port)).unwrap()
    }

    /// A client of `process` with the first token.
    pub(crate) fn client(&self, process: &Process) -> Client {
        let base = format!("http://127.0.0.1:{}/api/rest/scim/v2/{}", process.port, self.node);
        Client::new(&base, &self.token)
    }

    /// Runs a subcommand on this database and returns what it printed.
    pub(crate) fn command(&self, arguments: &[&str]) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_scimd"))
            .args(arguments)
            .args(["--database-url", &self.database_url])
            .env_clear()
            .current_dir(&self.folder)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{arguments:?}: {said}");
        String::from_utf8(output.stdout).unwrap()
    }

    pub(crate) fn node(&self) -> &str {
        &self.node
    }
}

impl Process {
    async fn wait_until_ready(&self) {
        let client = Client::new("", "");
        let url = format!("http://127.0.0.1:{}/readyz", self.port);
        let start = Instant::now();
        loop {
            let answer = client.http.get(&url).send().await;
            if answer.is_ok_and(|answer| answer.status().is_success()) {
                return;
            }
            assert!(start.elapsed() < Duration::from_secs(20), "scimd did not become ready");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    /// The id of the process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// `kill -9`: nothing is flushed, nobody is asked.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// `SIGTERM`.
    pub(crate) fn terminate(&self) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    }

    /// Waits for the end, at most `limit`.
    pub(crate) async fn wait(&mut self, limit: Duration) -> ExitStatus {
        let start = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status;
            }
            assert!(start.elapsed() < limit, "scimd did not end");
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

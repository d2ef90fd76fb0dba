//! Postgres for tests: the server `TEST_DATABASE_URL` names, or a throw-away cluster started from the installed
//! programs. A cluster belongs to a small shell that stops it and removes its folder when our end of the pipe closes,
//! which also happens when this process is killed.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

use super::announce;

/// `$1` folder of the programs, `$2` port. Answers `ready` or `stopped` after each start and stop.
const KEEPER: &str = r#"
trap '' INT HUP
bin=$1 port=$2
dir=$(mktemp -d "${TMPDIR:-/tmp}/scimd-postgres.XXXXXX") || exit 1
cd "$dir" || exit 1
make() { "$bin/initdb" -D "$dir/data" -U scimd --auth=trust --encoding=UTF8 --locale=C "$@" >"$dir/initdb.log" 2>&1; }
# A linguistic order as most installations have it, so that a query that forgets COLLATE "C" shows.
make --locale-provider=icu --icu-locale=en-US || { rm -rf "$dir/data"; make; } || { cat "$dir/initdb.log" >&2; exit 1; }
up() {
  "$bin/postgres" -D "$dir/data" -c listen_addresses=127.0.0.1 -c port="$port" -c unix_socket_directories= \
    -c max_connections=300 -c shared_buffers=64MB >>"$dir/log" 2>&1 </dev/null &
  pid=$!
  n=0
  until "$bin/pg_isready" -q -h 127.0.0.1 -p "$port"; do
    n=$((n + 1)); if [ $n -gt 300 ]; then cat "$dir/log" >&2; exit 1; fi; sleep 0.1
  done
  echo ready
}
down() { kill -INT "$pid" && wait "$pid"; pid=; }
up
while read -r order; do
  case $order in stop) down; echo stopped ;; start) up ;; esac
done
[ -n "$pid" ] && down
cd / && rm -rf "$dir"
"#;

/// A Postgres server of our own.
pub(crate) struct Cluster {
    keeper: Child,
    orders: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
    port: u16,
}

impl Cluster {
    /// Starts a fresh cluster, or says why there is none.
    pub(crate) fn start() -> Result<Self, String> {
        let programs = programs().ok_or("no Postgres programs found")?;
        let port = free_port();
        let mut command = unprivileged();
        command.args(["sh", "-c", KEEPER, "sh"]).arg(programs).arg(port.to_string());
        command.current_dir("/").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut keeper = command.spawn().map_err(|error| error.to_string())?;
        let orders = keeper.stdin.take();
        let answers = BufReader::new(keeper.stdout.take().ok_or("no pipe")?);
        let mut cluster = Self { keeper, orders, answers, port };
        cluster.expect("ready")?;
        Ok(cluster)
    }

    /// The URL of a database in this cluster.
    pub(crate) fn url(&self, database: &str) -> String {
        format!("postgres://scimd@127.0.0.1:{}/{database}", self.port)
    }

    /// Stops the server (a fast shutdown: connections are cut).
    pub(crate) fn stop_server(&mut self) {
        self.order("stop\n", "stopped");
    }

    /// Starts the server again on the same port and data.
    pub(crate) fn start_server(&mut self) {
        self.order("start\n", "ready");
    }

    fn order(&mut self, order: &str, answer: &str) {
        let pipe = self.orders.as_mut().expect("the pipe is open until drop");
        pipe.write_all(order.as_bytes()).unwrap();
        self.expect(answer).unwrap();
    }

    fn expect(&mut self, answer: &str) -> Result<(), String> {
        let mut line = String::new();
        self.answers.read_line(&mut line).map_err(|error| error.to_string())?;
        if line.trim() == answer { Ok(()) } else { Err(format!("Postgres did not start: {line}")) }
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        drop(self.orders.take());
        drop(self.keeper.wait());
    }
}

/// The administrator's URL of the Postgres all tests of this process share; `None` (said once, loudly) when there is none.
pub(crate) fn shared() -> Option<&'static str> {
    static SHARED: OnceLock<Option<(String, Option<Cluster>)>> = OnceLock::new();
    let shared = SHARED.get_or_init(|| {
        if let Ok(url) = std::env::var("TEST_DATABASE_URL") {
            announce("engines: SQLite, Postgres of TEST_DATABASE_URL");
            return Some((url, None));
        }
        match Cluster::start() {
            Ok(cluster) => {
                announce("engines: SQLite, Postgres (throw-away cluster)");
                Some((cluster.url("postgres"), Some(cluster)))
            }
            Err(reason) => {
                announce(&format!("engines: SQLite only. POSTGRES TESTS ARE SKIPPED: {reason}"));
                None
            }
        }
    });
    let required = std::env::var("SCIMD_TEST_REQUIRE_POSTGRES").is_ok_and(|value| value == "1");
    assert!(
        shared.is_some() || !required,
        "SCIMD_TEST_REQUIRE_POSTGRES=1, and there is no Postgres"
    );
    shared.as_ref().map(|(url, _)| url.as_str())
}

/// Makes an empty database next to the one `admin` names and returns its URL.
pub(crate) async fn create_database(admin: &str) -> String {
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("scimd_test_{}_{number}", std::process::id());
    execute(admin, format!("CREATE DATABASE {name}")).await;
    with_database(admin, &name)
}

/// Drops the database `url` names, whoever is still connected.
pub(crate) async fn drop_database(admin: &str, url: &str) {
    let name = url.split('?').next().and_then(|url| url.rsplit('/').next()).unwrap();
    execute(admin, format!("DROP DATABASE {name} WITH (FORCE)")).await;
}

async fn execute(admin: &str, sql: String) {
    let mut connection = PgConnection::connect(admin).await.unwrap();
    connection.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await.unwrap();
    connection.close().await.unwrap();
}

fn with_database(url: &str, database: &str) -> String {
    let (address, parameters) = url.split_once('?').unwrap_or((url, ""));
    let (server, _) = address.rsplit_once('/').unwrap();
    let mark = if parameters.is_empty() { "" } else { "?" };
    format!("{server}/{database}{mark}{parameters}")
}

/// A port that was free a moment ago.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port()
}

fn programs() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path)
        .filter_map(|folder| {
            folder.join("initdb").canonicalize().ok()?.parent().map(Path::to_owned)
        })
        .collect();
    if let Ok(versions) = std::fs::read_dir("/usr/lib/postgresql") {
        folders.extend(versions.flatten().map(|version| version.path().join("bin")));
    }
    folders.into_iter().find(|folder| {
        ["initdb", "postgres", "pg_isready"].iter().all(|name| folder.join(name).exists())
    })
}

/// Postgres refuses to run as root, so root lends it another user.
fn unprivileged() -> Command {
    let root = Command::new("id").arg("-u").output().is_ok_and(|out| out.stdout == b"0\n");
    if !root {
        return Command::new("env");
    }
    let known = Command::new("id").arg("postgres").output().is_ok_and(|out| out.status.success());
    let user = if known { "postgres" } else { "nobody" };
    let mut command = Command::new("runuser");
    command.args(["-u", user, "--"]);
    command
}

//! Says which engines the run was on, from the engines' own mouths.

use sqlx::{Connection as _, PgConnection, SqliteConnection};

use crate::support::{announce, postgres, runtime};

#[test]
fn engines_used() {
    runtime().block_on(async {
        let mut sqlite = SqliteConnection::connect("sqlite::memory:").await.unwrap();
        let version: String =
            sqlx::query_scalar("SELECT sqlite_version()").fetch_one(&mut sqlite).await.unwrap();
        assert!(version.starts_with("3."), "{version}");
        let mut line = format!("engines: SQLite {version}");
        if let Some(url) = postgres::shared() {
            let mut postgres = PgConnection::connect(url).await.unwrap();
            let version: String =
                sqlx::query_scalar("SHOW server_version").fetch_one(&mut postgres).await.unwrap();
            let major: u32 = version.split(['.', ' ']).next().unwrap().parse().unwrap();
            assert!(major >= 13, "Postgres {version} is older than scimd supports");
            line = format!("{line}, Postgres {version}");
        }
        announce(&line);
    });
}

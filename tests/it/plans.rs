//! What identity providers ask at every turn must not cost more in a larger node: on Postgres, where the plan
//! depends on statistics, told by what the database says it has read. `SQLite` has its plans beside the module.

use std::time::{Duration, Instant};

use serde_json::json;
use sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection};

use crate::protocol::id;
use crate::support::{Engine, TestServer, encode, run};

const REQUESTS: i64 = 8;

/// 20 000 users of a common size, 500 groups and 100 000 memberships beside those that are there.
fn rows(node: i64) -> String {
    format!(
        "INSERT INTO resource SELECT 1, lpad(to_hex(i), 32, '0')::uuid, {node}, \
            CASE WHEN i > 20000 THEN 'Group' ELSE 'User' END, 1, i, i, 'k' || i, \
            'name' || i || '@x.example', 'external' || i, 'n', false, false, 0, \
            json_build_object('title', repeat('x', 700))::text, NULL, NULL \
         FROM generate_series(1, 20500) AS i; \
         INSERT INTO membership SELECT 1, \
            lpad(to_hex(20001 + (u * 7 + g * 31) % 500), 32, '0')::uuid, \
            lpad(to_hex(u), 32, '0')::uuid, 0 \
         FROM generate_series(1, 20000) AS u, generate_series(1, 5) AS g; \
         ANALYZE;"
    )
}

/// Rows of tables and entries of indexes that were read so far, in whatever way.
async fn reads(connection: &mut PgConnection) -> i64 {
    let text = "SELECT (SELECT coalesce(sum(seq_tup_read), 0) FROM pg_stat_user_tables)::bigint \
                + (SELECT coalesce(sum(idx_tup_read), 0) FROM pg_stat_user_indexes)::bigint";
    sqlx::query_scalar(text).fetch_one(connection).await.unwrap()
}

/// Waits until the counts of connections that were closed have arrived: they stop, and not where they were.
async fn settled(connection: &mut PgConnection, before: i64) -> i64 {
    let started = Instant::now();
    loop {
        let first = reads(connection).await;
        tokio::time::sleep(Duration::from_millis(100)).await;
        if first > before && reads(connection).await == first {
            return first;
        }
        assert!(started.elapsed() < Duration::from_secs(10), "Postgres counts nothing");
    }
}

/// Rows that `REQUESTS` requests for `path` made the database read.
async fn cost(server: &TestServer, connection: &mut PgConnection, path: &str) -> i64 {
    let before = reads(connection).await;
    let other = server.another_server(&[("database_connections", "1"), ("migrate", "off")]).await;
    let client = other.client();
    for _ in 0..REQUESTS {
        client.get(path).await.expect(200);
    }
    other.close().await;
    settled(connection, before).await - before
}

#[test]
fn frequent_requests_read_few_rows() {
    run(Engine::Postgres, |server| async move {
        let client = server.client();
        let group = client.create_group("Team", &[]).await;
        let body = json!({"externalId": "own", "groups": [{"value": group["id"]}]});
        let user = client.create_user("own@x.example", body).await;
        let mut connection = PgConnection::connect(server.database.url()).await.unwrap();
        let sql = AssertSqlSafe(rows(server.node_id()));
        connection.execute(sqlx::raw_sql(sql)).await.unwrap();
        let (user, group) = (id(&user), id(&group));
        let filter = |path: &str, filter: &str| format!("{path}?filter={}", encode(filter));
        for removed_users in ["listed", "hidden"] {
            server.set("removed_users", removed_users).await;
            for path in [
                format!("/Users/{user}"),
                format!("/Groups/{group}"),
                format!("/Groups/{group}?excludedAttributes=members"),
                filter("/Users", "userName eq \"own@x.example\""),
                filter("/Users", "userName sw \"own@\""),
                filter("/Users", "emails[type eq \"work\"].value eq \"own@x.example\""),
                filter("/Users", "externalId eq \"own\""),
                filter("/Users", &format!("id eq \"{user}\"")),
                filter("/Users", &format!("groups.value eq \"{group}\"")),
                filter("/Groups", "displayName eq \"Team\""),
                filter("/Groups", &format!("members.value eq \"{user}\"")),
                filter("/Groups", &format!("id eq \"{group}\" and members.value eq \"{user}\"")),
            ] {
                let read = cost(&server, &mut connection, &path).await;
                assert!(read < 50 * REQUESTS, "{removed_users}: {path} read {read} rows");
            }
        }
    });
}

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use super::*;
use crate::storage::engine::Sql;
use crate::storage::{Connect, Store};

#[test]
fn codes_of_both_engines_are_told_apart() {
    for code in [
        "5", "6", "8", "14", "26", "517", "10", "266", "8202", "13", "1032", "57P01", "53100",
        "57014", "55P03", "28P01", "28000", "3D000",
    ] {
        assert!(is_unavailable(code), "{code}");
    }
    // 23514 & 0xff is no code of SQLite here, and 42P01 is a fault of ours.
    for code in ["1", "19", "2067", "23505", "23514", "42P01", "53301", ""] {
        assert!(!is_unavailable(code), "{code}");
    }
}

async fn refusal(url: &str) -> String {
    match Store::open(Connect { url, connections: 1 }).await {
        Err(StorageError::Unavailable(reason)) => reason,
        other => panic!("{url}: {other:?}"),
    }
}

#[tokio::test]
async fn a_file_that_cannot_serve_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let check = async |name: &str, expected: &str| {
        let reason = refusal(&format!("sqlite:{}", path(name))).await;
        assert!(reason.starts_with(&format!("the file {} {expected}", path(name))), "{reason}");
    };
    std::fs::write(path("text.db"), "no database at all ".repeat(100)).unwrap();
    check("text.db", "is no SQLite database; name another").await;
    std::fs::create_dir(path("folder.db")).unwrap();
    check("folder.db", "cannot be opened; let this user").await;
    check("nowhere/x.db", "cannot be opened; let this user").await;
}

#[tokio::test]
async fn a_file_that_is_only_read_is_named_when_it_is_to_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.db");
    let url = format!("sqlite:{}", file.display());
    let store = Store::open(Connect { url: &url, connections: 1 }).await.unwrap();
    let mut tx = store.db.begin().await.unwrap();
    tx.execute(Sql::new("PRAGMA query_only = 1")).await.unwrap();
    let written = tx.execute(Sql::new("CREATE TABLE t (c)")).await.unwrap_err();
    drop(tx);
    let begun = store.db.begin().await.err().unwrap();
    let migrated = store.migrate().await.unwrap_err();
    for error in [written, begun, migrated] {
        let StorageError::Unavailable(reason) = error else { panic!("{error:?}") };
        let expected = format!("the file {} cannot be written; let this user", file.display());
        assert!(reason.starts_with(&expected), "{reason}");
    }
}

/// The URL of a Postgres that lets nobody in, for the reason that `code` stands for.
async fn postgres_refusing(code: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _startup = stream.read(&mut [0; 1024]).await.unwrap();
        let fields = format!("SFATAL\0VFATAL\0C{code}\0Mrefused\0\0");
        let length = u32::try_from(fields.len() + 4).unwrap().to_be_bytes();
        let message = [b"E", length.as_slice(), fields.as_bytes()].concat();
        stream.write_all(&message).await.unwrap();
    });
    format!("postgres://ann:s3cret@127.0.0.1:{port}/hr?sslmode=disable")
}

#[tokio::test]
async fn a_postgres_that_refuses_is_named_with_what_to_do() {
    for (code, expected) in [
        ("28P01", "does not let ann in; check the user and the password"),
        ("28000", "does not let ann in; check the user and the password"),
        ("3D000", "has no database hr; make it with createdb"),
        ("42501", "; check database_url: "),
    ] {
        let url = postgres_refusing(code).await;
        let reason = refusal(&url).await;
        assert!(reason.contains(expected) && reason.contains("Postgres at 127.0.0.1:"), "{reason}");
        assert!(!reason.contains("s3cret"), "{reason}");
    }
    let reason = refusal("postgres://ann:s3cret@127.0.0.1:nan/hr").await;
    assert!(reason.starts_with("database_url cannot be read: "), "{reason}");
    assert!(!reason.contains("s3cret"), "{reason}");
}

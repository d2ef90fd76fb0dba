//! What every test needs: a database, a server on it, a client that checks each answer, and the macro that runs one
//! test on both engines.

pub(crate) mod client;
pub(crate) mod postgres;
pub(crate) mod process;
pub(crate) mod server;

pub(crate) use client::{Answer, Client, encode};
pub(crate) use server::TestServer;

use std::future::Future;
use std::io::Write as _;

pub(crate) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
pub(crate) const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
pub(crate) const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
pub(crate) const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// The two databases scimd runs on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Engine {
    Sqlite,
    Postgres,
}

/// Writes past the test harness's capture, so that the line is seen in a passing run too.
pub(crate) fn announce(line: &str) {
    drop(writeln!(std::io::stderr(), "{line}"));
}

/// A runtime as the program's own: several threads, everything enabled.
pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// Runs `test` against a fresh server on `engine`; does nothing where Postgres is not to be had.
pub(crate) fn run<F, Fut>(engine: Engine, test: F)
where
    F: FnOnce(TestServer) -> Fut,
    Fut: Future<Output = ()>,
{
    if engine == Engine::Postgres && postgres::shared().is_none() {
        return;
    }
    runtime().block_on(async {
        let server = TestServer::start(engine).await;
        let database = server.database.clone();
        test(server).await;
        database.remove().await;
    });
}

/// Makes `name::sqlite` and `name::postgres` of one test that takes a [`TestServer`].
macro_rules! both_engines {
    ($($(#[$meta:meta])* async fn $name:ident($server:ident: $kind:ty) $body:block)+) => {$(
        mod $name {
            use super::*;
            $(#[$meta])*
            async fn run($server: $kind) $body
            #[test]
            fn sqlite() {
                $crate::support::run($crate::support::Engine::Sqlite, run);
            }
            #[test]
            fn postgres() {
                $crate::support::run($crate::support::Engine::Postgres, run);
            }
        }
    )+};
}

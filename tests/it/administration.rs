//! Administrators at work, several at once: what starts, numbers, changes, limits and ends.

use std::sync::Arc;

use scimd::domain::{Error, Service, node, organization};
use serde_json::json;
use tokio::task::JoinSet;

use crate::protocol::id;
use crate::support::server::{Database, origin};
use crate::support::{Engine, TestServer, postgres, runtime};

/// The statuses of what was tried, sorted; 0 where it succeeded.
fn statuses<T>(tried: impl IntoIterator<Item = Result<T, Error>>) -> Vec<u16> {
    let status = |result: Result<T, Error>| result.map_or_else(|error| error.status(), |_| 0);
    let mut statuses: Vec<u16> = tried.into_iter().map(status).collect();
    statuses.sort_unstable();
    statuses
}

/// What eight processes on one database hold, opened at once.
async fn open_several(database: &Database) -> Vec<Arc<Service>> {
    let mut opening = JoinSet::new();
    for _ in 0..8 {
        let database = database.clone();
        opening.spawn(async move { database.open(&[]).await.0 });
    }
    opening.join_all().await
}

both_engines! {
    /// K7: the number of a node is part of a Tenant URL, so no other node ever gets it.
    async fn k7_the_number_of_a_removed_node_is_not_given_again(server: TestServer) {
        let service = server.service();
        assert_eq!(server.node_id(), 3401);
        let first = node::add(service, &origin(), "First", None).await.unwrap();
        node::remove(service, &origin(), first.id).await.unwrap();
        let second = node::add(service, &origin(), "Second", None).await.unwrap();
        assert_eq!((first.id, second.id), (3402, 3403));
    }

    /// Nodes made through two servers at once are all made, each with a number of its own.
    async fn nodes_made_at_once_have_numbers_of_their_own(server: TestServer) {
        let services = open_several(&server.database).await;
        let adding = (0..20).map(|number| {
            let service = Arc::clone(&services[number % services.len()]);
            async move {
                let name = format!("Node {number}");
                node::add(&service, &origin(), &name, None).await.unwrap().id
            }
        });
        let mut ids = adding.collect::<JoinSet<_>>().join_all().await;
        ids.sort_unstable();
        assert_eq!(ids, (3402..3422).collect::<Vec<i64>>());
    }
}

/// K10: servers that start at once on a new database, with its tables or without, make one
/// organization with one root.
fn first_starts_at_once(engine: Engine, migrated: bool) {
    if engine == Engine::Postgres && postgres::shared().is_none() {
        return;
    }
    runtime().block_on(async {
        let database = Database::create(engine).await;
        if migrated {
            database.migrate().await;
        }
        let services = open_several(&database).await;
        let nodes = node::list(&services[0]).await.unwrap();
        let nodes: Vec<_> = nodes.iter().map(|node| (node.id, node.parent_id)).collect();
        assert_eq!(nodes, [(3400, None)]);
        drop(services);
        database.remove().await;
    });
}

#[test]
fn k10_first_starts_at_once_make_one_root_on_sqlite() {
    first_starts_at_once(Engine::Sqlite, false);
    first_starts_at_once(Engine::Sqlite, true);
}

#[test]
fn k10_first_starts_at_once_make_one_root_on_postgres() {
    first_starts_at_once(Engine::Postgres, false);
    first_starts_at_once(Engine::Postgres, true);
}

both_engines! {
    /// K7: a node that is in use stays, and says so; a database that fails is not mistaken for that.
    async fn k7_only_an_empty_node_is_removed(server: TestServer) {
        let (service, origin) = (server.service(), origin());
        let id = server.node_id();
        let below = node::add(service, &origin, "Below", Some(id)).await.unwrap().id;
        assert_eq!(statuses([node::remove(service, &origin, id).await]), [409]);
        node::remove(service, &origin, below).await.unwrap();
        server.client().create_user("k7@x.example", json!({})).await;
        assert_eq!(statuses([node::remove(service, &origin, id).await]), [409]);
        let empty = node::add(service, &origin, "Empty", None).await.unwrap().id;
        server.database.execute("DROP TABLE provisioning_token").await;
        assert_eq!(statuses([node::remove(service, &origin, empty).await]), [500]);
    }
}

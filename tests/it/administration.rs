//! Administrators at work, several at once: what starts, numbers, changes, limits and ends.

use scimd::domain::{Error, node};
use serde_json::json;

use crate::protocol::id;
use crate::support::TestServer;
use crate::support::server::origin;

/// The statuses of what was tried, sorted; 0 where it succeeded.
fn statuses<T>(tried: impl IntoIterator<Item = Result<T, Error>>) -> Vec<u16> {
    let status = |result: Result<T, Error>| result.map_or_else(|error| error.status(), |_| 0);
    let mut statuses: Vec<u16> = tried.into_iter().map(status).collect();
    statuses.sort_unstable();
    statuses
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

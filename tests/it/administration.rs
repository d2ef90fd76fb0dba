//! Administrators at work, several at once: what starts, numbers, changes, limits and ends.

use std::sync::Arc;

use scimd::domain::method::{MethodChange, Repost};
use scimd::domain::organization::OrganizationChange;
use scimd::domain::{Error, Service, administrator, directory, node, organization, token};
use serde_json::json;
use tokio::task::JoinSet;

use crate::protocol::{group_path, id};
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
    /// Two changes of the organization at once, of different settings: both stay.
    async fn changes_of_the_organization_do_not_undo_each_other(server: TestServer) {
        let second = server.another_server(&[]).await;
        for round in 1..=10 {
            let seats = OrganizationChange { seats: Some(Some(round)), ..Default::default() };
            let name = format!("Name {round}");
            let named = OrganizationChange { name: Some(name.clone()), ..Default::default() };
            let origin = origin();
            let (one, other) = tokio::join!(
                organization::set(server.service(), &origin, &seats),
                organization::set(second.service(), &origin, &named),
            );
            assert_eq!(statuses([one, other]), [0, 0]);
            let now = organization::get(server.service()).await.unwrap();
            assert_eq!((now.seats, now.name), (Some(round), name));
        }
    }

    /// Two changes of a node's method at once, of different settings: both stay.
    async fn changes_of_a_method_do_not_undo_each_other(server: TestServer) {
        let second = server.another_server(&[]).await;
        for round in 0..10 {
            let repost = if round % 2 == 0 { Repost::Revive } else { Repost::Conflict };
            let reposted = MethodChange { repost: Some(repost), ..Default::default() };
            let prefix = format!("role{round}-");
            let prefixed = MethodChange { role_prefix: Some(prefix.clone()), ..Default::default() };
            let (id, origin) = (server.node_id(), origin());
            let (one, other) = tokio::join!(
                node::configure(server.service(), &origin, id, &reposted),
                node::configure(second.service(), &origin, id, &prefixed),
            );
            assert_eq!(statuses([one, other]), [0, 0]);
            let now = node::get(server.service(), id).await.unwrap().method.unwrap();
            assert_eq!((now.repost, now.role_prefix), (repost, Some(prefix)));
        }
    }

    /// K5: group names are let go and held unique again, whatever other settings change.
    async fn k5_unique_groups_are_turned_off_and_on(server: TestServer) {
        let client = server.client();
        let unique = async |on| {
            let change = MethodChange { unique_groups: Some(on), ..Default::default() };
            node::configure(server.service(), &origin(), server.node_id(), &change).await
        };
        client.create_group("One", &[]).await;
        unique(false).await.unwrap();
        server.set("unique_groups", "off").await;
        let second = client.create_group("One", &[]).await;
        server.set("role_prefix", "role-").await;
        assert_eq!(statuses([unique(true).await]), [409]);
        client.delete(&group_path(&second)).await;
        unique(true).await.unwrap();
        server.set("unique_groups", "on").await;
        client.post("/Groups", json!({"displayName": "one"})).await.expect_error(409, "uniqueness");
        let method = node::get(server.service(), server.node_id()).await.unwrap().method.unwrap();
        assert_eq!((method.unique_groups, method.role_prefix), (true, Some("role-".to_owned())));
    }
}

both_engines! {
    /// K3: of two administrators who erase or restore a user at once, one does it and the other
    /// hears that there is nothing to do it to.
    async fn k3_erasing_and_restoring_at_once(server: TestServer) {
        let second = server.another_server(&[]).await;
        let origin = origin();
        for round in 0..5 {
            let name = format!("k3-{round}@x.example");
            let user = server.client().create_user(&name, json!({})).await;
            let (one, other) = tokio::join!(
                administrator::erase(server.service(), &origin, &name),
                administrator::erase(second.service(), &origin, &name),
            );
            assert_eq!(statuses([one, other]), [0, 404]);
            let (one, other) = tokio::join!(
                administrator::restore(server.service(), &origin, id(&user)),
                administrator::restore(second.service(), &origin, id(&user)),
            );
            assert_eq!(statuses([one, other]), [0, 404]);
            directory::user(server.service(), &origin, &name).await.unwrap();
        }
    }

    /// K3: an address that somebody else has by now is not taken back, and the refusal says what to do.
    async fn k3_restoring_a_user_whose_address_is_taken(server: TestServer) {
        let client = server.client();
        let name = "k3@x.example";
        let user = client.create_user(name, json!({})).await;
        administrator::erase(server.service(), &origin(), name).await.unwrap();
        let heir = client.create_user(name, json!({})).await;
        let restore = || async {
            administrator::restore(server.service(), &origin(), id(&user)).await
        };
        let refusal = restore().await.unwrap_err();
        assert_eq!(refusal.status(), 409);
        assert!(refusal.to_string().contains("address"), "{refusal}");
        administrator::erase(server.service(), &origin(), id(&heir)).await.unwrap();
        assert_eq!(restore().await.unwrap().user_name, name);
    }

    /// K3: a group that is deleted while its member is restored is left out.
    async fn k3_restoring_while_groups_are_deleted(server: TestServer) {
        let client = server.client();
        for round in 0..10 {
            let name = format!("k3-{round}@x.example");
            let user = client.create_user(&name, json!({})).await;
            let mut groups = Vec::new();
            for number in 0..6 {
                let group = format!("Group {round}.{number}");
                groups.push(client.create_group(&group, &[id(&user)]).await);
            }
            administrator::erase(server.service(), &origin(), &name).await.unwrap();
            let mut deleting = JoinSet::new();
            for group in &groups {
                let (client, path) = (client.clone(), group_path(group));
                deleting.spawn(async move { client.delete(&path).await.status });
            }
            let restored = administrator::restore(server.service(), &origin(), id(&user)).await;
            assert_eq!(statuses([restored]), [0]);
            assert_eq!(deleting.join_all().await, [204; 6]);
            let user = directory::user(server.service(), &origin(), &name).await.unwrap();
            assert_eq!(user.groups, []);
        }
    }

    /// K3: two servers that purge at once purge everything once.
    async fn k3_purging_at_once(server: TestServer) {
        let settings = [("erased_days", "0")];
        let servers =
            [server.another_server(&settings).await, server.another_server(&settings).await];
        for number in 0..10 {
            let name = format!("k3-{number}@x.example");
            server.client().create_user(&name, json!({})).await;
            administrator::erase(server.service(), &origin(), &name).await.unwrap();
        }
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        let origin = origin();
        let (one, other) = tokio::join!(
            administrator::purge(servers[0].service(), &origin),
            administrator::purge(servers[1].service(), &origin),
        );
        assert_eq!(one.unwrap() + other.unwrap(), 10);
        assert_eq!(directory::list_erased(server.service()).await.unwrap(), []);
    }
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

both_engines! {
    /// K7: tokens made through several processes at once are never more than a node may have.
    async fn k7_tokens_made_at_once_keep_to_the_limit(server: TestServer) {
        let id = server.node_id();
        let making = open_several(&server.database).await.into_iter().map(|service| async move {
            token::create(&service, &origin(), id, "t", None).await
        });
        let made = making.collect::<JoinSet<_>>().join_all().await;
        assert_eq!(statuses(made), [0, 409, 409, 409, 409, 409, 409, 409]);
        let tokens = token::list(server.service(), Some(server.node_id())).await.unwrap();
        assert_eq!(tokens.len(), 2);
        token::revoke(server.service(), &origin(), &tokens[0].id).await.unwrap();
        token::create(server.service(), &origin(), server.node_id(), "t", None).await.unwrap();
    }
}

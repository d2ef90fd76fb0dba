//! `scimd node`: nodes and the settings of their provisioning.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::clock::timestamp;
use crate::domain::method::{Method, MethodChange, NewUsers, RemovedUsers, Repost};
use crate::domain::node;
use crate::http;
use crate::scim::validate::Dialect;

use super::Desk;
use super::failure::Failure;
use super::output::{Answer, facts, table};
use super::time::{ago, dash, day};

#[derive(Debug, Subcommand)]
pub(super) enum Node {
    /// Make a node with a SCIM provisioning method
    Add(Add),
    /// List the nodes
    List,
    /// Show a node with its Tenant URL and settings
    Show {
        /// Number or name
        node: String,
    },
    /// Give a node another name
    Rename {
        /// Number or name
        node: String,
        /// New name
        name: String,
    },
    /// Remove a node that holds no users, groups or nodes
    Rm {
        /// Number or name
        node: String,
    },
    /// Change the settings that are named; tokens and the rest stay
    Set(Set),
}

#[derive(Debug, Args)]
pub(super) struct Add {
    /// Name
    name: String,
    /// Number or name of the node above it [default: the root]
    #[arg(long, value_name = "NODE")]
    parent: Option<String>,
}

#[derive(Debug, Args)]
#[command(
    after_help = "Example: scimd node set 3401 --removed-users hidden --role-prefix role-",
    override_usage = "scimd node set <NODE> <SETTING>..."
)]
pub(super) struct Set {
    /// Number or name
    node: String,
    #[command(flatten)]
    settings: Settings,
}

#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
struct Settings {
    /// listed: users removed by the identity provider are still found, as inactive; hidden: they
    /// are not
    #[arg(long, value_name = "listed|hidden")]
    removed_users: Option<RemovedUsers>,
    /// Creating a removed user that is listed: conflict refuses, revive unlocks and updates it
    #[arg(long, value_name = "conflict|revive")]
    repost: Option<Repost>,
    /// State of users that are created
    #[arg(long, value_name = "invited|active")]
    new_users: Option<NewUsers>,
    /// Whether two groups of the node may have one name (off) or not (on)
    #[arg(long, value_name = "on|off", value_parser = switch)]
    unique_groups: Option<bool>,
    /// Groups whose name begins with this are roles; "" for none
    #[arg(long, value_name = "PREFIX")]
    role_prefix: Option<String>,
    /// tolerant accepts what real clients send; strict keeps to the letter of the RFC
    #[arg(long, value_name = "tolerant|strict")]
    dialect: Option<Dialect>,
}

fn switch(text: &str) -> Result<bool, String> {
    match text {
        "on" => Ok(true),
        "off" => Ok(false),
        _ => Err("write on or off".to_owned()),
    }
}

impl Node {
    pub(super) async fn run(self, desk: &Desk) -> Result<Answer, Failure> {
        let (service, origin) = (&desk.service, &desk.origin);
        match self {
            Self::Add(add) => desk.add(add).await,
            Self::List => desk.list().await,
            Self::Show { node } => {
                let node = find(desk, &node).await?;
                Ok(Answer::data(shown(desk, &node), to_json(desk, &node)))
            }
            Self::Rename { node, name } => {
                let id = node::resolve(service, &node).await?;
                let node = node::rename(service, origin, id, &name).await?;
                let message = format!("✔ Node {id} is now {:?}", node.name);
                Ok(Answer::done(message, to_json(desk, &node)))
            }
            Self::Rm { node } => {
                let node = find(desk, &node).await?;
                node::remove(service, origin, node.id).await?;
                let message = format!("✔ Node {} {:?} is removed", node.id, node.name);
                Ok(Answer::done(message, json!({ "id": node.id })))
            }
            Self::Set(set) => {
                let id = node::resolve(service, &set.node).await?;
                let node = node::configure(service, origin, id, &set.settings.into()).await?;
                let done = Answer::done(format!("✔ Node {id}"), to_json(desk, &node));
                Ok(Answer { text: shown(desk, &node), ..done })
            }
        }
    }
}

impl Desk {
    async fn add(&self, add: Add) -> Result<Answer, Failure> {
        let parent = find_if_named(self, add.parent.as_deref()).await?;
        let node = node::add(&self.service, &self.origin, &add.name, parent).await?;
        let message =
            format!("✔ Node {0} {1:?}      next: scimd token create {0}", node.id, node.name);
        Ok(Answer::done(message, to_json(self, &node)))
    }

    async fn list(&self) -> Result<Answer, Failure> {
        let nodes = node::list(&self.service).await?;
        let now = self.service.clock().now();
        let name = |id: i64| nodes.iter().find(|node| node.id == id).map(|node| node.name.clone());
        let rows = nodes.iter().map(|node| {
            [
                node.id.to_string(),
                node.name.clone(),
                node.parent_id.and_then(name).unwrap_or_else(dash),
                state(node).to_owned(),
                node.client.clone().unwrap_or_else(dash),
                node.users.to_string(),
                node.groups.to_string(),
                ago(now, node.last_synced),
            ]
        });
        let head =
            ["ID", "NAME", "PARENT", "PROVISIONING", "CLIENT", "USERS", "GROUPS", "LAST REQUEST"];
        let json = nodes.iter().map(|node| to_json(self, node)).collect();
        Ok(Answer::data(table(head, rows), json))
    }
}

impl From<Settings> for MethodChange {
    fn from(settings: Settings) -> Self {
        Self {
            role_prefix: settings.role_prefix,
            unique_groups: settings.unique_groups,
            removed_users: settings.removed_users,
            repost: settings.repost,
            new_users: settings.new_users,
            dialect: settings.dialect,
        }
    }
}

/// The node with this number or name.
async fn find(desk: &Desk, text: &str) -> Result<node::Node, Failure> {
    let id = node::resolve(&desk.service, text).await?;
    Ok(node::get(&desk.service, id).await?)
}

/// The number of a node that may be named or not.
pub(super) async fn find_if_named(desk: &Desk, text: Option<&str>) -> Result<Option<i64>, Failure> {
    match text {
        Some(text) => Ok(Some(node::resolve(&desk.service, text).await?)),
        None => Ok(None),
    }
}

/// What an administrator pastes into the identity provider as Tenant URL (K7).
pub(super) fn tenant_url(desk: &Desk, node_id: i64) -> String {
    http::tenant_url(&desk.config.public_url, node_id)
}

/// State of the provisioning method; the root has none (K7).
fn state(node: &node::Node) -> &'static str {
    match (&node.method, node.last_synced) {
        (None, _) => "none",
        (Some(_), None) => "inactive",
        (Some(_), Some(_)) => "active",
    }
}

fn shown(desk: &Desk, node: &node::Node) -> String {
    let now = desk.service.clock().now();
    let mut shown = vec![
        ("node", format!("{} {:?}", node.id, node.name)),
        ("created", day(Some(node.created_at))),
        ("users", node.users.to_string()),
        ("groups", node.groups.to_string()),
        ("provisioning", state(node).to_owned()),
    ];
    if let Some(method) = &node.method {
        shown.extend([
            ("last request", ago(now, node.last_synced)),
            ("client", node.client.clone().unwrap_or_else(dash)),
            ("Tenant URL", tenant_url(desk, node.id)),
            ("removed users", method.removed_users.to_string()),
            ("repost", method.repost.to_string()),
            ("new users", method.new_users.to_string()),
            ("unique groups", if method.unique_groups { "on" } else { "off" }.to_owned()),
            ("role prefix", method.role_prefix.clone().unwrap_or_else(dash)),
            ("dialect", method.dialect.to_string()),
        ]);
    }
    facts(shown)
}

fn to_json(desk: &Desk, node: &node::Node) -> Value {
    json!({
        "id": node.id,
        "parent_id": node.parent_id,
        "name": node.name,
        "created_at": timestamp(node.created_at),
        "users": node.users,
        "groups": node.groups,
        "provisioning": state(node),
        "last_synced": node.last_synced.map(timestamp),
        "client": node.client,
        "tenant_url": node.method.as_ref().map(|_| tenant_url(desk, node.id)),
        "method": node.method.as_ref().map(settings_to_json),
    })
}

fn settings_to_json(method: &Method) -> Value {
    json!({
        "removed_users": method.removed_users.to_string(),
        "repost": method.repost.to_string(),
        "new_users": method.new_users.to_string(),
        "unique_groups": method.unique_groups,
        "role_prefix": method.role_prefix,
        "dialect": method.dialect.to_string(),
    })
}

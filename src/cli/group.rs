//! `scimd group`: teams, and roles where a role prefix is set.

use clap::Subcommand;
use serde_json::{Value, json};

use crate::clock::timestamp;
use crate::domain::directory;

use super::Desk;
use super::failure::Failure;
use super::node::find_if_named;
use super::output::{Answer, facts, table};
use super::time::{dash, day};
use super::user::members_to_json;

#[derive(Debug, Subcommand)]
pub(super) enum Group {
    /// List groups
    List {
        /// Number or name of a node [default: all nodes]
        node: Option<String>,
        /// Only groups a SCIM filter selects, as in 'displayName sw "a"'
        #[arg(long, value_name = "FILTER")]
        filter: Option<String>,
    },
    /// Show a group
    Show {
        /// Id or displayName
        group: String,
    },
    /// List the members of a group
    Members {
        /// Id or displayName
        group: String,
    },
}

impl Group {
    pub(super) async fn run(self, desk: &Desk) -> Result<Answer, Failure> {
        let (service, origin) = (&desk.service, &desk.origin);
        match self {
            Self::List { node, filter } => {
                let node_id = find_if_named(desk, node.as_deref()).await?;
                let filter = filter.as_deref();
                Ok(list(&directory::list_groups(service, origin, node_id, filter).await?))
            }
            Self::Show { group } => {
                let group = directory::group(service, origin, &group).await?;
                let mut json = to_json(&group);
                json["members"] = members_to_json(&group.members);
                Ok(Answer::data(shown(&group), json))
            }
            Self::Members { group } => {
                let members = directory::group(service, origin, &group).await?.members;
                let json = members_to_json(&members);
                let rows =
                    members.into_iter().map(|member| [member.display, member.id.to_string()]);
                Ok(Answer::data(table(["NAME", "ID"], rows), json))
            }
        }
    }
}

fn list(groups: &[directory::Group]) -> Answer {
    let rows = groups.iter().map(|group| {
        [
            group.display_name.clone(),
            group.kind.to_string(),
            group.node_id.to_string(),
            day(Some(group.modified_at)),
            group.id.to_string(),
        ]
    });
    let table = table(["NAME", "KIND", "NODE", "CHANGED", "ID"], rows);
    Answer::data(table, groups.iter().map(to_json).collect())
}

fn shown(group: &directory::Group) -> String {
    facts([
        ("group", group.display_name.clone()),
        ("kind", group.kind.to_string()),
        ("id", group.id.to_string()),
        ("external id", group.external_id.clone().unwrap_or_else(dash)),
        ("node", group.node_id.to_string()),
        ("members", group.members.len().to_string()),
        ("version", group.version.to_string()),
        ("created", timestamp(group.created_at)),
        ("changed", timestamp(group.modified_at)),
    ])
}

fn to_json(group: &directory::Group) -> Value {
    json!({
        "id": group.id,
        "node_id": group.node_id,
        "display_name": group.display_name,
        "kind": group.kind.as_str(),
        "external_id": group.external_id,
        "version": group.version,
        "created_at": timestamp(group.created_at),
        "modified_at": timestamp(group.modified_at),
    })
}

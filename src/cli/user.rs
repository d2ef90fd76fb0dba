//! `scimd user`: accounts, and what only an administrator may do with them.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::clock::timestamp;
use crate::domain::administrator::{self, Action};
use crate::domain::directory::{self, Member};
use crate::domain::lifecycle::Status;

use super::failure::Failure;
use super::node::find_if_named;
use super::output::{Answer, facts, table};
use super::time::{dash, day};
use super::{Desk, each};

#[derive(Debug, Subcommand)]
pub(super) enum User {
    /// List users
    List(List),
    /// Show a user
    Show {
        /// Id or userName
        user: String,
    },
    /// Lock users; only `unlock` lifts this, an identity provider cannot
    Lock(Users),
    /// Lift every lock, by administrator or identity provider
    Unlock(Users),
    /// Accept the invitation in the name of users: Invited becomes Active
    Accept(Users),
    /// Erase users; `restore` brings them back for as many days as the settings say
    Erase(Users),
    /// Bring back erased users with their memberships, by their ids
    Restore(Users),
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// Number or name of a node [default: all nodes]
    node: Option<String>,
    /// Only users in this state: invited, active, locked or locked-by-idp
    #[arg(long, value_name = "STATUS")]
    status: Option<Status>,
    /// Only users a SCIM filter selects, as in 'userName sw "a"'
    #[arg(long, value_name = "FILTER")]
    filter: Option<String>,
    /// The users that were erased and can be restored
    #[arg(long, conflicts_with_all = ["node", "status", "filter"])]
    erased: bool,
}

#[derive(Debug, Args)]
pub(super) struct Users {
    /// Ids or userNames
    #[arg(required = true)]
    users: Vec<String>,
}

impl User {
    pub(super) async fn run(self, desk: &Desk) -> Result<Answer, Failure> {
        let (service, origin) = (&desk.service, &desk.origin);
        let act = async |users: Users, action, done| {
            let each = async |user: &str| administrator::act(service, origin, user, action).await;
            users.each(done, each).await
        };
        match self {
            Self::List(list) => list.run(desk).await,
            Self::Show { user } => {
                let user = directory::user(service, origin, &user).await?;
                Ok(Answer::data(shown(&user), to_json(&user)))
            }
            Self::Lock(users) => act(users, Action::Lock, "locked").await,
            Self::Unlock(users) => act(users, Action::Unlock, "unlocked").await,
            Self::Accept(users) => act(users, Action::Accept, "accepted").await,
            Self::Erase(users) => {
                let each = async |user: &str| administrator::erase(service, origin, user).await;
                users.each("erased", each).await
            }
            Self::Restore(users) => {
                let each = async |user: &str| administrator::restore(service, origin, user).await;
                users.each("restored", each).await
            }
        }
    }
}

impl Users {
    async fn each(
        self,
        done: &str,
        act: impl AsyncFn(&str) -> Result<directory::User, crate::domain::Error>,
    ) -> Result<Answer, Failure> {
        let line = |user: &directory::User| {
            format!("✔ {} ({}) {done}; now {}", user.user_name, user.id, state(user))
        };
        each(&self.users, act, line, to_json).await
    }
}

impl List {
    async fn run(self, desk: &Desk) -> Result<Answer, Failure> {
        let mut users = if self.erased {
            directory::list_erased(&desk.service).await?
        } else {
            let node_id = find_if_named(desk, self.node.as_deref()).await?;
            let filter = self.filter.as_deref();
            directory::list_users(&desk.service, &desk.origin, node_id, filter).await?
        };
        users.retain(|user| self.status.is_none_or(|status| user.status == status));
        let rows = users.iter().map(|user| {
            [
                user.user_name.clone(),
                user.display_name.clone(),
                state(user).to_owned(),
                user.node_id.to_string(),
                day(Some(user.modified_at)),
                user.id.to_string(),
            ]
        });
        let head = ["USER NAME", "NAME", "STATUS", "NODE", "CHANGED", "ID"];
        Ok(Answer::data(table(head, rows), users.iter().map(to_json).collect()))
    }
}

fn state(user: &directory::User) -> &'static str {
    if user.erased_at.is_some() { "Erased" } else { user.status.as_str() }
}

fn shown(user: &directory::User) -> String {
    let groups: Vec<_> = user.groups.iter().map(|group| group.display.as_str()).collect();
    facts([
        ("user", user.user_name.clone()),
        ("name", user.display_name.clone()),
        ("status", user.status.to_string()),
        ("id", user.id.to_string()),
        ("external id", user.external_id.clone().unwrap_or_else(dash)),
        ("node", user.node_id.to_string()),
        ("groups", if groups.is_empty() { dash() } else { groups.join(", ") }),
        ("version", user.version.to_string()),
        ("created", timestamp(user.created_at)),
        ("changed", timestamp(user.modified_at)),
    ])
}

fn to_json(user: &directory::User) -> Value {
    json!({
        "id": user.id,
        "node_id": user.node_id,
        "user_name": user.user_name,
        "display_name": user.display_name,
        "external_id": user.external_id,
        "status": user.status.as_str(),
        "erased_at": user.erased_at.map(timestamp),
        "groups": members_to_json(&user.groups),
        "version": user.version,
        "created_at": timestamp(user.created_at),
        "modified_at": timestamp(user.modified_at),
    })
}

/// The other side of memberships.
pub(super) fn members_to_json(members: &[Member]) -> Value {
    members.iter().map(|member| json!({ "id": member.id, "display": member.display })).collect()
}

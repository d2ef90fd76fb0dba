//! `scimd token`: the secrets identity providers sign in with.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::clock::timestamp;
use crate::domain::node;
use crate::domain::token::{self, CreatedToken};

use super::failure::Failure;
use super::node::{find_if_named, tenant_url};
use super::output::{Answer, facts, table};
use super::time::{Expiry, ago, day};
use super::{Desk, each};

#[derive(Debug, Subcommand)]
pub(super) enum Token {
    /// Make a token; its secret is printed once and never again
    Create(Create),
    /// List tokens: who uses them, when they end
    List {
        /// Number or name of a node [default: all nodes]
        node: Option<String>,
    },
    /// End tokens at once
    Revoke {
        /// Public ids, as `token list` prints them
        #[arg(required = true)]
        ids: Vec<String>,
    },
}

#[derive(Debug, Args)]
#[command(after_help = "Example: scimd token create 3401 -q | gh secret set SCIM_TOKEN")]
pub(super) struct Create {
    /// Number or name of the node
    node: String,
    /// Name, to tell tokens apart
    #[arg(long, default_value = "token")]
    name: String,
    /// How long it is valid: 365d, 12h or never
    #[arg(long, value_name = "TIME", default_value = "365d")]
    expiry: Expiry,
    /// Print the secret alone
    #[arg(short, long, conflicts_with = "json")]
    quiet: bool,
}

impl Token {
    pub(super) async fn run(self, desk: &Desk) -> Result<Answer, Failure> {
        match self {
            Self::Create(create) => create.run(desk).await,
            Self::List { node } => list(desk, node.as_deref()).await,
            Self::Revoke { ids } => {
                let revoke = async |id: &str| token::revoke(&desk.service, &desk.origin, id).await;
                let line = |token: &token::Token| {
                    format!("✔ {} is revoked; servers refuse it within a second", public_id(token))
                };
                each(&ids, revoke, line, to_json).await
            }
        }
    }
}

impl Create {
    async fn run(self, desk: &Desk) -> Result<Answer, Failure> {
        let node_id = node::resolve(&desk.service, &self.node).await?;
        let expires_at = self.expiry.from(desk.service.clock().now());
        let created =
            token::create(&desk.service, &desk.origin, node_id, &self.name, expires_at).await?;
        if self.quiet {
            return Ok(Answer::text(created.text()));
        }
        let text = credentials(desk, &created);
        let json = created_to_json(desk, &created);
        Ok(Answer { text, ..Answer::done(made(&created.token), json) })
    }
}

/// The line that says which token was made.
pub(super) fn made(token: &token::Token) -> String {
    let end = token.expires_at.map_or_else(
        || "never expires".to_owned(),
        |_| format!("expires {}", day(token.expires_at)),
    );
    format!("✔ Token      {:?} (tok_{}), {end}", token.name, token.id)
}

/// What is pasted into the identity provider, under the names it has there.
pub(super) fn credentials(desk: &Desk, created: &CreatedToken) -> String {
    facts([
        ("  Tenant URL", tenant_url(desk, created.token.node_id)),
        ("  Secret Token", format!("{}   (not shown again)", created.text())),
    ])
}

/// The one JSON object with the secret in it.
pub(super) fn created_to_json(desk: &Desk, created: &CreatedToken) -> Value {
    json!({
        "tenant_url": tenant_url(desk, created.token.node_id),
        "token": created.text(),
        "node_id": created.token.node_id,
        "token_id": public_id(&created.token),
        "name": created.token.name,
        "expires_at": created.token.expires_at.map(timestamp),
    })
}

/// The id of a token as people see it.
pub(super) fn public_id(token: &token::Token) -> String {
    format!("tok_{}", token.id)
}

async fn list(desk: &Desk, node: Option<&str>) -> Result<Answer, Failure> {
    let node_id = find_if_named(desk, node).await?;
    let tokens = token::list(&desk.service, node_id).await?;
    let now = desk.service.clock().now();
    let rows = tokens.iter().map(|token| {
        [
            public_id(token),
            token.node_id.to_string(),
            token.name.clone(),
            day(Some(token.created_at)),
            ago(now, token.last_used_at),
            token.expires_at.map_or_else(|| "never".to_owned(), |at| day(Some(at))),
            token.state.as_str().to_owned(),
        ]
    });
    let head = ["ID", "NODE", "NAME", "CREATED", "LAST USED", "EXPIRES", "STATE"];
    Ok(Answer::data(table(head, rows), tokens.iter().map(to_json).collect()))
}

fn to_json(token: &token::Token) -> Value {
    json!({
        "id": public_id(token),
        "node_id": token.node_id,
        "name": token.name,
        "created_at": timestamp(token.created_at),
        "last_used_at": token.last_used_at.map(timestamp),
        "expires_at": token.expires_at.map(timestamp),
        "revoked_at": token.revoked_at.map(timestamp),
        "state": token.state.as_str(),
    })
}

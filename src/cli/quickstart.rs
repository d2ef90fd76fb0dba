//! `scimd quickstart`: from nothing to a server an identity provider can be pointed at.

use clap::Args;
use serde_json::{Value, json};

use crate::clock::timestamp;
use crate::domain::quickstart::{self, QuickStart, QuickStartToken};
use crate::domain::token::Token;
use crate::telemetry;

use super::failure::Failure;
use super::node::tenant_url;
use super::output::{self, Answer, facts};
use super::serve::{listen, serve};
use super::time::Expiry;
use super::token::{created_to_json, credentials, made, public_id};
use super::{Context, Desk, Serving};

/// Lines to paste into a shell: create, find, change, lock, unlock, group, delete.
const LINES: &str = include_str!("quickstart/curl.txt");

#[derive(Debug, Args)]
pub(super) struct Quickstart {
    #[command(flatten)]
    serving: Serving,
    /// How long the token is valid: 365d, 12h or never
    #[arg(long, value_name = "TIME", default_value = "365d")]
    expiry: Expiry,
    /// Make everything, print it, and end
    #[arg(long)]
    no_serve: bool,
}

impl Quickstart {
    pub(super) fn serving(&self) -> &Serving {
        &self.serving
    }

    pub(super) async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let config = context.config()?;
        let listener = if self.no_serve { None } else { Some(listen(&config)?) };
        telemetry::init(&config).map_err(Failure::usage)?;
        let desk = context.open(config).await?;
        let answer = prepare(&desk, self.expiry).await?;
        let Some(listener) = listener else {
            desk.service.close().await;
            return Ok(answer);
        };
        output::print(&answer, context.json)?;
        output::message("\nServing. Ctrl-C stops; `scimd serve` starts again.");
        serve(&desk, listener).await
    }
}

async fn prepare(desk: &Desk, expiry: Expiry) -> Result<Answer, Failure> {
    let expires_at = expiry.from(desk.service.clock().now());
    let QuickStart { node, token } =
        quickstart::run(&desk.service, &desk.origin, expires_at).await?;
    // All of them: the database would not be open otherwise.
    let migrations = desk.service.migrations().await?.len();
    let database = desk.config.database_shown();
    let url = tenant_url(desk, node.id);
    let (made, text, json) = match &token {
        QuickStartToken::Created(created) => (
            made(&created.token),
            format!("{}\n\n{}", credentials(desk, created), to_paste(&url, created.text())),
            created_to_json(desk, created),
        ),
        QuickStartToken::Existing(token) => (
            still_there(token),
            facts([("  Tenant URL", url.clone())]),
            existing_to_json(&url, token),
        ),
    };
    let https = if desk.config.public_url.starts_with("https://") {
        ""
    } else {
        "\n  Identity providers in the cloud need https: name the public address by --public-url"
    };
    let message = format!(
        "✔ Database   {database} (migrations {migrations}/{migrations})\n✔ Node       {} {:?}\n{made}{https}\n",
        node.id, node.name
    );
    Ok(Answer { text, ..Answer::done(message, json) })
}

fn still_there(token: &Token) -> String {
    let id = public_id(token);
    format!("✔ Token      {id} exists; make another with `scimd token create {}`", token.node_id)
}

/// As [`created_to_json`], of a token whose secret is not known any more.
fn existing_to_json(url: &str, token: &Token) -> Value {
    json!({
        "tenant_url": url,
        "token": null,
        "node_id": token.node_id,
        "token_id": public_id(token),
        "name": token.name,
        "expires_at": token.expires_at.map(timestamp),
    })
}

fn to_paste(url: &str, token: &str) -> String {
    let lines = LINES.replace("@URL@", url).replace("@TOKEN@", token);
    format!("Try it in another terminal:\n{lines}")
}

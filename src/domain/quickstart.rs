//! The first minute: a node and a token, so that an administrator has a Tenant URL and a Secret Token.

use super::actor::Origin;
use super::error::Error;
use super::node::{self, Node};
use super::service::Service;
use super::token::{self, CreatedToken, Token, TokenState};

/// The node that is made, and the name of its token.
const NODE: &str = "Default";
const TOKEN: &str = "quickstart";

/// What is there after a quick start.
#[derive(Debug)]
pub struct QuickStart {
    /// The node.
    pub node: Node,
    /// Its token.
    pub token: QuickStartToken,
}

/// The token of a quick start.
#[derive(Debug)]
pub enum QuickStartToken {
    /// Made now, with its secret.
    Created(CreatedToken),
    /// A live one is there from before; its secret is not known any more.
    Existing(Token),
}

/// Makes what is not there yet. Running it again changes nothing.
///
/// # Errors
/// When the database cannot be written.
pub async fn run(
    service: &Service,
    origin: &Origin,
    expires_at: Option<i64>,
) -> Result<QuickStart, Error> {
    let nodes = node::list(service).await?;
    let node = match nodes.into_iter().find(|node| node.method.is_some()) {
        Some(node) => node,
        None => node::add(service, origin, NODE, None).await?,
    };
    let tokens = token::list(service, Some(node.id)).await?;
    let token = match tokens.into_iter().find(|token| token.state == TokenState::Active) {
        Some(token) => QuickStartToken::Existing(token),
        None => {
            let created = token::create(service, origin, node.id, TOKEN, expires_at).await?;
            QuickStartToken::Created(created)
        }
    };
    Ok(QuickStart { node, token })
}

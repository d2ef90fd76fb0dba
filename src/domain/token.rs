//! Provisioning tokens (K7): shown once, kept as a digest, good for one node. The text is
//! `scim_<public id>_<secret>_<checksum>`: the public id makes a rejected token nameable, the checksum
//! tells a damaged one, and the form lets secret scanners find it.

use std::sync::Arc;

use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use subtle::ConstantTimeEq;

use super::actor::{Actor, Origin, Tenant};
use super::change::{self, Subject};
use super::error::Error;
use super::method::Method;
use super::node::{self, administer};
use super::organization::{self, ORGANIZATION};
use super::service::Service;
use super::token_text::{digest, parse, public_id, secret_text};
use crate::clock::{Clock, timestamp};
use crate::scim::error::ScimError;
use crate::storage::StorageError;
use crate::storage::administration::Administration;
use crate::storage::rows::TokenRow;
use crate::storage::write::{AdministrationWrite, Write};

/// A token for people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Token {
    /// Public id, as in `tok_<id>`.
    pub id: String,
    /// Node it opens.
    pub node_id: i64,
    /// Name.
    pub name: String,
    /// Time of creation, microseconds since the epoch.
    pub created_at: i64,
    /// End of validity; none means never.
    pub expires_at: Option<i64>,
    /// When it was revoked.
    pub revoked_at: Option<i64>,
    /// Last use, exact to a minute.
    pub last_used_at: Option<i64>,
    /// What it is now.
    pub state: TokenState,
}

/// Whether a token opens its node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenState {
    /// It does.
    Active,
    /// Its time is over.
    Expired,
    /// An administrator ended it.
    Revoked,
}

impl TokenState {
    /// The word for people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

/// A token with its secret, which is never shown again.
#[derive(Debug)]
pub struct CreatedToken {
    /// The token.
    pub token: Token,
    /// The text to paste into the identity provider.
    pub secret: SecretString,
}

/// A token as it is kept in memory for a moment.
#[derive(Debug)]
pub(super) struct KnownToken {
    row: TokenRow,
    tenant: Arc<Tenant>,
    /// Whether the method was ever used.
    inactive: bool,
}

/// Why a token was refused. The public id, where there is one, is for the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// No `Authorization: Bearer` was sent.
    #[error("no bearer token was sent")]
    Absent,
    /// It has not the form of a token, or its checksum is wrong.
    #[error("the token is damaged")]
    Damaged,
    /// Nobody made it.
    #[error("the token is unknown")]
    Unknown,
    /// It opens another node, or the node of the URL does not exist.
    #[error("token tok_{id} is not for this node")]
    OtherNode {
        /// Public id.
        id: String,
    },
    /// Its time is over.
    #[error("token tok_{id} expired at {at}")]
    Expired {
        /// Public id.
        id: String,
        /// When, as text.
        at: String,
    },
    /// An administrator ended it.
    #[error("token tok_{id} was revoked at {at}")]
    Revoked {
        /// Public id.
        id: String,
        /// When, as text.
        at: String,
    },
}

impl Rejection {
    /// 401 that says what to do. Only who holds the whole token learns more than that it does not fit.
    pub fn to_scim(&self) -> ScimError {
        let detail = match self {
            Self::Absent => {
                "No token was sent: put the Secret Token into the header Authorization: Bearer <token>"
                    .to_owned()
            }
            Self::Damaged => "The token is damaged: copy the whole Secret Token again".to_owned(),
            Self::Unknown | Self::OtherNode { .. } => {
                "The token does not open this Tenant URL: check that both were copied from the same \
                 node, or create a new token (scimd token create)"
                    .to_owned()
            }
            Self::Expired { .. } | Self::Revoked { .. } => {
                format!("{self}: create a new one (scimd token create) and paste it here")
            }
        };
        ScimError::new(401, detail)
    }
}

/// Why a request was not let in.
#[derive(Debug, thiserror::Error)]
pub enum Denied {
    /// The token does not open the node.
    #[error("{0}")]
    Rejected(#[from] Rejection),
    /// It could not be checked.
    #[error("{0}")]
    Fault(#[from] Error),
}

/// Makes a token for a node. It never ends another one (K7).
///
/// # Errors
/// 404, 400 for the root and for a name that cannot be read; 409 when the node has as many live tokens as `tokens_per_method` allows.
pub async fn create(
    service: &Service,
    origin: &Origin,
    node_id: i64,
    name: &str,
    expires_at: Option<i64>,
) -> Result<CreatedToken, Error> {
    let name = node::printable_name("token", name)?;
    node::method_row(service, node_id).await?;
    let id = public_id(&service.clock);
    let text = secret_text(&service.clock, &id);
    let row = TokenRow {
        organization_id: ORGANIZATION,
        id,
        node_id,
        name: name.to_owned(),
        digest: digest(&text),
        created_at: service.clock.now(),
        expires_at,
        revoked_at: None,
        last_used_at: None,
    };
    let changes = Map::from_iter([
        ("name".to_owned(), change::entry(Value::Null, name)),
        ("expiresAt".to_owned(), change::entry(Value::Null, expires_at.map(timestamp))),
    ]);
    let token = shown(&service.clock, row.clone());
    let most = service.limits().tokens_per_method;
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let statement = Administration::InsertToken { row, most };
    let about = subject(&token.id, node_id);
    administer(service, origin, "create", about, changes, statement).await?;
    Ok(CreatedToken { token, secret: SecretString::from(text) })
}

/// The tokens of a node, or all, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(service: &Service, node_id: Option<i64>) -> Result<Vec<Token>, Error> {
    let rows = service.store.tokens(ORGANIZATION, node_id).await?;
    Ok(rows.into_iter().map(|row| shown(&service.clock, row)).collect())
}

/// Ends a token; every server refuses it within a second. Takes the public id, with or without `tok_`.
///
/// # Errors
/// 404 for a token that is unknown, 409 for one that is revoked already.
pub async fn revoke(service: &Service, origin: &Origin, id: &str) -> Result<Token, Error> {
    let id = id.strip_prefix("tok_").unwrap_or(id);
    let token = list(service, None).await?.into_iter().find(|token| token.id == id);
    let token = token.ok_or_else(|| {
        Error::Refused(ScimError::not_found(format!("There is no token tok_{id}")))
    })?;
    if token.revoked_at.is_some() {
        return Err(revoked_already(id));
    }
    let at = service.clock.now();
    let changes =
        Map::from_iter([("revokedAt".to_owned(), change::entry(Value::Null, timestamp(at)))]);
    let statement =
        Administration::RevokeToken { organization_id: ORGANIZATION, id: id.to_owned(), at };
    let about = subject(id, token.node_id);
    let revoked = administer(service, origin, "revoke", about, changes, statement).await;
    revoked.map_err(|error| match error {
        StorageError::Missing => revoked_already(id),
        other => other.into(),
    })?;
    service.known_tokens.invalidate(id).await;
    Ok(Token { revoked_at: Some(at), state: TokenState::Revoked, ..token })
}

/// Lets a SCIM client in. Takes the node id of the URL and the bearer token; costs no query while the
/// token is in memory.
///
/// # Errors
/// The rejection, or a fault of the database.
pub async fn authenticate(
    service: &Service,
    node_id: &str,
    bearer: Option<&str>,
    request_id: &str,
) -> Result<Actor, Denied> {
    let text = bearer.map(str::trim).filter(|text| !text.is_empty()).ok_or(Rejection::Absent)?;
    let id = parse(text).ok_or(Rejection::Damaged)?;
    let known = known(service, id).await?.ok_or(Rejection::Unknown)?;
    if !bool::from(digest(text).as_slice().ct_eq(&known.row.digest)) {
        return Err(Rejection::Unknown.into());
    }
    let id = id.to_owned();
    if let Some(at) = known.row.revoked_at {
        return Err(Rejection::Revoked { id, at: timestamp(at) }.into());
    }
    if let Some(at) = known.row.expires_at.filter(|at| *at <= service.clock.now()) {
        return Err(Rejection::Expired { id, at: timestamp(at) }.into());
    }
    if known.row.node_id.to_string() != node_id {
        return Err(Rejection::OtherNode { id }.into());
    }
    let origin = Origin::token(&id, request_id);
    Ok(Actor { origin, tenant: Arc::clone(&known.tenant) })
}

/// Notes the use of a token and the client that was recognized, at most once a minute and token. A
/// method becomes active by it.
///
/// # Errors
/// When the database cannot be written; the use is noted again later.
pub async fn note_use(
    service: &Service,
    actor: &Actor,
    client: Option<&'static str>,
) -> Result<(), Error> {
    let Some(id) = actor.origin.actor.strip_prefix("token:") else {
        return Ok(());
    };
    let known = service.known_tokens.get(id).await;
    let first = known.is_some_and(|known| known.inactive);
    if !service.noted_tokens.entry_by_ref(id).or_insert(()).await.is_fresh() && !first {
        return Ok(());
    }
    let statement = Administration::NoteUse {
        organization_id: actor.tenant.organization_id,
        token_id: id.to_owned(),
        node_id: actor.tenant.node_id,
        at: service.clock.now(),
        client: client.map(str::to_owned),
    };
    let write = AdministrationWrite { statement, change: None };
    let written = service.store.write(Write::Administration(Box::new(write))).await;
    if written.is_err() {
        service.noted_tokens.invalidate(id).await;
    }
    Ok(written.map(|_| ())?)
}

async fn known(service: &Service, id: &str) -> Result<Option<Arc<KnownToken>>, Error> {
    if let Some(known) = service.known_tokens.get(id).await {
        return Ok(Some(known));
    }
    let Some(access) = service.store.access(id).await? else {
        return Ok(None);
    };
    let tenant = Arc::new(Tenant {
        organization_id: access.token.organization_id,
        node_id: access.token.node_id,
        method: Method::of(&access.method),
        limited_seats: access.seats.is_some(),
        reserved_domains: organization::domains(&access.reserved_domains),
    });
    let inactive = access.method.last_synced.is_none();
    let known = Arc::new(KnownToken { row: access.token, tenant, inactive });
    service.known_tokens.insert(id.to_owned(), Arc::clone(&known)).await;
    Ok(Some(known))
}

fn revoked_already(id: &str) -> Error {
    Error::Refused(ScimError::conflict(format!("tok_{id} is revoked already")))
}

fn subject(id: &str, node_id: i64) -> Subject {
    Subject { id: id.to_owned(), ..node::subject("ProvisioningToken", Some(node_id)) }
}

fn shown(clock: &Clock, row: TokenRow) -> Token {
    let state = match (row.revoked_at, row.expires_at) {
        (Some(_), _) => TokenState::Revoked,
        (None, Some(at)) if at <= clock.now() => TokenState::Expired,
        _ => TokenState::Active,
    };
    Token {
        id: row.id,
        node_id: row.node_id,
        name: row.name,
        created_at: row.created_at,
        expires_at: row.expires_at,
        revoked_at: row.revoked_at,
        last_used_at: row.last_used_at,
        state,
    }
}

/// The secret's text, for the one place that shows it.
impl CreatedToken {
    /// The text to paste into the identity provider. Shown once.
    pub fn text(&self) -> &str {
        self.secret.expose_secret()
    }
}

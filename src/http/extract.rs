//! From a request to what a use case takes: the actor behind the bearer token, the parameters of the
//! query, the conditions of the headers, the JSON of the body.

use std::time::Duration;

use axum::body::{Bytes, to_bytes};
use axum::extract::{FromRequest, FromRequestParts, RawPathParams, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, header};
use serde_json::Value;

use super::layers::RequestId;
use super::respond::Problem;
use super::{App, SCIM_PATH, origin_url};
use crate::domain::search::Query;
use crate::domain::{Actor, Precondition, Service, View, client, token};
use crate::scim::error::ScimError;
use crate::scim::json;
use crate::scim::project::Projection;
use crate::scim::resource_type::ResourceType;

/// A request of a SCIM client that was let in.
#[derive(Debug)]
pub(super) struct Scim {
    pub(super) app: App,
    pub(super) actor: Actor,
    /// URL of the node's service, without a slash at the end.
    pub(super) base_url: String,
    pub(super) if_match: Precondition,
    pub(super) if_none_match: Precondition,
    /// The last parameter of the path, decoded: an id, a name, a URN.
    pub(super) id: String,
    query: Vec<(String, String)>,
}

/// The parameters that lists and projections know (RFC 7644 section 3.4.2); others are ignored.
const PARAMETERS: [&str; 7] =
    ["filter", "sortBy", "sortOrder", "startIndex", "count", "attributes", "excludedAttributes"];

impl FromRequestParts<App> for Scim {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Problem> {
        let path = RawPathParams::from_request_parts(parts, app)
            .await
            .map_err(|_| ScimError::not_found("The path is not valid UTF-8"))?;
        let param = |name: &str| path.iter().find(|(key, _)| *key == name).map(|(_, value)| value);
        let node_id = param("node").unwrap_or_default();
        let last = path.iter().last().filter(|(key, _)| *key != "node");
        let id = last.map(|(_, value)| value.to_owned()).unwrap_or_default();
        let request_id = parts.extensions.get::<RequestId>().map_or("", |id| id.0.as_str());
        let bearer = bearer(&parts.headers);
        let actor = token::authenticate(&app.service, node_id, bearer, request_id).await?;
        note_use(app, &actor, parts);
        let settings = &app.settings;
        let public_url =
            origin_url::public_url(&settings.public_url, settings.trust_proxy, &parts.headers);
        Ok(Self {
            app: app.clone(),
            base_url: format!("{public_url}{SCIM_PATH}/{node_id}"),
            if_match: precondition(&parts.headers, &header::IF_MATCH),
            if_none_match: precondition(&parts.headers, &header::IF_NONE_MATCH),
            id,
            query: query(parts.uri.query().unwrap_or_default())
                .map_err(|error| Problem::from(error).by(&actor.origin.actor))?,
            actor,
        })
    }
}

impl Scim {
    pub(super) fn service(&self) -> &Service {
        &self.app.service
    }

    /// Who acts, for the log.
    pub(super) fn token(&self) -> &str {
        &self.actor.origin.actor
    }

    /// Whether the query has this parameter.
    pub(super) fn has(&self, name: &str) -> bool {
        self.parameter(name).is_some()
    }

    fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// How the client wants to see resources of a type.
    ///
    /// # Errors
    /// 400 `invalidValue` when both projections are given.
    pub(super) fn view(&self, resource_type: &ResourceType) -> Result<View, ScimError> {
        let (attributes, excluded) =
            (self.parameter("attributes"), self.parameter("excludedAttributes"));
        let projection = Projection::parse(resource_type, attributes, excluded)?;
        Ok(View { base_url: self.base_url.clone(), projection })
    }

    /// What a list asks for.
    ///
    /// # Errors
    /// 400 `invalidValue` for a parameter that is none.
    pub(super) fn list_query(&self, memberships: bool) -> Result<Query, ScimError> {
        let sort_by = self.parameter("sortBy").map(str::to_owned);
        let descending = match self.parameter("sortOrder").map(str::to_ascii_lowercase).as_deref() {
            None | Some("" | "ascending") => false,
            Some("descending") => true,
            // Without sortBy it says nothing (O-02).
            Some(_) if sort_by.is_none() => false,
            Some(other) => {
                return Err(ScimError::invalid_value(format!(
                    "sortOrder is ascending or descending, not {other:?}"
                )));
            }
        };
        Ok(Query {
            filter: self.parameter("filter").map(str::to_owned),
            sort_by,
            descending,
            start_index: self.integer("startIndex")?,
            count: self.integer("count")?,
            base_url: self.base_url.clone(),
            memberships,
        })
    }

    fn integer(&self, name: &str) -> Result<Option<i64>, ScimError> {
        let Some(text) = self.parameter(name) else {
            return Ok(None);
        };
        integer(text).map(Some).ok_or_else(|| {
            ScimError::invalid_value(format!("{name} must be an integer, not {text:?}"))
        })
    }
}

/// An integer of any length: one that does not fit is as good as the largest or the smallest (L-04, L-08).
fn integer(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let beyond = if text.starts_with('-') { i64::MIN } else { i64::MAX };
    Some(text.parse().unwrap_or(beyond))
}

/// The query's known parameters; names are taken in any case. One that is given twice is ambiguous
/// (H-07).
fn query(text: &str) -> Result<Vec<(String, String)>, ScimError> {
    let mut found: Vec<(String, String)> = Vec::new();
    for (key, value) in form_urlencoded::parse(text.as_bytes()) {
        let Some(name) = PARAMETERS.iter().find(|name| name.eq_ignore_ascii_case(&key)) else {
            continue;
        };
        if found.iter().any(|(other, _)| other == name) {
            return Err(ScimError::invalid_value(format!("{name} is given twice; send it once")));
        }
        found.push(((*name).to_owned(), value.into_owned()));
    }
    Ok(found)
}

fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.trim().split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}

fn precondition(headers: &HeaderMap, name: &HeaderName) -> Precondition {
    // What is no text is kept as a tag that no version has, so that the condition does not hold.
    let values: Vec<_> = headers
        .get_all(name)
        .iter()
        .map(|value| String::from_utf8_lossy(value.as_bytes()))
        .collect();
    let joined = values.join(",");
    Precondition::parse((!values.is_empty()).then_some(joined.as_str()))
}

/// Notes the use of the token beside the request, which does not wait for it.
fn note_use(app: &App, actor: &Actor, parts: &Parts) {
    let agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
    let client = client::recognize(agent, parts.uri.query());
    let (service, actor) = (app.service.clone(), actor.clone());
    tokio::spawn(async move {
        if let Err(error) = token::note_use(&service, &actor, client).await {
            tracing::warn!(%error, "the use of a token could not be noted");
        }
    });
}

/// The JSON of a request body.
#[derive(Debug)]
pub(super) struct Body(pub(super) Value);

impl FromRequest<App> for Body {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &App) -> Result<Self, Problem> {
        check_media_type(request.headers())?;
        let limit = app.settings.body_limit;
        let too_large = || {
            ScimError::new(
                413,
                format!(
                    "The body is larger than {limit} bytes (body_limit_bytes): send less at a time"
                ),
            )
        };
        let declared = request.headers().get(header::CONTENT_LENGTH);
        let declared = declared.and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
        if declared.is_some_and(|length| length > limit) {
            return Err(too_large().into());
        }
        let bytes = arrived(request, limit, body_time(app.settings.timeout), too_large).await?;
        let text = bytes.strip_prefix(b"\xEF\xBB\xBF".as_slice()).unwrap_or(&bytes);
        Ok(Self(json::parse(text)?))
    }
}

/// The bytes of a body of at most `limit` of them, which may take this time to arrive.
async fn arrived(
    request: Request,
    limit: usize,
    time: Duration,
    too_large: impl Fn() -> ScimError,
) -> Result<Bytes, ScimError> {
    let read = tokio::time::timeout(time, to_bytes(request.into_body(), limit));
    let read = read.await.map_err(|_| {
        let seconds = time.as_secs_f32();
        let detail = format!("The body did not arrive within {seconds} seconds; send it again");
        ScimError::new(408, detail)
    })?;
    read.map_err(|error| {
        let is_limit = std::error::Error::source(&error)
            .is_some_and(<dyn std::error::Error + 'static>::is::<http_body_util::LengthLimitError>);
        if is_limit {
            too_large()
        } else {
            ScimError::invalid_syntax("The body ended before it was whole; send it again")
        }
    })
}

/// How long a body may take to arrive: a little less than the whole request, so that the answer says that it
/// is the body that was late and that nothing was changed.
fn body_time(request: Duration) -> Duration {
    request.saturating_sub(Duration::from_secs(1)).max(request / 2)
}

/// SCIM's media type, plain JSON, and none at all are taken (K8); anything else is 415.
fn check_media_type(headers: &HeaderMap) -> Result<(), ScimError> {
    let Some(value) = headers.get(header::CONTENT_TYPE) else {
        return Ok(());
    };
    let text = value.to_str().unwrap_or_default();
    let media_type = text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match media_type.as_str() {
        "" | "application/scim+json" | "application/json" => Ok(()),
        _ => Err(ScimError::new(
            415,
            format!("Send the body as application/scim+json or application/json, not {media_type}"),
        )),
    }
}

#[cfg(test)]
mod tests;

//! Every answer and every error, rendered in one place: `application/scim+json`, the version as an
//! `ETag`, and for errors the SCIM message whatever part of the server refused (RFC 7644 section 3.12).

use axum::body::Body;
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use super::layers::Noted;
use crate::domain::token::{Denied, Rejection};
use crate::domain::{Error, Representation, View};
use crate::scim::error::ScimError;
use crate::scim::quirk::Quirks;

/// Media type of SCIM (RFC 7644 section 3.1).
pub(super) const SCIM_JSON: HeaderValue = HeaderValue::from_static("application/scim+json");
/// Seconds after which a client may try again when the database is away.
const RETRY_AFTER: HeaderValue = HeaderValue::from_static("5");

/// An answer that is an error.
#[derive(Debug)]
pub(super) struct Problem {
    error: ScimError,
    /// For the log.
    reason: Option<String>,
    token: Option<String>,
}

impl Problem {
    /// Names the token in the log.
    pub(super) fn by(mut self, token: &str) -> Self {
        self.token = Some(token.to_owned());
        self
    }
}

impl From<ScimError> for Problem {
    fn from(error: ScimError) -> Self {
        Self { error, reason: None, token: None }
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let reason = match &error {
            Error::Refused(_) => None,
            Error::Unavailable(_) | Error::Internal(_) => Some(error.to_string()),
        };
        Self { error: error.to_scim(), reason, token: None }
    }
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        Self { error: rejection.to_scim(), reason: Some(rejection.to_string()), token: None }
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Rejected(rejection) => rejection.into(),
            Denied::Fault(error) => error.into(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let Self { error, reason, token } = self;
        let mut response = json(error.status, error.to_json().to_string());
        match error.status {
            401 => {
                let scheme = HeaderValue::from_static("Bearer realm=\"scimd\"");
                response.headers_mut().insert(header::WWW_AUTHENTICATE, scheme);
            }
            503 => {
                response.headers_mut().insert(header::RETRY_AFTER, RETRY_AFTER);
            }
            _ => {}
        }
        // The detail names values that clients sent, addresses of people among them: not for the log.
        let scim_type = error.scim_type.map(|scim_type| scim_type.as_str().to_owned());
        let reason = reason.or(scim_type);
        response.extensions_mut().insert(Noted { token, reason, quirks: Vec::new() });
        response
    }
}

/// What became of a request, for the log.
pub(super) fn noted(mut response: Response, token: &str, quirks: &Quirks) -> Response {
    let quirks = quirks.iter().map(crate::scim::quirk::Quirk::name).collect();
    let token = Some(token.to_owned());
    response.extensions_mut().insert(Noted { token, quirks, reason: None });
    response
}

/// A JSON body.
pub(super) fn json(status: u16, body: impl Into<Body>) -> Response {
    let mut response = Response::new(body.into());
    *response.status_mut() =
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    response.headers_mut().insert(header::CONTENT_TYPE, SCIM_JSON);
    response
}

/// 204.
pub(super) fn no_content() -> Response {
    StatusCode::NO_CONTENT.into_response()
}

/// A resource with its location and version.
///
/// # Errors
/// When what is stored is damaged.
pub(super) fn resource(
    status: u16,
    representation: &Representation,
    view: &View,
) -> Result<Response, Problem> {
    let mut response = json(status, representation.to_json(view)?);
    tag(&mut response, representation, view);
    Ok(response)
}

/// 304 for a resource that the client has already, with its version.
pub(super) fn not_modified(representation: &Representation, view: &View) -> Response {
    let mut response = StatusCode::NOT_MODIFIED.into_response();
    tag(&mut response, representation, view);
    response
}

/// 204 for a change whose answer was not asked for, with the new version.
pub(super) fn changed(representation: &Representation, view: &View) -> Response {
    let mut response = no_content();
    tag(&mut response, representation, view);
    response
}

fn tag(response: &mut Response, representation: &Representation, view: &View) {
    let values = [
        (header::ETAG, representation.etag()),
        (header::LOCATION, representation.location(&view.base_url)),
    ];
    for (name, value) in values {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(name, value);
        }
    }
}

/// 404 for a path that is none of ours.
pub(super) async fn no_route(uri: Uri) -> Problem {
    Problem::from(ScimError::not_found(format!(
        "There is nothing at {}: check the Tenant URL, which ends with /api/rest/scim/v2/<node id>",
        uri.path()
    )))
}

/// 405 for a method that the path does not take; the router adds `Allow`.
pub(super) async fn no_method(method: Method, uri: Uri) -> Problem {
    Problem::from(ScimError::new(405, format!("{method} is not possible at {}", uri.path())))
}

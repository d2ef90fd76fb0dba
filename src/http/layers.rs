//! Every layer, outermost first, with its reason.

use std::any::Any;
use std::time::Instant;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Uri};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use tower::ServiceBuilder;
use tower::util::MapRequestLayer;
use tower_http::catch_panic::CatchPanicLayer;

use super::App;
use super::respond::Problem;
use crate::scim::error::ScimError;

/// Header that carries the request id, in both directions.
pub(super) const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Longest request id that is taken over from a client.
const LONGEST_REQUEST_ID: usize = 128;

/// The id of a request, in logs, answers and change records.
#[derive(Debug, Clone)]
pub(super) struct RequestId(pub(super) String);

/// What a handler tells the log about a request.
#[derive(Debug, Clone, Default)]
pub(super) struct Noted {
    pub(super) token: Option<String>,
    pub(super) quirks: Vec<&'static str>,
    pub(super) reason: Option<String>,
}

pub(super) fn around(router: Router, app: &App) -> Router {
    let layers = ServiceBuilder::new()
        // First, so that every log line and every answer has the id.
        .layer(from_fn_with_state(app.clone(), identify))
        // A panic is an answer like any other; outside of the limits, as they can panic too.
        .layer(CatchPanicLayer::custom(panicked))
        // Before anything is read: more headers than this are nobody's business.
        .layer(from_fn_with_state(app.clone(), limit_headers))
        // Nothing may hold a worker for ever, not even the reading of a slow body.
        .layer(from_fn_with_state(app.clone(), limit_time))
        // Last, so that the routes see one spelling of each path.
        .layer(MapRequestLayer::new(trim_slash));
    // Layers of a router run after its routing; as the service of another one they run before.
    Router::new().fallback_service(layers.service(router))
}

/// Gives the request its id, and logs what became of it. The query is not logged: filters hold
/// addresses of people (RFC 7644 section 7.5.2).
async fn identify(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let sent = request.headers().get(&REQUEST_ID).and_then(|value| value.to_str().ok());
    let is_fit = |id: &&str| {
        !id.is_empty() && id.len() <= LONGEST_REQUEST_ID && id.bytes().all(|b| b.is_ascii_graphic())
    };
    let id = match sent.filter(is_fit) {
        Some(id) => id.to_owned(),
        None => app.service.clock().id().simple().to_string(),
    };
    let method = request.method().clone();
    let path = request.uri().path().to_owned();
    request.extensions_mut().insert(RequestId(id.clone()));
    let start = Instant::now();
    let mut response = next.run(request).await;
    if let Ok(value) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, value);
    }
    let noted = response.extensions().get::<Noted>().cloned().unwrap_or_default();
    let status = response.status().as_u16();
    let micros = u64::try_from(start.elapsed().as_micros()).unwrap_or(u64::MAX);
    let token = noted.token.as_deref().unwrap_or("-");
    let quirks = noted.quirks.join(",");
    let reason = noted.reason.as_deref().unwrap_or_default();
    if status >= 500 && status != 501 {
        tracing::error!(%method, path, status, micros, request_id = id, token, quirks, reason, "request");
    } else if path == "/healthz" || path == "/readyz" {
        tracing::debug!(%method, path, status, micros, request_id = id, "request");
    } else {
        tracing::info!(%method, path, status, micros, request_id = id, token, quirks, reason, "request");
    }
    response
}

#[expect(clippy::needless_pass_by_value, reason = "the layer hands the panic over")]
fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let text = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("unknown panic");
    Problem::from(crate::domain::Error::Internal(text.to_owned())).into_response()
}

async fn limit_headers(State(app): State<App>, request: Request, next: Next) -> Response {
    let limit = app.settings.header_limit;
    if size(request.headers(), request.uri()) <= limit {
        return next.run(request).await;
    }
    let detail =
        format!("The request line and headers are longer than {limit} bytes (header_limit_bytes)");
    Problem::from(ScimError::new(431, detail)).into_response()
}

/// What the request line and the headers take, nearly as on the wire.
fn size(headers: &HeaderMap, uri: &Uri) -> usize {
    let fields: usize =
        headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    let query = uri.query().map_or(0, str::len);
    fields + uri.path().len() + query
}

async fn limit_time(State(app): State<App>, request: Request, next: Next) -> Response {
    let limit = app.settings.timeout;
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let detail = format!(
                "The request took longer than {} seconds (request_timeout_seconds). A change may \
                 have been made: read the resource before you repeat it",
                limit.as_secs()
            );
            Problem::from(ScimError::new(503, detail)).into_response()
        }
    }
}

/// `/Users/` means `/Users` (H-06).
fn trim_slash(mut request: Request) -> Request {
    let path = request.uri().path();
    let trimmed = path.trim_end_matches('/');
    if trimmed.len() == path.len() || trimmed.is_empty() {
        return request;
    }
    let target = match request.uri().query() {
        Some(query) => format!("{trimmed}?{query}"),
        None => trimmed.to_owned(),
    };
    if let Ok(uri) = Uri::try_from(target) {
        *request.uri_mut() = uri;
    }
    request
}

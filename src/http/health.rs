//! For those who run the server: `/healthz` says that the process lives, `/readyz` that it can serve.

use std::sync::atomic::Ordering;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use serde_json::json;

use super::App;
use crate::telemetry;

/// 200 while the process lives; looks at nothing else, so that a database that is away restarts nobody.
pub(super) async fn alive() -> Response {
    answer(true, &json!({ "status": "ok", "version": telemetry::version() }))
}

/// 200 when the database answers and has every migration; 503 with the reason otherwise, and while
/// the server is stopping.
pub(super) async fn ready(State(app): State<App>) -> Response {
    if app.settings.draining.load(Ordering::Relaxed) {
        return answer(false, &json!({ "status": "stopping" }));
    }
    match app.service.ready().await {
        Ok(()) => answer(true, &json!({ "status": "ready", "database": "ok" })),
        Err(error) => {
            let reason = error.to_scim().detail;
            answer(false, &json!({ "status": "unavailable", "database": reason }))
        }
    }
}

fn answer(good: bool, body: &serde_json::Value) -> Response {
    let status = if good { 200 } else { 503 };
    let mut response = super::respond::json(status, body.to_string());
    let plain = header::HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, plain);
    response.into_response()
}

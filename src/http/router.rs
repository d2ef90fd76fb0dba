//! Every route, one line each.

use axum::Router;
use axum::routing::{any, get, post};

use super::scim::{discovery, groups, users};
use super::{App, SCIM_PATH, health, layers, respond};

/// The routes, with the layers around them.
pub(super) fn router(app: &App) -> Router {
    let node = Router::new()
        .route("/Users", get(users::list).post(users::create))
        .route(
            "/Users/{id}",
            get(users::get).put(users::replace).patch(users::patch).delete(users::delete),
        )
        .route("/Groups", get(groups::list).post(groups::create))
        .route(
            "/Groups/{id}",
            get(groups::get).put(groups::replace).patch(groups::patch).delete(groups::delete),
        )
        .route("/ServiceProviderConfig", get(discovery::service_provider_config))
        .route("/ResourceTypes", get(discovery::resource_types))
        .route("/ResourceTypes/{name}", get(discovery::resource_type))
        .route("/Schemas", get(discovery::schemas))
        .route("/Schemas/{urn}", get(discovery::schema))
        .route("/Bulk", post(discovery::not_offered))
        .route("/Me", any(discovery::not_offered));
    let router = Router::new()
        .nest(&format!("{SCIM_PATH}/{{node}}"), node)
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready))
        .fallback(respond::no_route)
        .method_not_allowed_fallback(respond::no_method)
        .with_state(app.clone());
    layers::around(router, app)
}

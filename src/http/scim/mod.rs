//! The SCIM endpoints of a node (RFC 7644 section 3): each handler calls one use case.

pub(super) mod discovery;
pub(super) mod groups;
pub(super) mod users;

use std::sync::Arc;

use axum::response::Response;

use super::extract::Scim;
use super::respond::{self, Problem};
use crate::domain::search;
use crate::scim::message::list_response_bytes;
use crate::scim::quirk::Quirks;
use crate::scim::resource_type::ResourceType;

/// A page of resources of a type.
async fn list(scim: &Scim, resource_type: &Arc<ResourceType>) -> Result<Response, Problem> {
    let view = scim.view(resource_type)?;
    let memberships = view.projection.includes(resource_type, "members")
        || view.projection.includes(resource_type, "groups");
    let query = scim.list_query(memberships)?;
    let page = search::list(scim.service(), &scim.actor, resource_type, &query).await?;
    let resources: Result<Vec<String>, _> =
        page.resources.iter().map(|resource| resource.to_json(&view)).collect();
    let body = list_response_bytes(page.total, page.start_index, &resources?);
    Ok(respond::json(200, body))
}

/// Logs the outcome of a use case with the token and what was put right for the client.
fn finish(
    scim: &Scim,
    quirks: &Quirks,
    outcome: Result<Response, Problem>,
) -> Result<Response, Problem> {
    match outcome {
        Ok(response) => Ok(respond::noted(response, scim.token(), quirks)),
        Err(problem) => Err(problem.by(scim.token())),
    }
}

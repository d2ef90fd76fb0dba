//! What the server offers (RFC 7644 section 4). What is said here is what happens.

use axum::response::Response;
use serde_json::Value;

use super::super::extract::Scim;
use super::super::respond::{self, Problem};
use super::finish;
use crate::domain::Error;
use crate::scim::error::ScimError;
use crate::scim::message::list_response;
use crate::scim::quirk::Quirks;
use crate::scim::schema::Schema;
use crate::scim::service_provider_config::ServiceProviderConfig;

pub(in crate::http) async fn service_provider_config(scim: Scim) -> Result<Response, Problem> {
    let config = ServiceProviderConfig {
        documentation_uri: None,
        bulk: None,
        max_results: scim.service().limits().max_results as u64,
    };
    one(&scim, Some(config.to_json(&scim.base_url)))
}

pub(in crate::http) async fn resource_types(scim: Scim) -> Result<Response, Problem> {
    let types = scim.service().registry().resource_types().iter();
    all(&scim, types.map(|resource_type| resource_type.to_json(&scim.base_url)).collect())
}

pub(in crate::http) async fn resource_type(scim: Scim) -> Result<Response, Problem> {
    let found = scim.service().registry().resource_type(&scim.id);
    one(&scim, found.map(|resource_type| resource_type.to_json(&scim.base_url)))
}

pub(in crate::http) async fn schemas(scim: Scim) -> Result<Response, Problem> {
    let schemas = scim.service().registry().schemas().iter();
    let schemas: Result<Vec<Value>, Error> =
        schemas.map(|schema| described(schema, &scim.base_url)).collect();
    all(&scim, schemas?)
}

pub(in crate::http) async fn schema(scim: Scim) -> Result<Response, Problem> {
    let found = scim.service().registry().schema(&scim.id);
    let found = found.map(|schema| described(schema, &scim.base_url)).transpose()?;
    one(&scim, found)
}

/// 501 for what the protocol has and this server does not offer (RFC 7644 sections 3.7 and 3.11).
pub(in crate::http) async fn not_offered(scim: Scim) -> Result<Response, Problem> {
    let error = ScimError::new(501, "This part of SCIM is not offered; see ServiceProviderConfig");
    finish(&scim, &Quirks::default(), Err(error.into()))
}

fn described(schema: &Schema, base_url: &str) -> Result<Value, Error> {
    schema.to_json(base_url).map_err(|error| Error::Internal(error.to_string()))
}

fn one(scim: &Scim, found: Option<Value>) -> Result<Response, Problem> {
    let outcome = unfiltered(scim).and_then(|()| {
        found.ok_or_else(|| ScimError::not_found(format!("There is no {:?} here", scim.id)))
    });
    let outcome = outcome.map(|body| respond::json(200, body.to_string()));
    finish(scim, &Quirks::default(), outcome.map_err(Problem::from))
}

/// All at once: paging parameters mean nothing here.
fn all(scim: &Scim, found: Vec<Value>) -> Result<Response, Problem> {
    let outcome = unfiltered(scim).map(|()| {
        let body = list_response(found.len() as u64, 1, found);
        respond::json(200, body.to_string())
    });
    finish(scim, &Quirks::default(), outcome.map_err(Problem::from))
}

/// Discovery cannot be filtered.
fn unfiltered(scim: &Scim) -> Result<(), ScimError> {
    if scim.has("filter") {
        return Err(ScimError::new(403, "Discovery cannot be filtered; leave the filter out"));
    }
    Ok(())
}

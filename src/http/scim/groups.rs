//! `/Groups` and `/Groups/{id}`. Members are read only when the answer shows them (K9).

use axum::response::Response;

use super::super::extract::{Body, Scim};
use super::super::respond::{self, Problem};
use super::finish;
use crate::domain::{View, groups};
use crate::scim::error::ScimError;
use crate::scim::quirk::Quirks;

pub(in crate::http) async fn list(scim: Scim) -> Result<Response, Problem> {
    let outcome = super::list(&scim, scim.service().group_type()).await;
    finish(&scim, &Quirks::default(), outcome)
}

pub(in crate::http) async fn create(scim: Scim, Body(body): Body) -> Result<Response, Problem> {
    let mut quirks = Quirks::default();
    let outcome = async {
        let (view, members) = view(&scim)?;
        let group = groups::create(scim.service(), &scim.actor, body, members, &mut quirks).await?;
        respond::resource(201, &group, &view)
    }
    .await;
    finish(&scim, &quirks, outcome)
}

pub(in crate::http) async fn get(scim: Scim) -> Result<Response, Problem> {
    let outcome = async {
        let (view, members) = view(&scim)?;
        let group = groups::get(scim.service(), &scim.actor, &scim.id, members).await?;
        if scim.if_none_match.matches(&group.etag()) {
            return Ok(respond::not_modified(&group, &view));
        }
        respond::resource(200, &group, &view)
    }
    .await;
    finish(&scim, &Quirks::default(), outcome)
}

pub(in crate::http) async fn replace(scim: Scim, Body(body): Body) -> Result<Response, Problem> {
    let mut quirks = Quirks::default();
    let outcome = async {
        let (view, members) = view(&scim)?;
        let how = (&scim.if_match, members);
        let (service, id) = (scim.service(), &scim.id);
        let group = groups::replace(service, &scim.actor, id, body, how, &mut quirks).await?;
        respond::resource(200, &group, &view)
    }
    .await;
    finish(&scim, &quirks, outcome)
}

/// 204, unless the request names `attributes`: the answer to adding one member to a large group must
/// not be the large group (K9).
pub(in crate::http) async fn patch(scim: Scim, Body(body): Body) -> Result<Response, Problem> {
    let mut quirks = Quirks::default();
    let outcome = async {
        let (view, members) = view(&scim)?;
        let (service, id) = (scim.service(), &scim.id);
        let if_match = &scim.if_match;
        let group = groups::patch(service, &scim.actor, id, &body, if_match, &mut quirks).await?;
        if !scim.has("attributes") {
            return Ok(respond::changed(&group, &view));
        }
        // Where only members changed, the document was not read under the version that was written.
        let group = groups::get(service, &scim.actor, id, members).await?;
        respond::resource(200, &group, &view)
    }
    .await;
    finish(&scim, &quirks, outcome)
}

pub(in crate::http) async fn delete(scim: Scim) -> Result<Response, Problem> {
    let deleted = groups::delete(scim.service(), &scim.actor, &scim.id, &scim.if_match).await;
    let outcome = deleted.map(|()| respond::no_content()).map_err(Problem::from);
    finish(&scim, &Quirks::default(), outcome)
}

/// The view, and whether it shows members.
fn view(scim: &Scim) -> Result<(View, bool), ScimError> {
    let resource_type = scim.service().group_type();
    let view = scim.view(resource_type)?;
    let members = view.projection.includes(resource_type, "members");
    Ok((view, members))
}

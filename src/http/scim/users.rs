//! `/Users` and `/Users/{id}`.

use axum::response::Response;

use super::super::extract::{Body, Scim};
use super::super::respond::{self, Problem};
use super::finish;
use crate::domain::users;
use crate::scim::quirk::Quirks;

pub(in crate::http) async fn list(scim: Scim) -> Result<Response, Problem> {
    let outcome = super::list(&scim, scim.service().user_type()).await;
    finish(&scim, &Quirks::default(), outcome)
}

pub(in crate::http) async fn create(scim: Scim, Body(body): Body) -> Result<Response, Problem> {
    let mut quirks = Quirks::default();
    let outcome = async {
        let view = scim.view(scim.service().user_type())?;
        let user = users::create(scim.service(), &scim.actor, body, &mut quirks).await?;
        respond::resource(201, &user, &view)
    }
    .await;
    finish(&scim, &quirks, outcome)
}

pub(in crate::http) async fn get(scim: Scim) -> Result<Response, Problem> {
    let outcome = async {
        let view = scim.view(scim.service().user_type())?;
        let user = users::get(scim.service(), &scim.actor, &scim.id).await?;
        if scim.if_none_match.matches(&user.etag()) {
            return Ok(respond::not_modified(&user, &view));
        }
        respond::resource(200, &user, &view)
    }
    .await;
    finish(&scim, &Quirks::default(), outcome)
}

pub(in crate::http) async fn replace(scim: Scim, Body(body): Body) -> Result<Response, Problem> {
    let mut quirks = Quirks::default();
    let outcome = async {
        let view = scim.view(scim.service().user_type())?;
        let (service, if_match) = (scim.service(), &scim.if_match);
        let user =
            users::replace(service, &scim.actor, &scim.id, body, if_match, &mut quirks).await?;
        respond::resource(200, &user, &view)
    }
    .await;
    finish(&scim, &quirks, outcome)
}

pub(in crate::http) async fn patch(scim: Scim, Body(body): Body) -> Result<Response, Problem> {
    let mut quirks = Quirks::default();
    let outcome = async {
        let view = scim.view(scim.service().user_type())?;
        let (service, if_match) = (scim.service(), &scim.if_match);
        let user =
            users::patch(service, &scim.actor, &scim.id, &body, if_match, &mut quirks).await?;
        respond::resource(200, &user, &view)
    }
    .await;
    finish(&scim, &quirks, outcome)
}

pub(in crate::http) async fn delete(scim: Scim) -> Result<Response, Problem> {
    let deleted = users::delete(scim.service(), &scim.actor, &scim.id, &scim.if_match).await;
    let outcome = deleted.map(|()| respond::no_content()).map_err(Problem::from);
    finish(&scim, &Quirks::default(), outcome)
}

//! The protocol, row by row of the RFC checklist: what any SCIM client may rely on. Where a Keeper rule decides
//! otherwise, the test says so.

mod create;
mod delete;
mod discovery;
mod errors;
mod etag;
mod filter;
mod filter_types;
mod paging;
mod patch;
mod patch_paths;
mod projection;
mod put;
mod resources;
mod retrieve;
mod sort;
mod tokens;
mod values;

use serde_json::Value;

/// The id of a resource.
pub(crate) fn id(resource: &Value) -> &str {
    resource["id"].as_str().expect("an id")
}

/// The path of a user.
pub(crate) fn user_path(user: &Value) -> String {
    format!("/Users/{}", id(user))
}

/// The path of a group.
pub(crate) fn group_path(group: &Value) -> String {
    format!("/Groups/{}", id(group))
}

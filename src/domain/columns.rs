//! Which attributes the database can answer itself. What is written into these columns is decided in
//! [`draft`](super::draft); `emails` is answered from the column of userName (K2).

use crate::scim::compare::Key;
use crate::scim::path::ResolvedPath;
use crate::storage::{Column, Order};

/// Columns of users.
pub(super) fn user(path: &ResolvedPath) -> Option<Column> {
    match names(path)? {
        ("userName", None) | ("emails", None | Some("value")) => Some(Column::NameKey),
        ("emails", Some("type")) => Some(Column::Constant(Key::Text("work".to_owned()))),
        ("emails", Some("primary")) => Some(Column::Constant(Key::Boolean(true))),
        ("active", None) => Some(Column::Active),
        ("groups", None | Some("value")) => Some(Column::GroupOfUser),
        ("meta", Some("resourceType")) => Some(Column::Constant(Key::Text("User".to_owned()))),
        _ => common(path),
    }
}

/// Columns of groups.
pub(super) fn group(path: &ResolvedPath) -> Option<Column> {
    match names(path)? {
        ("displayName", None) => Some(Column::NameKey),
        ("members", None | Some("value")) => Some(Column::MemberOfGroup),
        ("meta", Some("resourceType")) => Some(Column::Constant(Key::Text("Group".to_owned()))),
        _ => common(path),
    }
}

fn common(path: &ResolvedPath) -> Option<Column> {
    match names(path)? {
        ("id", None) => Some(Column::Id),
        ("externalId", None) => Some(Column::ExternalId),
        ("meta", Some("created")) => Some(Column::Created),
        ("meta", Some("lastModified")) => Some(Column::Modified),
        _ => None,
    }
}

/// The order by a column, where the database can sort by it as `scim::compare` would.
pub(super) fn order(column: Option<Column>, descending: bool) -> Option<Order> {
    match column? {
        Column::NameKey => Some(Order::by_name(descending)),
        Column::ExternalId => Some(Order::by_external_id(descending)),
        Column::Created => Some(Order::by_created(descending)),
        Column::Modified => Some(Order::by_modified(descending)),
        Column::Id
        | Column::Active
        | Column::GroupOfUser
        | Column::MemberOfGroup
        | Column::Constant(_) => None,
    }
}

fn names(path: &ResolvedPath) -> Option<(&str, Option<&str>)> {
    let sub_attribute = path.sub_attribute.as_ref().map(|sub| sub.name.as_str());
    path.extension.is_none().then_some((path.attribute.name.as_str(), sub_attribute))
}

//! Lists (RFC 7644 section 3.4.2): filter, order, page. What the database can decide it decides; the
//! rest is narrowed by it and held against `scim::filter`, a batch at a time, so that no list is ever
//! in memory as a whole.

use std::cmp::Ordering;
use std::collections::HashMap;
use std::sync::Arc;

use uuid::Uuid;

use super::actor::Actor;
use super::columns;
use super::error::Error;
use super::representation::{Representation, relation};
use super::service::Service;
use super::team;
use crate::scim::compare::{Key, sort_key};
use crate::scim::error::ScimError;
use crate::scim::filter::{Filter, ResolvedFilter};
use crate::scim::path::{AttributePath, Named, ResolvedPath};
use crate::scim::resource_type::ResourceType;
use crate::scim::schema::Returned;
use crate::storage::membership::Side;
use crate::storage::rows::{MembershipRow, ResourceRow};
use crate::storage::{Order, Scope, Selection};

/// Rows that are held against a filter at a time.
const BATCH: i64 = 500;

/// What a list request asks for.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// Filter text.
    pub filter: Option<String>,
    /// Attribute to sort by.
    pub sort_by: Option<String>,
    /// Whether the order is descending.
    pub descending: bool,
    /// 1-based index of the first resource; less than 1 means 1.
    pub start_index: Option<i64>,
    /// Most resources to send; negative means 0; none means as many as the server sends.
    pub count: Option<i64>,
    /// Base URL of the answers, as filters may ask for `meta.location`.
    pub base_url: String,
    /// Whether the answers show memberships.
    pub memberships: bool,
}

/// A page of a list.
#[derive(Debug, Clone)]
pub struct Page {
    /// All resources that match.
    pub total: u64,
    /// 1-based index of the first one in this page.
    pub start_index: u64,
    /// The resources of this page.
    pub resources: Vec<Representation>,
}

/// The resources of a type in the actor's node that match.
///
/// # Errors
/// 400 `invalidFilter` or `invalidValue`.
pub async fn list(
    service: &Service,
    actor: &Actor,
    resource_type: &Arc<ResourceType>,
    query: &Query,
) -> Result<Page, Error> {
    let search = Search { service, actor, resource_type, query };
    let filter = search.filter()?;
    let sort = search.sort_path()?;
    let columns = search.columns();
    let tenant = &actor.tenant;
    let scope = Scope {
        organization_id: tenant.organization_id,
        node_id: tenant.node_id,
        resource_type: &resource_type.name,
        hide_removed: tenant.method.hides_removed(),
    };
    let selection = service.store.selection(&scope, filter.as_ref(), columns);
    let order = match &sort {
        None => Some(Order::BY_ID),
        Some(path) => columns::order(columns(path), query.descending),
    };
    let first = query.start_index.unwrap_or(1).max(1);
    let most = i64::try_from(service.limits().max_results).unwrap_or(i64::MAX);
    let count = query.count.unwrap_or(most).clamp(0, most);
    let (total, rows) = match (order, &filter) {
        (Some(order), _) if selection.is_exact() => {
            search.exact(&selection, order, first, count).await?
        }
        (_, filter) => {
            search.scan(&selection, filter.as_ref(), sort.as_ref(), first, count).await?
        }
    };
    let resources = search.represent(rows).await?;
    let unsigned = |number: i64| u64::try_from(number).unwrap_or(0);
    Ok(Page { total: unsigned(total), start_index: unsigned(first), resources })
}

struct Search<'a> {
    service: &'a Service,
    actor: &'a Actor,
    resource_type: &'a Arc<ResourceType>,
    query: &'a Query,
}

impl Search<'_> {
    fn filter(&self) -> Result<Option<ResolvedFilter>, ScimError> {
        let Some(text) = &self.query.filter else {
            return Ok(None);
        };
        let limits = self.service.limits().patch.filter;
        Filter::parse(text, limits)?.resolve(self.resource_type).map(Some)
    }

    /// The attribute to sort by (RFC 7644 section 3.4.2.3).
    fn sort_path(&self) -> Result<Option<ResolvedPath>, ScimError> {
        let Some(text) = self.query.sort_by.as_deref().filter(|text| !text.trim().is_empty())
        else {
            return Ok(None);
        };
        let wrong = |reason: &str| ScimError::invalid_value(format!("sortBy={text}: {reason}"));
        let named = AttributePath::parse(text.trim())
            .and_then(|path| path.resolve(self.resource_type))
            .ok_or_else(|| wrong("there is no such attribute"))?;
        let path = match named {
            Named::Attribute(path) => path.comparable(),
            Named::Extension(_) => None,
        };
        let path = path.ok_or_else(|| wrong("name a sub-attribute; an object has no order"))?;
        if path.leaf().returned == Returned::Never || path.attribute.returned == Returned::Never {
            return Err(wrong("this attribute is never sent, so it gives no order"));
        }
        Ok(Some(path))
    }

    fn columns(&self) -> crate::storage::Columns {
        if self.side() == Side::Group { columns::group } else { columns::user }
    }

    fn side(&self) -> Side {
        relation(&self.resource_type.name).1
    }

    /// The database counts and cuts.
    async fn exact(
        &self,
        selection: &Selection,
        order: Order,
        first: i64,
        count: i64,
    ) -> Result<(i64, Vec<ResourceRow>), Error> {
        let store = &self.service.store;
        let rows = if count == 0 {
            Vec::new()
        } else {
            store.select(selection, order, first - 1, count).await?
        };
        let sent = i64::try_from(rows.len()).unwrap_or(i64::MAX);
        // A page that is not full, and not beyond the end, tells the total.
        let ends_here = sent < count && (sent > 0 || first == 1);
        let total = if ends_here { first - 1 + sent } else { store.count(selection).await? };
        Ok((total, rows))
    }

    /// Every row that the database could not rule out is held against the filter. Only the sort keys of
    /// all matches and the rows of the page are kept.
    async fn scan(
        &self,
        selection: &Selection,
        filter: Option<&ResolvedFilter>,
        sort: Option<&ResolvedPath>,
        first: i64,
        count: i64,
    ) -> Result<(i64, Vec<ResourceRow>), Error> {
        let store = &self.service.store;
        let shows = |path: &ResolvedPath| self.shows_memberships(path);
        let memberships =
            filter.is_some_and(|filter| filter.asks_for(&shows)) || sort.is_some_and(shows);
        let mut matches: Vec<(Option<Key>, Uuid)> = Vec::new();
        let mut after = None;
        loop {
            let batch = store.scan(selection, after, BATCH).await?;
            let Some(last) = batch.last() else {
                break;
            };
            after = Some(last.id);
            for representation in self.represent_with(batch, memberships).await? {
                let resource = representation.resource(&self.query.base_url)?;
                if filter.is_none_or(|filter| filter.matches(&resource)) {
                    let key = sort.and_then(|path| sort_key(path, &resource));
                    matches.push((key, representation.row.id));
                }
            }
        }
        if sort.is_some() {
            matches.sort_by(|a, b| by_key(a, b, self.query.descending));
        }
        let total = i64::try_from(matches.len()).unwrap_or(i64::MAX);
        let skip = usize::try_from(first - 1).unwrap_or(usize::MAX);
        let take = usize::try_from(count).unwrap_or(0);
        let ids: Vec<Uuid> = matches.into_iter().skip(skip).take(take).map(|(_, id)| id).collect();
        let rows = store.resources(self.actor.tenant.organization_id, &ids).await?;
        let mut rows: HashMap<Uuid, ResourceRow> =
            rows.into_iter().map(|row| (row.id, row)).collect();
        Ok((total, ids.iter().filter_map(|id| rows.remove(id)).collect()))
    }

    /// Whether the attribute says something about memberships: itself, or the version that covers them.
    fn shows_memberships(&self, path: &ResolvedPath) -> bool {
        let (relation, _) = relation(&self.resource_type.name);
        [relation, "meta"].contains(&path.attribute.name.as_str())
    }

    /// Users are always shown with their groups, which their version covers.
    async fn represent(&self, rows: Vec<ResourceRow>) -> Result<Vec<Representation>, Error> {
        let memberships = self.query.memberships || self.side() == Side::User;
        self.represent_with(rows, memberships).await
    }

    /// The memberships of all rows are one read.
    async fn represent_with(
        &self,
        rows: Vec<ResourceRow>,
        memberships: bool,
    ) -> Result<Vec<Representation>, Error> {
        let mut by_owner: HashMap<Uuid, Vec<MembershipRow>> = HashMap::new();
        if memberships {
            let owners: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
            for row in team::read_all(self.service, self.actor, self.side(), &owners).await? {
                by_owner.entry(row.owner_id).or_default().push(row);
            }
        }
        let represent = |row: ResourceRow| Representation {
            resource_type: Arc::clone(self.resource_type),
            memberships: memberships.then(|| by_owner.remove(&row.id).unwrap_or_default()),
            row,
        };
        Ok(rows.into_iter().map(represent).collect())
    }
}

/// Missing values come last when ascending, first when descending; ids make the order total.
fn by_key(a: &(Option<Key>, Uuid), b: &(Option<Key>, Uuid), descending: bool) -> Ordering {
    let ascending = match (&a.0, &b.0) {
        (Some(one), Some(other)) => one.cmp(other),
        (one, other) => other.is_some().cmp(&one.is_some()),
    };
    let ascending = ascending.then(a.1.cmp(&b.1));
    if descending { ascending.reverse() } else { ascending }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// O-04: a missing value is last when ascending and first when descending.
    #[test]
    fn missing_values_have_their_place() {
        let row = |key: Option<&str>, id: u128| {
            (key.map(|text| Key::Text(text.to_owned())), Uuid::from_u128(id))
        };
        let mut rows = [row(None, 1), row(Some("b"), 2), row(Some("a"), 3), row(Some("a"), 4)];
        let ids = |rows: &[(Option<Key>, Uuid)]| -> Vec<u128> {
            rows.iter().map(|(_, id)| id.as_u128()).collect()
        };
        rows.sort_by(|a, b| by_key(a, b, false));
        assert_eq!(ids(&rows), [3, 4, 2, 1]);
        rows.sort_by(|a, b| by_key(a, b, true));
        assert_eq!(ids(&rows), [1, 2, 4, 3]);
    }
}

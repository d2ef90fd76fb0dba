//! Lists: which resources, in which order, from where. Exact selections are counted and cut by the
//! database; others are scanned in the order of ids, a batch at a time.

use uuid::Uuid;

use super::engine::{Arg, Sql};
use super::filter_sql::{Columns, Condition, Narrowing};
use super::resource::COLUMNS;
use super::rows::ResourceRow;
use super::{StorageError, Store};
use crate::scim::filter::ResolvedFilter;

/// Which resources a query is about.
#[derive(Debug, Clone)]
pub struct Selection {
    /// What the database decides.
    condition: Condition,
}

/// What the database can order by. Missing values come last when ascending and first when
/// descending (RFC 7644 section 3.4.2.3); ids make the order total.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Order {
    column: Option<&'static str>,
    descending: bool,
}

/// The scope of a selection.
#[derive(Debug, Clone)]
pub struct Scope<'a> {
    /// Organization.
    pub organization_id: i64,
    /// Node.
    pub node_id: i64,
    /// Name of the resource type.
    pub resource_type: &'a str,
    /// Whether users whom the identity provider removed are left out (K3, `hidden`).
    pub hide_removed: bool,
}

impl Order {
    /// By id, which is the order of creation.
    pub const BY_ID: Self = Self { column: None, descending: false };

    /// By the name of the resources.
    pub fn by_name(descending: bool) -> Self {
        Self { column: Some("name_key"), descending }
    }

    /// By `externalId`.
    pub fn by_external_id(descending: bool) -> Self {
        Self { column: Some("external_id"), descending }
    }

    /// By time of creation.
    pub fn by_created(descending: bool) -> Self {
        Self { column: Some("created_at"), descending }
    }

    /// By time of the last change.
    pub fn by_modified(descending: bool) -> Self {
        Self { column: Some("modified_at"), descending }
    }

    fn text(self) -> String {
        let direction = if self.descending { " DESC" } else { "" };
        let nulls = if self.descending { " NULLS FIRST" } else { " NULLS LAST" };
        match self.column {
            Some(column) => format!("{column}{direction}{nulls}, id{direction}"),
            None => format!("id{direction}"),
        }
    }
}

impl Selection {
    /// Whether the database decides alone; else each row must be held against the filter.
    pub fn is_exact(&self) -> bool {
        self.condition.exact
    }

    fn sql(&self, select: &str, rest: &str) -> Sql {
        let text = format!("SELECT {select} FROM resource WHERE {}{rest}", self.condition.text);
        Sql::with(text, self.condition.args.clone())
    }

    fn next_parameter(&self) -> usize {
        self.condition.args.len() + 1
    }
}

impl Store {
    /// The selection of what a filter means within a scope, or of everything in it.
    pub fn selection(
        &self,
        scope: &Scope<'_>,
        filter: Option<&ResolvedFilter>,
        columns: Columns,
    ) -> Selection {
        let args = vec![
            Arg::from(scope.organization_id),
            Arg::from(scope.node_id),
            Arg::from(scope.resource_type),
        ];
        let mut text = "organization_id = $1 AND node_id = $2 AND resource_type = $3 \
             AND erased_at IS NULL"
            .to_owned();
        if scope.hide_removed {
            text.push_str(" AND idp_lock <> 2");
        }
        let dialect = self.db.dialect();
        let mut narrowing = Narrowing { columns, dialect, hide_removed: scope.hide_removed, args };
        let narrowed = filter.map(|filter| narrowing.narrow(filter));
        let exact = match narrowed {
            None => true,
            Some(None) => false,
            Some(Some((condition, exact))) => {
                text.push_str(" AND ");
                text.push_str(&condition);
                exact
            }
        };
        Selection { condition: Condition { text, args: narrowing.args, exact } }
    }

    /// How many rows a selection has.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn count(&self, selection: &Selection) -> Result<i64, StorageError> {
        let (count,): (i64,) = self.db.fetch_one(selection.sql("COUNT(*)", "")).await?;
        Ok(count)
    }

    /// Rows of a selection in an order, from an offset.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn select(
        &self,
        selection: &Selection,
        order: Order,
        offset: i64,
        limit: i64,
    ) -> Result<Vec<ResourceRow>, StorageError> {
        let n = selection.next_parameter();
        let rest = format!(" ORDER BY {} LIMIT ${n} OFFSET ${}", order.text(), n + 1);
        self.db.fetch_all(selection.sql(COLUMNS, &rest).bind(limit).bind(offset)).await
    }

    /// The next rows of a selection in the order of ids, after one of them.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn scan(
        &self,
        selection: &Selection,
        after: Option<Uuid>,
        limit: i64,
    ) -> Result<Vec<ResourceRow>, StorageError> {
        let n = selection.next_parameter();
        let rest = format!(" AND id > ${n} ORDER BY id LIMIT ${}", n + 1);
        let sql = selection.sql(COLUMNS, &rest).bind(after.unwrap_or(Uuid::nil())).bind(limit);
        self.db.fetch_all(sql).await
    }

    /// Rows by their ids, in no order.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn resources(
        &self,
        organization_id: i64,
        ids: &[Uuid],
    ) -> Result<Vec<ResourceRow>, StorageError> {
        let text = format!(
            "SELECT {COLUMNS} FROM resource WHERE organization_id = $1 AND {}",
            self.db.dialect().is_one_of("id", 2)
        );
        let ids = serde_json::json!(ids).to_string();
        self.db.fetch_all(Sql::new(text).bind(organization_id).bind(ids)).await
    }
}

#[cfg(test)]
mod tests;

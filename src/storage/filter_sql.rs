//! Filters to SQL conditions. The meaning of a filter is `scim::filter::eval`; what is made here
//! selects exactly the same rows, or more of them and says so.

use uuid::Uuid;

use super::dialect::Dialect;
use super::engine::Arg;
use super::membership::Side;
use crate::scim::compare::Key;
use crate::scim::filter::{CompareOp, ResolvedFilter};
use crate::scim::path::ResolvedPath;

/// How storage knows an attribute.
#[derive(Debug, Clone, PartialEq)]
pub enum Column {
    /// The `id`.
    Id,
    /// The comparison key of the resource's name.
    NameKey,
    /// `externalId`.
    ExternalId,
    /// Whether the user is not locked.
    Active,
    /// Time of creation.
    Created,
    /// Time of the last change.
    Modified,
    /// Id of a group that the user is a member of.
    GroupOfUser,
    /// Id of a user that is a member of the group.
    MemberOfGroup,
    /// The same value in every resource of the type.
    Constant(Key),
}

/// Tells which attributes of a resource type are columns. Its owner is whoever decides what is
/// written into the columns.
pub type Columns = fn(&ResolvedPath) -> Option<Column>;

/// A condition; parameters start at the number after those that were there before.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Condition {
    pub(super) text: String,
    pub(super) args: Vec<Arg>,
    /// Whether it selects exactly what the filter means.
    pub(super) exact: bool,
}

/// Makes conditions out of filters.
pub(super) struct Narrowing {
    pub(super) columns: Columns,
    pub(super) dialect: Dialect,
    /// Whether members whom the identity provider removed count as none (K3, `hidden`).
    pub(super) hide_removed: bool,
    pub(super) args: Vec<Arg>,
}

/// Text of a condition and whether it is exact; `None` when nothing can be said about the rows.
type Narrowed = Option<(String, bool)>;

impl Narrowing {
    /// The condition for a filter. `self.args` holds the arguments that come before, and gets more.
    pub(super) fn narrow(&mut self, filter: &ResolvedFilter) -> Narrowed {
        match filter {
            ResolvedFilter::And(parts) => self.all(parts),
            ResolvedFilter::Or(parts) => self.any(parts),
            ResolvedFilter::Not(part) => {
                let before = self.args.len();
                match self.narrow(part) {
                    // COALESCE: a comparison with a missing value is false, and its negation true.
                    Some((text, true)) => Some((format!("NOT COALESCE({text}, FALSE)"), true)),
                    _ => self.give_up(before),
                }
            }
            ResolvedFilter::Compare { path, op, value, .. } => {
                let column = (self.columns)(path)?;
                self.compare(&column, *op, value).map(|text| (text, true))
            }
            ResolvedFilter::Present(path) => Some((self.present(&(self.columns)(path)?), true)),
            ResolvedFilter::Element { path, filter } => self.element(path, filter),
        }
    }

    /// What can be said about some parts narrows the whole.
    fn all(&mut self, parts: &[ResolvedFilter]) -> Narrowed {
        let mut exact = true;
        let mut texts = Vec::new();
        for part in parts {
            match self.narrow(part) {
                Some((text, part_exact)) => {
                    exact &= part_exact;
                    texts.push(text);
                }
                None => exact = false,
            }
        }
        (!texts.is_empty()).then(|| (format!("({})", texts.join(" AND ")), exact))
    }

    /// Something must be said about every part.
    fn any(&mut self, parts: &[ResolvedFilter]) -> Narrowed {
        let before = self.args.len();
        let mut exact = true;
        let mut texts = Vec::new();
        for part in parts {
            let Some((text, part_exact)) = self.narrow(part) else {
                return self.give_up(before);
            };
            exact &= part_exact;
            texts.push(text);
        }
        Some((format!("({})", texts.join(" OR ")), exact))
    }

    /// Takes back the arguments of a text that is not used.
    fn give_up(&mut self, before: usize) -> Narrowed {
        self.args.truncate(before);
        None
    }

    fn element(&mut self, outer: &ResolvedPath, filter: &ResolvedFilter) -> Narrowed {
        let flat = flatten(outer, filter);
        if !mentions_membership(&flat, self.columns) {
            return self.narrow(&flat);
        }
        match flat {
            ResolvedFilter::Compare { .. } | ResolvedFilter::Present(_) => self.narrow(&flat),
            // Each condition may be met by another membership, so they only narrow. A negated one
            // does not: where one membership is another one, this one may be there too.
            ResolvedFilter::And(mut parts) => {
                parts.retain(|part| !negates(part));
                self.all(&parts).map(|(text, _)| (text, false))
            }
            _ => None,
        }
    }

    fn parameter(&mut self, value: impl Into<Arg>) -> usize {
        self.args.push(value.into());
        self.args.len()
    }

    fn compare(&mut self, column: &Column, op: CompareOp, value: &Key) -> Option<String> {
        match (column, value) {
            (Column::Constant(constant), _) => Some(truth(op.holds(constant, value))),
            (Column::NameKey, Key::Text(text)) => self.text("name_key", op, text),
            (Column::ExternalId, Key::Text(text)) => self.text("external_id", op, text),
            (Column::Id, Key::Text(text)) => {
                let id = canonical_id(text);
                match (op, id) {
                    (CompareOp::Eq, Some(id)) => {
                        let n = self.parameter(id);
                        Some(format!("id = ${n}"))
                    }
                    (CompareOp::Eq, None) => Some(truth(false)),
                    _ => None,
                }
            }
            (Column::Active, Key::Boolean(value)) => match op {
                CompareOp::Eq => Some(active(*value)),
                CompareOp::Ne => Some(active(!*value)),
                _ => None,
            },
            (Column::Created, Key::Instant(at)) => self.ordered("created_at", op, *at),
            (Column::Modified, Key::Instant(at)) => self.ordered("modified_at", op, *at),
            (Column::GroupOfUser, Key::Text(text)) => self.membership(Side::User, op, text),
            (Column::MemberOfGroup, Key::Text(text)) => self.membership(Side::Group, op, text),
            _ => None,
        }
    }

    fn text(&mut self, column: &str, op: CompareOp, text: &str) -> Option<String> {
        if text.contains('\0') {
            // No stored text holds U+0000, and Postgres takes none as a parameter.
            return None;
        }
        let mut plain = |operator: &str| {
            let n = self.parameter(text);
            format!("{column} {operator} ${n}")
        };
        Some(match op {
            CompareOp::Eq => plain("="),
            CompareOp::Ne => format!("({column} IS NULL OR {})", plain("<>")),
            CompareOp::Gt => plain(">"),
            CompareOp::Ge => plain(">="),
            CompareOp::Lt => plain("<"),
            CompareOp::Le => plain("<="),
            CompareOp::Co | CompareOp::Sw if text.is_empty() => format!("{column} IS NOT NULL"),
            CompareOp::Co => {
                let n = self.parameter(text);
                self.dialect.contains(column, n)
            }
            CompareOp::Sw => {
                // A range is what the index can use.
                let low = self.parameter(text);
                let from = format!("{column} >= ${low}");
                match end_of_prefix(text) {
                    Some(end) => format!("({from} AND {column} < ${})", self.parameter(end)),
                    None => from,
                }
            }
            CompareOp::Ew => return None,
        })
    }

    fn ordered(&mut self, column: &str, op: CompareOp, value: i64) -> Option<String> {
        let operator = match op {
            CompareOp::Eq => "=",
            CompareOp::Ne => "<>",
            CompareOp::Gt => ">",
            CompareOp::Ge => ">=",
            CompareOp::Lt => "<",
            CompareOp::Le => "<=",
            CompareOp::Co | CompareOp::Sw | CompareOp::Ew => return None,
        };
        let n = self.parameter(value);
        Some(format!("{column} {operator} ${n}"))
    }

    fn membership(&mut self, side: Side, op: CompareOp, id: &str) -> Option<String> {
        if op != CompareOp::Eq {
            return None;
        }
        let Some(id) = canonical_id(id) else {
            return Some(truth(false));
        };
        let n = self.parameter(id);
        let (_, other) = side.columns();
        Some(self.members(side, &format!(" AND {other} = ${n}")))
    }

    /// Has a membership that meets `condition`.
    fn members(&self, side: Side, condition: &str) -> String {
        let (own, other) = side.columns();
        let hidden = if self.hide_removed { " AND seen.idp_lock <> 2" } else { "" };
        let seen = format!(
            " AND (SELECT seen.erased_at IS NULL{hidden} FROM resource AS seen \
             WHERE seen.organization_id = $1 AND seen.id = {other})"
        );
        let select =
            format!("SELECT {own} FROM membership WHERE organization_id = $1{condition}{seen}");
        if condition.is_empty() {
            format!("id IN ({select})")
        } else {
            self.dialect.is_in("id", &select)
        }
    }

    fn present(&self, column: &Column) -> String {
        match column {
            Column::ExternalId => "external_id IS NOT NULL".to_owned(),
            Column::GroupOfUser => self.members(Side::User, ""),
            Column::MemberOfGroup => self.members(Side::Group, ""),
            Column::NameKey
            | Column::Id
            | Column::Active
            | Column::Created
            | Column::Modified
            | Column::Constant(_) => truth(true),
        }
    }
}

/// Ids are compared exactly, so only the canonical spelling of a UUID can be equal to one.
fn canonical_id(text: &str) -> Option<Uuid> {
    Uuid::try_parse(text).ok().filter(|id| id.to_string() == text)
}

/// The first text behind all that start with `prefix`, in the order of code points; `None` when none is.
fn end_of_prefix(prefix: &str) -> Option<String> {
    let mut end = prefix.to_owned();
    while let Some(last) = end.pop() {
        if let Some(next) = (last..=char::MAX).nth(1) {
            end.push(next);
            return Some(end);
        }
    }
    None
}

fn truth(value: bool) -> String {
    if value { "1 = 1" } else { "1 = 0" }.to_owned()
}

fn active(value: bool) -> String {
    let text = "(NOT admin_locked AND idp_lock = 0)";
    if value { text.to_owned() } else { format!("NOT {text}") }
}

/// `outer[inner]` with the inner names joined to the outer one.
fn flatten(outer: &ResolvedPath, filter: &ResolvedFilter) -> ResolvedFilter {
    let join = |inner: &ResolvedPath| ResolvedPath {
        extension: outer.extension.clone(),
        attribute: outer.attribute.clone(),
        sub_attribute: Some(inner.attribute.clone()),
    };
    let each = |parts: &[ResolvedFilter]| parts.iter().map(|part| flatten(outer, part)).collect();
    match filter {
        ResolvedFilter::And(parts) => ResolvedFilter::And(each(parts)),
        ResolvedFilter::Or(parts) => ResolvedFilter::Or(each(parts)),
        ResolvedFilter::Not(part) => ResolvedFilter::Not(Box::new(flatten(outer, part))),
        ResolvedFilter::Present(path) => ResolvedFilter::Present(join(path)),
        ResolvedFilter::Compare { path, op, value, literal } => ResolvedFilter::Compare {
            path: join(path),
            op: *op,
            value: value.clone(),
            literal: literal.clone(),
        },
        // Brackets do not nest; the parser refuses it.
        ResolvedFilter::Element { .. } => filter.clone(),
    }
}

fn negates(filter: &ResolvedFilter) -> bool {
    match filter {
        ResolvedFilter::And(parts) | ResolvedFilter::Or(parts) => parts.iter().any(negates),
        ResolvedFilter::Not(_) => true,
        _ => false,
    }
}

fn mentions_membership(filter: &ResolvedFilter, columns: Columns) -> bool {
    filter.asks_for(&|path| {
        matches!(columns(path), Some(Column::GroupOfUser | Column::MemberOfGroup))
    })
}

#[cfg(test)]
mod tests;

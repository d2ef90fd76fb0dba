//! What a filter means (RFC 7644 section 3.4.2.2). Storage may answer faster, never differently.
//!
//! | | unassigned | one value | several values |
//! |---|---|---|---|
//! | `ne` | true | differs | some value differs |
//! | `pr` | false | not empty | some value is not empty |
//! | others | false | holds | some value holds |

use std::sync::Arc;

use serde_json::Value;

use super::{CompareOp, ResolvedFilter};
use crate::scim::compare::{Key, key};
use crate::scim::path::{ResolvedPath, flat, part_of};
use crate::scim::resource::Resource;
use crate::scim::schema::{Attribute, Type};

impl ResolvedFilter {
    /// Whether a resource fulfils the filter.
    pub fn matches(&self, resource: &Resource) -> bool {
        self.holds(&|path, absent| path.values_or(resource, absent))
    }

    /// Whether one element of a multi-valued attribute fulfils the filter of the brackets: an object,
    /// or a simple value that the filter calls `value`.
    pub fn matches_value(&self, element: &Value) -> bool {
        self.holds(&|path, absent| match element {
            Value::Object(_) => part_of(element, &path.attribute, absent).collect(),
            simple => flat(Some(simple).filter(|_| path.attribute.name == "value")).collect(),
        })
    }

    /// The sub-attributes and values of a filter that consists of `eq` joined by `and`: what an
    /// element must hold to be selected by it. Values are as they were written, booleans as booleans.
    /// `None` for any other filter.
    pub fn eq_terms(&self) -> Option<Vec<(Arc<Attribute>, Value)>> {
        match self {
            Self::And(parts) => {
                let terms: Option<Vec<_>> = parts.iter().map(Self::eq_terms).collect();
                Some(terms?.concat())
            }
            Self::Compare { path, op: CompareOp::Eq, value, literal } => {
                let value = match value {
                    Key::Boolean(truth) => Value::Bool(*truth),
                    _ => Value::from(literal),
                };
                Some(vec![(Arc::clone(path.leaf()), value)])
            }
            _ => None,
        }
    }

    /// `values` gives what an attribute holds where the filter is asked, with a stand-in for parts that
    /// an element does not have.
    fn holds<'v>(&self, values: &impl Fn(&ResolvedPath, StandIn) -> Vec<&'v Value>) -> bool {
        match self {
            Self::And(parts) => parts.iter().all(|part| part.holds(values)),
            Self::Or(parts) => parts.iter().any(|part| part.holds(values)),
            Self::Not(part) => !part.holds(values),
            Self::Present(path) => values(path, None).into_iter().any(is_present),
            Self::Element { path, filter } => {
                values(path, None).into_iter().any(|element| filter.matches_value(element))
            }
            Self::Compare { path, op, value, .. } => {
                let values = values(path, stand_in(path.leaf()));
                let unassigned = values.is_empty() && *op == CompareOp::Ne;
                let leaf = path.leaf();
                unassigned || values.iter().any(|actual| compare(leaf, actual, *op, value))
            }
        }
    }
}

type StandIn = Option<&'static Value>;

/// An element without `primary` is not primary (RFC 7643 section 2.4).
fn stand_in(attribute: &Attribute) -> StandIn {
    static NOT_PRIMARY: Value = Value::Bool(false);
    (attribute.kind == Type::Boolean && attribute.name == "primary").then_some(&NOT_PRIMARY)
}

/// Not empty (RFC 7644 table 3): text with a character, an object with a value that is not empty.
fn is_present(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(values) => values.iter().any(is_present),
        Value::Object(parts) => parts.values().any(is_present),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

fn compare(attribute: &Attribute, actual: &Value, op: CompareOp, wanted: &Key) -> bool {
    match key(attribute, actual) {
        Some(actual) => op.holds(&actual, wanted),
        None => op == CompareOp::Ne,
    }
}

impl CompareOp {
    /// Whether a comparison of two keys of one attribute holds.
    pub fn holds(self, actual: &Key, wanted: &Key) -> bool {
        let on_text = |test: fn(&str, &str) -> bool| match (actual, wanted) {
            (Key::Text(actual), Key::Text(wanted)) => test(actual, wanted),
            _ => false,
        };
        match self {
            Self::Eq => actual == wanted,
            Self::Ne => actual != wanted,
            Self::Gt => actual > wanted,
            Self::Ge => actual >= wanted,
            Self::Lt => actual < wanted,
            Self::Le => actual <= wanted,
            Self::Co => on_text(|actual, wanted| actual.contains(wanted)),
            Self::Sw => on_text(|actual, wanted| actual.starts_with(wanted)),
            Self::Ew => on_text(|actual, wanted| actual.ends_with(wanted)),
        }
    }
}

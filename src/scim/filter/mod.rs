//! Filters (RFC 7644 section 3.4.2.2): text -> [`Filter`] -> [`ResolvedFilter`] -> truth.
//!
//! [`ResolvedFilter::matches`] is the definition of what a filter means; storage may answer faster,
//! never differently.

mod display;
mod eval;
mod lexer;
mod parse;
mod resolve;

use super::compare::Key;
use super::path::{AttributePath, ResolvedPath};

/// What a filter may cost (RFC 7644 section 7.7). Both bounds hold before any work is done, so that no
/// text can exhaust the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FilterLimits {
    /// Longest text, in bytes.
    pub length: usize,
    /// Deepest nesting of parentheses and brackets.
    pub depth: usize,
}

impl Default for FilterLimits {
    fn default() -> Self {
        Self { length: 8192, depth: 50 }
    }
}

/// A filter as it was written.
#[derive(Debug, Clone, PartialEq)]
pub enum Filter {
    /// Every part holds.
    And(Vec<Filter>),
    /// Some part holds.
    Or(Vec<Filter>),
    /// The part does not hold.
    Not(Box<Filter>),
    /// `attribute op value`.
    Compare {
        /// Left side.
        path: AttributePath,
        /// Operator.
        op: CompareOp,
        /// Right side.
        value: Literal,
    },
    /// `attribute pr`.
    Present(AttributePath),
    /// `attribute[filter]`: one element fulfils the whole inner filter.
    Element {
        /// The multi-valued attribute.
        path: AttributePath,
        /// Inner filter over its sub-attributes.
        filter: Box<Filter>,
    },
}

/// Comparison operator (RFC 7644 table 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CompareOp {
    /// Equal.
    Eq,
    /// Not equal.
    Ne,
    /// Contains.
    Co,
    /// Starts with.
    Sw,
    /// Ends with.
    Ew,
    /// Greater than.
    Gt,
    /// Greater than or equal.
    Ge,
    /// Less than.
    Lt,
    /// Less than or equal.
    Le,
}

/// A comparison value as it was written.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// JSON string.
    Text(String),
    /// JSON number.
    Number(serde_json::Number),
    /// `true` or `false`.
    Boolean(bool),
    /// `null`.
    Null,
}

impl ResolvedFilter {
    /// Whether some attribute that the filter asks for passes a test. Within brackets the attribute in front
    /// of them is asked for.
    pub fn asks_for(&self, test: &impl Fn(&ResolvedPath) -> bool) -> bool {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().any(|part| part.asks_for(test)),
            Self::Not(part) => part.asks_for(test),
            Self::Compare { path, .. } | Self::Present(path) | Self::Element { path, .. } => {
                test(path)
            }
        }
    }
}

/// A filter bound to a resource type: every name is an attribute, every value fits its type.
#[derive(Debug, Clone, PartialEq)]
pub enum ResolvedFilter {
    /// Every part holds.
    And(Vec<ResolvedFilter>),
    /// Some part holds.
    Or(Vec<ResolvedFilter>),
    /// The part does not hold.
    Not(Box<ResolvedFilter>),
    /// `attribute op value`; the value is a comparison key of the attribute's type and case rule.
    /// `eq null` and `ne null` do not occur: they are resolved to [`ResolvedFilter::Present`].
    Compare {
        /// Left side.
        path: ResolvedPath,
        /// Operator.
        op: CompareOp,
        /// Right side.
        value: Key,
        /// Right side as it was written, for those who need it with its case.
        literal: Literal,
    },
    /// `attribute pr`.
    Present(ResolvedPath),
    /// `attribute[filter]`. Paths of the inner filter have `extension: None`, the sub-attribute as
    /// their `attribute`, and no `sub_attribute`.
    Element {
        /// The multi-valued (or single-valued) complex attribute.
        path: ResolvedPath,
        /// Inner filter.
        filter: Box<ResolvedFilter>,
    },
}

#[cfg(test)]
mod fuzz_tests;
#[cfg(test)]
mod tests;

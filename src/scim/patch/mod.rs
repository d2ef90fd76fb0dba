//! PATCH (RFC 7644 section 3.5.2): body -> [`RawOperation`]s -> [`Operation`]s -> a changed resource.
//!
//! [`parse`] reads the envelope, [`resolve`] binds every operation to the schemas, and [`apply`] changes
//! a resource. What clients send against the RFC is put into standard form on the way, by one named
//! function of `rewrite` per quirk, so that [`apply`] knows standard operations only. Attributes whose
//! values are rows of their own, such as memberships, leave the stream at [`partition`].

mod apply;
mod elements;
mod parse;
mod relation;
mod resolve;
mod rewrite;

use serde_json::Value;

pub use apply::{apply, apply_one};
pub use parse::parse;
pub use relation::{RelationChange, RelationOperation, partition, relation_ids};
pub use resolve::resolve;

use super::filter::FilterLimits;
use super::path::PatchTarget;

/// URN of the PATCH message (RFC 7644 section 3.5.2).
pub const PATCH_URN: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

/// What an operation does (RFC 7644 section 3.5.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OperationKind {
    /// Adds values, or sets a single value (section 3.5.2.1).
    Add,
    /// Takes values away (section 3.5.2.2).
    Remove,
    /// Puts values in the place of others (section 3.5.2.3).
    Replace,
}

/// How much a PATCH request may hold.
#[derive(Debug, Clone, Copy)]
pub struct PatchLimits {
    /// Most operations in one request, the setting `patch_operations`.
    pub operations: usize,
    /// Limits of the filters in paths.
    pub filter: FilterLimits,
}

/// An operation as it was sent, its path still text.
#[derive(Debug, Clone, PartialEq)]
pub struct RawOperation {
    /// What it does.
    pub kind: OperationKind,
    /// Its path, if it has one.
    pub path: Option<String>,
    /// Its value; `Some(Value::Null)` where null was sent.
    pub value: Option<Value>,
}

/// An operation in standard form, bound to a resource type.
#[derive(Debug, Clone, PartialEq)]
pub struct Operation {
    /// What it does.
    pub kind: OperationKind,
    /// What it does it to. A whole extension occurs with [`OperationKind::Remove`] only.
    pub target: PatchTarget,
    /// The value, as the client sent it: [`apply`] fits it to the attribute. Never null; always there for
    /// add and replace; for remove, the only values to take away from a multi-valued attribute.
    pub value: Option<Value>,
    /// Whether the target was a key of a value without a path, where clients repeat what they have read.
    pub implied: bool,
    /// Whether it removes because the client sent an empty text as the value.
    pub emptied: bool,
    /// Position in the request, from 0.
    pub index: usize,
}

#[cfg(test)]
mod tests;

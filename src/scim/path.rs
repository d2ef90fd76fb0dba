//! Attribute paths (RFC 7644 section 3.10): one notation for filters, `attributes=`, `sortBy` and PATCH.
//!
//! A path is first text ([`AttributePath`]), then bound to a resource type ([`ResolvedPath`]). Only the
//! second reaches evaluation, storage and PATCH.

use std::sync::Arc;

use super::filter::{Filter, ResolvedFilter};
use super::schema::Attribute;

/// An attribute as a client wrote it: `[URN ":"] name ["." sub-attribute]`, or a bare extension URN.
/// Where the URN ends is only known once the schemas are (a URN holds dots and colons).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributePath(pub String);

/// The `path` of a PATCH operation as a client wrote it (RFC 7644 figure 7).
#[derive(Debug, Clone, PartialEq)]
pub struct PatchPath {
    /// The attribute, with its sub-attribute where no filter stands between them.
    pub attribute: AttributePath,
    /// The filter in brackets.
    pub filter: Option<Filter>,
    /// The sub-attribute behind the brackets.
    pub sub_attribute: Option<String>,
}

/// An attribute bound to a resource type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolvedPath {
    /// URN of the extension that holds the attribute, as its schema spells it; `None` for core and
    /// common attributes.
    pub extension: Option<String>,
    /// The attribute.
    pub attribute: Arc<Attribute>,
    /// The sub-attribute of a complex attribute.
    pub sub_attribute: Option<Arc<Attribute>>,
}

/// What a path names: an attribute, or a whole extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// An attribute or sub-attribute.
    Attribute(ResolvedPath),
    /// All attributes of the extension with this URN.
    Extension(String),
}

/// The target of a PATCH operation, bound to a resource type.
#[derive(Debug, Clone, PartialEq)]
pub enum PatchTarget {
    /// All attributes of the extension with this URN.
    Extension(String),
    /// An attribute, with or without brackets and a sub-attribute.
    Attribute {
        /// The attribute (and the sub-attribute, with or without brackets between them).
        path: ResolvedPath,
        /// Selects elements of a multi-valued attribute; inner paths name sub-attributes.
        filter: Option<ResolvedFilter>,
    },
}

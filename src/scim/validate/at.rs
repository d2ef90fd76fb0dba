//! Where in a document a value stands. Becomes text only when there is something to complain about.

use std::fmt;

use serde_json::Value;

use crate::scim::error::ScimError;

/// A place in a document.
pub(super) enum At<'a> {
    /// The whole document.
    Root,
    /// An extension of the document, by its URN.
    Urn(&'a str),
    /// A place that somebody else has put into words.
    Text(&'a str),
    /// A member of an object.
    Name(&'a At<'a>, &'a str),
    /// An element of a list.
    Element(&'a At<'a>, usize),
}

impl At<'_> {
    /// 400 `invalidValue`: another type of value is due here.
    pub(super) fn wrong(&self, due: &str, value: &Value) -> ScimError {
        let kind = match value {
            Value::Null => "null",
            Value::Bool(_) => "a boolean",
            Value::Number(_) => "a number",
            Value::String(_) => "this text",
            Value::Array(_) => "a list",
            Value::Object(_) => "an object",
        };
        ScimError::invalid_value(format!("{self} must be {due}, not {kind}"))
    }

    /// 400 `invalidSyntax`: a member of this object is given twice, in different case (RFC 7643
    /// section 2.1: to SCIM it is the same name).
    pub(super) fn twice(&self, name: &str) -> ScimError {
        let name = At::Name(self, name);
        ScimError::invalid_syntax(format!("{name} is given twice; send it once"))
    }
}

impl fmt::Display for At<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => f.write_str("The body"),
            Self::Urn(text) | Self::Text(text) => f.write_str(text),
            Self::Name(Self::Root, name) => f.write_str(name),
            Self::Name(Self::Urn(urn), name) => write!(f, "{urn}:{name}"),
            Self::Name(parent, name) => write!(f, "{parent}.{name}"),
            Self::Element(list, index) => write!(f, "{list}[{index}]"),
        }
    }
}

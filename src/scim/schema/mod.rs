//! Schemas and attributes (RFC 7643 sections 2 and 7): what every other part of the engine is driven
//! by. The built-in schemas are the JSON files beside this module, in the form `/Schemas` sends.

mod registry;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use registry::Registry;

/// URN of the core User schema.
pub const USER_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// URN of the core Group schema.
pub const GROUP_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// URN of the enterprise extension of User.
pub const ENTERPRISE_USER_URN: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// URN of the schema of `ServiceProviderConfig`.
pub const SERVICE_PROVIDER_CONFIG_URN: &str =
    "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig";
/// URN of the schema of `ResourceType`.
pub const RESOURCE_TYPE_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
/// URN of the schema of `Schema`.
pub const SCHEMA_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";

/// A schema: a URN and its attributes (RFC 7643 section 7).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schema {
    /// URN of the schema.
    pub id: String,
    /// Human-readable name.
    pub name: String,
    /// Human-readable description.
    #[serde(default)]
    pub description: String,
    /// Top-level attributes, in the order in which they are sent.
    pub attributes: Vec<Arc<Attribute>>,
}

/// Data type of an attribute (RFC 7643 section 2.3).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Type {
    /// Unicode text.
    #[default]
    String,
    /// `true` or `false`.
    Boolean,
    /// A number with an optional fraction.
    Decimal,
    /// A whole number.
    Integer,
    /// An `xsd:dateTime`: a date and a time, with or without an offset.
    DateTime,
    /// Base64 text.
    Binary,
    /// A URI.
    Reference,
    /// An object of sub-attributes.
    Complex,
}

/// Who may change an attribute, and when (RFC 7643 section 7).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Mutability {
    /// Set by the server; ignored in bodies, refused as a PATCH target.
    ReadOnly,
    /// Free to change.
    #[default]
    ReadWrite,
    /// May be set once.
    Immutable,
    /// May be set, is never sent.
    WriteOnly,
}

/// When an attribute is part of an answer (RFC 7643 section 7).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Returned {
    /// In every answer, even when excluded.
    Always,
    /// In no answer, even when asked for.
    Never,
    /// Unless excluded, or others were asked for.
    #[default]
    Default,
    /// Only when asked for by name.
    Request,
}

/// Where a value must be unique (RFC 7643 section 7).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Uniqueness {
    /// Nowhere.
    #[default]
    None,
    /// Among the resources of the same type of the organization.
    Server,
    /// Everywhere.
    Global,
}

/// One attribute of a schema, or one sub-attribute of a complex attribute. The defaults are those of
/// RFC 7643 section 2.2.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attribute {
    /// Name in the case in which it is sent.
    pub name: String,
    /// Data type.
    #[serde(default, rename = "type")]
    pub kind: Type,
    /// Whether the value is a list.
    #[serde(default)]
    pub multi_valued: bool,
    /// Human-readable description.
    #[serde(default)]
    pub description: String,
    /// Whether POST and PUT must carry it.
    #[serde(default)]
    pub required: bool,
    /// Suggested values; others are accepted (RFC 7643 section 2.3.1).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub canonical_values: Vec<String>,
    /// Whether text is compared with its case.
    #[serde(default)]
    pub case_exact: bool,
    /// Who may change it.
    #[serde(default)]
    pub mutability: Mutability,
    /// When it is sent.
    #[serde(default)]
    pub returned: Returned,
    /// Where it must be unique.
    #[serde(default)]
    pub uniqueness: Uniqueness,
    /// For references: the resource types, `external` or `uri`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reference_types: Vec<String>,
    /// For complex attributes: their parts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sub_attributes: Vec<Arc<Attribute>>,
}

impl Schema {
    /// The attribute with this name, compared without case (RFC 7643 section 2.1).
    pub fn attribute(&self, name: &str) -> Option<&Arc<Attribute>> {
        find(&self.attributes, name)
    }
}

impl Attribute {
    /// The sub-attribute with this name, compared without case.
    pub fn sub_attribute(&self, name: &str) -> Option<&Arc<Attribute>> {
        find(&self.sub_attributes, name)
    }

    /// Whether a single-valued or multi-valued object.
    pub fn is_complex(&self) -> bool {
        self.kind == Type::Complex
    }
}

fn find<'a>(attributes: &'a [Arc<Attribute>], name: &str) -> Option<&'a Arc<Attribute>> {
    attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}

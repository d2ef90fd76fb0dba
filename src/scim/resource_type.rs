//! Resource types (RFC 7643 section 6): an endpoint, its schema and the extensions it may carry.

use std::sync::Arc;

use super::schema::{Attribute, Schema};

/// A kind of resource that the server offers.
#[derive(Debug, Clone)]
pub struct ResourceType {
    /// Name, as in `meta.resourceType`; also the id of the resource type.
    pub name: String,
    /// Path below the service root, with the leading slash.
    pub endpoint: String,
    /// Human-readable description.
    pub description: String,
    /// Base schema.
    pub schema: Arc<Schema>,
    /// Extensions that resources of this type may carry.
    pub extensions: Vec<SchemaExtension>,
    /// The attributes every resource has (RFC 7643 section 3.1): `schemas`, `id`, `externalId`, `meta`.
    pub common: Arc<Schema>,
}

/// An extension of a resource type.
#[derive(Debug, Clone)]
pub struct SchemaExtension {
    /// The extension's schema.
    pub schema: Arc<Schema>,
    /// Whether a resource must carry it.
    pub required: bool,
}

impl ResourceType {
    /// A top-level attribute of the base schema or a common attribute, by name without case.
    pub fn attribute(&self, name: &str) -> Option<&Arc<Attribute>> {
        self.common.attribute(name).or_else(|| self.schema.attribute(name))
    }

    /// The extension with this URN, compared without case.
    pub fn extension(&self, urn: &str) -> Option<&SchemaExtension> {
        self.extensions.iter().find(|extension| extension.schema.id.eq_ignore_ascii_case(urn))
    }

    /// All top-level attributes outside extensions: common ones first (`schemas`, `id`,
    /// `externalId`), then the schema's, then `meta`, which is the order of answers.
    pub fn attributes(&self) -> impl Iterator<Item = &Arc<Attribute>> {
        let is_meta = |attribute: &&Arc<Attribute>| attribute.name == "meta";
        let own = self
            .schema
            .attributes
            .iter()
            .filter(|attribute| self.common.attribute(&attribute.name).is_none());
        self.common
            .attributes
            .iter()
            .filter(move |attribute| !is_meta(attribute))
            .chain(own)
            .chain(self.common.attributes.iter().filter(is_meta))
    }
}

//! Schemas and resource types as they are sent (RFC 7644 section 4). `base_url` is always the service
//! root without a trailing slash.

use serde_json::{Value, json};

use super::resource_type::ResourceType;
use super::schema::{RESOURCE_TYPE_URN, SCHEMA_URN, Schema};

impl Schema {
    /// The Schema resource (RFC 7643 section 7): each attribute with all its characteristics.
    ///
    /// # Errors
    /// None in practice: attributes hold nothing that JSON has no form for.
    pub fn to_json(&self, base_url: &str) -> Result<Value, serde_json::Error> {
        Ok(json!({
            "schemas": [SCHEMA_URN],
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "attributes": serde_json::to_value(&self.attributes)?,
            "meta": meta("Schema", &format!("{base_url}/Schemas/{}", self.id)),
        }))
    }
}

impl ResourceType {
    /// The `ResourceType` resource (RFC 7643 section 6); its id is its name.
    pub fn to_json(&self, base_url: &str) -> Value {
        let extensions: Vec<Value> = self
            .extensions
            .iter()
            .map(|extension| json!({ "schema": extension.schema.id, "required": extension.required }))
            .collect();
        json!({
            "schemas": [RESOURCE_TYPE_URN],
            "id": self.name,
            "name": self.name,
            "description": self.description,
            "endpoint": self.endpoint,
            "schema": self.schema.id,
            "schemaExtensions": extensions,
            "meta": meta("ResourceType", &format!("{base_url}/ResourceTypes/{}", self.name)),
        })
    }
}

/// The `meta` of a discovery resource; it has no dates, as it changes only with the server.
pub(super) fn meta(resource_type: &str, location: &str) -> Value {
    json!({ "resourceType": resource_type, "location": location })
}

#[cfg(test)]
mod tests;

//! The schemas and resource types that a server offers, by URN and by name.

use std::sync::Arc;

use super::Schema;
use crate::scim::resource_type::{ResourceType, SchemaExtension};

const COMMON: &str = include_str!("common.json");
const USER: &str = include_str!("user.json");
const ENTERPRISE_USER: &str = include_str!("enterprise_user.json");
const GROUP: &str = include_str!("group.json");
const DISCOVERY: [&str; 3] = [
    include_str!("service_provider_config.json"),
    include_str!("resource_type.json"),
    include_str!("schema.json"),
];

/// All schemas and resource types of a server. Made once at start.
#[derive(Debug, Clone)]
pub struct Registry {
    schemas: Vec<Arc<Schema>>,
    resource_types: Vec<Arc<ResourceType>>,
}

impl Registry {
    /// The built-in schemas (User, `EnterpriseUser`, Group and those of the discovery resources) and
    /// the resource types User and Group.
    ///
    /// # Errors
    /// The text of the parser when a schema file is not a schema; a test holds the built-in files to it.
    pub fn built_in() -> Result<Self, serde_json::Error> {
        let common: Arc<Schema> = Arc::new(serde_json::from_str(COMMON)?);
        let user: Arc<Schema> = Arc::new(serde_json::from_str(USER)?);
        let enterprise: Arc<Schema> = Arc::new(serde_json::from_str(ENTERPRISE_USER)?);
        let group: Arc<Schema> = Arc::new(serde_json::from_str(GROUP)?);
        let resource_types = vec![
            Arc::new(ResourceType {
                name: "User".to_owned(),
                endpoint: "/Users".to_owned(),
                description: "User accounts; userName is the account's e-mail address".to_owned(),
                schema: Arc::clone(&user),
                extensions: vec![SchemaExtension {
                    schema: Arc::clone(&enterprise),
                    required: false,
                }],
                common: Arc::clone(&common),
            }),
            Arc::new(ResourceType {
                name: "Group".to_owned(),
                endpoint: "/Groups".to_owned(),
                description: "Teams, or roles where the name starts with the role prefix"
                    .to_owned(),
                schema: Arc::clone(&group),
                extensions: Vec::new(),
                common,
            }),
        ];
        let mut schemas = vec![user, enterprise, group];
        for text in DISCOVERY {
            schemas.push(Arc::new(serde_json::from_str(text)?));
        }
        Ok(Self { schemas, resource_types })
    }

    /// Every schema, in the order in which `/Schemas` lists them.
    pub fn schemas(&self) -> &[Arc<Schema>] {
        &self.schemas
    }

    /// The schema with this URN, compared without case (RFC 7644 section 3.10).
    pub fn schema(&self, urn: &str) -> Option<&Arc<Schema>> {
        self.schemas.iter().find(|schema| schema.id.eq_ignore_ascii_case(urn))
    }

    /// Every resource type, in the order in which `/ResourceTypes` lists them.
    pub fn resource_types(&self) -> &[Arc<ResourceType>] {
        &self.resource_types
    }

    /// The resource type with this name.
    pub fn resource_type(&self, name: &str) -> Option<&Arc<ResourceType>> {
        self.resource_types.iter().find(|resource_type| resource_type.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scim::schema::{
        ENTERPRISE_USER_URN, GROUP_URN, RESOURCE_TYPE_URN, SCHEMA_URN, SERVICE_PROVIDER_CONFIG_URN,
        Type, USER_URN,
    };

    #[test]
    fn built_in_schemas_load_and_are_found_by_urn_in_any_case() {
        let registry = Registry::built_in().unwrap();
        for urn in [
            USER_URN,
            ENTERPRISE_USER_URN,
            GROUP_URN,
            SERVICE_PROVIDER_CONFIG_URN,
            RESOURCE_TYPE_URN,
            SCHEMA_URN,
        ] {
            assert_eq!(registry.schema(&urn.to_uppercase()).unwrap().id, urn);
        }
    }

    /// S-10: no complex attribute inside another, but for the Schema schema.
    #[test]
    fn complex_attributes_do_not_nest() {
        for schema in Registry::built_in().unwrap().schemas() {
            for attribute in &schema.attributes {
                let nested = attribute.sub_attributes.iter().any(|sub| sub.kind == Type::Complex);
                assert!(!nested || schema.id == SCHEMA_URN, "{}.{}", schema.id, attribute.name);
                assert_eq!(attribute.is_complex(), !attribute.sub_attributes.is_empty());
            }
        }
    }
}

//! What the fuzz targets share. The SCIM engine uses nothing else of scimd, so it is taken in by path
//! and a target builds without web server and database.

#[path = "../../src/scim/mod.rs"]
pub mod scim;

use std::sync::{Arc, LazyLock};

use serde_json::{Value, json};

use scim::quirk::Quirks;
use scim::resource::Resource;
use scim::resource_type::ResourceType;
use scim::schema::Registry;
use scim::validate::{Dialect, canonical};

/// A type and a resource of it with a value of every kind.
pub struct Subject {
    /// The type.
    pub resource_type: Arc<ResourceType>,
    /// The resource.
    pub resource: Resource,
}

/// User and Group.
pub static SUBJECTS: LazyLock<[Subject; 2]> =
    LazyLock::new(|| [subject("User", user()), subject("Group", group())]);

fn subject(name: &str, attributes: Value) -> Subject {
    let registry = Registry::built_in().expect("the built-in schemas are schemas");
    let resource_type = Arc::clone(registry.resource_type(name).expect("a built-in type"));
    let mut resource =
        canonical(&resource_type, attributes, Dialect::Tolerant, &mut Quirks::default())
            .expect("the resource fits its schema");
    // Read-only, so that no client can send it.
    resource.set("id", "2819c223-7f76-453a-919d-413861904646");
    resource.set(
        "meta",
        json!({ "created": "2026-03-01T10:00:00.500Z", "lastModified": "2026-03-02T10:00:00Z" }),
    );
    Subject { resource_type, resource }
}

fn user() -> Value {
    json!({
        "userName": "Ana.Diaz@example.com",
        "externalId": "ExtAna",
        "name": { "givenName": "Ana", "familyName": "D\u{ed}az" },
        "displayName": "a\"b\\c/\u{1f600}",
        "active": true,
        "emails": [
            { "value": "ana@work.example", "type": "work", "primary": true },
            { "value": "ana@home.example", "type": "home" },
        ],
        "phoneNumbers": [{ "value": "+1 555", "type": "work" }],
        "addresses": [{ "type": "work", "country": "NL", "formatted": "Dam 1" }],
        "roles": [{ "value": "admin", "primary": true }],
        "x509Certificates": [{ "value": "AQID" }],
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
            "department": "Tax",
            "manager": { "value": "26118915" },
        },
    })
}

fn group() -> Value {
    json!({
        "displayName": "Sales",
        "externalId": "ExtSales",
        "members": [{ "value": "u1", "type": "User" }, { "value": "u2" }],
    })
}

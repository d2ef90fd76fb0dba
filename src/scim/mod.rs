//! The SCIM engine: RFC 7643 and RFC 7644 driven by schemas.
//!
//! Pure: no I/O, no async, no clock, nothing of Keeper. It knows attributes only through
//! [`schema::Schema`]; adding an attribute to a schema file is all it takes to validate, filter,
//! sort, project and patch it.

pub mod compare;
pub mod discovery;
pub mod error;
pub mod filter;
pub mod json;
pub mod message;
pub mod patch;
pub mod path;
pub mod project;
pub mod quirk;
pub mod resource;
pub mod resource_type;
pub mod schema;
pub mod service_provider_config;
pub mod validate;

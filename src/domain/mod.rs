//! The rules of Keeper and the use cases of a provisioning server: what may happen, who may do it,
//! what is recorded. Owns policy; knows no HTTP and no SQL.
//!
//! Pure rules: [`account`] (K1, K2), [`lifecycle`] (K3, K4), [`team`] and [`role`] (K5),
//! [`email_domain`] (K6). Use cases: [`users`], [`groups`], [`search`] for SCIM clients; [`node`],
//! [`method`], [`token`], [`organization`], [`administrator`], [`directory`] for administrators (K7, K10).

pub mod account;
pub mod actor;
pub mod administrator;
pub mod change;
pub mod client;
mod columns;
pub mod directory;
mod draft;
pub mod email_domain;
pub mod error;
pub mod groups;
pub mod lifecycle;
pub mod method;
pub mod node;
pub mod organization;
pub mod precondition;
pub mod quickstart;
pub mod representation;
mod resources;
mod retry;
pub mod role;
pub mod search;
pub mod service;
pub mod team;
pub mod token;
mod token_text;
pub mod users;

pub use actor::{Actor, Origin, Tenant};
pub use error::Error;
pub use precondition::Precondition;
pub use representation::{Representation, View};
pub use service::Service;

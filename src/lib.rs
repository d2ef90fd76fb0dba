//! scimd: a SCIM 2.0 provisioning server with the behavior of Keeper Security's SCIM endpoint.
//!
//! `ARCHITECTURE.md` draws the house; each module's first paragraph says what lives there.

pub mod cli;
pub mod clock;
pub mod config;
pub mod domain;
pub mod http;
pub mod jobs;
pub mod scim;
pub mod storage;
pub mod telemetry;

//! The protocol edge: HTTP in, use cases called, SCIM bodies out. No rule of Keeper, no SQL.
//!
//! `router` lists every route, `layers` every layer in order with its reason; `extract` turns a
//! request into an actor and its parameters, `respond` renders every answer and every error.

mod extract;
mod health;
mod layers;
mod origin_url;
mod respond;
mod router;
mod scim;
mod serve;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::config::Config;
use crate::domain::Service;

pub use serve::{listen, serve};

/// Path under which each node's SCIM service lies.
pub const SCIM_PATH: &str = "/api/rest/scim/v2";

/// What handlers share. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct App {
    pub(crate) service: Arc<Service>,
    pub(crate) settings: Arc<Settings>,
}

/// What the edge needs of the configuration, and whether it is being drained.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) public_url: String,
    pub(crate) trust_proxy: bool,
    pub(crate) body_limit: usize,
    pub(crate) header_limit: usize,
    pub(crate) timeout: Duration,
    pub(crate) draining: AtomicBool,
}

impl App {
    pub(crate) fn new(service: Arc<Service>, config: &Config) -> Self {
        let settings = Settings {
            public_url: config.public_url.clone(),
            trust_proxy: config.trust_proxy,
            body_limit: config.body_limit_bytes,
            header_limit: config.header_limit_bytes,
            timeout: Duration::from_secs(config.request_timeout_seconds),
            draining: AtomicBool::new(false),
        };
        Self { service, settings: Arc::new(settings) }
    }

    /// From now on the server is not ready: load balancers send new requests elsewhere.
    pub(crate) fn drain(&self) {
        self.settings.draining.store(true, Ordering::Relaxed);
    }
}

/// The whole HTTP service, with all routes and layers.
pub fn app(service: Arc<Service>, config: &Config) -> axum::Router {
    router::router(&App::new(service, config))
}

/// The Tenant URL of a node, which is pasted into the identity provider.
pub fn tenant_url(public_url: &str, node_id: i64) -> String {
    format!("{public_url}{SCIM_PATH}/{node_id}")
}

//! The open service: database, schemas, clock, limits and the little that is kept in memory.

use std::sync::Arc;
use std::time::Duration;

use moka::future::Cache;
use secrecy::ExposeSecret;
use tokio::sync::{Mutex, MutexGuard};
use uuid::Uuid;

use super::error::Error;
use super::token::KnownToken;
use super::{Origin, organization};
use crate::clock::Clock;
use crate::config::{Config, Migrate};
use crate::scim::filter::FilterLimits;
use crate::scim::patch::PatchLimits;
use crate::scim::resource_type::ResourceType;
use crate::scim::schema::Registry;
use crate::storage::{Connect, MigrationState, Store};

/// A token is checked against memory for this long, so a revocation is seen within it (K7).
const TOKEN_AGE: Duration = Duration::from_millis(700);
/// The last use of a token is noted this often.
const NOTE_AGE: Duration = Duration::from_mins(1);
const TOKENS_IN_MEMORY: u64 = 10_000;
/// Locks that keep requests for one resource from racing within this process.
const STRIPES: usize = 64;

/// Everything a use case needs.
#[derive(Debug)]
pub struct Service {
    pub(super) store: Store,
    pub(super) clock: Clock,
    pub(super) known_tokens: Cache<String, Arc<KnownToken>>,
    pub(super) noted_tokens: Cache<String, ()>,
    registry: Registry,
    user_type: Arc<ResourceType>,
    group_type: Arc<ResourceType>,
    limits: Limits,
    stripes: Vec<Mutex<()>>,
}

/// Bounds on what a request may ask for; see `config/scimd.default.toml`.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Of PATCH requests, and of filters.
    pub patch: PatchLimits,
    /// Resources in one answer.
    pub max_results: usize,
    /// Live tokens of one method.
    pub tokens_per_method: usize,
    /// Days that a tombstone is kept.
    pub erased_days: u32,
    /// Bytes of one stored document.
    pub document_bytes: usize,
}

impl Service {
    /// Opens the database, brings it to the state this binary needs as `migrate` in the
    /// configuration says, and makes the organization at the first start (K10).
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the database cannot be reached; 409 when it lacks migrations that
    /// may not be run now.
    pub async fn open(config: &Config, clock: Clock) -> Result<Arc<Self>, Error> {
        let service = Self::connect(config, clock).await?;
        service.prepare(config.migrate).await?;
        Ok(Arc::new(service))
    }

    /// Opens the database and nothing else: for commands that look at migrations themselves.
    ///
    /// # Errors
    /// [`Error::Unavailable`] when the database cannot be reached.
    pub async fn connect(config: &Config, clock: Clock) -> Result<Self, Error> {
        let store = Store::open(Connect {
            url: config.database_url.expose_secret(),
            connections: config.database_connections,
        })
        .await?;
        let registry = Registry::built_in().map_err(|error| Error::Internal(error.to_string()))?;
        let resource_type = |name: &str| {
            let found = registry.resource_type(name).cloned();
            found.ok_or_else(|| Error::Internal(format!("there is no resource type {name}")))
        };
        let filter = FilterLimits { length: config.filter_length, depth: config.filter_depth };
        Ok(Self {
            user_type: resource_type("User")?,
            group_type: resource_type("Group")?,
            store,
            clock,
            registry,
            known_tokens: Cache::builder()
                .max_capacity(TOKENS_IN_MEMORY)
                .time_to_live(TOKEN_AGE)
                .build(),
            noted_tokens: Cache::builder()
                .max_capacity(TOKENS_IN_MEMORY)
                .time_to_live(NOTE_AGE)
                .build(),
            limits: Limits {
                patch: PatchLimits { operations: config.patch_operations, filter },
                max_results: config.max_results,
                tokens_per_method: config.tokens_per_method as usize,
                erased_days: config.erased_days,
                document_bytes: config.body_limit_bytes,
            },
            stripes: (0..STRIPES).map(|_| Mutex::new(())).collect(),
        })
    }

    async fn prepare(&self, migrate: Migrate) -> Result<(), Error> {
        match migrate {
            Migrate::Auto => self.store.migrate().await?,
            Migrate::Check => self.check_migrations().await?,
            Migrate::Off => {}
        }
        organization::ensure(self, &Origin::system("start")).await
    }

    /// Refuses a database that lacks migrations.
    ///
    /// # Errors
    /// 409 that says how to run them.
    pub async fn check_migrations(&self) -> Result<(), Error> {
        let missing = self.migrations().await?.iter().filter(|state| !state.applied).count();
        if missing == 0 {
            return Ok(());
        }
        Err(Error::Refused(crate::scim::error::ScimError::conflict(format!(
            "The database lacks {missing} migrations: run `scimd migrate run`, or start with \
             `--migrate auto`"
        ))))
    }

    /// Every migration, and whether the database has it.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn migrations(&self) -> Result<Vec<MigrationState>, Error> {
        Ok(self.store.migrations().await?)
    }

    /// Runs the migrations that are missing.
    ///
    /// # Errors
    /// When one fails; it is rolled back.
    pub async fn migrate(&self) -> Result<(), Error> {
        Ok(self.store.migrate().await?)
    }

    /// Whether the database answers and has every migration: ready for requests.
    ///
    /// # Errors
    /// What is missing.
    pub async fn ready(&self) -> Result<(), Error> {
        self.check_migrations().await
    }

    /// Name and version of the database engine.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn engine(&self) -> Result<String, Error> {
        Ok(self.store.engine().await?)
    }

    /// Closes the database after what is under way.
    pub async fn close(&self) {
        self.store.close().await;
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// The schemas and resource types.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The resource type User.
    pub fn user_type(&self) -> &Arc<ResourceType> {
        &self.user_type
    }

    /// The resource type Group.
    pub fn group_type(&self) -> &Arc<ResourceType> {
        &self.group_type
    }

    /// The bounds on requests.
    pub fn limits(&self) -> Limits {
        self.limits
    }

    /// Waits until no other request of this process changes the resource. Versions guard against
    /// other processes; this saves requests of one process from losing to each other again and again.
    pub(super) async fn turn(&self, id: Uuid) -> MutexGuard<'_, ()> {
        // The last bytes of a UUIDv7 are random.
        let stripe = usize::from(id.as_bytes()[15]) % STRIPES;
        self.stripes[stripe].lock().await
    }
}

//! The real router on a fresh database, listening on the loopback; and an administrator's hand on it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use scimd::clock::Clock;
use scimd::config::{Config, Sources};
use scimd::domain::administrator::Action;
use scimd::domain::method::MethodChange;
use scimd::domain::organization::OrganizationChange;
use scimd::domain::{Origin, Service, administrator, node, organization, token};
use secrecy::ExposeSecret as _;
use sqlx::{Connection as _, Executor as _, PgConnection, SqliteConnection};
use tokio::task::JoinHandle;

use super::{Client, Engine, postgres};

/// A running server sees an administrator's change within this time.
const SEEN: Duration = Duration::from_secs(1);

/// A database of one test.
#[derive(Clone)]
pub(crate) struct Database {
    url: String,
    folder: Arc<tempfile::TempDir>,
    engine: Engine,
}

/// A server with one node and one token on it.
pub(crate) struct TestServer {
    pub(crate) base: String,
    pub(crate) database: Database,
    service: Arc<Service>,
    node_id: i64,
    token: String,
    serving: JoinHandle<()>,
}

impl Database {
    /// Where a direct connection finds it.
    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    /// An empty database.
    pub(crate) async fn create(engine: Engine) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let url = match engine {
            Engine::Sqlite => format!("sqlite:{}", folder.path().join("scimd.db").display()),
            Engine::Postgres => {
                postgres::create_database(postgres::shared().expect("asked for before")).await
            }
        };
        Self { url, folder, engine }
    }

    /// Opens the service on it as another process would: with connections and settings of its own.
    pub(crate) async fn open(&self, settings: &[(&str, &str)]) -> (Arc<Service>, Config) {
        let config = self.config(settings);
        (Service::open(&config, Clock::system()).await.unwrap(), config)
    }

    /// Makes the tables and nothing else.
    pub(crate) async fn migrate(&self) {
        let service = Service::connect(&self.config(&[]), Clock::system()).await.unwrap();
        service.migrate().await.unwrap();
        service.close().await;
    }

    fn config(&self, settings: &[(&str, &str)]) -> Config {
        let common = [
            ("database_url", self.url.as_str()),
            ("database_connections", "4"),
            ("migrate", "auto"),
        ];
        let flags = common.iter().chain(settings);
        let sources = Sources {
            dir: self.folder.path().to_owned(),
            flags: flags.map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect(),
            ..Sources::default()
        };
        Config::load(&sources).unwrap()
    }

    /// Executes a statement behind the servers' backs.
    pub(crate) async fn execute(&self, sql: &'static str) {
        match self.engine {
            Engine::Sqlite => {
                SqliteConnection::connect(&self.url).await.unwrap().execute(sql).await.unwrap();
            }
            Engine::Postgres => {
                PgConnection::connect(&self.url).await.unwrap().execute(sql).await.unwrap();
            }
        }
    }

    /// Drops what a server keeps; a file goes with its folder.
    pub(crate) async fn remove(self) {
        if self.engine == Engine::Postgres {
            postgres::drop_database(postgres::shared().unwrap(), &self.url).await;
        }
    }
}

/// The administrator of the tests.
pub(crate) fn origin() -> Origin {
    Origin::administrator("tests", "set-up")
}

impl TestServer {
    /// A server on a fresh database.
    pub(crate) async fn start(engine: Engine) -> Self {
        let database = Database::create(engine).await;
        let (service, address, serving) = serve(&database, &[]).await;
        let node_id = node::add(&service, &origin(), "Default", None).await.unwrap().id;
        let token = token::create(&service, &origin(), node_id, "first", None).await.unwrap();
        let token = token.secret.expose_secret().to_owned();
        Self { base: format!("http://{address}"), database, service, node_id, token, serving }
    }

    /// A second server on the same database, with the same node and token, and `settings` of its own.
    pub(crate) async fn another_server(&self, settings: &[(&str, &str)]) -> Self {
        let (service, address, serving) = serve(&self.database, settings).await;
        let (node_id, token) = (self.node_id, self.token.clone());
        let database = self.database.clone();
        Self { base: format!("http://{address}"), database, service, node_id, token, serving }
    }

    /// Clients of the node through this server and, on Postgres, through a second one, which lives as long
    /// as what is given with them.
    pub(crate) async fn two_clients(&self) -> ([Client; 2], Option<Self>) {
        let second = match self.database.engine {
            Engine::Postgres => Some(self.another_server(&[]).await),
            Engine::Sqlite => None,
        };
        ([self.client(), second.as_ref().unwrap_or(self).client()], second)
    }

    /// Closes the connections to the database.
    pub(crate) async fn close(self) {
        self.service.close().await;
    }

    /// The use cases, as the command line reaches them.
    pub(crate) fn service(&self) -> &Service {
        &self.service
    }

    /// The node.
    pub(crate) fn node_id(&self) -> i64 {
        self.node_id
    }

    /// A client of the node.
    pub(crate) fn client(&self) -> Client {
        Client::new(&self.tenant_url(self.node_id), &self.token)
    }

    /// A client of a new node.
    pub(crate) async fn another_node(&self, name: &str) -> Client {
        let id = node::add(&self.service, &origin(), name, None).await.unwrap().id;
        let token = token::create(&self.service, &origin(), id, "first", None).await.unwrap();
        Client::new(&self.tenant_url(id), token.secret.expose_secret())
    }

    /// Another token of the node: its secret and its public id.
    pub(crate) async fn another_token(&self) -> (String, String) {
        let made = token::create(&self.service, &origin(), self.node_id, "second", None).await;
        let made = made.unwrap();
        (made.secret.expose_secret().to_owned(), made.token.id)
    }

    /// Ends a token.
    pub(crate) async fn revoke_token(&self, public_id: &str) {
        token::revoke(&self.service, &origin(), public_id).await.unwrap();
    }

    /// Sets one setting of the node's method, in the words of the command line.
    pub(crate) async fn set(&self, key: &str, value: &str) {
        let mut change = MethodChange::default();
        match key {
            "removed_users" => change.removed_users = Some(value.parse().unwrap()),
            "repost" => change.repost = Some(value.parse().unwrap()),
            "unique_groups" => change.unique_groups = Some(value == "on"),
            "role_prefix" => change.role_prefix = Some(value.to_owned()),
            other => panic!("no test sets {other}"),
        }
        node::configure(&self.service, &origin(), self.node_id, &change).await.unwrap();
        tokio::time::sleep(SEEN).await;
    }

    /// Wants unique names of groups, or not, or says with which status that was refused.
    pub(crate) async fn try_unique_groups(&self, on: bool) -> Result<(), u16> {
        let change = MethodChange { unique_groups: Some(on), ..MethodChange::default() };
        let done = node::configure(&self.service, &origin(), self.node_id, &change).await;
        done.map(drop).map_err(|error| error.status())
    }

    /// Sets seats (none: no limit) and reserved domains (none: any).
    pub(crate) async fn organization(&self, seats: Option<i64>, domains: &[&str]) {
        let domains = domains.iter().map(|&domain| domain.to_owned()).collect();
        let change = OrganizationChange {
            seats: Some(seats),
            reserved_domains: Some(domains),
            ..OrganizationChange::default()
        };
        organization::set(&self.service, &origin(), &change).await.unwrap();
        tokio::time::sleep(SEEN).await;
    }

    /// Locks a user as an administrator does.
    pub(crate) async fn lock_user(&self, id: &str) {
        administrator::act(&self.service, &origin(), id, Action::Lock).await.unwrap();
    }

    /// Lifts an administrator's lock.
    pub(crate) async fn unlock_user(&self, id: &str) {
        administrator::act(&self.service, &origin(), id, Action::Unlock).await.unwrap();
    }

    /// Erases a user, which only an administrator can.
    pub(crate) async fn erase_user(&self, id: &str) {
        administrator::erase(&self.service, &origin(), id).await.unwrap();
    }

    /// Brings an erased user back.
    pub(crate) async fn restore_user(&self, id: &str) {
        administrator::restore(&self.service, &origin(), id).await.unwrap();
    }

    fn tenant_url(&self, node_id: i64) -> String {
        format!("{}/api/rest/scim/v2/{node_id}", self.base)
    }
}

impl Drop for TestServer {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(
    database: &Database,
    settings: &[(&str, &str)],
) -> (Arc<Service>, SocketAddr, JoinHandle<()>) {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (listen, public_url) = (address.to_string(), format!("http://{address}"));
    let own = [("listen", listen.as_str()), ("public_url", &public_url)];
    let (service, config) = database.open(&[&own, settings].concat()).await;
    let router = scimd::http::app(Arc::clone(&service), &config);
    let serving = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
    (service, address, serving)
}

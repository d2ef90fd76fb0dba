//! stub
use std::sync::Arc;
use super::{Client, Engine, postgres};

#[derive(Clone)]
pub(crate) struct Database {
    url: String,
    folder: Option<Arc<tempfile::TempDir>>,
}
impl Database {
    pub(crate) async fn create(engine: Engine) -> Self {
        match engine {
            Engine::Sqlite => {
                let folder = tempfile::tempdir().unwrap();
                let url = format!("sqlite:{}", folder.path().join("scimd.db").display());
                Self { url, folder: Some(Arc::new(folder)) }
            }
            Engine::Postgres => {
                let admin = postgres::shared().expect("asked for before");
                Self { url: postgres::create_database(admin).await, folder: None }
            }
        }
    }
    pub(crate) async fn remove(self) {
        if self.folder.is_none() {
            postgres::drop_database(postgres::shared().unwrap(), &self.url).await;
        }
    }
}
pub(crate) struct TestServer { pub(crate) base: String, pub(crate) database: Database }
impl TestServer {
    pub(crate) async fn start(engine: Engine) -> Self { Self { base: String::new(), database: Database::create(engine).await } }
    pub(crate) fn client(&self) -> Client { Client::new(&self.base, "x") }
    pub(crate) async fn set(&self, _key: &str, _value: &str) { self.database.url.len(); tokio::task::yield_now().await }
    pub(crate) async fn another_node(&self, _name: &str) -> Client { tokio::task::yield_now().await; self.client() }
    pub(crate) async fn another_token(&self) -> (String, String) { tokio::task::yield_now().await; (String::new(), String::new()) }
    pub(crate) async fn another_server(&self) -> Self { Self { base: String::new(), database: self.database.clone() } }
    pub(crate) async fn revoke_token(&self, _id: &str) { tokio::task::yield_now().await; }
    pub(crate) async fn organization(&self, _seats: Option<u32>, _domains: &[&str]) { tokio::task::yield_now().await; }
    pub(crate) async fn lock_user(&self, _id: &str) { tokio::task::yield_now().await; }
    pub(crate) async fn unlock_user(&self, _id: &str) { tokio::task::yield_now().await; }
}

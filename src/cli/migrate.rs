//! `scimd migrate`: the tables of the database, looked at and brought up to date.

use clap::Subcommand;
use serde_json::{Value, json};

use crate::clock::Clock;
use crate::domain::Service;

use super::Context;
use super::failure::Failure;
use super::output::{Answer, table};

#[derive(Debug, Subcommand)]
pub(super) enum Migrate {
    /// List the migrations of this program and whether the database has them
    Status,
    /// Run the missing ones; several processes may do so at once
    Run,
}

impl Migrate {
    pub(super) async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let config = context.config()?;
        context.check_file(&config)?;
        let service = Service::connect(&config, Clock::system()).await?;
        let answer = match self {
            Self::Status => status(&service).await?,
            Self::Run => run(&service, &config.database_shown()).await?,
        };
        service.close().await;
        Ok(answer)
    }
}

async fn status(service: &Service) -> Result<Answer, Failure> {
    let migrations = service.migrations().await?;
    let json: Vec<Value> = migrations
        .iter()
        .map(|migration| {
            json!({
                "version": migration.version,
                "name": migration.description,
                "applied": migration.applied,
            })
        })
        .collect();
    let rows = migrations.into_iter().map(|migration| {
        let state = if migration.applied { "applied" } else { "missing" };
        [migration.version.to_string(), migration.description, state.to_owned()]
    });
    Ok(Answer::data(table(["MIGRATION", "NAME", "STATE"], rows), Value::from(json)))
}

async fn run(service: &Service, database: &str) -> Result<Answer, Failure> {
    let missing = service.migrations().await?.iter().filter(|state| !state.applied).count();
    service.migrate().await?;
    let message = match missing {
        0 => format!("✔ Database   {database} is up to date"),
        number => format!("✔ Database   {database}: {number} migrations run"),
    };
    Ok(Answer::done(message, json!({ "applied": missing })))
}

//! `scimd serve`: the server.

use std::io;
use std::net::TcpListener;
use std::sync::Arc;

use clap::Args;

use crate::config::Config;
use crate::{http, jobs, telemetry};

use super::failure::Failure;
use super::output::Answer;
use super::{Context, Desk, Serving};

#[derive(Debug, Args)]
pub(super) struct Serve {
    #[command(flatten)]
    serving: Serving,
}

impl Serve {
    pub(super) fn serving(&self) -> &Serving {
        &self.serving
    }

    pub(super) async fn run(self, context: &Context) -> Result<Answer, Failure> {
        let config = context.config()?;
        let listener = listen(&config)?;
        telemetry::init(&config).map_err(Failure::usage)?;
        serve(&context.open(config).await?, listener).await
    }
}

/// Takes the address of the server, first of all: a busy one must leave nothing half made.
pub(super) fn listen(config: &Config) -> Result<TcpListener, Failure> {
    http::listen(config).map_err(|error| {
        let address = config.listen;
        let advice = "stop what listens there, or name another address with --listen";
        match error.kind() {
            io::ErrorKind::AddrInUse => {
                Failure::conflict(format!("the address {address} is in use: {advice}"))
            }
            _ => Failure::failed(format!("cannot listen on {address} (setting listen): {error}")),
        }
    })
}

/// Serves until the process is told to stop.
pub(super) async fn serve(desk: &Desk, listener: TcpListener) -> Result<Answer, Failure> {
    tracing::info!(
        version = telemetry::version(),
        database = desk.config.database_shown(),
        engine = desk.service.engine().await?,
        public_url = desk.config.public_url,
        "starting"
    );
    let jobs = jobs::start(Arc::clone(&desk.service));
    let listening = |address| tracing::info!(%address, "listening");
    let served = http::serve(Arc::clone(&desk.service), &desk.config, listener, listening).await;
    jobs.abort();
    served.map_err(|error| {
        Failure::failed(format!("cannot serve on {}: {error}", desk.config.listen))
    })?;
    Ok(Answer::default())
}

#[cfg(test)]
mod tests;

//! `scimd serve`: the server.

use std::sync::Arc;

use clap::Args;

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
        telemetry::init(&config).map_err(Failure::usage)?;
        serve(&context.open(config).await?).await
    }
}

/// Serves until the process is told to stop.
pub(super) async fn serve(desk: &Desk) -> Result<Answer, Failure> {
    tracing::info!(
        version = telemetry::version(),
        database = desk.config.database_shown(),
        engine = desk.service.engine().await?,
        public_url = desk.config.public_url,
        "starting"
    );
    let jobs = jobs::start(Arc::clone(&desk.service));
    let listening = |address| tracing::info!(%address, "listening");
    let served = http::serve(Arc::clone(&desk.service), &desk.config, listening).await;
    jobs.abort();
    served.map_err(|error| {
        Failure::failed(format!("cannot serve on {}: {error}", desk.config.listen))
    })?;
    Ok(Answer::default())
}

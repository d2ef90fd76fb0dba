//! `scimd serve`: the server.

use std::sync::Arc;

use clap::Args;

use crate::{http, telemetry};

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
    let served = http::serve(Arc::clone(&desk.service), &desk.config).await;
    served.map_err(|error| Failure::failed(error.to_string()))?;
    Ok(Answer::default())
}

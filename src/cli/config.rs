//! `scimd config`: what the settings are, where they come from, whether they can be used.

use clap::Subcommand;
use serde_json::Value;

use crate::config::DEFAULTS;

use super::Context;
use super::failure::Failure;
use super::output::{Answer, table};

#[derive(Debug, Subcommand)]
pub(super) enum Config {
    /// Print every setting in effect; the database password is shown as ***
    Show {
        /// Say where each value was set
        #[arg(long)]
        sources: bool,
    },
    /// Check the settings without starting anything
    Check,
    /// Print the defaults with an explanation of every key, ready to be saved as scimd.toml
    Example,
}

impl Config {
    pub(super) fn run(self, context: &Context) -> Result<Answer, Failure> {
        match self {
            Self::Show { sources } => show(context, sources),
            Self::Check => {
                let config = context.config()?;
                let message = "✔ Settings   every key is known and every value can be used";
                Ok(Answer::done(message, to_json(&config)))
            }
            Self::Example => Ok(Answer::text(DEFAULTS)),
        }
    }
}

fn show(context: &Context, sources: bool) -> Result<Answer, Failure> {
    let config = context.config()?;
    let settings = config.sources();
    if sources {
        let json = to_json(&settings);
        let rows = settings.into_iter().map(|setting| [setting.key, setting.value, setting.origin]);
        return Ok(Answer::data(table(["KEY", "VALUE", "FROM"], rows), json));
    }
    let rows = settings.into_iter().map(|setting| [setting.key, setting.value]);
    Ok(Answer::data(table(["KEY", "VALUE"], rows), to_json(&config)))
}

/// Settings are text, numbers and booleans under text keys, which always have a JSON form.
fn to_json(settings: &impl serde::Serialize) -> Value {
    serde_json::to_value(settings).unwrap_or_default()
}

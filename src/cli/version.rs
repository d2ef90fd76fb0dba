//! `scimd version`: what this program is.

use serde_json::json;

use crate::telemetry::{BUILD, version};

use super::output::Answer;

pub(super) fn answer() -> Answer {
    Answer::data(format!("scimd {}", version()), json!(BUILD))
}

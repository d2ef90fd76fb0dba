//! Times and durations as people write and read them.

#[cfg(test)]
mod tests;

use std::str::FromStr;
use std::time::Duration;

use crate::clock::timestamp;

const SECOND: i64 = 1_000_000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// How long something is valid: `365d`, `12h`, `30m`, `never`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expiry {
    /// For this long.
    After(Duration),
    /// For ever.
    Never,
}

impl FromStr for Expiry {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "write a number with d, h or m, as in 365d or 12h, or never".to_owned();
        if text == "never" {
            return Ok(Self::Never);
        }
        let unit = text.chars().next_back().ok_or_else(wrong)?;
        let seconds = match unit {
            'd' => 86_400,
            'h' => 3_600,
            'm' => 60,
            _ => return Err(wrong()),
        };
        // `u32` also keeps the end within the years a date can show.
        let count: u32 = text[..text.len() - 1].parse().map_err(|_| wrong())?;
        match count {
            0 => Err("must be longer than nothing".to_owned()),
            36_501.. if unit == 'd' => Err("is longer than a century; write never".to_owned()),
            _ => Ok(Self::After(Duration::from_secs(seconds * u64::from(count)))),
        }
    }
}

impl Expiry {
    /// The end of what begins at `now`; nothing when it has none.
    pub(super) fn from(self, now: i64) -> Option<i64> {
        match self {
            Self::After(duration) => {
                let micros = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
                Some(now.saturating_add(micros))
            }
            Self::Never => None,
        }
    }
}

/// The day of a time: `2026-11-23`; a dash for none.
pub(super) fn day(micros: Option<i64>) -> String {
    micros.map_or_else(dash, |micros| timestamp(micros).chars().take(10).collect())
}

/// How long ago a time was, in its largest unit: `12s ago`, `3h ago`; a dash for none.
pub(super) fn ago(now: i64, micros: Option<i64>) -> String {
    let Some(micros) = micros else { return dash() };
    let (count, unit) = match now.saturating_sub(micros).max(0) {
        passed @ DAY.. => (passed / DAY, "d"),
        passed @ HOUR.. => (passed / HOUR, "h"),
        passed @ MINUTE.. => (passed / MINUTE, "m"),
        passed => (passed / SECOND, "s"),
    };
    format!("{count}{unit} ago")
}

/// What stands in a table where there is nothing.
pub(super) fn dash() -> String {
    "-".to_owned()
}

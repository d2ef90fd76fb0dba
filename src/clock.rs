//! Time, ids and randomness: the only place that reads them, so that tests can hold them still.

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use jiff::Timestamp;
use uuid::Uuid;

/// Source of time, ids and secrets; clones share it.
#[derive(Debug, Clone, Default)]
pub struct Clock {
    /// Nothing for the system's clock.
    held: Option<Arc<Held>>,
}

#[derive(Debug)]
struct Held {
    now: AtomicI64,
    ids: AtomicU32,
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that stands at `micros` (microseconds since the epoch) until it is stepped; for
    /// tests.
    pub fn fixed(micros: i64) -> Self {
        let held = Held { now: AtomicI64::new(micros), ids: AtomicU32::new(0) };
        Self { held: Some(Arc::new(held)) }
    }

    /// Moves a fixed clock, and all its clones, forward. The system's clock stays as it is.
    pub fn step(&self, by: Duration) {
        if let Some(held) = &self.held {
            held.now.fetch_add(micros(by), Ordering::Relaxed);
        }
    }

    /// Microseconds since the epoch, in whole milliseconds: what is stored is what is sent.
    pub fn now(&self) -> i64 {
        let micros = match &self.held {
            Some(held) => held.now.load(Ordering::Relaxed),
            None => system_micros(),
        };
        micros - micros.rem_euclid(1000)
    }

    /// A new id (UUID version 7): later ids sort after earlier ones of the same process.
    #[expect(clippy::disallowed_methods, reason = "the one place that makes ids")]
    pub fn id(&self) -> Uuid {
        let Some(held) = &self.held else {
            return Uuid::now_v7();
        };
        let millis = u64::try_from(self.now() / 1000).unwrap_or(0);
        let mut tail = self.secret::<10>();
        // Version and variant replace the first bits, so the counter stands behind them.
        tail[..3].fill(0);
        tail[3..7].copy_from_slice(&held.ids.fetch_add(1, Ordering::Relaxed).to_be_bytes());
        uuid::Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()
    }

    /// `N` bytes nobody can guess, from the operating system, fixed clock or not.
    ///
    /// # Panics
    ///
    /// When the operating system gives no random bytes: a guessable token must not be made.
    #[expect(clippy::disallowed_methods, reason = "the one place that reads randomness")]
    #[expect(
        clippy::expect_used,
        reason = "without randomness no token may be made; there is no \
                                            safe way on"
    )]
    pub fn secret<const N: usize>(&self) -> [u8; N] {
        let mut bytes = [0; N];
        getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
        bytes
    }
}

/// The date and time as SCIM sends it (RFC 7643 section 2.3.5): UTC with milliseconds, as in
/// `2026-11-23T14:28:34.120Z`. Takes microseconds since the epoch; what lies outside the years
/// -9999 to 9999 is shown as the nearest end.
pub fn timestamp(micros: i64) -> String {
    let end = if micros < 0 { Timestamp::MIN } else { Timestamp::MAX };
    let time = Timestamp::from_microsecond(micros).unwrap_or(end);
    format!("{time:.3}")
}

#[expect(clippy::disallowed_methods, reason = "the one place that reads the time")]
fn system_micros() -> i64 {
    let now = std::time::SystemTime::now();
    now.duration_since(UNIX_EPOCH).map_or_else(|before| -micros(before.duration()), micros)
}

fn micros(duration: Duration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

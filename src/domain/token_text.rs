//! The text of a provisioning token (K7): `scim_<public id>_<secret>_<checksum>`. The public id makes a
//! rejected token nameable, the checksum tells a damaged one, and the form lets secret scanners find it.

use sha2::{Digest, Sha256};

use crate::clock::Clock;

const PREFIX: &str = "scim_";
const ID_LENGTH: usize = 10;
/// 43 characters out of 62 are 256 bits.
const SECRET_LENGTH: usize = 43;
const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// A new public id.
pub(super) fn public_id(clock: &Clock) -> String {
    random_text(clock, ID_LENGTH)
}

/// The text of a new token with this public id: the only place where a secret is made.
pub(super) fn secret_text(clock: &Clock, id: &str) -> String {
    token_text(id, &random_text(clock, SECRET_LENGTH))
}

fn token_text(id: &str, secret: &str) -> String {
    let body = format!("{PREFIX}{id}_{secret}");
    format!("{body}_{:08x}", crc32fast::hash(body.as_bytes()))
}

/// The public id of a token text whose checksum holds.
pub(super) fn parse(text: &str) -> Option<&str> {
    let (body, checksum) = text.rsplit_once('_')?;
    let (id, secret) = body.strip_prefix(PREFIX)?.split_once('_')?;
    let holds = checksum == format!("{:08x}", crc32fast::hash(body.as_bytes()));
    (holds && !id.is_empty() && !secret.is_empty()).then_some(id)
}

/// Tokens hold 256 random bits, so a plain digest is enough; a slow one would cost every request.
pub(super) fn digest(text: &str) -> Vec<u8> {
    Sha256::digest(text.as_bytes()).to_vec()
}

fn random_text(clock: &Clock, length: usize) -> String {
    let mut text = String::with_capacity(length);
    while text.len() < length {
        // Bytes beyond the last whole multiple would favour some characters.
        for byte in clock.secret::<64>().into_iter().filter(|byte| *byte < 248) {
            if text.len() < length {
                text.push(char::from(ALPHABET[usize::from(byte) % ALPHABET.len()]));
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_text_has_256_bits_and_a_checksum() {
        let clock = Clock::system();
        let id = random_text(&clock, ID_LENGTH);
        let text = token_text(&id, &random_text(&clock, SECRET_LENGTH));
        assert_eq!(text.len(), 5 + 10 + 1 + 43 + 1 + 8);
        assert_eq!(parse(&text), Some(id.as_str()));
        assert_ne!(text, token_text(&id, &random_text(&clock, SECRET_LENGTH)));
    }

    #[test]
    fn damaged_tokens_are_told_by_the_checksum() {
        let text = token_text("abcdefghij", "secret");
        assert_eq!(parse(&text), Some("abcdefghij"));
        for bad in [&text[1..], &text[..text.len() - 1], &text.replace("secret", "sekret"), "", "_"]
        {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn z_03_the_secret_is_not_in_what_is_kept_or_logged() {
        let text = token_text("abcdefghij", "secret");
        assert!(!digest(&text).windows(6).any(|part| part == b"secret"));
        let secret = secrecy::SecretString::from(text);
        assert!(!format!("{secret:?}").contains("secret_"));
    }
}

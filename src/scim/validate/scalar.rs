//! The simple data types (RFC 7643 section 2.3) and what counts as a value of each.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;

use super::Dialect;
use super::at::At;
use crate::scim::compare::instant;
use crate::scim::error::ScimError;
use crate::scim::schema::Type;

/// Base64 as RFC 7643 section 2.3.6 wants it: padding may be missing.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// What is due for a type, for error messages.
pub(super) const fn due(kind: Type) -> &'static str {
    match kind {
        Type::String => "a text",
        Type::Boolean => "true or false",
        Type::Decimal => "a number",
        Type::Integer => "a whole number",
        Type::DateTime => "a date with a time, such as \"2024-05-01T08:30:00Z\"",
        Type::Binary => "base64 text",
        Type::Reference => "a URI",
        Type::Complex => "an object",
    }
}

/// Refuses a value that is not of the type: 400 `invalidValue`.
pub(super) fn check(
    kind: Type,
    value: &Value,
    dialect: Dialect,
    at: &At<'_>,
) -> Result<(), ScimError> {
    let fits = match (kind, value) {
        (Type::String, Value::String(text)) => return no_nul(text, at),
        (Type::Boolean, Value::Bool(_)) | (Type::Decimal, Value::Number(_)) => true,
        (Type::Integer, Value::Number(number)) => number.is_i64() || number.is_u64(),
        (Type::DateTime, Value::String(text)) => is_date_time(text),
        (Type::Binary, Value::String(text)) => !text.is_empty() && BASE64.decode(text).is_ok(),
        (Type::Reference, Value::String(text)) => is_reference(text, dialect),
        _ => false,
    };
    if fits { Ok(()) } else { Err(at.wrong(due(kind), value)) }
}

/// Postgres cannot store U+0000, and no attribute has a use for it.
fn no_nul(text: &str, at: &At<'_>) -> Result<(), ScimError> {
    if text.contains('\0') {
        return Err(ScimError::invalid_value(format!(
            "{at} holds the character U+0000; leave it out"
        )));
    }
    Ok(())
}

/// An `xsd:dateTime`: date, `T`, time with seconds, and an offset or none (RFC 7643 section 2.3.5). What
/// is let in can be compared: the form is checked here, the calendar by [`instant`].
fn is_date_time(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_digit() || b"-+:.TZ".contains(&byte);
    let has_form = text.bytes().all(allowed)
        && text.as_bytes().get(10) == Some(&b'T')
        && text.as_bytes().get(16) == Some(&b':');
    has_form && instant(text).is_some()
}

/// A URI or relative reference (RFC 7643 section 2.3.7). Tolerant: any text without blanks. Strict: only
/// characters of RFC 3986, and what stands before a first `:` is a scheme.
fn is_reference(text: &str, dialect: Dialect) -> bool {
    let is_text = !text.is_empty() && !text.contains(|c: char| c.is_whitespace() || c.is_control());
    if dialect == Dialect::Tolerant || !is_text {
        return is_text;
    }
    let head = text.split(['/', '?', '#']).next().unwrap_or_default();
    !text.contains(['"', '<', '>', '\\', '^', '`', '{', '|', '}'])
        && head.split_once(':').is_none_or(|(scheme, _)| is_scheme(scheme))
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
}

//! Comparison keys: the only definition of "equal" and of order. Filters, sorting, uniqueness and the
//! columns that storage indexes all compare [`Key`]s, so they can never disagree.

use std::borrow::Cow;
use std::cmp::Ordering;

use icu_casemap::{CaseMapper, CaseMapperBorrowed};
use jiff::Timestamp;
use jiff::fmt::temporal::Pieces;
use jiff::tz::Offset;
use serde_json::Value;
use unicode_normalization::UnicodeNormalization;

use super::path::ResolvedPath;
use super::resource::Resource;
use super::schema::{Attribute, Type};

const CASE_MAPPER: CaseMapperBorrowed<'static> = CaseMapper::new();

/// What a value is compared by. Keys of one attribute are always of one variant.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    /// Text, already folded where the attribute ignores case; ordered by code point.
    Text(String),
    /// A number.
    Number(Number),
    /// A truth value; false comes first.
    Boolean(bool),
    /// A point in time, in microseconds since 1970-01-01T00:00:00Z.
    Instant(i64),
}

/// A number as a comparison key: exact within `i64`, else a double. Numbers of both forms are ordered
/// by their mathematical value.
#[derive(Debug, Clone, Copy)]
pub enum Number {
    /// A whole number.
    Integer(i64),
    /// A fraction, or a number outside `i64`. Never NaN, as JSON has none.
    Float(f64),
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (*self, *other) {
            (Self::Integer(a), Self::Integer(b)) => a.cmp(&b),
            (Self::Integer(a), Self::Float(b)) => integer_to_float(a, b),
            (Self::Float(a), Self::Integer(b)) => integer_to_float(b, a).reverse(),
            (Self::Float(a), Self::Float(b)) => a.partial_cmp(&b).unwrap_or(Ordering::Equal),
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

impl From<&serde_json::Number> for Number {
    fn from(number: &serde_json::Number) -> Self {
        match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) => Self::Integer(integer),
            (None, float) => Self::Float(float.unwrap_or(f64::MAX)),
        }
    }
}

/// Compares without rounding the integer: rounding would make 2^53 and 2^53 + 1 both equal to the same
/// double and the order intransitive.
fn integer_to_float(integer: i64, float: f64) -> Ordering {
    const TWO_TO_63: f64 = 9_223_372_036_854_775_808.0;
    if float >= TWO_TO_63 {
        return Ordering::Less;
    }
    if float < -TWO_TO_63 {
        return Ordering::Greater;
    }
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked above")]
    let whole = float.trunc() as i64;
    integer.cmp(&whole).then_with(|| 0.0.partial_cmp(&float.fract()).unwrap_or(Ordering::Equal))
}

/// The key text of a string (RFC 7643 section 2.2 `caseExact`, RFC 7644 section 5).
///
/// With `case_exact` it is the text itself. Without, it is Unicode's compatibility caseless form: full
/// case folding and NFKC, so that `BOB`, `bob` and full-width `Ｂｏｂ` are one, as are both encodings of
/// `é`, and `STRASSE` and `straße`. NFKC goes further than the width mapping of RFC 8265, which is what a
/// uniqueness check wants: names that look the same are the same. The function is idempotent.
pub fn text_key(text: &str, case_exact: bool) -> String {
    if case_exact {
        text.to_owned()
    } else if text.is_ascii() {
        text.to_ascii_lowercase()
    } else {
        // Twice, because NFKC brings out new capitals (the sign "㎒" is "MHz"): Unicode 3.13, D146.
        let decomposed: String = text.nfd().collect();
        let once: String = fold(&decomposed).nfkd().collect();
        fold(&once).nfkc().collect()
    }
}

fn fold(text: &str) -> Cow<'_, str> {
    CASE_MAPPER.fold_string(text)
}

/// Reads an `xsd:dateTime` (RFC 7643 section 2.3.5) as microseconds since 1970 in UTC. An offset and a
/// fraction are optional; without an offset the time is UTC. A date alone is none. The last and the first days that four digits can
/// name are outside of what can be counted: they are the largest and the smallest instant, as "never" is
/// often written `9999-12-31T23:59:59Z`.
pub fn instant(text: &str) -> Option<i64> {
    // The parser also takes dates without separators, a blank for the `T` and time zone names.
    let bytes = text.as_bytes();
    let is_date_time = bytes.get(4) == Some(&b'-') || text.starts_with(['-', '+']);
    if !is_date_time || !text.contains(['T', 't']) || text.contains('[') {
        return None;
    }
    let pieces = Pieces::parse(text).ok()?;
    let civil = pieces.date().to_datetime(pieces.time()?);
    let offset = pieces.to_numeric_offset().unwrap_or(Offset::UTC);
    let beyond = if civil.year() < 0 { Timestamp::MIN } else { Timestamp::MAX };
    let timestamp = offset.to_timestamp(civil).unwrap_or(beyond);
    Some(timestamp.as_microsecond())
}

/// The key of one value of an attribute, by the attribute's type and case rule. `None` when the value
/// does not fit the type, or cannot be compared (objects, lists, null).
pub fn key(attribute: &Attribute, value: &Value) -> Option<Key> {
    match (attribute.kind, value) {
        (Type::String | Type::Reference | Type::Binary, Value::String(text)) => {
            Some(Key::Text(text_key(text, attribute.case_exact)))
        }
        (Type::Boolean, Value::Bool(truth)) => Some(Key::Boolean(*truth)),
        (Type::Integer | Type::Decimal, Value::Number(number)) => Some(Key::Number(number.into())),
        (Type::DateTime, Value::String(text)) => instant(text).map(Key::Instant),
        _ => None,
    }
}

/// What a resource is sorted by (RFC 7644 section 3.4.2.3): of a multi-valued attribute the primary
/// value, else the first. `None` when there is no value, or the path names an object as a whole.
pub fn sort_key(path: &ResolvedPath, resource: &Resource) -> Option<Key> {
    let path = path.comparable()?;
    let elements = path.elements(resource);
    let is_primary = |element: &&&Value| element.get("primary") == Some(&Value::Bool(true));
    elements.iter().find(is_primary).into_iter().chain(&elements).find_map(|element| {
        let value = match &path.sub_attribute {
            Some(sub_attribute) => element.get(&sub_attribute.name)?,
            None => element,
        };
        key(path.leaf(), value)
    })
}

#[cfg(test)]
mod tests;

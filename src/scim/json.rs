//! JSON as SCIM wants it: an object that names a member twice is ambiguous and refused, where a plain
//! parser would silently take the last (RFC 8259 section 4 leaves it open).

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::error::ScimError;

/// Reads a JSON text.
///
/// # Errors
/// 400 `invalidSyntax` that says where, for what is no JSON, and for a member that is named twice.
pub fn parse(text: &[u8]) -> Result<Value, ScimError> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let value = Unambiguous.deserialize(&mut deserializer);
    value
        .and_then(|value| deserializer.end().map(|()| value))
        .map_err(|error| ScimError::invalid_syntax(format!("The body is not valid JSON: {error}")))
}

struct Unambiguous;

impl<'de> DeserializeSeed<'de> for Unambiguous {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unambiguous {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::from(value))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut elements: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = elements.next_element_seed(Unambiguous)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let value = members.next_value_seed(Unambiguous)?;
            if object.contains_key(&name) {
                let twice = format!("the member {name:?} is there twice");
                return Err(serde::de::Error::custom(twice));
            }
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_json_is_read_as_a_plain_parser_reads_it() {
        for text in [
            "null",
            "true",
            "-0",
            "1e3",
            "18446744073709551615",
            "-9223372036854775808",
            "0.1",
            "\"\\u00e9\\ud83d\\ude00\"",
            "[]",
            "[1,[2,{}]]",
            "{\"a\":{\"b\":[null]},\"A\":1}",
        ] {
            let plain: Value = serde_json::from_str(text).unwrap();
            assert_eq!(parse(text.as_bytes()), Ok(plain), "{text}");
        }
    }

    /// S-28.
    #[test]
    fn a_member_that_is_named_twice_is_refused_at_any_depth() {
        for text in ["{\"a\":1,\"a\":1}", "[{\"x\":{\"b\":1,\"\\u0062\":2}}]"] {
            let error = parse(text.as_bytes()).unwrap_err();
            assert!(error.detail.contains("is there twice"), "{error}");
        }
    }

    #[test]
    fn what_is_no_json_is_refused_and_no_depth_overflows_the_stack() {
        let deep = "[".repeat(1_000_000);
        for text in ["", "{\"a\":", "[1,]", "{} x", "\"\u{1}\"", "nul", deep.as_str()] {
            assert_eq!(parse(text.as_bytes()).unwrap_err().status, 400);
        }
        assert!(parse(b"\"\xff\"").is_err());
    }
}

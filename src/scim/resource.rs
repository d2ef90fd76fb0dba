//! A resource: a JSON object in canonical form. Names are spelled as the schemas spell them, values
//! have the schemas' types, null and empty values are absent (RFC 7643 section 2.5). Made by
//! [`validate`](super::validate), changed by [`patch`](super::patch).

use serde_json::{Map, Value};

/// The attributes of one resource.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Resource(Map<String, Value>);

impl Resource {
    /// Takes an object that is already in canonical form, such as a stored document.
    pub fn from_canonical(attributes: Map<String, Value>) -> Self {
        Self(attributes)
    }

    /// The attributes.
    pub fn attributes(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The attributes, to be changed. Whoever changes them keeps the canonical form.
    pub fn attributes_mut(&mut self) -> &mut Map<String, Value> {
        &mut self.0
    }

    /// The attributes, given away.
    pub fn into_attributes(self) -> Map<String, Value> {
        self.0
    }

    /// The value of a top-level attribute, by its canonical name.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// The text of a top-level attribute, by its canonical name.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name).and_then(Value::as_str)
    }

    /// Sets a top-level attribute.
    pub fn set(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }

    /// Removes a top-level attribute and gives it back. The order of the others stays.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        self.0.shift_remove(name)
    }
}

//! Reading the value of one attribute. Each habit of a client that a tolerant reading accepts (Keeper
//! rule K8) is a function of its own.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::Dialect;
use super::at::At;
use super::scalar;
use crate::scim::error::ScimError;
use crate::scim::quirk::{Quirk, Quirks};
use crate::scim::schema::{Attribute, Mutability, Type};

/// Reads a value for an attribute, and gives it in canonical form; `None` when the value means
/// "unassigned" (RFC 7643 section 2.5: null, an empty list, an empty object). Read-only sub-attributes
/// are left out. `path_text` names the attribute in error messages. What a tolerant reading put right is
/// noted in `quirks`. A list is due for a multi-valued attribute; for one of its elements see [`element`].
///
/// Errors: `invalidValue` for a value that does not fit the attribute, or more than one primary;
/// `invalidSyntax` for a sub-attribute given twice, or in the strict dialect an unknown one.
pub fn coerce(
    attribute: &Attribute,
    value: Value,
    path_text: &str,
    dialect: Dialect,
    quirks: &mut Quirks,
) -> Result<Option<Value>, ScimError> {
    Reader { dialect, quirks }.value(attribute, value, &At::Text(path_text))
}

/// Reads a value for one element of a multi-valued attribute, or for a single-valued attribute; all else
/// is as in [`coerce`].
pub fn element(
    attribute: &Attribute,
    value: Value,
    path_text: &str,
    dialect: Dialect,
    quirks: &mut Quirks,
) -> Result<Option<Value>, ScimError> {
    Reader { dialect, quirks }.single(attribute, value, &At::Text(path_text))
}

/// What reading needs to know and to report.
pub(super) struct Reader<'q> {
    pub(super) dialect: Dialect,
    pub(super) quirks: &'q mut Quirks,
}

impl Reader<'_> {
    /// Reads the members of an object whose attributes `find` knows.
    pub(super) fn members<'a>(
        &mut self,
        members: Map<String, Value>,
        find: impl Fn(&str) -> Option<&'a Arc<Attribute>>,
        at: &At<'_>,
    ) -> Result<Map<String, Value>, ScimError> {
        let mut read = Map::new();
        let mut seen: Vec<&str> = Vec::new();
        for (key, value) in members {
            let Some(attribute) = find(&key) else {
                self.unknown(&key, at)?;
                continue;
            };
            let name = attribute.name.as_str();
            if seen.contains(&name) {
                return Err(at.twice(name));
            }
            seen.push(name);
            if attribute.mutability == Mutability::ReadOnly {
                continue;
            }
            if let Some(value) = self.value(attribute, value, &At::Name(at, name))? {
                read.insert(name.to_owned(), value);
            }
        }
        Ok(read)
    }

    /// RFC 7643 does not say what an unknown attribute is; clients expect that it does no harm.
    fn unknown(&mut self, name: &str, at: &At<'_>) -> Result<(), ScimError> {
        if self.dialect == Dialect::Strict {
            let name = At::Name(at, name);
            return Err(ScimError::invalid_syntax(format!(
                "{name} is no attribute of any schema of the resource; leave it out"
            )));
        }
        self.quirks.note(Quirk::UnknownAttribute);
        Ok(())
    }

    fn value(
        &mut self,
        attribute: &Attribute,
        value: Value,
        at: &At<'_>,
    ) -> Result<Option<Value>, ScimError> {
        match value {
            Value::Null => Ok(None),
            Value::Array(elements) if attribute.multi_valued => self.list(attribute, elements, at),
            Value::Array(elements) => self.list_for_scalar(attribute, elements, at),
            value if attribute.multi_valued => self.scalar_for_list(attribute, value, at),
            value => self.single(attribute, value, at),
        }
    }

    fn list(
        &mut self,
        attribute: &Attribute,
        elements: Vec<Value>,
        at: &At<'_>,
    ) -> Result<Option<Value>, ScimError> {
        let mut read = Vec::with_capacity(elements.len());
        for (index, element) in elements.into_iter().enumerate() {
            read.extend(self.single(attribute, element, &At::Element(at, index))?);
        }
        drop_doubles(&mut read);
        if read.iter().filter(|element| element["primary"] == true).count() > 1 {
            return Err(ScimError::invalid_value(format!(
                "{at} has more than one primary element; set primary to true for one at most"
            )));
        }
        Ok((!read.is_empty()).then_some(Value::Array(read)))
    }

    /// An object or a text where a list is due: `emails: {"value": ".."}`, `roles: "admin"`.
    fn scalar_for_list(
        &mut self,
        attribute: &Attribute,
        value: Value,
        at: &At<'_>,
    ) -> Result<Option<Value>, ScimError> {
        if self.dialect == Dialect::Strict {
            return Err(at.wrong("a list", &value));
        }
        if value == "" {
            return Ok(self.empty_text());
        }
        self.quirks.note(Quirk::ScalarForList);
        self.list(attribute, vec![value], at)
    }

    /// A list of one where a single value is due: `manager: [{"value": ".."}]`. An empty list means
    /// "unassigned" everywhere.
    fn list_for_scalar(
        &mut self,
        attribute: &Attribute,
        mut elements: Vec<Value>,
        at: &At<'_>,
    ) -> Result<Option<Value>, ScimError> {
        let Some(value) = elements.pop() else {
            return Ok(None);
        };
        if self.dialect == Dialect::Strict || !elements.is_empty() {
            elements.push(value);
            return Err(at.wrong("a single value", &Value::Array(elements)));
        }
        self.quirks.note(Quirk::ListForScalar);
        self.single(attribute, value, at)
    }

    fn single(
        &mut self,
        attribute: &Attribute,
        value: Value,
        at: &At<'_>,
    ) -> Result<Option<Value>, ScimError> {
        match value {
            Value::Null => Ok(None),
            Value::Object(members) if members.is_empty() => Ok(None),
            Value::Object(members) if attribute.is_complex() => {
                let members = self.members(members, |name| attribute.sub_attribute(name), at)?;
                Ok((!members.is_empty()).then_some(Value::Object(members)))
            }
            Value::Object(members) => self.complex_for_text(attribute, members, at),
            Value::String(text) if attribute.is_complex() => {
                self.text_for_complex(attribute, text, at)
            }
            Value::String(text) if text.is_empty() && self.means_nothing(attribute) => {
                Ok(self.empty_text())
            }
            Value::String(text) if attribute.kind == Type::Boolean => {
                self.boolean_as_text(text, at).map(Some)
            }
            value => scalar::check(attribute.kind, &value, self.dialect, at).map(|()| Some(value)),
        }
    }

    /// An empty text assigns nothing where text is not due, and names nothing where it is an identifier,
    /// which is what text compared with its case is (`externalId`, `manager.value`).
    fn means_nothing(&self, attribute: &Attribute) -> bool {
        self.dialect == Dialect::Tolerant
            && (attribute.kind != Type::String || attribute.case_exact)
    }

    /// `externalId: ""`, `manager: ""`, `roles: ""`.
    fn empty_text(&mut self) -> Option<Value> {
        self.quirks.note(Quirk::EmptyText);
        None
    }

    /// `manager: "id"` for `manager: {"value": "id"}`, and `roles: ["admin"]`.
    fn text_for_complex(
        &mut self,
        attribute: &Attribute,
        text: String,
        at: &At<'_>,
    ) -> Result<Option<Value>, ScimError> {
        let sub_attribute = attribute.sub_attribute("value");
        let Some(sub_attribute) = sub_attribute.filter(|_| self.dialect == Dialect::Tolerant)
        else {
            return Err(at.wrong("an object", &Value::String(text)));
        };
        if text.is_empty() {
            return Ok(self.empty_text());
        }
        self.quirks.note(Quirk::TextForComplex);
        let name = sub_attribute.name.as_str();
        let value = self.single(sub_attribute, Value::String(text), &At::Name(at, name))?;
        Ok(value.map(|value| Value::Object(Map::from_iter([(name.to_owned(), value)]))))
    }

    /// `displayName: {"value": "x"}`, also within a list of one: an old library of Entra's.
    fn complex_for_text(
        &mut self,
        attribute: &Attribute,
        mut members: Map<String, Value>,
        at: &At<'_>,
    ) -> Result<Option<Value>, ScimError> {
        let value = match self.dialect {
            Dialect::Tolerant => members.shift_remove("value"),
            Dialect::Strict => None,
        };
        let Some(value) = value else {
            return Err(at.wrong(scalar::due(attribute.kind), &Value::Object(members)));
        };
        self.quirks.note(Quirk::ComplexForText);
        self.single(attribute, value, at)
    }

    /// `"True"`, `"false"`: Entra without the flag `aadOptscim062020`.
    fn boolean_as_text(&mut self, text: String, at: &At<'_>) -> Result<Value, ScimError> {
        let value = match () {
            () if text.eq_ignore_ascii_case("true") => Some(true),
            () if text.eq_ignore_ascii_case("false") => Some(false),
            () => None,
        };
        let Some(value) = value.filter(|_| self.dialect == Dialect::Tolerant) else {
            return Err(at.wrong(scalar::due(Type::Boolean), &Value::String(text)));
        };
        self.quirks.note(Quirk::BooleanAsText);
        Ok(Value::Bool(value))
    }
}

/// RFC 7643 section 2.4: the same element is not sent twice. Keeps the first of each.
pub(in crate::scim) fn drop_doubles(elements: &mut Vec<Value>) {
    if elements.len() < 2 {
        return;
    }
    let mut seen = HashSet::with_capacity(elements.len());
    let mut keep =
        elements.iter().map(|element| seen.insert(element)).collect::<Vec<_>>().into_iter();
    elements.retain(|_| keep.next().unwrap_or(true));
}

//! What of a resource is sent: `attributes`, `excludedAttributes` and the `returned` of each attribute
//! (RFC 7644 section 3.9, RFC 7643 section 7).

use std::sync::Arc;

use serde_json::{Map, Value};

use super::error::ScimError;
use super::path::{AttributePath, Named};
use super::resource::Resource;
use super::resource_type::ResourceType;
use super::schema::{Attribute, Returned};

/// The choice of attributes that a request makes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Projection {
    mode: Mode,
    named: Vec<Named>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Mode {
    /// All that is returned by default.
    #[default]
    Default,
    /// What is always returned, and what is named.
    Only,
    /// The default less what is named.
    Except,
}

/// What a projection says of one attribute.
enum Choice<'a> {
    /// Left out.
    Drop,
    /// Kept with these sub-attributes and those that are always returned.
    Only(Vec<&'a str>),
    /// Kept with all that is returned by default but these sub-attributes.
    Except(Vec<&'a str>),
}

impl Choice<'_> {
    const KEEP: Self = Self::Except(Vec::new());
}

impl Projection {
    /// Reads the two parameters: names separated by commas, in any case, with or without URN, with or
    /// without sub-attribute, or the URN of a whole extension (RFC 7644 sections 3.9 and 3.10). Empty
    /// text counts as absent, and names that nothing has are ignored: there is nothing to send.
    ///
    /// Errors: `invalidValue` when both are given.
    pub fn parse(
        resource_type: &ResourceType,
        attributes: Option<&str>,
        excluded: Option<&str>,
    ) -> Result<Self, ScimError> {
        let given = |list: &&str| !list.trim().is_empty();
        let (mode, list) = match (attributes.filter(given), excluded.filter(given)) {
            (None, None) => return Ok(Self::default()),
            (Some(list), None) => (Mode::Only, list),
            (None, Some(list)) => (Mode::Except, list),
            (Some(_), Some(_)) => {
                return Err(ScimError::invalid_value(
                    "attributes and excludedAttributes exclude each other; send one of them",
                ));
            }
        };
        let named = list
            .split(',')
            .filter_map(|name| AttributePath::parse(name.trim())?.resolve(resource_type))
            .collect();
        Ok(Self { mode, named })
    }

    /// Whether the request leaves the choice to the server. PATCH answers 204 only then (K9).
    pub fn is_default(&self) -> bool {
        self.mode == Mode::Default
    }

    /// Whether anything of a core or common attribute is sent, so that what is not (`members`, `groups`)
    /// need not be read. The name is compared without case.
    pub fn includes(&self, resource_type: &ResourceType, name: &str) -> bool {
        resource_type
            .attribute(name)
            .is_some_and(|attribute| !matches!(self.choice(None, attribute), Choice::Drop))
    }

    /// Takes out of a resource what is not to be sent. `schemas` stays in every answer (RFC 7643
    /// section 3), and nothing brings back what is never returned.
    pub fn apply(&self, resource_type: &ResourceType, resource: &mut Resource) {
        let attributes = std::mem::take(resource.attributes_mut());
        let mut sent = Map::new();
        for (name, value) in attributes {
            let value = match (resource_type.extension(&name), value) {
                (Some(extension), Value::Object(members)) => {
                    let schema = &extension.schema;
                    object(members, |name| {
                        let attribute = schema.attribute(name)?;
                        Some((attribute, self.choice(Some(&schema.id), attribute)))
                    })
                }
                (_, value) => resource_type
                    .attribute(&name)
                    .and_then(|attribute| pick(attribute, &self.choice(None, attribute), value)),
            };
            if let Some(value) = value {
                sent.insert(name, value);
            }
        }
        *resource.attributes_mut() = sent;
    }

    fn choice<'a>(&'a self, urn: Option<&str>, attribute: &Attribute) -> Choice<'a> {
        let (whole, parts) = self.naming(urn, attribute);
        let always = attribute.returned == Returned::Always;
        match (self.mode, attribute.returned) {
            (_, Returned::Never) => Choice::Drop,
            (Mode::Only, _) if whole || always => Choice::KEEP,
            (Mode::Only, _) if !parts.is_empty() => Choice::Only(parts),
            (Mode::Only, _) | (_, Returned::Request) => Choice::Drop,
            (Mode::Except, _) if whole && !always => Choice::Drop,
            (Mode::Default | Mode::Except, _) => Choice::Except(parts),
        }
    }

    /// Whether the request names the whole attribute, and which of its sub-attributes it names.
    fn naming(&self, urn: Option<&str>, attribute: &Attribute) -> (bool, Vec<&str>) {
        let mut whole = false;
        let mut parts = Vec::new();
        for named in &self.named {
            match named {
                Named::Extension(id) => whole |= urn == Some(id),
                Named::Attribute(path)
                    if path.extension.as_deref() == urn
                        && path.attribute.name == attribute.name =>
                {
                    match &path.sub_attribute {
                        Some(sub) => parts.push(sub.name.as_str()),
                        None => whole = true,
                    }
                }
                Named::Attribute(_) => {}
            }
        }
        (whole, parts)
    }
}

/// What is sent of the members of an object; nothing when none is left.
fn object<'a>(
    members: Map<String, Value>,
    choose: impl Fn(&str) -> Option<(&'a Arc<Attribute>, Choice<'a>)>,
) -> Option<Value> {
    let mut sent = Map::new();
    for (name, value) in members {
        let value = choose(&name).and_then(|(attribute, choice)| pick(attribute, &choice, value));
        if let Some(value) = value {
            sent.insert(name, value);
        }
    }
    (!sent.is_empty()).then_some(Value::Object(sent))
}

/// What is sent of one attribute's value.
fn pick(attribute: &Attribute, choice: &Choice<'_>, value: Value) -> Option<Value> {
    if matches!(choice, Choice::Drop) {
        return None;
    }
    if !attribute.is_complex() {
        return Some(value);
    }
    let of_element = |element: Value| match element {
        Value::Object(members) => object(members, |name| {
            let sub = attribute.sub_attribute(name)?;
            Some((sub, if keeps(choice, sub) { Choice::KEEP } else { Choice::Drop }))
        }),
        other => Some(other),
    };
    match value {
        Value::Array(elements) => {
            let elements: Vec<_> = elements.into_iter().filter_map(of_element).collect();
            (!elements.is_empty()).then_some(Value::Array(elements))
        }
        single => of_element(single),
    }
}

fn keeps(choice: &Choice<'_>, sub_attribute: &Attribute) -> bool {
    let name = sub_attribute.name.as_str();
    match (choice, sub_attribute.returned) {
        (_, Returned::Always) => true,
        (Choice::Only(names), Returned::Default | Returned::Request) => names.contains(&name),
        (Choice::Except(names), Returned::Default) => !names.contains(&name),
        (_, Returned::Never | Returned::Request) | (Choice::Drop, _) => false,
    }
}

#[cfg(test)]
mod tests;

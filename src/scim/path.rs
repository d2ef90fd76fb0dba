//! Attribute paths (RFC 7644 section 3.10): one notation for filters, `attributes=`, `sortBy` and PATCH.
//!
//! A path is first text ([`AttributePath`]), then bound to a resource type ([`ResolvedPath`]). Only the
//! second reaches evaluation, storage and PATCH.

mod nearest;
mod patch;

use std::fmt;
use std::sync::Arc;

use serde_json::Value;

use super::filter::{Filter, ResolvedFilter};
use super::resource::Resource;
use super::resource_type::{ResourceType, SchemaExtension};
use super::schema::Attribute;

pub(super) use patch::part;

/// An attribute as a client wrote it: `[URN ":"] name ["." sub-attribute]`, or a bare extension URN.
/// Where the URN ends is only known once the schemas are (a URN holds dots and colons).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttributePath(pub String);

/// The `path` of a PATCH operation as a client wrote it (RFC 7644 figure 7).
#[derive(Debug, Clone, PartialEq)]
pub struct PatchPath {
    /// The attribute, with its sub-attribute where no filter stands between them.
    pub attribute: AttributePath,
    /// The filter in brackets.
    pub filter: Option<Filter>,
    /// The sub-attribute behind the brackets.
    pub sub_attribute: Option<String>,
}

/// An attribute bound to a resource type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ResolvedPath {
    /// URN of the extension that holds the attribute, as its schema spells it; `None` for core and
    /// common attributes.
    pub extension: Option<String>,
    /// The attribute.
    pub attribute: Arc<Attribute>,
    /// The sub-attribute of a complex attribute.
    pub sub_attribute: Option<Arc<Attribute>>,
}

/// What a path names: an attribute, or a whole extension.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Named {
    /// An attribute or sub-attribute.
    Attribute(ResolvedPath),
    /// All attributes of the extension with this URN.
    Extension(String),
}

/// The target of a PATCH operation, bound to a resource type.
#[derive(Debug, Clone, PartialEq)]
pub enum PatchTarget {
    /// All attributes of the extension with this URN.
    Extension(String),
    /// An attribute, with or without brackets and a sub-attribute.
    Attribute {
        /// The attribute (and the sub-attribute, with or without brackets between them).
        path: ResolvedPath,
        /// Selects elements of a multi-valued attribute; inner paths name sub-attributes.
        filter: Option<ResolvedFilter>,
    },
}

impl AttributePath {
    /// Takes text that has the form of a path; whether it names an attribute is for
    /// [`AttributePath::resolve`] to say. `None` for anything else, such as `.name`, `a b` or `/x`.
    ///
    /// RFC 7643 section 2.1 gives the form of names; `$ref` is let in although it starts with `$`.
    pub fn parse(text: &str) -> Option<Self> {
        let is_urn = text.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("urn:"));
        let is_path = if is_urn {
            let mut parts = text.split([':', '.']);
            parts.all(|part| !part.is_empty() && part.bytes().all(is_name_byte))
        } else {
            let mut names = text.split('.');
            let first_two = [names.next(), names.next()];
            names.next().is_none() && first_two.into_iter().flatten().all(is_name)
        };
        is_path.then(|| Self(text.to_owned()))
    }

    /// Binds the path to a resource type, without regard to case (RFC 7644 section 3.10). A URN ends
    /// where the longest URN of the type's schemas ends. A bare name means a core or common attribute,
    /// else the attribute of the only extension that has it. `None` when nothing has this name.
    pub fn resolve(&self, resource_type: &ResourceType) -> Option<Named> {
        let (urn, name) = self.split(resource_type);
        if let Some(urn) = urn
            && name.is_empty()
        {
            let extension = resource_type.extension(urn)?;
            return Some(Named::Extension(extension.schema.id.clone()));
        }
        let (top, sub) = name.split_once('.').map_or((name, None), |(top, sub)| (top, Some(sub)));
        let (extension, attribute) = holder(resource_type, urn, top)?;
        let sub_attribute = match sub {
            Some(sub) => Some(Arc::clone(attribute.sub_attribute(sub)?)),
            None => None,
        };
        Some(Named::Attribute(ResolvedPath {
            extension,
            attribute: Arc::clone(attribute),
            sub_attribute,
        }))
    }

    /// The URN of one of the type's schemas, and what follows it.
    fn split(&self, resource_type: &ResourceType) -> (Option<&str>, &str) {
        let extensions = resource_type.extensions.iter().map(|extension| &extension.schema);
        let urn_length = extensions
            .chain([&resource_type.schema])
            .map(|schema| schema.id.as_str())
            .filter(|id| {
                let is_prefix =
                    self.0.get(..id.len()).is_some_and(|start| start.eq_ignore_ascii_case(id));
                is_prefix && matches!(self.0.as_bytes().get(id.len()), None | Some(b':'))
            })
            .map(str::len)
            .max();
        match urn_length.and_then(|length| self.0.split_at_checked(length)) {
            Some((urn, rest)) => (Some(urn), rest.strip_prefix(':').unwrap_or(rest)),
            None => (None, &self.0),
        }
    }

    /// Says that the path names nothing in the type, and what it might have meant. For the detail of
    /// an error; the caller chooses the keyword.
    pub fn unknown(&self, resource_type: &ResourceType) -> String {
        let (_, name) = self.split(resource_type);
        let known = all_paths(resource_type);
        let candidates = known.iter().map(|path| (path.local(), path.to_string()));
        nearest::unknown(&self.0, name, &resource_type.name, candidates)
    }
}

impl fmt::Display for AttributePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic() || first == '$')
        && text.bytes().all(is_name_byte)
}

const fn is_name_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'$' | b'-' | b'_')
}

/// The attribute with this name, and the URN of the extension that holds it.
fn holder<'a>(
    resource_type: &'a ResourceType,
    urn: Option<&str>,
    name: &str,
) -> Option<(Option<String>, &'a Arc<Attribute>)> {
    let in_extension = |extension: &'a SchemaExtension| {
        let attribute = extension.schema.attribute(name)?;
        Some((Some(extension.schema.id.clone()), attribute))
    };
    if let Some(extension) = urn.and_then(|urn| resource_type.extension(urn)) {
        return in_extension(extension);
    }
    if let Some(attribute) = resource_type.attribute(name) {
        return Some((None, attribute));
    }
    let mut found = resource_type.extensions.iter().filter_map(in_extension);
    let first = found.next().filter(|_| urn.is_none())?;
    found.next().is_none().then_some(first)
}

/// Every attribute and sub-attribute of a type.
fn all_paths(resource_type: &ResourceType) -> Vec<ResolvedPath> {
    let core = resource_type.attributes().map(|attribute| (None, attribute));
    let extended = resource_type.extensions.iter().flat_map(|extension| {
        let urn = Some(extension.schema.id.clone());
        extension.schema.attributes.iter().map(move |attribute| (urn.clone(), attribute))
    });
    let with_parts = |(extension, attribute): (Option<String>, &Arc<Attribute>)| {
        let whole =
            ResolvedPath { extension, attribute: Arc::clone(attribute), sub_attribute: None };
        let part = |sub: &Arc<Attribute>| ResolvedPath {
            sub_attribute: Some(Arc::clone(sub)),
            ..whole.clone()
        };
        let mut paths: Vec<_> = attribute.sub_attributes.iter().map(part).collect();
        paths.insert(0, whole);
        paths
    };
    core.chain(extended).flat_map(with_parts).collect()
}

impl ResolvedPath {
    /// The attribute that holds the values: the sub-attribute, or else the attribute.
    pub fn leaf(&self) -> &Arc<Attribute> {
        self.sub_attribute.as_ref().unwrap_or(&self.attribute)
    }

    /// The path to what can be compared: a complex attribute means its `value` (RFC 7644 figure 2
    /// filters on `emails`, Entra on `manager`). `None` for one without, such as `name`.
    pub fn comparable(&self) -> Option<Self> {
        if !self.leaf().is_complex() {
            return Some(self.clone());
        }
        let value = self.attribute.sub_attribute("value")?;
        Some(Self { sub_attribute: Some(Arc::clone(value)), ..self.clone() })
    }

    /// The values of the attribute itself, before any sub-attribute: the elements of a multi-valued
    /// one, the value of a single-valued one, or none.
    pub fn elements<'a>(&self, resource: &'a Resource) -> Vec<&'a Value> {
        let container = match &self.extension {
            Some(urn) => resource.get(urn).and_then(Value::as_object),
            None => Some(resource.attributes()),
        };
        flat(container.and_then(|attributes| attributes.get(&self.attribute.name))).collect()
    }

    /// All values that the path reaches in a resource: of each element, and of each value of a
    /// multi-valued leaf. Unassigned ones are not among them.
    pub fn values<'a>(&self, resource: &'a Resource) -> Vec<&'a Value> {
        self.values_or(resource, None)
    }

    /// As [`ResolvedPath::values`], with a stand-in for elements that lack the sub-attribute.
    pub(super) fn values_or<'a>(
        &self,
        resource: &'a Resource,
        absent: Option<&'a Value>,
    ) -> Vec<&'a Value> {
        let elements = self.elements(resource);
        match &self.sub_attribute {
            None => elements,
            Some(sub) => elements.into_iter().flat_map(|it| part_of(it, sub, absent)).collect(),
        }
    }

    /// The path without its URN.
    fn local(&self) -> String {
        match &self.sub_attribute {
            Some(sub) => format!("{}.{}", self.attribute.name, sub.name),
            None => self.attribute.name.clone(),
        }
    }
}

/// A list as its values, any other value as itself, nothing and null as nothing.
pub(super) fn flat(value: Option<&Value>) -> impl Iterator<Item = &Value> {
    let values = match value {
        Some(Value::Array(values)) => values.as_slice(),
        Some(single) => std::slice::from_ref(single),
        None => &[],
    };
    values.iter().filter(|value| !value.is_null())
}

/// The values of a sub-attribute in one element, or the stand-in.
pub(super) fn part_of<'a>(
    element: &'a Value,
    sub_attribute: &Attribute,
    absent: Option<&'a Value>,
) -> impl Iterator<Item = &'a Value> + use<'a> {
    flat(element.get(&sub_attribute.name).or(absent))
}

/// The notation of RFC 7644 section 3.10: the URN only for extensions.
impl fmt::Display for ResolvedPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(urn) = &self.extension {
            write!(f, "{urn}:")?;
        }
        f.write_str(&self.local())
    }
}

#[cfg(test)]
mod tests;

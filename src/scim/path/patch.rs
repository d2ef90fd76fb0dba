//! The `path` of a PATCH operation (RFC 7644 section 3.5.2 and figure 7).

use std::sync::Arc;

use super::nearest::unknown;
use super::{AttributePath, Named, PatchPath, PatchTarget, ResolvedPath};
use crate::scim::error::ScimError;
use crate::scim::filter::{Filter, FilterLimits};
use crate::scim::resource_type::ResourceType;
use crate::scim::schema::Attribute;

impl PatchPath {
    /// Reads a path such as `name.givenName` or `emails[type eq "work"].value`.
    ///
    /// # Errors
    /// 400 `invalidPath` when it does not have the form of a path or is too long; 400 `invalidFilter`
    /// when only the filter in the brackets is wrong.
    pub fn parse(text: &str, limits: FilterLimits) -> Result<Self, ScimError> {
        if text.len() > limits.length {
            return Err(ScimError::invalid_path(format!(
                "The path is longer than {} bytes; shorten it.",
                limits.length
            )));
        }
        let Some((attribute, rest)) = text.split_once('[') else {
            let attribute = attribute_path(text)?;
            return Ok(Self { attribute, filter: None, sub_attribute: None });
        };
        let path = attribute_path(attribute)?;
        let Some(end) = closing_bracket(rest) else {
            return Err(malformed("the bracket \"[\" is not closed"));
        };
        let (inner, behind) = (&rest[..end], &rest[end + 1..]);
        if inner.trim().bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(malformed(
                "brackets hold a filter such as [type eq \"work\"], not a position",
            ));
        }
        let start = attribute.chars().count() + 1;
        let filter = Filter::parse_inner(inner, start, limits)?;
        let sub_attribute = match behind.trim_end() {
            "" => None,
            behind => Some(sub_attribute_name(behind)?),
        };
        Ok(Self { attribute: path, filter: Some(filter), sub_attribute })
    }

    /// Binds the path to a resource type.
    ///
    /// # Errors
    /// 400 `invalidPath` when the type has no such attribute (the detail names the nearest one), or
    /// when the brackets stand behind an attribute that is not multi-valued; 400 `invalidFilter` when
    /// the filter does not fit the sub-attributes.
    pub fn resolve(&self, resource_type: &ResourceType) -> Result<PatchTarget, ScimError> {
        let named = self.attribute.resolve(resource_type);
        let named =
            named.ok_or_else(|| ScimError::invalid_path(self.attribute.unknown(resource_type)))?;
        match (named, &self.filter) {
            (Named::Extension(urn), None) => Ok(PatchTarget::Extension(urn)),
            (Named::Extension(urn), Some(_)) => Err(not_selectable(&urn)),
            (Named::Attribute(path), None) => Ok(PatchTarget::Attribute { path, filter: None }),
            (Named::Attribute(path), Some(filter)) => self.resolve_elements(path, filter),
        }
    }

    fn resolve_elements(
        &self,
        path: ResolvedPath,
        filter: &Filter,
    ) -> Result<PatchTarget, ScimError> {
        if path.sub_attribute.is_some() || !path.attribute.multi_valued {
            return Err(not_selectable(&path.to_string()));
        }
        let filter = filter.resolve_inner(&path.attribute)?;
        let sub_attribute = match &self.sub_attribute {
            Some(name) => Some(part(&path.attribute, name).map_err(ScimError::invalid_path)?),
            None => None,
        };
        let path = ResolvedPath { sub_attribute, ..path };
        Ok(PatchTarget::Attribute { path, filter: Some(filter) })
    }
}

/// The sub-attribute of a complex attribute, or the detail that says there is none.
pub(in crate::scim) fn part(attribute: &Attribute, name: &str) -> Result<Arc<Attribute>, String> {
    attribute.sub_attribute(name).cloned().ok_or_else(|| {
        let names = attribute.sub_attributes.iter().map(|sub| (sub.name.clone(), sub.name.clone()));
        unknown(name, name, &attribute.name, names)
    })
}

fn attribute_path(text: &str) -> Result<AttributePath, ScimError> {
    AttributePath::parse(text.trim()).ok_or_else(|| {
        malformed("it begins with an attribute name such as userName, name.givenName or emails")
    })
}

/// Where the filter ends: brackets within quotes are text.
fn closing_bracket(text: &str) -> Option<usize> {
    let mut quoted = false;
    let mut escaped = false;
    text.bytes().position(|byte| {
        let is_escaped = std::mem::take(&mut escaped);
        match byte {
            b'\\' => escaped = quoted && !is_escaped,
            b'"' => quoted ^= !is_escaped,
            _ => return byte == b']' && !quoted,
        }
        false
    })
}

fn sub_attribute_name(text: &str) -> Result<String, ScimError> {
    let name = text.strip_prefix('.').and_then(AttributePath::parse);
    name.map(|path| path.0).filter(|name| !name.contains(['.', ':'])).ok_or_else(|| {
        malformed("behind the brackets only a dot and a sub-attribute may follow, such as .value")
    })
}

fn malformed(reason: &str) -> ScimError {
    ScimError::invalid_path(format!("The path of the operation is malformed: {reason}."))
}

fn not_selectable(path: &str) -> ScimError {
    ScimError::invalid_path(format!(
        "Brackets select elements of a multi-valued attribute, and \"{path}\" is none; leave the \
         brackets out."
    ))
}

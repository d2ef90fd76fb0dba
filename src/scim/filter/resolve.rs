//! [`Filter`] to [`ResolvedFilter`]: names become attributes, values become keys of their type. What
//! cannot be compared is refused here, so that evaluation cannot fail.

use std::sync::Arc;

use serde_json::Value;

use super::{CompareOp, Filter, Literal, ResolvedFilter};
use crate::scim::compare::{Key, key};
use crate::scim::error::ScimError;
use crate::scim::path::{AttributePath, Named, ResolvedPath, part};
use crate::scim::resource_type::ResourceType;
use crate::scim::schema::{Attribute, Returned, Type};

impl Filter {
    /// Binds the filter to a resource type.
    ///
    /// # Errors
    /// 400 `invalidFilter`, naming the attribute, when the type has no such attribute (the detail
    /// names the nearest), when value or operator do not fit its type (RFC 7644 tables 3 and 9), when
    /// it is a complex attribute without `value`, or when it is never returned: a filter on the
    /// password would be a way to guess it.
    pub fn resolve(&self, resource_type: &ResourceType) -> Result<ResolvedFilter, ScimError> {
        self.bind(Scope::Resource(resource_type))
    }

    /// Binds a filter that stands in the brackets of a multi-valued attribute.
    ///
    /// # Errors
    /// As for [`Filter::resolve`].
    pub(in crate::scim) fn resolve_inner(
        &self,
        attribute: &Attribute,
    ) -> Result<ResolvedFilter, ScimError> {
        self.bind(Scope::Element(attribute))
    }

    fn bind(&self, scope: Scope<'_>) -> Result<ResolvedFilter, ScimError> {
        let all = |parts: &[Self]| -> Result<Vec<_>, _> {
            parts.iter().map(|part| part.bind(scope)).collect()
        };
        match self {
            Self::And(parts) => Ok(ResolvedFilter::And(all(parts)?)),
            Self::Or(parts) => Ok(ResolvedFilter::Or(all(parts)?)),
            Self::Not(part) => Ok(ResolvedFilter::Not(Box::new(part.bind(scope)?))),
            Self::Present(path) => Ok(ResolvedFilter::Present(scope.find(path)?)),
            Self::Compare { path, op, value } => compare(scope.find(path)?, *op, value),
            Self::Element { path, filter } => {
                let path = scope.find(path)?;
                let selectable = path.attribute.multi_valued || path.attribute.is_complex();
                if path.sub_attribute.is_some() || !selectable {
                    return Err(ScimError::invalid_filter(format!(
                        "\"{path}\" has no elements to select from; compare it without brackets."
                    )));
                }
                let filter = Box::new(filter.resolve_inner(&path.attribute)?);
                Ok(ResolvedFilter::Element { path, filter })
            }
        }
    }
}

/// What the names of a filter belong to.
#[derive(Clone, Copy)]
enum Scope<'a> {
    Resource(&'a ResourceType),
    /// The sub-attributes of one attribute; of one without, `value` is the element itself.
    Element(&'a Attribute),
}

impl Scope<'_> {
    fn find(self, path: &AttributePath) -> Result<ResolvedPath, ScimError> {
        let found = match self {
            Self::Resource(resource_type) => match path.resolve(resource_type) {
                Some(Named::Attribute(found)) => Ok(found),
                Some(Named::Extension(urn)) => Err(format!(
                    "\"{urn}\" is an extension; add \":\" and one of its attributes, or test \
                     schemas eq \"{urn}\"."
                )),
                None => Err(path.unknown(resource_type)),
            },
            Self::Element(attribute) => element_part(attribute, &path.0)
                .map(|attribute| ResolvedPath { extension: None, attribute, sub_attribute: None }),
        };
        let found = found.map_err(ScimError::invalid_filter)?;
        if [&found.attribute, found.leaf()].iter().any(|it| it.returned == Returned::Never) {
            return Err(ScimError::invalid_filter(format!(
                "\"{found}\" cannot be used in a filter, as it is never returned."
            )));
        }
        Ok(found)
    }
}

fn element_part(attribute: &Attribute, name: &str) -> Result<Arc<Attribute>, String> {
    if attribute.is_complex() || !name.eq_ignore_ascii_case("value") {
        return part(attribute, name);
    }
    let element = Attribute { name: "value".to_owned(), multi_valued: false, ..attribute.clone() };
    Ok(Arc::new(element))
}

fn compare(
    path: ResolvedPath,
    op: CompareOp,
    literal: &Literal,
) -> Result<ResolvedFilter, ScimError> {
    if *literal == Literal::Null {
        // Null means unassigned (RFC 7643 section 2.5), for complex attributes too.
        return match op {
            CompareOp::Eq => Ok(ResolvedFilter::Not(Box::new(ResolvedFilter::Present(path)))),
            CompareOp::Ne => Ok(ResolvedFilter::Present(path)),
            _ => Err(ScimError::invalid_filter(format!(
                "\"{path}\" can be compared with null only by eq and ne."
            ))),
        };
    }
    let Some(leaf) = path.comparable() else {
        return Err(ScimError::invalid_filter(format!(
            "\"{path}\" is a complex attribute; compare one of its sub-attributes, such as \
             \"{path}.{}\".",
            path.attribute.sub_attributes.first().map_or("value", |sub| &sub.name)
        )));
    };
    check_operator(&leaf, op)?;
    let value = operand(&leaf, literal)?;
    Ok(ResolvedFilter::Compare { path: leaf, op, value, literal: literal.clone() })
}

fn check_operator(path: &ResolvedPath, op: CompareOp) -> Result<(), ScimError> {
    let kind = path.leaf().kind;
    let fits = match op {
        CompareOp::Eq | CompareOp::Ne => true,
        CompareOp::Co | CompareOp::Sw | CompareOp::Ew => {
            matches!(kind, Type::String | Type::Reference)
        }
        CompareOp::Gt | CompareOp::Ge | CompareOp::Lt | CompareOp::Le => {
            !matches!(kind, Type::Boolean | Type::Binary)
        }
    };
    if fits {
        return Ok(());
    }
    Err(ScimError::invalid_filter(format!(
        "The operator {} does not work on \"{path}\", which is {}.",
        op.as_str(),
        described(kind)
    )))
}

fn operand(path: &ResolvedPath, literal: &Literal) -> Result<Key, ScimError> {
    let leaf = path.leaf();
    let as_boolean = |text: &str| Literal::boolean(text).map(Key::Boolean);
    let value = match literal {
        // Entra sends `primary eq "True"`.
        Literal::Text(text) if leaf.kind == Type::Boolean => as_boolean(text),
        literal => key(leaf, &Value::from(literal)),
    };
    value.ok_or_else(|| {
        ScimError::invalid_filter(format!(
            "\"{path}\" is {}; it cannot be compared with {literal}.",
            described(leaf.kind)
        ))
    })
}

const fn described(kind: Type) -> &'static str {
    match kind {
        Type::String | Type::Reference => "text in double quotes",
        Type::Boolean => "true or false",
        Type::Decimal => "a number",
        Type::Integer => "a whole number",
        Type::DateTime => "a date and time such as \"2026-01-31T08:00:00Z\"",
        Type::Binary => "base64 text in double quotes",
        Type::Complex => "an object",
    }
}

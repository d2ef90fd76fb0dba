//! From operations as they were sent to operations in standard form.

use serde_json::{Map, Value};

use super::parse::names_once;
use super::{Operation, OperationKind, RawOperation, rewrite};
use crate::scim::error::{ScimError, ScimType};
use crate::scim::filter::FilterLimits;
use crate::scim::path::{Named, PatchPath, PatchTarget};
use crate::scim::quirk::{Quirk, Quirks};
use crate::scim::resource_type::ResourceType;
use crate::scim::validate::Dialect;

/// Binds operations to a resource type and puts them into standard form: a value without a path becomes
/// one operation per attribute (rows P-21 and P-41), a value for an extension one per attribute of it
/// (P-30), an empty value of a replace becomes a remove (P-48). The tolerant dialect lets unknown
/// attributes drop out (K8) and rewrites the quirks of `rewrite`.
///
/// # Errors
/// 400 with `invalidPath`, `invalidFilter`, `noTarget` (remove without a path), `invalidValue` (add or
/// replace without a value, or without a path and with a value that is no object) or `invalidSyntax` (an
/// attribute that is named twice in different case).
pub fn resolve(
    raw: Vec<RawOperation>,
    resource_type: &ResourceType,
    limits: FilterLimits,
    dialect: Dialect,
    quirks: &mut Quirks,
) -> Result<Vec<Operation>, ScimError> {
    let mut resolver = Resolver {
        resource_type,
        limits,
        dialect,
        quirks,
        operations: Vec::with_capacity(raw.len()),
    };
    for (index, operation) in raw.into_iter().enumerate() {
        resolver.operation(index, operation).map_err(|error| numbered(index, &error))?;
    }
    Ok(resolver.operations)
}

/// Says in the error which operation it is about.
pub(super) fn numbered(index: usize, error: &ScimError) -> ScimError {
    ScimError { detail: format!("Operation {}: {}", index + 1, error.detail), ..*error }
}

struct Resolver<'a> {
    resource_type: &'a ResourceType,
    limits: FilterLimits,
    dialect: Dialect,
    quirks: &'a mut Quirks,
    operations: Vec<Operation>,
}

/// The part of an operation that all operations made from it share.
#[derive(Clone, Copy)]
struct Origin {
    kind: OperationKind,
    implied: bool,
    index: usize,
}

impl Resolver<'_> {
    fn operation(&mut self, index: usize, raw: RawOperation) -> Result<(), ScimError> {
        let origin = Origin { kind: raw.kind, implied: raw.path.is_none(), index };
        if let Some(path) = raw.path {
            return match self.target(&path)? {
                Some(target) => self.targeted(origin, target, raw.value),
                None => Ok(()),
            };
        }
        match (raw.kind, raw.value) {
            (OperationKind::Remove, _) => {
                Err(ScimError::no_target("remove needs a path that says what to remove"))
            }
            (_, Some(Value::Object(attributes))) => self.without_path(origin, attributes),
            _ => Err(ScimError::invalid_value(
                "without a path, value must be an object of the attributes to change",
            )),
        }
    }

    /// One operation for every attribute in the value.
    fn without_path(
        &mut self,
        origin: Origin,
        attributes: Map<String, Value>,
    ) -> Result<(), ScimError> {
        names_once(&attributes)?;
        for (key, value) in attributes {
            let Some(target) = self.key(None, &key)? else { continue };
            self.targeted(origin, target, Some(value))?;
        }
        Ok(())
    }

    /// What a path names; `None` for an unknown attribute that is to be ignored.
    fn target(&mut self, text: &str) -> Result<Option<PatchTarget>, ScimError> {
        let text = rewrite::stray_semicolon(text, self.quirks);
        let path = PatchPath::parse(&text, self.limits)?;
        if self.dialect == Dialect::Tolerant && self.is_unknown(&path) {
            self.quirks.note(Quirk::UnknownAttribute);
            return Ok(None);
        }
        let target = path.resolve(self.resource_type)?;
        rewrite::unqualified_extension(&text, &target, self.quirks);
        Ok(Some(target))
    }

    /// Whether no schema knows the attribute, or the attribute does not know the sub-attribute.
    fn is_unknown(&self, path: &PatchPath) -> bool {
        match path.attribute.resolve(self.resource_type) {
            None => true,
            Some(Named::Extension(_)) => false,
            Some(Named::Attribute(found)) => {
                let sub_attribute = path.sub_attribute.as_ref();
                sub_attribute.is_some_and(|name| found.attribute.sub_attribute(name).is_none())
            }
        }
    }

    /// What a key of a value names, within an extension if one is given. A key that does not even have the
    /// form of a path cannot be an attribute that anybody knows.
    fn key(&mut self, urn: Option<&str>, key: &str) -> Result<Option<PatchTarget>, ScimError> {
        let text = urn.map_or_else(|| key.to_owned(), |urn| format!("{urn}:{key}"));
        let target = match self.target(&text) {
            Err(error)
                if self.dialect == Dialect::Tolerant
                    && error.scim_type == Some(ScimType::InvalidPath)
                    && !key.contains('[') =>
            {
                self.quirks.note(Quirk::UnknownAttribute);
                None
            }
            other => other?,
        };
        if let Some(target) = &target {
            rewrite::path_as_key(key, target, self.dialect, self.quirks)?;
        }
        Ok(target)
    }

    /// An operation whose target is known.
    fn targeted(
        &mut self,
        origin: Origin,
        target: PatchTarget,
        value: Option<Value>,
    ) -> Result<(), ScimError> {
        if origin.kind == OperationKind::Remove {
            let value = value.filter(|value| !value.is_null());
            let value = rewrite::value_on_remove(&target, value, self.dialect, self.quirks)?;
            self.push(origin, target, value);
            return Ok(());
        }
        let Some(value) = value else {
            return Err(ScimError::invalid_value("value is missing: add and replace need one"));
        };
        if rewrite::is_clearing(&target, &value, self.dialect, self.quirks) {
            return self.clearing(origin, target, &value);
        }
        match target {
            PatchTarget::Extension(urn) => self.extension(origin, &urn, value),
            PatchTarget::Attribute { .. } => {
                let value = rewrite::json_in_value(&target, value, self.dialect, self.quirks);
                self.push(origin, target, Some(value));
                Ok(())
            }
        }
    }

    /// An empty value: replace takes the attribute away (row P-48), add has nothing to add (P-08).
    fn clearing(
        &mut self,
        origin: Origin,
        target: PatchTarget,
        value: &Value,
    ) -> Result<(), ScimError> {
        // An empty text is a value, so that add sets it as replace does; null and [] are none.
        if origin.kind == OperationKind::Replace || value.is_string() {
            self.push(Origin { kind: OperationKind::Remove, ..origin }, target, None);
            if let Some(operation) = self.operations.last_mut() {
                operation.emptied = value.is_string();
            }
        } else if value.is_null() && self.dialect == Dialect::Strict {
            return Err(ScimError::invalid_value("add needs a value other than null"));
        }
        Ok(())
    }

    /// One operation for every attribute of the extension in the value.
    fn extension(&mut self, origin: Origin, urn: &str, value: Value) -> Result<(), ScimError> {
        let Value::Object(attributes) = value else {
            return Err(ScimError::invalid_value(format!(
                "the value of {urn} must be an object of its attributes"
            )));
        };
        names_once(&attributes)?;
        let origin = Origin { implied: true, ..origin };
        for (key, value) in attributes {
            let Some(target) = self.key(Some(urn), &key)? else { continue };
            self.targeted(origin, target, Some(value))?;
        }
        Ok(())
    }

    fn push(&mut self, origin: Origin, target: PatchTarget, value: Option<Value>) {
        let Origin { kind, implied, index } = origin;
        self.operations.push(Operation { kind, target, value, implied, emptied: false, index });
    }
}

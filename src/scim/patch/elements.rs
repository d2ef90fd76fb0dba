//! Operations on the elements of a multi-valued attribute.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::OperationKind;
use super::apply::{Change, set_part};
use crate::scim::compare::key;
use crate::scim::error::ScimError;
use crate::scim::filter::ResolvedFilter;
use crate::scim::quirk::Quirk;
use crate::scim::schema::{Attribute, Mutability};
use crate::scim::validate::{Dialect, drop_doubles};

/// The elements of one attribute.
pub(super) struct Elements(Vec<Value>);

impl Elements {
    pub(super) fn from_value(value: Option<Value>) -> Self {
        match value {
            Some(Value::Array(elements)) => Self(elements),
            Some(element) => Self(vec![element]),
            None => Self(Vec::new()),
        }
    }

    /// The value of the attribute; none when no element is left.
    pub(super) fn into_value(self) -> Option<Value> {
        (!self.0.is_empty()).then_some(Value::Array(self.0))
    }

    pub(super) fn change(mut self, change: &mut Change<'_>) -> Result<Self, ScimError> {
        let touched = match (change.filter, &change.path.sub_attribute) {
            (None, None) => self.whole(change)?,
            (Some(filter), None) => self.selected(change, filter)?,
            (filter, Some(sub)) => self.parts(change, filter, &sub.clone())?,
        };
        self.settle_primary(&touched, change)?;
        // An element that has lost all its parts is gone; two that have become equal are one.
        self.0.retain(|element| element.as_object().is_none_or(|members| !members.is_empty()));
        drop_doubles(&mut self.0);
        Ok(self)
    }

    /// The attribute as a whole; gives the positions of what is new.
    fn whole(&mut self, change: &mut Change<'_>) -> Result<Vec<usize>, ScimError> {
        match (change.operation.kind, &change.operation.value) {
            (OperationKind::Remove, None) => self.0.clear(),
            (OperationKind::Remove, Some(listed)) => self.remove_listed(change, listed.clone())?,
            (OperationKind::Replace, _) => {
                self.0 = given(change)?;
                return Ok((0..self.0.len()).collect());
            }
            (OperationKind::Add, _) => {
                let given = given(change)?;
                return Ok(self.append(given));
            }
        }
        Ok(Vec::new())
    }

    /// Row P-27: what is there already is not added again.
    fn append(&mut self, given: Vec<Value>) -> Vec<usize> {
        let present: HashSet<&Value> = self.0.iter().collect();
        let new: Vec<Value> =
            given.into_iter().filter(|element| !present.contains(element)).collect();
        let start = self.0.len();
        self.0.extend(new);
        (start..self.0.len()).collect()
    }

    /// Takes away the elements that a remove lists (row P-37).
    fn remove_listed(&mut self, change: &mut Change<'_>, listed: Value) -> Result<(), ScimError> {
        let listed = match listed {
            Value::Array(listed) => listed,
            single => vec![single],
        };
        for wanted in listed {
            if let Some(wanted) = change.element(wanted)? {
                self.0.retain(|element| !is_meant(&change.path.attribute, element, &wanted));
            }
        }
        Ok(())
    }

    /// Whole elements that a filter selects.
    fn selected(
        &mut self,
        change: &mut Change<'_>,
        filter: &ResolvedFilter,
    ) -> Result<Vec<usize>, ScimError> {
        let Some(value) = change.value() else {
            self.0.retain(|element| !filter.matches_value(element));
            return Ok(Vec::new());
        };
        let cleared = change.cleared_parts(&value);
        let mut given = match change.element(value)? {
            Some(Value::Object(given)) => given,
            Some(simple) => return self.swap_simple(change, filter, &simple),
            None => Map::new(),
        };
        given.retain(|name, _| !cleared.contains(name));
        let matches = self.matches(Some(filter));
        if matches.is_empty() {
            // There is nothing to clear, and nothing to make of an element without its value.
            if given.is_empty() || cleared.iter().any(|name| name == "value") {
                return Ok(Vec::new());
            }
            return self.create(change, filter, given);
        }
        for &index in &matches {
            let old = self.0[index].take();
            let mut new = old.as_object().cloned().unwrap_or_default();
            // Add merges (row P-28); replace swaps and keeps what the filter selected by (row P-45).
            if change.operation.kind == OperationKind::Replace {
                new.retain(|name, _| is_named(filter, name) || cleared.contains(name));
            }
            new.extend(given.clone());
            for name in &cleared {
                change.clear_part(&mut new, name);
            }
            let new = Value::Object(new);
            refuse_immutable(&change.path.attribute, &old, &new)?;
            self.0[index] = new;
        }
        Ok(matches)
    }

    /// Elements that are no objects have nothing to merge, and a filter nothing to create one from.
    fn swap_simple(
        &mut self,
        change: &Change<'_>,
        filter: &ResolvedFilter,
        value: &Value,
    ) -> Result<Vec<usize>, ScimError> {
        let matches = self.matches(Some(filter));
        if matches.is_empty() {
            return Err(no_target(change));
        }
        for index in matches {
            self.0[index] = value.clone();
        }
        Ok(Vec::new())
    }

    /// One sub-attribute, of the elements that a filter selects or of all.
    fn parts(
        &mut self,
        change: &mut Change<'_>,
        filter: Option<&ResolvedFilter>,
        sub: &Attribute,
    ) -> Result<Vec<usize>, ScimError> {
        // Row P-29. With one element at most there is no doubt which is meant.
        let adds = change.operation.kind == OperationKind::Add && filter.is_none();
        if adds && (change.dialect == Dialect::Strict || self.0.len() > 1) {
            return Err(ScimError::invalid_path(format!(
                "add to {} does not say which element: use a filter, such as {}[type eq \"work\"].{}",
                change.at, change.path.attribute.name, sub.name
            )));
        }
        let value = match change.value() {
            Some(value) => change.coerce(sub, value)?,
            None => None,
        };
        let matches = self.matches(filter);
        if matches.is_empty() {
            return match (value, filter) {
                (None, _) => Ok(Vec::new()),
                (Some(value), Some(filter)) => {
                    let given = Map::from_iter([(sub.name.clone(), value)]);
                    self.create(change, filter, given)
                }
                (Some(value), None) => {
                    if change.dialect == Dialect::Strict {
                        return Err(no_target(change));
                    }
                    let given = Map::from_iter([(sub.name.clone(), value)]);
                    Ok(self.append(vec![Value::Object(given)]))
                }
            };
        }
        for &index in &matches {
            let old = self.0[index].clone();
            if let Value::Object(members) = &mut self.0[index] {
                match &value {
                    Some(value) => {
                        set_part(&change.path.attribute, members, &sub.name, value.clone());
                    }
                    None => change.clear_part(members, &sub.name),
                }
            }
            refuse_immutable(&change.path.attribute, &old, &self.0[index])?;
        }
        Ok(matches)
    }

    /// Positions of the elements that a filter selects; of all, without one.
    fn matches(&self, filter: Option<&ResolvedFilter>) -> Vec<usize> {
        let is_match = |element: &Value| filter.is_none_or(|filter| filter.matches_value(element));
        let numbered = self.0.iter().enumerate();
        numbered.filter(|(_, element)| is_match(element)).map(|(index, _)| index).collect()
    }

    /// Makes the element that a filter describes (row P-28), from its `eq` terms and what the operation
    /// gives. Entra expects it of replace too, where the RFC wants `noTarget` (row P-47).
    fn create(
        &mut self,
        change: &mut Change<'_>,
        filter: &ResolvedFilter,
        given: Map<String, Value>,
    ) -> Result<Vec<usize>, ScimError> {
        let replaces = change.operation.kind == OperationKind::Replace;
        if replaces && change.dialect == Dialect::Strict {
            return Err(no_target(change));
        }
        let terms = filter.eq_terms().ok_or_else(|| no_target(change))?;
        let mut element = Map::new();
        for (sub, value) in terms {
            element.insert(sub.name.clone(), value);
        }
        element.extend(given);
        let Some(element) = change.element(Value::Object(element))? else { return Ok(Vec::new()) };
        if replaces {
            change.quirks.note(Quirk::ReplaceWithoutMatch);
        }
        if !filter.matches_value(&element) {
            return Err(no_target(change));
        }
        Ok(self.append(vec![element]))
    }

    /// Row P-15: one element at most is primary, and the one just made primary wins.
    fn settle_primary(&mut self, touched: &[usize], change: &Change<'_>) -> Result<(), ScimError> {
        let is_primary = |element: &Value| element.get("primary") == Some(&Value::Bool(true));
        let mut chosen = touched.iter().copied().filter(|&index| is_primary(&self.0[index]));
        let Some(winner) = chosen.next() else { return Ok(()) };
        if chosen.next().is_some() {
            return Err(ScimError::invalid_value(format!(
                "{} would have more than one primary element; set primary to true for one at most",
                change.path.attribute.name
            )));
        }
        for (index, element) in self.0.iter_mut().enumerate() {
            if index != winner && is_primary(element) {
                element["primary"] = Value::Bool(false);
            }
        }
        Ok(())
    }
}

/// The elements that an add or replace brings. One alone stands for a list of one (row P-27).
fn given(change: &mut Change<'_>) -> Result<Vec<Value>, ScimError> {
    let Some(value) = change.value() else { return Ok(Vec::new()) };
    let value = if value.is_object() { Value::Array(vec![value]) } else { value };
    let attribute = &change.path.attribute;
    Ok(Elements::from_value(change.coerce(attribute, value)?).0)
}

/// Whether a filter looks at a sub-attribute.
fn is_named(filter: &ResolvedFilter, name: &str) -> bool {
    match filter {
        ResolvedFilter::And(parts) | ResolvedFilter::Or(parts) => {
            parts.iter().any(|part| is_named(part, name))
        }
        ResolvedFilter::Not(part) => is_named(part, name),
        ResolvedFilter::Compare { path, .. }
        | ResolvedFilter::Present(path)
        | ResolvedFilter::Element { path, .. } => path.attribute.name == name,
    }
}

/// Whether an element is the one that a remove lists: by `value` and `type` where `value` is given, by all
/// that is given otherwise. The other parts describe the element and may be outdated.
fn is_meant(attribute: &Attribute, element: &Value, wanted: &Value) -> bool {
    let (Value::Object(element), Value::Object(wanted)) = (element, wanted) else {
        return key(attribute, element)
            .map_or(element == wanted, |it| Some(it) == key(attribute, wanted));
    };
    let by_value = wanted.contains_key("value");
    let mut decisive =
        wanted.iter().filter(|(name, _)| !by_value || matches!(name.as_str(), "value" | "type"));
    decisive.all(|(name, wanted)| {
        let Some(actual) = element.get(name) else { return false };
        match attribute
            .sub_attribute(name)
            .and_then(|sub| Some((key(sub, actual)?, key(sub, wanted)?)))
        {
            Some((actual, wanted)) => actual == wanted,
            None => actual == wanted,
        }
    })
}

/// Row P-50: the parts of an element that may be set once.
fn refuse_immutable(attribute: &Attribute, old: &Value, new: &Value) -> Result<(), ScimError> {
    let changed = attribute.sub_attributes.iter().find(|sub| {
        let old = old.get(&sub.name);
        sub.mutability == Mutability::Immutable && old.is_some() && old != new.get(&sub.name)
    });
    match changed {
        None => Ok(()),
        Some(sub) => Err(ScimError::mutability(format!(
            "{}.{} cannot be changed: remove the element and add another",
            attribute.name, sub.name
        ))),
    }
}

fn no_target(change: &Change<'_>) -> ScimError {
    ScimError::no_target(format!(
        "the filter on {} selects no element: add the element first",
        change.path.attribute.name
    ))
}

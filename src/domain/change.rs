//! What a change was: before and after of each attribute, and the record that is stored with it.

use serde_json::{Map, Value, json};

use super::actor::Origin;
use crate::clock::Clock;
use crate::scim::resource::Resource;
use crate::storage::rows::Change;

/// Attributes that follow from others and would say everything twice.
const DERIVED: [&str; 3] = ["schemas", "id", "meta"];

/// What a change record says of its subject.
#[derive(Debug, Clone)]
pub struct Subject {
    /// Organization.
    pub organization_id: i64,
    /// Node, where the subject belongs to one.
    pub node_id: Option<i64>,
    /// Kind: a resource type, `Organization`, `Node`, `ProvisioningMethod` or `ProvisioningToken`.
    pub kind: &'static str,
    /// Id.
    pub id: String,
}

/// Makes the record of a change.
pub fn record(
    clock: &Clock,
    origin: &Origin,
    operation: &str,
    subject: Subject,
    changes: Map<String, Value>,
) -> Change {
    Change {
        id: clock.id(),
        at: clock.now(),
        organization_id: subject.organization_id,
        node_id: subject.node_id,
        actor: origin.actor.clone(),
        request_id: origin.request_id.clone(),
        operation: operation.to_owned(),
        subject_type: subject.kind.to_owned(),
        subject_id: subject.id,
        version: None,
        changes,
    }
}

/// Before and after of one value.
pub fn entry(before: impl Into<Value>, after: impl Into<Value>) -> Value {
    json!({ "before": before.into(), "after": after.into() })
}

/// Before and after of each attribute that differs; those of extensions under the extension's URN.
pub fn diff(before: Option<&Resource>, after: Option<&Resource>) -> Map<String, Value> {
    let empty = Map::new();
    let attributes = |resource: Option<&Resource>| resource.map(Resource::attributes).cloned();
    let before = attributes(before).unwrap_or_else(|| empty.clone());
    let after = attributes(after).unwrap_or(empty);
    let mut changes = Map::new();
    for name in before.keys().chain(after.keys().filter(|name| !before.contains_key(*name))) {
        let (old, new) = (before.get(name), after.get(name));
        if old != new && !DERIVED.contains(&name.as_str()) {
            let value = |value: Option<&Value>| value.cloned().unwrap_or(Value::Null);
            changes.insert(name.clone(), entry(value(old), value(new)));
        }
    }
    changes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_recorded() {
        let resource = |value: Value| match value {
            Value::Object(map) => Resource::from_canonical(map),
            other => panic!("{other}"),
        };
        let before = resource(json!({ "id": "1", "title": "Engineer", "nickName": "Al" }));
        let after =
            resource(json!({ "id": "2", "title": "Lead", "nickName": "Al", "locale": "de" }));
        let expected = json!({
            "title": { "before": "Engineer", "after": "Lead" },
            "locale": { "before": null, "after": "de" },
        });
        assert_eq!(Value::Object(diff(Some(&before), Some(&after))), expected);
        assert_eq!(diff(Some(&after), Some(&after)).len(), 0);
        assert_eq!(diff(None, Some(&after)).len(), 3);
    }
}

use std::sync::Arc;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::Dialect;
use super::tests::{custom, read, strict_body};
use crate::scim::schema::{Attribute, ENTERPRISE_USER_URN as EE, Mutability, Type};

/// A canonical value for an attribute.
fn value_of(attribute: &Attribute) -> BoxedStrategy<Value> {
    let single: BoxedStrategy<Value> = match attribute.kind {
        Type::String => "[a-zA-Zäß€ ]{1,8}".prop_map(Value::from).boxed(),
        Type::Boolean => Just(json!(attribute.name != "primary")).boxed(),
        Type::Decimal => (-1.0e6..1.0e6).prop_map(Value::from).boxed(),
        Type::Integer => any::<i64>().prop_map(Value::from).boxed(),
        Type::DateTime => (1900..2100, 1..=12, 1..=28, 0..24)
            .prop_map(|(y, m, d, h)| json!(format!("{y}-{m:02}-{d:02}T{h:02}:00:00Z")))
            .boxed(),
        Type::Binary => Just(json!("TUlJQg")).boxed(),
        Type::Reference => "https://[a-z]{1,8}/[a-z]{0,4}".prop_map(Value::from).boxed(),
        Type::Complex => object_of(&attribute.sub_attributes, 1).prop_map(Value::Object).boxed(),
    };
    if attribute.multi_valued {
        let distinct = proptest::collection::hash_set(single, 1..4);
        return distinct.prop_map(|elements| elements.into_iter().collect()).boxed();
    }
    single
}

fn object_of(attributes: &[Arc<Attribute>], least: usize) -> BoxedStrategy<Map<String, Value>> {
    let writable = |attribute: &&Arc<Attribute>| attribute.mutability != Mutability::ReadOnly;
    let attributes: Vec<_> = attributes.iter().filter(writable).cloned().collect();
    let most = attributes.len();
    proptest::sample::subsequence(attributes, least..=most)
        .prop_flat_map(|chosen| {
            chosen
                .into_iter()
                .map(|attribute| (Just(attribute.name.clone()), value_of(&attribute)))
                .collect::<Vec<_>>()
        })
        .prop_map(|members| members.into_iter().collect())
        .boxed()
}

fn canonical_user() -> BoxedStrategy<Map<String, Value>> {
    let user = custom();
    let extension = object_of(&user.extensions[0].schema.attributes, 0);
    (object_of(&user.schema.attributes, 0), extension)
        .prop_map(|(mut core, extension)| {
            if !extension.is_empty() {
                core.insert(EE.to_owned(), Value::Object(extension));
            }
            core
        })
        .boxed()
}

/// Any JSON, with names that the schemas know among its keys.
fn any_json() -> BoxedStrategy<Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        prop_oneof![Just(""), Just("True"), Just("2024-01-01T00:00:00Z")].prop_map(Value::from),
    ];
    let key = prop_oneof![
        any::<String>(),
        proptest::sample::select(vec![
            "schemas",
            "userName",
            "USERNAME",
            "active",
            "name",
            "givenName",
            "emails",
            "value",
            "primary",
            "roles",
            "x509Certificates",
            "photos",
            "hired",
            "badge",
            "manager",
            EE,
        ])
        .prop_map(str::to_owned),
    ];
    leaf.prop_recursive(5, 48, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((key.clone(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
    .boxed()
}

proptest! {
    #[test]
    fn a_canonical_resource_stays_as_it_is(attributes in canonical_user()) {
        for dialect in [Dialect::Tolerant, Dialect::Strict] {
            let body = strict_body(Value::Object(attributes.clone()));
            prop_assert_eq!(read(body, dialect), Ok((Value::Object(attributes.clone()), vec![])));
        }
    }

    /// E-03: whatever is sent is read or refused; what is read is canonical.
    #[test]
    fn any_json_is_read_or_refused(body in any_json()) {
        if let Ok((once, _)) = read(body.clone(), Dialect::Tolerant) {
            prop_assert_eq!(read(once.clone(), Dialect::Tolerant), Ok((once, vec![])));
        }
        if let Err(error) = read(body, Dialect::Strict) {
            prop_assert_eq!(error.status, 400);
        }
    }
}

#![no_main]
//! Any JSON as the body of a PATCH: a canonical resource stays canonical, or there is an error and nothing changed.
//! The oracle is the reading of bodies: what is canonical already is read as it stands.

use libfuzzer_sys::fuzz_target;
use scimd_fuzz::scim::filter::FilterLimits;
use scimd_fuzz::scim::patch::{PatchLimits, apply, parse, partition, resolve};
use scimd_fuzz::scim::quirk::Quirks;
use scimd_fuzz::scim::validate::{Dialect, canonical, schemas};
use scimd_fuzz::{SUBJECTS, Subject};
use serde_json::Value;

fuzz_target!(|data: &[u8]| {
    let Ok(body) = serde_json::from_slice::<Value>(data) else { return };
    for subject in SUBJECTS.iter() {
        for dialect in [Dialect::Tolerant, Dialect::Strict] {
            for with_relations in [false, true] {
                patch(subject, &body, dialect, with_relations);
            }
        }
    }
});

fn patch(subject: &Subject, body: &Value, dialect: Dialect, with_relations: bool) {
    let resource_type = &subject.resource_type;
    let limits = PatchLimits { operations: 100, filter: FilterLimits::default() };
    let mut before = subject.resource.clone();
    // What the server sets is not read from a body.
    before.remove("id");
    before.remove("meta");
    let mut after = before.clone();
    let mut quirks = Quirks::default();
    let result = parse(body, &limits, dialect, &mut quirks)
        .and_then(|raw| resolve(raw, resource_type, limits.filter, dialect, &mut quirks))
        .and_then(|operations| {
            let is_relation = |name: &str| with_relations && matches!(name, "members" | "groups");
            let (rest, _) = partition(operations, is_relation)?;
            apply(&mut after, &rest, resource_type, dialect, &mut quirks)
        });
    match result {
        Ok(()) => {
            let mut found = Quirks::default();
            let mut body = after.clone();
            body.set("schemas", schemas(resource_type, &after));
            let body = Value::Object(body.into_attributes());
            let read = canonical(resource_type, body, dialect, &mut found);
            assert_eq!(read.as_ref(), Ok(&after));
            assert!(found.is_empty(), "{found:?} in {after:?}");
        }
        Err(error) => {
            assert_eq!(after, before);
            assert!((400..500).contains(&error.status) && !error.detail.is_empty());
        }
    }
}

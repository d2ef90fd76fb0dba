#![no_main]
//! Any text as the path of a PATCH operation, as a name in `attributes=` and as `sortBy`: refused with a 400 that
//! says why, or bound; what is bound reads a resource and sorts it, and is found again by its own notation.

use libfuzzer_sys::fuzz_target;
use scimd_fuzz::SUBJECTS;
use scimd_fuzz::scim::compare::sort_key;
use scimd_fuzz::scim::filter::FilterLimits;
use scimd_fuzz::scim::path::{AttributePath, Named, PatchPath, PatchTarget};

fuzz_target!(|text: &str| {
    for subject in SUBJECTS.iter() {
        match PatchPath::parse(text, FilterLimits::default())
            .and_then(|path| path.resolve(&subject.resource_type))
        {
            Ok(PatchTarget::Attribute { path, filter: Some(filter) }) => {
                for element in path.elements(&subject.resource) {
                    filter.matches_value(element);
                }
            }
            Ok(_) => {}
            Err(error) => assert!(error.status == 400 && !error.detail.is_empty()),
        }
        let Some(path) = AttributePath::parse(text) else { continue };
        match path.resolve(&subject.resource_type) {
            Some(Named::Attribute(found)) => {
                assert!(found.values(&subject.resource).iter().all(|value| !value.is_null()));
                assert!(
                    sort_key(&found, &subject.resource).is_none() || found.comparable().is_some()
                );
                let again = AttributePath(found.to_string()).resolve(&subject.resource_type);
                assert_eq!(again, Some(Named::Attribute(found)));
            }
            Some(Named::Extension(urn)) => {
                assert!(urn.eq_ignore_ascii_case(text.trim_end_matches(':')))
            }
            None => assert!(!path.unknown(&subject.resource_type).is_empty()),
        }
    }
});

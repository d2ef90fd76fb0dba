#![no_main]
//! Any text as a filter: it is refused with a 400 that says why, or it can be written down and read back as the
//! same, bound or refused, and asked of a resource, whose answer to its negation is the opposite.

use libfuzzer_sys::fuzz_target;
use scimd_fuzz::SUBJECTS;
use scimd_fuzz::scim::filter::{Filter, FilterLimits, ResolvedFilter};

fuzz_target!(|text: &str| {
    let filter = match Filter::parse(text, FilterLimits::default()) {
        Ok(filter) => filter,
        Err(error) => {
            assert!(error.status == 400 && !error.detail.is_empty());
            return;
        }
    };
    // Written down it may be longer, as escapes are spelled out.
    let limits = FilterLimits { length: usize::MAX, ..FilterLimits::default() };
    let written = filter.to_string();
    assert_eq!(Filter::parse(&written, limits).as_ref(), Ok(&filter), "{written}");
    for subject in SUBJECTS.iter() {
        match filter.resolve(&subject.resource_type) {
            Ok(bound) => {
                let negated = ResolvedFilter::Not(Box::new(bound.clone()));
                assert_ne!(bound.matches(&subject.resource), negated.matches(&subject.resource));
            }
            Err(error) => assert!(error.status == 400 && !error.detail.is_empty()),
        }
    }
});

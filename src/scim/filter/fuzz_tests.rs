//! Texts that look like filters and paths, none of which may bring the parsers down.

use proptest::prelude::*;

use super::tests::{ana, resource_type};
use super::*;
use crate::scim::error::{ScimError, ScimType};
use crate::scim::path::PatchPath;

const TERMS: &[&str] = &[
    "userName eq \"a\"",
    "NAME.givenName Sw \"\\uD83D\\uDE00\"",
    "active eq true",
    "title pr",
    "emails[type eq \"work\" and primary eq \"True\"]",
    "emails[type eq \"work\"].value co \"]\"",
    "emails[not (type pr)]",
    "emails.value ne null",
    "meta.created gt \"2026-01-01T00:00:00Z\"",
    "not (title pr)",
    "(department eq \"a\\\"b\" or title pr)",
    "schemas[value co \"urn\"]",
    "emails[type eq \"work\"].value",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.$ref",
];
const JOINTS: &[&str] = &["and", "or", "AND", ""];
#[rustfmt::skip]
const NOISE: &[&str] = &[
    "(", ")", "[", "]", "\"", "\\", ".", ":", "  ", "\t", "and", "or", "not", "not(", "pr", "eq",
    "ne", "co", "sw", "gt", "LE", "true", "\"True\"", "null", "5", "-1.5e3", "01", "\"\"", "1e999",
    "\"work\"", "\"\\uD83D\"", "\"]\"", "userName", "emails", "emails[", "].value", "type", "value",
    "primary", "name", "meta.created", "\"2026-01-01T00:00:00Z\"", "password", "$ref", "schemas",
    "department", "é", "😀", "/", "0", "urn:ietf:params:scim:schemas:core:2.0:User", "urn:",
];

/// The text with this number, the same at every run: terms and joints as the grammar wants them, with
/// noise between, and sometimes cut off.
fn fuzz_text(number: u64) -> String {
    // SplitMix64: neighbouring numbers give unrelated texts.
    let mut state = number;
    let mut below = |bound: usize| {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut bits = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        usize::try_from((bits ^ (bits >> 31)) >> 33).unwrap() % bound
    };
    let noisy = below(2) == 0;
    let mut text = String::new();
    for i in 0..=below(8) {
        let tokens = match i % 2 {
            _ if noisy && below(3) == 0 => NOISE,
            0 => TERMS,
            _ => JOINTS,
        };
        text.push_str(tokens[below(tokens.len())]);
        if below(8) > 0 {
            text.push(' ');
        }
    }
    if below(8) == 0 {
        let end = text.floor_char_boundary(below(text.len() + 1));
        text.truncate(end);
    }
    text
}

#[track_caller]
fn refused_well(error: &ScimError, keywords: &[ScimType]) {
    assert_eq!(error.status, 400);
    assert!(error.scim_type.is_some_and(|it| keywords.contains(&it)), "{error:?}");
}

/// Reads, binds and asks a filter; whether it could be read, and bound.
fn try_filter(text: &str) -> (bool, bool) {
    let filter = match Filter::parse(text, FilterLimits::default()) {
        Ok(filter) => filter,
        Err(error) => {
            refused_well(&error, &[ScimType::InvalidFilter]);
            return (false, false);
        }
    };
    assert_eq!(Filter::parse(&filter.to_string(), FilterLimits::default()).as_ref(), Ok(&filter));
    match filter.resolve(&resource_type("User")) {
        Ok(bound) => {
            let negated = ResolvedFilter::Not(Box::new(bound.clone()));
            assert_ne!(bound.matches(&ana()), negated.matches(&ana()), "{text}");
            (true, true)
        }
        Err(error) => {
            refused_well(&error, &[ScimType::InvalidFilter]);
            (true, false)
        }
    }
}

/// Reads and binds the path of a PATCH operation; whether it could be read, and bound.
fn try_path(text: &str) -> (bool, bool) {
    let keywords = [ScimType::InvalidFilter, ScimType::InvalidPath];
    let path = match PatchPath::parse(text, FilterLimits::default()) {
        Ok(path) => path,
        Err(error) => {
            refused_well(&error, &keywords);
            return (false, false);
        }
    };
    let bound = path.resolve(&resource_type("User"));
    if let Err(error) = &bound {
        refused_well(error, &keywords);
    }
    (true, bound.is_ok())
}

fn cases() -> u64 {
    std::env::var("PROPTEST_CASES").map_or(20_000, |cases| cases.parse().unwrap())
}

/// F-08, F-27, P-05: as many texts as `PROPTEST_CASES` says.
#[test]
fn texts_of_tokens_are_read_or_refused() {
    let mut filters = [0_u64; 2];
    let mut paths = [0_u64; 2];
    for number in 0..cases() {
        let text = fuzz_text(number);
        for (count, (read, bound)) in
            [(&mut filters, try_filter(&text)), (&mut paths, try_path(&text))]
        {
            count[0] += u64::from(read);
            count[1] += u64::from(bound);
        }
    }
    println!(
        "{} texts: {} filters were read and {} bound, {} paths were read and {} bound",
        cases(),
        filters[0],
        filters[1],
        paths[0],
        paths[1]
    );
    // A generator that misses the grammar would prove nothing.
    assert!(
        cases() < 1000 || [filters, paths].iter().flatten().all(|count| *count > cases() / 100)
    );
}

proptest! {
    #[test]
    fn arbitrary_texts_are_read_or_refused(text in any::<String>()) {
        try_filter(&text);
        try_path(&text);
    }
}

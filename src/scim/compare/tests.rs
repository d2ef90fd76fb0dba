use super::*;

/// K-02: names that look the same have one key.
#[test]
fn text_ignores_case_width_and_encoding_unless_case_exact() {
    for (a, b) in [
        ("BOB@X.IO", "bob@x.io"),
        ("Ｂｏｂ", "bob"),
        ("e\u{301}", "É"),
        ("STRASSE", "straße"),
        ("Σίσυφος", "ΣΊΣΥΦΟΣ"),
        ("㎒", "mhz"),
    ] {
        assert_eq!(text_key(a, false), text_key(b, false), "{a} {b}");
        assert_ne!(text_key(a, true), text_key(b, true), "{a} {b}");
    }
    assert_ne!(text_key("bob", false), text_key("bab", false));
}

/// Keys must not change when a key is made of a key: uniqueness columns are compared with them.
#[test]
fn folding_is_idempotent_for_every_character() {
    // No character behind the second supplementary plane has a mapping.
    for c in '\0'..='\u{2FFFF}' {
        let once = text_key(&c.to_string(), false);
        assert_eq!(text_key(&once, false), once, "{c:?}");
    }
}

/// F-07
#[test]
fn instants_take_offsets_and_fractions() {
    let noon = instant("2026-01-31T12:00:00Z").unwrap();
    assert_eq!(noon, 1_769_860_800_000_000);
    for text in [
        "2026-01-31T14:00:00+02:00",
        "2026-01-31T07:00:00-05:00",
        "2026-01-31T12:00:00.000Z",
        "2026-01-31T12:00:00",
        "2026-01-31t12:00:00z",
    ] {
        assert_eq!(instant(text), Some(noon), "{text}");
    }
    assert_eq!(instant("2026-01-31T12:00:00.1234567Z"), Some(noon + 123_456));
    assert!(instant("1969-12-31T23:59:59Z").is_some_and(|before| before < 0));
    for text in [
        "",
        "2026-01-31",
        "9999-12-31T25:00:00Z",
        "9999-02-30T12:00:00",
        "12:00:00",
        "20260131T120000Z",
        "2026-01-31 12:00:00Z",
        "2026-02-30T12:00:00Z",
        "2026-01-31T25:00:00Z",
        "2026-01-31T12:00:00+02:00[Europe/Berlin]",
        "yesterday T",
    ] {
        assert_eq!(instant(text), None, "{text}");
    }
}

/// F-07: "never" is written as the last second of the calendar.
#[test]
fn instants_beyond_the_range_are_the_last_and_the_first() {
    let last = instant("9999-12-31T23:59:59Z").unwrap();
    assert_eq!(instant("9999-12-31T23:59:59-12:00"), Some(last));
    assert_eq!(instant("9999-12-31T23:59:59"), Some(last));
    assert!(instant("9999-12-30T00:00:00Z").is_some_and(|before| before < last));
    let first = instant("-009999-01-01T00:00:00Z").unwrap();
    assert!(instant("-009999-02-01T00:00:00Z").is_some_and(|after| after > first));
    assert!(instant("0000-01-01T00:00:00Z").is_some_and(|after| after > first));
}

/// F-07: numbers are ordered by value, without rounding.
#[test]
fn numbers_are_ordered_exactly() {
    let number = |text: &str| {
        let value: serde_json::Number = serde_json::from_str(text).unwrap();
        Number::from(&value)
    };
    let ascending = [
        "-1e300",
        "-1e20",
        "-9223372036854775808",
        "-1.5",
        "-1",
        "-0.5",
        "0",
        "0.5",
        "9",
        "10",
        "9007199254740992",
        "9007199254740993",
        "9223372036854775807",
        "9223372036854775808",
        "1e20",
        "1e300",
    ];
    for (i, a) in ascending.iter().enumerate() {
        for (j, b) in ascending.iter().enumerate() {
            assert_eq!(number(a).cmp(&number(b)), i.cmp(&j), "{a} {b}");
        }
    }
    assert_eq!(number("5.0"), number("5"));
    assert_eq!(number("-0.0"), number("0"));
}

#[test]
fn values_that_do_not_fit_the_type_have_no_key() {
    use serde_json::json;

    let of = |kind: Type, value: Value| {
        key(&Attribute { kind, ..serde_json::from_value(json!({ "name": "x" })).unwrap() }, &value)
    };
    assert_eq!(of(Type::String, json!("A")), Some(Key::Text("a".to_owned())));
    assert_eq!(of(Type::Boolean, json!(true)), Some(Key::Boolean(true)));
    assert_eq!(of(Type::Integer, json!(5)), Some(Key::Number(Number::Integer(5))));
    for (kind, value) in [
        (Type::String, json!(5)),
        (Type::Boolean, json!("true")),
        (Type::Integer, json!("5")),
        (Type::DateTime, json!("2026-01-31")),
        (Type::Complex, json!({})),
        (Type::String, json!(null)),
        (Type::String, json!(["a"])),
    ] {
        assert_eq!(of(kind, value.clone()), None, "{kind:?} {value}");
    }
}

use super::*;

#[test]
fn a_prefix_ends_where_no_text_starts_with_it_any_more() {
    for (prefix, end) in [
        ("a", Some("b")),
        ("az", Some("a{")),
        ("a\u{7F}", Some("a\u{80}")),
        // The surrogates between are no characters.
        ("\u{D7FF}", Some("\u{E000}")),
        ("a\u{10FFFF}", Some("b")),
        ("\u{10FFFF}\u{10FFFF}", None),
    ] {
        assert_eq!(end_of_prefix(prefix).as_deref(), end, "{prefix:?}");
        let longest = format!("{prefix}\u{10FFFF}\u{10FFFF}");
        assert!(end.is_none_or(|end| longest.as_str() < end && !end.starts_with(prefix)));
    }
}

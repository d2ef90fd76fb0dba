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

//! How filters are read, and that every text is either read or refused.

use proptest::prelude::*;
use serde_json::Number;

use super::*;
use crate::scim::error::ScimType;

fn parse(text: &str) -> Result<Filter, ScimError> {
    Filter::parse(text, FilterLimits::default())
}

#[track_caller]
fn same(a: &str, b: &str) {
    assert_eq!(parse(a).unwrap(), parse(b).unwrap(), "{a} = {b}");
}

/// The text is refused at the character, counted from 1.
#[track_caller]
fn refused(text: &str, position: usize, expected: &str) {
    let error = parse(text).unwrap_err();
    assert_eq!((error.status, error.scim_type), (400, Some(ScimType::InvalidFilter)), "{text}");
    let start = format!("The filter stops making sense at character {position}: expected ");
    assert!(error.detail.starts_with(&start), "{text}: {}", error.detail);
    assert!(error.detail.contains(expected), "{text}: {}", error.detail);
}

/// F-03
#[test]
fn precedence() {
    same("a pr or b pr and c pr", "a pr or (b pr and c pr)");
    same("not (a pr) and b pr", "(not (a pr)) and b pr");
    assert_ne!(parse("(a pr or b pr) and c pr").unwrap(), parse("a pr or b pr and c pr").unwrap());
    let Filter::Or(parts) = parse("a pr or b pr or c pr").unwrap() else { panic!("or") };
    assert_eq!(parts.len(), 3);
}

/// F-02, F-29
#[test]
fn blanks_and_keyword_case() {
    same("( userName  eq \"x\" )", "userName eq \"x\"");
    same("not(a pr)", "NOT  ( a  PR )");
    same("  a pr\tAnd b Eq TRUE ", "a pr and b eq true");
    same("emails[ type eq \"work\" ]", "emails[type eq \"work\"]");
    same("a eq NULL or b eq False", "a eq null or b eq false");
}

/// F-15
#[test]
fn a_test_behind_brackets_joins_those_inside() {
    same("emails[type eq \"work\"].value eq \"x\"", "emails[type eq \"work\" and value eq \"x\"]");
    same("emails[a pr and b pr].value pr", "emails[a pr and b pr and value pr]");
    same("emails[a pr or b pr].value pr", "emails[(a pr or b pr) and value pr]");
    same("e[a pr].b pr and c pr", "e[a pr and b pr] and c pr");
}

/// F-10
#[test]
fn values() {
    let value = |text: &str| match parse(&format!("a eq {text}")).unwrap() {
        Filter::Compare { value, .. } => value,
        other => panic!("{other}"),
    };
    assert_eq!(value(r#""a\"b\\\/\u00e9\uD83D\uDE00""#), Literal::Text("a\"b\\/é😀".to_owned()));
    assert_eq!(value("\"]) or (\""), Literal::Text("]) or (".to_owned()));
    assert_eq!(value("-12"), Literal::Number((-12).into()));
    assert_eq!(value("1.5e2").to_string(), "150.0");
    // Read as the nearest double, not as one beside it.
    assert_eq!(value("22222222222222.23e2").to_string(), "2222222222222223.0");
    assert_eq!(value("2222222222222223.0").to_string(), "2222222222222223.0");
    assert_eq!(value("true"), Literal::Boolean(true));
    assert_eq!(value("null"), Literal::Null);
}

/// F-08, F-10, F-11, F-14, F-24
#[test]
fn refusals_name_the_character() {
    refused("userName eq bob", 13, "text in double quotes");
    refused("userName xx \"a\"", 10, "an operator");
    refused("userName", 9, "an operator");
    refused("userName eq", 12, "a value");
    refused("eq \"a\"", 4, "an operator");
    refused("a pr and", 9, "an attribute name");
    refused("a pr b pr", 6, "\"and\", \"or\" or the end");
    refused("(a pr", 6, "\")\"");
    refused("a pr)", 5, "the end");
    refused("()", 2, "an attribute name");
    refused("not a pr", 5, "\"(\" behind \"not\"");
    refused("emails[type eq \"w\"", 19, "\"]\"");
    refused("emails[]", 8, "an attribute name");
    refused("emails[0]", 8, "an attribute name");
    refused("emails[a[b pr]]", 9, "brackets do not nest");
    refused("emails[(a pr]", 13, "\")\"");
    refused("(emails[a pr)]", 13, "\"]\"");
    refused("emails[a pr].b", 15, "an operator");
    refused("emails[a pr].b.c pr", 13, "a sub-attribute");
    refused("emails[a pr]. pr", 13, "a sub-attribute");
    refused("a eq \"x", 6, "closing quote");
    refused(r#"a eq "\x""#, 6, "escape");
    refused(r#"a eq "\uD83D""#, 6, "escape");
    refused("a eq \"x\\", 6, "closing quote");
    refused("a eq 01", 6, "a value");
    refused("a eq 'x'", 6, "a value");
    refused("é eq \"x\"", 1, "an attribute name");
    refused("a eq \"é😀\" x", 11, "the end");
    for name in ["1abc", ".a", "a.", "a.b.c", "a..b", "/x", "a:b", "urn:", "urn::a", "a,b"] {
        refused(&format!("a pr and {name} pr"), 10, "an attribute name");
    }
}

/// F-08: an empty filter selects nothing, and surely not everything.
#[test]
fn empty_filters_are_refused() {
    for text in ["", " ", "\t \n"] {
        let error = parse(text).unwrap_err();
        assert_eq!(error.scim_type, Some(ScimType::InvalidFilter));
        assert!(error.detail.starts_with("The filter is empty"));
    }
}

/// F-27
#[test]
fn depth_and_length_are_bounded() {
    let nested = |depth: usize| format!("{}a pr{}", "(".repeat(depth), ")".repeat(depth));
    let limits = FilterLimits { length: 100_000, depth: 50 };
    assert_eq!(Filter::parse(&nested(50), limits), parse("a pr"));
    for depth in [51, 10_000] {
        let error = Filter::parse(&nested(depth), limits).unwrap_err();
        assert!(error.detail.contains("more than 50"), "{}", error.detail);
        assert!(error.detail.contains("at character 51"), "{}", error.detail);
    }
    let many_nots = format!("{}a pr{}", "not (".repeat(51), ")".repeat(51));
    assert!(parse(&many_nots).unwrap_err().detail.contains("more than 50"));
    let limits = FilterLimits { length: 10, depth: 1 };
    assert!(Filter::parse("a[(b pr)]", limits).unwrap_err().detail.contains("more than 1"));
    assert!(Filter::parse("(a pr)", limits).is_ok());
    assert!(Filter::parse("(a pr)and(b pr)", limits).unwrap_err().detail.contains("10 bytes"));
    // Levels are nesting, not a count of parentheses.
    assert!(parse(&format!("a pr{}", " and (a pr)".repeat(200))).is_ok());
}

fn name() -> impl Strategy<Value = AttributePath> {
    let plain = "[a-zA-Z$][a-zA-Z0-9$_-]{0,6}(\\.[a-zA-Z$][a-zA-Z0-9$_-]{0,6})?";
    let urn = "urn:[a-z]{1,5}:[0-9]\\.[0-9]:[A-Z][a-z]{1,4}";
    prop_oneof![4 => plain, 1 => urn]
        .prop_filter("\"not\" begins a group", |name| !name.eq_ignore_ascii_case("not"))
        .prop_map(AttributePath)
}

fn literal() -> impl Strategy<Value = Literal> {
    prop_oneof![
        any::<String>().prop_map(Literal::Text),
        "[\"\\\\()\\[\\] a-z]{0,8}".prop_map(Literal::Text),
        any::<i64>().prop_map(|number| Literal::Number(number.into())),
        any::<f64>().prop_filter_map("finite", Number::from_f64).prop_map(Literal::Number),
        any::<bool>().prop_map(Literal::Boolean),
        Just(Literal::Null),
    ]
}

fn filter() -> impl Strategy<Value = Filter> {
    let leaf = || {
        let op = (0..CompareOp::ALL.len()).prop_map(|i| CompareOp::ALL[i]);
        prop_oneof![
            name().prop_map(Filter::Present),
            (name(), op, literal()).prop_map(|(path, op, value)| Filter::Compare {
                path,
                op,
                value
            }),
        ]
    };
    let inner = tree(leaf().boxed());
    let element = (name(), inner)
        .prop_map(|(path, filter)| Filter::Element { path, filter: Box::new(filter) });
    tree(prop_oneof![3 => leaf(), 1 => element].boxed())
}

fn tree(leaf: BoxedStrategy<Filter>) -> BoxedStrategy<Filter> {
    let branch = |part: BoxedStrategy<Filter>| {
        let parts = || prop::collection::vec(part.clone(), 2..4);
        prop_oneof![
            parts().prop_map(Filter::And),
            parts().prop_map(Filter::Or),
            part.clone().prop_map(|part| Filter::Not(Box::new(part))),
        ]
    };
    leaf.prop_recursive(3, 16, 3, branch).boxed()
}

proptest! {
    #[test]
    fn printed_filters_are_read_back(filter in filter()) {
        let limits = FilterLimits { length: usize::MAX, depth: 50 };
        prop_assert_eq!(Filter::parse(&filter.to_string(), limits), Ok(filter));
    }
}

use super::*;

/// F-03
#[test]
fn and_binds_tighter_than_or() {
    let parse = |text| Filter::parse(text, FilterLimits::default()).unwrap();
    assert_eq!(parse("a pr or b pr and c pr"), parse("a pr or (b pr and c pr)"));
    assert_ne!(parse("a pr or b pr and c pr"), parse("(a pr or b pr) and c pr"));
}

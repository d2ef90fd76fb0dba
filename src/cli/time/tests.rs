use super::*;

#[test]
fn expiries_are_read_in_every_unit() {
    let check = |text: &str, seconds: u64| {
        assert_eq!(text.parse(), Ok(Expiry::After(Duration::from_secs(seconds))), "{text}");
    };
    check("365d", 31_536_000);
    check("1d", 86_400);
    check("12h", 43_200);
    check("90m", 5_400);
    assert_eq!("never".parse(), Ok(Expiry::Never));
    assert_eq!(Expiry::After(Duration::from_mins(1)).from(5), Some(60_000_005));
    assert_eq!(Expiry::Never.from(5), None);
}

#[test]
fn other_texts_are_refused_with_an_example() {
    for text in ["", "d", "365", "1y", "-1d", "1.5d", "d1", "5é", "Never", "99999999999d"] {
        let refusal = text.parse::<Expiry>().unwrap_err();
        assert!(refusal.contains("365d"), "{text}: {refusal}");
    }
    assert_eq!("0d".parse::<Expiry>().unwrap_err(), "must be longer than nothing");
    assert!("40000d".parse::<Expiry>().unwrap_err().contains("never"));
}

#[test]
fn the_past_is_told_in_its_largest_unit() {
    let check = |seconds: i64, expected: &str| {
        assert_eq!(ago(DAY * 100, Some(DAY * 100 - seconds * SECOND)), expected);
    };
    check(0, "0s ago");
    check(59, "59s ago");
    check(60, "1m ago");
    check(3_599, "59m ago");
    check(7_200, "2h ago");
    check(86_400 * 3, "3d ago");
    check(-5, "0s ago");
    assert_eq!(ago(0, None), "-");
}

#[test]
fn days_are_dates() {
    assert_eq!(day(Some(1_305_266_400_120_000)), "2011-05-13");
    assert_eq!(day(None), "-");
}

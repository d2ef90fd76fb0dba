use super::*;

#[test]
fn fixed_clock_stands_until_stepped_and_clones_share_it() {
    let clock = Clock::fixed(1_700_000_000_123_456);
    let clone = clock.clone();
    assert_eq!(clock.now(), 1_700_000_000_123_000);
    clone.step(Duration::from_millis(2));
    assert_eq!(clock.now(), 1_700_000_000_125_000);
}

#[test]
fn system_clock_is_in_whole_milliseconds_and_cannot_be_stepped() {
    let clock = Clock::system();
    let before = clock.now();
    clock.step(Duration::from_hours(1));
    let after = clock.now();
    assert_eq!(before % 1000, 0);
    assert!((0..60_000_000).contains(&(after - before)), "{before} {after}");
    assert!(before > 1_700_000_000_000_000);
}

#[test]
fn ids_sort_in_the_order_they_were_made() {
    for clock in [Clock::system(), Clock::fixed(1_700_000_000_000_000)] {
        let ids: Vec<_> = (0..2000).map(|_| clock.id()).collect();
        assert!(ids.is_sorted());
        assert!(ids.windows(2).all(|pair| pair[0] != pair[1]));
        assert!(ids.iter().all(|id| id.get_version_num() == 7));
    }
}

#[test]
fn fixed_clocks_do_not_share_ids() {
    let ids = [0, 0].map(|micros| Clock::fixed(micros).id());
    assert_ne!(ids[0], ids[1]);
}

#[test]
fn secrets_differ() {
    let clock = Clock::fixed(0);
    assert_ne!(clock.secret::<32>(), clock.secret::<32>());
}

#[test]
fn timestamps_have_three_fraction_digits_and_z() {
    let check = |micros, expected: &str| assert_eq!(timestamp(micros), expected);
    check(0, "1970-01-01T00:00:00.000Z");
    check(1_305_266_400_120_000, "2011-05-13T06:00:00.120Z");
    check(1_305_266_400_999_999, "2011-05-13T06:00:00.999Z");
    check(-1_000, "1969-12-31T23:59:59.999Z");
    check(i64::MAX, "9999-12-30T22:00:00.999Z");
}

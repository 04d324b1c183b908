use super::*;

#[test]
fn the_first_windows_are_few_and_the_best() {
    let totals: Vec<Score> = (0..5_000).map(|window| (window * 7_919 % 5_000) as Score / 100.0).collect();
    let bar = first_bar(&totals);
    let first = totals.iter().filter(|total| **total >= bar).count();
    assert!((FIRST / 4..200).contains(&first), "{first}");
    assert!(first_bar(&[]).abs() < Score::EPSILON);
    assert!(first_bar(&[Score::NEG_INFINITY; 100]).abs() < Score::EPSILON);
    assert!(first_bar(&[Score::NEG_INFINITY, 1.0, 3.0]).abs() < Score::EPSILON, "all where there are few");
}

#[test]
fn ceilings_are_spread_over_windows() {
    let few = Ceilings::Few(vec![(1, 2.0), (3, 0.5)]);
    assert_eq!(few.spread(5), [0.0, 2.0, 0.0, 0.5, 0.0]);
    let (mut left, mut right) = (vec![0.0; 5], vec![0.0; 5]);
    add_word(&few, 3.0, &mut left);
    add_word(&Ceilings::All(few.spread(5)), 3.0, &mut right);
    assert_eq!(left, right);
}

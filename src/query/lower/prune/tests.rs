use super::*;

#[test]
fn the_first_windows_are_few_and_the_best() {
    let totals: Vec<Score> = (0..5_000).map(|window| (window * 7_919 % 5_000) as Score / 100.0).collect();
    let peaks = peaks(&totals);
    let bar = first_bar(&peaks);
    let first = totals.iter().filter(|total| **total >= bar).count();
    assert!((FIRST..4 * FIRST).contains(&first), "{first}");
    assert!(first_bar(&[]).abs() < Score::EPSILON);
    assert!(first_bar(&[Score::NEG_INFINITY; 100]).abs() < Score::EPSILON);
    assert!(first_bar(&[Score::NEG_INFINITY, 1.0, 3.0]).abs() < Score::EPSILON, "all where there are few");
}

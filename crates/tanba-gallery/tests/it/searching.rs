//! Who is found, and who is not.

use crate::people::*;
use proptest::prelude::*;
use tanba_finger::{Prepared, compare};
use tanba_formats::Finger;
use tanba_gallery::{
    Candidate, Effort, Enrolment, EntryId, InsertError, MOST_IMPRESSIONS, Outcome, Population, Probe, SearchControl,
    SearchError, SearchOptions, fusion,
};

const BOTH: [Finger; 2] = [Finger::RightIndex, Finger::LeftIndex];

#[test]
fn a_person_is_found_by_new_impressions_and_others_are_not() {
    let gallery = gallery(20);
    let answer = gallery.search(&probe_of(7, &BOTH), &options(&[CIVIL, CRIMINAL]), &SearchControl::default()).unwrap();
    let Outcome::Hits([hit]) = answer.outcome() else { panic!("{:?}", answer.outcome()) };
    assert_eq!((hit.entry, hit.population, hit.fingers.len()), (EntryId(7), CIVIL, 2));
    assert_eq!(hit.log10_lr, hit.fingers[0].log10_lr + hit.fingers[1].log10_lr);
    assert_eq!((answer.coverage().people_compared, answer.coverage().fingers_compared), (20, 40));
    let nobody = gallery.search(&probe_of(99, &BOTH), &options(&[CIVIL, CRIMINAL]), &SearchControl::default()).unwrap();
    assert_eq!(nobody.outcome(), Outcome::NoHit);
}

#[test]
fn only_the_named_populations_are_touched() {
    let gallery = gallery(20);
    let answer = gallery.search(&probe_of(7, &BOTH), &options(&[CRIMINAL]), &SearchControl::default()).unwrap();
    assert_eq!(answer.outcome(), Outcome::NoHit);
    assert_eq!(answer.coverage().people_compared, 10);
    let unknown = gallery.search(&probe_of(7, &BOTH), &options(&[Population(9)]), &SearchControl::default()).unwrap();
    assert_eq!(unknown.coverage().people_compared, 0);
}

#[test]
fn a_removed_person_is_gone_at_once_and_a_snapshot_keeps_its_version() {
    let mut gallery = gallery(6);
    let snapshot = gallery.clone();
    assert!(gallery.remove(EntryId(3)));
    assert!(!gallery.remove(EntryId(3)));
    assert_eq!((snapshot.version(), gallery.version()), (6, 7));
    let find = |g: &tanba_gallery::Gallery| {
        let answer = g.search(&probe_of(3, &BOTH), &options(&[CIVIL]), &SearchControl::default()).unwrap();
        assert_eq!(answer.coverage().version, g.version());
        matches!(answer.outcome(), Outcome::Hits(_))
    };
    assert!(!find(&gallery) && !gallery.contains(EntryId(3)));
    assert!(find(&snapshot));
}

#[test]
fn enrolling_again_replaces_what_was_there() {
    let mut gallery = gallery(5);
    let version = gallery
        .insert(&Enrolment::new(EntryId(1), CIVIL, vec![(Finger::RightThumb, finger_of(50, Finger::RightThumb))]))
        .unwrap();
    assert_eq!((version, gallery.people(), gallery.impressions()), (6, 5, 9));
    let old = gallery.search(&probe_of(1, &BOTH), &options(&[CIVIL]), &SearchControl::default()).unwrap();
    assert_eq!((old.outcome(), old.coverage().people_not_comparable), (Outcome::NoHit, 1));
    assert_eq!(gallery.insert(&Enrolment::new(EntryId(9), CIVIL, vec![])), Err(InsertError::NoFingers));
    let many = vec![(Finger::RightThumb, finger(1)); MOST_IMPRESSIONS + 1];
    assert_eq!(
        gallery.insert(&Enrolment::new(EntryId(9), CIVIL, many)),
        Err(InsertError::TooMany { given: MOST_IMPRESSIONS + 1 })
    );
    assert_eq!(gallery.version(), 6);
}

#[test]
fn a_finger_of_unknown_position_is_compared_with_all_fingers_at_a_price() {
    let gallery = gallery(10);
    let known = probe_of(4, &[Finger::LeftIndex]);
    let unknown = Probe { fingers: vec![(Finger::Unknown, known.fingers[0].1.clone())] };
    let evidence = |probe: &Probe| {
        let answer = gallery.search(probe, &options(&[CRIMINAL]), &SearchControl::default()).unwrap();
        let Outcome::Hits([hit]) = answer.outcome() else { panic!("{:?}", answer.outcome()) };
        assert_eq!((hit.entry, hit.fingers[0].enrolled), (EntryId(4), Finger::LeftIndex));
        (hit.log10_lr, answer.coverage().fingers_compared)
    };
    let ((with, one), (without, two)) = (evidence(&known), evidence(&unknown));
    assert_eq!((one, two), (5, 10));
    assert!((with - without - 2f64.log10()).abs() < 0.01, "{with} {without}");
}

#[test]
fn a_first_look_finds_the_person_and_compares_few_in_full() {
    let look = |share| SearchOptions { effort: Effort::Cascade { share }, ..options(&[CIVIL, CRIMINAL]) };
    let mut gallery = gallery(400);
    for person in [1, 40, 333] {
        let answer = gallery.search(&probe_of(person, &BOTH), &look(0.05), &SearchControl::default()).unwrap();
        let Outcome::Hits([hit]) = answer.outcome() else { panic!("{:?}", answer.outcome()) };
        assert_eq!((hit.entry, hit.fingers.len()), (EntryId(person.into()), 2));
        let coverage = answer.coverage();
        // A hundred at least.
        assert_eq!((coverage.people_compared, coverage.people_weighed, coverage.people_not_comparable), (400, 100, 0));
    }
    // With all of them it is the exhaustive search.
    let exhaustive = SearchOptions { effort: Effort::Exhaustive, ..look(1.0) };
    for person in [2, 7, 900] {
        let probe = probe_of(person, &BOTH);
        let of = |options: &SearchOptions| gallery.search(&probe, options, &SearchControl::default()).unwrap();
        assert_eq!(of(&look(1.0)).outcome(), of(&exhaustive).outcome());
        assert_eq!(of(&look(1.0)).coverage().people_weighed, 400);
    }
    // Whoever is removed, or enrolled anew, is out of the first look too; a snapshot keeps what it had.
    let snapshot = gallery.clone();
    assert!(gallery.remove(EntryId(40)));
    gallery.insert(&Enrolment::new(EntryId(333), CIVIL, vec![(Finger::RightThumb, finger(1))])).unwrap();
    for person in [40, 333] {
        let of = |g: &tanba_gallery::Gallery| {
            g.search(&probe_of(person, &BOTH), &look(0.05), &SearchControl::default()).unwrap()
        };
        assert_eq!(of(&gallery).outcome(), Outcome::NoHit, "{person}");
        assert!(matches!(of(&snapshot).outcome(), Outcome::Hits(_)), "{person}");
    }
    let one = gallery.search(&probe_of(1, &BOTH), &look(0.05), &SearchControl::default()).unwrap();
    assert_eq!((one.coverage().people_compared, one.coverage().people_not_comparable), (398, 1));
}

#[test]
fn a_threshold_that_nobody_can_reach_leaves_everyone_compared() {
    let gallery = gallery(20);
    for effort in [Effort::Exhaustive, Effort::default()] {
        let options = SearchOptions { threshold: 1000.0, effort, ..options(&[CIVIL, CRIMINAL]) };
        let answer = gallery.search(&probe_of(7, &BOTH), &options, &SearchControl::default()).unwrap();
        let coverage = answer.coverage();
        assert_eq!((coverage.people_compared, coverage.people_weighed, coverage.people_not_comparable), (20, 20, 0));
        assert_eq!(answer.outcome(), Outcome::NoHit);
    }
}

#[test]
fn a_first_look_at_a_finger_of_unknown_position_looks_at_all() {
    let gallery = gallery(300);
    let probe = Probe { fingers: vec![(Finger::Unknown, probe_of(8, &[Finger::LeftIndex]).fingers[0].1.clone())] };
    let options = SearchOptions { effort: Effort::Cascade { share: 0.2 }, ..options(&[CRIMINAL]) };
    let answer = gallery.search(&probe, &options, &SearchControl::default()).unwrap();
    let Outcome::Hits([hit]) = answer.outcome() else { panic!("{:?}", answer.outcome()) };
    assert_eq!((hit.entry, hit.fingers[0].enrolled), (EntryId(8), Finger::LeftIndex));
    assert_eq!(answer.coverage().people_weighed, 100);
}

#[test]
fn questions_without_meaning_are_refused() {
    let gallery = gallery(2);
    let good = probe_of(1, &BOTH);
    let search =
        |probe: &Probe, options: &SearchOptions| gallery.search(probe, options, &SearchControl::default()).err();
    let blank = tanba_finger::Template { minutiae: vec![], ..finger(1) };
    let empty = Probe { fingers: vec![(Finger::RightIndex, Prepared::new(&blank))] };
    assert_eq!(search(&empty, &options(&[CIVIL])), Some(SearchError::EmptyProbe));
    assert_eq!(search(&Probe { fingers: vec![] }, &options(&[CIVIL])), Some(SearchError::EmptyProbe));
    assert_eq!(search(&good, &options(&[])), Some(SearchError::NoPopulation));
    assert_eq!(search(&good, &SearchOptions { limit: 0, ..options(&[CIVIL]) }), Some(SearchError::NoLimit));
    assert_eq!(
        search(&good, &SearchOptions { threshold: f64::NAN, ..options(&[CIVIL]) }),
        Some(SearchError::Threshold)
    );
    for share in [0.0, -0.1, 1.5, f64::NAN] {
        let effort = Effort::Cascade { share };
        assert_eq!(search(&good, &SearchOptions { effort, ..options(&[CIVIL]) }), Some(SearchError::Share));
    }
}

/// The slow, obvious way: everyone in turn, one finger of each position, in a flat list.
fn reference(people: u64, probe: &Probe, options: &SearchOptions) -> Vec<(EntryId, f64)> {
    let mut found: Vec<(EntryId, f64)> = (1..=people)
        .filter(|p| options.populations.contains(if p % 2 == 1 { &CIVIL } else { &CRIMINAL }))
        .map(|person| {
            let sum = probe
                .fingers
                .iter()
                .filter(|(position, _)| BOTH.contains(position))
                .map(|(position, theirs)| {
                    let enrolled = Prepared::new(&finger_of(person, *position));
                    fusion::of_comparison(compare(&enrolled, theirs).score, 70, 70)
                })
                .sum();
            (EntryId(person.into()), sum)
        })
        .filter(|(_, lr)| *lr >= options.threshold)
        .collect();
    found.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    found.truncate(options.limit);
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_search_answers_as_the_slow_way_does(
        people in 1u64..30,
        probe in 1u64..40,
        limit in 1usize..40,
        threshold in -4.0f64..6.0,
        civil_only in any::<bool>(),
        positions in prop::sample::subsequence(vec![Finger::RightIndex, Finger::LeftIndex], 1..=2),
    ) {
        let populations = if civil_only { vec![CIVIL] } else { vec![CIVIL, CRIMINAL] };
        let options = SearchOptions { limit, threshold, ..options(&populations) };
        let probe = probe_of(probe, &positions);
        let answer = gallery(people).search(&probe, &options, &SearchControl::default()).unwrap();
        let found: &[Candidate] = match answer.outcome() {
            Outcome::NoHit => &[],
            Outcome::Hits(hits) => hits,
            Outcome::Incomplete { .. } => panic!("nothing failed"),
        };
        let found: Vec<(EntryId, f64)> = found.iter().map(|c| (c.entry, c.log10_lr)).collect();
        prop_assert_eq!(found, reference(people, &probe, &options));
        let unlimited = SearchOptions { limit: 100, ..options };
        prop_assert_eq!(answer.above_threshold() as usize, reference(people, &probe, &unlimited).len());
    }
}

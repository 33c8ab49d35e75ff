//! Fingers in another order than was said, filters, one person against the probe, and templates of two versions.

use crate::people::*;
use tanba_finger::{Prepared, Recipe, Template};
use tanba_formats::Finger;
use tanba_gallery::{
    Effort, Enrolment, EntryId, Filter, Gallery, Outcome, Probe, SearchControl, SearchError, SearchOptions, Sex, Traits,
};

/// People with all ten fingers.
fn ten_fingers(people: u64) -> Gallery {
    let people: Vec<Enrolment> = (1..=people)
        .map(|person| {
            let fingers = Finger::TEN.map(|finger| (finger, finger_of(person, finger))).to_vec();
            Enrolment::new(EntryId(person.into()), CIVIL, fingers)
        })
        .collect();
    let mut gallery = Gallery::new();
    gallery.insert_all(&people).unwrap();
    gallery
}

/// New impressions of a person's fingers, said to be of others.
fn said(person: u64, fingers: &[(Finger, Finger)]) -> Probe {
    let prints = fingers.iter().map(|(said, is)| (*said, Prepared::new(&again(&finger_of(person, *is)))));
    Probe { fingers: prints.collect() }
}

fn cascade() -> SearchOptions {
    SearchOptions::new([CIVIL], 3.0)
}

fn hit(gallery: &Gallery, probe: &Probe, options: &SearchOptions) -> Option<(u64, f64)> {
    let answer = gallery.search(probe, options, &SearchControl::default()).unwrap();
    match answer.outcome() {
        Outcome::Hits([one]) => Some((one.entry.0 as u64, one.log10_lr)),
        Outcome::NoHit => None,
        other => panic!("{other:?}"),
    }
}

#[test]
fn ten_fingers_are_searched_by_four_and_weighed_by_all() {
    let gallery = ten_fingers(150);
    let probe = said(77, &Finger::TEN.map(|finger| (finger, finger)));
    let answer = gallery.search(&probe, &cascade(), &SearchControl::default()).unwrap();
    let Outcome::Hits([one]) = answer.outcome() else { panic!("{:?}", answer.outcome()) };
    assert_eq!((one.entry, one.fingers.len()), (EntryId(77), 10));
    let coverage = answer.coverage();
    assert_eq!((coverage.people_compared, coverage.people_weighed), (150, 100));
    // Four fingers of everyone, all ten of the hundred and fifty left over; of the hundred the comparisons, which end with those in whom
    // no finger that is left could make up for the others.
    let looked = 4 * 150 + 10 * 150;
    assert!((looked + 99 * 5..looked + 99 * 9).contains(&coverage.fingers_compared), "{}", coverage.fingers_compared);
    let all = SearchOptions { threshold: -100.0, ..cascade() };
    let answer = gallery.search(&probe, &all, &SearchControl::default()).unwrap();
    assert_eq!(answer.coverage().fingers_compared, looked + 10 * 100);
}

#[test]
fn somebody_without_the_fingers_that_everyone_is_looked_at_by_is_looked_at_by_others() {
    let mut gallery = ten_fingers(150);
    let few = [Finger::RightRing, Finger::LeftLittle].map(|finger| (finger, finger_of(500, finger))).to_vec();
    gallery.insert(&Enrolment::new(EntryId(500), CIVIL, few)).unwrap();
    let probe = said(500, &Finger::TEN.map(|finger| (finger, finger)));
    assert_eq!(hit(&gallery, &probe, &cascade()).map(|(person, _)| person), Some(500));
}

#[test]
fn exchanged_hands_are_found_where_that_is_asked_for_and_count_less() {
    let gallery = ten_fingers(150);
    let both = [Finger::RightIndex, Finger::LeftIndex, Finger::RightThumb, Finger::LeftThumb];
    let exchanged = said(42, &both.map(|finger| (finger, finger.of_other_hand())));
    assert_eq!(hit(&gallery, &exchanged, &cascade()), None);
    let asked = SearchOptions { hands_may_be_exchanged: true, ..cascade() };
    let (person, found) = hit(&gallery, &exchanged, &asked).unwrap();
    let (_, straight) = hit(&gallery, &said(42, &both.map(|finger| (finger, finger))), &asked).unwrap();
    assert_eq!(person, 42);
    assert!((straight - found - 2.0).abs() < 0.1, "{straight} {found}");
    let exhaustive = SearchOptions { effort: Effort::Exhaustive, ..asked };
    assert_eq!(hit(&gallery, &exchanged, &exhaustive), Some((42, found)));
}

#[test]
fn two_fingers_taken_for_each_other_are_told_where_they_lie() {
    let gallery = ten_fingers(120);
    let mut fingers = Finger::TEN.map(|finger| (finger, finger));
    (fingers[2].1, fingers[3].1) = (Finger::RightRing, Finger::RightMiddle);
    let probe = said(9, &fingers);
    let answer = gallery.search(&probe, &cascade(), &SearchControl::default()).unwrap();
    let Outcome::Hits([one]) = answer.outcome() else { panic!("{:?}", answer.outcome()) };
    assert_eq!(one.entry, EntryId(9));
    for evidence in &one.fingers {
        let is = fingers.iter().find(|(said, _)| *said == evidence.probe).unwrap().1;
        assert_eq!(evidence.enrolled, is);
        assert!(evidence.log10_lr > 1.0, "{evidence:?}");
    }
    // Somebody else whose fingers simply do not fit is nobody's double.
    let nobody = said(900, &fingers);
    assert_eq!(hit(&gallery, &nobody, &cascade()), None);
}

#[test]
fn a_filter_leaves_out_whom_it_says_and_tells_how_many() {
    let mut gallery = Gallery::new();
    for person in 1..=40 {
        let traits = match person % 4 {
            0 => Traits::default(),
            1 => Traits { sex: Some(Sex::Male), born: Some(1980), region: Some(3) },
            _ => Traits { sex: Some(Sex::Female), born: Some(1990), region: Some(4) },
        };
        gallery.insert(&Enrolment { traits, population: CIVIL, ..enrolment(person) }).unwrap();
    }
    let ask = |person: u64, filter: Filter| {
        let options = SearchOptions { filter, ..cascade() };
        let probe = probe_of(person, &[Finger::RightIndex, Finger::LeftIndex]);
        let answer = gallery.search(&probe, &options, &SearchControl::default()).unwrap();
        (matches!(answer.outcome(), Outcome::Hits([_])), answer.coverage().people_filtered_out)
    };
    let male = Filter { sex: Some(Sex::Male), ..Filter::default() };
    assert_eq!(ask(5, male.clone()), (true, 20));
    assert_eq!(ask(6, male.clone()), (false, 20));
    assert_eq!(ask(8, male), (true, 20), "of whom nothing is known nobody is left out");
    assert_eq!(ask(6, Filter { born: Some(1985..=1995), region: Some(4), ..Filter::default() }), (true, 10));
    assert_eq!(ask(6, Filter::default()), (true, 0));
}

#[test]
fn one_person_is_verified_without_a_search() {
    let mut gallery = ten_fingers(3);
    let probe = said(2, &[(Finger::RightIndex, Finger::RightIndex), (Finger::RightThumb, Finger::RightThumb)]);
    let of = |gallery: &Gallery, person: u128| gallery.verify(EntryId(person), &probe).unwrap();
    let [same] = &of(&gallery, 2)[..] else { panic!("one population") };
    assert!(same.log10_lr > 3.0 && same.fingers.len() == 2 && same.population == CIVIL);
    assert!(of(&gallery, 1)[0].log10_lr < 0.0);
    assert!(of(&gallery, 77).is_empty());
    gallery.remove(EntryId(2));
    assert!(of(&gallery, 2).is_empty());
    assert_eq!(gallery.verify(EntryId(1), &Probe { fingers: vec![] }), Err(SearchError::EmptyProbe));
}

/// A native template of version 1, as written before ridges were kept.
fn version_1(template: &Template) -> Vec<u8> {
    let mut out = b"TANBAfmt".to_vec();
    out.extend([1u16, template.width, template.height].iter().flat_map(|v| v.to_le_bytes()));
    out.extend([template.quality, 0]);
    out.extend((template.minutiae.len() as u16).to_le_bytes());
    for m in &template.minutiae {
        out.extend([m.x, m.y, m.direction].iter().flat_map(|v| v.to_le_bytes()));
        out.extend([1, m.quality]);
    }
    let checksum = tanba_finger::crc32(&out);
    out.extend(checksum.to_le_bytes());
    out
}

#[test]
fn templates_of_two_versions_and_of_all_extractors_are_searched_together() {
    let mut gallery = Gallery::new();
    for person in 1..=20 {
        let recipe = Recipe::ALL[person as usize / 2 % 3];
        let template = Template { recipe, ..finger_of(person, Finger::RightIndex) };
        let bytes = if person % 2 == 0 { template.to_bytes() } else { version_1(&template) };
        let read = Template::from_bytes(&bytes).unwrap();
        gallery.insert(&Enrolment::new(EntryId(person.into()), CIVIL, vec![(Finger::RightIndex, read)])).unwrap();
    }
    for person in [7, 8, 10, 12] {
        let probe = probe_of(person, &[Finger::RightIndex]);
        assert_eq!(hit(&gallery, &probe, &cascade()).map(|(found, _)| found), Some(person));
    }
}

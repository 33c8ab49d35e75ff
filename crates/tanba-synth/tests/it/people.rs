//! People, families, populations.

use std::collections::BTreeSet;

use tanba_dna::Locus;
use tanba_formats::Finger;
use tanba_synth::{Family, FingerState, NameGroup, Person, PersonSpec, Population, Sex};

const TODAY: (i16, u8, u8) = (2026, 3, 1);

#[test]
fn a_person_is_the_same_for_the_same_seed_and_another_for_another() {
    assert!(Person::from_seed(1, TODAY) == Person::from_seed(1, TODAY));
    let names: BTreeSet<String> = (0..50).map(|s| Person::from_seed(s, TODAY).iin.to_string()).collect();
    assert_eq!(names.len(), 50);
}

#[test]
fn the_number_carries_the_true_day_and_an_impossible_century() {
    for person in Population::new(3, 300, TODAY) {
        let text = person.iin.as_str();
        let born = person.born;
        assert_eq!(text[..6], format!("{:02}{:02}{:02}", born.year.rem_euclid(100), born.month, born.day));
        assert_eq!(&text[6..7], if person.sex == Sex::Male { "1" } else { "2" });
        let age = born.age_at(TODAY);
        assert!((16..=79).contains(&age), "{age}");
    }
}

#[test]
fn ages_are_those_asked_for() {
    for seed in 0..200 {
        for spec in [PersonSpec::YOUNG_CHILD, PersonSpec::TEENAGER, PersonSpec { age: (0, 0), sex: None, group: None }]
        {
            let age = Person::with(seed, TODAY, spec).born.age_at(TODAY);
            assert!((i32::from(spec.age.0)..=i32::from(spec.age.1)).contains(&age), "{age} for {:?}", spec.age);
        }
    }
}

#[test]
fn a_population_has_unique_numbers_and_a_sensible_mix() {
    let people: Vec<Person> = Population::new(7, 3000, TODAY).collect();
    let numbers: BTreeSet<&str> = people.iter().map(|p| p.iin.as_str()).collect();
    assert_eq!(numbers.len(), people.len());
    let women = people.iter().filter(|p| p.sex == Sex::Female).count();
    assert!((1350..1650).contains(&women), "{women}");
    let missing = people.iter().flat_map(|p| &p.fingers).filter(|f| matches!(f, FingerState::Missing { .. })).count();
    assert!((40..160).contains(&missing), "{missing}");
    let worn = people
        .iter()
        .filter(|p| p.fingers.iter().any(|f| matches!(f, FingerState::Present { spec, .. } if spec.wear > 0.0)));
    assert!((80..350).contains(&worn.count()));
    assert!(people[5] == Population::new(7, 10, TODAY).person(5));
}

#[test]
fn families_share_alleles_and_names() {
    for seed in 0..20 {
        let family = Family::from_seed(seed, TODAY, 3, (6, 9));
        for child in &family.children {
            assert!((0..=9).contains(&child.born.age_at(TODAY)));
            for locus in Locus::ALL {
                let (from_mother, from_father) = child.genotype.at(locus);
                let (m, f) = (family.mother.genotype.at(locus), family.father.genotype.at(locus));
                assert!(from_mother == m.0 || from_mother == m.1);
                assert!(from_father == f.0 || from_father == f.1);
            }
            let end = |p: &Person| p.name.family.ru.trim_end_matches('а').to_owned();
            assert_eq!(end(child), end(&family.father));
            assert!(child.name.patronymic.is_some());
            let gap = family.mother.born.age_at(TODAY) - child.born.age_at(TODAY);
            assert!((17..=41).contains(&gap), "{gap}");
        }
    }
}

#[test]
fn a_person_has_masters_for_the_fingers_that_are_there() {
    let person =
        Person::with(2, TODAY, PersonSpec { age: (30, 30), sex: Some(Sex::Male), group: Some(NameGroup::Kazakh) });
    let present: Vec<Finger> = person.present_fingers().collect();
    let one = person.finger(present[0]).unwrap();
    assert_eq!(one.finger(), present[0]);
    assert!(person.finger(Finger::Unknown).is_none());
    let text = serde_json::to_value(&person).unwrap();
    assert_eq!(text["genotype"]["FGA"].as_array().unwrap().len(), 2);
    assert_eq!(text["fingers"].as_array().unwrap().len(), 10);
}

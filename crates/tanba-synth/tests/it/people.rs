//! People, families, populations.

use std::collections::BTreeSet;

use tanba_dna::Locus;
use tanba_formats::Finger;
use tanba_synth::{
    Condition, DocumentKind, Family, FingerState, Impression, ImpressionParams, NameGroup, Person, PersonSpec,
    Population, Sex, Status,
};

const TODAY: (i16, u8, u8) = (2026, 3, 1);

#[test]
fn a_person_is_the_same_for_the_same_seed_and_another_for_another() {
    assert!(Person::from_seed(1, TODAY) == Person::from_seed(1, TODAY));
    let names: BTreeSet<String> = (0..50).map(|s| Person::from_seed(s, TODAY).iin.to_string()).collect();
    assert_eq!(names.len(), 50);
}

#[test]
fn the_number_carries_the_true_day_and_an_impossible_century() {
    for (ages, people) in [
        ((16, 79), Population::new(3, 300, TODAY)),
        ((0, 104), Population::residents(3, 1000, TODAY, (0, 104))),
        ((7, 9), Population::residents(3, 300, TODAY, (7, 9))),
    ] {
        for person in people {
            let text = person.iin.as_str();
            let born = person.born;
            assert_eq!(text[..6], format!("{:02}{:02}{:02}", born.year.rem_euclid(100), born.month, born.day));
            assert_eq!(&text[6..7], if person.sex == Sex::Male { "1" } else { "2" });
            let age = born.age_at(TODAY);
            assert!((ages.0..=ages.1).contains(&age), "{age}");
        }
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
    let oldest = Person::with(1, TODAY, PersonSpec { age: (108, 110), sex: None, group: None });
    assert!((108..=110).contains(&oldest.born.age_at(TODAY)));
}

#[test]
fn a_population_has_unique_numbers_and_a_sensible_mix() {
    let people: Vec<Person> = Population::new(7, 3000, TODAY).collect();
    let numbers: BTreeSet<&str> = people.iter().map(|p| p.iin.as_str()).collect();
    assert_eq!(numbers.len(), people.len());
    assert!(people.iter().all(|p| p.status == Status::Citizen && !p.name.family.kk.is_empty()));
    let women = people.iter().filter(|p| p.sex == Sex::Female).count();
    assert!((1350..1700).contains(&women), "{women}");
    // Worn hands: builders, farmers and the like, about one adult in ten.
    let worn = people
        .iter()
        .filter(|p| p.fingers.iter().any(|f| matches!(f, FingerState::Present { spec, .. } if spec.wear > 0.25)));
    let worn = worn.count();
    assert!((250..800).contains(&worn), "{worn}");
    assert!(people[5] == Population::new(7, 10, TODAY).person(5));
}

#[test]
fn fingers_are_missing_about_as_often_as_in_life() {
    // Some half a million of 296 million people in the United States of 2005 lived without a finger or a part of a hand (Ziegler-Graham et al.
    // 2008): 0.17 %. Ours do heavier work, and a third of the losses there is not counted here.
    let people: Vec<Person> = Population::residents(11, 20_000, TODAY, (16, 79)).collect();
    let lost = |p: &&Person| p.fingers.iter().any(|f| matches!(f, FingerState::Missing { .. }));
    let share = people.iter().filter(lost).count() as f64 / people.len() as f64;
    assert!((0.0012..0.0042).contains(&share), "{share}");
    let men = people.iter().filter(|p| p.sex == Sex::Male).filter(lost).count();
    assert!(men > people.iter().filter(lost).count() / 2);
    for person in people.iter().filter(lost) {
        for (state, finger) in person.fingers.iter().zip(Finger::TEN) {
            let said = |c: &&tanba_synth::FingerCondition| c.finger == finger;
            let condition = person.conditions.iter().find(said).map(|c| c.state);
            let gone = matches!(condition, Some(Condition::Missing | Condition::Prosthetic));
            assert_eq!(matches!(state, FingerState::Missing { .. }), gone);
        }
    }
}

#[test]
fn residents_have_their_status_and_the_papers_that_go_with_it() {
    let people: Vec<Person> = Population::residents(5, 20_000, TODAY, (0, 104)).collect();
    let count = |status| people.iter().filter(|p| p.status == status).count();
    // 3 % and 0.05 % of 20,000, four standard deviations.
    assert!((503..697).contains(&count(Status::Foreigner)) && (1..23).contains(&count(Status::Stateless)));
    let mut numbers = BTreeSet::new();
    for person in &people {
        let age = person.born.age_at(TODAY);
        let foreign = person.status == Status::Foreigner;
        assert_eq!(person.citizenship.is_some(), foreign);
        assert!(!foreign || (person.name.family.kk.is_empty() && !person.name.family.latin.is_empty()));
        for paper in &person.documents {
            assert!(paper.number.starts_with("SYN") && numbers.insert(paper.number.clone()));
            assert!(paper.issued <= TODAY, "{paper:?}");
            assert!(paper.expires.is_none_or(|last| last > paper.issued));
            let fits = match paper.kind {
                DocumentKind::BirthCertificate => person.status == Status::Citizen && age < 17,
                DocumentKind::IdentityCard => person.status == Status::Citizen && age >= 16,
                DocumentKind::Passport => person.status == Status::Citizen,
                DocumentKind::ResidencePermit => foreign && age >= 16,
                DocumentKind::ForeignPassport => foreign,
                DocumentKind::StatelessCertificate => person.status == Status::Stateless && age >= 16,
            };
            assert!(fits, "{:?} at {age}", paper.kind);
            let shape: Vec<usize> = paper.mrz.iter().map(String::len).collect();
            assert!(shape.is_empty() || shape == [30, 30, 30] || shape == [44, 44], "{shape:?}");
            assert!(paper.mrz.iter().all(|l| l.bytes().all(|b| matches!(b, b'A'..=b'Z' | b'0'..=b'9' | b'<'))));
            assert!(paper.mrz.first().is_none_or(|line| &line[2..5] == "UTO"));
        }
    }
    let adults = people.iter().filter(|p| p.status == Status::Citizen && p.born.age_at(TODAY) >= 18);
    let without = adults.clone().filter(|p| !p.documents.iter().any(|d| d.valid_at(TODAY))).count();
    assert!(without * 50 < adults.count(), "{without} adults have nothing to show");
}

#[test]
fn many_people_share_few_names() {
    let full = |p: &Person| {
        let name = &p.name;
        let father = name.patronymic.as_ref().map_or("", |f| f.latin.as_str());
        format!("{} {} {father}", name.family.latin, name.given.latin)
    };
    let names: BTreeSet<String> = Population::residents(9, 20_000, TODAY, (0, 104)).map(|p| full(&p)).collect();
    assert!(names.len() > 19_800, "{}", names.len());
}

#[test]
fn a_child_of_twelve_is_the_same_person_at_eighteen() {
    let of_twelve = PersonSpec { age: (12, 12), sex: None, group: None };
    let mut wider = 0.0;
    for seed in 0..100 {
        let child = Person::with(seed, TODAY, of_twelve);
        let grown = child.clone().at((2032, 3, 1));
        assert_eq!(grown.born.age_at((2032, 3, 1)), 18);
        assert_eq!((&child.name, &child.iin, child.born, child.sex), (&grown.name, &grown.iin, grown.born, grown.sex));
        assert!(child.genotype == grown.genotype && child.residence == grown.residence);
        for (before, after) in child.fingers.iter().zip(&grown.fingers) {
            match (before, after) {
                (FingerState::Present { spec: young, seed: one }, FingerState::Present { spec: old, seed: two }) => {
                    assert_eq!((one, young.class, young.finger), (two, old.class, old.finger));
                    assert_eq!(old.period, young.period);
                    assert!(old.size > young.size);
                    wider += f64::from(old.size / young.size) / 1000.0;
                }
                (FingerState::Present { .. }, FingerState::Missing { .. }) => {}
                (FingerState::Missing { .. }, after) => assert!(matches!(after, FingerState::Missing { .. })),
            }
        }
        assert!(child.documents.iter().all(|d| d.kind != DocumentKind::IdentityCard));
        assert!(grown.documents.iter().any(|d| d.kind == DocumentKind::IdentityCard));
        assert!(grown.clone().at(TODAY) == child, "there and back again");
    }
    // Boys of 12 have a sixth to grow, girls a twelfth.
    assert!((1.08..1.22).contains(&wider), "{wider}");
}

#[test]
fn a_print_of_twelve_matches_that_of_eighteen_scaled() {
    let boy = PersonSpec { age: (12, 12), sex: Some(Sex::Male), group: None };
    let child = Person::with(4, TODAY, boy);
    let grown = child.clone().at((2032, 3, 1));
    let (young, old) = (child.finger(Finger::RightIndex).unwrap(), grown.finger(Finger::RightIndex).unwrap());
    assert_eq!((young.class(), young.minutiae()), (old.class(), old.minutiae()));
    // The same touch: every minutia lies nearer to the middle of the child's contact, by one factor.
    let params = ImpressionParams::ideal();
    let (small, large) = (young.impression(&params, 1), old.impression(&params, 1));
    let spread = |i: &Impression| {
        let (a, b) = (&i.minutiae[0], &i.minutiae[i.minutiae.len() - 1]);
        f64::from((a.x - b.x).hypot(a.y - b.y))
    };
    assert_eq!(small.minutiae.len(), large.minutiae.len());
    let ratio = spread(&large) / spread(&small);
    let FingerState::Present { spec: young, .. } = child.fingers[1] else { panic!("the boy has the finger") };
    let FingerState::Present { spec: old, .. } = grown.fingers[1] else { panic!("the man has the finger") };
    assert!((ratio / f64::from(old.size / young.size) - 1.0).abs() < 0.02, "{ratio}");
}

#[test]
fn families_share_alleles_and_names() {
    for seed in 0..20 {
        let family = Family::from_seed(seed, TODAY, 3, (6, 9));
        let took = family.mother.birth_family.is_some();
        let end = |p: &Person| {
            p.name
                .family
                .ru
                .trim_end_matches("ская")
                .trim_end_matches("ский")
                .trim_end_matches('а')
                .replace("кызы", "улы")
        };
        assert!(!took || end(&family.mother) == end(&family.father));
        assert_eq!(family.mother.residence, family.father.residence);
        for child in &family.children {
            assert!((0..=9).contains(&child.born.age_at(TODAY)));
            for locus in Locus::ALL {
                let (from_mother, from_father) = child.genotype.at(locus);
                let (m, f) = (family.mother.genotype.at(locus), family.father.genotype.at(locus));
                assert!(from_mother == m.0 || from_mother == m.1);
                assert!(from_father == f.0 || from_father == f.1);
            }
            assert_eq!(end(child), end(&family.father));
            assert_eq!(child.residence, family.father.residence);
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
    assert_eq!(text["skin"].as_array().unwrap().len(), 10);
    assert_eq!((&text["status"], &text["as_of"]), (&"citizen".into(), &"2026-03-01".into()));
}

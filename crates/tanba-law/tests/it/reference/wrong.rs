//! Whether the comparison with the reference would notice a wrong engine: the engine is given a pack with one thing changed, the reference
//! the pack as it is, and they must come apart within as many subjects as the comparison draws for one pack.

use super::evaluator::{Law, evaluate};
use super::subjects::{Draw, Facts};
use super::{SUBJECTS, day, said};
use tanba_law::{IndexTable, Library, Mode, Pack, Subject, check};

const KAZAKH: &str = include_str!("../../../packs/kz-2016-as-enacted.yaml");
/// Stands for the law of Zedland as it was struck down.
const STRUCK: &str = "struck";
const INDEX: &str = include_str!("../../../packs/indices/kz-mci.yaml");

/// What the wrong engine takes for another thing, and the changes to the text of the pack that make it so.
type Wrong = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

const WRONG: [Wrong; 17] = [
    ("a law that holds from a day later", KAZAKH, &[("valid_from: 2021-01-01", "valid_from: 2021-01-02")]),
    (
        "a law that ends a day early",
        KAZAKH,
        &[("valid_from: 2021-01-01\n", "valid_from: 2021-01-01\nvalid_to: 2029-12-31\n")],
    ),
    ("a law that is known a day later", KAZAKH, &[("known_from: 2016-12-30", "known_from: 2016-12-31")]),
    ("29 February counted a day early", KAZAKH, &[("value: first_of_march", "value: last_of_february")]),
    ("the lower age a year late", KAZAKH, &[("[0,12)", "[0,13)"), ("[12,16)", "[13,16)")]),
    ("the upper age a year late", KAZAKH, &[("[12,16)", "[12,17)"), ("[16,inf)", "[17,inf)")]),
    (
        "a duty taken for a choice",
        KAZAKH,
        &[("triggers: [expulsion]\n    basis: mandatory", "triggers: [expulsion]\n    basis: voluntary")],
    ),
    ("a choice taken for a duty", KAZAKH, &[("basis: voluntary", "basis: mandatory")]),
    ("a need forgotten", KAZAKH, &[("- fact: guardian_presence", "- fact: short_stay")]),
    (
        "an exemption that only puts off",
        KAZAKH,
        &[(
            "no_papillary_patterns_both_hands\n    effect: not_subject",
            "no_papillary_patterns_both_hands\n    effect: postpone",
        )],
    ),
    ("an obligation in another situation", KAZAKH, &[("when: [registered_before]", "when: [exempt]")]),
    ("a consequence for fewer people", KAZAKH, &[("kind: fine\n      who: any", "kind: fine\n      who: [citizen]")]),
    ("a fine of a unit more", KAZAKH, &[("units: 5,", "units: 6,")]),
    (
        "another group",
        KAZAKH,
        &[(
            "group: civil\n    who: [citizen]\n    age: \"[16,inf)\"",
            "group: migration\n    who: [citizen]\n    age: \"[16,inf)\"",
        )],
    ),
    ("a status forgotten", KAZAKH, &[("who: [foreigner, stateless]", "who: [foreigner]")]),
    (
        "an event forgotten",
        KAZAKH,
        &[(
            "passport, diplomatic_passport, service_passport, seafarer_document, residence_permit",
            "passport, diplomatic_passport, service_passport, seafarer_document",
        )],
    ),
    ("a court that speaks a day later", STRUCK, &[("on: 2025-12-31", "on: 2026-01-01")]),
];

fn struck() -> String {
    let by_a_court = "struck:\n  on: 2025-12-31\n  still_read: []\n  ground: {cite: a, source: b, confidence: B}\n  \
                      text: {kk: \"a\", ru: \"b\", en: \"c\"}\nleap_birthday:";
    include_str!("../../packs/zz-prints.yaml").replacen("leap_birthday:", by_a_court, 1)
}

fn read(text: &str) -> Pack {
    Pack::from_yaml(text, Library::embedded().indices()).unwrap_or_else(|error| panic!("{error}"))
}

/// After how many subjects the wrong answers of an engine are noticed.
fn noticed_after(right: &Pack, wrong: impl Fn(&Facts, Subject) -> super::Answer) -> Option<u64> {
    let law = Law::of(right);
    let mut draw = Draw::new(1);
    (1..=SUBJECTS / 29).find(|_| {
        let facts = Facts::draw(&mut draw, &law);
        wrong(&facts, facts.subject()) != evaluate(&law, &facts)
    })
}

fn asked_of(pack: &Pack) -> impl Fn(&Facts, Subject) -> super::Answer + '_ {
    |facts, subject| said(check(pack, &subject, day(facts.as_of), facts.known_on.map(day), Mode::Production))
}

#[test]
fn control_a1_a_wrong_engine_comes_apart_from_the_reference() {
    for (what, text, changes) in WRONG {
        let right = if text == STRUCK { struck() } else { text.to_owned() };
        let wrong = changes.iter().fold(right.clone(), |text, (from, to)| {
            assert!(text.contains(from), "{what}: the pack no longer says {from}");
            text.replace(from, to)
        });
        let (right, wrong) = (read(&right), read(&wrong));
        let after = noticed_after(&right, asked_of(&wrong));
        assert!(after.is_some(), "{what} would not be noticed");
    }
    // What no pack can be made to say.
    let right = read(KAZAKH);
    let honest = asked_of(&right);
    assert_eq!(noticed_after(&right, &honest), None, "the engine as it is");
    let late = |facts: &Facts, subject: Subject| {
        let born = subject.born.and_then(|born| born.tomorrow().ok());
        honest(facts, Subject { born, ..subject })
    };
    assert!(noticed_after(&right, late).is_some(), "birthdays a day late");
    let blind = |facts: &Facts, mut subject: Subject| {
        subject.fingers.injury = false;
        honest(facts, subject)
    };
    assert!(noticed_after(&right, blind).is_some(), "injuries not seen");
    let dearer = IndexTable::from_yaml(&INDEX.replace("value: 4325", "value: 4326")).unwrap();
    let dearer = Pack::from_yaml(KAZAKH, &[dearer]).unwrap();
    assert!(noticed_after(&right, asked_of(&dearer)).is_some(), "an index of the year before");
    let moved = IndexTable::from_yaml(&INDEX.replace("from: 2022-04-01", "from: 2022-04-02")).unwrap();
    let moved = Pack::from_yaml(KAZAKH, &[moved]).unwrap();
    assert!(noticed_after(&right, asked_of(&moved)).is_some(), "an index a day late");
}

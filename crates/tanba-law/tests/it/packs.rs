//! Reading packs: strict, bounded, consistent; and putting them into use.

use crate::{DAY, pack, person, sheet};
use proptest::prelude::*;
use tanba_law::{
    ActivationError, Basis, Confidence, Date, DocumentType, Iin, Library, Mode, NotSynthetic, Pack, PackError,
    Selector, Sex, Status, Subject, Trigger, activate, check, conflicts,
};

const KZ_2016: &str = include_str!("../../packs/kz-2016-as-enacted.yaml");

fn read(text: &str) -> Result<Pack, PackError> {
    Pack::from_yaml(text, Library::embedded().indices())
}

#[test]
fn the_embedded_packs_are_sound_and_every_clause_has_its_words_and_its_source() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("packs");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = files.filter(|path| path.extension().is_some_and(|ending| ending == "yaml"));
    let mut ids: Vec<_> = files.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned()).collect();
    ids.sort();
    let mut embedded: Vec<_> = Library::embedded().packs().iter().map(Pack::id).collect();
    embedded.sort_unstable();
    assert_eq!(ids, embedded, "every pack in the folder is part of the program, under the name of its file");
    for pack in Library::embedded().packs() {
        assert!(conflicts(pack).is_empty(), "{}", pack.id());
        for clause in pack.clauses() {
            assert_eq!(pack.clause(clause.code), Some(clause), "clause ids are unique");
        }
        let kazakh = ["access", "retention.sample", "retention.log", "deletion"];
        for code in kazakh.iter().filter(|_| pack.jurisdiction() == "KZ") {
            assert!(pack.open_questions().iter().any(|clause| clause.code == *code), "{} {code}", pack.id());
        }
    }
}

#[test]
fn the_hash_covers_every_word_and_no_layout() {
    let hash = read(KZ_2016).unwrap().hash();
    assert_eq!(hash, pack("kz-2016-as-enacted").hash());
    assert_eq!(hash.to_string().len(), 64);
    let commented = format!("# another remark\n{KZ_2016}\n\n");
    assert_eq!(read(&commented).unwrap().hash(), hash);
    let changed = KZ_2016.replace("units: 5", "units: 6");
    assert_ne!(read(&changed).unwrap().hash(), hash);
    let reworded = KZ_2016.replace("No fingerprints are taken", "No prints are taken");
    assert_ne!(read(&reworded).unwrap().hash(), hash);
}

#[test]
fn a_pack_holds_up_to_and_without_its_last_day() {
    let ended =
        read(&KZ_2016.replace("valid_from: 2021-01-01", "valid_from: 2021-01-01\nvalid_to: 2024-01-01")).unwrap();
    assert!(ended.in_force(Date::constant(2023, 12, 31), None).is_ok());
    let after = ended.in_force(Date::constant(2024, 1, 1), None).unwrap_err().to_string();
    assert!(after.contains("from 2021-01-01 until before 2024-01-01"), "{after}");
}

#[test]
fn a_pack_that_contradicts_itself_is_refused() {
    let contradicting = KZ_2016.replace("age: \"[0,12)\"", "age: \"[0,17)\"");
    let Err(PackError::Conflicts(found)) = read(&contradicting) else { panic!("must be refused") };
    assert!(found.iter().any(|conflict| conflict.rules == ["child-under-12", "citizen-from-16"]));
    assert!(found.iter().all(|conflict| conflict.state.age == 16 || conflict.state.age == 12));
}

#[test]
fn hostile_and_careless_files_are_refused_with_a_reason() {
    let bomb = "a: &a [x, x, x]\nb: [*a, *a, *a]\n";
    assert_eq!(read(bomb).unwrap_err(), PackError::Anchor { line: 1 });
    assert_eq!(read(&"[".repeat(100_000)).unwrap_err(), PackError::TooDeep { line: 1 });
    assert_eq!(read(&format!("a: {}{}", "[".repeat(17), "]".repeat(17))).unwrap_err(), PackError::TooDeep { line: 1 });
    assert_eq!(read(&"x".repeat(300_000)).unwrap_err(), PackError::TooLarge);
    for deep in ["- ", "? ", "a: ", "\"", "|\n ", "#", "%"] {
        assert!(matches!(read(&deep.repeat(250_000 / deep.len())), Err(PackError::Malformed(_))), "{deep}");
    }
    assert!(matches!(read(""), Err(PackError::Malformed(_))));
    let malformed = |from: &str, to: &str| {
        let text = KZ_2016.replacen(from, to, 1);
        assert_ne!(text, KZ_2016, "{from}");
        read(&text).unwrap_err()
    };
    assert!(matches!(malformed("jurisdiction: KZ", "jurisdiction: KZ\ncolour: blue"), PackError::Malformed(_)));
    assert!(matches!(malformed("jurisdiction: KZ", "jurisdiction: KZ\njurisdiction: KZ"), PackError::Malformed(_)));
    assert!(matches!(malformed("triggers: [passport]", "triggers: [pasport]"), PackError::Malformed(_)));
    assert!(matches!(malformed("[12,16)", "[16,12)"), PackError::Malformed(_)));
    assert!(matches!(malformed("[12,16)", "(12,16]"), PackError::Malformed(_)));
    assert!(matches!(malformed("confidence: A}", "confidence: X}\n  value: true"), PackError::Malformed(_)));
    assert!(matches!(malformed("tanba-law-pack/2", "tanba-law-pack/1"), PackError::Format { .. }));
    assert!(matches!(malformed("code: expulsion", "code: domestic-worker"), PackError::Invalid { .. }));
    assert!(matches!(malformed("index: KZ_MCI", "index: KZ_MRP"), PackError::Invalid { .. }));
    assert!(matches!(
        malformed("valid_from: 2021-01-01", "valid_from: 2021-01-01\nvalid_to: 2020-01-01"),
        PackError::Invalid { .. }
    ));
    // A value of confidence X, or one without a wording in Kazakh, is no value.
    assert!(matches!(
        malformed("  value: first_of_march\n", "  value: first_of_march\n  unknown: {kk: a, ru: b, en: c}\n"),
        PackError::Malformed(_)
    ));
    assert!(matches!(
        malformed("kk: \"Тіркеу тегін және бір рет жүргізіледі.\"", "kk: \"\""),
        PackError::Invalid { .. }
    ));
}

#[test]
fn drafts_run_only_in_a_demonstration_and_only_for_people_who_do_not_exist() {
    let draft = pack("kz-2016-as-enacted");
    assert!(matches!(activate(draft, Mode::Production), Err(ActivationError::Draft { .. })));
    let active = activate(draft, Mode::Demonstration(sheet())).unwrap();
    assert!(active.is_demonstration());
    let synthetic = Iin::synthetic(Date::constant(2007, 3, 4), Sex::Female, 17).unwrap();
    assert_eq!(active.accepts(&synthetic), Ok(()));
    // An unassigned 7th digit: nobody holds this number, but nothing says so.
    let unassigned = (0..10).find_map(|last| Iin::parse(&format!("80041690000{last}")).ok()).unwrap();
    assert_eq!(active.accepts(&unassigned), Err(NotSynthetic));
    let other = read(&KZ_2016.replace("id: kz-2016-as-enacted", "id: kz-other")).unwrap();
    assert!(matches!(activate(&other, Mode::Demonstration(sheet())), Err(ActivationError::SheetForOtherPacks { .. })));
}

#[test]
fn a_body_registers_only_on_the_events_that_the_pack_gives_it() {
    let pack = pack("kz-2016-as-enacted");
    assert_eq!(pack.conducts("service_centre", Trigger::Passport).unwrap().code, "conduct-citizens");
    assert_eq!(pack.conducts("transport_authority", Trigger::SeafarerDocument).unwrap().code, "conduct-seafarers");
    assert!(pack.conducts("service_centre", Trigger::Expulsion).is_none());
    assert!(pack.conducts("private_bank", Trigger::Passport).is_none());
    // On every event that obliges somebody or lets them come, somebody registers.
    for pack in Library::embedded().packs() {
        for rule in pack.rules().iter().filter(|rule| rule.basis != Basis::Prohibited) {
            let events = match &rule.triggers {
                Selector::Only(events) => events,
                Selector::Any => &rule.occasions,
            };
            for event in events {
                let conductor = pack.conductors().iter().any(|row| row.triggers.contains(event));
                assert!(conductor, "{} {} {event}", pack.id(), rule.code);
            }
        }
    }
}

#[test]
fn names_of_documents_and_events_are_stable_and_agree() {
    for &document in DocumentType::ALL {
        assert_eq!(DocumentType::from_name(document.name()), Some(document));
        assert_eq!(document.trigger().name(), document.name());
    }
    for &trigger in Trigger::ALL {
        assert_eq!(Trigger::from_name(trigger.name()), Some(trigger));
        assert_eq!(serde_json::to_value(trigger).unwrap(), trigger.name());
    }
}

#[test]
fn subjects_of_wrong_form_are_refused_without_repeating_them() {
    for text in [
        "",
        "[]",
        "7",
        "{",
        "{\"born\": 1990}",
        "{\"born\": \"1990-02-30\"}",
        "{\"born\": \"19900101\"}",
        "{\"status\": 7}",
    ] {
        let error = Subject::from_json(text).unwrap_err().to_string();
        assert!(!error.contains("1990"), "{error}");
    }
    let (subject, notes) =
        Subject::from_json("{\"status\":\"martian\",\"born\":null,\"fingers\":{\"present\":11},\"consent\":\"yes\"}")
            .unwrap();
    assert_eq!((subject.status, subject.born, subject.fingers.present), (None, None, 10));
    let codes: Vec<_> = notes.iter().map(|note| note.code).collect();
    assert_eq!(codes, ["unknown_status", "malformed_fact", "malformed_fact"]);
    assert!(Subject::from_json(&"[".repeat(60_000)).is_err());
    assert!(Subject::from_json(&" ".repeat(70_000)).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// One changed, removed or doubled line of a real pack: read or refused, never a panic.
    #[test]
    fn a_damaged_pack_never_panics(line in 0usize..400, action in 0u8..4, junk in "[-a-z0-9:{}\\[\\]\", \t]{0,12}") {
        let mut lines: Vec<&str> = KZ_2016.lines().collect();
        let at = line % lines.len();
        match action {
            0 => { lines.remove(at); }
            1 => lines.insert(at, lines[at]),
            2 => lines[at] = &junk,
            _ => lines.truncate(at),
        }
        let _ = read(&lines.join("\n"));
    }

    #[test]
    fn any_subject_and_any_date_get_an_answer_or_an_error(
        text in "\\{\"status\":\"(citizen|foreigner|x)\",\"born\":\"[0-9]{4}-[01][0-9]-[0-3][0-9]\",\"trigger\":\"(passport|visa|y)\",\"prior_refusals\":[0-9]{1,12}\\}",
        year in -9999i16..=9999, month in 1i8..=12, day in 1i8..=28,
    ) {
        if let Ok((subject, _)) = Subject::from_json(&text) {
            for pack in Library::embedded().packs() {
                if let Ok(decision) = check(pack, &subject, Date::constant(year, month, day), None, Mode::Production) {
                    prop_assert!(pack.clause(&decision.clause).is_some());
                    prop_assert_eq!(decision.pack_hash, pack.hash());
                }
            }
        }
    }

    #[test]
    fn any_text_is_an_iin_or_a_reason(text in "\\PC{0,14}|[0-9]{12}") {
        if let Ok(iin) = Iin::parse(&text) {
            prop_assert_eq!(iin.reveal(), text);
        }
    }

    #[test]
    fn every_synthetic_iin_reads_back_and_agrees_with_the_record(
        year in 1900i16..2100, month in 1i8..=12, day in 1i8..=28, serial in 0u16..10_000, male: bool,
    ) {
        let (born, sex) = (Date::constant(year, month, day), if male { Sex::Male } else { Sex::Female });
        if let Some(iin) = Iin::synthetic(born, sex, serial) {
            prop_assert!(iin.is_synthetic());
            prop_assert_eq!(Iin::parse(&iin.reveal()), Ok(iin));
            prop_assert!(iin.warnings(Some(born), Some(sex)).is_empty());
        }
    }
}

/// Every decision on a grid of states, in every pack, cites only clauses that are in that very pack.
#[test]
fn whatever_is_decided_every_clause_is_found_in_the_pack() {
    let mut decisions = 0;
    for pack in Library::embedded().packs() {
        for &status in Status::ALL {
            for age in [3, 11, 12, 15, 16, 40, 131] {
                for &trigger in Trigger::ALL {
                    for state in 0u8..8 {
                        let mut subject = person(status, age, trigger);
                        subject.prior_refusals = u32::from(state % 3);
                        subject.fine_paid = state & 1 == 1;
                        subject.registered_before = state & 2 == 2;
                        subject.fingers.injury = state == 5;
                        subject.diplomatic = state == 6;
                        subject.fingers.present = if state == 7 { 0 } else { 10 };
                        let Ok(decision) = check(pack, &subject, DAY, None, Mode::Production) else {
                            assert!(holds_no_more(pack), "{}", pack.id());
                            continue;
                        };
                        let cited = [&decision.clause]
                            .into_iter()
                            .chain(decision.reasons.iter().map(|reason| &reason.clause))
                            .chain(decision.obligations.iter().map(|duty| &duty.code))
                            .chain(decision.consequences.iter().map(|step| &step.clause));
                        for code in cited {
                            assert!(pack.clause(code).is_some(), "{} {code}", pack.id());
                        }
                        assert_eq!(decision.pack_hash, pack.hash());
                        let orders: Vec<_> = decision.consequences.iter().map(|step| step.order).collect();
                        assert!(orders.is_sorted() && decision.consequences.iter().all(|step| !step.automatic));
                        let possible = decision.consequences.iter().filter(|step| step.possible_now).count();
                        assert!(possible <= 1, "one step at a time");
                        decisions += 1;
                    }
                }
            }
        }
    }
    assert!(decisions > 10_000);
}

/// A regime that was struck down, or of which it is not known from when it holds.
fn holds_no_more(pack: &Pack) -> bool {
    pack.struck().is_some() || pack.clause("validity").unwrap().ground.confidence == Confidence::X
}

#[test]
fn the_day_of_these_tests_is_inside_every_pack() {
    for pack in Library::embedded().packs() {
        assert_eq!(pack.in_force(DAY, None).is_ok(), !holds_no_more(pack), "{}", pack.id());
    }
}

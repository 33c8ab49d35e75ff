//! The packs of a register: the program's, a folder's, and how people read them.

use crate::sheet;
use jiff::civil::date;
use tanba_law::{FolderError, LawFile, Library, Modality, Mode, Pack, RetentionKind, activate, packs_of};

const KZ_2024: &str = include_str!("../../packs/kz-2024-in-force.yaml");

fn file(name: &str, text: &str) -> LawFile {
    LawFile { name: name.to_owned(), text: text.to_owned() }
}

fn ids(library: &Library) -> Vec<&str> {
    let mut ids: Vec<_> = library.packs().iter().map(Pack::id).collect();
    ids.sort_unstable();
    ids
}

#[test]
fn a_register_of_kazakhstan_works_by_two_packs_and_a_folder_adds_its_own() {
    assert_eq!(ids(&packs_of("KZ", &[], None).unwrap()), ["kz-2016-as-enacted", "kz-genomic-2021"]);
    let more = packs_of("KZ", &[file("kz-2024.yaml", KZ_2024)], None).unwrap();
    // What it supersedes stays, for the days before.
    assert_eq!(ids(&more), ["kz-2016-as-enacted", "kz-2024-in-force", "kz-genomic-2021"]);
    let on = |day| more.in_force("KZ", Modality::Fingerprint, day, date(2026, 11, 23)).map(Pack::id);
    assert_eq!(on(date(2023, 12, 31)), Some("kz-2016-as-enacted"));
    assert_eq!(on(date(2024, 1, 1)), Some("kz-2024-in-force"));
    // A court that ends the later version does not bring the earlier one, with its duty, back.
    let by = "struck:\n  on: 2025-01-01\n  still_read: []\n  ground: {cite: \"a judgment\", source: \"a test\", confidence: C}\n  text: {kk: kk, ru: ru, en: en}\ninstrument:\n";
    let struck = packs_of("KZ", &[file("kz-2024.yaml", &KZ_2024.replacen("instrument:\n", by, 1))], None).unwrap();
    let on = |day| struck.in_force("KZ", Modality::Fingerprint, day, date(2026, 11, 23)).map(Pack::id);
    assert_eq!(on(date(2024, 12, 31)), Some("kz-2024-in-force"));
    assert_eq!(on(date(2025, 1, 1)), None);
    // A pack with an id of the program's takes its place.
    let own = include_str!("../../packs/kz-2016-as-enacted.yaml").replacen("as first enacted)", "as changed)", 1);
    let changed = packs_of("KZ", &[file("own.yaml", &own)], None).unwrap();
    assert_eq!(changed.pack("kz-2016-as-enacted").map(|pack| pack.title().en.contains("as changed")), Some(true));
}

#[test]
fn what_does_not_belong_into_a_folder_is_named() {
    let signatures = "format: tanba-law-signatures/1\npack: kz-2024-in-force\nhash: \"00\"\nsignatures: []\n";
    let refused = |files: &[LawFile]| packs_of("KZ", files, None).unwrap_err();
    assert!(
        matches!(refused(&[file("a", "format: tanba-law-keys/1\n")]), FolderError::Foreign { name } if name == "a")
    );
    assert!(matches!(refused(&[file("b", "")]), FolderError::Foreign { .. }));
    assert!(matches!(refused(&[file("c", signatures)]), FolderError::NothingSigned { .. }));
    let both = [file("d", KZ_2024), file("e", signatures)];
    assert!(matches!(refused(&both), FolderError::NoKeys { name } if name == "e"));
    let half = KZ_2024.lines().take(30).collect::<Vec<_>>().join("\n");
    assert!(matches!(refused(&[file("f", &half)]), FolderError::File { name, .. } if name == "f"));
    let twice = [file("g", KZ_2024), file("h", KZ_2024)];
    assert!(matches!(refused(&twice), FolderError::Library(_)));
    assert!(matches!(packs_of("XX", &[], None).unwrap_err(), FolderError::NoPack { .. }));
}

#[test]
fn every_pack_can_be_read_by_the_people_whom_it_concerns() {
    for pack in Library::embedded().packs() {
        let sheet = Library::embedded().sheets().iter().find(|sheet| sheet.covers(pack.id())).unwrap();
        let told = activate(pack, Mode::Demonstration(sheet)).unwrap().told();
        assert_eq!(told.rules.len(), pack.rules().len());
        assert_eq!(
            told.kept.iter().map(|(kind, _)| *kind).collect::<Vec<_>>(),
            [RetentionKind::Profile, RetentionKind::Sample, RetentionKind::Log]
        );
        let sentences = told.rules.iter().map(|rule| &rule.sentence).chain(&told.exempt).chain(&told.refusal);
        let rest = [&told.silence, &told.withdrawal, &told.deletion];
        for sentence in sentences.chain(rest).chain(told.kept.iter().flat_map(|(_, kept)| kept)) {
            for text in [&sentence.text.kk, &sentence.text.ru, &sentence.text.en] {
                assert!(!text.trim().is_empty(), "{}: {}", pack.id(), sentence.clause);
            }
        }
    }
}

#[test]
fn an_assumption_is_told_as_one_and_an_unknown_as_unknown() {
    let pack = Library::embedded().pack("kz-2024-in-force").unwrap();
    let told = activate(pack, Mode::Demonstration(sheet())).unwrap().told();
    assert!(told.withdrawal.assumed && told.kept.iter().all(|(_, kept)| kept.iter().all(|s| s.assumed)));
    assert_eq!(told.kept[1].1[0].clause, "samples-1-year");
    assert!(!told.deletion.assumed, "the sheet says nothing of it: the page says that it is not known");
    let (rule, assumed) = activate(pack, Mode::Demonstration(sheet())).unwrap().withdrawal().unwrap();
    assert_eq!((rule.document_stays, assumed.as_deref()), (true, Some("kz-demo/withdrawal")));
}

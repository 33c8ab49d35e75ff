use proptest::prelude::*;

use super::super::examples::{dvi, familias_file as example};
use super::super::{ReadError, WriteError};
use super::*;

fn codes(bytes: &[u8]) -> Vec<&'static str> {
    read(bytes).unwrap().diagnostics.iter().map(|d| d.code).collect()
}

#[test]
fn a_project_leads_back() {
    let bytes = write(&example()).unwrap();
    let read = read(&bytes).unwrap();
    assert_eq!(read.value, example());
    assert_eq!(codes(&bytes), ["familias-silent", "familias-direct"]);
    let text = String::from_utf8(bytes).unwrap();
    for part in ["\n5.21594e-005\n", "\n1e-006\n", "\n1971 (Consider dropouts)\n", "\n0 (Direct)\n", "[[[Family 1 ]]]"]
    {
        assert!(text.contains(part), "{part} in {text}");
    }
    let windows = text.replace('\n', "\r\n");
    assert_eq!(super::read(windows.as_bytes()).unwrap().value, example());
    let tree = example().outline().to_string();
    for part in
        ["person: AF (male)", "TH01: 6, 9.3", "the same person: AF and CH", "unidentified person: BS2 (sex not stated)"]
    {
        assert!(tree.contains(part), "{part} in {tree}");
    }
}

#[test]
fn the_sections_for_victims_are_understood() {
    let file = example();
    let read = file.dvi().unwrap();
    assert_eq!(read, dvi());
    let family = &read.families[0];
    let pedigree = &family.pedigrees[1];
    assert_eq!(family.is_male(pedigree, "Son"), Some(true));
    assert_eq!(family.is_male(pedigree, MISSING_PERSON), Some(true), "the wife is the other parent");
    assert_eq!(family.is_male(pedigree, "nobody"), None);
    assert_eq!(FamiliasFile::default().dvi(), None);
}

#[test]
fn genotypes_and_frequencies_come_by_name() {
    let file = example();
    let table = file.genotypes();
    assert_eq!(table.samples[0].alleles(&MarkerName::of("TH01")).collect::<Vec<_>>(), ["6", "9.3"]);
    assert!(table.samples[2].genotypes.is_empty());
    let frequencies = file.frequencies();
    assert_eq!(frequencies.at(&MarkerName::of("vWA")).unwrap().frequency("6"), Some(0.25));
    assert_eq!(frequencies.markers[0].chromosomes, Some(1000));
}

#[test]
fn lines_that_are_not_understood_are_kept() {
    let text = String::from_utf8(write(&example()).unwrap()).unwrap();
    let broken = text.replacen("\"Known relations\"", "\"Known somethings\"", 1);
    let read = read(broken.as_bytes()).unwrap();
    assert_eq!(read.value.persons.len(), 3);
    assert_eq!(read.value.unread.first().map(String::as_str), Some("\"Known somethings\""));
    let note = read.diagnostics.iter().find(|d| d.code == "familias-unread").unwrap();
    assert_eq!(note.offset, broken.find("\"Known somethings\""));
    assert!(matches!(write(&read.value), Err(WriteError::Unfit { field: "the unread lines", .. })));
    let probabilities = text.replacen("#FALSE# (#Databases", "#TRUE# 0.5 (#Databases", 1);
    let read = super::read(probabilities.as_bytes()).unwrap();
    assert!(read.value.has_probabilities);
    assert_eq!(write(&read.value).unwrap(), probabilities.as_bytes());
}

#[test]
fn what_points_at_nothing_is_told() {
    let changed = |change: fn(&mut FamiliasFile)| {
        let mut file = example();
        change(&mut file);
        codes(&write(&file).unwrap())
    };
    assert!(changed(|file| file.known.relations[0].child = 99).contains(&"familias-reference"));
    assert!(changed(|file| file.persons[0].genotypes[0].locus = 99).contains(&"familias-reference"));
    assert!(changed(|file| file.persons[0].genotypes[0].alleles[1] = Some(3)).contains(&"familias-reference"));
    assert!(changed(|file| file.loci[0].male.kind = MutationKind::Other(7)).contains(&"familias-model"));
    assert!(changed(|file| file.loci[0].alleles[0].1 = 0.5).contains(&"familias-sum"));
    let text = String::from_utf8(write(&example()).unwrap()).unwrap();
    let differ = text.replacen("\n4\n0\n3\n", "\n4\n0\n7\n", 1);
    assert!(codes(differ.as_bytes()).contains(&"familias-alleles-differ"));
}

#[test]
fn other_things_and_huge_numbers_are_refused() {
    for text in ["", "hello", "<xml/>", "sample,TH01\n"] {
        assert!(matches!(read(text.as_bytes()), Err(ReadError::NotThis { .. })), "{text}");
    }
    let huge = "\"Output from Familias\"\n\"\"\n3\n\"\"\n4294967295\n\"A\"\n";
    assert_eq!(codes(huge.as_bytes()), ["familias-unread"]);
}

fn any_file() -> impl Strategy<Value = FamiliasFile> {
    let name = "[A-Za-zæøå0-9 ]{0,10}";
    let number = prop_oneof![Just(0.0), 1e-12f64..1.0, 1.0f64..1e13];
    let kind = (0u32..6).prop_map(MutationKind::from_code);
    let model = (kind, number.clone(), number.clone(), number.clone())
        .prop_map(|(kind, rate, range, second_rate)| MutationModel { kind, rate, range, second_rate });
    let alleles = prop::collection::vec((name, number.clone()), 0..5);
    let options = prop::option::of((number.clone(), number.clone(), number.clone())).prop_map(|options| {
        options.map(|(database_size, dropout, minor_allele_frequency)| LocusOptions {
            database_size,
            dropout,
            minor_allele_frequency,
        })
    });
    let locus = (name, model.clone(), model, prop::option::of(number.clone()), options, alleles).prop_map(
        |(name, female, male, silent, options, alleles)| FamiliasLocus {
            name: name.trim().into(),
            female,
            male,
            silent,
            options,
            alleles: alleles.into_iter().map(|(name, frequency)| (name.trim().to_owned(), frequency)).collect(),
        },
    );
    let relation = (any::<u32>(), any::<u32>(), prop::option::of("[ (][A-Za-z]{1,6}\\)"))
        .prop_map(|(parent, child, note)| Relation { parent, child, note });
    let relations = (0u32..4, 0u32..4, prop::collection::vec(relation, 0..4))
        .prop_map(|(extra_females, extra_males, relations)| Relations { extra_females, extra_males, relations });
    let genotype = (prop::option::of(0u32..9), prop::option::of(0u32..9), 0u32..9)
        .prop_map(|(a, b, locus)| FamiliasGenotype { alleles: [a, b], locus });
    let person = (
        name,
        any::<bool>(),
        prop::option::of(0i32..3000),
        any::<bool>(),
        any::<[bool; 2]>(),
        prop::collection::vec(genotype, 0..4),
    )
        .prop_map(|(name, male, born, considers_dropout, flags, genotypes)| FamiliasPerson {
            name: name.trim().into(),
            male,
            born,
            considers_dropout,
            flags,
            genotypes,
        });
    let pedigree = (any::<u32>(), name, relations.clone()).prop_map(|(number, name, relations)| FamiliasPedigree {
        number,
        name: name.trim().into(),
        relations,
    });
    (
        prop::collection::vec(person, 0..4),
        relations,
        prop::collection::vec(pedigree, 0..3),
        number,
        prop::option::of(name),
        prop::collection::vec(locus, 0..4),
    )
        .prop_map(|(persons, known, pedigrees, theta, database, loci)| FamiliasFile {
            persons,
            known,
            pedigrees,
            theta,
            database: database.map(|name| name.trim().to_owned()),
            loci,
            ..example()
        })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn projects_lead_back(file in any_file()) {
        let bytes = write(&file).unwrap();
        let read = read(&bytes).unwrap();
        prop_assert_eq!(&read.value, &file);
        prop_assert_eq!(write(&read.value).unwrap(), bytes);
        let _ = (file.genotypes(), file.frequencies(), file.outline());
    }

    #[test]
    fn damaged_projects_are_read_or_refused(file in any_file(), cut in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), with in any::<u8>()) {
        let bytes = write(&file).unwrap();
        let mut damaged = bytes.clone();
        damaged[at.index(bytes.len())] = with;
        for bytes in [&bytes[..cut.index(bytes.len())], &damaged] {
            if let Ok(read) = read(bytes) {
                let _ = (read.value.outline(), write(&read.value));
            }
        }
    }
}

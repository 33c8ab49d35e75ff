use proptest::prelude::*;

use super::super::examples::{cmf_file as example, rapid_file as rapid_example};
use super::super::{ReadError, WriteError};
use super::*;

fn codes(text: &str) -> Vec<&'static str> {
    read(text.as_bytes()).unwrap().diagnostics.iter().map(|d| d.code).collect()
}

fn text() -> String {
    String::from_utf8(write(&example(), Schema::V32).unwrap()).unwrap()
}

#[test]
fn a_file_leads_back_and_tells_nothing() {
    let text = text();
    assert_eq!(read(text.as_bytes()).unwrap(), crate::Decoded { value: example(), diagnostics: vec![] });
    assert!(text.contains("<BATCHID>B &amp; &lt;1&gt;</BATCHID>"), "{text}");
    let tree = example().outline().to_string();
    for part in ["SPECIMEN: S-1", "TH01: <4, 6, 9.3, 10, >11", "ALLELEREQUIRED: 6", "PARTIAL: true"] {
        assert!(tree.contains(part), "{tree}");
    }
}

#[test]
fn what_the_schema_does_not_allow_is_told_with_its_place() {
    let text = text();
    for (from, to, code) in [
        ("<MESSAGETYPE>Import", "<MESSAGETYPE>Export", "cmf-not-listed"),
        ("<HEADERVERSION>3.2", "<HEADERVERSION>3.25", "cmf-too-long"),
        ("<HEADERVERSION>3.2", "<HEADERVERSION>x", "cmf-malformed"),
        ("<SOURCELAB>KZ0000002</SOURCELAB>", "", "cmf-missing"),
        ("2024-02-29T12", "2023-02-29T12", "cmf-malformed"),
        ("<SPECIMENID>S-1", "<SPECIMENID>S-1aaaaaaaaaaaaaaaaaaaaaaaaaaaa", "cmf-too-long"),
        ("Forensic, Unknown", "Forensic Unknown", "cmf-not-listed"),
        ("<LOCUSNAME>FGA", "<LOCUSNAME>FGB", "cmf-not-listed"),
        ("<LOCUSNAME>FGA", "<LOCUSNAME>THO1", "cmf-locus-twice"),
        ("<ALLELEVALUE>10<", "<ALLELEVALUE>9.3<", "cmf-allele-twice"),
        ("<ALLELEVALUE>10<", "<ALLELEVALUE>7<", "cmf-alleles-unsorted"),
        ("<ALLELE>", "<ALLELE ALLELEREQUIRED=\"1\">", "cmf-allele-required"),
        ("PARTIAL=\"true\"", "PARTIAL=\"perhaps\"", "cmf-malformed"),
        ("<SPECIMENID>S-1</SPECIMENID>", "<SPECIMENID>S-1</SPECIMENID><X>y</X>", "cmf-unknown-element"),
        ("urn:CODISImportFile-schema", "urn:other", "cmf-namespace"),
        ("SOURCEID=\"No\"", "SOURCEID=\"Maybe\"", "cmf-not-listed"),
        ("</FOO>", "", ""),
    ] {
        if code.is_empty() {
            continue;
        }
        let changed = text.replacen(from, to, 1);
        assert_ne!(changed, text, "{from}");
        let read = read(changed.as_bytes()).unwrap();
        let found = read.diagnostics.iter().find(|d| d.code == code);
        let found = found.unwrap_or_else(|| panic!("{to}: {:?}", read.diagnostics));
        assert!(found.offset.is_some_and(|at| text.as_bytes().get(at) == Some(&b'<')), "{to}");
        if code != "cmf-namespace" && code != "cmf-alleles-unsorted" && !to.contains("perhaps") {
            assert!(write(&read.value, Schema::V2017).is_err(), "{to}");
        }
    }
}

#[test]
fn schemas_differ_in_their_lists() {
    let mut file = example();
    file.specimens[0].category = "Deduced Victim Known".into();
    assert!(write(&file, Schema::V32).is_ok() && write(&file, Schema::V2017).is_err());
    assert_eq!(codes(&String::from_utf8(write(&file, Schema::V32).unwrap()).unwrap()), [""; 0]);
    file.specimens[0].category = "Detainee".into();
    file.specimens[0].loci[2].name = "SE33".into();
    assert!(write(&file, Schema::V32).is_err() && write(&file, Schema::V2017).is_ok());
    assert_eq!((Schema::V32.categories().count(), Schema::V2017.categories().count()), (29, 34));
    assert_eq!((Schema::V32.loci().count(), Schema::V2017.loci().count()), (21, 55));
    assert_eq!((Schema::V32.kits().count(), Schema::V2017.kits().count()), (16, 38));
    for name in Schema::V2017.loci() {
        assert!(Marker::find(name).is_some(), "{name}");
    }
    let marker = |name| Marker::find(name).unwrap();
    assert_eq!(Schema::V2017.locus_name(marker("DYS389I")), Some("DYS389 I"));
    assert_eq!(Schema::V32.locus_name(marker("SE33")), None);
    for kit in super::super::KITS.iter().filter_map(|kit| kit.cmf_name) {
        assert!(Schema::V2017.kits().any(|own| own == kit), "{kit}");
    }
}

#[test]
fn specimens_come_from_tables_and_go_into_them() {
    let file = example();
    let table = file.genotypes();
    assert_eq!(table.samples[0].category.as_deref(), Some("Forensic, Unknown"));
    let of = |sample: &SampleGenotypes, schema| {
        CmfSpecimen::of_sample(sample, "Arrestee", "me", "2024-01-01T00:00:00", schema)
    };
    let specimen = of(&table.samples[0], Schema::V32).unwrap();
    let again = CmfFile { specimens: vec![specimen], ..example() };
    assert_eq!(again.genotypes().samples[0].genotypes, table.samples[0].genotypes);
    assert!(write(&again, Schema::V32).is_ok());
    let homozygote =
        SampleGenotypes { genotypes: vec![MarkerGenotype::of("DYS389I", ["13", "13"])], ..table.samples[0].clone() };
    assert!(of(&homozygote, Schema::V32).is_err());
    let specimen = of(&homozygote, Schema::V2017).unwrap();
    assert_eq!((specimen.loci[0].name.as_str(), specimen.loci[0].alleles.len()), ("DYS389 I", 1));
}

#[test]
fn writers_stop_at_the_first_thing_that_does_not_fit() {
    let mut file = example();
    file.specimens.push(file.specimens[0].clone());
    let twice = WriteError::Unfit { field: "SPECIMENID", reason: "it stands twice in the file" };
    assert_eq!(write(&file, Schema::V32), Err(twice));
    let mut file = example();
    file.specimens[0].comment = Some("bell\u{7}".into());
    assert!(matches!(write(&file, Schema::V32), Err(WriteError::Unfit { field: "a text", .. })));
    for change in [
        |file: &mut CmfFile| file.specimens.clear(),
        |file: &mut CmfFile| file.submitted = "2079-06-06T00:00:00".into(),
        |file: &mut CmfFile| file.specimens[0].loci[0].alleles.clear(),
        |file: &mut CmfFile| file.specimens[0].id = " S".into(),
        |file: &mut CmfFile| file.others = vec![("X".into(), String::new())],
        |file: &mut CmfFile| {
            file.specimens[0].loci[0].alleles =
                (1..10).map(|n| CmfAllele { value: n.to_string(), required: false }).collect();
        },
    ] {
        let mut file = example();
        change(&mut file);
        assert!(write(&file, Schema::V32).is_err());
    }
}

#[test]
fn hostile_xml_is_refused_or_cut() {
    let refused = |text: &str| matches!(read(text.as_bytes()), Err(ReadError::NotThis { .. }));
    assert!(refused("") && refused("no XML") && refused("<a/>") && refused("<CODISImportFile"));
    assert!(refused("<!DOCTYPE x [<!ENTITY a \"b\">]><CODISImportFile/>"));
    let nested = format!("<CODISImportFile>{}", "<SPECIMEN>".repeat(100_000));
    assert!(matches!(read(nested.as_bytes()), Err(ReadError::TooMuch { .. })));
    let wide = format!("<CODISImportFile><SPECIMEN>{}", "<LOCUS/>".repeat(200_000));
    assert!(matches!(read(wide.as_bytes()), Err(ReadError::TooMuch { .. })));
    let entity = text().replacen("EXAMINER", "&bomb;", 1);
    assert!(codes(&entity).contains(&"xml-entity"));
    let text = text();
    let cut = &text[..text.len() - 60];
    assert!(codes(cut).contains(&"xml-broken"));
    assert_eq!(read(b"<CODISImportFile/>").unwrap().value, CmfFile::default());
}

#[test]
fn a_rapid_message_leads_back() {
    let bytes = write_rapid(&rapid_example()).unwrap();
    assert_eq!(read_rapid(&bytes).unwrap(), crate::Decoded { value: rapid_example(), diagnostics: vec![] });
    assert!(rapid_example().outline().to_string().contains("TH01: 6, 9.3"));
    assert!(read(&bytes).is_err() && read_rapid(text().as_bytes()).is_err());
    for (from, to, code) in [
        ("Arrestee", "Suspect, Known", "cmf-not-listed"),
        ("<LOCUSNAME>TH01", "<LOCUSNAME>THO1", "cmf-not-listed"),
        ("<MESSAGEID>17", "<MESSAGEID>0", "cmf-malformed"),
        ("<FINGERPRINTDATE>2024-03-01T07:30:00</FINGERPRINTDATE>", "", "cmf-missing"),
        ("<ALLELEVALUE>6<", "<ALLELEVALUE>9.3<", "cmf-allele-twice"),
        ("GlobalFiler", "Identifiler", "cmf-not-listed"),
        ("<MODEL>M</MODEL>", "<COLOUR>red</COLOUR>", "cmf-unknown-element"),
    ] {
        let changed = String::from_utf8(bytes.clone()).unwrap().replacen(from, to, 1);
        let read = read_rapid(changed.as_bytes()).unwrap();
        assert!(read.diagnostics.iter().any(|d| d.code == code), "{to}: {:?}", read.diagnostics);
        assert!(write_rapid(&read.value).is_err(), "{to}");
    }
}

fn any_file() -> impl Strategy<Value = CmfFile> {
    let word = "[A-Za-zа-я0-9&<>\"'][A-Za-zа-я0-9&<>\"' ]{0,6}[A-Za-z0-9]";
    let names: Vec<&str> = Schema::V2017.loci().filter(|name| !matches!(*name, "AMEL" | "THO1" | "TP0X")).collect();
    let alleles = prop::collection::btree_set(4u32..40, 1..8);
    let locus =
        (word, alleles, any::<bool>(), prop::option::of(word)).prop_map(|(who, alleles, required, batch_id)| {
            CmfLocus {
                read_by: who,
                read_at: "2020-01-01T00:00:00.5+06:00".into(),
                batch_id,
                alleles: alleles
                    .into_iter()
                    .enumerate()
                    .map(|(i, n)| CmfAllele { value: n.to_string(), required: required && i == 0 })
                    .collect(),
                ..CmfLocus::default()
            }
        });
    let loci = (prop::sample::subsequence(names, 1..20), prop::collection::vec(locus, 20)).prop_map(|(names, loci)| {
        names.into_iter().zip(loci).map(|(name, locus)| CmfLocus { name: name.into(), ..locus }).collect::<Vec<_>>()
    });
    let specimen = (loci, prop::option::of(any::<bool>()), prop::option::of(word), 0usize..34).prop_map(
        |(loci, partial, comment, category)| CmfSpecimen {
            category: Schema::V2017.categories().nth(category).unwrap_or_default().into(),
            partial,
            comment,
            loci,
            ..CmfSpecimen::default()
        },
    );
    prop::collection::vec(specimen, 1..4).prop_map(|specimens| CmfFile {
        specimens: specimens.into_iter().enumerate().map(|(i, s)| CmfSpecimen { id: format!("S{i}"), ..s }).collect(),
        kit: Some("GlobalFiler".into()),
        ..example()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn files_lead_back(file in any_file()) {
        let bytes = write(&file, Schema::V2017).unwrap();
        let read = read(&bytes).unwrap();
        prop_assert_eq!(read.diagnostics, vec![]);
        prop_assert_eq!(read.value, file);
    }

    #[test]
    fn damaged_files_are_read_or_refused(cut in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), with in any::<u8>()) {
        for bytes in [write(&example(), Schema::V32).unwrap(), write_rapid(&rapid_example()).unwrap()] {
            let mut damaged = bytes.clone();
            damaged[at.index(bytes.len())] = with;
            for bytes in [&bytes[..cut.index(bytes.len())], &damaged] {
                if let Ok(read) = read(bytes) {
                    let _ = (read.value.outline(), write(&read.value, Schema::V2017));
                }
                if let Ok(read) = read_rapid(bytes) {
                    let _ = (read.value.outline(), write_rapid(&read.value));
                }
            }
        }
    }
}

use crate::genetic::WriteError;
use proptest::prelude::*;

use super::super::ReadError;
use super::*;

fn table(text: &str) -> (GenotypeTable, Vec<&'static str>) {
    let read = read(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"));
    (read.value, read.diagnostics.iter().map(|d| d.code).collect())
}

/// Sample, marker and alleles in a line each.
fn lines(table: &GenotypeTable) -> Vec<String> {
    let samples = table.samples.iter();
    let line = |sample: &SampleGenotypes, own: &MarkerGenotype| {
        let alleles: Vec<_> = own.alleles.iter().map(|call| call.allele.as_str()).collect();
        format!("{} {} {}", sample.id, own.marker, alleles.join(","))
    };
    samples.flat_map(|sample| sample.genotypes.iter().map(move |own| line(sample, own))).collect()
}

#[test]
fn the_wide_forms_say_the_same() {
    let expected = ["a TH01 6,9.3", "a vWA 17,17", "b TH01 7,8"];
    for text in [
        "sample,TH01_1,TH01_2,vWA_1,vWA_2\na,6,9.3,17,17\nb,7,8,,\n",
        "Sample Name\tTH01\tTH01\tVWA\tVWA\r\na\t6\t9.3\t17\t17\r\nb\t7\t8\tNA\tNA\r\n",
        "id;TH01;;vWA;\ra;6;9,3;17;17\rb;7;8;0;0\r",
        "\u{feff}sample,\"THO1\",vWA\na,6/9.3,17/17\nb,\"7,8\",-\n",
        "sample,TH01.1,TH01.2,vWA Allele 1,vWA Allele 2\na,6,9.3,17,17\n\n,,,,\nb,7,8,?,?\n",
        "Genotypes of July\n\nname;TH01;vWA\na;6|9.3;17-17\nb;7 8;\n",
    ] {
        assert_eq!(lines(&table(text).0), expected, "{text}");
    }
}

#[test]
fn other_columns_are_kept() {
    let (table, notes) = table("sample,pop,n,TH01,Yqual\nx,AA,3,6/7,fine\nx,,,,\n");
    assert_eq!(table.samples[0].category.as_deref(), Some("AA"));
    assert_eq!(table.samples[0].fields, [("n".into(), "3".into()), ("Yqual".into(), "fine".into())]);
    assert_eq!((table.samples.len(), &notes[..]), (2, &["sample-twice"][..]));
}

#[test]
fn unknown_markers_are_markers_by_their_shape_or_their_copies() {
    let (table, _) = table("sample,D99S123,Odd_1,Odd_2,remark\na,9/10,3,4,well\n");
    assert_eq!(lines(&table), ["a D99S123 9,10", "a Odd 3,4"]);
    assert_eq!(table.samples[0].fields, [("remark".into(), "well".into())]);
}

#[test]
fn haplotypes_without_names_are_numbered() {
    let (table, notes) = table("DYS19\tDYS385a\tDYS385b\tn\n14\t11\t14\t2\n15\t11\t13\t1\n");
    assert_eq!(lines(&table), ["1 DYS19 14", "1 DYS385 11,14", "2 DYS19 15", "2 DYS385 11,13"]);
    assert_eq!(notes, ["sample-id-missing"]);
    assert_eq!(table.samples[0].fields, [("n".into(), "2".into())]);
}

#[test]
fn a_gene_mapper_export_with_ragged_rows() {
    let text = "Sample File\tSample Name\tMarker\tDye\tAllele 1\tAllele 2\tAllele 3\tSize 1\tSize 2\tSize 3\tHeight 1\tHeight 2\tHeight 3\tOS\n\
                run1.fsa\tstain\tD3S1358\tB\t15\tOL\t\t120,5\t130\t\t812\t\n\
                run1.fsa\tstain\tAMEL\tG\tX\tY\t\t\t\t\t\t\t\tq\n\
                \n\
                run1.fsa\tstain\tFGA\n\
                run1.fsa\tstain\tTH01\tY\t\t\t\t170.1\t\t\t55\n";
    let (table, notes) = table(text);
    assert_eq!(lines(&table), ["stain D3S1358 15,OL", "stain AMEL X,Y"]);
    let first = &table.samples[0].genotypes[0];
    let call = |allele: &str, size, height| AlleleCall { allele: allele.into(), size, height };
    assert_eq!(first.alleles, [call("15", Some(120.5), Some(812.0)), call("OL", Some(130.0), None)]);
    assert_eq!(first.dye.as_deref(), Some("B"));
    assert_eq!(first.fields, [("Sample File".to_owned(), "run1.fsa".to_owned())]);
    assert_eq!(table.samples[0].genotypes[1].fields.last().unwrap(), &("OS".to_owned(), "q".to_owned()));
    // A row without any cell is kept apart from one whose peak has no designation.
    assert_eq!(notes, ["off-ladder", "marker-without-allele", "peak-without-allele"]);
    assert_eq!(table.samples[0].empty, [MarkerName::of("FGA")]);
}

#[test]
fn a_row_without_alleles_is_told_and_leads_back() {
    let text = "sample,marker,allele 1,allele 2\nblank,TH01,,\nblank,vWA,,\na,TH01,6,7\na,vWA,,\na,FGA,,\na,FGA,20,21\na,TPOX,NA,NA\n";
    let (read_once, notes) = table(text);
    assert_eq!(notes, ["marker-without-allele"; 4]);
    assert_eq!(lines(&read_once), ["a TH01 6,7", "a FGA 20,21"]);
    let empty: Vec<Vec<&str>> =
        read_once.samples.iter().map(|sample| sample.empty.iter().map(MarkerName::as_str).collect()).collect();
    assert_eq!(
        empty,
        [vec!["TH01", "vWA"], vec!["vWA"]],
        "FGA has alleles in another row, TPOX says that it was not typed"
    );
    for written in [write_long(&read_once, Separator::Comma), write_gene_mapper(&read_once)] {
        assert_eq!(read(&written.unwrap()).unwrap().value, read_once);
    }
    let mut both = read_once;
    both.samples[1].empty.push(MarkerName::of("TH01"));
    assert!(matches!(write_long(&both, Separator::Comma), Err(WriteError::Unfit { .. })));
}

#[test]
fn long_forms() {
    let one_a_row = "sample;locus;allele\na;TH01;6\na;TH01;9,3\nb;TH01;7\n";
    assert_eq!(lines(&table(one_a_row).0), ["a TH01 6,9.3", "b TH01 7"]);
    let in_one_cell = "sample,marker,alleles\na,TH01,\"6,9.3\"\n";
    assert_eq!(lines(&table(in_one_cell).0), ["a TH01 6,9.3"]);
    let (twice, notes) = table("sample,marker,allele1,allele2\na,TH01,6,7\na,THO1,6,8\n,,9,9\n");
    assert_eq!(lines(&twice), ["a TH01 6,7", "a TH01 6,8"]);
    assert_eq!(notes, ["marker-twice", "sample-id-missing", "marker-missing"]);
}

#[test]
fn encodings() {
    let latin = b"sample,TH01_1,TH01_2\nS\xf8ren,6,7\n";
    let got = read(latin).unwrap();
    assert_eq!(got.value.samples[0].id, "S\u{f8}ren");
    assert_eq!((got.diagnostics[0].code, got.diagnostics[0].offset), ("latin-1-assumed", Some(22)));
    let utf16: Vec<u8> = "\u{feff}sample\tTH01\tTH01\na\t6\t7\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(lines(&read(&utf16).unwrap().value), ["a TH01 6,7"]);
}

#[test]
fn offsets_are_those_of_the_row() {
    let text = "sample,TH01\na,6/7\na,8/9\n";
    let got = read(text.as_bytes()).unwrap();
    assert_eq!(got.diagnostics[0].offset, text.find("a,8"));
}

#[test]
fn what_is_no_table_is_refused_for_the_right_reason() {
    let reason = |text: &[u8]| match read(text) {
        Err(ReadError::NotThis { instead, .. }) => instead,
        other => panic!("{other:?}"),
    };
    assert!(reason(b"marker,allele,freq,n_chrom\nTH01,6,0.2,200\n").contains("frequencies"));
    assert!(reason(b"STR;population;N;freq_9\nTH01;x;2;0.1\n").contains("frequencies"));
    for text in ["", "\n\n", "hello", "sample,name\na,b\n", &"x\n".repeat(30)] {
        assert!(reason(text.as_bytes()).contains("markers"), "{text}");
    }
    assert!(matches!(read(&vec![b','; 5000]), Err(ReadError::NotThis { .. }) | Err(ReadError::TooMuch { .. })));
    let wide = format!("sample{}\n", ",D1S1_1".repeat(5000));
    assert!(matches!(read(wide.as_bytes()), Err(ReadError::TooMuch { what: "columns", .. })));
    let long_cell = format!("sample,TH01\n\"{},6\n", "x".repeat(10_000));
    assert_eq!(table(&long_cell).1, ["cell-too-long", "sample-id-missing"]);
}

#[test]
fn writers_refuse_what_would_not_come_back() {
    let with = |id: &str, alleles: &[&str], fields: &[(&str, &str)]| GenotypeTable {
        samples: vec![SampleGenotypes {
            id: id.into(),
            category: None,
            fields: fields.iter().map(|(a, b)| ((*a).into(), (*b).into())).collect(),
            genotypes: vec![MarkerGenotype::of("TH01", alleles.iter().copied())],
            empty: Vec::new(),
        }],
    };
    for table in [
        with("", &["6"], &[]),
        with(" a", &["6"], &[]),
        with("a", &[], &[]),
        with("a", &["0"], &[]),
        with("a", &["9,3"], &[]),
        with("a", &["6"], &[("vWA", "17")]),
        with("a", &["6"], &[("x", "1"), ("x", "2")]),
        with("a", &["6"], &[("Pop", "1")]),
        with("a", &["6"], &[("Allele 1", "9"), ("Marker", "2")]),
        GenotypeTable::default(),
    ] {
        assert!(write_wide(&table, Separator::Comma).is_err(), "{table:?}");
    }
    let good = with("a;\"b\"", &["6", "9.3"], &[("n", "3")]);
    let text = write_wide(&good, Separator::Semicolon).unwrap();
    assert_eq!(String::from_utf8(text.clone()).unwrap(), "sample;n;TH01_1;TH01_2\n\"a;\"\"b\"\"\";3;6;9.3\n");
    assert_eq!(read(&text).unwrap().value, good);
}

#[test]
fn many_alleles_of_a_mixture_have_columns_of_their_own() {
    let alleles: Vec<String> = (5..25).map(|n| n.to_string()).collect();
    let genotypes = vec![MarkerGenotype::of("TH01", alleles.iter().map(String::as_str))];
    let mixed =
        GenotypeTable { samples: vec![SampleGenotypes { id: "m".into(), genotypes, ..SampleGenotypes::default() }] };
    assert_eq!(read(&write_wide(&mixed, Separator::Comma).unwrap()).unwrap().value, mixed);
    assert_eq!(read(&write_gene_mapper(&mixed).unwrap()).unwrap().value, mixed);
}

#[test]
fn an_outline_names_sample_marker_and_peaks() {
    let text = write_gene_mapper(&table("sample,marker,allele1,size1,height1\na,TH01,6,160.2,900\n").0).unwrap();
    let tree = read(&text).unwrap().value.outline().to_string();
    for part in ["sample: a", "TH01: 6", "160.2 bp, 900 rfu"] {
        assert!(tree.contains(part), "{tree}");
    }
}

pub(crate) fn any_allele() -> impl Strategy<Value = String> {
    prop_oneof![
        (1u8..60, 0u8..4).prop_map(|(whole, tenth)| if tenth == 0 {
            whole.to_string()
        } else {
            format!("{whole}.{tenth}")
        }),
        Just("OL".to_owned()),
        (2u8..40).prop_map(|n| format!("<{n}")),
    ]
}

fn any_name() -> impl Strategy<Value = String> {
    "[A-Za-z0-9\"][A-Za-zа-я0-9 ,;\"_-]{0,12}[A-Za-z0-9\"]"
}

/// Tables that every form can carry, with peaks where `peaks`.
pub(crate) fn any_table(peaks: bool) -> impl Strategy<Value = GenotypeTable> {
    let markers = prop::sample::subsequence(
        vec!["TH01", "vWA", "AMEL", "Penta D", "DYS385", "D3S1358", "D99S99", "Locus of mine"],
        1..8,
    );
    let call = (any_allele(), prop::option::of(0u32..100_000), prop::option::of(0u32..30_000)).prop_map(
        move |(allele, s, h)| {
            let (size, height) = (s.map(|s| f64::from(s) / 100.0), h.map(f64::from));
            AlleleCall { allele, size: size.filter(|_| peaks), height: height.filter(|_| peaks) }
        },
    );
    let genotypes = (markers, prop::collection::vec(prop::collection::vec(call, 1..5), 8));
    let sample = (any_name(), prop::option::of("[A-Z][a-z, ]{0,6}[a-z]"), genotypes).prop_map(
        move |(id, category, (markers, calls))| {
            let genotypes = markers.into_iter().zip(calls).map(|(marker, alleles)| MarkerGenotype {
                marker: MarkerName::of(marker),
                dye: peaks.then(|| "B".to_owned()),
                alleles,
                fields: Vec::new(),
            });
            SampleGenotypes { id, category, genotypes: genotypes.collect(), ..SampleGenotypes::default() }
        },
    );
    prop::collection::vec(sample, 1..6).prop_map(|mut samples| {
        let mut seen = std::collections::HashSet::new();
        samples.retain(|sample| seen.insert(sample.id.clone()));
        // A long table without markers of a sample has no row for it, and one of a wide table none of its columns.
        GenotypeTable { samples }
    })
}

/// Wide tables put the markers of all samples in one order.
fn in_one_order(mut table: GenotypeTable) -> GenotypeTable {
    let mut order: Vec<MarkerName> = Vec::new();
    for genotype in table.samples.iter().flat_map(|sample| &sample.genotypes) {
        if !order.contains(&genotype.marker) {
            order.push(genotype.marker.clone());
        }
    }
    for sample in &mut table.samples {
        sample.genotypes.sort_by_key(|own| order.iter().position(|marker| *marker == own.marker));
    }
    table
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn wide_tables_lead_back(table in any_table(false)) {
        let table = in_one_order(table);
        for separator in [Separator::Comma, Separator::Semicolon, Separator::Tab] {
            let text = write_wide(&table, separator).unwrap();
            let read = read(&text).unwrap();
            prop_assert_eq!(&read.value, &table);
            prop_assert_eq!(write_wide(&read.value, separator).unwrap(), text);
        }
    }

    #[test]
    fn long_tables_lead_back(table in any_table(true)) {
        let long = write_long(&table, Separator::Semicolon).unwrap();
        prop_assert_eq!(&read(&long).unwrap().value, &table);
        let exported = write_gene_mapper(&table).unwrap();
        prop_assert_eq!(&read(&exported).unwrap().value, &table);
    }

    #[test]
    fn damaged_tables_are_read_or_refused(
        table in any_table(true), cut in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), with in any::<u8>(),
    ) {
        for text in [write_wide(&in_one_order(table.clone()), Separator::Comma), write_gene_mapper(&table)].into_iter().flatten() {
            let _ = read(&text[..cut.index(text.len())]);
            let mut damaged = text.clone();
            damaged[at.index(text.len())] = with;
            if let Ok(read) = read(&damaged) {
                let _ = read.value.outline();
            }
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read(&bytes);
    }
}

#[test]
fn a_column_that_would_be_read_as_another_markers_is_not_written() {
    let genotype = |marker: &str, alleles: usize| MarkerGenotype {
        alleles: (0..alleles).map(|k| AlleleCall { allele: (10 + k).to_string(), size: None, height: None }).collect(),
        ..MarkerGenotype::of(marker, [])
    };
    let table = |alleles| GenotypeTable {
        samples: vec![SampleGenotypes {
            id: "S".into(),
            genotypes: vec![genotype("D3S135", alleles), genotype("D3S1358", 2)],
            ..SampleGenotypes::default()
        }],
    };
    assert!(write_wide(&table(7), Separator::Comma).is_ok());
    assert!(matches!(write_wide(&table(8), Separator::Comma), Err(WriteError::Unfit { .. })));
}

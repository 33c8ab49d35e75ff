use proptest::prelude::*;

use super::super::ReadError;
use super::super::table::Separator;
use super::*;

fn only(text: &str) -> (PopulationFrequencies, Vec<&'static str>) {
    let mut read = read(text.as_bytes()).unwrap_or_else(|error| panic!("{error}: {text}"));
    assert_eq!(read.value.len(), 1, "{text}");
    (read.value.remove(0), read.diagnostics.iter().map(|d| d.code).collect())
}

fn marker(name: &str, chromosomes: Option<u32>, alleles: &[(&str, f64)]) -> MarkerFrequencies {
    let alleles = alleles.iter().map(|(allele, frequency)| ((*allele).to_owned(), *frequency)).collect();
    MarkerFrequencies { marker: MarkerName::of(name), chromosomes, alleles }
}

#[test]
fn the_forms_say_the_same() {
    let th01 = [("6", 0.25), ("9.3", 0.75)];
    let vwa = [("17", 1.0)];
    let expected = |counted: Option<u32>| vec![marker("TH01", counted, &th01), marker("vWA", counted, &vwa)];
    for (text, counted) in [
        ("marker,allele,freq,n_chrom\nTH01,6,0.25,100\nTH01,9.3,0.75,100\nvWA,17,1,100\n", Some(100)),
        ("Locus;Allele;Frequency\nTHO1;6;0,25\nTHO1;9.3;0,75\nVWA;17;1\n", None),
        ("TH01,6,0.25,100\nTH01,9.3,0.75,100\nvWA,17,1.0,100\n", Some(100)),
        ("Allele\tTH01\tvWA\n6\t0.25\t\n9.3\t0.75\t0\n17\t\t1\nN\t50\t50\n", Some(100)),
        ("allele,TH01,vWA\n6,0.25,-\n9.3,0.75,-\n17,-,1\n2N,100,100\n", Some(100)),
        ("STR;population;N;freq_6;freq_9.3;freq_17\nTH01;;50;0.25;0.75;0\nvWA;;50;;;1\n", Some(100)),
        ("TH01\n6\t0.25\n9.3\t0.75\n\nvWA\n17\t1\n", None),
    ] {
        assert_eq!(only(text).0.markers, expected(counted), "{text}");
    }
}

#[test]
fn several_populations_and_people_instead_of_chromosomes() {
    let text = "STR;population;N;freq_6\nTH01;Uygur;25;1\nTH01;Yakut;20;0.5\n";
    let read = read(text.as_bytes()).unwrap();
    let names: Vec<_> = read.value.iter().map(|own| own.population.as_deref().unwrap()).collect();
    assert_eq!(names, ["Uygur", "Yakut"]);
    assert_eq!(read.value[1].markers[0].chromosomes, Some(40));
    let codes: Vec<_> = read.diagnostics.iter().map(|d| d.code).collect();
    assert_eq!(codes, ["people-counted", "sum-below-1"]);
}

#[test]
fn snps_have_two_alleles() {
    let (table, _) = only("CHROM,MARKER,MB,A1,A2,FREQ1\n1,rs9442372,1.08,G,A,0.611\n");
    assert_eq!(table.markers[0].alleles.iter().map(|(a, _)| a.as_str()).collect::<Vec<_>>(), ["G", "A"]);
    assert!((table.markers[0].sum() - 1.0).abs() < 1e-12);
}

#[test]
fn what_is_wrong_is_told_and_left_out() {
    let text = "marker,allele,freq,n_chrom\nTH01,6,0.5,100\nTH01,6,0.1,100\nTH01,7,oops,100\nTH01,8,1.5,100\nTH01,9,0.6,90\n\
                ,9,0.1,\nFGA,rest,0.9,\n";
    let (table, notes) = only(text);
    assert_eq!(table.markers[0], marker("TH01", Some(100), &[("6", 0.5), ("9", 0.6)]));
    assert_eq!(
        notes,
        [
            "allele-twice",
            "frequency-unreadable",
            "frequency-outside",
            "counts-disagree",
            "row-unreadable",
            "lumped-allele",
            "sum-above-1",
            "sum-below-1"
        ]
    );
}

#[test]
fn what_is_no_table_is_refused() {
    for text in ["", "hello", "sample,TH01_1,TH01_2\na,6,7\n", "marker,allele,freq\n", "a\nb\nc\n"] {
        assert!(matches!(read(text.as_bytes()), Err(ReadError::NotThis { .. })), "{text}");
    }
}

#[test]
fn writers_refuse_what_is_no_frequency() {
    for alleles in [&[("6", 1.5)][..], &[("6", f64::NAN)], &[("", 0.5)]] {
        let table = PopulationFrequencies { population: None, markers: vec![marker("TH01", None, alleles)] };
        assert!(write_long(std::slice::from_ref(&table), Separator::Comma).is_err());
        assert!(write_familias_text(&table).is_err());
    }
    let unknown = PopulationFrequencies { population: None, markers: vec![marker("Odd", None, &[("1", 1.0)])] };
    assert!(write_wide(&unknown, Separator::Comma).is_err());
}

fn any_population() -> impl Strategy<Value = PopulationFrequencies> {
    let alleles = prop::collection::btree_map(2u32..400, 1u32..1000, 1..12).prop_map(|counts| {
        let total: u32 = counts.values().sum();
        let name = |tenths: u32| {
            if tenths.is_multiple_of(10) {
                (tenths / 10).to_string()
            } else {
                format!("{}.{}", tenths / 10, tenths % 10)
            }
        };
        let all = counts.into_iter().filter(|(tenths, _)| *tenths >= 10);
        all.map(|(tenths, n)| (name(tenths), f64::from(n) / f64::from(total))).collect::<Vec<_>>()
    });
    let markers = prop::sample::subsequence(vec!["TH01", "vWA", "FGA", "Penta D", "D99S1"], 1..5);
    (
        prop::option::of("[A-Z][a-z ]{0,8}[a-z]"),
        markers,
        prop::collection::vec((prop::option::of(1u32..5000), alleles), 5),
    )
        .prop_map(|(population, markers, tables)| {
            let markers = markers.into_iter().zip(tables).map(|(name, (chromosomes, alleles))| MarkerFrequencies {
                marker: MarkerName::of(name),
                chromosomes,
                alleles,
            });
            PopulationFrequencies { population, markers: markers.filter(|marker| !marker.alleles.is_empty()).collect() }
        })
        .prop_filter("no frequency", |table| !table.markers.is_empty())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(150))]

    #[test]
    fn all_forms_lead_back(table in any_population()) {
        let long = write_long(std::slice::from_ref(&table), Separator::Semicolon).unwrap();
        prop_assert_eq!(&read(&long).unwrap().value, &vec![table.clone()]);
        let unnamed = PopulationFrequencies { population: None, ..table };
        if let Ok(wide) = write_wide(&unnamed, Separator::Tab) {
            prop_assert_eq!(&read(&wide).unwrap().value, &vec![unnamed.clone()]);
        }
        let mut uncounted = unnamed;
        uncounted.markers.iter_mut().for_each(|marker| marker.chromosomes = None);
        let text = write_familias_text(&uncounted).unwrap();
        prop_assert_eq!(&read(&text).unwrap().value, &vec![uncounted]);
    }

    #[test]
    fn damaged_tables_are_read_or_refused(table in any_population(), cut in any::<prop::sample::Index>(), at in any::<prop::sample::Index>(), with in any::<u8>()) {
        let texts = [write_long(std::slice::from_ref(&table), Separator::Comma), write_wide(&table, Separator::Comma), write_familias_text(&table)];
        for text in texts.into_iter().flatten() {
            let _ = read(&text[..cut.index(text.len())]);
            let mut damaged = text.clone();
            damaged[at.index(text.len())] = with;
            if let Ok(read) = read(&damaged) {
                let _ = read.value.iter().map(PopulationFrequencies::outline).count();
            }
        }
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[\\PC\\n\\t,;]{0,200}") {
        let _ = read(text.as_bytes());
    }
}

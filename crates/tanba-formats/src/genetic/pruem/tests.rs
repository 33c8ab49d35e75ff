use proptest::prelude::*;

use super::super::genotypes::tests::any_table;
use super::*;

fn sample(genotypes: &[(&str, &[&str])]) -> SampleGenotypes {
    let genotypes = genotypes.iter().map(|(marker, alleles)| MarkerGenotype::of(marker, alleles.iter().copied()));
    SampleGenotypes { id: "s".into(), genotypes: genotypes.collect(), ..SampleGenotypes::default() }
}

fn transmitted(genotypes: &[(&str, &[&str])]) -> (Vec<String>, Vec<&'static str>) {
    let read = to_transmitted(&sample(genotypes)).unwrap();
    let line =
        |locus: &PruemLocus| format!("{} {} {}", locus.marker, locus.values[0].as_str(), locus.values[1].as_str());
    (read.value.loci.iter().map(line).collect(), read.diagnostics.iter().map(|d| d.code).collect())
}

#[test]
fn values_that_are_not_exchanged_become_wildcards() {
    for value in ["o", "f", "r", "na", "nr", "un", "0", "1", "99", "OL", "<9", ">20", "9.33", "100"] {
        let (loci, notes) = transmitted(&[("TH01", &["9.3", value])]);
        assert_eq!(loci, ["TH01 9.3 *"], "{value}");
        assert_eq!(notes, ["pruem-wildcard", "pruem-too-few-loci"], "{value}");
    }
    assert_eq!(transmitted(&[("AMEL", &["X", "Y"])]).0, ["AMEL X Y"]);
}

#[test]
fn homozygotes_three_alleles_and_mixtures() {
    assert_eq!(transmitted(&[("THO1", &["6"])]).0, ["TH01 6 6"]);
    assert_eq!(transmitted(&[("TH01", &["6", "6"])]).0, ["TH01 6 6"]);
    let (loci, notes) = transmitted(&[("vWA", &["12", "13", "14"])]);
    assert_eq!((loci, notes[0]), (vec!["vWA 12 *".to_owned()], "pruem-three-alleles"));
    let mixed = to_transmitted(&sample(&[("vWA", &["12", "13", "14", "15"])]));
    assert_eq!(mixed, Err(PruemError::Mixture { locus: "vWA", alleles: 4 }));
}

#[test]
fn loci_outside_the_annex_are_left_out_and_the_rest_is_in_its_order() {
    let (loci, notes) = transmitted(&[("D1S1656", &["11", "12"]), ("SE33", &["20", "21.2"]), ("vWA", &["17", "18"])]);
    assert_eq!(loci, ["vWA 17 18", "SE33 20 21.2"]);
    assert_eq!(notes, ["pruem-locus-left-out", "pruem-too-few-loci"]);
    assert_eq!(to_transmitted(&sample(&[("D1S1656", &["11"])])), Err(PruemError::NoLocus));
    assert_eq!(to_transmitted(&sample(&[("vWA", &["o"])])), Err(PruemError::NoLocus));
}

#[test]
fn six_complete_loci_are_asked_for_and_amelogenin_is_none() {
    let core: Vec<(&str, &[&str])> =
        ["vWA", "TH01", "D21S11", "FGA", "D8S1179"].map(|marker| (marker, &["10", "11"][..])).into();
    let with = |more: &[(&'static str, &'static [&'static str])]| {
        let all: Vec<_> = core.iter().copied().chain(more.iter().copied()).collect();
        to_transmitted(&sample(&all)).unwrap().value
    };
    assert!(!with(&[("AMEL", &["X"])]).may_be_searched());
    assert!(!with(&[("D18S51", &["10", "*"])]).may_be_searched());
    let stain = with(&[("SE33", &["10", "11"])]);
    assert!(stain.may_be_searched() && !stain.may_be_searched_as_reference());
    assert!(with(&[("D18S51", &["10"])]).may_be_searched_as_reference());
    assert!(stain.outline().to_string().contains("6 complete loci"));
}

proptest! {
    #[test]
    fn a_transmitted_profile_leads_back(table in any_table(false)) {
        for sample in &table.samples {
            let Ok(first) = to_transmitted(sample) else { continue };
            let back = from_transmitted("x", &first.value);
            let dropped = first.value.loci.iter().any(|locus| !locus.is_complete());
            prop_assert_eq!(back.diagnostics.is_empty(), !dropped);
            if !dropped {
                prop_assert_eq!(to_transmitted(&back.value).unwrap().value, first.value);
            }
        }
    }
}

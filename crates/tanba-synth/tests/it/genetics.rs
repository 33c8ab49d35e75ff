//! Genetics against what others publish and compute; skipped where the reference material is not there.

#![allow(clippy::print_stderr)] // a skipped test says so

use std::path::PathBuf;

use tanba_synth::genetics::{AlleleTable, Families, Meiosis, MutationModels, Pedigree, ProfilePopulation};

fn reference(folder: &str) -> Option<PathBuf> {
    let root = std::env::var_os("TANBA_REFERENCE");
    if root.is_none() {
        eprintln!("skipped: TANBA_REFERENCE is not set");
    }
    root.map(|root| PathBuf::from(root).join(folder)).filter(|path| path.exists())
}

#[test]
fn published_tables_give_families_at_all_their_markers() {
    let Some(folder) = reference("dna/freqs") else { return };
    let pedigree = Pedigree::standard("siblings-of-cousins").unwrap();
    let mut tables = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        if !text.starts_with("marker,allele,freq") {
            continue;
        }
        let table = AlleleTable::from_csv("published", &text).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        assert!(table.markers().len() >= 15, "{}", path.display());
        let meiosis = Meiosis::new(&table, MutationModels::USUAL, true).unwrap();
        let population = ProfilePopulation::new(table, 1, 0.01, 3).unwrap();
        let family = Families::new(&pedigree, &population, &meiosis, 1, "test").family(0);
        assert_eq!(family.people.len(), pedigree.members().len());
        tables += 1;
    }
    assert!(tables >= 20, "{tables}");
}

//! Published tables, messages and projects of forensic genetics, in the folder `dna` of the reference.

use tanba_formats::genetic::{MarkerName, ReadError, cmf, familias, frequencies, genotypes, pruem};

use super::{files, reference};

/// Genotypes that the table of NIST leaves blank.
const NOT_TYPED: usize = 2;

#[test]
fn every_published_table_of_genotypes_is_read_and_written_back() {
    let Some(reference) = reference() else { return };
    let raw = reference.join("dna/raw");
    let nist = genotypes::read(&std::fs::read(raw.join("nist1036_genotypes.csv")).unwrap()).unwrap();
    assert_eq!(nist.diagnostics, []);
    assert_eq!(nist.value.samples.len(), 1036);
    assert!(nist.value.samples.iter().all(|sample| sample.category.is_some() && sample.genotypes.len() >= 28));
    let typed: usize = nist.value.samples.iter().map(|sample| sample.genotypes.len()).sum();
    assert_eq!(typed, 1036 * 29 - NOT_TYPED);
    let first: Vec<_> = nist.value.samples[0].alleles(&MarkerName::of("D1S1656")).collect();
    assert_eq!(first, ["12", "16.3"]);
    let danes = genotypes::read(&std::fs::read(raw.join("danes_ystr.txt")).unwrap()).unwrap();
    assert_eq!((danes.value.samples.len(), danes.value.samples[0].genotypes.len()), (136, 10));
    let men: u32 = danes.value.samples.iter().map(|sample| sample.fields[0].1.parse::<u32>().unwrap()).sum();
    assert_eq!(men, 185);
    for table in [nist.value, danes.value] {
        for separator in [genotypes::Separator::Comma, genotypes::Separator::Tab] {
            let wide = genotypes::write_wide(&table, separator).unwrap();
            assert_eq!(genotypes::read(&wide).unwrap().value, table);
        }
        let mut without_fields = table;
        without_fields.samples.iter_mut().for_each(|sample| sample.fields.clear());
        let exported = genotypes::write_gene_mapper(&without_fields).unwrap();
        assert_eq!(genotypes::read(&exported).unwrap().value, without_fields);
    }
}

#[test]
fn every_published_table_of_frequencies_is_read_and_written_back() {
    let Some(reference) = reference() else { return };
    let mut tables = files(&reference.join("dna/freqs"), &["csv"]);
    tables.extend(
        files(&reference.join("dna/raw"), &["csv"])
            .into_iter()
            .filter(|path| path.to_string_lossy().contains("popSTR")),
    );
    assert!(tables.len() >= 33, "only {}", tables.len());
    for path in tables {
        let bytes = std::fs::read(&path).unwrap();
        let read = frequencies::read(&bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let [population] = &read.value[..] else { panic!("{}: {} populations", path.display(), read.value.len()) };
        assert!(population.markers.len() >= 10, "{}", path.display());
        for note in &read.diagnostics {
            let expected = ["people-counted", "sum-below-1", "sum-above-1", "lumped-allele"];
            assert!(expected.contains(&note.code), "{}: {note:?}", path.display());
        }
        let long = frequencies::write_long(&read.value, genotypes::Separator::Comma).unwrap();
        assert_eq!(frequencies::read(&long).unwrap().value, read.value, "{}", path.display());
        assert!(matches!(genotypes::read(&bytes), Err(ReadError::NotThis { .. })), "{}", path.display());
    }
}

#[test]
fn frequencies_counted_from_the_genotypes_are_those_published() {
    let Some(reference) = reference() else { return };
    let people =
        genotypes::read(&std::fs::read(reference.join("dna/raw/nist1036_genotypes.csv")).unwrap()).unwrap().value;
    let table =
        frequencies::read(&std::fs::read(reference.join("dna/freqs/nist1036_AfAm.csv")).unwrap()).unwrap().value;
    for marker in &table[0].markers {
        let own = people.samples.iter().filter(|sample| sample.category.as_deref() == Some("AA"));
        let alleles: Vec<_> = own.flat_map(|sample| sample.alleles(&marker.marker)).collect();
        assert_eq!(alleles.len() as u32, marker.chromosomes.unwrap(), "{}", marker.marker);
        for (allele, frequency) in &marker.alleles {
            let counted = alleles.iter().filter(|own| *own == allele).count() as f64 / alleles.len() as f64;
            assert!((counted - frequency).abs() < 1e-9, "{} {allele}", marker.marker);
        }
    }
}

#[test]
fn the_example_of_cmf_is_read_and_written_back_equal_in_content() {
    let Some(reference) = reference() else { return };
    let path = reference.join("dna/raw/formats/CODIS-32.AppendixAexample.xml");
    let read = cmf::read(&std::fs::read(path).unwrap()).unwrap();
    assert_eq!(read.diagnostics, []);
    assert_eq!(read.value.specimens.len(), 2);
    for schema in [cmf::Schema::V32, cmf::Schema::V2017] {
        let written = cmf::write(&read.value, schema).unwrap();
        let again = cmf::read(&written).unwrap();
        assert_eq!((again.value, again.diagnostics), (read.value.clone(), vec![]));
    }
}

#[test]
fn the_project_of_familias_comes_back_byte_for_byte() {
    let Some(reference) = reference() else { return };
    for path in files(&reference.join("dna/raw/formats/familias_fam"), &["fam"]) {
        let bytes = std::fs::read(&path).unwrap();
        let read = familias::read(&bytes).unwrap();
        assert_eq!(read.diagnostics, [], "{}", path.display());
        assert_eq!((read.value.persons.len(), read.value.pedigrees.len(), read.value.loci.len()), (3, 2, 10));
        assert_eq!(
            String::from_utf8(familias::write(&read.value).unwrap()).unwrap(),
            String::from_utf8(bytes).unwrap()
        );
        let table = read.value.genotypes();
        assert_eq!(table.samples.iter().map(|sample| sample.genotypes.len()).collect::<Vec<_>>(), [10, 0, 10]);
        assert_eq!(
            genotypes::read(&genotypes::write_long(&table, genotypes::Separator::Comma).unwrap())
                .unwrap()
                .value
                .samples
                .len(),
            2
        );
    }
}

#[test]
fn the_conversions_of_pruem_are_those_of_the_decision() {
    let Some(reference) = reference() else { return };
    let rules: serde_json::Value =
        serde_json::from_slice(&std::fs::read(reference.join("dna/given/prum_rules.json")).unwrap()).unwrap();
    let conversions = rules["conversions"].as_array().unwrap();
    assert!(conversions.len() >= 10);
    for rule in conversions {
        let input: Vec<_> = rule["input"].as_array().unwrap().iter().map(|text| text.as_str().unwrap()).collect();
        let export: Vec<_> = rule["export"].as_str().map_or_else(
            || rule["export"].as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect(),
            |one| vec!["17".to_owned(), one.to_owned()],
        );
        // A single value stands beside a known one, so that the locus says something.
        let alleles = if input.len() == 1 { [&["17"], &input[..]].concat() } else { input };
        let sample = genotypes::SampleGenotypes {
            id: "s".into(),
            genotypes: vec![genotypes::MarkerGenotype::of("vWA", alleles.iter().copied())],
            ..Default::default()
        };
        let sent = pruem::to_transmitted(&sample).unwrap().value;
        let values: Vec<_> = sent.loci[0].values.iter().map(|value| value.as_str().to_owned()).collect();
        assert_eq!(values, export, "{rule}");
    }
}

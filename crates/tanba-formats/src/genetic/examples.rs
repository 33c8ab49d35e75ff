//! Invented values of every format here: what tests begin with, and the seeds of the fuzz targets.

use super::cmf::{
    self, CmfAllele, CmfFile, CmfLocus, CmfSpecimen, RapidDevice, RapidFile, RapidLocus, RapidSpecimen, Schema,
};
use super::familias::{
    self, Dvi, DviFamily, DviGenotype, DviPedigree, DviPerson, DviRelation, FamiliasFile, FamiliasGenotype,
    FamiliasLocus, FamiliasPedigree, FamiliasPerson, LocusOptions, MISSING_PERSON, MutationKind, MutationModel,
    Relation, Relations, SectionLine,
};
use super::frequencies::{self, PopulationFrequencies};
use super::genotypes::{self, AlleleCall, GenotypeTable, MarkerGenotype, SampleGenotypes, Separator};

/// Files for the fuzz targets `genotypes`, `frequencies`, `cmf` and `familias`, as the writers here write them.
pub fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let (table, population) = (genotype_table(), population());
    let files = [
        ("genotypes", genotypes::write_wide(&table, Separator::Comma)),
        ("genotypes", genotypes::write_wide(&table, Separator::Tab)),
        ("genotypes", genotypes::write_long(&table, Separator::Semicolon)),
        ("genotypes", genotypes::write_gene_mapper(&table)),
        ("frequencies", frequencies::write_long(std::slice::from_ref(&population), Separator::Comma)),
        ("frequencies", frequencies::write_wide(&population, Separator::Semicolon)),
        ("frequencies", frequencies::write_familias_text(&population)),
        ("cmf", cmf::write(&cmf_file(), Schema::V32)),
        ("cmf", cmf::write_rapid(&rapid_file())),
        ("familias", familias::write(&familias_file())),
    ];
    files.into_iter().filter_map(|(target, file)| Some((target, file.ok()?))).collect()
}

/// A stain with peaks and a person without.
pub fn genotype_table() -> GenotypeTable {
    let peak =
        |allele: &str, size, height| AlleleCall { allele: allele.into(), size: Some(size), height: Some(height) };
    let stain = MarkerGenotype {
        dye: Some("B".into()),
        alleles: vec![peak("15", 120.5, 812.0), peak("OL", 131.2, 90.0)],
        ..MarkerGenotype::of("D3S1358", [])
    };
    let person = [("TH01", ["6", "9.3"]), ("AMEL", ["X", "Y"]), ("DYS385", ["11", "14"])];
    GenotypeTable {
        samples: vec![
            SampleGenotypes { id: "stain".into(), genotypes: vec![stain], ..SampleGenotypes::default() },
            SampleGenotypes {
                id: "person; \"A\"".into(),
                category: Some("reference".into()),
                genotypes: person.map(|(marker, alleles)| MarkerGenotype::of(marker, alleles)).into(),
                ..SampleGenotypes::default()
            },
        ],
    }
}

/// The frequencies of the database of [`familias_file`].
pub fn population() -> PopulationFrequencies {
    PopulationFrequencies { population: Some("nobody".into()), ..familias_file().frequencies() }
}

/// A message with one specimen: every field, off-ladder alleles, a required one, texts that need escaping.
pub fn cmf_file() -> CmfFile {
    let locus = |name: &str, alleles: &[(&str, bool)]| CmfLocus {
        name: name.into(),
        read_by: "EXAMINER".into(),
        read_at: "2024-02-29T12:00:00".into(),
        alleles: alleles
            .iter()
            .map(|(value, required)| CmfAllele { value: (*value).into(), required: *required })
            .collect(),
        ..CmfLocus::default()
    };
    CmfFile {
        header_version: "3.2".into(),
        message_type: "Import".into(),
        destination: "KZ0000001".into(),
        source_lab: "KZ0000002".into(),
        submitted_by: "USER1".into(),
        submitted: "2024-03-01T08:30:00".into(),
        batch_id: Some("B & <1>".into()),
        kit: Some("PowerPlex 16".into()),
        specimens: vec![CmfSpecimen {
            id: "S-1".into(),
            category: "Forensic, Unknown".into(),
            comment: Some("swab \"A\"\r\n\tof the handle".into()),
            source_id: Some("No".into()),
            case_id: Some("C\n7".into()),
            partial: Some(true),
            loci: vec![
                locus("TH01", &[("<4", false), ("6", true), ("9.3", false), ("10", false), (">11", false)]),
                locus("AMEL", &[("X", false), ("Y", false)]),
                CmfLocus {
                    kit: Some("SGM Plus".into()),
                    batch_id: Some("B2".into()),
                    ..locus("FGA", &[("24", false)])
                },
            ],
            others: Vec::new(),
        }],
        others: Vec::new(),
    }
}

/// A rapid message with one arrestee.
pub fn rapid_file() -> RapidFile {
    RapidFile {
        version: "1.0".into(),
        message_type: "Rapid Import".into(),
        message_id: "17".into(),
        created: "2024-03-01T08:30:00Z".into(),
        created_by: "BOOKING".into(),
        destination: "KZ0000001".into(),
        source: "KZ0000002".into(),
        other_source: None,
        device: RapidDevice { instrument: "R-1".into(), model: Some("M".into()), ..RapidDevice::default() },
        specimens: vec![RapidSpecimen {
            id: "S-1".into(),
            category: "Arrestee".into(),
            event: "E1".into(),
            arrested: Some("2024-03-01T07:00:00".into()),
            fingerprinted: "2024-03-01T07:30:00".into(),
            offense: "theft".into(),
            loci: vec![RapidLocus {
                name: "TH01".into(),
                kit: Some("GlobalFiler".into()),
                batch_id: None,
                alleles: vec!["6".into(), "9.3".into()],
            }],
            ..RapidSpecimen::default()
        }],
        others: Vec::new(),
    }
}

fn model(kind: MutationKind) -> MutationModel {
    MutationModel { kind, rate: 0.001, range: 0.1, second_rate: 1e-6 }
}

fn locus(name: &str) -> FamiliasLocus {
    FamiliasLocus {
        name: name.into(),
        female: model(MutationKind::StepwiseExtended),
        male: model(MutationKind::Equal),
        silent: None,
        options: Some(LocusOptions { database_size: 1000.0, dropout: 0.0, minor_allele_frequency: 0.0 }),
        alleles: vec![("6".into(), 0.25), ("9.3".into(), 0.75 - 5.21594e-5), ("10".into(), 5.21594e-5)],
    }
}

fn person(name: &str, male: bool) -> FamiliasPerson {
    let genotypes = vec![FamiliasGenotype { alleles: [Some(0), Some(1)], locus: 0 }];
    FamiliasPerson { name: name.into(), male, genotypes, ..FamiliasPerson::default() }
}

/// Two bodies, and a family whose missing person's sex is not stated.
pub fn dvi() -> Dvi {
    let member = |name: &str, male| DviPerson {
        name: name.into(),
        male,
        genotypes: vec![DviGenotype { locus: "TH01".into(), alleles: vec!["6".into(), "9.3".into()] }],
        others: Vec::new(),
    };
    let pair = |parent: &str, child: &str| DviRelation { parent: parent.into(), child: child.into() };
    let relations = vec![pair(MISSING_PERSON, "Son"), pair("Wife", "Son")];
    let pedigree = |name: &str| DviPedigree { name: name.into(), relations: relations.clone() };
    Dvi {
        unidentified: vec![member("BS1", Some(true)), member("BS2", None)],
        notes: vec![String::new()],
        families: vec![DviFamily {
            name: "F14".into(),
            persons: vec![member("Wife", Some(false)), member("Son", Some(true))],
            pedigrees: vec![pedigree("Reference pedigree"), pedigree("F14")],
        }],
    }
}

/// A project with two hypotheses, twins, a silent allele, and the sections for victims.
pub fn familias_file() -> FamiliasFile {
    let pair = |parent, child, note: Option<&str>| Relation { parent, child, note: note.map(str::to_owned) };
    let mut sections = vec![SectionLine::Text(String::new())];
    sections.extend(dvi().to_lines());
    sections.push(SectionLine::Heading { depth: 1, title: "Advanced".into() });
    sections.push(SectionLine::Entry { key: "NumberOfDecimals".into(), value: "10".into() });
    FamiliasFile {
        title: ["Output from Familias, version 3.3.1".into(), "DO NOT EDIT!".into()],
        version: "3.3.1 (DVI)".into(),
        persons: vec![
            person("AF", true),
            FamiliasPerson { born: Some(1971), considers_dropout: true, ..person("MO", false) },
            FamiliasPerson { genotypes: Vec::new(), ..person("CH", true) },
        ],
        known: Relations { extra_females: 0, extra_males: 1, relations: vec![pair(1, 2, None)] },
        pedigrees: vec![
            FamiliasPedigree {
                number: 0,
                name: "H1".into(),
                relations: Relations { extra_females: 0, extra_males: 0, relations: vec![pair(0, 2, None)] },
            },
            FamiliasPedigree {
                number: 1,
                name: "twins".into(),
                relations: Relations {
                    extra_females: 1,
                    extra_males: 0,
                    relations: vec![pair(0, 2, Some(" (Direct)"))],
                },
            },
        ],
        databases: 1,
        theta: 0.02,
        database: Some("unknown".into()),
        loci: vec![locus("TH01"), FamiliasLocus { silent: Some(0.0), options: None, ..locus("VWA") }],
        sections,
        ..FamiliasFile::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_seed_is_read_by_its_reader() {
        let seeds = seeds();
        assert_eq!(seeds.len(), 10);
        for (target, seed) in seeds {
            let read = match target {
                "genotypes" => genotypes::read(&seed).is_ok(),
                "frequencies" => frequencies::read(&seed).is_ok(),
                "cmf" => cmf::read(&seed).is_ok() || cmf::read_rapid(&seed).is_ok(),
                _ => familias::read(&seed).is_ok(),
            };
            assert!(read, "{target}");
        }
    }
}

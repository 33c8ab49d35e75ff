//! The Common Message Format of CODIS: what laboratories send each other and to the national index, as XML.
//!
//! ```text
//! CODISImportFile       (3.2, and its schema of 2017): header, SPECIMEN (SOURCEID, CASEID, PARTIAL)
//! CODISRapidImportFile  (rapid DNA at booking stations): HEADER, DEVICE, SPECIMEN
//!   LOCUS: name, who read it and when, up to eight ALLELE, at most one of which is required for a hit
//! ```
//! Sources: *CODIS 3.2 CMF Interface Specification*, appendices A and B, the schema `CMF-2017.xsd`, and the *CODIS Rapid CMF
//! Interface Specification*, all by the FBI. A reader takes what breaks their rules and says so; a writer does not write it.

mod rapid;
mod read;
mod schema;
mod values;
mod write;

use super::WriteError;
use super::genotypes::{GenotypeTable, MarkerGenotype, SampleGenotypes};
use super::marker::Marker;
use crate::Outline;

pub use rapid::{RapidDevice, RapidFile, RapidLocus, RapidSpecimen, read_rapid, write_rapid};
pub use read::read;
pub use values::Schema;
pub use write::write;

/// A file of specimens for CODIS.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CmfFile {
    /// `HEADERVERSION`, such as `3.2`.
    pub header_version: String,
    /// `MESSAGETYPE`: `Import`.
    pub message_type: String,
    /// `DESTINATIONORI`: the laboratory that it is for, by its originating agency identifier.
    pub destination: String,
    /// `SOURCELAB`: the laboratory that it is from.
    pub source_lab: String,
    /// `SUBMITBYUSERID`.
    pub submitted_by: String,
    /// `SUBMITDATETIME`, as XML has it: `2002-02-14T21:51:44`.
    pub submitted: String,
    /// `BATCHID`, for all loci that have none of their own.
    pub batch_id: Option<String>,
    /// `KIT`, likewise.
    pub kit: Option<String>,
    /// `SPECIMEN`.
    pub specimens: Vec<CmfSpecimen>,
    /// Elements that no schema names: name and text.
    pub others: Vec<(String, String)>,
}

/// A specimen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CmfSpecimen {
    /// `SPECIMENID`, at most 24 characters, unique in the file.
    pub id: String,
    /// `SPECIMENCATEGORY`, one of the schema's list: `Forensic, Unknown`.
    pub category: String,
    /// `SPECIMENCOMMENT`.
    pub comment: Option<String>,
    /// `SOURCEID`, whether the source is identified: `Yes`, `No` or `N/A`.
    pub source_id: Option<String>,
    /// `CASEID`.
    pub case_id: Option<String>,
    /// `PARTIAL`, whether the profile is one.
    pub partial: Option<bool>,
    /// `LOCUS`, each name once.
    pub loci: Vec<CmfLocus>,
    /// Elements that no schema names: name and text.
    pub others: Vec<(String, String)>,
}

/// What one locus showed.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CmfLocus {
    /// `LOCUSNAME`, as the file spells it: `TH01` and `THO1` are both of the list.
    pub name: String,
    /// `READINGBY`: who read it.
    pub read_by: String,
    /// `READINGDATETIME`.
    pub read_at: String,
    /// `BATCHID`.
    pub batch_id: Option<String>,
    /// `KIT`.
    pub kit: Option<String>,
    /// `ALLELE`, up to eight; a homozygote once.
    pub alleles: Vec<CmfAllele>,
    /// Elements that no schema names: name and text.
    pub others: Vec<(String, String)>,
}

/// An allele.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct CmfAllele {
    /// `ALLELEVALUE`, at most ten characters: `9.3`, `<9`, `X`.
    pub value: String,
    /// `ALLELEREQUIRED`: a hit must have it. At most one of a locus.
    pub required: bool,
}

impl CmfLocus {
    /// The marker, where its name is known.
    pub fn marker(&self) -> Option<&'static Marker> {
        Marker::find(&self.name)
    }
}

impl CmfFile {
    /// The genotypes of the specimens, with their categories.
    pub fn genotypes(&self) -> GenotypeTable {
        let samples = self.specimens.iter().map(|specimen| {
            let genotype = |locus: &CmfLocus| {
                MarkerGenotype::of(&locus.name, locus.alleles.iter().map(|allele| allele.value.as_str()))
            };
            SampleGenotypes {
                id: specimen.id.clone(),
                category: Some(specimen.category.clone()).filter(|category| !category.is_empty()),
                genotypes: specimen.loci.iter().filter(|locus| !locus.alleles.is_empty()).map(genotype).collect(),
                ..SampleGenotypes::default()
            }
        });
        GenotypeTable { samples: samples.collect() }
    }

    /// The file as a tree, in the words of the schema.
    pub fn outline(&self) -> Outline {
        Outline::of("CODISImportFile")
            .with_all(self.header().into_iter().filter_map(|(field, value)| Some(Outline::leaf(field.tag, value?))))
            .with_all(others(&self.others))
            .with_all(self.specimens.iter().map(CmfSpecimen::outline))
    }
}

impl CmfSpecimen {
    /// A specimen of a sample's genotypes, read by `read_by` at `read_at` (an XML date and time): loci as the schema spells them,
    /// homozygotes once. What else the schema asks is checked when it is written.
    ///
    /// # Errors
    /// [`WriteError::Unfit`] for a marker that the schema does not list.
    pub fn of_sample(
        sample: &SampleGenotypes,
        category: &str,
        read_by: &str,
        read_at: &str,
        schema: Schema,
    ) -> Result<Self, WriteError> {
        let unlisted =
            WriteError::Unfit { field: "LOCUSNAME", reason: "the schema does not list this marker: leave it out" };
        let mut loci = Vec::with_capacity(sample.genotypes.len());
        for genotype in &sample.genotypes {
            let name = genotype.marker.marker().and_then(|marker| schema.locus_name(marker)).ok_or(unlisted)?;
            let mut alleles: Vec<CmfAllele> = Vec::new();
            for call in &genotype.alleles {
                if !alleles.iter().any(|earlier| earlier.value == call.allele) {
                    alleles.push(CmfAllele { value: call.allele.clone(), required: false });
                }
            }
            let (read_by, read_at) = (read_by.to_owned(), read_at.to_owned());
            loci.push(CmfLocus { name: name.to_owned(), read_by, read_at, alleles, ..CmfLocus::default() });
        }
        Ok(Self { id: sample.id.clone(), category: category.to_owned(), loci, ..Self::default() })
    }

    fn outline(&self) -> Outline {
        Outline::leaf("SPECIMEN", &self.id)
            .with_all(
                self.fields().into_iter().skip(1).filter_map(|(field, value)| Some(Outline::leaf(field.tag, value?))),
            )
            .with_all(self.partial.map(|partial| Outline::leaf("PARTIAL", partial)))
            .with_all(others(&self.others))
            .with_all(self.loci.iter().map(CmfLocus::outline))
    }
}

impl CmfLocus {
    fn outline(&self) -> Outline {
        let alleles: Vec<_> = self.alleles.iter().map(|allele| allele.value.as_str()).collect();
        let required = self.alleles.iter().filter(|allele| allele.required);
        Outline::leaf("LOCUS", format_args!("{}: {}", self.name, alleles.join(", ")))
            .with_all(required.map(|allele| Outline::leaf("ALLELEREQUIRED", &allele.value)))
            .with_all(
                self.fields().into_iter().skip(1).filter_map(|(field, value)| Some(Outline::leaf(field.tag, value?))),
            )
            .with_all(others(&self.others))
    }
}

fn others(others: &[(String, String)]) -> impl Iterator<Item = Outline> {
    others.iter().map(|(name, text)| Outline::leaf(format!("{name} (of no schema)"), text))
}

#[cfg(test)]
pub(crate) mod tests;

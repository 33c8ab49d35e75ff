//! Tables of genotypes: wide (a row a sample), long (a row a sample and marker), and the exports of GeneMapper, which are long.
//!
//! ```text
//! wide: sample, pop, TH01_1, TH01_2, ...     or  TH01, TH01, ...  TH01, (blank), ...  TH01 with `6,9.3` or `6/9.3`
//! long: sample, marker, allele 1, allele 2   or  one allele a row
//! GeneMapper: Sample Name, Marker, Dye, Allele 1..n, Size 1..n, Height 1..n; rows end where their peaks do
//! ```
//! Comma, semicolon or tab, found from the first line; quoted as RFC 4180; UTF-8, UTF-16 or Latin-1; decimal commas. Columns are
//! known by their names; those that mean nothing here are kept as fields.

mod columns;
mod read;
mod write;

use super::marker::MarkerName;
pub use super::table::Separator;
use crate::Outline;

pub use read::read;
pub use write::{write_gene_mapper, write_long, write_wide};

/// Samples with what was typed of them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct GenotypeTable {
    /// In the order of the file.
    pub samples: Vec<SampleGenotypes>,
}

/// One sample.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct SampleGenotypes {
    /// Its name in the file; its number, from 1, where the file names none.
    pub id: String,
    /// What kind of specimen or of which population it is, where a column says so.
    pub category: Option<String>,
    /// Further columns of a wide table that are no markers: heading and text, blank ones left out.
    pub fields: Vec<(String, String)>,
    /// What was typed, in the order of the file. A marker stands twice only where the file has two rows for it.
    pub genotypes: Vec<MarkerGenotype>,
    /// Markers of a long table that have a row and no allele in it: nothing was seen, or nothing was typed; the file does not tell.
    pub empty: Vec<MarkerName>,
}

/// What one marker showed in one sample.
#[derive(Debug, Clone, PartialEq)]
pub struct MarkerGenotype {
    /// Which marker.
    pub marker: MarkerName,
    /// The dye or its colour, where a column says so.
    pub dye: Option<String>,
    /// The alleles as the file has them: a homozygote once or twice, never none.
    pub alleles: Vec<AlleleCall>,
    /// Further columns of a long table, quality flags for example: heading and text, blank ones left out.
    pub fields: Vec<(String, String)>,
}

/// One allele, with its peak where the file has it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct AlleleCall {
    /// The designation: `9.3`, `X`, `<9`; `OL` where the peak lies beside the ladder.
    pub allele: String,
    /// Fragment length in base pairs.
    pub size: Option<f64>,
    /// Peak height in relative fluorescence units.
    pub height: Option<f64>,
}

impl SampleGenotypes {
    /// The designations at a marker; none where it was not typed.
    pub fn alleles(&self, marker: &MarkerName) -> impl Iterator<Item = &str> {
        let typed = self.genotypes.iter().filter(move |genotype| genotype.marker == *marker);
        typed.flat_map(|genotype| &genotype.alleles).map(|call| call.allele.as_str())
    }
}

impl MarkerGenotype {
    /// A genotype of designations alone.
    pub fn of<'a>(marker: &str, alleles: impl IntoIterator<Item = &'a str>) -> Self {
        let alleles = alleles.into_iter().map(AlleleCall::of).collect();
        Self { marker: MarkerName::of(marker), dye: None, alleles, fields: Vec::new() }
    }
}

impl AlleleCall {
    /// A designation without a peak.
    pub fn of(allele: &str) -> Self {
        Self { allele: allele.to_owned(), size: None, height: None }
    }
}

impl GenotypeTable {
    /// The table as a tree: samples, their markers, their alleles.
    pub fn outline(&self) -> Outline {
        Outline::leaf("genotype table", format_args!("{} samples", self.samples.len()))
            .with_all(self.samples.iter().map(SampleGenotypes::outline))
    }
}

impl SampleGenotypes {
    /// The sample as a tree.
    pub fn outline(&self) -> Outline {
        Outline::leaf("sample", &self.id)
            .with_all(self.category.iter().map(|category| Outline::leaf("category", category)))
            .with_all(self.fields.iter().map(|(heading, text)| Outline::leaf(heading, text)))
            .with_all(self.genotypes.iter().map(MarkerGenotype::outline))
            .with_all(self.empty.iter().map(|marker| Outline::leaf(marker.as_str(), "no allele")))
    }
}

impl MarkerGenotype {
    fn outline(&self) -> Outline {
        let alleles: Vec<_> = self.alleles.iter().map(|call| call.allele.as_str()).collect();
        let peaks = self.alleles.iter().filter_map(|call| {
            let parts = [call.size.map(|size| format!("{size} bp")), call.height.map(|height| format!("{height} rfu"))];
            let parts: Vec<_> = parts.into_iter().flatten().collect();
            (!parts.is_empty()).then(|| Outline::leaf(&call.allele, parts.join(", ")))
        });
        Outline::leaf(self.marker.as_str(), alleles.join(", "))
            .with_all(self.dye.iter().map(|dye| Outline::leaf("dye", dye)))
            .with_all(peaks)
            .with_all(self.fields.iter().map(|(heading, text)| Outline::leaf(heading, text)))
    }
}

#[cfg(test)]
pub(crate) mod tests;

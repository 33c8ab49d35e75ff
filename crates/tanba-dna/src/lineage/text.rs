//! Texts of haplotypes and SNP profiles.
//!
//! ```text
//! Y              {"DYS19": ["14"], "DYS385": ["11", "14"], "DYS448": ["null"]}          DYS385,11,14
//! mitochondrial  {"ranges": ["16024-576"], "differences": ["263G", "315.1C"]}           16024-576: 263G 315.1C
//! SNP            {"rs1490413": ["A", "G"]}                                              rs1490413,A,G or rs1490413,AG
//! ```

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{MtHaplotype, MtReference, SnpProfile, YHaplotype};
use crate::text::{MAX_TEXT, as_csv, as_json, bounded, csv_rows, json_rows};
use crate::{DnaError, Panel};

/// The longest text of a SNP profile, bytes: 20,000 SNPs in JSON.
const MAX_SNP_TEXT: usize = 1 << 20;
/// The most rows of a Y haplotype: all loci that are known, several times over.
const MAX_Y_ROWS: usize = 256;

impl YHaplotype {
    /// Reads a JSON object of locus to designations.
    ///
    /// # Errors
    /// [`DnaError::BadText`] and [`DnaError::TextTooLong`], or what [`YHaplotype::from_designations`] refuses.
    pub fn from_json(text: &str, panel: &Panel) -> Result<Self, DnaError> {
        let rows = json_rows(text, MAX_TEXT, MAX_Y_ROWS)?;
        let rows = rows.iter().map(|(name, alleles)| (name.as_str(), alleles.iter().map(String::as_str)));
        Self::from_designations(rows, panel)
    }

    /// Reads rows `locus,allele1,allele2`; a first row that names the columns is skipped, blank cells count as absent.
    ///
    /// # Errors
    /// As [`YHaplotype::from_json`].
    pub fn from_csv(text: &str, panel: &Panel) -> Result<Self, DnaError> {
        Self::from_designations(csv_rows(text, MAX_TEXT, MAX_Y_ROWS)?, panel)
    }

    /// The JSON form that [`YHaplotype::from_json`] reads.
    pub fn to_json(&self) -> String {
        as_json(self.designations())
    }

    /// The CSV form that [`YHaplotype::from_csv`] reads.
    pub fn to_csv(&self) -> String {
        as_csv(self.designations())
    }
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct MtText {
    ranges: Vec<String>,
    differences: Vec<String>,
}

impl MtHaplotype {
    /// Reads `{"ranges": ["16024-16365"], "differences": ["263G", "315.1C"]}`.
    ///
    /// # Errors
    /// [`DnaError::BadText`] and [`DnaError::TextTooLong`], or what [`MtHaplotype::new`] refuses.
    pub fn from_json(text: &str, reference: &MtReference, panel: &Panel) -> Result<Self, DnaError> {
        let read: MtText = serde_json::from_str(bounded(text, MAX_TEXT)?)
            .map_err(|_| DnaError::BadText { reason: "not a JSON object of ranges and differences" })?;
        let (ranges, differences) =
            (read.ranges.iter().map(String::as_str), read.differences.iter().map(String::as_str));
        Self::new(ranges, differences, reference, panel)
    }

    /// Reads `16024-16365 73-340: 263G 315.1C`: ranges, a colon, differences; blanks, commas and line ends stand between them.
    ///
    /// # Errors
    /// As [`MtHaplotype::from_json`].
    pub fn from_text(text: &str, reference: &MtReference, panel: &Panel) -> Result<Self, DnaError> {
        let parts = bounded(text, MAX_TEXT)?.split_once(':');
        let (ranges, differences) =
            parts.ok_or(DnaError::BadText { reason: "no colon between ranges and differences" })?;
        Self::new(listed(ranges), listed(differences), reference, panel)
    }

    /// The JSON form that [`MtHaplotype::from_json`] reads.
    pub fn to_json(&self) -> String {
        let text = MtText { ranges: self.ranges().collect(), differences: self.differences().collect() };
        // Lists of texts always have a form.
        serde_json::to_string(&text).unwrap_or_default()
    }

    /// The form that [`MtHaplotype::from_text`] reads.
    pub fn to_text(&self) -> String {
        let (ranges, differences): (Vec<_>, Vec<_>) = (self.ranges().collect(), self.differences().collect());
        format!("{}: {}", ranges.join(" "), differences.join(" ")).trim_end().to_owned()
    }
}

impl SnpProfile {
    /// Reads a JSON object of SNP to its bases; `permitted` as for [`SnpProfile::from_rows`].
    ///
    /// # Errors
    /// [`DnaError::BadText`] and [`DnaError::TextTooLong`], or what [`SnpProfile::from_rows`] refuses.
    pub fn from_json(text: &str, permitted: &BTreeSet<u32>) -> Result<Self, DnaError> {
        let rows = json_rows(text, MAX_SNP_TEXT, super::snp::MOST)?;
        let rows: Vec<(&str, String)> = rows.iter().map(|(name, bases)| (name.as_str(), bases.concat())).collect();
        Self::from_rows(rows.iter().map(|(name, bases)| (*name, bases.as_str())), permitted)
    }

    /// Reads rows `rs1490413,A,G` or `rs1490413,AG`; a first row that names the columns is skipped. `permitted` as for
    /// [`SnpProfile::from_rows`].
    ///
    /// # Errors
    /// As [`SnpProfile::from_json`].
    pub fn from_csv(text: &str, permitted: &BTreeSet<u32>) -> Result<Self, DnaError> {
        let rows = csv_rows(text, MAX_SNP_TEXT, super::snp::MOST)?;
        let rows: Vec<(&str, String)> = rows.iter().map(|(name, bases)| (*name, bases.concat())).collect();
        Self::from_rows(rows.iter().map(|(name, bases)| (*name, bases.as_str())), permitted)
    }

    /// The JSON form that [`SnpProfile::from_json`] reads.
    pub fn to_json(&self) -> String {
        as_json(self.rows())
    }

    /// The CSV form that [`SnpProfile::from_csv`] reads.
    pub fn to_csv(&self) -> String {
        as_csv(self.rows())
    }

    fn rows(&self) -> impl Iterator<Item = (String, Vec<String>)> {
        self.genotypes()
            .map(|(number, bases)| (format!("rs{number}"), bases.map(|base| base.letter().to_string()).into()))
    }
}

fn listed(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || c == ',' || c == ';').filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::super::stored::tests::{any_mt, any_snp, any_y, reference};
    use super::*;
    use proptest::prelude::*;

    const PANEL: Panel = Panel::CODIS_20.with_y().with_mitochondrial();

    #[test]
    fn texts_as_laboratories_write_them() {
        let y = YHaplotype::from_csv(
            "\u{feff}Marker,Allele1,Allele2\r\nDYS385 a/b,14,11\r\nDYS19,14,\r\nDYS390,,\r\n",
            &PANEL,
        );
        assert_eq!(y.unwrap().to_json(), r#"{"DYS19":["14"],"DYS385":["11","14"]}"#);
        let mt = MtHaplotype::from_text("20-4, 10-14:\n 1A; 10.1t", &reference(), &PANEL).unwrap();
        assert_eq!(mt.to_text(), "1-4 10-14 20-25: 1A 10.1T");
        let none = MtHaplotype::from_text("1-4:", &reference(), &PANEL).unwrap();
        assert_eq!(
            (none.to_text().as_str(), none.to_json().as_str()),
            ("1-4:", r#"{"ranges":["1-4"],"differences":[]}"#)
        );
        let permitted = BTreeSet::from([1, 2]);
        let snp = SnpProfile::from_csv("snp,a\nrs2,GA\nrs1,C,C\n", &permitted);
        assert!(matches!(snp, Err(DnaError::LocusNotPermitted { .. })), "only the headings that are known are skipped");
        let snp = SnpProfile::from_csv("marker,genotype\nrs2,GA\nrs1,C,C\n", &permitted).unwrap();
        assert_eq!(snp.to_json(), r#"{"rs1":["C","C"],"rs2":["A","G"]}"#);
    }

    #[test]
    fn what_is_something_else_is_refused() {
        assert!(YHaplotype::from_json("[]", &PANEL).is_err() && YHaplotype::from_csv("", &PANEL).is_err());
        assert!(YHaplotype::from_csv(&"DYS19,14\n".repeat(300), &PANEL).is_err());
        for text in ["", "1-4", "1-4 1A", ":", "x: 1A"] {
            assert!(MtHaplotype::from_text(text, &reference(), &PANEL).is_err(), "{text:?}");
        }
        assert!(MtHaplotype::from_json(r#"{"ranges":["1-4"]}"#, &reference(), &PANEL).is_err());
        let closed = YHaplotype::from_json(r#"{"DYS19":["14"]}"#, &Panel::CODIS_20);
        assert!(matches!(closed, Err(DnaError::LocusNotPermitted { .. })));
        assert!(matches!(
            SnpProfile::from_json(r#"{"rs7":["AG"]}"#, &BTreeSet::new()),
            Err(DnaError::LocusNotPermitted { .. })
        ));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn texts_lead_back(y in any_y(), mt in any_mt(), snp in any_snp()) {
            prop_assert_eq!(YHaplotype::from_json(&y.to_json(), &PANEL).unwrap(), y.clone());
            prop_assert_eq!(YHaplotype::from_csv(&y.to_csv(), &PANEL).unwrap(), y);
            prop_assert_eq!(MtHaplotype::from_json(&mt.to_json(), &reference(), &PANEL).unwrap(), mt.clone());
            prop_assert_eq!(MtHaplotype::from_text(&mt.to_text(), &reference(), &PANEL).unwrap(), mt);
            let permitted = (1..400).collect();
            prop_assert_eq!(SnpProfile::from_json(&snp.to_json(), &permitted).unwrap(), snp.clone());
            prop_assert_eq!(SnpProfile::from_csv(&snp.to_csv(), &permitted).unwrap(), snp);
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[\\PC\\n]{0,120}", numbers in "[0-9ACGTd.:, -]{0,60}") {
            for text in [&text, &numbers] {
                let _ = YHaplotype::from_json(text, &PANEL);
                let _ = YHaplotype::from_csv(text, &PANEL);
                let _ = MtHaplotype::from_json(text, &reference(), &PANEL);
                let _ = MtHaplotype::from_text(text, &reference(), &PANEL);
                let _ = SnpProfile::from_csv(text, &(1..400).collect());
            }
        }

        /// Differences between two haplotypes do not depend on who is held against whom, and a haplotype is none from itself.
        #[test]
        fn comparison_is_symmetric(a in any_mt(), b in any_mt(), x in any_y(), y in any_y()) {
            let reference = reference();
            prop_assert_eq!(a.compare(&b, &reference), b.compare(&a, &reference));
            prop_assert_eq!(a.compare(&a, &reference).differences, Some(0));
            let (there, back) = (x.compare(&y), y.compare(&x));
            prop_assert_eq!((there.compared, &there.differing, &there.one_step), (back.compared, &back.differing, &back.one_step));
            prop_assert!(there.one_step.iter().all(|name| there.differing.contains(name)));
            prop_assert!(x.compare(&x).differing.is_empty());
        }
    }
}

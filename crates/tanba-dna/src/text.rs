//! Text forms of a profile: a JSON object of locus to designations, and CSV rows `locus,allele1,allele2`.

use std::fmt::{self, Write as _};

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::profile::ProfileDraft;
use crate::{DnaError, Panel, Profile, SexMarker};

/// The longest profile text that is read, in bytes: twenty loci of eight alleles take under 2 KiB.
pub(crate) const MAX_TEXT: usize = 64 * 1024;
/// The most entries: the panel several times over, for repeated typings.
const MAX_ENTRIES: usize = 256;

impl Profile {
    /// Reads `{"TH01": ["6", "9.3"], "AMEL": ["X", "Y"], ...}`; designations may be texts or numbers.
    ///
    /// # Errors
    /// [`DnaError::BadText`] and [`DnaError::TextTooLong`], or what [`Profile::from_designations`] refuses.
    pub fn from_json(text: &str, panel: &Panel) -> Result<Self, DnaError> {
        let mut draft = ProfileDraft::default();
        for (name, alleles) in &json_rows(text, MAX_TEXT, MAX_ENTRIES)? {
            draft.add(name, alleles.iter().map(String::as_str), panel)?;
        }
        draft.finish()
    }

    /// Reads rows `locus,allele1,allele2,...`; a first row that names the columns is skipped, blank cells count as absent.
    ///
    /// # Errors
    /// [`DnaError::BadText`] and [`DnaError::TextTooLong`], or what [`Profile::from_designations`] refuses.
    pub fn from_csv(text: &str, panel: &Panel) -> Result<Self, DnaError> {
        let mut draft = ProfileDraft::default();
        for (name, alleles) in csv_rows(text, MAX_TEXT, MAX_ENTRIES)? {
            draft.add(name, alleles, panel)?;
        }
        draft.finish()
    }

    /// The JSON form that [`Profile::from_json`] reads: loci in the order of their codes, homozygotes once.
    pub fn to_json(&self) -> String {
        as_json(self.rows())
    }

    /// The CSV form that [`Profile::from_csv`] reads: a homozygote's allele stands twice, as analysts expect it.
    pub fn to_csv(&self) -> String {
        as_csv(self.rows().map(|(name, mut alleles)| {
            if alleles.len() == 1 {
                alleles.push(alleles[0].clone());
            }
            (name, alleles)
        }))
    }

    fn rows(&self) -> impl Iterator<Item = (&'static str, Vec<String>)> {
        let loci = self.genotypes().map(|(locus, genotype)| (locus.name(), genotype.designations()));
        let sex = self.sex_marker().map(|marker| {
            let alleles: &[&str] = match marker {
                SexMarker::X => &["X"],
                SexMarker::Xy => &["X", "Y"],
                SexMarker::Y => &["Y"],
            };
            ("AMEL", alleles.iter().map(ToString::to_string).collect())
        });
        loci.chain(sex)
    }
}

/// The text without a byte-order mark, if it is short enough.
pub(crate) fn bounded(text: &str, limit: usize) -> Result<&str, DnaError> {
    if text.len() > limit {
        return Err(DnaError::TextTooLong { limit });
    }
    Ok(text.trim_start_matches('\u{feff}'))
}

/// A locus and its cells.
type TextRow<'a> = (&'a str, Vec<&'a str>);

/// Rows `locus,cell,cell`, at most `most`; a first row that names the columns is skipped.
pub(crate) fn csv_rows(text: &str, limit: usize, most: usize) -> Result<Vec<TextRow<'_>>, DnaError> {
    let mut rows = Vec::new();
    for (number, line) in bounded(text, limit)?.lines().map(str::trim).filter(|line| !line.is_empty()).enumerate() {
        if rows.len() == most {
            return Err(DnaError::BadText { reason: "more rows than any panel has loci" });
        }
        let mut cells = line.split(',').map(|cell| cell.trim().trim_matches('"'));
        let name = cells.next().unwrap_or_default();
        if number > 0 || !(name.eq_ignore_ascii_case("locus") || name.eq_ignore_ascii_case("marker")) {
            rows.push((name, cells.collect()));
        }
    }
    Ok(rows)
}

/// The entries of an object of locus to list of designations, at most `most`.
pub(crate) fn json_rows(text: &str, limit: usize, most: usize) -> Result<Vec<(String, Vec<String>)>, DnaError> {
    let rows: JsonRows = serde_json::from_str(bounded(text, limit)?)
        .map_err(|_| DnaError::BadText { reason: "not a JSON object of locus to list of designations" })?;
    if rows.0.len() > most {
        return Err(DnaError::BadText { reason: "more entries than any panel has loci" });
    }
    Ok(rows.0)
}

/// The form that [`json_rows`] reads.
pub(crate) fn as_json(rows: impl Iterator<Item = (impl fmt::Display, Vec<String>)>) -> String {
    let mut text = String::from("{");
    for (name, alleles) in rows {
        let separator = if text.len() > 1 { "," } else { "" };
        // Names and designations are ours: letters, digits, blanks, `.`, `<`, `>`; nothing needs escaping.
        let _ = write!(text, "{separator}\"{name}\":[\"{}\"]", alleles.join("\",\""));
    }
    text.push('}');
    text
}

/// The form that [`csv_rows`] reads.
pub(crate) fn as_csv(rows: impl Iterator<Item = (impl fmt::Display, Vec<String>)>) -> String {
    let mut text = String::from("locus,allele1,allele2\n");
    for (name, alleles) in rows {
        let _ = writeln!(text, "{name},{}", alleles.join(","));
    }
    text
}

/// The entries in the order they stand: a plain map would silently keep only the last of two equal keys.
struct JsonRows(Vec<(String, Vec<String>)>);

impl<'de> Deserialize<'de> for JsonRows {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Rows;
        impl<'de> Visitor<'de> for Rows {
            type Value = JsonRows;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of locus to list of designations")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<JsonRows, A::Error> {
                let mut rows = Vec::new();
                while let Some((name, alleles)) = map.next_entry::<String, Cells>()? {
                    rows.push((name, alleles.0));
                }
                Ok(JsonRows(rows))
            }
        }
        deserializer.deserialize_map(Rows)
    }
}

/// One locus's designations; longer lists than any genotype are cut where the genotype will refuse them.
struct Cells(Vec<String>);

impl<'de> Deserialize<'de> for Cells {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct List;
        impl<'de> Visitor<'de> for List {
            type Value = Cells;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of designations")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Cells, A::Error> {
                let mut cells = Vec::new();
                while cells.len() < 2 * crate::Genotype::MAX_ALLELES + 1 {
                    match seq.next_element::<Cell>()? {
                        Some(cell) => cells.push(cell.0),
                        None => return Ok(Cells(cells)),
                    }
                }
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Cells(cells))
            }
        }
        deserializer.deserialize_seq(List)
    }
}

/// A designation as text or as number: `9.3` prints back as it was written, 10.0 as `10`.
struct Cell(String);

impl<'de> Deserialize<'de> for Cell {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct One;
        impl Visitor<'_> for One {
            type Value = Cell;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a designation")
            }

            fn visit_str<E>(self, text: &str) -> Result<Cell, E> {
                Ok(Cell(text.to_owned()))
            }

            fn visit_u64<E>(self, number: u64) -> Result<Cell, E> {
                Ok(Cell(number.to_string()))
            }

            fn visit_i64<E>(self, number: i64) -> Result<Cell, E> {
                Ok(Cell(number.to_string()))
            }

            fn visit_f64<E>(self, number: f64) -> Result<Cell, E> {
                Ok(Cell(number.to_string()))
            }
        }
        deserializer.deserialize_any(One)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stored::tests::any_profile;
    use proptest::prelude::*;

    const PANEL: &Panel = &Panel::CODIS_20;

    #[test]
    fn json_takes_texts_and_numbers_and_sees_both_of_two_equal_keys() {
        let a = Profile::from_json(r#"{"TH01": ["6", "9.3"], "FGA": [24, 24.0]}"#, PANEL).unwrap();
        let b = Profile::from_json(r#"{"FGA": ["24"], "THO1": [9.3, 6]}"#, PANEL).unwrap();
        assert_eq!(a, b);
        assert!(matches!(
            Profile::from_json(r#"{"TH01": ["6"], "TH01": ["7"]}"#, PANEL),
            Err(DnaError::ContradictoryLocus { .. })
        ));
    }

    #[test]
    fn json_that_is_something_else_is_refused() {
        for text in
            ["", "[]", "null", "{}", r#"{"TH01": 6}"#, r#"{"TH01": [["6"]]}"#, r#"{"TH01": [null]}"#, r#"{"TH01""#]
        {
            assert!(Profile::from_json(text, PANEL).is_err(), "{text}");
        }
        let long = format!("{{\"TH01\": [{}\"6\"]}}", "\"6\",".repeat(40));
        assert!(matches!(Profile::from_json(&long, PANEL), Err(DnaError::TooManyAlleles { .. })));
        let huge = " ".repeat(MAX_TEXT + 1);
        assert_eq!(Profile::from_json(&huge, PANEL), Err(DnaError::TextTooLong { limit: MAX_TEXT }));
        assert_eq!(Profile::from_csv(&huge, PANEL), Err(DnaError::TextTooLong { limit: MAX_TEXT }));
    }

    #[test]
    fn csv_as_laboratories_write_it() {
        let text = "\u{feff}Locus,Allele1,Allele2\r\n\"TH01\",6,9.3\r\nTP0X, 8 ,\r\nD3S1358,,\r\nAMEL,X,Y\r\n";
        let profile = Profile::from_csv(text, PANEL).unwrap();
        assert_eq!(profile.typed_loci(), 2);
        assert_eq!(Profile::from_csv(&profile.to_csv(), PANEL), Ok(profile));
        assert!(matches!(Profile::from_csv("SE33,17,18", PANEL), Err(DnaError::LocusNotPermitted { .. })));
        assert!(matches!(Profile::from_csv(&"TH01,6\n".repeat(1000), PANEL), Err(DnaError::BadText { .. })));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        #[test]
        fn both_forms_lead_back(profile in any_profile()) {
            prop_assert_eq!(Profile::from_json(&profile.to_json(), PANEL), Ok(profile.clone()));
            prop_assert_eq!(Profile::from_csv(&profile.to_csv(), PANEL), Ok(profile));
        }

        #[test]
        fn any_text_is_read_or_refused(text in "[\\PC\\n]{0,200}") {
            let _ = Profile::from_json(&text, PANEL);
            let _ = Profile::from_csv(&text, PANEL);
        }

        #[test]
        fn a_damaged_text_is_read_or_refused(profile in any_profile(), at in any::<prop::sample::Index>(), with in any::<char>()) {
            for text in [profile.to_json(), profile.to_csv()] {
                let at = at.index(text.len());
                let damaged = format!("{}{with}{}", &text[..at], &text[(at + 1).min(text.len())..]);
                let _ = Profile::from_json(&damaged, PANEL);
                let _ = Profile::from_csv(&damaged, PANEL);
            }
        }
    }
}

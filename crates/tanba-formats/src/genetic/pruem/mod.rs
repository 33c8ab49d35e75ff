//! Profiles as the Prüm states exchange them: two values a locus, a wildcard where a value is not known.
//!
//! Source: Council Decision 2008/616/JHA of 23 June 2008, annex, chapter 1, 1.1 (loci and rules of inclusion: French text, Official
//! Journal L 210, page 20) and 1.2 (rules of matching: what is transmitted). The table of loci is [`LOCI`].

use super::genotypes::{MarkerGenotype, SampleGenotypes};
use super::kit::Kit;
use super::marker::{Marker, MarkerName};
use super::notes::Notes;
use crate::{Decoded, Outline};

/// The set of loci in [`LOCUS_SETS`](super::LOCUS_SETS).
pub const LOCI: &str = "Pruem 24";
/// The set of loci of which a reference profile must have six.
pub const CORE_LOCI: &str = "ESS 7";
/// How many loci must be complete, in a profile of any kind and in a reference profile of the core loci (1.1, rules of inclusion).
pub const LEAST_COMPLETE_LOCI: usize = 6;
/// What stands for a value that is not known.
pub const WILDCARD: &str = "*";

/// Values that are replaced by a wildcard although they look like numbers.
const NO_VALUES: [&str; 3] = ["0", "1", "99"];

/// A profile in transmission.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PruemProfile {
    /// The loci that have values, in the order of the annex.
    pub loci: Vec<PruemLocus>,
}

/// A locus with its two values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PruemLocus {
    /// Which.
    pub marker: MarkerName,
    /// Its values; the same twice for a homozygote.
    pub values: [PruemValue; 2],
}

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PruemValue {
    /// A designation.
    Allele(String),
    /// Not known: matches any.
    Wildcard,
}

/// Why a profile cannot be transmitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PruemError {
    /// Four alleles or more.
    #[error("{locus} has {alleles} alleles, so the profile is a mixture, which is not exchanged: separate it first")]
    Mixture {
        /// Where.
        locus: &'static str,
        /// How many.
        alleles: usize,
    },
    /// Nothing of it is exchanged.
    #[error("the profile has none of the 24 loci that are exchanged")]
    NoLocus,
}

impl PruemValue {
    /// The value of a text: wildcards for what is no number.
    fn of(marker: &Marker, text: &str) -> Self {
        let text = text.trim();
        let keeps = if marker.is_sex_marker() { matches!(text, "X" | "Y") } else { is_designation(text) };
        if keeps { Self::Allele(text.to_owned()) } else { Self::Wildcard }
    }

    /// As it is transmitted.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Allele(allele) => allele,
            Self::Wildcard => WILDCARD,
        }
    }
}

/// A repeat number that is exchanged: digits, with one digit after a point where bases are left over.
fn is_designation(text: &str) -> bool {
    let (whole, tenth) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str, most: usize| (1..=most).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    digits(whole, 2) && digits(tenth, 1) && !NO_VALUES.contains(&text)
}

impl PruemLocus {
    /// Whether both values are known: a "complete" (fully designated) locus.
    pub fn is_complete(&self) -> bool {
        self.values.iter().all(|value| *value != PruemValue::Wildcard)
    }
}

impl PruemProfile {
    /// How many loci are complete. Amelogenin tells the sex and does not count.
    pub fn complete_loci(&self) -> usize {
        self.complete().count()
    }

    /// Whether a stain may be made available or transmitted: six complete loci.
    pub fn may_be_searched(&self) -> bool {
        self.complete_loci() >= LEAST_COMPLETE_LOCI
    }

    /// Whether a reference profile may: six complete loci of the seven of the European Standard Set of 2001.
    pub fn may_be_searched_as_reference(&self) -> bool {
        let core = Kit::find(CORE_LOCI);
        self.complete().filter(|locus| core.is_some_and(|core| core.types(&locus.marker))).count()
            >= LEAST_COMPLETE_LOCI
    }

    fn complete(&self) -> impl Iterator<Item = &PruemLocus> {
        let tells_sex = |locus: &&PruemLocus| locus.marker.marker().is_some_and(Marker::is_sex_marker);
        self.loci.iter().filter(|locus| locus.is_complete()).filter(move |locus| !tells_sex(locus))
    }

    /// The profile as a tree.
    pub fn outline(&self) -> Outline {
        let loci = self.loci.iter().map(|locus| {
            let [first, second] = &locus.values;
            Outline::leaf(locus.marker.as_str(), format_args!("{}, {}", first.as_str(), second.as_str()))
        });
        Outline::leaf("profile in transmission (2008/616/JHA)", format_args!("{} complete loci", self.complete_loci()))
            .with_all(loci)
    }
}

/// A sample's profile in the form of transmission. Three alleles become the first and a wildcard; a single allele is a homozygote;
/// what is no number, and 0, 1 and 99, become wildcards; a locus with wildcards alone says nothing and is left out.
///
/// Diagnostic codes: `pruem-locus-left-out` (not one of the 24), `pruem-wildcard`, `pruem-three-alleles`, `pruem-locus-blank`,
/// `pruem-too-few-loci` (under six complete ones), `pruem-marker-twice`.
///
/// # Errors
/// [`PruemError::Mixture`] for four alleles or more at a locus, [`PruemError::NoLocus`].
pub fn to_transmitted(sample: &SampleGenotypes) -> Result<Decoded<PruemProfile>, PruemError> {
    let mut notes = Notes::default();
    let loci: Vec<&'static Marker> = Kit::find(LOCI).into_iter().flat_map(Kit::markers).collect();
    let exchanged = |name: &MarkerName| loci.iter().any(|marker| marker.name == name.as_str());
    for genotype in sample.genotypes.iter().filter(|genotype| !exchanged(&genotype.marker)) {
        let name = genotype.marker.marker().map_or("a locus without a known name", |marker| marker.name);
        notes.add("pruem-locus-left-out", format!("{name} is not exchanged and was left out"), None);
    }
    let mut profile = PruemProfile::default();
    for marker in loci.iter().copied() {
        let mut typed = sample.genotypes.iter().filter(|genotype| genotype.marker.as_str() == marker.name);
        let Some(genotype) = typed.next() else { continue };
        if typed.next().is_some() {
            notes.add("pruem-marker-twice", format!("{} stands twice; the first was taken", marker.name), None);
        }
        if let Some(values) = values(marker, genotype, &mut notes)? {
            profile.loci.push(PruemLocus { marker: marker.into(), values });
        }
    }
    if profile.loci.is_empty() {
        return Err(PruemError::NoLocus);
    }
    if !profile.may_be_searched() {
        let message =
            format!("the profile has {} complete loci, under the six that are asked for", profile.complete_loci());
        notes.add("pruem-too-few-loci", message, None);
    }
    Ok(Decoded { value: profile, diagnostics: notes.finish() })
}

fn values(
    marker: &'static Marker,
    genotype: &MarkerGenotype,
    notes: &mut Notes,
) -> Result<Option<[PruemValue; 2]>, PruemError> {
    let mut alleles: Vec<&str> = Vec::new();
    for call in &genotype.alleles {
        // A homozygote may be written twice; twice the same in three is three peaks no more.
        if !alleles.contains(&call.allele.as_str()) {
            alleles.push(&call.allele);
        }
    }
    let mut value = |text: &str| {
        let value = PruemValue::of(marker, text);
        if value == PruemValue::Wildcard {
            notes.add(
                "pruem-wildcard",
                format!("{}: a value that is not exchanged became a wildcard", marker.name),
                None,
            );
        }
        value
    };
    let values = match alleles[..] {
        [] => return Ok(None),
        [one] => [value(one), value(one)],
        [one, two] => [value(one), value(two)],
        [first, _, _] => {
            let first = value(first);
            notes.add("pruem-three-alleles", format!("{}: of three alleles the first was kept", marker.name), None);
            [first, PruemValue::Wildcard]
        }
        _ => return Err(PruemError::Mixture { locus: marker.name, alleles: alleles.len() }),
    };
    if values.iter().all(|value| *value == PruemValue::Wildcard) {
        notes.add(
            "pruem-locus-blank",
            format!("{} has no value that is exchanged and was left out", marker.name),
            None,
        );
        return Ok(None);
    }
    Ok(Some(values))
}

/// A transmitted profile as genotypes. A wildcard has no place among alleles: the locus keeps the other one.
///
/// Diagnostic codes: `pruem-wildcard-dropped`, because one known value of two is no homozygote.
pub fn from_transmitted(id: &str, profile: &PruemProfile) -> Decoded<SampleGenotypes> {
    let mut notes = Notes::default();
    let mut sample = SampleGenotypes { id: id.to_owned(), ..SampleGenotypes::default() };
    for locus in &profile.loci {
        let alleles: Vec<&str> = locus
            .values
            .iter()
            .filter_map(|value| match value {
                PruemValue::Allele(allele) => Some(allele.as_str()),
                PruemValue::Wildcard => None,
            })
            .collect();
        if alleles.len() < 2 {
            let message = format!("{}: a value is a wildcard; the other one alone is no homozygote", locus.marker);
            notes.add("pruem-wildcard-dropped", message, None);
        }
        if !alleles.is_empty() {
            sample.genotypes.push(MarkerGenotype::of(locus.marker.as_str(), alleles));
        }
    }
    Decoded { value: sample, diagnostics: notes.finish() }
}

#[cfg(test)]
mod tests;

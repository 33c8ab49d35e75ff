//! Why a profile is held, and against what it may therefore be searched.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// Why a profile is held. The first four are the groups that the law on genomic registration names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Category {
    /// A person convicted of a grave crime.
    ConvictedPerson,
    /// A living person whose identity is not known.
    UnidentifiedPerson,
    /// A body, or a part of one, whose identity is not known.
    UnidentifiedBody,
    /// A blood relative of a missing person, who gave a sample to find that person.
    RelativeOfMissing,
    /// Biological material from the scene of a crime.
    CrimeStain,
    /// The missing person's own material: an earlier medical sample, a toothbrush.
    MissingPersonReference,
    /// Staff, visitors, reagents, and victims' elimination samples: quality control, never investigation.
    Elimination,
}

/// What comparing two categories looks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// The same person twice.
    SameSource,
    /// A relative. Match rules only screen for parents and children; the weight needs a likelihood ratio.
    Kinship,
    /// Contamination: a stain that is really the laboratory's own. Quality management only.
    Quality,
}

impl Category {
    /// All categories.
    pub const ALL: [Self; 7] = [
        Self::ConvictedPerson,
        Self::UnidentifiedPerson,
        Self::UnidentifiedBody,
        Self::RelativeOfMissing,
        Self::CrimeStain,
        Self::MissingPersonReference,
        Self::Elimination,
    ];

    /// The name used in JSON and on the command line, such as `crime_stain`.
    pub fn name(self) -> &'static str {
        match self {
            Self::ConvictedPerson => "convicted_person",
            Self::UnidentifiedPerson => "unidentified_person",
            Self::UnidentifiedBody => "unidentified_body",
            Self::RelativeOfMissing => "relative_of_missing",
            Self::CrimeStain => "crime_stain",
            Self::MissingPersonReference => "missing_person_reference",
            Self::Elimination => "elimination",
        }
    }

    /// What a profile of this category is compared with another for; `None`: never.
    ///
    /// This is the widest that can make sense of the purpose each sample was given for; the law pack narrows it further.
    pub fn compared_with(self, other: Self) -> Option<Comparison> {
        TABLE
            .iter()
            .find(|(a, b, _)| (*a, *b) == (self, other) || (*b, *a) == (self, other))
            .map(|(_, _, comparison)| *comparison)
    }

    /// The investigative categories that a same-source search of this one covers.
    pub fn same_source_categories(self) -> impl Iterator<Item = Self> {
        Self::ALL.into_iter().filter(move |other| self.compared_with(*other) == Some(SameSource))
    }
}

use Category::{
    ConvictedPerson, CrimeStain, Elimination, MissingPersonReference, RelativeOfMissing, UnidentifiedBody,
    UnidentifiedPerson,
};
use Comparison::{Kinship, Quality, SameSource};

/// Which categories meet (either may be the query). What is absent is never compared: relatives and missing persons'
/// references meet neither crime stains nor convicted persons, because the samples were given to find somebody;
/// elimination profiles meet stains alone, and only in the quality index.
const TABLE: [(Category, Category, Comparison); 14] = [
    (CrimeStain, ConvictedPerson, SameSource),
    (CrimeStain, CrimeStain, SameSource),
    (CrimeStain, UnidentifiedBody, SameSource),
    (ConvictedPerson, ConvictedPerson, SameSource),
    (UnidentifiedPerson, ConvictedPerson, SameSource),
    (UnidentifiedPerson, UnidentifiedPerson, SameSource),
    (UnidentifiedPerson, MissingPersonReference, SameSource),
    (UnidentifiedPerson, RelativeOfMissing, Kinship),
    (UnidentifiedBody, ConvictedPerson, SameSource),
    (UnidentifiedBody, UnidentifiedBody, SameSource),
    (UnidentifiedBody, UnidentifiedPerson, SameSource),
    (UnidentifiedBody, MissingPersonReference, SameSource),
    (UnidentifiedBody, RelativeOfMissing, Kinship),
    (CrimeStain, Elimination, Quality),
];

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A category name that does not exist.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "unknown category: use one of convicted_person, unidentified_person, unidentified_body, relative_of_missing, crime_stain, missing_person_reference, elimination"
)]
pub struct UnknownCategory;

impl FromStr for Category {
    type Err = UnknownCategory;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|category| category.name() == name).ok_or(UnknownCategory)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_given_to_find_somebody_never_meet_crime() {
        for given in [RelativeOfMissing, MissingPersonReference] {
            for crime in [CrimeStain, ConvictedPerson] {
                assert_eq!(given.compared_with(crime), None);
                assert_eq!(crime.compared_with(given), None);
            }
        }
    }

    #[test]
    fn elimination_meets_stains_for_quality_and_nothing_else() {
        for other in Category::ALL {
            let expected = (other == CrimeStain).then_some(Quality);
            assert_eq!(Elimination.compared_with(other), expected);
            assert!(!other.same_source_categories().any(|c| c == Elimination));
        }
    }

    #[test]
    fn the_table_names_each_pair_once_and_names_lead_back() {
        for (n, (a, b, _)) in TABLE.iter().enumerate() {
            assert!(!TABLE[n + 1..].iter().any(|(c, d, _)| (a, b) == (c, d) || (a, b) == (d, c)), "{a} {b}");
        }
        for category in Category::ALL {
            assert_eq!(category.name().parse(), Ok(category));
            assert_eq!(serde_json::to_value(category).unwrap(), category.name());
        }
    }
}

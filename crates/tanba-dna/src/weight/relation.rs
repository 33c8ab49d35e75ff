//! How two people are related, as the probabilities that they share 0, 1 or 2 alleles by descent at a locus.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::DnaError;

/// A relation between two people of whom neither is inbred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Relation {
    /// The same person, or an identical twin.
    Same,
    /// Parent and child, whichever is which.
    ParentChild,
    /// Both parents in common.
    FullSiblings,
    /// One parent in common.
    HalfSiblings,
    /// Grandparent and grandchild.
    Grandparent,
    /// Uncle or aunt, and nephew or niece.
    Avuncular,
    /// Children of full siblings.
    FirstCousins,
    /// Children of first cousins.
    SecondCousins,
}

/// Cotterman's coefficients: the probabilities of sharing 0, 1 and 2 alleles identical by descent.
///
/// Source: Cotterman (1940), in the notation of Thompson (1975), *Annals of Human Genetics* 39, 173: for people who are not inbred
/// they determine the likelihood of two profiles, and `k1² >= 4 k0 k2` for every pair of people that can exist.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Kappa {
    k: [f64; 3],
}

impl Relation {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Same,
        Self::ParentChild,
        Self::FullSiblings,
        Self::HalfSiblings,
        Self::Grandparent,
        Self::Avuncular,
        Self::FirstCousins,
        Self::SecondCousins,
    ];

    /// The name in commands and documents, such as `parent-child`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Same => "same",
            Self::ParentChild => "parent-child",
            Self::FullSiblings => "full-siblings",
            Self::HalfSiblings => "half-siblings",
            Self::Grandparent => "grandparent",
            Self::Avuncular => "avuncular",
            Self::FirstCousins => "first-cousins",
            Self::SecondCousins => "second-cousins",
        }
    }

    /// Its coefficients.
    pub fn kappa(self) -> Kappa {
        let k = match self {
            Self::Same => [0.0, 0.0, 1.0],
            Self::ParentChild => [0.0, 1.0, 0.0],
            Self::FullSiblings => [0.25, 0.5, 0.25],
            Self::HalfSiblings | Self::Grandparent | Self::Avuncular => [0.5, 0.5, 0.0],
            Self::FirstCousins => [0.75, 0.25, 0.0],
            Self::SecondCousins => [0.9375, 0.0625, 0.0],
        };
        Kappa { k }
    }
}

impl Kappa {
    /// Coefficients of any relation without inbreeding.
    ///
    /// # Errors
    /// [`DnaError::BadKappa`] where one is negative, they do not sum to 1, or no two people can have them.
    pub fn new(k0: f64, k1: f64, k2: f64) -> Result<Self, DnaError> {
        let k = [k0, k1, k2];
        let each = k.iter().all(|k| (0.0..=1.0).contains(k));
        let possible = (k0 + k1 + k2 - 1.0).abs() < 1e-9 && k1 * k1 >= 4.0 * k0 * k2 - 1e-9;
        if each && possible { Ok(Self { k }) } else { Err(DnaError::BadKappa) }
    }

    /// The probabilities of sharing 0, 1 and 2 alleles.
    pub fn coefficients(self) -> [f64; 3] {
        self.k
    }
}

impl fmt::Display for Relation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Relation {
    type Err = DnaError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|relation| relation.name() == name).ok_or(DnaError::UnknownRelation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lead_back_and_every_relation_is_possible() {
        for relation in Relation::ALL {
            assert_eq!(relation.name().parse(), Ok(relation));
            assert_eq!(serde_json::to_value(relation).unwrap(), relation.name());
            let [k0, k1, k2] = relation.kappa().coefficients();
            assert!(Kappa::new(k0, k1, k2).is_ok(), "{relation}");
        }
    }

    #[test]
    fn coefficients_that_nobody_can_have_are_refused() {
        for [k0, k1, k2] in
            [[0.5, 0.0, 0.5], [0.5, 0.6, 0.0], [-0.1, 1.1, 0.0], [f64::NAN, 0.5, 0.5], [0.25, 0.25, 0.25]]
        {
            assert_eq!(Kappa::new(k0, k1, k2), Err(DnaError::BadKappa));
        }
    }
}

//! A marker: its alleles, how frequent they are, and how they mutate.

use std::fmt;

use super::mutation::{MutationMatrix, MutationModel};
use crate::kinship::KinshipError;

/// The most alleles of one marker; SE33, the richest in use, has fewer than 100 named ones.
pub const MAX_ALLELES: usize = 1_000;

/// How far frequencies may add up to something else than 1. Vectors and tables with ten digits pass; rounded tables must say
/// what the rest is.
const SUM_TOLERANCE: f64 = 1e-6;

/// On which chromosome a marker lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Inheritance {
    /// Two alleles in everybody.
    Autosomal,
    /// One allele in males, from the mother.
    X,
}

/// A genotype as places of alleles in the marker's list: two for most, twice the same for a homozygote and for a male on X, one where
/// the other allele may have been lost.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct AllelePair {
    first: u16,
    /// `None` where it can be any allele.
    second: Option<u16>,
}

/// Stands for an allele that can be any one, where places are numbers. No marker has so many.
pub(super) const ANY: u16 = u16::MAX;

impl AllelePair {
    /// The pair, in no order.
    pub fn new(a: u16, b: u16) -> Self {
        Self { first: a.min(b), second: Some(a.max(b)) }
    }

    /// One allele, beside which another may have dropped out: `16,F`. The other one can be any allele, this one too.
    pub fn with_dropout_mark(a: u16) -> Self {
        Self { first: a, second: None }
    }

    /// Whether the other allele can be any one.
    pub fn partner_may_be_lost(self) -> bool {
        self.second.is_none()
    }

    /// Whether one allele was seen, and nothing can have been lost.
    pub fn is_homozygous(self) -> bool {
        self.second == Some(self.first)
    }

    /// The places of the alleles known, the smaller first: two, or one beside which another may be lost.
    pub fn places(self) -> impl Iterator<Item = u16> {
        [Some(self.first), self.second].into_iter().flatten()
    }

    /// Both places, the second [`ANY`] where it is not known.
    pub(super) fn both(self) -> [u16; 2] {
        [self.first, self.second.unwrap_or(ANY)]
    }
}

impl fmt::Debug for AllelePair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AllelePair(..)")
    }
}

/// A marker with the model of one population.
#[derive(Debug, Clone, PartialEq)]
pub struct Marker {
    name: String,
    labels: Vec<String>,
    frequencies: Vec<f64>,
    inheritance: Inheritance,
    silent: bool,
    male: MutationMatrix,
    female: MutationMatrix,
}

impl Marker {
    /// An autosomal marker without mutation.
    ///
    /// # Errors
    /// [`KinshipError::Marker`] for an empty or overlong list, a label that stands twice or is empty, a frequency that is no
    /// probability, and frequencies that do not add up to 1.
    pub fn new(name: &str, labels: Vec<String>, frequencies: Vec<f64>) -> Result<Self, KinshipError> {
        let bad = |reason| Err(KinshipError::marker(name, reason));
        if labels.is_empty() || labels.len() != frequencies.len() {
            return bad("give one frequency for each allele, and at least one allele");
        }
        if labels.len() > MAX_ALLELES {
            return bad("more than 1000 alleles: lump the rare ones");
        }
        if labels.iter().any(|label| label.trim().is_empty()) {
            return bad("an allele has no name");
        }
        let mut sorted: Vec<&String> = labels.iter().collect();
        sorted.sort();
        if sorted.windows(2).any(|pair| pair[0] == pair[1]) {
            return bad("an allele stands twice");
        }
        if frequencies.iter().any(|p| !(0.0..=1.0).contains(p)) {
            return bad("every frequency lies between 0 and 1");
        }
        if (frequencies.iter().sum::<f64>() - 1.0).abs() > SUM_TOLERANCE {
            return bad("the frequencies do not add up to 1: name what the rest is, or correct them");
        }
        let none = MutationMatrix::identity(labels.len());
        Ok(Self {
            name: name.to_owned(),
            labels,
            frequencies,
            inheritance: Inheritance::Autosomal,
            silent: false,
            male: none.clone(),
            female: none,
        })
    }

    /// The marker on another chromosome.
    #[must_use]
    pub fn on(mut self, inheritance: Inheritance) -> Self {
        self.inheritance = inheritance;
        self
    }

    /// The marker with mutation in fathers and in mothers.
    ///
    /// # Errors
    /// [`KinshipError::Mutation`]; [`KinshipError::Marker`] where a silent allele was already added, because it takes no part.
    pub fn with_mutation(mut self, male: &MutationModel, female: &MutationModel) -> Result<Self, KinshipError> {
        if self.silent {
            return Err(KinshipError::marker(&self.name, "set the mutation model before the silent allele"));
        }
        self.male = MutationMatrix::new(male, &self.labels, &self.frequencies)?;
        self.female = MutationMatrix::new(female, &self.labels, &self.frequencies)?;
        Ok(self)
    }

    /// The marker with a silent (null) allele of this frequency: it is never seen, never mutates and is no target of mutation.
    /// Visible alleles keep their proportions and make room: each frequency is multiplied by `1 - silent`.
    ///
    /// # Errors
    /// [`KinshipError::Marker`] for a frequency outside 0 to 1, or a second silent allele.
    pub fn with_silent(mut self, frequency: f64) -> Result<Self, KinshipError> {
        if !(frequency > 0.0 && frequency < 1.0) || self.silent {
            return Err(KinshipError::marker(&self.name, "one silent allele, with a frequency between 0 and 1"));
        }
        for p in &mut self.frequencies {
            *p *= 1.0 - frequency;
        }
        self.frequencies.push(frequency);
        self.silent = true;
        let k = self.labels.len() + 1;
        for matrix in [&mut self.male, &mut self.female] {
            if matrix.is_identity() {
                *matrix = MutationMatrix::identity(k);
                continue;
            }
            let mut wider = vec![0.0; k * k];
            for (cell, value) in wider.iter_mut().enumerate() {
                let (i, j) = (cell / k, cell % k);
                *value = if i.max(j) < k - 1 { matrix.get(i, j) } else { f64::from(u8::from(i == j)) };
            }
            *matrix = MutationMatrix::new(
                &MutationModel::Custom { matrix: wider },
                &vec![String::new(); k],
                &self.frequencies,
            )?;
        }
        Ok(self)
    }

    /// The marker as it is if nothing mutates: what excludes is counted on it.
    #[must_use]
    pub fn without_mutation(&self) -> Self {
        let none = MutationMatrix::identity(self.frequencies.len());
        Self { male: none.clone(), female: none, ..self.clone() }
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The labels of the visible alleles.
    pub fn labels(&self) -> &[String] {
        &self.labels
    }

    /// Frequencies in the order of the labels; that of the silent allele last, where there is one.
    pub fn frequencies(&self) -> &[f64] {
        &self.frequencies
    }

    /// On which chromosome.
    pub fn inheritance(&self) -> Inheritance {
        self.inheritance
    }

    /// The mutation matrix of fathers.
    pub fn male(&self) -> &MutationMatrix {
        &self.male
    }

    /// The mutation matrix of mothers.
    pub fn female(&self) -> &MutationMatrix {
        &self.female
    }

    /// The place of the silent allele, where there is one.
    pub(crate) fn silent(&self) -> Option<usize> {
        self.silent.then_some(self.labels.len())
    }

    /// Whether neither sex mutates.
    pub fn is_without_mutation(&self) -> bool {
        self.male.is_identity() && self.female.is_identity()
    }

    /// The pair of two labels; a homozygote is one label twice.
    ///
    /// # Errors
    /// [`KinshipError::Marker`] where a label is not in the list: no frequency stands for it.
    pub fn pair(&self, a: &str, b: &str) -> Result<AllelePair, KinshipError> {
        Ok(AllelePair::new(self.place(a)?, self.place(b)?))
    }

    /// One label, beside which another allele may have dropped out.
    ///
    /// # Errors
    /// As [`Marker::pair`].
    pub fn with_dropout_mark(&self, a: &str) -> Result<AllelePair, KinshipError> {
        Ok(AllelePair::with_dropout_mark(self.place(a)?))
    }

    fn place(&self, label: &str) -> Result<u16, KinshipError> {
        let place = self.labels.iter().position(|known| known == label).ok_or(KinshipError::marker(
            &self.name,
            "an allele has no frequency: add it to the table, or say which frequency unseen alleles get",
        ))?;
        Ok(u16::try_from(place).unwrap_or(u16::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marker(labels: &[&str], p: &[f64]) -> Result<Marker, KinshipError> {
        Marker::new("L", labels.iter().map(ToString::to_string).collect(), p.to_vec())
    }

    #[test]
    fn what_is_no_marker_is_refused() {
        for (labels, p) in [
            (&[][..], &[][..]),
            (&["7"], &[]),
            (&["7", "7"], &[0.5, 0.5]),
            (&["7", ""], &[0.5, 0.5]),
            (&["7", "8"], &[0.5, 0.4]),
            (&["7", "8"], &[1.5, -0.5]),
            (&["7", "8"], &[f64::NAN, 0.5]),
        ] {
            assert!(marker(labels, p).is_err(), "{labels:?}");
        }
        let ok = marker(&["7", "8"], &[0.5, 0.5]).unwrap();
        assert!(ok.pair("7", "9").is_err() && ok.clone().with_silent(1.0).is_err());
        assert!(!format!("{:?}", ok.pair("7", "8").unwrap()).contains('7'));
    }

    #[test]
    fn a_silent_allele_makes_room_and_does_not_mutate() {
        let equal = MutationModel::Equal { rate: 0.1 };
        let m =
            marker(&["7", "8"], &[0.5, 0.5]).unwrap().with_mutation(&equal, &equal).unwrap().with_silent(0.1).unwrap();
        assert_eq!(m.frequencies(), [0.45, 0.45, 0.1]);
        assert_eq!((m.male().get(0, 1), m.male().get(2, 2), m.male().get(0, 2)), (0.1, 1.0, 0.0));
        assert!(m.with_mutation(&equal, &equal).is_err());
    }
}

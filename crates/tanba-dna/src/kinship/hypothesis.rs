//! Hypotheses about one set of genotypes, each a pedigree: likelihoods, ratios by marker and in all, posteriors.

use super::{AllelePair, KinshipError, LikelihoodEngine, Linkage, Marker, Pedigree};
use crate::Theta;

/// A hypothesis.
#[derive(Debug, Clone, PartialEq)]
pub struct Hypothesis {
    /// A short name, such as `H1`.
    pub name: String,
    /// What it says, in words.
    pub text: String,
    /// The pedigree; it may fall into families, and unrelated persons stand alone in it.
    pub pedigree: Pedigree,
    /// Its probability beforehand, up to a common factor.
    pub prior: f64,
}

/// Who is typed, and how: genotypes by marker.
#[derive(Debug, Clone, PartialEq)]
pub struct TypedPerson {
    /// The id that every hypothesis uses.
    pub id: String,
    /// One genotype for each marker.
    pub genotypes: Vec<Option<AllelePair>>,
}

/// A case of kinship. Made by [`KinshipCase::new`], which checks it.
#[derive(Debug, Clone, PartialEq)]
pub struct KinshipCase {
    markers: Vec<Marker>,
    typed: Vec<TypedPerson>,
    hypotheses: Vec<Hypothesis>,
    against: usize,
    theta: Theta,
    linkage: Linkage,
}

/// What a case gives.
#[derive(Debug, Clone, PartialEq)]
pub struct KinshipAnswer {
    /// For each hypothesis the natural logarithm of its likelihood at each marker; at a linked marker given those of its group before.
    pub ln_likelihoods: Vec<Vec<f64>>,
    /// For each hypothesis the natural logarithm of its likelihood ratio against the one that all are held against; `None` where
    /// neither of the two is possible.
    pub ln_lr: Vec<Option<f64>>,
    /// For each hypothesis its probability afterwards; `None` where none is possible.
    pub posteriors: Option<Vec<f64>>,
}

impl KinshipCase {
    /// A case of hypotheses, held against the one at place `against`.
    ///
    /// # Errors
    /// [`KinshipError::Case`] for fewer than two hypotheses, a typed person whom a hypothesis leaves out, priors that are
    /// negative or all 0, names that stand twice, and genotypes that do not belong to the markers.
    pub fn new(
        markers: Vec<Marker>,
        typed: Vec<TypedPerson>,
        hypotheses: Vec<Hypothesis>,
        against: usize,
        theta: Theta,
    ) -> Result<Self, KinshipError> {
        if hypotheses.len() < 2 || against >= hypotheses.len() {
            return Err(KinshipError::case("a likelihood ratio needs two hypotheses: add one", "hypotheses"));
        }
        for (i, hypothesis) in hypotheses.iter().enumerate() {
            if hypotheses[..i].iter().any(|other| other.name == hypothesis.name) {
                return Err(KinshipError::case("two hypotheses have one name", &hypothesis.name));
            }
            if !(hypothesis.prior >= 0.0 && hypothesis.prior.is_finite()) {
                return Err(KinshipError::case("a prior must be a number of at least 0", &hypothesis.name));
            }
            if let Some(left_out) = typed.iter().find(|person| hypothesis.pedigree.place(&person.id).is_none()) {
                let reason = "a typed person is missing from a hypothesis: add the person there, unrelated if need be";
                return Err(KinshipError::case(reason, &format!("{} in {}", left_out.id, hypothesis.name)));
            }
        }
        if hypotheses.iter().all(|h| h.prior == 0.0) {
            return Err(KinshipError::case("all priors are 0: one must be possible", "hypotheses"));
        }
        for (i, person) in typed.iter().enumerate() {
            if typed[..i].iter().any(|other| other.id == person.id) {
                return Err(KinshipError::case("a person has two profiles: decide which is right", &person.id));
            }
            if person.genotypes.len() != markers.len() {
                return Err(KinshipError::case("the genotypes do not belong to the markers", &person.id));
            }
        }
        Ok(Self { markers, typed, hypotheses, against, theta, linkage: Linkage::default() })
    }

    /// The case with linked markers.
    #[must_use]
    pub fn with_linkage(self, linkage: Linkage) -> Self {
        Self { linkage, ..self }
    }

    /// Which markers are linked.
    pub fn linkage(&self) -> &Linkage {
        &self.linkage
    }

    /// The markers.
    pub fn markers(&self) -> &[Marker] {
        &self.markers
    }

    /// The typed persons.
    pub fn typed(&self) -> &[TypedPerson] {
        &self.typed
    }

    /// The hypotheses.
    pub fn hypotheses(&self) -> &[Hypothesis] {
        &self.hypotheses
    }

    /// The place of the hypothesis that the others are held against.
    pub fn against(&self) -> usize {
        self.against
    }

    /// The coancestry coefficient.
    pub fn theta(&self) -> Theta {
        self.theta
    }

    /// Works it out.
    ///
    /// # Errors
    /// As [`LikelihoodEngine::ln_likelihood`].
    pub fn answer(&self) -> Result<KinshipAnswer, KinshipError> {
        let mut ln_likelihoods = Vec::with_capacity(self.hypotheses.len());
        for hypothesis in &self.hypotheses {
            let mut engine = LikelihoodEngine::new(&hypothesis.pedigree, self.theta);
            let places: Vec<Option<usize>> = self.typed.iter().map(|of| hypothesis.pedigree.place(&of.id)).collect();
            let typed = |m: usize| {
                let mut genotypes = vec![None; hypothesis.pedigree.len()];
                for (person, place) in self.typed.iter().zip(&places) {
                    if let Some(place) = place {
                        genotypes[*place] = person.genotypes[m];
                    }
                }
                genotypes
            };
            let markers = 0..self.markers.len();
            let at = |m| engine.ln_likelihood_given(m, &self.markers, &self.linkage, typed);
            ln_likelihoods.push(markers.map(at).collect::<Result<Vec<_>, _>>()?);
        }
        let totals: Vec<f64> = ln_likelihoods.iter().map(|by_marker| by_marker.iter().sum()).collect();
        let against = totals[self.against];
        let ratio = |ln: f64| (ln > f64::NEG_INFINITY || against > f64::NEG_INFINITY).then_some(ln - against);
        let ln_lr = totals.iter().map(|ln| ratio(*ln)).collect();
        let largest = totals
            .iter()
            .zip(&self.hypotheses)
            .filter(|(_, h)| h.prior > 0.0)
            .map(|(ln, _)| *ln)
            .fold(f64::NEG_INFINITY, f64::max);
        let posteriors = (largest > f64::NEG_INFINITY).then(|| {
            let weights: Vec<f64> =
                totals.iter().zip(&self.hypotheses).map(|(ln, h)| weight(h.prior, *ln - largest)).collect();
            let sum: f64 = weights.iter().sum();
            weights.into_iter().map(|w| w / sum).collect()
        });
        Ok(KinshipAnswer { ln_likelihoods, ln_lr, posteriors })
    }
}

/// A prior times a likelihood; an impossible prior stays impossible, however large the likelihood.
fn weight(prior: f64, ln: f64) -> f64 {
    if prior == 0.0 { 0.0 } else { prior * ln.exp() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinship::{Person, Sex, person};

    fn case(priors: [f64; 2]) -> Result<KinshipCase, KinshipError> {
        let marker = Marker::new("L", ["A", "B"].map(str::to_owned).to_vec(), vec![0.05, 0.95]).unwrap();
        let both = marker.pair("A", "A").unwrap();
        let related =
            [person("F", None, Sex::Male), person("M", None, Sex::Female), person("C", Some(("F", "M")), Sex::Unknown)];
        let apart = [person("F", None, Sex::Male), person("C", None, Sex::Unknown)];
        let hypothesis = |name: &str, persons: &[Person], prior: f64| Hypothesis {
            name: name.to_owned(),
            text: String::new(),
            pedigree: Pedigree::new(persons, &[]).unwrap(),
            prior,
        };
        let typed = |id: &str| TypedPerson { id: id.to_owned(), genotypes: vec![Some(both)] };
        KinshipCase::new(
            vec![marker.clone()],
            vec![typed("F"), typed("C")],
            vec![hypothesis("H1", &related, priors[0]), hypothesis("H2", &apart, priors[1])],
            1,
            Theta::new(0.0).unwrap(),
        )
    }

    #[test]
    fn a_homozygous_father_and_child_by_hand() {
        // Paternity of A/A and A/A, p = 0.05: LR = 1 / p = 20; with even priors 20 / 21.
        let answer = case([1.0, 1.0]).unwrap().answer().unwrap();
        assert!((answer.ln_lr[0].unwrap().exp() - 20.0).abs() < 1e-12);
        assert!((answer.posteriors.unwrap()[0] - 20.0 / 21.0).abs() < 1e-12);
        assert_eq!(case([0.0, 1.0]).unwrap().answer().unwrap().posteriors.unwrap(), [0.0, 1.0]);
        assert!(case([0.0, 0.0]).is_err() && case([-1.0, 1.0]).is_err() && case([f64::NAN, 1.0]).is_err());
    }
}

//! Who is in the stain under a hypothesis.

use super::evidence::{MAX_CONTRIBUTORS, MAX_UNKNOWNS};
use super::{Evidence, MixtureError};

const TOO_MANY: &str = "it has no contributor, more than 6, or more than 5 unknown ones: change their number";

/// One contributor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contributor {
    /// The person of this reference, by its place in the evidence.
    Known(usize),
    /// Somebody of whom nothing is known.
    Unknown,
}

/// The contributors of a stain, and who is known to have the population's alleles besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hypothesis {
    /// In the order of the proportions.
    pub contributors: Vec<Contributor>,
    /// References of people who did not contribute but are of the same population, so that their alleles count where theta is
    /// above 0: the person of interest under the defence's hypothesis.
    pub typed_only: Vec<usize>,
}

impl Hypothesis {
    /// The two usual hypotheses: known contributors, the person of interest or an unknown in the next place, unknowns.
    ///
    /// # Errors
    /// [`MixtureError::BadHypothesis`].
    pub fn pair(
        evidence: &Evidence,
        interest: usize,
        known: &[usize],
        contributors: usize,
    ) -> Result<[Self; 2], MixtureError> {
        let bad = |reason| MixtureError::BadHypothesis { reason };
        if known.contains(&interest) {
            return Err(bad(
                "the person of interest is also given as a known contributor: the question would have no answer",
            ));
        }
        if contributors > MAX_CONTRIBUTORS {
            return Err(bad(TOO_MANY));
        }
        if contributors <= known.len() {
            return Err(bad("there are as many known contributors as contributors: nobody else can be in the stain"));
        }
        let side = |place: Contributor, typed_only| {
            let mut all: Vec<_> = known.iter().map(|k| Contributor::Known(*k)).chain([place]).collect();
            all.resize(contributors, Contributor::Unknown);
            Self { contributors: all, typed_only }
        };
        let both = [side(Contributor::Known(interest), Vec::new()), side(Contributor::Unknown, vec![interest])];
        for hypothesis in &both {
            hypothesis.check(evidence)?;
        }
        Ok(both)
    }

    /// How many contributors are unknown.
    pub fn unknowns(&self) -> usize {
        self.contributors.iter().filter(|c| **c == Contributor::Unknown).count()
    }

    /// Known contributors and their places.
    pub(super) fn known(&self) -> impl Iterator<Item = (usize, usize)> {
        self.contributors.iter().enumerate().filter_map(|(place, contributor)| match contributor {
            Contributor::Known(reference) => Some((place, *reference)),
            Contributor::Unknown => None,
        })
    }

    /// Checks it against the evidence.
    pub(super) fn check(&self, evidence: &Evidence) -> Result<(), MixtureError> {
        let bad = |reason| Err(MixtureError::BadHypothesis { reason });
        if !(1..=MAX_CONTRIBUTORS).contains(&self.contributors.len()) || self.unknowns() > MAX_UNKNOWNS {
            return bad(TOO_MANY);
        }
        let mut references: Vec<usize> = self.known().map(|(_, r)| r).chain(self.typed_only.iter().copied()).collect();
        if references.iter().any(|r| *r >= evidence.references.len()) {
            return bad("it names a reference that the case does not have: add it or correct the name");
        }
        references.sort_unstable();
        if references.windows(2).any(|pair| pair[0] == pair[1]) {
            return bad("it names the same person twice: each person is in it once");
        }
        Ok(())
    }
}

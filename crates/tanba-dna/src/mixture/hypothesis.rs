//! Who is in the stain under a hypothesis.

use super::evidence::{MAX_CONTRIBUTORS, MAX_UNKNOWNS};
use super::{Evidence, MixtureError};
use crate::Relation;

const TOO_MANY: &str = "it has no contributor, more than 6, or more than 5 unknown ones: change their number";

/// One contributor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contributor {
    /// The person of this reference, by its place in the evidence.
    Known(usize),
    /// Somebody of whom nothing is known.
    Unknown,
}

/// An unknown contributor's relative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relative {
    /// The person of this reference.
    Reference(usize),
    /// Another unknown contributor, by place in the hypothesis.
    Unknown(usize),
}

/// An unknown contributor who is related to somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Kin {
    /// Place in the hypothesis.
    pub unknown: usize,
    /// How.
    pub relation: Relation,
    /// To whom.
    pub to: Relative,
}

/// The contributors of a stain, and who is known to have the population's alleles besides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hypothesis {
    /// In the order of the proportions.
    pub contributors: Vec<Contributor>,
    /// References of people who did not contribute but are of the same population, so that their alleles count where theta is
    /// above 0: the person of interest under the defence's hypothesis.
    pub typed_only: Vec<usize>,
    /// Who is related to whom; nobody is in two relations.
    pub kin: Vec<Kin>,
}

/// What is asked of a stain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Place of the person of interest among the references.
    pub interest: usize,
    /// Places of the known contributors.
    pub known: Vec<usize>,
    /// How many people left the stain.
    pub contributors: usize,
    /// Unknown contributors who are related to somebody.
    pub related: Vec<Related>,
}

/// A relation of an unknown contributor in a question. Unknown contributors besides the person of interest count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Related {
    /// Which of them; `None` for the one who stands in the place of the person of interest under the second hypothesis.
    pub unknown: Option<usize>,
    /// How.
    pub relation: Relation,
    /// To whom; an unknown one by its number.
    pub to: Relative,
}

impl Question {
    /// The two usual hypotheses: known contributors, the person of interest or an unknown in the next place, unknowns.
    ///
    /// # Errors
    /// [`MixtureError::BadHypothesis`].
    pub fn hypotheses(&self, evidence: &Evidence) -> Result<[Hypothesis; 2], MixtureError> {
        let bad = |reason| MixtureError::BadHypothesis { reason };
        let Self { interest, known, contributors, related } = self;
        if known.contains(interest) {
            return Err(bad(
                "the person of interest is also given as a known contributor: the question would have no answer",
            ));
        }
        if *contributors > MAX_CONTRIBUTORS {
            return Err(bad(TOO_MANY));
        }
        if *contributors <= known.len() {
            return Err(bad("there are as many known contributors as contributors: nobody else can be in the stain"));
        }
        let place = |number: usize| match known.len().checked_add(number) {
            Some(place) if number > 0 && place < *contributors => Ok(place),
            _ => Err(bad(
                "a relation names an unknown contributor whom the stain does not have: besides the person of interest they count from 1",
            )),
        };
        let mut kin = Vec::new();
        for Related { unknown, relation, to } in related {
            let to = match to {
                Relative::Unknown(number) => Relative::Unknown(place(*number)?),
                reference => *reference,
            };
            kin.push(Kin { unknown: unknown.map_or(Ok(known.len()), place)?, relation: *relation, to });
        }
        let side = |here: Contributor| {
            let mut all: Vec<_> = known.iter().map(|k| Contributor::Known(*k)).chain([here]).collect();
            all.resize(*contributors, Contributor::Unknown);
            // Whoever is typed is of the same population, whatever is said of the contributors.
            let mut typed_only = vec![*interest];
            typed_only.extend(kin.iter().filter_map(|kin| match kin.to {
                Relative::Reference(reference) if reference != *interest => Some(reference),
                _ => None,
            }));
            typed_only.retain(|reference| !all.contains(&Contributor::Known(*reference)));
            let kin = kin.iter().copied().filter(|kin| all[kin.unknown] == Contributor::Unknown).collect();
            Hypothesis { contributors: all, typed_only, kin }
        };
        let both = [side(Contributor::Known(*interest)), side(Contributor::Unknown)];
        for hypothesis in &both {
            hypothesis.check(evidence)?;
        }
        Ok(both)
    }
}

impl Hypothesis {
    /// The hypotheses of a question in which nobody is related.
    ///
    /// # Errors
    /// As [`Question::hypotheses`].
    pub fn pair(
        evidence: &Evidence,
        interest: usize,
        known: &[usize],
        contributors: usize,
    ) -> Result<[Self; 2], MixtureError> {
        Question { interest, known: known.to_vec(), contributors, related: Vec::new() }.hypotheses(evidence)
    }

    /// How many contributors are unknown.
    pub fn unknowns(&self) -> usize {
        self.contributors.iter().filter(|c| **c == Contributor::Unknown).count()
    }

    /// Whether the contributor in a place is unknown and related to nobody.
    pub(super) fn is_anybody(&self, place: usize) -> bool {
        self.contributors[place] == Contributor::Unknown
            && !self.kin.iter().any(|kin| kin.unknown == place || kin.to == Relative::Unknown(place))
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
        let mut related = Vec::new();
        for Kin { unknown, to, .. } in &self.kin {
            for one in [Relative::Unknown(*unknown), *to] {
                let there = match one {
                    Relative::Unknown(place) => self.contributors.get(place) == Some(&Contributor::Unknown),
                    Relative::Reference(reference) => references.contains(&reference),
                };
                if !there {
                    return bad("a relation names somebody whom it does not have, or a known contributor as unknown");
                }
                // Three relatives are more than two pairs: what two brothers of somebody share is not told by either relation.
                if related.contains(&one) {
                    return bad("somebody is in two relations, or related to themself: keep one relation a person");
                }
                related.push(one);
            }
        }
        Ok(())
    }
}

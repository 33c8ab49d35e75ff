//! Relatives with mutation at one locus: the model of the alleles, and the likelihood ratio by lines of descent.
//!
//! The alleles of the model are those of the table and those that the two profiles have besides; their frequencies, lifted to the
//! minimum, are scaled to sum 1, because mutation needs a whole distribution. A typing that may lack its second allele is summed over
//! all of them.

use std::collections::HashMap;

use super::relation::Relation;
use super::two::{Mutation, ParentRole, TwoPeople, next_allele};
use crate::kinship::{Descent, KinshipError, MutationPowers, Pedigree, Person, Sex};
use crate::profile::Typing;
use crate::{Allele, DnaError, Locus};

/// The pedigree of a relation that can mutate, and the places of the two: first the older one, where there is an older one.
fn pedigree(relation: Relation) -> Result<Option<(Pedigree, [usize; 2])>, KinshipError> {
    let mut persons: Vec<Person> = Vec::new();
    let mut add = |id: &str, parents: Option<[&str; 2]>| {
        let [father, mother] = parents.map_or([None, None], |of| of.map(|parent| Some(parent.to_owned())));
        persons.push(Person { id: id.to_owned(), father, mother, sex: Sex::Unknown });
    };
    add("father", None);
    add("mother", None);
    let both = Some(["father", "mother"]);
    // A line of descent from a child of the two, each with a partner from outside.
    let mut line = |ids: &[String]| {
        for (n, id) in ids.iter().enumerate() {
            if n == 0 {
                add(id, both);
            } else {
                let partner = format!("partner of {}", ids[n - 1]);
                add(&partner, None);
                add(id, Some([&ids[n - 1], &partner]));
            }
        }
    };
    let mut down = |name: &str, generations: usize| -> String {
        let ids: Vec<String> = (1..=generations).map(|n| format!("{name}{n}")).collect();
        line(&ids);
        ids.last().cloned().unwrap_or_default()
    };
    let two: [String; 2] = match relation {
        Relation::Same => return Ok(None),
        Relation::ParentChild => ["father".to_owned(), down("a", 1)],
        Relation::Grandparent => ["father".to_owned(), down("a", 2)],
        Relation::FullSiblings => [down("a", 1), down("b", 1)],
        Relation::Avuncular => [down("a", 1), down("b", 2)],
        Relation::FirstCousins => [down("a", 2), down("b", 2)],
        Relation::SecondCousins => [down("a", 3), down("b", 3)],
        Relation::HalfSiblings => {
            let first = down("a", 1);
            add("other mother", None);
            add("b", Some(["father", "other mother"]));
            [first, "b".to_owned()]
        }
    };
    let pedigree = Pedigree::new(&persons, &[])?;
    let places = two.map(|id| pedigree.place(&id));
    Ok(match places {
        [Some(a), Some(b)] => Some((pedigree, [a, b])),
        _ => None,
    })
}

/// The lines of descent of a relation; `None` for one and the same person.
pub(super) fn descent(relation: Relation, theta: f64) -> Option<Descent> {
    let (pedigree, [a, b]) = pedigree(relation).ok()??;
    Descent::of(&pedigree, a, b, theta)
}

/// What is known of a locus so far.
pub(super) struct RelatedAt<'t> {
    two: &'t TwoPeople<'t>,
    mutation: &'t Mutation,
    descent: &'t Descent,
    locus: Locus,
    own: Typing,
    /// Models by the alleles that the table lacks.
    models: HashMap<Vec<Allele>, AlleleModel>,
    known: HashMap<Typing, f64>,
}

struct AlleleModel {
    alleles: Vec<Allele>,
    frequencies: Vec<f64>,
    powers: MutationPowers,
}

impl<'t> RelatedAt<'t> {
    pub(super) fn new(
        two: &'t TwoPeople<'t>,
        (descent, mutation): (&'t Descent, &'t Mutation),
        locus: Locus,
        own: Typing,
    ) -> Self {
        Self { two, mutation, descent, locus, own, models: HashMap::new(), known: HashMap::new() }
    }

    /// The likelihood ratio with another genotype, which must not be a number (see [`TwoPeople::lr`]).
    pub(super) fn lr(&mut self, other: Typing) -> Result<f64, DnaError> {
        if let Some(known) = self.known.get(&other) {
            return Ok(*known);
        }
        let mut besides: Vec<Allele> =
            self.own.alleles().chain(other.alleles()).filter(|a| !self.two.table().holds(self.locus, *a)).collect();
        besides.sort_unstable();
        besides.dedup();
        if !self.models.contains_key(&besides) {
            let model = self.model(&besides)?;
            self.models.insert(besides.clone(), model);
        }
        let lr = match self.models.get(&besides) {
            Some(model) => self.ratio(model, other),
            None => f64::NAN,
        };
        self.known.insert(other, lr);
        Ok(lr)
    }

    fn ratio(&self, model: &AlleleModel, other: Typing) -> f64 {
        let place = |allele: Allele| model.alleles.binary_search(&allele).unwrap_or_default();
        let genotypes = |typing: Typing| match typing {
            Typing::Pair(pair) => vec![pair.map(place)],
            Typing::One(allele) => (0..model.alleles.len()).map(|partner| [place(allele), partner]).collect(),
        };
        let (older, younger) = match self.mutation.first_is {
            ParentRole::Parent => (self.own, other),
            ParentRole::Child => (other, self.own),
        };
        let (mut related, mut unrelated) = (0.0, 0.0);
        for older in genotypes(older) {
            for younger in genotypes(younger) {
                related += self.descent.likelihood(&model.powers, &model.frequencies, older, younger);
                unrelated += self.drawn(model, older, younger);
            }
        }
        related / unrelated
    }

    /// The probability of two genotypes of unrelated people.
    fn drawn(&self, model: &AlleleModel, [a, b]: [usize; 2], [x, y]: [usize; 2]) -> f64 {
        let orders = |same: bool| if same { 1.0 } else { 2.0 };
        let mut probability = orders(a == b) * orders(x == y);
        let seen = [a, b, x, y];
        for (n, allele) in seen.iter().enumerate() {
            let p = model.frequencies[*allele];
            let before = seen[..n].iter().filter(|other| *other == allele).count();
            probability *= if n == 0 { p } else { next_allele(self.two.theta(), p, before, n) };
        }
        probability
    }

    fn model(&self, besides: &[Allele]) -> Result<AlleleModel, DnaError> {
        let of_table = self.two.table().alleles(self.locus).filter(|(_, p)| *p > 0.0).map(|(allele, _)| allele);
        let mut alleles: Vec<Allele> = of_table.chain(besides.iter().copied()).collect();
        // An allele of frequency 0 in the table is there only where somebody has it.
        alleles.extend(self.own.alleles());
        alleles.sort_unstable();
        alleles.dedup();
        let mut frequencies =
            alleles.iter().map(|a| self.two.frequency(self.locus, *a)).collect::<Result<Vec<f64>, DnaError>>()?;
        let total: f64 = frequencies.iter().sum();
        frequencies.iter_mut().for_each(|p| *p /= total);
        let labels: Vec<String> = alleles.iter().map(ToString::to_string).collect();
        let powers = self.descent.powers(&self.mutation.model, &labels, &frequencies).map_err(|error| {
            let reason = match error {
                KinshipError::Mutation { reason } => reason,
                _ => "the model does not fit the alleles of the locus",
            };
            DnaError::BadMutation { at: self.locus.name(), reason }
        })?;
        Ok(AlleleModel { alleles, frequencies, powers })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kinship::{LikelihoodEngine, Marker, MutationModel, person};
    use crate::weight::Hypothesis;
    use crate::{FrequencyTable, Genotype, MinimumFrequency, Theta};

    const TABLE: &str = "TH01,6,0.2,200\nTH01,7,0.1,200\nTH01,8,0.4,200\nTH01,9.3,0.3,200";

    /// The pedigrees written out, A the older one.
    fn pedigrees() -> Vec<(Relation, Vec<Person>)> {
        use Sex::{Female as F, Male as M};
        let founders = |ids: &[(&str, Sex)]| ids.iter().map(|(id, sex)| person(id, None, *sex)).collect::<Vec<_>>();
        let with = |mut all: Vec<Person>, more: &[(&str, (&str, &str), Sex)]| {
            all.extend(more.iter().map(|(id, parents, sex)| person(id, Some(*parents), *sex)));
            all
        };
        vec![
            (Relation::ParentChild, with(founders(&[("A", F), ("f", M)]), &[("B", ("f", "A"), M)])),
            (
                Relation::Grandparent,
                with(founders(&[("A", M), ("g", F), ("f", M)]), &[("m", ("A", "g"), F), ("B", ("f", "m"), F)]),
            ),
            (
                Relation::FullSiblings,
                with(founders(&[("f", M), ("m", F)]), &[("A", ("f", "m"), M), ("B", ("f", "m"), F)]),
            ),
            (
                Relation::HalfSiblings,
                with(founders(&[("f", M), ("g", M), ("m", F)]), &[("A", ("f", "m"), M), ("B", ("g", "m"), M)]),
            ),
            (
                Relation::Avuncular,
                with(
                    founders(&[("f", M), ("m", F), ("p", F)]),
                    &[("A", ("f", "m"), F), ("s", ("f", "m"), M), ("B", ("s", "p"), F)],
                ),
            ),
            (
                Relation::FirstCousins,
                with(
                    founders(&[("f", M), ("m", F), ("p", F), ("q", M)]),
                    &[("s", ("f", "m"), M), ("t", ("f", "m"), F), ("A", ("s", "p"), M), ("B", ("q", "t"), F)],
                ),
            ),
            (
                Relation::SecondCousins,
                with(
                    founders(&[("f", M), ("m", F), ("p", F), ("q", M), ("r", F), ("o", M)]),
                    &[
                        ("s", ("f", "m"), M),
                        ("t", ("f", "m"), F),
                        ("u", ("s", "p"), M),
                        ("v", ("q", "t"), F),
                        ("A", ("u", "r"), M),
                        ("B", ("o", "v"), F),
                    ],
                ),
            ),
        ]
    }

    #[test]
    fn every_relation_and_model_is_what_the_pedigree_engine_says() {
        let table = FrequencyTable::from_csv("made up", TABLE).unwrap();
        let labels: Vec<String> = ["6", "7", "8", "9.3"].map(str::to_owned).to_vec();
        let matrix = vec![0.9, 0.04, 0.05, 0.01, 0.1, 0.8, 0.05, 0.05, 0.0, 0.2, 0.75, 0.05, 0.02, 0.0, 0.08, 0.9];
        let models = [
            MutationModel::None,
            MutationModel::Equal { rate: 0.02 },
            MutationModel::Proportional { rate: 0.02 },
            MutationModel::Stepwise { rate: 0.02, rate2: 0.001, range: 0.1 },
            MutationModel::Custom { matrix },
        ];
        let genotypes = ["6,7", "7,7", "8,9.3", "6,8"];
        let mut compared = 0;
        for (relation, persons) in pedigrees() {
            let together = Pedigree::new(&persons, &[]).unwrap();
            let apart = Pedigree::new(&[person("A", None, Sex::Male), person("B", None, Sex::Female)], &[]).unwrap();
            for model in &models {
                let marker = Marker::new("TH01", labels.clone(), vec![0.2, 0.1, 0.4, 0.3]).unwrap();
                let marker = marker.with_mutation(model, model).unwrap();
                for theta in [0.0, 0.03] {
                    let theta = Theta::new(theta).unwrap();
                    let mut engines = [LikelihoodEngine::new(&together, theta), LikelihoodEngine::new(&apart, theta)];
                    for (n, of_a) in genotypes.iter().enumerate() {
                        // Two partners each, so that the slow engine is asked no more than it must.
                        for of_b in [&genotypes[n], &genotypes[(n + 1) % genotypes.len()]] {
                            let pair = |text: &str| text.split_once(',').map(|(a, b)| marker.pair(a, b).unwrap());
                            let mut ln = [0.0; 2];
                            for (n, pedigree) in [&together, &apart].into_iter().enumerate() {
                                let typed = |id: &String| match id.as_str() {
                                    "A" => pair(of_a),
                                    "B" => pair(of_b),
                                    _ => None,
                                };
                                let typed: Vec<_> = pedigree.ids().iter().map(typed).collect();
                                ln[n] = engines[n].ln_likelihood(&marker, &typed).unwrap();
                            }
                            let expected = (ln[0] - ln[1]).exp();
                            for first_is in [ParentRole::Parent, ParentRole::Child] {
                                let mutation = Mutation { model: model.clone(), first_is };
                                let hypothesis = Hypothesis::Related { relation, mutation };
                                let two = TwoPeople::new(hypothesis, &table, theta, MinimumFrequency::None).unwrap();
                                let genotype = |text: &str| {
                                    Genotype::new(text.split(',').map(|a| Allele::parse(a).unwrap())).unwrap()
                                };
                                let (first, second) = match first_is {
                                    ParentRole::Parent => (of_a, of_b),
                                    ParentRole::Child => (of_b, of_a),
                                };
                                let got = two.lr(Locus::Th01, &genotype(first), &genotype(second)).unwrap().unwrap();
                                let what = format!("{relation} {model:?} {theta:?} {of_a} {of_b}: {got} {expected}");
                                assert!((got - expected).abs() <= 1e-10 * expected, "{what}");
                                compared += 1;
                            }
                        }
                    }
                }
            }
        }
        assert_eq!(compared, 7 * 5 * 2 * 8 * 2);
    }

    #[test]
    fn alleles_that_the_table_lacks_get_the_minimum_and_may_have_mutated() {
        let table = FrequencyTable::from_csv("made up", TABLE).unwrap();
        let mutation = Mutation {
            model: MutationModel::Stepwise { rate: 0.002, rate2: 1e-6, range: 0.1 },
            first_is: ParentRole::Parent,
        };
        let hypothesis = Hypothesis::Related { relation: Relation::ParentChild, mutation };
        let least = MinimumFrequency::AtLeast(0.01);
        let two = TwoPeople::new(hypothesis, &table, Theta::new(0.0).unwrap(), least).unwrap();
        let pair = |a: &str, b: &str| Typing::Pair([a, b].map(|text| Allele::parse(text).unwrap()));
        let mut given = two.given(Locus::Th01, pair("6", "7"));
        let lr = |given: &mut super::super::Given<'_>, other| given.lr(other).unwrap();
        let (near, far) = (lr(&mut given, pair("5", "8")), lr(&mut given, pair("8", "12")));
        assert!(near > 0.0 && far > 0.0 && near != far);
        // What else was asked does not change an answer.
        assert_eq!(near, lr(&mut two.given(Locus::Th01, pair("6", "7")), pair("5", "8")));
        assert_eq!(near, lr(&mut given, pair("5", "8")));
    }
}

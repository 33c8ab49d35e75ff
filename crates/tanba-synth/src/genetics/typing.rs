//! What a laboratory reports of a person where only whether an allele is seen matters: drop-out, drop-in and typing error.
//!
//! Where heights matter, see [`PeakModel`](super::PeakModel).

use tanba_dna::{Allele, SexMarker};

use crate::person::Sex;

use super::draw::{Draw, Streams};
use super::{AlleleTable, Diploid, GeneticsError, Marker, ProfilePopulation};

/// Probabilities with which a typing goes wrong.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TypingModel {
    /// That an allele copy is not seen, for each of the two alone: a homozygote is lost with its square.
    pub drop_out: f64,
    /// That a marker shows one allele that nobody left, drawn by the table's frequencies.
    pub drop_in: f64,
    /// That a seen allele is written down as the next one, above or below, of the table.
    pub error: f64,
}

/// Something that went wrong at a marker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TypingEvent {
    /// An allele of the person is not in the typing.
    DropOut(Allele),
    /// An allele that the person does not have came in.
    DropIn(Allele),
    /// An allele was written down as another one.
    Error(Allele, Allele),
}

/// A typing: at each marker of a table the alleles that are reported, ascending and each once; none where nothing was seen.
#[derive(Debug, Clone, PartialEq)]
pub struct Typing {
    /// One entry a marker.
    pub alleles: Vec<Vec<Allele>>,
    /// What amelogenin shows; its copies drop out as all others.
    pub sex_marker: Option<SexMarker>,
    /// What went wrong, with the place of the marker.
    pub events: Vec<(usize, TypingEvent)>,
}

/// Typings of people, each by number, so that one can be made alone.
#[derive(Clone)]
pub struct Laboratory {
    model: TypingModel,
    streams: Streams,
}

impl TypingModel {
    /// A clean reference sample.
    pub const CLEAN: Self = Self { drop_out: 0.0, drop_in: 0.0, error: 0.0 };

    fn check(self) -> Result<Self, GeneticsError> {
        for (what, p) in [
            ("the probability of drop-out", self.drop_out),
            ("the probability of drop-in", self.drop_in),
            ("the probability of a typing error", self.error),
        ] {
            if !(0.0..=1.0).contains(&p) {
                return Err(GeneticsError::OutOfRange { what, range: "from 0 to 1" });
            }
        }
        Ok(self)
    }
}

impl Laboratory {
    /// A laboratory with these habits; `label` keeps samples of different uses of one seed apart.
    ///
    /// # Errors
    /// [`GeneticsError::OutOfRange`] for a probability outside 0 to 1.
    pub fn new(model: TypingModel, seed: u64, label: &str) -> Result<Self, GeneticsError> {
        Ok(Self { model: model.check()?, streams: Streams::new(seed, &format!("genetics/typing/{label}")) })
    }

    /// Sample `k`, which is of this person; drop-ins are of the person's gene pool `pool`.
    pub fn typing(&self, population: &ProfilePopulation, pool: u64, person: &Diploid, k: u64) -> Typing {
        let mut draw = self.streams.at(k);
        let mut typing = Typing { alleles: Vec::new(), sex_marker: None, events: Vec::new() };
        for (m, marker) in population.table().markers().iter().enumerate() {
            let (a, b) = population.table().pair(person, m);
            let mut seen = Vec::with_capacity(3);
            for allele in [a, b] {
                if !draw.chance(self.model.drop_out) {
                    seen.push(allele);
                }
            }
            for own in [Some(a), (a != b).then_some(b)].iter().flatten() {
                if !seen.contains(own) {
                    typing.events.push((m, TypingEvent::DropOut(*own)));
                }
            }
            for allele in &mut seen {
                if draw.chance(self.model.error)
                    && let Some(other) = neighbour(marker, *allele, &mut draw)
                {
                    typing.events.push((m, TypingEvent::Error(*allele, other)));
                    *allele = other;
                }
            }
            if draw.chance(self.model.drop_in) {
                let allele = marker.alleles()[usize::from(population.allele(pool, m, &mut draw))];
                if !seen.contains(&allele) {
                    typing.events.push((m, TypingEvent::DropIn(allele)));
                    seen.push(allele);
                }
            }
            seen.sort_unstable();
            seen.dedup();
            typing.alleles.push(seen);
        }
        let (first, second) = (!draw.chance(self.model.drop_out), !draw.chance(self.model.drop_out));
        typing.sex_marker = match (person.sex, first, second) {
            (_, false, false) => None,
            (Sex::Female, _, _) | (Sex::Male, true, false) => Some(SexMarker::X),
            (Sex::Male, true, true) => Some(SexMarker::Xy),
            (Sex::Male, false, true) => Some(SexMarker::Y),
        };
        typing
    }
}

impl Typing {
    /// The profile at the core loci and amelogenin; `None` where nothing was seen at any.
    pub fn profile(&self, table: &AlleleTable) -> Option<tanba_dna::Profile> {
        let genotypes = table.markers().iter().zip(&self.alleles).filter_map(|(marker, alleles)| {
            Some((marker.locus()?, tanba_dna::Genotype::new(alleles.iter().copied())?))
        });
        tanba_dna::Profile::from_genotypes(genotypes, self.sex_marker).ok()
    }
}

/// The next allele of the table above or below; `None` where there is no other.
fn neighbour(marker: &Marker, allele: Allele, draw: &mut Draw) -> Option<Allele> {
    let place = marker.alleles().binary_search(&allele).ok()?;
    let below = place.checked_sub(1).map(|i| marker.alleles()[i]);
    let above = marker.alleles().get(place + 1).copied();
    if draw.word() >> 31 == 0 { below.or(above) } else { above.or(below) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn people() -> ProfilePopulation {
        ProfilePopulation::new(AlleleTable::illustration(), 1, 0.0, 1).unwrap()
    }

    #[test]
    fn a_clean_reference_is_the_genotype() {
        let people = people();
        let laboratory = Laboratory::new(TypingModel::CLEAN, 1, "t").unwrap();
        for k in 0..20 {
            let person = people.person(k);
            let typing = laboratory.typing(&people, k, &person, k);
            assert!(typing.events.is_empty());
            assert_eq!(typing.profile(people.table()), people.table().profile(&person));
            for (m, alleles) in typing.alleles.iter().enumerate() {
                let (a, b) = people.table().pair(&person, m);
                assert!(alleles.contains(&a) && alleles.contains(&b) && alleles.len() == if a == b { 1 } else { 2 });
            }
        }
    }

    #[test]
    fn events_have_their_probabilities_and_explain_every_difference() {
        let people = people();
        let model = TypingModel { drop_out: 0.2, drop_in: 0.1, error: 0.05 };
        let laboratory = Laboratory::new(model, 3, "t").unwrap();
        let (mut lost, mut heterozygous, mut wrong, mut came, n) = (0, 0, 0, 0, 2000_u64);
        for k in 0..n {
            let person = people.person(k);
            let typing = laboratory.typing(&people, k, &person, k);
            assert_eq!(typing, laboratory.typing(&people, k, &person, k));
            for m in 0..20 {
                let (a, b) = people.table().pair(&person, m);
                let events: Vec<_> = typing.events.iter().filter(|(at, _)| *at == m).map(|(_, e)| *e).collect();
                if events.is_empty() {
                    let mut own = vec![a, b];
                    own.sort_unstable();
                    own.dedup();
                    assert_eq!(typing.alleles[m], own);
                }
                if a != b {
                    heterozygous += 2;
                    lost += events.iter().filter(|e| matches!(e, TypingEvent::DropOut(_))).count();
                }
                wrong += events.iter().filter(|e| matches!(e, TypingEvent::Error(..))).count();
                came += events.iter().filter(|e| matches!(e, TypingEvent::DropIn(_))).count();
            }
        }
        let share = lost as f64 / f64::from(heterozygous);
        assert!((share - 0.2).abs() < 0.01, "{share}");
        let share = wrong as f64 / (n as f64 * 40.0 * 0.8);
        assert!((share - 0.05).abs() < 0.005, "{share}");
        // Drop-ins of an allele that is there anyway are not seen.
        let share = came as f64 / (n as f64 * 20.0);
        assert!((0.06..0.1).contains(&share), "{share}");
    }

    #[test]
    fn probabilities_outside_their_range_are_refused() {
        let said = |model| Laboratory::new(model, 1, "t").err().unwrap().to_string();
        assert!(said(TypingModel { drop_out: 1.1, ..TypingModel::CLEAN }).contains("drop-out"));
        assert!(said(TypingModel { drop_in: -0.1, ..TypingModel::CLEAN }).contains("from 0 to 1"));
        assert!(said(TypingModel { error: f64::NAN, ..TypingModel::CLEAN }).contains("typing error"));
    }
}

//! What a parent hands on: at each marker one of two alleles, together with its neighbour where two markers are linked, and
//! changed where a mutation falls on it.

use crate::person::Sex;

use super::draw::Draw;
use super::mutation::MutationMatrix;
use super::parameters::LINKED;
use super::{AlleleTable, Diploid, GeneticsError, MutationModels};

/// How the markers of a table are inherited.
#[derive(Debug, Clone)]
pub struct Meiosis {
    models: MutationModels,
    /// For each marker the earlier one that it is linked to, with the recombination fraction.
    links: Vec<Option<(usize, f64)>>,
    female: Vec<MutationMatrix>,
    male: Vec<MutationMatrix>,
}

/// A mutation on the way from a parent to a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mutation {
    /// Place of the marker in the table.
    pub marker: usize,
    /// The parent's sex: through whom it came.
    pub parent: Sex,
    /// The parent's allele, as an index.
    pub from: u8,
    /// The child's allele, as an index.
    pub to: u8,
}

impl Meiosis {
    /// Inheritance at the markers of a table. With `linkage` the pairs vWA and D12S391 (recombination fraction 0.089), CSF1PO
    /// and D5S818 (0.25), SE33 and D6S1043 (0.04, rough) are linked; all else recombines freely, and so does everything without.
    ///
    /// # Errors
    /// As [`MutationMatrix::new`].
    pub fn new(table: &AlleleTable, models: MutationModels, linkage: bool) -> Result<Self, GeneticsError> {
        let mut links = vec![None; table.markers().len()];
        for (a, b, fraction) in LINKED.iter().filter(|_| linkage) {
            if let (Some(a), Some(b)) = (table.find(a), table.find(b)) {
                links[a.max(b)] = Some((a.min(b), *fraction));
            }
        }
        let matrices = |model| -> Result<Vec<_>, _> {
            table.markers().iter().map(|marker| MutationMatrix::new(model, marker)).collect()
        };
        Ok(Self { models, links, female: matrices(models.female)?, male: matrices(models.male)? })
    }

    /// The mutation models.
    pub fn models(&self) -> MutationModels {
        self.models
    }

    /// The linked pairs, as places of markers in the table, with their recombination fractions.
    pub fn linked(&self) -> impl Iterator<Item = (usize, usize, f64)> {
        self.links.iter().enumerate().filter_map(|(b, link)| link.map(|(a, fraction)| (a, b, fraction)))
    }

    /// A child.
    pub(super) fn child(
        &self,
        mother: &Diploid,
        father: &Diploid,
        sex: Sex,
        draw: &mut Draw,
        mutations: &mut Vec<Mutation>,
    ) -> Diploid {
        let maternal = self.gamete(mother, &self.female, draw, mutations);
        let paternal = self.gamete(father, &self.male, draw, mutations);
        Diploid { sex, maternal, paternal }
    }

    fn gamete(
        &self,
        parent: &Diploid,
        matrices: &[MutationMatrix],
        draw: &mut Draw,
        mutations: &mut Vec<Mutation>,
    ) -> Vec<u8> {
        let mut from_mother = Vec::with_capacity(self.links.len());
        let mut alleles = Vec::with_capacity(self.links.len());
        for (marker, link) in self.links.iter().enumerate() {
            let copy = match link {
                Some((other, fraction)) => from_mother[*other] != draw.chance(*fraction),
                None => draw.word() >> 31 == 0,
            };
            from_mother.push(copy);
            let from = if copy { parent.maternal[marker] } else { parent.paternal[marker] };
            let to = matrices[marker].transmit(from, draw);
            if to != from {
                mutations.push(Mutation { marker, parent: parent.sex, from, to });
            }
            alleles.push(to);
        }
        alleles
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::genetics::draw::Streams;

    /// Two alleles a marker; a parent with 0 from the mother and 1 from the father everywhere shows its crossings in its gametes.
    fn marked() -> (AlleleTable, Diploid) {
        let rows: String = ["vWA", "D12S391", "CSF1PO", "D5S818", "TH01", "SE33", "D6S1043"]
            .iter()
            .map(|m| format!("{m},9,0.5\n{m},10,0.5\n"))
            .collect();
        let table = AlleleTable::from_csv("t", &rows).unwrap();
        let n = table.markers().len();
        (table, Diploid { sex: Sex::Female, maternal: vec![0; n], paternal: vec![1; n] })
    }

    #[test]
    fn linked_pairs_recombine_as_stated_and_all_others_freely() {
        let (table, parent) = marked();
        for linkage in [true, false] {
            let meiosis = Meiosis::new(&table, MutationModels::NONE, linkage).unwrap();
            assert_eq!(meiosis.linked().count(), if linkage { 3 } else { 0 });
            let (streams, n) = (Streams::new(1, "test"), 20_000_u32);
            let names: Vec<_> = table.markers().iter().map(|m| m.name().to_owned()).collect();
            let mut apart = vec![vec![0_u32; names.len()]; names.len()];
            for k in 0..u64::from(n) {
                let gamete = meiosis.gamete(&parent, &meiosis.female, &mut streams.at(k), &mut Vec::new());
                for a in 0..names.len() {
                    for b in 0..a {
                        apart[a][b] += u32::from(gamete[a] != gamete[b]);
                    }
                }
            }
            for a in 0..names.len() {
                for b in 0..a {
                    let pair = LINKED
                        .iter()
                        .find(|(x, y, _)| (*x == names[a] && *y == names[b]) || (*x == names[b] && *y == names[a]));
                    let expected = pair.filter(|_| linkage).map_or(0.5, |p| p.2);
                    let got = f64::from(apart[a][b]) / f64::from(n);
                    let error = 5.0 * (expected * (1.0 - expected) / f64::from(n)).sqrt();
                    assert!((got - expected).abs() < error, "{} {}: {got} for {expected}", names[a], names[b]);
                }
            }
        }
    }

    #[test]
    fn fathers_and_mothers_mutate_at_their_own_rates() {
        let (table, mut mother) = marked();
        let models = MutationModels {
            female: super::super::MutationModel::Equal { rate: 0.02 },
            male: super::super::MutationModel::Equal { rate: 0.1 },
        };
        mother.paternal.fill(0);
        let father = Diploid { sex: Sex::Male, ..mother.clone() };
        let meiosis = Meiosis::new(&table, models, true).unwrap();
        let (streams, n) = (Streams::new(2, "test"), 5000_u32);
        let mut counts = [0_u32; 2];
        for k in 0..u64::from(n) {
            let mut mutations = Vec::new();
            let child = meiosis.child(&mother, &father, Sex::Female, &mut streams.at(k), &mut mutations);
            let seen = |alleles: &[u8]| alleles.iter().filter(|a| **a == 1).count();
            assert_eq!(mutations.len(), seen(&child.maternal) + seen(&child.paternal));
            for m in mutations {
                assert_eq!((m.from, m.to), (0, 1));
                counts[usize::from(m.parent == Sex::Male)] += 1;
            }
        }
        let draws = f64::from(n) * 7.0;
        for (count, rate) in counts.iter().zip([0.02, 0.1_f64]) {
            assert!((f64::from(*count) / draws - rate).abs() < 5.0 * (rate / draws).sqrt(), "{counts:?}");
        }
    }
}

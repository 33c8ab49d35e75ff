//! Founders and populations: people drawn from a table, with or without coancestry.
//!
//! With a coancestry coefficient theta the people live in gene pools. The frequencies of each pool at each marker are drawn once
//! from a Dirichlet distribution with parameters `p (1 - theta) / theta` (Balding and Nichols 1994), and its people draw from them
//! independently. So two alleles of one pool, in one person or in two, are identical by descent with probability theta against
//! the table, homozygotes are `p² + p (1 - p) theta`, and a second person of the pool shows a genotype with the probability of
//! equations 4.10 of NRC 1996; yet any person can be made alone.

use crate::person::Sex;

use super::draw::{Draw, Streams};
use super::parameters::{MAX_POOLS, MAX_THETA};
use super::table::AliasTables;
use super::{AlleleTable, GeneticsError};

/// A person's alleles at the markers of a table, as indices into each marker's alleles.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diploid {
    /// Sex.
    pub sex: Sex,
    /// From the mother, one a marker.
    pub maternal: Vec<u8>,
    /// From the father, one a marker.
    pub paternal: Vec<u8>,
}

impl Diploid {
    /// Nobody yet: to be filled by [`ProfilePopulation::draw_into`].
    pub fn empty() -> Self {
        Self { sex: Sex::Female, maternal: Vec::new(), paternal: Vec::new() }
    }
}

/// People of one table, each by number.
#[derive(Clone)]
pub struct ProfilePopulation {
    table: AlleleTable,
    theta: f64,
    people: Streams,
    pools: Vec<AliasTables>,
}

impl ProfilePopulation {
    /// A population of a table. `theta` is the coancestry coefficient, 0 to 0.5; `pools` the number of gene pools, 1 to 10,000, of
    /// which person `k` belongs to number `k mod pools`. Where theta is 0 the pools are all alike.
    ///
    /// # Errors
    /// [`GeneticsError::OutOfRange`].
    pub fn new(table: AlleleTable, seed: u64, theta: f64, pools: u32) -> Result<Self, GeneticsError> {
        if !(0.0..=MAX_THETA).contains(&theta) {
            return Err(GeneticsError::OutOfRange { what: "theta", range: "from 0 to 0.5" });
        }
        if !(1..=MAX_POOLS).contains(&pools) {
            return Err(GeneticsError::OutOfRange { what: "the number of subpopulations", range: "from 1 to 10000" });
        }
        let pools = if theta > 0.0 {
            let streams = Streams::new(seed, "genetics/pool");
            (0..u64::from(pools)).map(|pool| drift(&table, theta, &mut streams.at(pool))).collect()
        } else {
            vec![AliasTables::new(table.markers().iter().map(|m| m.frequencies()))]
        };
        Ok(Self { table, theta, people: Streams::new(seed, "genetics/person"), pools })
    }

    /// The table.
    pub fn table(&self) -> &AlleleTable {
        &self.table
    }

    /// The coancestry coefficient.
    pub fn theta(&self) -> f64 {
        self.theta
    }

    /// Person `k`; any number is allowed.
    pub fn person(&self, k: u64) -> Diploid {
        let mut person = Diploid::empty();
        self.draw_into(k, &mut person);
        person
    }

    /// Person `k` in the place of another, whose memory is used again.
    pub fn draw_into(&self, k: u64, person: &mut Diploid) {
        let mut draw = self.people.at(k);
        let sex = draw_sex(&mut draw);
        self.founder_into(k, sex, &mut draw, person);
    }

    /// Somebody of gene pool `pool mod pools` from a stream of the caller's.
    pub(super) fn founder(&self, pool: u64, sex: Sex, draw: &mut Draw) -> Diploid {
        let mut person = Diploid::empty();
        self.founder_into(pool, sex, draw, &mut person);
        person
    }

    /// An allele of a marker in the table's own frequencies or, with theta, the pool's.
    pub(super) fn allele(&self, pool: u64, marker: usize, draw: &mut Draw) -> u8 {
        self.pool(pool).draw(marker, draw)
    }

    fn founder_into(&self, pool: u64, sex: Sex, draw: &mut Draw, person: &mut Diploid) {
        person.sex = sex;
        self.pool(pool).draw_all(draw, &mut person.maternal, &mut person.paternal);
    }

    fn pool(&self, pool: u64) -> &AliasTables {
        &self.pools[(pool % self.pools.len() as u64) as usize]
    }
}

pub(super) fn draw_sex(draw: &mut Draw) -> Sex {
    if draw.word() >> 31 == 0 { Sex::Female } else { Sex::Male }
}

/// The frequencies of one gene pool.
fn drift(table: &AlleleTable, theta: f64, draw: &mut Draw) -> AliasTables {
    let spread = (1.0 - theta) / theta;
    let drawn: Vec<Vec<f64>> = table
        .markers()
        .iter()
        .map(|marker| {
            let mut weights: Vec<f64> = marker.frequencies().iter().map(|p| draw.gamma(p * spread)).collect();
            // Tiny shapes can all underflow to 0; then one allele has all the mass, which is their limit.
            if weights.iter().sum::<f64>() <= f64::MIN_POSITIVE {
                let only = draw.weighted(marker.frequencies());
                weights = vec![0.0; weights.len()];
                weights[only] = 1.0;
            }
            weights
        })
        .collect();
    AliasTables::new(drawn.iter().map(Vec::as_slice))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tanba_dna::{Formula, Theta, genotype_probability};

    /// Many equal markers: each is an independent draw of the gene pools.
    fn many(markers: usize) -> AlleleTable {
        let rows: String =
            (0..markers).map(|m| format!("M{m},9,0.05\nM{m},10,0.15\nM{m},11,0.3\nM{m},12,0.5\n")).collect();
        AlleleTable::from_csv("test", &rows).unwrap()
    }

    #[test]
    fn founders_have_the_frequencies_of_the_table_and_hardy_weinberg_proportions() {
        let people = ProfilePopulation::new(many(20), 3, 0.0, 1).unwrap();
        let (mut counts, mut homozygotes, n) = ([0_u32; 4], 0_u32, 20_000_u32);
        for k in 0..u64::from(n) {
            let person = people.person(k);
            for (a, b) in person.maternal.iter().zip(&person.paternal) {
                counts[usize::from(*a)] += 1;
                counts[usize::from(*b)] += 1;
                homozygotes += u32::from(a == b);
            }
        }
        let draws = f64::from(n) * 20.0;
        for (count, p) in counts.iter().zip([0.05, 0.15, 0.3, 0.5_f64]) {
            let error = 5.0 * (p * (1.0 - p) / (2.0 * draws)).sqrt();
            assert!((f64::from(*count) / (2.0 * draws) - p).abs() < error, "{count} {p}");
        }
        let p: f64 = [0.05_f64, 0.15, 0.3, 0.5].iter().map(|p| p * p).sum();
        assert!((f64::from(homozygotes) / draws - p).abs() < 5.0 * (p * (1.0 - p) / draws).sqrt());
    }

    #[test]
    fn with_theta_homozygotes_and_matches_follow_balding_and_nichols() {
        // 200 markers times 200 pools are 40,000 independent drawings of frequencies; two people of each.
        let (theta, pools, markers) = (0.05, 200_u64, 200);
        let people = ProfilePopulation::new(many(markers), 8, theta, pools as u32).unwrap();
        let clusters = pools as f64 * markers as f64;
        let p = [0.05_f64, 0.15, 0.3, 0.5];
        let (mut homozygous, mut both) = ([0_u32; 4], [[0_u32; 4]; 4]);
        for pool in 0..pools {
            let (first, second) = (people.person(pool), people.person(pool + pools));
            for m in 0..markers {
                let of = |d: &Diploid| {
                    let (a, b) = (usize::from(d.maternal[m]), usize::from(d.paternal[m]));
                    (a.min(b), a.max(b))
                };
                let (one, two) = (of(&first), of(&second));
                homozygous[one.0] += u32::from(one.0 == one.1);
                both[one.0][one.1] += u32::from(one == two);
            }
        }
        let close = |count: u32, expected: f64, what: &str| {
            let error = 5.0 * (expected * (1.0 - expected) / clusters).sqrt();
            let got = f64::from(count) / clusters;
            assert!((got - expected).abs() < error, "{what}: {got} for {expected} +- {error}");
        };
        let t = Theta::new(theta).unwrap();
        for a in 0..4 {
            let single = genotype_probability(p[a], None, Formula::Nrc41, t);
            close(homozygous[a], single, "homozygote");
            close(both[a][a], single * genotype_probability(p[a], None, Formula::Nrc410, t), "two homozygotes");
            for b in a + 1..4 {
                let single = 2.0 * p[a] * p[b] * (1.0 - theta);
                let again = genotype_probability(p[a], Some(p[b]), Formula::Nrc410, t);
                close(both[a][b], single * again, "two heterozygotes");
            }
        }
    }

    #[test]
    fn a_person_made_alone_is_the_one_made_in_a_row() {
        let people = ProfilePopulation::new(AlleleTable::illustration(), 5, 0.02, 7).unwrap();
        let mut reused = Diploid::empty();
        for k in 0..50 {
            people.draw_into(k, &mut reused);
        }
        assert_eq!(reused, people.person(49));
        assert_ne!(people.person(48), people.person(49));
        let other = ProfilePopulation::new(AlleleTable::illustration(), 6, 0.02, 7).unwrap();
        assert_ne!(other.person(49), reused);
    }

    #[test]
    fn markers_beyond_the_core_loci_change_nobody_at_the_core_loci() {
        let rows = "SE33,9,0.5\nSE33,10.2,0.5\nTH01,6,0.4\nTH01,9.3,0.6\nFGA,20,0.3\nFGA,21,0.7\n";
        let all = AlleleTable::from_csv("t", rows).unwrap();
        let core = all.clone().core().unwrap();
        for theta in [0.0, 0.03] {
            let more = ProfilePopulation::new(all.clone(), 5, theta, 1).unwrap();
            let fewer = ProfilePopulation::new(core.clone(), 5, theta, 1).unwrap();
            for k in 0..50 {
                let (a, b) = (more.person(k), fewer.person(k));
                assert_eq!((a.sex, &a.maternal[..2], &a.paternal[..2]), (b.sex, &b.maternal[..], &b.paternal[..]));
            }
        }
    }

    #[test]
    fn ranges_are_refused_in_words() {
        let said = |theta, pools| {
            ProfilePopulation::new(AlleleTable::illustration(), 1, theta, pools).err().unwrap().to_string()
        };
        assert!(said(0.6, 1).contains("from 0 to 0.5") && said(f64::NAN, 1).contains("theta"));
        assert!(said(0.0, 0).contains("1 to 10000"));
    }
}

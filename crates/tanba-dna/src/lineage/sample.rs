//! People whose haplotypes are known: to count a haplotype among them, and to search them.

use std::collections::HashMap;
use std::hash::Hash;

use rayon::prelude::*;

/// A haplotype with the name of its row and how many people show it.
#[derive(Debug, Clone)]
struct Row<H> {
    name: String,
    people: u64,
    haplotype: H,
}

/// Haplotypes of people; each row may stand for several.
#[derive(Debug, Clone)]
pub struct Sample<H> {
    rows: Vec<Row<H>>,
}

/// How far apart two haplotypes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Apart {
    /// Loci, positions or SNPs that differ.
    pub differences: usize,
    /// Of those, the ones that are more than one mutation.
    pub beyond_one_step: usize,
}

/// A haplotype near the one asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found<'a> {
    /// The name of its row.
    pub name: &'a str,
    /// How many people show it.
    pub people: u64,
    /// How far it is from the one asked for.
    pub apart: Apart,
}

/// What a haplotype meets in a sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tally<'a> {
    /// People of whom everything is known that is asked.
    pub people: u64,
    /// People of whom something is not, so that they neither agree nor disagree.
    pub not_comparable: u64,
    /// People without a difference.
    pub equal: u64,
    /// People with at most as many differences as are looked for.
    pub within: u64,
    /// Their rows: the fewest differences first, then as they stand in the sample.
    pub found: Vec<Found<'a>>,
}

impl Apart {
    /// Whether one mutation leads from the one to the other.
    pub fn is_one_step(self) -> bool {
        self.differences == 1 && self.beyond_one_step == 0
    }
}

impl<H> Sample<H> {
    /// A sample of rows: name, people (at least one), haplotype. A row of nobody is left out.
    pub fn new(rows: impl IntoIterator<Item = (String, u64, H)>) -> Self {
        let rows = rows.into_iter().map(|(name, people, haplotype)| Row { name, people, haplotype });
        Self { rows: rows.filter(|row| row.people > 0).collect() }
    }

    /// How many people.
    pub fn people(&self) -> u64 {
        self.rows.iter().fold(0, |sum, row| sum.saturating_add(row.people))
    }

    /// How many people have a haplotype that nobody else has, by what `of` makes of each: `None` for those that are not asked about.
    pub fn singletons<K: Eq + Hash>(&self, of: impl Fn(&H) -> Option<K>) -> u64 {
        let mut people: HashMap<K, u64> = HashMap::new();
        for row in &self.rows {
            let Some(haplotype) = of(&row.haplotype) else { continue };
            let sum = people.entry(haplotype).or_default();
            *sum = sum.saturating_add(row.people);
        }
        people.values().filter(|count| **count == 1).count() as u64
    }

    /// The haplotypes with their people.
    pub fn haplotypes(&self) -> impl Iterator<Item = (&H, u64)> {
        self.rows.iter().map(|row| (&row.haplotype, row.people))
    }
}

impl<H: Sync> Sample<H> {
    /// Holds a haplotype against everybody. `apart` says how far a row is from it: `None` where the row lacks something that is asked,
    /// and any number above `most` where it is further away than is looked for.
    pub fn tally(&self, most: usize, apart: impl Fn(&H) -> Option<Apart> + Sync) -> Tally<'_> {
        let all: Vec<Option<Apart>> = self.rows.par_iter().map(|row| apart(&row.haplotype)).collect();
        let mut tally = Tally { people: 0, not_comparable: 0, equal: 0, within: 0, found: Vec::new() };
        for (row, apart) in self.rows.iter().zip(all) {
            let Some(apart) = apart else {
                tally.not_comparable = tally.not_comparable.saturating_add(row.people);
                continue;
            };
            tally.people = tally.people.saturating_add(row.people);
            if apart.differences == 0 {
                tally.equal = tally.equal.saturating_add(row.people);
            }
            if apart.differences <= most {
                tally.within = tally.within.saturating_add(row.people);
                tally.found.push(Found { name: &row.name, people: row.people, apart });
            }
        }
        tally.found.sort_by_key(|found| found.apart);
        tally
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_counted_not_rows() {
        let rows = [("a", 3, Some(5_usize)), ("b", 1, Some(6)), ("c", 2, None), ("d", 0, Some(5)), ("e", 1, Some(5))];
        let sample = Sample::new(rows.map(|(name, people, value)| (name.to_owned(), people, value)));
        let apart = |value: &Option<usize>| {
            value.map(|v| Apart { differences: v.abs_diff(5), beyond_one_step: v.abs_diff(5).saturating_sub(1) })
        };
        let tally = sample.tally(1, apart);
        assert_eq!((tally.people, tally.not_comparable, tally.equal, tally.within), (5, 2, 4, 5));
        assert_eq!(tally.found.iter().map(|found| found.name).collect::<Vec<_>>(), ["a", "e", "b"]);
        assert_eq!((sample.people(), sample.tally(0, apart).found.len()), (7, 2));
        assert_eq!(sample.singletons(|value| *value), 1, "6 alone: 5 is of four people, and c is not asked about");
    }
}

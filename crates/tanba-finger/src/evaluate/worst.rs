//! The comparisons that went worst: what to look at first.

use super::{Impostors, ImpressionSet, ScoreMatrix};

/// A comparison of a set.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pair {
    /// Index of the first impression.
    pub a: usize,
    /// Index of the second impression, greater than that of the first.
    pub b: usize,
    /// Their score; 0 where one of them failed.
    pub score: f32,
}

/// The worst comparisons of a set, worst first; of equal ones the first in the order of the set.
#[derive(Debug, Clone, PartialEq)]
pub struct WorstPairs {
    /// Genuine comparisons with the lowest scores.
    pub genuine: Vec<Pair>,
    /// Impostor comparisons with the highest scores.
    pub impostor: Vec<Pair>,
}

impl WorstPairs {
    /// The `most` worst comparisons of either kind.
    ///
    /// # Panics
    /// When `scores` or `failed` are not of the size of the set: a fault of the caller.
    pub fn of(set: &ImpressionSet, scores: &ScoreMatrix, failed: &[bool], impostors: Impostors, most: usize) -> Self {
        assert_eq!((scores.size(), failed.len()), (set.len(), set.len()), "one score row and one flag per impression");
        let mut worst = Self { genuine: Vec::new(), impostor: Vec::new() };
        for a in 0..set.len() {
            for b in (a + 1..set.len()).filter(|&b| set.compared(a, b, impostors)) {
                let score = if failed[a] || failed[b] { 0.0 } else { scores.get(a, b) };
                let same = set.impressions()[a].finger == set.impressions()[b].finger;
                let list = if same { &mut worst.genuine } else { &mut worst.impostor };
                let worse = |p: &Pair| if same { p.score <= score } else { p.score >= score };
                let place = list.partition_point(worse);
                if place < most {
                    list.insert(place, Pair { a, b, score });
                    list.truncate(most);
                }
            }
        }
        worst
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_come_first_and_no_more_than_asked() {
        let names = ["a_1", "a_2", "a_3", "b_1", "b_2"];
        let set = ImpressionSet::from_names(&names).unwrap();
        let mut m = ScoreMatrix::zero(5);
        for i in 0..5 {
            for j in i + 1..5 {
                m.set(i, j, (i * 10 + j) as f32 / 100.0);
            }
        }
        let worst = |most, impostors| WorstPairs::of(&set, &m, &[false, false, true, false, false], impostors, most);
        let places = |pairs: &[Pair]| pairs.iter().map(|p| (p.a, p.b)).collect::<Vec<_>>();
        let all = worst(9, Impostors::All);
        // The third impression failed: its genuine comparisons are the worst there are, its impostor ones the best.
        assert_eq!(places(&all.genuine), [(0, 2), (1, 2), (0, 1), (3, 4)]);
        assert_eq!(places(&all.impostor), [(1, 4), (1, 3), (0, 4), (0, 3), (2, 3), (2, 4)]);
        assert_eq!(places(&worst(2, Impostors::All).genuine), [(0, 2), (1, 2)]);
        assert_eq!(places(&worst(9, Impostors::Fvc).impostor), [(0, 3)]);
        assert!(worst(0, Impostors::All).genuine.is_empty());
    }
}

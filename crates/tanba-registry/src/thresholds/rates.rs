//! Rates with their intervals, and how far groups of people lie apart.

use serde::{Deserialize, Serialize};
use tanba_finger::evaluate::clopper_pearson;

/// A rate with its 95 % interval, fractions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MeasuredRate {
    /// The rate.
    pub value: f64,
    /// Lower limit.
    pub low: f64,
    /// Upper limit.
    pub high: f64,
}

impl MeasuredRate {
    /// So many of so many, as if each were independent of the others (Clopper and Pearson 1934); of nothing, anything.
    pub fn of(failed: u64, of: u64) -> Self {
        let (low, high) = clopper_pearson(failed as f64, of as f64);
        Self { value: failed as f64 / of.max(1) as f64, low, high }
    }

    pub(super) fn is_sound(&self) -> bool {
        0.0 <= self.low && self.low <= self.value && self.value <= self.high && self.high <= 1.0
    }
}

/// The groups of one way of grouping that lie furthest apart (ISO/IEC 19795-10: what is told of groups is a difference with its uncertainty,
/// not a verdict).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Differential {
    /// By what people are grouped.
    pub way: String,
    /// The group with the highest rate.
    pub worst: String,
    /// Its rate.
    pub worst_rate: MeasuredRate,
    /// The group with the lowest.
    pub best: String,
    /// Its rate.
    pub best_rate: MeasuredRate,
    /// Whether the two intervals have nothing in common: then the difference is more than chance.
    pub apart: bool,
}

/// The largest differences, one for each way of grouping in which there is one.
pub fn differentials<'a>(groups: impl IntoIterator<Item = (&'a str, &'a str, MeasuredRate)>) -> Vec<Differential> {
    let mut ways: Vec<(&str, Vec<(&str, MeasuredRate)>)> = Vec::new();
    for (way, group, rate) in groups {
        match ways.iter_mut().find(|(name, _)| *name == way) {
            Some((_, of)) => of.push((group, rate)),
            None => ways.push((way, vec![(group, rate)])),
        }
    }
    let of_way = |(way, mut groups): (&str, Vec<(&str, MeasuredRate)>)| {
        groups.sort_by(|a, b| a.1.value.total_cmp(&b.1.value));
        let [best, .., worst] = groups.as_slice() else { return None };
        (worst.1.value > best.1.value).then(|| Differential {
            way: way.to_owned(),
            worst: worst.0.to_owned(),
            worst_rate: worst.1,
            best: best.0.to_owned(),
            best_rate: best.1,
            apart: worst.1.low > best.1.high,
        })
    };
    ways.into_iter().filter_map(of_way).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_i7_groups_lie_apart_where_their_intervals_do() {
        let rate = MeasuredRate::of;
        let found = differentials([
            ("sex", "female", rate(30, 100)),
            ("age", "20-29", rate(1, 100)),
            ("sex", "male", rate(2, 100)),
            ("age", "30-39", rate(3, 100)),
            ("all", "all", rate(3, 100)),
            ("trade", "a", rate(0, 100)),
            ("trade", "b", rate(0, 100)),
        ]);
        let told: Vec<_> = found.iter().map(|d| (d.way.as_str(), d.worst.as_str(), d.best.as_str(), d.apart)).collect();
        assert_eq!(told, [("sex", "female", "male", true), ("age", "30-39", "20-29", false)]);
        assert_eq!(rate(0, 0), MeasuredRate { value: 0.0, low: 0.0, high: 1.0 });
    }
}

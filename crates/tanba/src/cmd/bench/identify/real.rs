//! A real set among the people who do not exist: how many of its fingers are found again, at the thresholds that the synthetic strangers
//! gave.
//!
//! The set's fingers become people: each one with one finger, or, where searches have several, as many different fingers after one another
//! as a person has, so that there are only that many times fewer people and nobody's hand. Their first impressions are enrolled,
//! of half of them at a time, and the others searched with: those of that half have a mate, those of the other half have none.
//! Then the halves change places. Strangers are thus the synthetic people and the other half of the set.

use std::path::{Path, PathBuf};

use anyhow::{Context, ensure};
use rayon::prelude::*;
use serde_json::{Value, json};
use tanba_finger::evaluate::{ImpressionSet, Numbers, clopper_pearson};
use tanba_finger::{Prepared, Template, default_extractor};
use tanba_formats::Finger;
use tanba_gallery::{Enrolment, EntryId, Gallery, SearchOptions};

use super::look::{Ranks, Sample, missed};
use super::people::{EVERYONE, ORDER};
use super::projection::Estimate;
use super::searches::{Until, ask, candidates};
use crate::cmd::evaluate::prints::list;
use crate::cmd::synth::output::Interrupt;
use crate::console::Console;
use crate::input::{read_print, to_template};

/// Where the ids of real people begin: beyond any synthetic person's.
const FIRST_ID: u128 = 1 << 64;
/// Draws for the intervals.
const DRAWS: usize = 1000;

/// A real set, extracted.
pub(in super::super) struct RealSet {
    pub(in super::super) name: String,
    people: Vec<RealPerson>,
    /// Fingers of a person.
    fingers: usize,
    /// Fingers of the set, and impressions, and those that the extractor refused.
    of_fingers: usize,
    impressions: usize,
    refused: usize,
}

/// Some fingers of a set, taken for one person's: impression by impression. Where one was refused, it is not there.
struct RealPerson {
    touches: Vec<Vec<(Finger, Template)>>,
}

/// A search for somebody of the set who is enrolled.
struct Search {
    person: usize,
    mate: Option<f64>,
    first: bool,
    ranks: Ranks,
}

/// What the searches came to.
pub(super) struct RealFound {
    mated: Vec<Search>,
    /// Person searched for, who is not enrolled, and the strongest evidence for anybody.
    strangers: Vec<(usize, f64)>,
}

impl RealSet {
    /// Reads and extracts a folder of prints named `<finger>_<impression>.<ext>`.
    pub(in super::super) fn read(
        folder: &Path,
        fingers: usize,
        interrupt: &Interrupt,
        console: &Console,
    ) -> anyhow::Result<Self> {
        let set =
            ImpressionSet::from_names(&list(folder)?).with_context(|| format!("{} is no set", folder.display()))?;
        ensure!(
            set.fingers() >= 2 * fingers,
            "{} has {} different fingers; two people with {fingers} each take {}: give fewer --fingers",
            folder.display(),
            set.fingers(),
            2 * fingers
        );
        let bar = console.progress(set.len() as u64, "extracting");
        let paths: Vec<PathBuf> = set.impressions().iter().map(|i| folder.join(&i.name)).collect();
        let templates: Vec<Option<Template>> = paths
            .par_iter()
            .map(|path| {
                ensure!(!interrupt.pressed(), "interrupted before the real set was read: nothing was measured");
                let print = read_print(path, None)?;
                bar.inc(1);
                // What the extractor refuses is a failure to acquire, which counts as missed.
                Ok(to_template(print.value, path, default_extractor()).ok().map(|(template, _)| template))
            })
            .collect::<anyhow::Result<_>>()?;
        bar.finish_and_clear();
        let refused = templates.iter().filter(|template| template.is_none()).count();
        let mut by_finger: Vec<Vec<Option<Template>>> = vec![Vec::new(); set.fingers()];
        for (impression, template) in set.impressions().iter().zip(templates) {
            by_finger[impression.finger].push(template);
        }
        let people = by_finger.chunks_exact(fingers).map(|of| {
            let touches = of.iter().map(Vec::len).min().unwrap_or(0);
            let touch = |t: usize| {
                let prints = ORDER.iter().zip(of).filter_map(|(finger, touches)| Some((*finger, touches[t].clone()?)));
                prints.collect()
            };
            RealPerson { touches: (0..touches).map(touch).collect() }
        });
        Ok(Self {
            name: folder.file_name().unwrap_or(folder.as_os_str()).to_string_lossy().into_owned(),
            people: people.collect(),
            fingers,
            of_fingers: set.fingers(),
            impressions: set.len(),
            refused,
        })
    }

    /// All impressions, person by person, ready to be compared; `None` for those that have nothing to compare.
    pub(in super::super) fn impressions(&self) -> impl Iterator<Item = (usize, Option<Prepared>)> {
        self.people.iter().enumerate().flat_map(|(person, of)| {
            of.touches.iter().map(move |touch| (person, touch.first().map(|(_, print)| Prepared::new(print))))
        })
    }

    /// Searches for everyone, in two rounds.
    pub(super) fn search(
        &self,
        gallery: &Gallery,
        sample: &Sample,
        options: &SearchOptions,
        until: &Until<'_>,
        console: &Console,
    ) -> anyhow::Result<RealFound> {
        let touches: u64 = self.people.iter().map(|person| person.touches.len().saturating_sub(1) as u64).sum();
        let bar = console.progress(2 * touches, "searching for the real");
        let mut found = RealFound { mated: Vec::new(), strangers: Vec::new() };
        for half in 0..2 {
            let mut with = gallery.clone();
            let is_in = |person: usize| person % 2 == half;
            let enrolled: Vec<Enrolment> = (0..self.people.len())
                .filter(|person| is_in(*person))
                .filter_map(|person| {
                    let prints = self.people[person].touches.first()?.clone();
                    (!prints.is_empty()).then(|| Enrolment::new(id(person), EVERYONE, prints))
                })
                .collect();
            with.insert_all(&enrolled)?;
            let probes: Vec<(usize, usize)> = (0..self.people.len())
                .flat_map(|person| (1..self.people[person].touches.len()).map(move |touch| (person, touch)))
                .collect();
            let searched: Vec<Option<Searched>> = probes
                .par_iter()
                .map(|&(person, touch)| {
                    if until.over() {
                        return Ok(None);
                    }
                    let touches = &self.people[person].touches;
                    let code = |touch: usize| -> Vec<(Finger, Prepared)> {
                        touches[touch].iter().map(|(finger, print)| (*finger, Prepared::new(print))).collect()
                    };
                    let probe = code(touch);
                    let ranks = is_in(person).then(|| sample.ranks(&probe, &code(0), None));
                    let answer = ask(&with, probe, options)?;
                    let named = answer.as_ref().map_or(&[][..], candidates);
                    bar.inc(1);
                    Ok(Some(match ranks {
                        Some(ranks) => {
                            let at = named.iter().position(|c| c.entry == id(person));
                            let mate = at.map(|at| named[at].log10_lr);
                            Searched::Mated(Search { person, mate, first: at == Some(0), ranks })
                        }
                        None => Searched::Stranger(
                            person,
                            named.first().map_or(f64::NEG_INFINITY, |candidate| candidate.log10_lr),
                        ),
                    }))
                })
                .collect::<anyhow::Result<_>>()?;
            for one in searched.into_iter().flatten() {
                match one {
                    Searched::Mated(search) => found.mated.push(search),
                    Searched::Stranger(person, lr) => found.strangers.push((person, lr)),
                }
            }
        }
        bar.finish_and_clear();
        Ok(found)
    }

    /// The figures at the thresholds of FPIR 0.1 % and 1 %. Intervals are from drawing people with replacement, all searches of each
    /// together; where nobody was missed, the upper limit is that of so many independent people (Clopper and Pearson).
    pub(super) fn to_json(&self, found: &RealFound, thresholds: [f64; 2], share: f64) -> Value {
        let mated = |is_one: &dyn Fn(&Search) -> bool| {
            self.rate(found.mated.iter().map(|search| (search.person, is_one(search)))).times(100.0)
        };
        let fnir = thresholds.map(|threshold| mated(&|search| search.mate.is_none_or(|lr| lr < threshold)));
        let false_answers = thresholds
            .map(|threshold| self.rate(found.strangers.iter().map(|&(p, lr)| (p, lr >= threshold))).times(100.0));
        let rank1 = mated(&|search| search.first);
        let ranks = |of: fn(&Ranks) -> f64| found.mated.iter().map(move |search| of(&search.ranks));
        let each = || found.mated.iter().flat_map(|search| search.ranks.each.iter().copied());
        json!({
            "set": self.name,
            "synthetic": false,
            "people": self.people.len(),
            "fingers_of_the_set": self.of_fingers,
            "impressions": self.impressions,
            "refused": self.refused,
            "people_are": if self.fingers == 1 { "one finger each" } else { "different fingers of the set, taken for one person's" },
            "searches": found.mated.len(),
            "searches_not_enrolled": found.strangers.len(),
            "threshold_1e3": thresholds[0],
            "threshold_1e2": thresholds[1],
            "fnir_at_fpir_1e3": fnir[0].value,
            "fnir_at_fpir_1e3_ci95": fnir[0].interval(),
            "fnir_at_fpir_1e2": fnir[1].value,
            "fnir_at_fpir_1e2_ci95": fnir[1].interval(),
            "fpir_at_threshold_1e3": false_answers[0].value,
            "fpir_at_threshold_1e3_ci95": false_answers[0].interval(),
            "fpir_at_threshold_1e2": false_answers[1].value,
            "fpir_at_threshold_1e2_ci95": false_answers[1].interval(),
            "rank1": rank1.value,
            "rank1_ci95": rank1.interval(),
            "stage1_miss": 100.0 * missed(ranks(|ranks| ranks.first), 0.01),
            "stage1_miss_ci95": mated(&|search| search.ranks.first >= 0.01).interval(),
            "stage1_miss_by_cylinders": 100.0 * missed(ranks(|ranks| ranks.first_by_cylinders), 0.01),
            "stage1_miss_one_finger": 100.0 * missed(each(), 0.01),
            "stage1_miss_at_share": 100.0 * missed(ranks(|ranks| ranks.first), share),
            "cascade_miss": mated(&|search| search.mate.is_none()).value,
            "interval": "people of the set drawn with replacement, all searches of one together; the upper limit for none, and the lower for all, after Clopper and Pearson",
        })
    }

    /// A share of searches with its interval.
    fn rate(&self, searches: impl Iterator<Item = (usize, bool)>) -> Estimate {
        let mut of = vec![(0u32, 0u32); self.people.len()];
        for (person, is_one) in searches {
            of[person].0 += 1;
            of[person].1 += u32::from(is_one);
        }
        share_of_clusters(&of)
    }
}

enum Searched {
    Mated(Search),
    Stranger(usize, f64),
}

fn id(person: usize) -> EntryId {
    EntryId(FIRST_ID + person as u128)
}

/// A share over clusters of trials and successes, with a 95 % interval from drawing clusters.
fn share_of_clusters(clusters: &[(u32, u32)]) -> Estimate {
    let clusters: Vec<(u32, u32)> = clusters.iter().copied().filter(|(trials, _)| *trials > 0).collect();
    let share = |sum: (u32, u32)| f64::from(sum.1) / f64::from(sum.0.max(1));
    let add = |a: (u32, u32), b: &(u32, u32)| (a.0 + b.0, a.1 + b.1);
    let value = share(clusters.iter().fold((0, 0), add));
    let mut numbers = Numbers::from_state(7);
    let n = clusters.len();
    let draw = |numbers: &mut Numbers| {
        share((0..n).fold((0, 0), |sum, _| add(sum, &clusters[(numbers.next() % n.max(1) as u64) as usize])))
    };
    let mut estimate = Estimate::of(value, (0..DRAWS).map(|_| draw(&mut numbers)).collect());
    // Drawing what never happened says nothing of how rare it is.
    if value == 0.0 {
        estimate.high = clopper_pearson(0.0, n as f64).1;
    } else if value == 1.0 {
        estimate.low = clopper_pearson(n as f64, n as f64).0;
    }
    estimate
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_lies_within_its_interval_which_is_open_where_nothing_happened() {
        let half = share_of_clusters(&[(7, 0), (7, 7), (7, 3), (7, 4), (0, 0)]);
        assert_eq!(half.value, 0.5);
        assert!(half.low < 0.4 && half.high > 0.6, "{half:?}");
        let none = share_of_clusters(&[(7, 0); 10]);
        // Of ten people, not of seventy searches: rule of three, about.
        assert!((none.high - 0.308).abs() < 0.01 && none.low == 0.0, "{none:?}");
        let all = share_of_clusters(&[(7, 7); 10]);
        assert!((all.low - 0.692).abs() < 0.01 && all.high == 1.0, "{all:?}");
    }
}

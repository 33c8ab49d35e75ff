//! Where the first look of a search puts the person searched for, whatever share of the people is then compared in full.
//!
//! A search only tells whether somebody was left out. Here the mate's place among a sample of the people enrolled is counted, by the
//! same evidence, so that it is known what any share would miss.

use tanba_finger::scan::{ScanPrint, ScanProbe};
use tanba_finger::{Prepared, Recipe, Template};
use tanba_formats::Finger;
use tanba_gallery::{CASCADE, look_evidence, look_order};

use super::people::ORDER;

/// People of the sample at most.
const MOST: u64 = 20_000;
/// Codes of some of the people enrolled, finger by finger.
pub(super) struct Sample {
    step: u64,
    places: Vec<u64>,
    /// One code a person in each, of nothing where the finger is not there.
    lanes: [Vec<ScanPrint>; ORDER.len()],
    nothing: ScanPrint,
}

/// What share of other people comes before the mate.
#[derive(Clone, Default)]
pub(in super::super) struct Ranks {
    /// By one finger alone, for each that both have.
    pub(super) each: Vec<f64>,
    /// By the positions with which everyone is looked at; 1 where there is nothing to look at.
    pub(super) first: f64,
    /// By all fingers.
    pub(super) all: f64,
    /// As `first`, had the probe no codes of its ridges.
    pub(super) first_by_cylinders: f64,
}

impl Sample {
    /// Of so many people, every so many-th.
    pub(super) fn of_every(people: u64) -> Self {
        let minutiae = Vec::new();
        let empty = Template { recipe: Recipe::Unknown, width: 1, height: 1, quality: 0, minutiae, ridges: None };
        let nothing = ScanPrint::of(&Prepared::new(&empty));
        Self {
            step: people.div_ceil(MOST).max(1),
            places: Vec::new(),
            lanes: core::array::from_fn(|_| Vec::new()),
            nothing,
        }
    }

    pub(super) fn takes(&self, place: u64) -> bool {
        place.is_multiple_of(self.step)
    }

    pub(super) fn add(&mut self, place: u64, prints: &[(Finger, Prepared)]) {
        self.places.push(place);
        for (finger, lane) in ORDER.iter().zip(&mut self.lanes) {
            let print = prints.iter().find(|(of, _)| of == finger);
            lane.push(print.map_or_else(|| self.nothing.clone(), |(_, print)| ScanPrint::of(print)));
        }
    }

    pub(super) fn people(&self) -> usize {
        self.places.len()
    }

    /// Codes to measure the speed on.
    pub(super) fn prints(&self) -> &[ScanPrint] {
        &self.lanes[0]
    }

    /// Where the mate comes; `place` is where it stands among the people, so that it is no stranger to itself.
    pub(super) fn ranks(&self, probe: &[(Finger, Prepared)], mate: &[(Finger, Prepared)], place: Option<u64>) -> Ranks {
        // Stable, as the search has it.
        let in_order = |mut looked: Vec<Looked>| {
            looked.sort_by_key(|of| look_order(of.finger, of.quality));
            looked
        };
        let mate: Vec<(Finger, ScanPrint)> =
            mate.iter().map(|(finger, print)| (*finger, ScanPrint::of(print))).collect();
        let looked = in_order(self.looked(probe, &mate, ScanPrint::of));
        let by_cylinders = in_order(self.looked(probe, &mate, ScanPrint::of_minutiae));
        let own = place.and_then(|place| self.places.binary_search(&place).ok());
        let before = |fingers: &[Looked]| {
            let mates: Vec<f32> = fingers.iter().filter_map(|finger| finger.mate).collect();
            if mates.is_empty() {
                return 1.0;
            }
            let mate: f32 = mates.iter().sum();
            let sum = |i: usize| fingers.iter().map(|finger| finger.others[i]).sum::<f32>();
            let before = (0..self.people()).filter(|i| Some(*i) != own && sum(*i) >= mate).count();
            before as f64 / (self.people() - usize::from(own.is_some())).max(1) as f64
        };
        let first = |looked: &[Looked]| before(&looked[..looked.len().min(CASCADE.first(looked.len()))]);
        let with_mate = looked.iter().filter(|finger| finger.mate.is_some());
        Ranks {
            each: with_mate.map(|finger| before(core::slice::from_ref(finger))).collect(),
            first: first(&looked),
            all: before(&looked),
            first_by_cylinders: first(&by_cylinders),
        }
    }

    /// The fingers of a probe, coded so, against everyone.
    fn looked(
        &self,
        probe: &[(Finger, Prepared)],
        mate: &[(Finger, ScanPrint)],
        coded: fn(&Prepared) -> ScanPrint,
    ) -> Vec<Looked> {
        let mut looked = Vec::new();
        for (finger, print) in probe {
            let Some(at) = ORDER.iter().position(|f| f == finger) else { continue };
            let quality = print.quality();
            let code = coded(print);
            if !code.comparable() {
                continue;
            }
            let mut scores = vec![0; self.people()];
            let code = ScanProbe::of(&code);
            code.scan(&self.lanes[at], &mut scores);
            let others = scores.iter().zip(&self.lanes[at]).map(|(score, print)| evidence(*score, print)).collect();
            let theirs = mate.iter().find(|(of, print)| of == finger && print.comparable()).map(|(_, print)| {
                let mut score = [0];
                code.scan(core::slice::from_ref(print), &mut score);
                evidence(score[0], print)
            });
            looked.push(Looked { finger: *finger, quality, others, mate: theirs });
        }
        looked
    }
}

/// One finger of the probe.
struct Looked {
    finger: Finger,
    quality: u8,
    others: Vec<f32>,
    mate: Option<f32>,
}

fn evidence(score: u32, print: &ScanPrint) -> f32 {
    if print.comparable() { look_evidence(score) } else { 0.0 }
}

/// Share of the searches whose mate does not come within this share of the people.
pub(super) fn missed(ranks: impl Iterator<Item = f64>, share: f64) -> f64 {
    let (all, missed) = ranks.fold((0u64, 0u64), |(all, missed), rank| (all + 1, missed + u64::from(rank >= share)));
    missed as f64 / all.max(1) as f64
}

//! The stutter ladder of a marker: which positions there are, and which of them can give to which.

use std::collections::BTreeMap;

use super::Settings;
use crate::Allele;

/// What a position is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// An allele that was seen in a replicate.
    Seen(Allele),
    /// Where stutter could fall and nothing was seen in any replicate.
    Stutter,
    /// All alleles that were not seen; they do not stutter.
    Rest,
}

/// Which neighbours give to a position, in the order of its chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reach {
    /// Whether the one before does.
    pub(super) before: bool,
    /// How many of those after: 0 to 2.
    pub(super) after: usize,
    /// Whether positions run from long to short, as they do where stutter goes forward only.
    pub(super) descending: bool,
}

impl Reach {
    pub(super) fn of(settings: &Settings) -> Self {
        let (back, forward) = (settings.back_stutter, settings.forward_stutter);
        Self {
            before: back && forward,
            after: usize::from(back || forward) + usize::from(settings.double_back_stutter),
            descending: forward && !back,
        }
    }
}

/// Positions and chains of neighbours.
pub(super) struct Ladder {
    pub(super) places: Vec<Place>,
    pub(super) chains: Vec<Vec<usize>>,
}

impl Ladder {
    pub(super) fn new(seen: &[Allele], settings: &Settings) -> Self {
        // Keyed by the part of a repeat, then by repeats, so that neighbours of one chain follow each other.
        let key = |tenths: i32| (tenths.rem_euclid(10), tenths.div_euclid(10));
        let mut ladder: BTreeMap<(i32, i32), Place> = BTreeMap::new();
        for allele in seen {
            ladder.insert(key(i32::from(allele.tenths())), Place::Seen(*allele));
        }
        let shares = [settings.back_stutter, settings.forward_stutter, settings.double_back_stutter];
        for allele in seen {
            for (_, by) in shares.into_iter().zip([-10, 10, -20]).filter(|(modelled, _)| *modelled) {
                ladder.entry(key(i32::from(allele.tenths()) + by)).or_insert(Place::Stutter);
            }
        }
        let reach = Reach::of(settings);
        let mut rows: Vec<((i32, i32), Place)> = ladder.into_iter().collect();
        if reach.descending {
            rows.reverse();
        }
        let (mut places, mut chains): (Vec<Place>, Vec<Vec<usize>>) = (Vec::new(), Vec::new());
        let mut previous: Option<(i32, i32)> = None;
        for (at, ((part, repeats), place)) in rows.into_iter().enumerate() {
            let follows = previous.is_some_and(|(p, r)| p == part && (r - repeats).abs() == 1);
            match chains.last_mut() {
                Some(chain) if follows && reach.after > 0 => chain.push(at),
                _ => chains.push(vec![at]),
            }
            places.push(place);
            previous = Some((part, repeats));
        }
        chains.push(vec![places.len()]);
        places.push(Place::Rest);
        Self { places, chains }
    }
}

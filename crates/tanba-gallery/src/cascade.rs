//! How one machine answers a search: everyone is looked at by codes, the best are compared in full, and where that leaves a doubt,
//! more of them are.

use crate::answer::ShardFailure;
use crate::chunk::{CHUNK, Chunk, Lane};
use crate::device::{DeviceError, DeviceScores, Mirror};
use crate::evidence::PersonEvidence;
use crate::part::{Part, Piece};
use crate::search::{Effort, Probe, SearchAnswerParts, SearchControl, SearchOptions, ShardAnswer};
use crate::{EntryId, Population};
use rayon::prelude::*;
use tanba_finger::Scratch;
use tanba_finger::scan::{ScanPrint, ScanProbe, by_codes};
use tanba_formats::Finger;

/// The numbers of the cascade.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CascadeParams {
    /// Positions of a probe with which everyone is looked at, at least; see [`CascadeParams::first`]. (Own choice: two fingers miss one mate in a few
    /// hundred, see docs/performance.md.)
    pub fewest_first: usize,
    /// And at most. (Own choice: more would cost a ten-finger search a second over 100,000 people.)
    pub most_first: usize,
    /// Fewest people that are compared in full, whatever share was asked for.
    pub fewest: usize,
    /// How many times as many are left over for the other positions, and are compared in full where there is a doubt.
    pub wider: usize,
    /// What a print of another finger scores on average, as evidence: a finger that is missing says neither more nor less. (Mean of the
    /// square root over synthetic fingers, `fvc-like`: 1,191 for index, 1,206 for thumbs, 1,335 for little fingers.)
    pub average: f32,
    /// There is a doubt when the strongest evidence stays below the threshold by no more than this (log10 likelihood ratio).
    pub doubt: f64,
}

/// The numbers in use.
pub const CASCADE: CascadeParams =
    CascadeParams { fewest_first: 2, most_first: 4, fewest: 100, wider: 5, average: 1200.0, doubt: 1.5 };

impl CascadeParams {
    /// With how many of a probe's positions everyone is looked at: half of them, within the limits; the others are looked at where these left
    /// somebody over. Somebody whose two first fingers are both poor is no rarity among a nation, and has eight more.
    pub fn first(&self, positions: usize) -> usize {
        (positions / 2).clamp(self.fewest_first, self.most_first)
    }
}

/// What a score of the first look counts, so that fingers can be added: the logarithm of how rare it is among different fingers goes about
/// as its square root.
pub fn look_evidence(score: u32) -> f32 {
    let root = (score as f32).sqrt();
    if by_codes(score) { of_codes(root) } else { root - CASCADE.average }
}

/// The same of the square root of a score by codes, so that what is as rare counts the same in a gallery of both kinds. Nine in ten different fingers
/// agree in nothing, and where they agree in anything that is worth what the tenth strongest of a hundred by cylinders is. (Evidence that 5, 1, 0.1 and
/// 0.01 % of different synthetic fingers exceed, `fvc-like` as images: 1,310, 2,198, 3,467 and 4,868 so, by cylinders 1,554, 2,429, 3,675 and 4,668; the mean is
/// near 0 for both.)
fn of_codes(root: f32) -> f32 {
    const ANYTHING: f32 = 100.0;
    const WORTH: f32 = 1.5;
    const AVERAGE: f32 = 250.0;
    WORTH * root + 10.0 * root.min(ANYTHING) - AVERAGE
}

/// Which positions of a probe come first: thumbs and the fingers beside them show a sensor more than ring and little fingers; then those
/// of better quality. To be sorted by.
pub fn look_order(finger: Finger, quality: u8) -> impl Ord {
    let width = match finger {
        Finger::RightLittle | Finger::LeftLittle => 0,
        Finger::RightRing | Finger::LeftRing => 1,
        _ => 2,
    };
    core::cmp::Reverse((width, quality))
}

/// A search, as one machine has it.
pub(crate) struct Searched<'a> {
    pub(crate) parts: &'a [&'a Part],
    pub(crate) mirror: Option<&'a Mirror>,
    pub(crate) probe: &'a Probe,
    pub(crate) options: &'a SearchOptions,
    pub(crate) control: &'a SearchControl<'a>,
    pub(crate) done: &'a (dyn Fn(u64) + Sync),
}

/// A person as the first look saw them.
#[derive(Debug, Clone, Copy)]
struct Seen {
    evidence: f32,
    /// Piece among all pieces, and place in it.
    piece: u32,
    slot: u8,
    /// Whether the fingers agree better if the hands were exchanged.
    exchanged: bool,
}

/// What a look at a chunk came to.
#[derive(Default)]
struct Looked {
    seen: Vec<Seen>,
    pairs: u64,
    /// Of these, pairs that a device looked at.
    on_device: u64,
    not_comparable: u64,
    filtered_out: u64,
}

/// Answers for everyone in the parts.
pub(crate) fn search(of: &Searched<'_>) -> Result<ShardAnswer, ShardFailure> {
    let pieces: Vec<(&Piece, Population)> =
        of.parts.iter().flat_map(|part| part.pieces.iter().map(|piece| (piece, part.population))).collect();
    let mut parts = SearchAnswerParts::new(of.options);
    let share = match of.options.effort {
        Effort::Exhaustive => None,
        Effort::Cascade { share } => Some(share),
    };
    let mut looker = Looker::new(of.probe, of.options.hands_may_be_exchanged);
    if let (Some(mirror), Some(_)) = (of.mirror, share) {
        match looker.ask(mirror) {
            Ok(scores) => looker.scores = Some(scores),
            Err(failure) => parts.device_failed(failure),
        }
    }
    let mut all = Looked::default();
    let looked: Vec<Looked> = pieces
        .par_iter()
        .enumerate()
        .map(|(number, (piece, _))| {
            if of.control.cancelled() {
                return Err(ShardFailure::Cancelled);
            }
            let looked = match share {
                Some(_) => looker.look(number, piece, of.options),
                None => everyone(number, piece, of.options),
            };
            if share.is_some() {
                (of.done)(piece.count() as u64);
            }
            Ok(looked)
        })
        .collect::<Result<_, _>>()?;
    for looked in looked {
        all.seen.extend(looked.seen);
        all.pairs += looked.pairs;
        all.on_device += looked.on_device;
        all.not_comparable += looked.not_comparable;
        all.filtered_out += looked.filtered_out;
    }
    let people = if share.is_some() { all.seen.len() as u64 } else { 0 };
    parts.looked(all.pairs, people, all.not_comparable, all.filtered_out);
    parts.looked_on_device(all.on_device);
    let order = Order { pieces: &pieces };
    let Some(share) = share else {
        weigh(of, &order, &all.seen, &mut parts)?;
        return Ok(parts.finish());
    };
    let keep = CASCADE.fewest.max((all.seen.len() as f64 * share).ceil() as usize);
    if looker.positions.len() > looker.first {
        order.best(&mut all.seen, keep.saturating_mul(CASCADE.wider));
        let pairs = looker.look_again(&pieces, &mut all.seen);
        parts.looked(pairs, 0, 0, 0);
    }
    order.best(&mut all.seen, keep.saturating_mul(CASCADE.wider));
    let (first, others) = all.seen.split_at(keep.min(all.seen.len()));
    weigh(of, &order, first, &mut parts)?;
    let below = |lr: f64| of.options.threshold - lr;
    if parts.strongest().is_some_and(|lr| below(lr) > 0.0 && below(lr) < CASCADE.doubt) && !others.is_empty() {
        parts.widened();
        weigh(of, &order, others, &mut parts)?;
    }
    Ok(parts.finish())
}

/// Compares people in full.
fn weigh(
    of: &Searched<'_>,
    order: &Order<'_>,
    people: &[Seen],
    parts: &mut SearchAnswerParts<'_>,
) -> Result<(), ShardFailure> {
    // Neither a candidate nor a doubt: how far below does not matter.
    let hopeless = of.options.threshold - CASCADE.doubt;
    let weighed: Vec<(EntryId, Population, PersonEvidence)> = people
        .par_iter()
        .map_init(Scratch::default, |scratch, seen| {
            if of.control.cancelled() {
                return Err(ShardFailure::Cancelled);
            }
            let (piece, population) = order.pieces[seen.piece as usize];
            let slot = usize::from(seen.slot);
            let enrolled = piece.chunk.prepared(slot).map_err(|_| ShardFailure::Failed)?;
            let evidence = PersonEvidence::of(of.probe, &enrolled, seen.exchanged, hopeless, scratch);
            if of.options.effort == Effort::Exhaustive {
                (of.done)(1);
            }
            Ok((piece.chunk.people[slot].entry, population, evidence))
        })
        .collect::<Result<_, _>>()?;
    for (entry, population, evidence) in weighed {
        parts.add(entry, population, evidence);
    }
    Ok(())
}

/// Everyone who is alive and in the search, none of them looked at.
fn everyone(number: usize, piece: &Piece, options: &SearchOptions) -> Looked {
    let mut looked = Looked::default();
    for (slot, member) in piece.living() {
        if options.filter.keeps(&member.traits) {
            let exchanged = options.hands_may_be_exchanged;
            looked.seen.push(Seen { evidence: 0.0, piece: number as u32, slot: slot as u8, exchanged });
        } else {
            looked.filtered_out += 1;
        }
    }
    looked
}

/// Puts people in order.
struct Order<'a> {
    pieces: &'a [(&'a Piece, Population)],
}

impl Order<'_> {
    /// The most evidence first; of equal evidence the smaller id, so that an answer does not depend on where people lie.
    fn compare(&self, a: &Seen, b: &Seen) -> core::cmp::Ordering {
        let entry = |seen: &Seen| self.pieces[seen.piece as usize].0.chunk.people[usize::from(seen.slot)].entry;
        b.evidence.total_cmp(&a.evidence).then_with(|| entry(a).cmp(&entry(b)))
    }

    /// Keeps the best, in order.
    fn best(&self, seen: &mut Vec<Seen>, keep: usize) {
        if keep < seen.len() {
            seen.select_nth_unstable_by(keep, |a, b| self.compare(a, b));
            seen.truncate(keep);
        }
        seen.sort_unstable_by(|a, b| self.compare(a, b));
    }
}

/// A probe, coded for the first look; the positions of which most is to be expected come first.
struct Looker {
    positions: Vec<Position>,
    /// How many of them everyone is looked at with.
    first: usize,
    exchanged: bool,
    /// What a device made of the first positions.
    scores: Option<DeviceScores>,
}

struct Position {
    finger: Finger,
    codes: Vec<ScanPrint>,
    prints: Vec<ScanProbe>,
}

impl Looker {
    fn new(probe: &Probe, exchanged: bool) -> Self {
        let mut positions: Vec<(u8, Position)> = probe
            .positions()
            .filter_map(|(finger, impressions)| {
                let impressions: Vec<_> = impressions.collect();
                let quality = impressions.iter().map(|print| print.quality()).max()?;
                let codes = impressions.iter().map(|print| ScanPrint::of(print)).filter(ScanPrint::comparable);
                let codes: Vec<ScanPrint> = codes.collect();
                Some((quality, Position { finger, prints: codes.iter().map(ScanProbe::of).collect(), codes }))
            })
            .filter(|(_, position)| !position.prints.is_empty())
            .collect();
        // Stable: of equal ones the first that was given.
        positions.sort_by_key(|(quality, position)| look_order(position.finger, *quality));
        let positions: Vec<_> = positions.into_iter().map(|(_, position)| position).collect();
        Self { first: CASCADE.first(positions.len()), positions, exchanged, scores: None }
    }

    /// The positions with which everyone is looked at, each with the number of its first impression among all of theirs.
    fn first(&self) -> impl Iterator<Item = (usize, &Position)> {
        let mut impressions = 0;
        self.positions.iter().take(self.first).map(move |position| {
            let number = impressions;
            impressions += position.prints.len();
            (number, position)
        })
    }

    /// Has a device look at everyone that it holds.
    fn ask(&self, mirror: &Mirror) -> Result<DeviceScores, DeviceError> {
        let codes: Vec<ScanPrint> = self.first().flat_map(|(_, position)| position.codes.iter().cloned()).collect();
        mirror.look(&codes, |lane| {
            let may_be = |finger| fits(finger, false, lane) || self.exchanged && fits(finger, true, lane);
            let asked = self.first().filter(|(_, position)| may_be(position.finger));
            asked.flat_map(|(number, position)| number..number + position.prints.len()).collect()
        })
    }

    /// Scores an impression of the first positions, by its number, against a lane; tells how many a device had made.
    fn score(&self, number: usize, print: &ScanProbe, chunk: &Chunk, lane: &Lane, scores: &mut Vec<u32>) -> u64 {
        scores.resize(lane.prints.len(), 0);
        match self.scores.as_ref().and_then(|scores| scores.of(chunk, lane, number)) {
            Some(made) => scores.copy_from_slice(made),
            None => {
                print.scan(&lane.prints, scores);
                return 0;
            }
        }
        lane.prints.len() as u64
    }

    /// Looks at everyone of a piece with the first positions; whoever has not all of them enrolled is looked at with others.
    fn look(&self, number: usize, piece: &Piece, options: &SearchOptions) -> Looked {
        let chunk = &*piece.chunk;
        let mut looked = Looked::default();
        let mut sums = [[0f32; CHUNK]; 2];
        let mut met = [[0u8; CHUNK]; 2];
        let orders = if self.exchanged { 2 } else { 1 };
        let mut scores = Vec::new();
        for (order, (sum, met)) in sums.iter_mut().zip(&mut met).enumerate().take(orders) {
            for (number, position) in self.first() {
                let mut best = [None; CHUNK];
                for lane in chunk.lanes.iter().filter(|lane| fits(position.finger, order == 1, lane.finger)) {
                    for (number, print) in (number..).zip(&position.prints) {
                        looked.on_device += self.score(number, print, chunk, lane, &mut scores);
                        looked.pairs += lane.prints.len() as u64;
                        for (owner, score) in lane.owners.iter().zip(&scores) {
                            let best = &mut best[usize::from(*owner)];
                            *best = Some(best.map_or(*score, |b: u32| b.max(*score)));
                        }
                    }
                }
                for ((sum, met), best) in sum.iter_mut().zip(met.iter_mut()).zip(best) {
                    if let Some(best) = best {
                        *sum += look_evidence(best);
                        *met += 1;
                    }
                }
            }
        }
        for (slot, member) in piece.living() {
            if !options.filter.keeps(&member.traits) {
                looked.filtered_out += 1;
                continue;
            }
            for order in 0..orders {
                for position in self.positions.iter().skip(self.first) {
                    if usize::from(met[order][slot]) >= self.first {
                        break;
                    }
                    if let Some(best) = best_of(position, order == 1, chunk, slot, &mut looked.pairs) {
                        sums[order][slot] += look_evidence(best);
                        met[order][slot] += 1;
                    }
                }
            }
            if met[0][slot] + met[1][slot] == 0 {
                looked.not_comparable += 1;
                continue;
            }
            let exchanged = met[1][slot] > 0 && (met[0][slot] == 0 || sums[1][slot] > sums[0][slot]);
            let evidence = sums[usize::from(exchanged)][slot];
            looked.seen.push(Seen { evidence, piece: number as u32, slot: slot as u8, exchanged });
        }
        looked
    }

    /// Looks at the people left over with all positions; tells the pairs looked at.
    fn look_again(&self, pieces: &[(&Piece, Population)], seen: &mut [Seen]) -> u64 {
        let again = |seen: &mut Seen| {
            let chunk = &*pieces[seen.piece as usize].0.chunk;
            let mut pairs = 0;
            let all = self.positions.iter().filter_map(|position| {
                best_of(position, seen.exchanged, chunk, usize::from(seen.slot), &mut pairs).map(look_evidence)
            });
            seen.evidence = all.sum();
            pairs
        };
        seen.par_iter_mut().map(again).sum()
    }
}

/// The best score of a position against one person.
fn best_of(position: &Position, exchanged: bool, chunk: &Chunk, slot: usize, pairs: &mut u64) -> Option<u32> {
    let mut best = None;
    for lane in chunk.lanes.iter().filter(|lane| fits(position.finger, exchanged, lane.finger)) {
        // People stand in the order in which they came, so one's codes lie together.
        let first = lane.owners.partition_point(|owner| usize::from(*owner) < slot);
        let end = lane.owners.partition_point(|owner| usize::from(*owner) <= slot);
        for print in &position.prints {
            let mut scores = [0; 64];
            for of_person in lane.prints[first..end].chunks(64) {
                print.scan(of_person, &mut scores);
                *pairs += of_person.len() as u64;
                best = scores[..of_person.len()].iter().copied().chain(best).max();
            }
        }
    }
    best
}

/// Whether a print of the probe may be of the finger of a lane.
fn fits(position: Finger, exchanged: bool, lane: Finger) -> bool {
    let position = if exchanged { position.of_other_hand() } else { position };
    position == Finger::Unknown || lane == Finger::Unknown || lane == position
}

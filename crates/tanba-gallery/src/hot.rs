//! What the first look goes through: prints of one population, finger by finger, in blocks that snapshots share.

use crate::{EntryId, Probe};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use tanba_finger::Prepared;
use tanba_finger::scan::{ScanPrint, scan};
use tanba_formats::Finger;

/// Prints of a block: half a megabyte, so that a write copies little of what a snapshot holds.
const BLOCK: usize = 256;
/// Fewest people that a first look leaves over, whatever share was asked for.
const FEWEST: usize = 20;

/// Prints of a population.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hot {
    positions: BTreeMap<u8, Vec<Arc<Block>>>,
    /// Where a person's evidence is added up.
    slots: HashMap<EntryId, u32>,
    people: Vec<Option<EntryId>>,
    free: Vec<u32>,
}

#[derive(Debug, Clone, Default)]
struct Block {
    prints: Vec<ScanPrint>,
    slots: Vec<u32>,
}

/// What a first look found.
pub(crate) struct FirstLook {
    /// Whoever is worth a comparison, in the order of their ids.
    pub(crate) survivors: Vec<EntryId>,
    /// People of whom at least one print was looked at.
    pub(crate) people: u64,
    /// Pairs of prints looked at.
    pub(crate) fingers: u64,
}

impl Hot {
    /// Adds a person, who must not be there.
    pub(crate) fn insert<'p>(&mut self, entry: EntryId, prints: impl Iterator<Item = (Finger, &'p Prepared)>) {
        let slot = self.free.pop().unwrap_or_else(|| {
            self.people.push(None);
            // A shard of four thousand million people does not fit this machine.
            u32::try_from(self.people.len() - 1).unwrap_or(u32::MAX)
        });
        self.people[slot as usize] = Some(entry);
        self.slots.insert(entry, slot);
        for (finger, print) in prints {
            let print = ScanPrint::of(print);
            if !print.comparable() {
                continue;
            }
            let blocks = self.positions.entry(finger.code()).or_default();
            if blocks.last().is_none_or(|block| block.prints.len() == BLOCK) {
                blocks.push(Arc::default());
            }
            if let Some(block) = blocks.last_mut().map(Arc::make_mut) {
                block.prints.push(print);
                block.slots.push(slot);
            }
        }
    }

    /// Takes a person out; nothing where they are not there.
    pub(crate) fn remove(&mut self, entry: EntryId) {
        let Some(slot) = self.slots.remove(&entry) else { return };
        self.people[slot as usize] = None;
        self.free.push(slot);
        for blocks in self.positions.values_mut() {
            for block in blocks.iter_mut().filter(|block| block.slots.contains(&slot)) {
                let block = Arc::make_mut(block);
                while let Some(at) = block.slots.iter().position(|s| *s == slot) {
                    block.slots.swap_remove(at);
                    block.prints.swap_remove(at);
                }
            }
            blocks.retain(|block| !block.prints.is_empty());
        }
    }

    /// Looks at every print that the probe's fingers may be of, and keeps the share of the people in whom most agrees. `None` where the
    /// search was told to stop.
    pub(crate) fn look(&self, probe: &Probe, share: f64, stop: &dyn Fn() -> bool) -> Option<FirstLook> {
        let mut total = vec![0f32; self.people.len()];
        let mut seen = vec![false; self.people.len()];
        let mut scores = [0u32; BLOCK];
        let mut fingers = 0;
        for (position, impressions) in probe.positions() {
            let known = position != Finger::Unknown;
            let mut best = vec![0u32; self.people.len()];
            for impression in impressions {
                let print = ScanPrint::of(impression);
                let fits = |code: u8| !known || code == position.code() || code == Finger::Unknown.code();
                for block in self.positions.iter().filter(|(code, _)| fits(**code)).flat_map(|(_, blocks)| blocks) {
                    if stop() {
                        return None;
                    }
                    scan(&print, &block.prints, &mut scores);
                    fingers += block.prints.len() as u64;
                    for (slot, score) in block.slots.iter().zip(&scores) {
                        let slot = *slot as usize;
                        best[slot] = best[slot].max(*score);
                        seen[slot] = true;
                    }
                }
            }
            // The logarithm of how rare a score is among different fingers goes about as its square root.
            for (sum, score) in total.iter_mut().zip(best) {
                *sum += (score as f32).sqrt();
            }
        }
        let mut order: Vec<u32> = (0..).zip(&seen).filter(|(_, seen)| **seen).map(|(slot, _)| slot).collect();
        let people = order.len();
        let keep = FEWEST.max((people as f64 * share).ceil() as usize).min(people);
        let evidence = |slot: u32| total[slot as usize];
        if keep < people {
            // The more evidence first; of equal evidence the earlier slot, so that an answer does not depend on the machine.
            order.select_nth_unstable_by(keep, |a, b| evidence(*b).total_cmp(&evidence(*a)).then(a.cmp(b)));
            order.truncate(keep);
        }
        let mut survivors: Vec<EntryId> = order.iter().filter_map(|slot| self.people[*slot as usize]).collect();
        survivors.sort_unstable();
        Some(FirstLook { survivors, people: people as u64, fingers })
    }
}

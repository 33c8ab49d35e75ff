//! A few hundred people of one population, in the form in which they are searched: codes for the first look finger by finger, and the
//! templates that survivors are compared by, still packed.

use crate::{EntryId, Traits};
use tanba_finger::scan::ScanPrint;
use tanba_finger::{Prepared, Template, TemplateBytesError};
use tanba_formats::Finger;

/// People of a chunk: a write copies little of what a snapshot holds, and a chunk's codes (0.7 MB with two fingers) stay in the cache
/// while several impressions of a probe go through them.
pub(crate) const CHUNK: usize = 256;

/// Impressions of one person, ready to be put into a chunk.
#[derive(Debug)]
pub(crate) struct Ready {
    pub(crate) entry: EntryId,
    pub(crate) traits: Traits,
    pub(crate) fingers: Vec<ReadyFinger>,
}

/// One impression: packed for later, coded for the first look.
#[derive(Debug)]
pub(crate) struct ReadyFinger {
    finger: Finger,
    packed: Vec<u8>,
    /// `None` where there is too little to find it by.
    print: Option<ScanPrint>,
}

impl ReadyFinger {
    pub(crate) fn new(finger: Finger, template: &Template) -> Self {
        let print = ScanPrint::of(&Prepared::new(template));
        Self { finger, packed: template.to_bytes(), print: print.comparable().then_some(print) }
    }
}

/// Up to [`CHUNK`] people. Nobody is ever taken out of one: who is dead is said beside it, and the chunk is made anew without them.
#[derive(Debug, Clone, Default)]
pub(crate) struct Chunk {
    pub(crate) people: Vec<Member>,
    pub(crate) impressions: Vec<Impression>,
    /// Templates, one after another.
    pub(crate) packed: Vec<u8>,
    pub(crate) lanes: Vec<Lane>,
}

/// One person of a chunk.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Member {
    pub(crate) entry: EntryId,
    pub(crate) traits: Traits,
    /// The first of their impressions; they end where the next person's begin.
    first: u32,
}

/// One impression of a chunk.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Impression {
    pub(crate) finger: Finger,
    /// Where its template ends; it begins where the one before ends.
    end: u32,
    /// Its code's place in the lane of its finger; [`NO_CODE`] where there is too little to find it by.
    code: u16,
}

const NO_CODE: u16 = u16::MAX;

/// The codes of one finger position.
#[derive(Debug, Clone)]
pub(crate) struct Lane {
    pub(crate) finger: Finger,
    pub(crate) prints: Vec<ScanPrint>,
    /// Whose each is: place among the people of the chunk.
    pub(crate) owners: Vec<u8>,
}

impl Lane {
    /// Adds a code and tells its place.
    fn add(&mut self, owner: u8, print: &ScanPrint) -> u16 {
        self.prints.push(print.clone());
        self.owners.push(owner);
        (self.prints.len() - 1) as u16
    }
}

impl Chunk {
    pub(crate) fn full(&self) -> bool {
        self.people.len() >= CHUNK
    }

    /// Adds a person; the chunk must not be full.
    pub(crate) fn push(&mut self, person: &Ready) {
        self.begin(person.entry, person.traits);
        for finger in &person.fingers {
            self.add(finger.finger, &finger.packed, finger.print.as_ref());
        }
    }

    /// Begins a person, whose impressions follow.
    pub(crate) fn begin(&mut self, entry: EntryId, traits: Traits) {
        debug_assert!(!self.full(), "a chunk holds at most {CHUNK} people");
        self.people.push(Member { entry, traits, first: self.impressions.len() as u32 });
    }

    /// Adds an impression of the person begun last; `print` where there is enough to find it by.
    pub(crate) fn add(&mut self, finger: Finger, packed: &[u8], print: Option<&ScanPrint>) {
        self.packed.extend_from_slice(packed);
        // At most 256 people with 64 impressions: the places fit.
        let owner = self.people.len().saturating_sub(1) as u8;
        let code = print.map_or(NO_CODE, |print| self.lane(finger).add(owner, print));
        self.impressions.push(Impression { finger, end: self.packed.len() as u32, code });
    }

    /// The lane of a finger, made where there is none; lanes stand in the order of the codes, so that a file does not depend on who came
    /// first.
    fn lane(&mut self, finger: Finger) -> &mut Lane {
        let at = match self.lanes.binary_search_by_key(&finger.code(), |lane| lane.finger.code()) {
            Ok(at) => at,
            Err(at) => {
                self.lanes.insert(at, Lane { finger, prints: Vec::new(), owners: Vec::new() });
                at
            }
        };
        &mut self.lanes[at]
    }

    /// Copies a person of another chunk to the end of this one.
    pub(crate) fn copy(&mut self, from: &Chunk, slot: usize) {
        let person = from.people[slot];
        self.begin(person.entry, person.traits);
        for (finger, packed, print) in from.impressions_of(slot) {
            self.add(finger, packed, print);
        }
    }

    /// A person as they are here, with other traits.
    pub(crate) fn with_traits(&self, slot: usize, traits: Traits) -> Ready {
        let fingers = self.impressions_of(slot).map(|(finger, packed, print)| ReadyFinger {
            finger,
            packed: packed.to_vec(),
            print: print.cloned(),
        });
        Ready { entry: self.people[slot].entry, traits, fingers: fingers.collect() }
    }

    /// Where a person's impressions stand.
    fn places(&self, slot: usize) -> core::ops::Range<usize> {
        let end = self.people.get(slot + 1).map_or(self.impressions.len(), |next| next.first as usize);
        self.people[slot].first as usize..end
    }

    /// How many impressions of a person there are.
    pub(crate) fn count_of(&self, slot: usize) -> usize {
        self.places(slot).len()
    }

    /// Finger, packed template and code of each impression of a person.
    pub(crate) fn impressions_of(&self, slot: usize) -> impl Iterator<Item = (Finger, &[u8], Option<&ScanPrint>)> {
        self.places(slot).map(move |at| {
            let from = if at == 0 { 0 } else { self.impressions[at - 1].end as usize };
            let Impression { finger, end, code } = self.impressions[at];
            let lane = self.lanes.iter().find(|lane| lane.finger == finger);
            (finger, &self.packed[from..end as usize], lane.and_then(|lane| lane.prints.get(usize::from(code))))
        })
    }

    /// A person's impressions, made ready for comparison.
    ///
    /// # Errors
    /// A template that cannot be read, which no chunk made here holds.
    pub(crate) fn prepared(&self, slot: usize) -> Result<Vec<(Finger, Prepared)>, TemplateBytesError> {
        self.impressions_of(slot).map(|(finger, packed, _)| Ok((finger, Prepared::from_bytes(packed)?))).collect()
    }

    /// Bytes of codes, and of everything else.
    pub(crate) fn bytes(&self) -> (usize, usize) {
        let codes = self.lanes.iter().map(|lane| lane.prints.len() * (size_of::<ScanPrint>() + 1)).sum();
        let rest = self.packed.len()
            + self.impressions.len() * size_of::<Impression>()
            + self.people.len() * size_of::<Member>();
        (codes, rest)
    }
}

//! Who is enrolled: people's fingers in separate populations.

use crate::answer::{FingerEvidence, ShardFailure};
use crate::cascade::{self, Searched};
use crate::chunk::{Ready, ReadyFinger};
use crate::device::{DeviceError, LookDevice, Mirror, OnDevice};
use crate::evidence::PersonEvidence;
use crate::part::{Part, Piece};
use crate::search::{Probe, SearchControl, SearchError, SearchOptions, Shard, ShardAnswer};
use crate::{SearchAnswer, Traits, search_shards};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tanba_finger::{Scratch, Template};
use tanba_formats::Finger;

/// People that gather before they are put in order and closed: the ids of the newest are looked through one by one.
const GATHERED: usize = 4096;
/// Most impressions of one person.
pub const MOST_IMPRESSIONS: usize = 64;

/// Opaque reference to a person; only the registry knows whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntryId(pub u128);

/// Opaque label of a population (civil, criminal, relatives of missing people, elimination). Populations are separate indices:
/// a search touches only those that it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Population(pub u16);

/// A person to be enrolled.
#[derive(Debug, Clone, PartialEq)]
pub struct Enrolment {
    /// Whose fingers.
    pub entry: EntryId,
    /// Where they can be found.
    pub population: Population,
    /// What a search may be narrowed by.
    pub traits: Traits,
    /// Impressions, one or more; several of one finger may be given.
    pub fingers: Vec<(Finger, Template)>,
}

impl Enrolment {
    /// A person of whom nothing but the fingers is known.
    pub fn new(entry: EntryId, population: Population, fingers: Vec<(Finger, Template)>) -> Self {
        Self { entry, population, traits: Traits::default(), fingers }
    }

    /// Codes the prints.
    fn ready(&self) -> Result<Ready, InsertError> {
        match self.fingers.len() {
            0 => return Err(InsertError::NoFingers),
            given if given > MOST_IMPRESSIONS => return Err(InsertError::TooMany { given }),
            _ => {}
        }
        let fingers = self.fingers.iter().map(|(finger, template)| ReadyFinger::new(*finger, template)).collect();
        Ok(Ready { entry: self.entry, traits: self.traits, fingers })
    }
}

/// Everyone who can be found. Cloning takes a snapshot.
#[derive(Debug, Clone, Default)]
pub struct Gallery {
    version: u64,
    parts: Vec<Arc<Part>>,
    /// Segments that should be here and could not be read.
    refused: Arc<Vec<String>>,
    /// Codes on a device that takes the first look.
    mirror: Option<Arc<Mirror>>,
}

/// Why a person was not enrolled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InsertError {
    /// No impression at all.
    #[error("a person without a finger impression cannot be found: capture at least one")]
    NoFingers,
    /// More impressions than anyone has use for.
    #[error("{given} impressions of one person, at most {MOST_IMPRESSIONS} are kept: choose the best")]
    TooMany {
        /// Impressions given.
        given: usize,
    },
}

/// What a gallery holds.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stats {
    /// Version of the content.
    pub version: u64,
    /// People by population.
    pub people: BTreeMap<Population, usize>,
    /// Impressions of the living.
    pub impressions: usize,
    /// Segments on disk.
    pub segments: usize,
    /// People who are not in a segment yet.
    pub unsaved: usize,
    /// People who are out of every answer and still in a segment, which is to be rewritten.
    pub dead: usize,
    /// Segments that could not be read.
    pub refused: Vec<String>,
    /// Bytes of codes in memory, for the first look.
    pub code_bytes: usize,
    /// Bytes of packed templates and what belongs to them.
    pub other_bytes: usize,
    /// What a device holds of the codes.
    pub on_device: Option<OnDevice>,
}

impl Gallery {
    /// An empty gallery.
    pub fn new() -> Self {
        Self::default()
    }

    /// Enrols a person in a population, replacing what that population held of them. Returns the new version.
    ///
    /// # Errors
    /// [`InsertError`] for no impressions or too many; the gallery is unchanged then.
    pub fn insert(&mut self, person: &Enrolment) -> Result<u64, InsertError> {
        let ready = person.ready()?;
        Ok(self.put_all([(person.population, ready)]))
    }

    /// Enrols many people at once, coding their prints on all processors. Returns the new version.
    ///
    /// # Errors
    /// [`InsertError`] as for the first who cannot be enrolled; nobody is then.
    pub fn insert_all(&mut self, people: &[Enrolment]) -> Result<u64, InsertError> {
        let coded = Self::coded(people)?;
        Ok(self.put_all(coded))
    }

    /// Prints of many people, coded on all processors.
    pub(crate) fn coded(people: &[Enrolment]) -> Result<Vec<(Population, Ready)>, InsertError> {
        people.par_iter().map(|person| Ok((person.population, person.ready()?))).collect()
    }

    pub(crate) fn put_all(&mut self, people: impl IntoIterator<Item = (Population, Ready)>) -> u64 {
        for (population, person) in people {
            self.put(population, &person);
        }
        self.version += 1;
        self.version
    }

    /// Puts coded people in the place of what their populations hold of them, and leaves out whom they do not hold; tells whether there
    /// was anybody. The version grows only then.
    pub(crate) fn replace_all(&mut self, people: Vec<(Population, Ready)>) -> bool {
        let here = |(population, person): &(Population, Ready)| {
            self.parts.iter().any(|part| part.population == *population && part.find(person.entry).is_some())
        };
        let people: Vec<_> = people.into_iter().filter(here).collect();
        let any = !people.is_empty();
        if any {
            self.put_all(people);
        }
        any
    }

    /// Takes a person out of all populations. From the return of this call no search of this gallery finds them; snapshots
    /// taken before still do and must be dropped. Whoever was in no segment yet is gone from memory with them. Tells whether
    /// there was anything to remove; the version grows only then.
    pub fn remove(&mut self, entry: EntryId) -> bool {
        let removed = self.bury(entry, |_| true);
        self.version += u64::from(removed);
        removed
    }

    /// Says anew what a search may be narrowed by, in every population that has this person; their prints are not coded again. Tells
    /// whether anything changed; the version grows only then.
    pub fn set_traits(&mut self, entry: EntryId, traits: Traits) -> bool {
        let other = |part: &Arc<Part>| {
            let (piece, slot) = part.find(entry)?;
            let chunk = &part.pieces[piece].chunk;
            (chunk.people[slot].traits != traits).then(|| (part.population, chunk.with_traits(slot, traits)))
        };
        let changed: Vec<(Population, Ready)> = self.parts.iter().filter_map(other).collect();
        let any = !changed.is_empty();
        if any {
            self.put_all(changed);
        }
        any
    }

    /// Version of the content; grows with every change.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// People enrolled, over all populations (a person in two populations counts twice).
    pub fn people(&self) -> usize {
        self.parts.iter().map(|part| part.people()).sum()
    }

    /// Impressions enrolled.
    pub fn impressions(&self) -> usize {
        self.parts.iter().flat_map(|part| &part.pieces).map(Piece::impressions).sum()
    }

    /// Whether a person is enrolled in any population.
    pub fn contains(&self, entry: EntryId) -> bool {
        self.parts.iter().any(|part| part.find(entry).is_some())
    }

    /// Everyone enrolled in a population.
    pub fn entries(&self, population: Population) -> BTreeSet<EntryId> {
        let parts = self.parts.iter().filter(|part| part.population == population);
        parts.flat_map(|part| part.living()).map(|(_, _, member)| member.entry).collect()
    }

    /// What is here.
    pub fn stats(&self) -> Stats {
        let on_device = self.mirror.as_deref().map(Mirror::stats);
        let mut stats = Stats { version: self.version, refused: self.refused.to_vec(), on_device, ..Stats::default() };
        for part in &self.parts {
            *stats.people.entry(part.population).or_default() += part.people();
            stats.segments += usize::from(part.segment.is_some());
            match part.segment {
                Some(_) => stats.dead += part.dead(),
                None => stats.unsaved += part.people(),
            }
            for piece in &part.pieces {
                let (codes, other) = piece.chunk.bytes();
                stats.code_bytes += codes;
                stats.other_bytes += other;
            }
        }
        stats.impressions = self.impressions();
        stats
    }

    /// Has a device take the first look from now on, with the scores that the processor would give; people who come later are the
    /// processor's until [`Self::renew_device`]. Nobody's codes leave this machine's memory but for the device's own.
    ///
    /// # Errors
    /// [`DeviceError`], such as for a gallery that does not fit; the processor goes on looking then.
    pub fn look_on(&mut self, device: Arc<dyn LookDevice>) -> Result<(), DeviceError> {
        self.mirror = Some(Arc::new(Mirror::new(device)));
        self.renew_device()
    }

    /// Sends whoever came since the last time to the device, and takes off it whoever is gone. Nothing where there is no device. Takes
    /// as long as sending does: a gallery that others wait for is renewed as a clone, see [`Archive::upkeep`](crate::Archive::upkeep).
    ///
    /// # Errors
    /// [`DeviceError`]: nothing is left on the device then, and the processor looks.
    pub fn renew_device(&mut self) -> Result<(), DeviceError> {
        let renewed = self.mirror.as_deref().map(|mirror| mirror.renewed(&self.parts)).transpose();
        match renewed {
            Ok(mirror) => self.mirror = mirror.map(Arc::new),
            Err(failure) => {
                self.mirror = self.mirror.as_deref().map(|mirror| Arc::new(mirror.emptied()));
                return Err(failure);
            }
        }
        Ok(())
    }

    /// Searches with all processors (rayon's pool), and the device where there is one.
    ///
    /// # Errors
    /// [`SearchError`] when the question itself makes no sense.
    pub fn search(
        &self,
        probe: &Probe,
        options: &SearchOptions,
        control: &SearchControl<'_>,
    ) -> Result<SearchAnswer, SearchError> {
        search_shards(&[self], self.version, probe, options, control)
    }

    /// What the probe says about one person, population by population; nothing where they are not enrolled.
    ///
    /// # Errors
    /// [`SearchError::EmptyProbe`]; [`SearchError::Damaged`] where what is stored cannot be read.
    pub fn verify(&self, entry: EntryId, probe: &Probe) -> Result<Vec<Verification>, SearchError> {
        probe.check()?;
        let mut scratch = Scratch::default();
        let found = self.parts.iter().filter_map(|part| part.find(entry).map(|at| (part, at)));
        found
            .map(|(part, (piece, slot))| {
                let enrolled = part.pieces[piece].chunk.prepared(slot).map_err(|_| SearchError::Damaged)?;
                let PersonEvidence { fingers, log10_lr, .. } =
                    PersonEvidence::of(probe, &enrolled, false, f64::NEG_INFINITY, &mut scratch);
                Ok(Verification { population: part.population, log10_lr, fingers })
            })
            .collect()
    }

    /// Every enrolment.
    pub(crate) fn living(&self) -> impl Iterator<Item = (&Piece, usize, Population)> {
        self.parts.iter().flat_map(|part| part.living().map(|(piece, slot, _)| (piece, slot, part.population)))
    }

    pub(crate) fn parts(&self) -> &[Arc<Part>] {
        &self.parts
    }

    /// A gallery of parts read from segments, with the names of those that could not be.
    pub(crate) fn of_parts(version: u64, parts: Vec<Part>, refused: Vec<String>) -> Self {
        Self { version, parts: parts.into_iter().map(Arc::new).collect(), refused: Arc::new(refused), mirror: None }
    }

    /// Looks on the device of another version of this gallery.
    pub(crate) fn take_device(&mut self, of: Self) {
        self.mirror = of.mirror;
    }

    /// Puts a part in the place of others, which are found again by who they are; whoever died meanwhile is dead in it too.
    pub(crate) fn exchange(&mut self, old: &[Arc<Part>], mut new: Part) {
        for piece in &mut new.pieces {
            for slot in 0..piece.chunk.people.len() {
                let entry = piece.chunk.people[slot].entry;
                let was_there = |part: &&Arc<Part>| old.iter().any(|o| same(o, part));
                if !self.parts.iter().filter(was_there).any(|part| part.find(entry).is_some()) {
                    piece.bury(slot);
                }
            }
        }
        self.take_out(old);
        self.parts.push(Arc::new(new));
    }

    /// Takes parts out, of whom nobody is alive.
    pub(crate) fn take_out(&mut self, old: &[Arc<Part>]) {
        self.parts.retain(|part| !old.iter().any(|o| same(o, part)));
    }

    /// Everyone whom a refused segment held is here again, or nobody misses them.
    pub(crate) fn forget_refused(&mut self) {
        self.refused = Arc::default();
    }

    /// Closes what takes people and has `least` of them, so that it can be written.
    pub(crate) fn close_heads(&mut self, least: usize) {
        for part in self.parts.iter_mut().filter(|part| part.open && part.people() >= least) {
            *part = Arc::new(Part::merged(part.population, &[part]));
        }
        // What is on disk goes only when its file does.
        self.parts.retain(|part| part.people() > 0 || part.segment.is_some());
    }

    /// Puts people read from a file, at the version that the file was written at.
    pub(crate) fn restore(&mut self, version: u64, people: &[Enrolment]) -> Result<(), InsertError> {
        self.insert_all(people)?;
        self.version = version;
        Ok(())
    }

    fn put(&mut self, population: Population, person: &Ready) {
        self.bury(person.entry, |of| of == population);
        let at = match self.parts.iter().position(|part| part.open && part.population == population) {
            Some(at) => at,
            None => {
                self.parts.push(Arc::new(Part::head(population)));
                self.parts.len() - 1
            }
        };
        Arc::make_mut(&mut self.parts[at]).push(person);
        let part = &self.parts[at];
        if part.pieces.len() * crate::chunk::CHUNK >= GATHERED && part.pieces.last().is_some_and(|p| p.chunk.full()) {
            self.parts[at] = Arc::new(Part::merged(population, &[part]));
        }
    }

    fn bury(&mut self, entry: EntryId, of: impl Fn(Population) -> bool) -> bool {
        let mut buried = false;
        for part in self.parts.iter_mut().filter(|part| of(part.population)) {
            if let Some((piece, slot)) = part.find(entry) {
                Arc::make_mut(part).bury(piece, slot);
                buried = true;
            }
        }
        buried
    }
}

/// What a probe says about one person who is named.
#[derive(Debug, Clone, PartialEq)]
pub struct Verification {
    /// Where they are enrolled.
    pub population: Population,
    /// log10 likelihood ratio of all fingers together.
    pub log10_lr: f64,
    /// Each finger's part.
    pub fingers: Vec<FingerEvidence>,
}

/// Whether two parts are the same one, whoever has died in it since.
fn same(a: &Part, b: &Part) -> bool {
    let chunks = |part: &Part| part.pieces.first().map(|piece| Arc::as_ptr(&piece.chunk));
    a.segment == b.segment && a.population == b.population && chunks(a) == chunks(b)
}

impl Shard for Gallery {
    fn people(&self, populations: &BTreeSet<Population>) -> u64 {
        let parts = self.parts.iter().filter(|part| populations.contains(&part.population));
        parts.map(|part| part.people() as u64).sum()
    }

    fn search(
        &self,
        version: u64,
        probe: &Probe,
        options: &SearchOptions,
        control: &SearchControl<'_>,
        done: &(dyn Fn(u64) + Sync),
    ) -> Result<ShardAnswer, ShardFailure> {
        if self.version != version {
            return Err(ShardFailure::OtherVersion { wanted: version, found: self.version });
        }
        let parts: Vec<&Part> = self
            .parts
            .iter()
            .map(|part| &**part)
            .filter(|part| options.populations.contains(&part.population))
            .collect();
        let searched = Searched { parts: &parts, mirror: self.mirror.as_deref(), probe, options, control, done };
        let mut answer = cascade::search(&searched)?;
        answer.segments = parts.len() as u64;
        answer.segments_refused = self.refused.to_vec();
        Ok(answer)
    }
}

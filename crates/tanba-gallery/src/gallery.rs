//! Who is enrolled: people's fingers in separate populations, spread over shards.

use crate::answer::ShardFailure;
use crate::hot::Hot;
use crate::search::{
    Effort, Probe, SearchAnswerParts, SearchControl, SearchError, SearchOptions, Shard, ShardAnswer, person_evidence,
};
use crate::{SearchAnswer, search_shards};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use tanba_finger::{Prepared, Scratch, Template};
use tanba_formats::Finger;

/// Shards of a gallery unless it is made with another number: enough work items for the cores of one machine.
const SHARDS: usize = 16;
/// Most impressions of one person.
pub const MOST_IMPRESSIONS: usize = 64;

/// Opaque reference to a person; only the registry knows whose it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntryId(pub u128);

/// Opaque label of a population (civil, criminal, relatives of missing people, elimination). Populations are separate indices:
/// a search touches only those that it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Population(pub u16);

/// A person to be enrolled, with the population and impressions.
pub type Enrolment = (EntryId, Population, Vec<(Finger, Template)>);

/// One enrolled impression.
#[derive(Debug)]
pub(crate) struct Enrolled {
    pub(crate) finger: Finger,
    /// Kept because the file is made of templates; a twentieth of what the cylinders take.
    pub(crate) template: Template,
    pub(crate) prepared: Prepared,
}

/// Everyone of one shard, by population.
#[derive(Debug, Clone, Default)]
pub(crate) struct LocalShard {
    version: u64,
    populations: BTreeMap<Population, BTreeMap<EntryId, Arc<Vec<Enrolled>>>>,
    /// The same people for the first look.
    hot: BTreeMap<Population, Hot>,
}

/// Everyone who can be found. Cloning takes a snapshot.
#[derive(Debug, Clone)]
pub struct Gallery {
    version: u64,
    shards: Vec<Arc<LocalShard>>,
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

impl Default for Gallery {
    fn default() -> Self {
        Self::new()
    }
}

impl Gallery {
    /// An empty gallery.
    pub fn new() -> Self {
        Self::with_shards(SHARDS)
    }

    /// An empty gallery of `shards` shards, at least one. The answers do not depend on their number.
    pub fn with_shards(shards: usize) -> Self {
        Self { version: 0, shards: (0..shards.max(1)).map(|_| Arc::default()).collect() }
    }

    /// Enrols a person in a population, replacing what that population held of them. Several impressions of one finger may be
    /// given. Returns the new version.
    ///
    /// # Errors
    /// [`InsertError`] for no impressions or too many; the gallery is unchanged then.
    pub fn insert(
        &mut self,
        entry: EntryId,
        population: Population,
        fingers: Vec<(Finger, Template)>,
    ) -> Result<u64, InsertError> {
        let enrolled = enrol(fingers)?;
        self.put(entry, population, enrolled);
        Ok(self.advance())
    }

    /// Enrols many people at once, preparing their prints on all processors. Returns the new version.
    ///
    /// # Errors
    /// [`InsertError`] as for the first who cannot be enrolled; nobody is then.
    pub fn insert_all(&mut self, people: Vec<Enrolment>) -> Result<u64, InsertError> {
        let prepare = |(entry, population, fingers)| Ok((entry, population, enrol(fingers)?));
        let people: Vec<_> = people.into_par_iter().map(prepare).collect::<Result<_, _>>()?;
        for (entry, population, fingers) in people {
            self.put(entry, population, fingers);
        }
        Ok(self.advance())
    }

    /// Takes a person out of all populations. From the return of this call no search of this gallery finds them; snapshots
    /// taken before still do and must be dropped. Tells whether there was anything to remove; the version grows only then.
    pub fn remove(&mut self, entry: EntryId) -> bool {
        let at = self.shard_of(entry);
        if !self.shards[at].populations.values().any(|p| p.contains_key(&entry)) {
            return false;
        }
        let shard = Arc::make_mut(&mut self.shards[at]);
        for people in shard.populations.values_mut() {
            people.remove(&entry);
        }
        for hot in shard.hot.values_mut() {
            hot.remove(entry);
        }
        self.advance();
        true
    }

    /// Version of the content; grows with every change.
    pub fn version(&self) -> u64 {
        self.version
    }

    /// People enrolled, over all populations (a person in two populations counts twice).
    pub fn people(&self) -> usize {
        self.shards.iter().flat_map(|s| s.populations.values()).map(BTreeMap::len).sum()
    }

    /// Impressions enrolled.
    pub fn impressions(&self) -> usize {
        self.entries().map(|(_, _, fingers)| fingers.len()).sum()
    }

    /// Whether a person is enrolled in any population.
    pub fn contains(&self, entry: EntryId) -> bool {
        self.shards[self.shard_of(entry)].populations.values().any(|p| p.contains_key(&entry))
    }

    /// Searches all shards in parallel (rayon's pool).
    ///
    /// # Errors
    /// [`SearchError`] when the question itself makes no sense.
    pub fn search(
        &self,
        probe: &Probe,
        options: &SearchOptions,
        control: &SearchControl<'_>,
    ) -> Result<SearchAnswer, SearchError> {
        let shards: Vec<&dyn Shard> = self.shards.iter().map(|s| &**s as &dyn Shard).collect();
        search_shards(&shards, self.version, probe, options, control)
    }

    /// Every enrolment, shard by shard.
    pub(crate) fn entries(&self) -> impl Iterator<Item = (EntryId, Population, &[Enrolled])> {
        self.shards.iter().flat_map(|shard| {
            shard.populations.iter().flat_map(|(&population, people)| {
                people.iter().map(move |(&entry, fingers)| (entry, population, fingers.as_slice()))
            })
        })
    }

    /// Puts people read from a file, at the version that the file was written at.
    pub(crate) fn restore(&mut self, version: u64, people: Vec<(EntryId, Population, Vec<Enrolled>)>) {
        for (entry, population, fingers) in people {
            self.put(entry, population, fingers);
        }
        self.version = version;
        self.stamp();
    }

    fn put(&mut self, entry: EntryId, population: Population, fingers: Vec<Enrolled>) {
        let at = self.shard_of(entry);
        let shard = Arc::make_mut(&mut self.shards[at]);
        let hot = shard.hot.entry(population).or_default();
        hot.remove(entry);
        hot.insert(entry, fingers.iter().map(|e| (e.finger, &e.prepared)));
        shard.populations.entry(population).or_default().insert(entry, Arc::new(fingers));
    }

    fn advance(&mut self) -> u64 {
        self.version += 1;
        self.stamp();
        self.version
    }

    fn stamp(&mut self) {
        for shard in &mut self.shards {
            Arc::make_mut(shard).version = self.version;
        }
    }

    fn shard_of(&self, entry: EntryId) -> usize {
        // Ids may be consecutive or time-ordered; multiply to spread them (Knuth's multiplicative hashing).
        let folded = (entry.0 as u64) ^ ((entry.0 >> 64) as u64);
        (folded.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 32) as usize % self.shards.len()
    }
}

/// Prepares impressions for comparison.
pub(crate) fn enrol(fingers: Vec<(Finger, Template)>) -> Result<Vec<Enrolled>, InsertError> {
    match fingers.len() {
        0 => Err(InsertError::NoFingers),
        given if given > MOST_IMPRESSIONS => Err(InsertError::TooMany { given }),
        _ => Ok(fingers
            .into_iter()
            .map(|(finger, template)| Enrolled { finger, prepared: Prepared::new(&template), template })
            .collect()),
    }
}

impl Shard for LocalShard {
    fn people(&self, populations: &BTreeSet<Population>) -> u64 {
        populations.iter().filter_map(|p| self.populations.get(p)).map(|people| people.len() as u64).sum()
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
        let mut scratch = Scratch::default();
        let mut parts = SearchAnswerParts::new(options);
        for &population in &options.populations {
            let Some(people) = self.populations.get(&population) else { continue };
            let mut weigh = |entry: EntryId, fingers: &[Enrolled]| {
                if control.cancelled() {
                    return Err(ShardFailure::Cancelled);
                }
                let enrolled = fingers.iter().map(|e| (e.finger, &e.prepared));
                parts.add(entry, population, person_evidence(probe, &enrolled, &mut scratch));
                done(1);
                Ok(())
            };
            let (Effort::FirstLook { share }, Some(hot)) = (options.effort, self.hot.get(&population)) else {
                people.iter().try_for_each(|(entry, fingers)| weigh(*entry, fingers))?;
                continue;
            };
            let found = hot.look(probe, share, &|| control.cancelled()).ok_or(ShardFailure::Cancelled)?;
            for entry in &found.survivors {
                if let Some(fingers) = people.get(entry) {
                    weigh(*entry, fingers)?;
                }
            }
            let (all, survivors) = (people.len() as u64, found.survivors.len() as u64);
            parts.left_out(found.people - survivors, all - found.people, found.fingers);
            done(all - survivors);
        }
        Ok(parts.finish())
    }
}

//! A gallery on disk, beside the one in memory: segments, and a catalogue that says which of them count and who of them is dead.
//!
//! All of it is derived: the register can make it anew, and does so for what is missing or damaged. So nothing here is ever repaired. A change
//! is three steps, each of which may be the last one before the power fails: new segments are written (nobody knows of them yet), the
//! catalogue is replaced (from now on they count, and the old ones do not), old segments are removed. Files that the catalogue does not know
//! are removed in the first round of upkeep.

use crate::device::{DeviceError, LookDevice};
use crate::folder::{Folder, FolderError};
use crate::gallery::Gallery;
use crate::part::{MOST, Part};
use crate::segment::{self, SegmentError, take};
use crate::{Enrolment, EntryId, InsertError, Population, Traits};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use tanba_finger::crc32;

/// Small segments that are merged when there are so many.
const MANY: usize = 8;
/// New people that are worth a segment of their own before the gallery is closed: whoever is not in one is coded anew from the register
/// after a crash, half a second's work.
const WORTH_A_SEGMENT: usize = 512;
/// The catalogue's file.
const CATALOGUE: &str = "catalogue";
const CATALOGUE_MARK: &[u8; 8] = b"TANBAcat";
const CATALOGUE_FORMAT: u16 = 1;

/// Why the gallery could not be kept on disk. Searches go on from memory.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the gallery's {file} could not be written: {why}")]
pub struct ArchiveError {
    /// Which file.
    pub file: String,
    /// What the folder says.
    #[source]
    pub why: FolderError,
}

/// A segment that could not be read when the archive was opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Its file.
    pub segment: String,
    /// Why, for the machine's log.
    pub why: String,
}

/// What one round of upkeep did.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Upkeep {
    /// People written for the first time.
    pub saved: usize,
    /// Dead people of whom nothing is left on disk: their segments were written anew and the old keys destroyed.
    pub forgotten: usize,
    /// Segments merged into larger ones.
    pub merged: usize,
    /// Why the device that takes the first look holds nothing now; the processor looks, and the next round tries again.
    pub device_failure: Option<DeviceError>,
}

/// A row of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Listed {
    number: u64,
    /// The dead, by id.
    dead: BTreeSet<EntryId>,
}

/// The catalogue: what counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Catalogue {
    /// Version of the gallery when it was written.
    version: u64,
    /// Number of the next segment: none is used twice.
    next: u64,
    segments: Vec<Listed>,
}

/// A gallery and its files. Searches take a [`Archive::snapshot`] and never wait for the disk.
pub struct Archive {
    folder: Box<dyn Folder>,
    gallery: RwLock<Gallery>,
    /// Held by whoever changes files.
    files: Mutex<Files>,
    /// Why the last round of upkeep was not finished.
    unfinished: Mutex<Option<ArchiveError>>,
}

#[derive(Default)]
struct Files {
    catalogue: Catalogue,
    /// Whether the catalogue on disk may be another one: there is none yet, its last write failed, or it names segments that could not be
    /// read.
    doubtful: bool,
    /// Segments that count no longer and are still to be removed.
    leftover: BTreeSet<u64>,
}

/// When people are written for the first time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Save {
    /// As soon as they are many enough for a segment of their own.
    WhenWorthIt,
    /// Now: the gallery is about to be closed.
    Everyone,
}

impl core::fmt::Debug for Archive {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Archive").field("gallery", &self.snapshot().stats()).finish_non_exhaustive()
    }
}

impl Archive {
    /// Opens what a folder holds. Segments that cannot be read are left out and told by name; until [`Self::complete`] is called every
    /// search says that it is incomplete. A catalogue that cannot be read leaves an empty gallery, to be filled from the register.
    ///
    /// # Errors
    /// [`ArchiveError`] where the folder itself cannot be read.
    pub fn open(folder: Box<dyn Folder>) -> Result<(Self, Vec<Refused>), ArchiveError> {
        let mut refused = Vec::new();
        let mut refuse = |segment: String, why: String| refused.push(Refused { segment, why });
        let names = folder.names().map_err(|why| failed("folder", why))?;
        let mut begun = true;
        let catalogue = match folder.read(CATALOGUE) {
            Ok(bytes) => Catalogue::from_bytes(&bytes).map_err(|why| why.to_string()),
            Err(FolderError::Missing) if names.iter().any(|name| number_of(name).is_some()) => {
                Err("it is not there, and segments are".to_owned())
            }
            Err(FolderError::Missing) => {
                begun = false;
                Ok(Catalogue::default())
            }
            Err(why @ FolderError::Sealed(_)) => Err(why.to_string()),
            Err(why) => return Err(failed(CATALOGUE, why)),
        };
        let catalogue = catalogue.unwrap_or_else(|why| {
            refuse(CATALOGUE.to_owned(), why);
            Catalogue::default()
        });
        let read: Vec<Result<Part, String>> = catalogue.segments.par_iter().map(|row| row.read(&*folder)).collect();
        let (mut parts, mut listed) = (Vec::new(), Vec::new());
        for (row, part) in catalogue.segments.iter().zip(read) {
            match part {
                Ok(part) => {
                    parts.push(part);
                    listed.push(row.clone());
                }
                Err(why) => refuse(file_of(row.number), why),
            }
        }
        // Numbers go on behind every file there is, so that a name never means two contents.
        let behind = names.iter().filter_map(|name| number_of(name)).max().map_or(0, |most| most + 1);
        let catalogue = Catalogue { next: catalogue.next.max(behind), segments: listed, ..catalogue };
        // Left by an interrupted write, or refused: of no use to anyone.
        let known: BTreeSet<u64> = catalogue.segments.iter().map(|row| row.number).collect();
        let leftover =
            names.iter().filter_map(|name| number_of(name)).filter(|number| !known.contains(number)).collect();
        let gallery = Gallery::of_parts(catalogue.version, parts, refused.iter().map(|r| r.segment.clone()).collect());
        let archive = Self {
            folder,
            gallery: RwLock::new(gallery),
            files: Mutex::new(Files { catalogue, doubtful: !begun || !refused.is_empty(), leftover }),
            unfinished: Mutex::default(),
        };
        Ok((archive, refused))
    }

    /// The gallery as it is now. Cheap; changes do not reach it.
    pub fn snapshot(&self) -> Gallery {
        self.gallery.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Enrols a person: from its return on every snapshot finds them. They are on disk after a round of [`Self::upkeep`]; until then the
    /// register has them.
    ///
    /// # Errors
    /// [`InsertError`] as of [`Gallery::insert`].
    pub fn insert(&self, person: &Enrolment) -> Result<u64, InsertError> {
        self.change(|gallery| gallery.insert(person))
    }

    /// Enrols many people; see [`Gallery::insert_all`].
    ///
    /// # Errors
    /// [`InsertError`] as of [`Gallery::insert_all`].
    pub fn insert_all(&self, people: &[Enrolment]) -> Result<u64, InsertError> {
        // Coding takes long, and searches do not wait for it.
        let coded = Gallery::coded(people)?;
        Ok(self.change(|gallery| gallery.put_all(coded)))
    }

    /// Enrols a person anew with other prints, unless they were taken out meanwhile; tells whether they are there. What was before is on disk
    /// until the next round of [`Self::upkeep`], as with [`Self::set_traits`].
    ///
    /// # Errors
    /// [`InsertError`] as of [`Gallery::insert`].
    pub fn replace(&self, person: &Enrolment) -> Result<bool, InsertError> {
        let coded = Gallery::coded(std::slice::from_ref(person))?;
        Ok(self.change(|gallery| gallery.replace_all(coded)))
    }

    /// Takes a person out: from its return on no snapshot has them. Nothing of them is on disk after the next round of [`Self::upkeep`].
    pub fn remove(&self, entry: EntryId) -> bool {
        self.change(|gallery| gallery.remove(entry))
    }

    /// Says anew what a search may be narrowed by; see [`Gallery::set_traits`]. What was said before is on disk until the next round of
    /// [`Self::upkeep`]: the register knows of whom it must be said again after a crash.
    pub fn set_traits(&self, entry: EntryId, traits: Traits) -> bool {
        self.change(|gallery| gallery.set_traits(entry, traits))
    }

    /// Has a device take the first look; see [`Gallery::look_on`]. Each round of [`Self::upkeep`] sends whoever came since the last one and
    /// takes off whoever is gone.
    ///
    /// # Errors
    /// [`DeviceError`]; the processor looks then.
    pub fn look_on(&self, device: Arc<dyn LookDevice>) -> Result<(), DeviceError> {
        let _files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        self.on_device(|gallery| gallery.look_on(device))
    }

    /// Changes what a device holds, while searches and registrations go on.
    fn on_device(&self, change: impl FnOnce(&mut Gallery) -> Result<(), DeviceError>) -> Result<(), DeviceError> {
        let mut with_it = self.snapshot();
        let done = change(&mut with_it);
        self.change(|gallery| gallery.take_device(with_it));
        done
    }

    /// Whether new people can be kept: asked before somebody is registered, because a gallery that cannot be written grows in memory only.
    ///
    /// # Errors
    /// What stood in the way of the last round of upkeep, as long as no later one was finished.
    pub fn demand_room(&self) -> Result<(), ArchiveError> {
        let unfinished = self.unfinished.lock().unwrap_or_else(PoisonError::into_inner);
        unfinished.clone().map_or(Ok(()), Err)
    }

    /// Whoever was in a refused segment has been enrolled again from the register: searches are complete from now on.
    pub fn complete(&self) {
        self.change(Gallery::forget_refused);
    }

    /// Writes what is only in memory, writes segments with dead people anew without them, and merges small ones. Everything that it
    /// did is durable when it returns, and nothing of the dead is left that could be opened. Searches and changes go on meanwhile.
    ///
    /// # Errors
    /// [`ArchiveError`], such as for a full disk: the gallery in memory is as it was, what is on disk is consistent, and the next round
    /// tries again.
    pub fn upkeep(&self, save: Save) -> Result<Upkeep, ArchiveError> {
        let mut files = self.files.lock().unwrap_or_else(PoisonError::into_inner);
        let done = self.round(save, &mut files);
        *self.unfinished.lock().unwrap_or_else(PoisonError::into_inner) = done.as_ref().err().cloned();
        done
    }

    fn round(&self, save: Save, files: &mut Files) -> Result<Upkeep, ArchiveError> {
        let mut did = Upkeep::default();
        let least = match save {
            Save::WhenWorthIt => WORTH_A_SEGMENT,
            Save::Everyone => 1,
        };
        self.change(|gallery| gallery.close_heads(least));
        self.tidy(files)?;
        loop {
            let gallery = self.snapshot();
            let Some(old) = next(&gallery) else { break };
            match &old[..] {
                [part] if part.segment.is_none() => did.saved += part.people(),
                [_] => {}
                many => did.merged += many.len(),
            }
            self.write_anew(&old, &gallery, files)?;
            let dead = old.iter().filter(|part| part.segment.is_some()).flat_map(|part| part.dead_entries());
            // Whoever was enrolled anew is not forgotten, only what was there before.
            did.forgotten += dead.filter(|entry| !gallery.contains(*entry)).count();
            self.tidy(files)?;
        }
        did.device_failure = self.on_device(Gallery::renew_device).err();
        Ok(did)
    }

    /// Writes the living of some parts as one new segment, or none where nobody of them is alive, and makes it count in their place.
    fn write_anew(&self, old: &[Arc<Part>], gallery: &Gallery, files: &mut Files) -> Result<(), ArchiveError> {
        let catalogue = &mut files.catalogue;
        let all: Vec<&Part> = old.iter().map(|part| &**part).collect();
        let mut new = Part::merged(old[0].population, &all);
        let gone: BTreeSet<u64> = old.iter().filter_map(|part| part.segment).collect();
        let number = catalogue.next;
        let mut planned = Catalogue { version: gallery.version(), next: number + 1, segments: Vec::new() };
        let stays = |row: &&Listed| !gone.contains(&row.number);
        planned.segments.extend(catalogue.segments.iter().filter(stays).map(|row| {
            let part = gallery.parts().iter().find(|part| part.segment == Some(row.number));
            Listed { number: row.number, dead: part.map(|part| part.dead_entries()).unwrap_or_default() }
        }));
        if new.people() > 0 {
            let name = file_of(number);
            // Whatever comes of it, this number is used.
            catalogue.next += 1;
            files.leftover.insert(number);
            self.folder.write(&name, &segment::write(&new)).map_err(|why| failed(&name, why))?;
            planned.segments.push(Listed { number, dead: BTreeSet::new() });
            new.segment = Some(number);
        }
        files.doubtful = true;
        self.folder.write(CATALOGUE, &planned.to_bytes()).map_err(|why| failed(CATALOGUE, why))?;
        *catalogue = planned;
        files.doubtful = false;
        files.leftover.remove(&number);
        files.leftover.extend(gone);
        self.change(|gallery| if new.people() > 0 { gallery.exchange(old, new) } else { gallery.take_out(old) });
        Ok(())
    }

    /// Removes the files of segments that count no longer.
    fn tidy(&self, files: &mut Files) -> Result<(), ArchiveError> {
        if files.doubtful {
            // Before anything goes that it may still name.
            self.folder.write(CATALOGUE, &files.catalogue.to_bytes()).map_err(|why| failed(CATALOGUE, why))?;
            files.doubtful = false;
        }
        while let Some(&number) = files.leftover.first() {
            let name = file_of(number);
            self.folder.remove(&name).map_err(|why| failed(&name, why))?;
            files.leftover.remove(&number);
        }
        Ok(())
    }

    fn change<T>(&self, change: impl FnOnce(&mut Gallery) -> T) -> T {
        change(&mut self.gallery.write().unwrap_or_else(PoisonError::into_inner))
    }
}

fn failed(file: &str, why: FolderError) -> ArchiveError {
    ArchiveError { file: file.to_owned(), why }
}

/// The parts that are to be written as one segment next: one with dead people, one that is only in memory, or many small ones.
fn next(gallery: &Gallery) -> Option<Vec<Arc<Part>>> {
    let parts = gallery.parts();
    if let Some(part) = parts.iter().find(|part| part.segment.is_some() && part.dead() > 0) {
        return Some(vec![Arc::clone(part)]);
    }
    if let Some(part) = parts.iter().find(|part| part.segment.is_none() && !part.open && part.people() > 0) {
        return Some(vec![Arc::clone(part)]);
    }
    let populations: BTreeSet<Population> = parts.iter().map(|part| part.population).collect();
    populations.into_iter().find_map(|population| {
        let small =
            |part: &&Arc<Part>| part.population == population && part.segment.is_some() && part.people() <= MOST / 2;
        let mut small: Vec<Arc<Part>> = parts.iter().filter(small).cloned().collect();
        if small.len() < MANY {
            return None;
        }
        // The smallest first, as many as fit into one: nobody is written anew more often than the logarithm of the numbers.
        small.sort_by_key(|part| part.people());
        let mut people = 0;
        let fit = small.iter().take_while(|part| {
            people += part.people();
            people <= MOST
        });
        let fit = fit.count();
        small.truncate(fit);
        Some(small)
    })
}

fn file_of(number: u64) -> String {
    format!("{number:012}.segment")
}

fn number_of(name: &str) -> Option<u64> {
    name.strip_suffix(".segment")?.parse().ok()
}

impl Listed {
    /// The segment, with the dead buried.
    fn read(&self, folder: &dyn Folder) -> Result<Part, String> {
        let bytes = folder.read(&file_of(self.number)).map_err(|why| why.to_string())?;
        let mut part = segment::read(&bytes).map_err(|why| why.to_string())?;
        part.segment = Some(self.number);
        for entry in &self.dead {
            if let Some((piece, slot)) = part.find(*entry) {
                part.pieces[piece].bury(slot);
            }
        }
        Ok(part)
    }
}

impl Catalogue {
    /// The mark, the format (2), the version (8), the next number (8), the number of segments (4); for each its number (8), the number of its
    /// dead (4) and their ids (16 each); the CRC-32 of everything before (4).
    fn to_bytes(&self) -> Vec<u8> {
        let mut out = CATALOGUE_MARK.to_vec();
        out.extend_from_slice(&CATALOGUE_FORMAT.to_le_bytes());
        out.extend_from_slice(&self.version.to_le_bytes());
        out.extend_from_slice(&self.next.to_le_bytes());
        out.extend_from_slice(&(self.segments.len() as u32).to_le_bytes());
        for row in &self.segments {
            out.extend_from_slice(&row.number.to_le_bytes());
            out.extend_from_slice(&(row.dead.len() as u32).to_le_bytes());
            row.dead.iter().for_each(|entry| out.extend_from_slice(&entry.0.to_le_bytes()));
        }
        let checksum = crc32(&out);
        out.extend_from_slice(&checksum.to_le_bytes());
        out
    }

    fn from_bytes(bytes: &[u8]) -> Result<Self, SegmentError> {
        let (body, checksum) = bytes.split_last_chunk::<4>().ok_or(SegmentError::Length)?;
        let mut left = body.strip_prefix(CATALOGUE_MARK).ok_or(SegmentError::NotASegment)?;
        if crc32(body).to_le_bytes() != *checksum {
            return Err(SegmentError::Damaged);
        }
        let format = u16::from_le_bytes(take(&mut left)?);
        if format != CATALOGUE_FORMAT {
            return Err(SegmentError::Format(format));
        }
        let version = u64::from_le_bytes(take(&mut left)?);
        let next = u64::from_le_bytes(take(&mut left)?);
        let count = u32::from_le_bytes(take(&mut left)?);
        let mut segments = Vec::new();
        for _ in 0..count {
            let number = u64::from_le_bytes(take(&mut left)?);
            let dead = u32::from_le_bytes(take(&mut left)?);
            let dead = (0..dead).map(|_| Ok(EntryId(u128::from_le_bytes(take(&mut left)?))));
            segments.push(Listed { number, dead: dead.collect::<Result<_, SegmentError>>()? });
        }
        if !left.is_empty() {
            return Err(SegmentError::Length);
        }
        Ok(Self { version, next, segments })
    }
}

//! Part of a population: chunks, and who of them is still alive. A part on disk is a segment.

use crate::chunk::{CHUNK, Chunk, Member, Ready};
use crate::{EntryId, Population};
use std::collections::BTreeSet;
use std::sync::Arc;

/// People of a segment at most: what is written anew when one of them is erased (some 170 MB with ten fingers).
pub(crate) const MOST: usize = 8192;
const WORDS: usize = CHUNK / 64;

/// A chunk and who of it is alive.
#[derive(Debug, Clone, Default)]
pub(crate) struct Piece {
    pub(crate) chunk: Arc<Chunk>,
    alive: [u64; WORDS],
}

/// Part of a population. Cloning copies no chunk.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) population: Population,
    /// Its number where it is on disk.
    pub(crate) segment: Option<u64>,
    /// Whether it takes more people; one that does not is in the order of the ids.
    pub(crate) open: bool,
    pub(crate) pieces: Vec<Piece>,
}

impl Piece {
    /// A chunk of people who are all alive.
    pub(crate) fn new(chunk: Chunk) -> Self {
        let mut piece = Self { alive: [0; WORDS], chunk: Arc::new(chunk) };
        for slot in 0..piece.chunk.people.len() {
            piece.alive[slot / 64] |= 1 << (slot % 64);
        }
        piece
    }

    pub(crate) fn is_alive(&self, slot: usize) -> bool {
        self.alive[slot / 64] >> (slot % 64) & 1 == 1
    }

    /// Takes whoever is at a place out of every answer.
    pub(crate) fn bury(&mut self, slot: usize) {
        self.alive[slot / 64] &= !(1 << (slot % 64));
    }

    /// Who is alive, by place.
    pub(crate) fn living(&self) -> impl Iterator<Item = (usize, &Member)> {
        self.chunk.people.iter().enumerate().filter(|(slot, _)| self.is_alive(*slot))
    }

    pub(crate) fn count(&self) -> usize {
        self.alive.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Impressions of the living.
    pub(crate) fn impressions(&self) -> usize {
        if self.count() == self.chunk.people.len() {
            return self.chunk.impressions.len();
        }
        self.living().map(|(slot, _)| self.chunk.count_of(slot)).sum()
    }
}

impl Part {
    /// A part that takes people.
    pub(crate) fn head(population: Population) -> Self {
        Self { population, segment: None, open: true, pieces: Vec::new() }
    }

    pub(crate) fn people(&self) -> usize {
        self.pieces.iter().map(Piece::count).sum()
    }

    /// People who are dead and still there.
    pub(crate) fn dead(&self) -> usize {
        self.pieces.iter().map(|piece| piece.chunk.people.len() - piece.count()).sum()
    }

    /// Who is dead and still there.
    pub(crate) fn dead_entries(&self) -> BTreeSet<EntryId> {
        let dead = |piece: &Piece| {
            let people = piece.chunk.people.iter().enumerate();
            people.filter(|(slot, _)| !piece.is_alive(*slot)).map(|(_, member)| member.entry).collect::<Vec<_>>()
        };
        self.pieces.iter().flat_map(dead).collect()
    }

    /// The living, in the order in which they stand.
    pub(crate) fn living(&self) -> impl Iterator<Item = (&Piece, usize, &Member)> {
        self.pieces.iter().flat_map(|piece| piece.living().map(move |(slot, member)| (piece, slot, member)))
    }

    /// Where a living person is: piece and place.
    pub(crate) fn find(&self, entry: EntryId) -> Option<(usize, usize)> {
        if self.open {
            let at = |(number, piece): (usize, &Piece)| {
                piece.living().find(|(_, member)| member.entry == entry).map(|(slot, _)| (number, slot))
            };
            return self.pieces.iter().enumerate().find_map(at);
        }
        let first = |piece: &Piece| piece.chunk.people.first().map(|member| member.entry);
        let number = self.pieces.partition_point(|piece| first(piece) <= Some(entry)).checked_sub(1)?;
        let piece = &self.pieces[number];
        let slot = piece.chunk.people.binary_search_by_key(&entry, |member| member.entry).ok()?;
        piece.is_alive(slot).then_some((number, slot))
    }

    /// Adds a person to a part that takes people.
    pub(crate) fn push(&mut self, person: &Ready) {
        if self.pieces.last().is_none_or(|piece| piece.chunk.full()) {
            self.pieces.push(Piece::default());
        }
        if let Some(piece) = self.pieces.last_mut() {
            let slot = piece.chunk.people.len();
            Arc::make_mut(&mut piece.chunk).push(person);
            piece.alive[slot / 64] |= 1 << (slot % 64);
        }
    }

    /// Takes a living person out. Nothing of them is left in a part that takes people, which nobody else writes anew before it is full.
    pub(crate) fn bury(&mut self, piece: usize, slot: usize) {
        let piece = &mut self.pieces[piece];
        piece.bury(slot);
        if self.open {
            let mut chunk = Chunk::default();
            for (slot, _) in piece.living() {
                chunk.copy(&piece.chunk, slot);
            }
            *piece = Piece::new(chunk);
        }
    }

    /// The living of some parts of one population, in the order of their ids: closed, and nowhere on disk yet.
    pub(crate) fn merged(population: Population, parts: &[&Part]) -> Self {
        let mut living: Vec<(EntryId, &Piece, usize)> = parts
            .iter()
            .flat_map(|part| part.living())
            .map(|(piece, slot, member)| (member.entry, piece, slot))
            .collect();
        living.sort_by_key(|(entry, ..)| *entry);
        let pieces = living.chunks(CHUNK).map(|people| {
            let mut chunk = Chunk::default();
            for (_, piece, slot) in people {
                chunk.copy(&piece.chunk, *slot);
            }
            Piece::new(chunk)
        });
        Self { population, segment: None, open: false, pieces: pieces.collect() }
    }
}

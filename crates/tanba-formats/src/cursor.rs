//! A place in the bytes of a record of big-endian fields, and what was noticed up to there.

use crate::Diagnostic;

/// The bytes of a record, how far they are read, and what was noticed.
pub(crate) struct Cursor<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) at: usize,
    pub(crate) notes: Vec<Diagnostic>,
}

impl<'a> Cursor<'a> {
    pub(crate) fn new(bytes: &'a [u8], at: usize) -> Self {
        Self { bytes, at, notes: Vec::new() }
    }

    pub(crate) fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let taken = self.bytes.get(self.at..)?.first_chunk::<N>()?;
        self.at += N;
        Some(*taken)
    }

    /// The next `n` bytes, all or nothing.
    pub(crate) fn slice(&mut self, n: usize) -> Option<&'a [u8]> {
        let taken = self.bytes.get(self.at..)?.get(..n)?;
        self.at += n;
        Some(taken)
    }

    pub(crate) fn byte(&mut self) -> Option<u8> {
        self.take::<1>().map(|[b]| b)
    }

    pub(crate) fn short(&mut self) -> Option<u16> {
        self.take::<2>().map(u16::from_be_bytes)
    }

    pub(crate) fn long(&mut self) -> Option<u32> {
        self.take::<4>().map(u32::from_be_bytes)
    }

    pub(crate) fn note(&mut self, code: &'static str, offset: usize, message: String) {
        self.notes.push(Diagnostic { code, message, offset: Some(offset) });
    }

    pub(crate) fn note_length(&mut self, stated: u64, offset: usize) {
        if stated != self.bytes.len() as u64 {
            let message = format!("the record states {stated} bytes; there are {}", self.bytes.len());
            self.note("length-mismatch", offset, message);
        }
    }

    pub(crate) fn note_resolution(&mut self, across: u16, down: u16, offset: usize) {
        if across == 0 || down == 0 {
            self.note("resolution-zero", offset, "the record states no resolution".into());
        }
    }

    /// Whether what is left after all views is worth a word.
    pub(crate) fn note_rest(&mut self) {
        if self.at < self.bytes.len() {
            let left = self.bytes.len() - self.at;
            self.note("trailing-data", self.at, format!("{left} bytes follow the last view"));
        }
    }

    pub(crate) fn note_missing_views(&mut self, stated: usize, complete: usize) {
        self.note("views-missing", self.at, format!("{stated} views are stated; {complete} are complete"));
    }
}

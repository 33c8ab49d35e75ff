//! The directories of a TIFF file: tags and their values, classic and BigTIFF, both byte orders.

/// Tags that are read (TIFF 6.0, section 8 and part 2).
pub(super) mod tag {
    pub(crate) const NEW_SUBFILE_TYPE: u16 = 254;
    pub(crate) const IMAGE_WIDTH: u16 = 256;
    pub(crate) const IMAGE_LENGTH: u16 = 257;
    pub(crate) const BITS_PER_SAMPLE: u16 = 258;
    pub(crate) const COMPRESSION: u16 = 259;
    pub(crate) const PHOTOMETRIC: u16 = 262;
    pub(crate) const FILL_ORDER: u16 = 266;
    pub(crate) const STRIP_OFFSETS: u16 = 273;
    pub(crate) const ORIENTATION: u16 = 274;
    pub(crate) const SAMPLES_PER_PIXEL: u16 = 277;
    pub(crate) const ROWS_PER_STRIP: u16 = 278;
    pub(crate) const STRIP_BYTE_COUNTS: u16 = 279;
    pub(crate) const X_RESOLUTION: u16 = 282;
    pub(crate) const Y_RESOLUTION: u16 = 283;
    pub(crate) const PLANAR: u16 = 284;
    pub(crate) const T4_OPTIONS: u16 = 292;
    pub(crate) const RESOLUTION_UNIT: u16 = 296;
    pub(crate) const PREDICTOR: u16 = 317;
    pub(crate) const COLOR_MAP: u16 = 320;
    pub(crate) const TILE_WIDTH: u16 = 322;
    pub(crate) const TILE_LENGTH: u16 = 323;
    pub(crate) const TILE_OFFSETS: u16 = 324;
    pub(crate) const TILE_BYTE_COUNTS: u16 = 325;
    pub(crate) const EXTRA_SAMPLES: u16 = 338;
    pub(crate) const SAMPLE_FORMAT: u16 = 339;
    pub(crate) const JPEG_TABLES: u16 = 347;
}

/// The most directories that are looked at; scanners write one or two.
const MAX_DIRECTORIES: usize = 16;

/// As much of a text as is shown, bytes.
const LONGEST_TEXT: usize = 4096;

/// A file with its byte order.
#[derive(Clone, Copy)]
pub(super) struct File<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) big_endian: bool,
    big_tiff: bool,
}

/// Position of one directory entry.
#[derive(Clone, Copy)]
struct Entry {
    tag: u16,
    kind: u16,
    count: u64,
    value_at: u64,
}

/// One directory: the tags of one image.
pub(super) struct Directory<'a> {
    file: File<'a>,
    at: usize,
    entries: Vec<Entry>,
}

impl<'a> File<'a> {
    /// `None` when the header is cut off or of no TIFF.
    pub(super) fn new(bytes: &'a [u8]) -> Option<Self> {
        let big_endian = *bytes.first()? == b'M';
        let mut file = Self { bytes, big_endian, big_tiff: false };
        file.big_tiff = file.uint(2, 2)? == 43;
        if file.big_tiff && (file.uint(4, 2)? != 8 || file.uint(6, 2)? != 0) {
            return None;
        }
        Some(file)
    }

    /// All directories of the chain, at most [`MAX_DIRECTORIES`]; a broken link ends it.
    pub(super) fn directories(self) -> Vec<Directory<'a>> {
        let mut found = Vec::new();
        let mut seen = Vec::new();
        let mut next = if self.big_tiff { self.uint(8, 8) } else { self.uint(4, 4) };
        while let Some(at) = next.filter(|at| *at != 0 && !seen.contains(at) && seen.len() < MAX_DIRECTORIES) {
            seen.push(at);
            let Some((directory, following)) = self.directory(at) else { break };
            found.push(directory);
            next = following;
        }
        found
    }

    fn directory(self, at: u64) -> Option<(Directory<'a>, Option<u64>)> {
        let (count_size, entry_size, value_size) = if self.big_tiff { (8, 20, 8) } else { (2, 12, 4) };
        let count = self.uint(at, count_size)?;
        let first = at.checked_add(count_size)?;
        if count > (self.bytes.len() as u64) / entry_size {
            return None;
        }
        let mut entries = Vec::new();
        for i in 0..count {
            let at = first.checked_add(i * entry_size)?;
            let (kind, count) = (self.uint(at.checked_add(2)?, 2)? as u16, self.uint(at.checked_add(4)?, value_size)?);
            let inline_at = at.checked_add(4 + value_size)?;
            let fits = count.checked_mul(size_of(kind)).is_some_and(|n| n <= value_size);
            let value_at = if fits { inline_at } else { self.uint(inline_at, value_size)? };
            entries.push(Entry { tag: self.uint(at, 2)? as u16, kind, count, value_at });
        }
        let following = first.checked_add(count * entry_size).and_then(|at| self.uint(at, value_size));
        Some((Directory { file: self, at: usize::try_from(at).ok()?, entries }, following))
    }

    /// An unsigned integer of `size` bytes (at most 8).
    fn uint(self, at: u64, size: u64) -> Option<u64> {
        let start = usize::try_from(at).ok()?;
        let end = start.checked_add(usize::try_from(size).ok()?)?;
        let bytes = self.bytes.get(start..end)?.iter();
        let join = |v: u64, b: &u8| v << 8 | u64::from(*b);
        Some(if self.big_endian { bytes.fold(0, join) } else { bytes.rev().fold(0, join) })
    }
}

impl Directory<'_> {
    /// Where it begins.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Its tags, in the order of the file.
    pub(super) fn tags(&self) -> impl Iterator<Item = u16> {
        self.entries.iter().map(|e| e.tag)
    }

    /// A text, without what ends it.
    pub(super) fn text(&self, tag: u16) -> Option<String> {
        const ASCII: u16 = 2;
        self.entries.iter().find(|e| e.tag == tag && e.kind == ASCII)?;
        let bytes = self.bytes(tag)?;
        Some(String::from_utf8_lossy(bytes.get(..LONGEST_TEXT).unwrap_or(bytes)).trim_end_matches('\0').to_owned())
    }

    pub(super) fn has(&self, tag: u16) -> bool {
        self.entries.iter().any(|e| e.tag == tag)
    }

    /// Whether a tag is there, but its values lie outside the file.
    pub(super) fn cut_off(&self, tag: u16) -> bool {
        self.entries.iter().filter(|e| e.tag == tag).any(|e| {
            let end = e.count.checked_mul(size_of(e.kind)).and_then(|n| e.value_at.checked_add(n));
            end.is_none_or(|end| end > self.file.bytes.len() as u64)
        })
    }

    /// How many values a tag has.
    pub(super) fn count(&self, tag: u16) -> u64 {
        self.entries.iter().find(|e| e.tag == tag).map_or(0, |e| e.count)
    }

    /// All values of an integer tag; `None` where the tag is absent, of another kind or out of the file.
    pub(super) fn uints(&self, tag: u16) -> Option<Vec<u64>> {
        self.first_uints(tag, u64::MAX)
    }

    /// The first values of an integer tag, at most `most`.
    pub(super) fn first_uints(&self, tag: u16, most: u64) -> Option<Vec<u64>> {
        let e = self.entries.iter().find(|e| e.tag == tag)?;
        if !matches!(e.kind, 1 | 3 | 4 | 13 | 16 | 18) {
            return None;
        }
        let size = size_of(e.kind);
        // A count that the file cannot hold must not be allocated.
        if e.count.checked_mul(size)? > self.file.bytes.len() as u64 {
            return None;
        }
        (0..e.count.min(most)).map(|i| self.file.uint(e.value_at.checked_add(i * size)?, size)).collect()
    }

    /// The bytes of a tag, whatever they are.
    pub(super) fn bytes(&self, tag: u16) -> Option<&[u8]> {
        let e = self.entries.iter().find(|e| e.tag == tag)?;
        let start = usize::try_from(e.value_at).ok()?;
        let size = usize::try_from(e.count.checked_mul(size_of(e.kind))?).ok()?;
        self.file.bytes.get(start..start.checked_add(size)?)
    }

    /// The first value of an integer tag.
    pub(super) fn uint(&self, tag: u16) -> Option<u64> {
        let e = self.entries.iter().find(|e| e.tag == tag && e.count > 0)?;
        matches!(e.kind, 1 | 3 | 4 | 13 | 16 | 18).then(|| self.file.uint(e.value_at, size_of(e.kind)))?
    }

    /// The first value of a rational (or integer, as some writers have it) tag.
    pub(super) fn rational(&self, tag: u16) -> Option<f64> {
        let e = self.entries.iter().find(|e| e.tag == tag && e.count > 0)?;
        if e.kind != 5 {
            return self.uint(tag).map(|v| v as f64);
        }
        let (above, below) = (self.file.uint(e.value_at, 4)?, self.file.uint(e.value_at.checked_add(4)?, 4)?);
        (below != 0).then(|| above as f64 / below as f64)
    }
}

/// Bytes of one value of a field type (TIFF 6.0 page 15; BigTIFF adds 16 to 18).
fn size_of(kind: u16) -> u64 {
    match kind {
        3 | 8 => 2,
        4 | 9 | 11 | 13 => 4,
        5 | 10 | 12 | 16..=18 => 8,
        _ => 1,
    }
}

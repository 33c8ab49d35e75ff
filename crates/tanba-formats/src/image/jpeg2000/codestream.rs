//! The headers of a JPEG 2000 codestream (T.800 annex A): as much as tells what decoding would take, and what was done to the picture.

/// Markers (table A.2).
pub(super) mod marker {
    pub(crate) const START: u16 = 0xff4f;
    pub(crate) const SIZE: u16 = 0xff51;
    pub(crate) const CODING: u16 = 0xff52;
    pub(crate) const COMPONENT_CODING: u16 = 0xff53;
    pub(crate) const QUANTISER: u16 = 0xff5c;
    pub(crate) const COMMENT: u16 = 0xff64;
    pub(crate) const TILE_PART: u16 = 0xff90;
    pub(crate) const DATA: u16 = 0xff93;
    pub(crate) const END: u16 = 0xffd9;
    /// Without a length.
    pub(crate) const ALONE: std::ops::RangeInclusive<u16> = 0xff30..=0xff3f;
}

/// How coefficients came about (table A.20).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transform {
    /// 5-3: nothing is lost, unless code words were left out.
    Reversible,
    /// 9-7.
    Irreversible,
}

/// The samples of one component.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Component {
    pub(crate) bits: u8,
    pub(crate) signed: bool,
}

/// What the headers say.
#[derive(Debug, Clone)]
pub(crate) struct Codestream {
    pub(crate) width: u32,
    pub(crate) height: u32,
    /// Pixels of a tile, across and down.
    pub(crate) tile: (u32, u32),
    pub(crate) components: Vec<Component>,
    /// Of the main header.
    pub(crate) transform: Option<Transform>,
    pub(crate) layers: u16,
    pub(crate) levels: u8,
    /// The most precincts that any header cuts a component into, at all levels.
    pub(crate) precincts: u64,
    pub(crate) tile_parts: usize,
    pub(crate) comments: Vec<Vec<u8>>,
}

impl Codestream {
    /// `None` where the main header is cut off or no header at all. What follows it may be damaged: that is for decoding to find.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader { bytes, at: 0 };
        if reader.short()? != marker::START || reader.short()? != marker::SIZE {
            return None;
        }
        let mut found = Self::of_size(reader.body()?)?;
        // The main header.
        loop {
            match reader.short()? {
                marker::TILE_PART => break,
                m => found.take(m, &mut reader, true)?,
            }
        }
        // The headers of tile-parts, which can change what the main header said.
        let mut part = Some(reader.at - 2);
        while let Some(start) = part {
            part = found.tile_part(&mut reader, start);
        }
        Some(found)
    }

    fn of_size(body: &[u8]) -> Option<Self> {
        let mut body = Reader { bytes: body, at: 2 };
        let mut grid = [0; 6];
        for v in &mut grid {
            *v = body.long()?;
        }
        let [right, bottom, left, top, tile_width, tile_height] = grid;
        let _tile_offsets = (body.long()?, body.long()?);
        let count = body.short()?;
        let mut components = Vec::new();
        for _ in 0..count {
            let [depth, _, _] = *body.bytes.get(body.at..)?.first_chunk::<3>()?;
            body.at += 3;
            components.push(Component { bits: (depth & 0x7f) + 1, signed: depth & 0x80 != 0 });
        }
        Some(Self {
            width: right.checked_sub(left).filter(|w| *w > 0)?,
            height: bottom.checked_sub(top).filter(|h| *h > 0)?,
            tile: (tile_width, tile_height),
            components,
            transform: None,
            layers: 0,
            levels: 0,
            precincts: 1,
            tile_parts: 0,
            comments: Vec::new(),
        })
    }

    /// Reads a segment whose marker was read.
    fn take(&mut self, marker: u16, reader: &mut Reader<'_>, main: bool) -> Option<()> {
        if marker::ALONE.contains(&marker) {
            return Some(());
        }
        if !(0xff00..=0xffff).contains(&marker) {
            return None;
        }
        let body = reader.body()?;
        match marker {
            marker::CODING => {
                let (&[style, _, l1, l0, _, levels, _, _, _, transform], precincts) = body.split_first_chunk::<10>()?;
                if main {
                    self.layers = u16::from_be_bytes([l1, l0]);
                    self.levels = levels;
                    self.transform = match transform {
                        0 => Some(Transform::Irreversible),
                        1 => Some(Transform::Reversible),
                        _ => None,
                    };
                }
                self.count_precincts(style, levels, precincts);
            }
            marker::COMPONENT_CODING => {
                // The component's number has one byte, or two where there are many components.
                let rest = body.get(if self.components.len() < 257 { 1 } else { 2 }..)?;
                let (&[style, levels, _, _, _, _], precincts) = rest.split_first_chunk::<6>()?;
                self.count_precincts(style, levels, precincts);
            }
            marker::COMMENT if main => self.comments.extend(body.get(2..).map(<[u8]>::to_vec)),
            _ => {}
        }
        Some(())
    }

    /// Precincts of a component, from their sizes (table A.21), those of the lowest level first.
    fn count_precincts(&mut self, style: u8, levels: u8, sizes: &[u8]) {
        // Without sizes, a precinct is the whole picture.
        if style & 1 == 0 {
            return;
        }
        let side = |length: u32, level: u32, size: u8| {
            let reduced = u64::from(length).div_ceil(1 << u32::from(levels).saturating_sub(level).min(32));
            reduced.div_ceil(1 << size)
        };
        // Both factors are below 2^32.
        let at = |(level, size): (u32, &u8)| side(self.width, level, size & 15) * side(self.height, level, size >> 4);
        let count = (0..).zip(sizes).map(at).fold(0_u64, u64::saturating_add);
        self.precincts = self.precincts.max(count);
    }

    /// Reads the header of the tile-part at `start`; where the next one begins.
    fn tile_part(&mut self, reader: &mut Reader<'_>, start: usize) -> Option<usize> {
        reader.at = start;
        if reader.short()? != marker::TILE_PART {
            return None;
        }
        let &[_, _, l3, l2, l1, l0, ..] = reader.body()?.first_chunk::<8>()?;
        self.tile_parts += 1;
        loop {
            match reader.short()? {
                marker::DATA => break,
                marker::END => return None,
                m => self.take(m, reader, false)?,
            }
        }
        let length = u32::from_be_bytes([l3, l2, l1, l0]) as usize;
        // Zero: the last one, up to the end.
        (length > 0).then(|| start.saturating_add(length)).filter(|next| *next >= reader.at)
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn short(&mut self) -> Option<u16> {
        let v = self.bytes.get(self.at..)?.first_chunk().map(|b| u16::from_be_bytes(*b))?;
        self.at += 2;
        Some(v)
    }

    fn long(&mut self) -> Option<u32> {
        let v = self.bytes.get(self.at..)?.first_chunk().map(|b| u32::from_be_bytes(*b))?;
        self.at += 4;
        Some(v)
    }

    /// What follows a length that counts itself.
    fn body(&mut self) -> Option<&'a [u8]> {
        let length = usize::from(self.short()?).checked_sub(2)?;
        let body = self.bytes.get(self.at..self.at + length)?;
        self.at += length;
        Some(body)
    }
}

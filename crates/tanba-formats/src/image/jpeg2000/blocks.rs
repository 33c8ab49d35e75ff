//! Code blocks (T.800 annexes C and D): the bits of coefficients, plane by plane from the highest, each told from its neighbours and
//! coded by an adaptive binary coder.

/// Which frequencies a band has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Orientation {
    /// Low ones (LL).
    Low,
    /// High ones across (HL).
    Horizontal,
    /// High ones down (LH).
    Vertical,
    /// High ones both ways (HH).
    Diagonal,
}

impl Orientation {
    /// The bands of a level, in the order of the file.
    pub(super) const OF_LEVEL: [Self; 3] = [Self::Horizontal, Self::Vertical, Self::Diagonal];
}

/// A coded block.
pub(super) struct Coded {
    /// Bit planes that are not all zero.
    pub(super) planes: u8,
    /// Passes over the block.
    pub(super) passes: u32,
    pub(super) bytes: Vec<u8>,
}

/// Contexts (tables D.1 to D.5): nine for zeros, five for signs, three for magnitudes, and two more.
const SIGNS: usize = 9;
const MAGNITUDES: usize = 14;
const RUN: usize = 17;
const UNIFORM: usize = 18;
const CONTEXTS: usize = 19;
/// Rows that are scanned together.
const STRIPE: usize = 4;

/// Codes a block of `width` columns.
pub(super) fn code(values: &[i32], width: usize, orientation: Orientation) -> Coded {
    let most = values.iter().map(|v| v.unsigned_abs()).max().unwrap_or(0);
    let planes = 32 - most.leading_zeros();
    let mut block = Block::new(values, width, orientation);
    for plane in (0..planes).rev() {
        // Of the highest plane nothing is known yet: only the third pass has something to do.
        if plane + 1 < planes {
            block.significance(plane);
            block.refinement(plane);
        }
        block.cleanup(plane);
    }
    let bytes = if planes > 0 { block.coder.finish() } else { Vec::new() };
    // At most 32 planes.
    Coded { planes: planes as u8, passes: (3 * planes).saturating_sub(2), bytes }
}

/// What is known of a coefficient so far.
#[derive(Debug, Clone, Copy, Default)]
struct Known {
    /// It is not zero.
    significant: bool,
    /// It was looked at in this plane.
    visited: bool,
    /// It was refined before.
    refined: bool,
    negative: bool,
    magnitude: u32,
}

struct Block {
    width: usize,
    height: usize,
    orientation: Orientation,
    /// With a border of one that is never significant.
    known: Vec<Known>,
    coder: Coder,
}

impl Block {
    fn new(values: &[i32], width: usize, orientation: Orientation) -> Self {
        let height = values.len() / width.max(1);
        let mut known = vec![Known::default(); (width + 2) * (height + 2)];
        for (y, row) in values.chunks_exact(width.max(1)).enumerate() {
            for (x, v) in row.iter().enumerate() {
                let at = (y + 1) * (width + 2) + x + 1;
                known[at] = Known { negative: *v < 0, magnitude: v.unsigned_abs(), ..Known::default() };
            }
        }
        Self { width, height, orientation, known, coder: Coder::new() }
    }

    /// Places in the order of a pass: columns of stripes of four rows.
    fn places(&self) -> impl Iterator<Item = usize> + use<> {
        let (width, height) = (self.width, self.height);
        (0..height).step_by(STRIPE).flat_map(move |top| {
            (0..width).flat_map(move |x| (top..height.min(top + STRIPE)).map(move |y| (y + 1) * (width + 2) + x + 1))
        })
    }

    /// Coefficients with a significant neighbour (D.3.1).
    fn significance(&mut self, plane: u32) {
        for at in self.places() {
            let context = self.zero_context(at);
            if !self.known[at].significant && context > 0 {
                self.known[at].visited = true;
                self.zero(at, context, plane);
            }
        }
    }

    /// One more bit of those that were significant before this plane (D.3.3).
    fn refinement(&mut self, plane: u32) {
        for at in self.places() {
            let known = self.known[at];
            if known.significant && !known.visited {
                let context = match (known.refined, self.zero_context(at)) {
                    (true, _) => MAGNITUDES + 2,
                    (false, 0) => MAGNITUDES,
                    (false, _) => MAGNITUDES + 1,
                };
                self.known[at].refined = true;
                self.coder.put(context, known.magnitude >> plane & 1);
            }
        }
    }

    /// All others (D.3.4); four in a column of which nothing is known are told at once.
    fn cleanup(&mut self, plane: u32) {
        let row = self.width + 2;
        for top in (0..self.height).step_by(STRIPE) {
            for x in 0..self.width {
                let first = (top + 1) * row + x + 1;
                let rows = STRIPE.min(self.height - top);
                let mut from = 0;
                let unknown = |at: usize| {
                    let known = self.known[at];
                    !known.significant && !known.visited && self.zero_context(at) == 0
                };
                if rows == STRIPE && (0..STRIPE).all(|i| unknown(first + i * row)) {
                    let found = (0..STRIPE).find(|i| self.known[first + i * row].magnitude >> plane & 1 == 1);
                    self.coder.put(RUN, u32::from(found.is_some()));
                    let Some(found) = found else { continue };
                    self.coder.put(UNIFORM, found as u32 >> 1);
                    self.coder.put(UNIFORM, found as u32 & 1);
                    self.sign(first + found * row);
                    from = found + 1;
                }
                for at in (from..rows).map(|i| first + i * row) {
                    if !self.known[at].significant && !self.known[at].visited {
                        self.zero(at, self.zero_context(at), plane);
                    }
                }
            }
        }
        self.known.iter_mut().for_each(|k| k.visited = false);
    }

    /// Whether a coefficient becomes significant in this plane.
    fn zero(&mut self, at: usize, context: usize, plane: u32) {
        let bit = self.known[at].magnitude >> plane & 1;
        self.coder.put(context, bit);
        if bit == 1 {
            self.sign(at);
        }
    }

    /// The sign of a coefficient that becomes significant (D.3.2).
    fn sign(&mut self, at: usize) {
        let row = self.width + 2;
        let of = |at: usize| -> i32 {
            match self.known[at] {
                Known { significant: false, .. } => 0,
                Known { negative: true, .. } => -1,
                _ => 1,
            }
        };
        let across = (of(at - 1) + of(at + 1)).clamp(-1, 1);
        let down = (of(at - row) + of(at + row)).clamp(-1, 1);
        // The two halves of the table are each other's negative.
        let flipped = across < 0 || across == 0 && down < 0;
        let (across, down) = if flipped { (-across, -down) } else { (across, down) };
        // At most 4.
        let context = SIGNS + (3 * across + down).unsigned_abs() as usize;
        self.coder.put(context, u32::from(self.known[at].negative != flipped));
        self.known[at].significant = true;
    }

    /// The context of a coefficient by which of its neighbours are significant (table D.1).
    fn zero_context(&self, at: usize) -> usize {
        let row = self.width + 2;
        let count = |places: &[usize]| places.iter().filter(|at| self.known[**at].significant).count();
        let across = count(&[at - 1, at + 1]);
        let down = count(&[at - row, at + row]);
        let diagonal = count(&[at - row - 1, at - row + 1, at + row - 1, at + row + 1]);
        match self.orientation {
            Orientation::Low | Orientation::Vertical => directed(across, down, diagonal),
            Orientation::Horizontal => directed(down, across, diagonal),
            Orientation::Diagonal => match (diagonal, across + down) {
                (3.., _) => 8,
                (2, 1..) => 7,
                (2, _) => 6,
                (1, 2..) => 5,
                (1, 1) => 4,
                (1, _) => 3,
                (_, beside) => beside.min(2),
            },
        }
    }
}

fn directed(along: usize, beside: usize, diagonal: usize) -> usize {
    match (along, beside, diagonal) {
        (2, ..) => 8,
        (1, 1.., _) => 7,
        (1, _, 1..) => 6,
        (1, ..) => 5,
        (_, 2, _) => 4,
        (_, 1, _) => 3,
        (.., diagonal) => diagonal.min(2),
    }
}

/// A state of the coder: the less probable symbol's share of the interval, the states after the more and the less probable symbol,
/// and whether the two change places (table C.2).
type State = (u32, u8, u8, bool);

const STATES: [State; 47] = [
    (0x5601, 1, 1, true),
    (0x3401, 2, 6, false),
    (0x1801, 3, 9, false),
    (0x0ac1, 4, 12, false),
    (0x0521, 5, 29, false),
    (0x0221, 38, 33, false),
    (0x5601, 7, 6, true),
    (0x5401, 8, 14, false),
    (0x4801, 9, 14, false),
    (0x3801, 10, 14, false),
    (0x3001, 11, 17, false),
    (0x2401, 12, 18, false),
    (0x1c01, 13, 20, false),
    (0x1601, 29, 21, false),
    (0x5601, 15, 14, true),
    (0x5401, 16, 14, false),
    (0x5101, 17, 15, false),
    (0x4801, 18, 16, false),
    (0x3801, 19, 17, false),
    (0x3401, 20, 18, false),
    (0x3001, 21, 19, false),
    (0x2801, 22, 19, false),
    (0x2401, 23, 20, false),
    (0x2201, 24, 21, false),
    (0x1c01, 25, 22, false),
    (0x1801, 26, 23, false),
    (0x1601, 27, 24, false),
    (0x1401, 28, 25, false),
    (0x1201, 29, 26, false),
    (0x1101, 30, 27, false),
    (0x0ac1, 31, 28, false),
    (0x09c1, 32, 29, false),
    (0x08a1, 33, 30, false),
    (0x0521, 34, 31, false),
    (0x0441, 35, 32, false),
    (0x02a1, 36, 33, false),
    (0x0221, 37, 34, false),
    (0x0141, 38, 35, false),
    (0x0111, 39, 36, false),
    (0x0085, 40, 37, false),
    (0x0049, 41, 38, false),
    (0x0025, 42, 39, false),
    (0x0015, 43, 40, false),
    (0x0009, 44, 41, false),
    (0x0005, 45, 42, false),
    (0x0001, 45, 43, false),
    (0x5601, 46, 46, false),
];

/// The arithmetic coder (annex C.2).
struct Coder {
    interval: u32,
    code: u32,
    /// Shifts until a byte is whole.
    shifts: u32,
    /// The last byte can still grow by a carry; the first stands for what was before and is dropped.
    bytes: Vec<u8>,
    /// State and more probable symbol of every context.
    contexts: [(u8, u32); CONTEXTS],
}

impl Coder {
    fn new() -> Self {
        // Table D.7.
        let mut contexts = [(0, 0); CONTEXTS];
        contexts[0].0 = 4;
        contexts[RUN].0 = 3;
        contexts[UNIFORM].0 = 46;
        Self { interval: 0x8000, code: 0, shifts: 12, bytes: vec![0], contexts }
    }

    fn put(&mut self, context: usize, bit: u32) {
        let (state, probable) = &mut self.contexts[context];
        let (share, after_more, after_less, switch) = STATES[usize::from(*state)];
        self.interval -= share;
        if bit == *probable {
            if self.interval & 0x8000 != 0 {
                self.code += share;
                return;
            }
            *state = after_more;
            if self.interval < share { self.interval = share } else { self.code += share }
        } else {
            if switch {
                *probable = 1 - *probable;
            }
            *state = after_less;
            if self.interval < share { self.code += share } else { self.interval = share }
        }
        loop {
            self.interval <<= 1;
            self.code <<= 1;
            self.shifts -= 1;
            if self.shifts == 0 {
                self.byte();
            }
            if self.interval & 0x8000 != 0 {
                break;
            }
        }
    }

    /// Moves a byte out; after a byte of ones only seven bits follow, so that a carry has room and no marker comes about.
    fn byte(&mut self) {
        const CARRY: u32 = 0x0800_0000;
        let last = self.bytes.last_mut();
        if let Some(last) = last.filter(|b| **b != 0xff && self.code >= CARRY) {
            *last += 1;
            self.code &= CARRY - 1;
        }
        let (shift, left) = if self.bytes.last() == Some(&0xff) { (20, 7) } else { (19, 8) };
        // After a byte of ones the carry is the highest of the bits.
        self.bytes.push((self.code >> shift) as u8);
        self.code &= (1 << shift) - 1;
        self.shifts = left;
    }

    fn finish(mut self) -> Vec<u8> {
        let end = self.code + self.interval;
        self.code |= 0xffff;
        if self.code >= end {
            self.code -= 0x8000;
        }
        for _ in 0..2 {
            self.code <<= self.shifts;
            self.byte();
        }
        if self.bytes.last() == Some(&0xff) {
            self.bytes.pop();
        }
        self.bytes.split_off(1)
    }
}

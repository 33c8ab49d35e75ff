//! Packets (T.800 annex B.9 and B.10): which code blocks have something, in how many passes and bytes, and then their bytes.

use super::blocks::Coded;

/// A band with all its code blocks.
pub(super) struct Band {
    /// Blocks in a row.
    pub(super) across: usize,
    /// Bit planes that its coefficients may have.
    pub(super) planes: u8,
    pub(super) blocks: Vec<Coded>,
}

/// The packet of one resolution: all blocks of its bands, in one layer.
pub(super) fn packet(bands: &[Band]) -> Vec<u8> {
    let mut header = Bits::default();
    // It is not empty.
    header.put(1, 1);
    for band in bands.iter().filter(|b| b.across > 0) {
        let absent = band.blocks.iter().map(|b| u32::from(b.passes == 0)).collect();
        let empty = band.blocks.iter().map(|b| u32::from(band.planes.saturating_sub(b.planes))).collect();
        let (mut absent, mut empty) = (TagTree::new(absent, band.across), TagTree::new(empty, band.across));
        for (i, block) in band.blocks.iter().enumerate() {
            absent.put(i, 1, &mut header);
            if block.passes > 0 {
                empty.put(i, u32::MAX, &mut header);
                passes(block.passes, &mut header);
                length(block, &mut header);
            }
        }
    }
    let bodies = bands.iter().flat_map(|band| band.blocks.iter().flat_map(|b| b.bytes.iter().copied()));
    let mut packet = header.finish();
    packet.extend(bodies);
    packet
}

/// A number of passes (table B.4).
fn passes(n: u32, header: &mut Bits) {
    match n {
        1 => header.put(0, 1),
        2 => header.put(0b10, 2),
        3..=5 => header.put(0b1100 | (n - 3), 4),
        6..=36 => header.put(0b1111 << 5 | (n - 6), 9),
        // At most 164: there are no 56 planes.
        _ => header.put(0x1ff << 7 | (n - 37), 16),
    }
}

/// The number of bytes of a block: more bits for it are asked for by ones.
fn length(block: &Coded, header: &mut Bits) {
    const FEWEST_BITS: u32 = 3;
    let length = block.bytes.len() as u32;
    let bits = FEWEST_BITS + block.passes.ilog2();
    let needed = length.checked_ilog2().map_or(1, |n| n + 1);
    let more = needed.saturating_sub(bits);
    (0..more).for_each(|_| header.put(1, 1));
    header.put(0, 1);
    header.put(length, bits + more);
}

/// Numbers of blocks told by the smallest of each four, and of each four of these, and so on (B.10.2).
struct TagTree {
    /// The blocks first, the root last.
    levels: Vec<Level>,
}

struct Level {
    across: usize,
    nodes: Vec<Node>,
}

#[derive(Clone, Copy)]
struct Node {
    value: u32,
    /// The reader knows that the value is not less than this, or what it is.
    least: u32,
    known: bool,
}

impl TagTree {
    /// Of at least one number, `across` in a row.
    fn new(values: Vec<u32>, across: usize) -> Self {
        let node = |value| Node { value, least: 0, known: false };
        let mut levels = vec![Level { across, nodes: values.into_iter().map(node).collect() }];
        while let Some(below) = levels.last().filter(|l| l.nodes.len() > 1) {
            let (wide, high) = (below.across.div_ceil(2), (below.nodes.len() / below.across).div_ceil(2));
            let mut above = vec![node(u32::MAX); wide * high];
            for (i, n) in below.nodes.iter().enumerate() {
                let parent = &mut above[i / below.across / 2 * wide + i % below.across / 2];
                parent.value = parent.value.min(n.value);
            }
            levels.push(Level { across: wide, nodes: above });
        }
        Self { levels }
    }

    /// Tells whether the number of a block is less than `limit`, and which it is then.
    fn put(&mut self, block: usize, limit: u32, header: &mut Bits) {
        let across = self.levels[0].across;
        let (x, y) = (block % across, block / across);
        let mut least = 0;
        for (up, level) in self.levels.iter_mut().enumerate().rev() {
            let node = &mut level.nodes[(y >> up) * level.across + (x >> up)];
            node.least = node.least.max(least);
            while node.least < limit && !node.known {
                node.known = node.least == node.value;
                header.put(u32::from(node.known), 1);
                node.least += u32::from(!node.known);
            }
            least = node.least;
        }
    }
}

/// Bits of a packet header: after a byte of ones, one with a leading zero.
#[derive(Default)]
struct Bits {
    bytes: Vec<u8>,
    held: u8,
    have: u32,
}

impl Bits {
    /// The lowest `count` bits of a number.
    fn put(&mut self, v: u32, count: u32) {
        for i in (0..count).rev() {
            self.held = self.held << 1 | (v >> i & 1) as u8;
            self.have += 1;
            if self.have == self.room() {
                self.bytes.push(self.held);
                (self.held, self.have) = (0, 0);
            }
        }
    }

    fn room(&self) -> u32 {
        if self.bytes.last() == Some(&0xff) { 7 } else { 8 }
    }

    fn finish(mut self) -> Vec<u8> {
        // Also behind a last byte of ones, there is one more.
        if self.have > 0 || self.room() == 7 {
            self.put(0, self.room() - self.have);
        }
        self.bytes
    }
}

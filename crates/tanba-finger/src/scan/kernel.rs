//! The inner loops of [`super::scan`], compiled once for each instruction set: plain arrays of one length, so that the compiler makes
//! vectors of them.

use super::{DIRECTION, FEWEST, Instructions, LANES, PAIRS, PLACE, ScanPrint, WORDS};

/// Words of a register.
const EIGHT: usize = 8;
/// Similarities are whole numbers up to this: products of two, summed over all pairs of pairs, stay below 2^32.
const FULL: f32 = 4095.0;
/// Added to a number between 0 and 65,535, its lowest bits are the nearest whole number (2^23: single precision has no fraction there).
const TO_WHOLE: f32 = 8_388_608.0;
/// Squared tolerance of a place seen from another minutia, pixels, and its growth with the squared distance: skin stretches (science: MCC
/// takes 5 pixels; own: a tenth to a sixth of the distance).
const TOLERANCE: f32 = 64.0;
const STRETCH: f32 = 0.03;
/// Least cosine between what the two prints say of the second minutia's direction, seen from the first: 20 degrees.
const DIRECTION_AGREES: f32 = 0.94;

// The instruction that counts the bits of eight words at once is younger than the rest of AVX-512.
#[cfg(target_arch = "x86_64")]
pulp::simd_type!({
    struct Avx512Popcount {
        avx512f: f!("avx512f"),
        avx512bw: f!("avx512bw"),
        avx512dq: f!("avx512dq"),
        avx512vl: f!("avx512vl"),
        avx512vpopcntdq: f!("avx512vpopcntdq"),
        avx2: f!("avx2"),
        popcnt: f!("popcnt"),
    }
});

/// Scores with these instructions; `false`, and nothing done, where this machine has them not.
pub(super) fn run(with: Instructions, probe: &ScanPrint, gallery: &[ScanPrint], scores: &mut [u32]) -> bool {
    dispatch(with, Run { probe: &Probe::of(probe), gallery, scores }).is_some()
}

fn dispatch<W: pulp::NullaryFnOnce>(with: Instructions, work: W) -> Option<W::Output> {
    match with {
        Instructions::Plain => Some(work.call()),
        #[cfg(target_arch = "x86_64")]
        Instructions::Avx2 => pulp::x86::V3::try_new().map(|simd| simd.vectorize(work)),
        #[cfg(target_arch = "x86_64")]
        Instructions::Avx512 => Avx512Popcount::try_new().map(|simd| simd.vectorize(work)),
        #[cfg(not(target_arch = "x86_64"))]
        Instructions::Avx2 | Instructions::Avx512 => None,
    }
}

struct Run<'a> {
    probe: &'a Probe,
    gallery: &'a [ScanPrint],
    scores: &'a mut [u32],
}

impl pulp::NullaryFnOnce for Run<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        self.all();
    }
}

impl Run<'_> {
    #[inline(always)]
    fn all(self) {
        for (print, score) in self.gallery.iter().zip(self.scores) {
            *score = self.probe.score(print);
        }
    }
}

/// The probe, its numbers ready to be compared.
struct Probe {
    count: usize,
    words: [[u64; WORDS]; LANES],
    ones: [f32; LANES],
    x: [f32; LANES],
    y: [f32; LANES],
    cos: [f32; LANES],
    sin: [f32; LANES],
}

impl Probe {
    fn of(print: &ScanPrint) -> Self {
        Self {
            count: usize::from(print.count).min(LANES),
            words: core::array::from_fn(|lane| core::array::from_fn(|word| print.words[word][lane])),
            ones: print.ones.map(f32::from),
            x: print.x.map(|v| f32::from(v) / PLACE),
            y: print.y.map(|v| f32::from(v) / PLACE),
            cos: print.cos.map(|v| f32::from(v) / DIRECTION),
            sin: print.sin.map(|v| f32::from(v) / DIRECTION),
        }
    }

    #[inline(always)]
    fn score(&self, print: &ScanPrint) -> u32 {
        let count = usize::from(print.count).min(LANES);
        if self.count < FEWEST || count < FEWEST {
            return 0;
        }
        // Whole registers: the lanes beyond the last cylinder are empty and like nothing.
        let lanes = count.next_multiple_of(8);
        let best = self.best_of_each(print, lanes);
        agreement(&self.pairs(print, &strongest(&best)))
    }

    /// For each cylinder of the probe the most similar one of the print: similarity, and who they are, in one number that sorts.
    #[inline(always)]
    fn best_of_each(&self, print: &ScanPrint, lanes: usize) -> [u32; LANES] {
        let registers = lanes / EIGHT;
        let ones: [f32; LANES] = core::array::from_fn(|j| f32::from(print.ones[j]));
        let cos: [f32; LANES] = core::array::from_fn(|j| f32::from(print.cos[j]));
        let sin: [f32; LANES] = core::array::from_fn(|j| f32::from(print.sin[j]));
        let mut best = [0u32; LANES];
        for (i, out) in best.iter_mut().enumerate().take(self.count) {
            let mut most = [0u32; EIGHT];
            for register in 0..registers {
                let at = register * EIGHT;
                let mut different = [0u64; EIGHT];
                for word in 0..WORDS {
                    let row: &[u64; EIGHT] = eight(&print.words[word], at);
                    for j in 0..EIGHT {
                        different[j] += u64::from((row[j] ^ self.words[i][word]).count_ones());
                    }
                }
                let (ones, cos, sin): (&[f32; EIGHT], &[f32; EIGHT], &[f32; EIGHT]) =
                    (eight(&ones, at), eight(&cos, at), eight(&sin, at));
                for j in 0..EIGHT {
                    // 1 - |a xor b| / (|a| + |b|); an empty lane differs by all bits, and has nothing in common with anything.
                    let alike = FULL - different[j] as f32 * FULL / (self.ones[i] + ones[j]);
                    // Turned by more than a quarter, it is another minutia.
                    let turned = self.cos[i] * cos[j] + self.sin[i] * sin[j];
                    let alike = if turned >= 0.0 { alike } else { 0.0 };
                    // The lowest bits of the sum are the nearest whole number.
                    let whole = (alike + TO_WHOLE).to_bits() & 0xffff;
                    most[j] = most[j].max(whole << 5 | (LANES - 1 - at - j) as u32);
                }
            }
            let most = most.into_iter().fold(0, u32::max);
            if most >> 5 > 0 {
                *out = most << 5 | (LANES - 1 - i) as u32;
            }
        }
        best
    }

    /// The best pairs, each minutia's place and direction side by side.
    #[inline(always)]
    fn pairs(&self, print: &ScanPrint, best: &[u32; PAIRS]) -> Pairs {
        let mut pairs = Pairs::default();
        for (k, key) in best.iter().enumerate() {
            let (i, j) = (LANES - 1 - (key & 31) as usize, LANES - 1 - (key >> 5 & 31) as usize);
            pairs.alike[k] = key >> 10;
            // Two pairs with one minutia in common never agree.
            pairs.theirs[k] = j as u32;
            pairs.a.set(k, self.x[i], self.y[i], self.cos[i], self.sin[i]);
            let (place, direction) = (|v: i16| f32::from(v) / PLACE, |v: i16| f32::from(v) / DIRECTION);
            pairs.b.set(k, place(print.x[j]), place(print.y[j]), direction(print.cos[j]), direction(print.sin[j]));
        }
        pairs
    }
}

/// Eight neighbours of an array.
#[inline(always)]
fn eight<T>(of: &[T; LANES], at: usize) -> &[T; EIGHT] {
    // Whole registers only are asked for.
    of[at..].first_chunk().unwrap_or_else(|| unreachable!("a register begins at {at} of {LANES}"))
}

/// The strongest pairs, by their keys, which are all different but for those of nobody (0).
#[inline(always)]
fn strongest(keys: &[u32; LANES]) -> [u32; PAIRS] {
    let mut strongest = [0; PAIRS];
    for (i, key) in keys.iter().enumerate() {
        let mut stronger = 0;
        for (j, other) in keys.iter().enumerate() {
            stronger += usize::from(other > key || (other == key && j < i));
        }
        if let Some(place) = strongest.get_mut(stronger) {
            *place = *key;
        }
    }
    strongest
}

/// Minutiae of one print, one a pair.
#[derive(Default)]
struct Side {
    x: [f32; PAIRS],
    y: [f32; PAIRS],
    cos: [f32; PAIRS],
    sin: [f32; PAIRS],
}

#[derive(Default)]
struct Pairs {
    alike: [u32; PAIRS],
    theirs: [u32; PAIRS],
    a: Side,
    b: Side,
}

impl Side {
    #[inline(always)]
    fn set(&mut self, k: usize, x: f32, y: f32, cos: f32, sin: f32) {
        (self.x[k], self.y[k], self.cos[k], self.sin[k]) = (x, y, cos, sin);
    }

    /// Where pair `v`'s minutia lies and points, seen from pair `u`'s: ahead, to the left, and the turn's cosine and sine.
    #[inline(always)]
    fn seen(&self, u: usize, v: usize) -> (f32, f32, f32, f32) {
        let (dx, dy) = (self.x[v] - self.x[u], self.y[v] - self.y[u]);
        let (cos, sin) = (self.cos[u], self.sin[u]);
        (
            dx * cos + dy * sin,
            dy * cos - dx * sin,
            self.cos[v] * cos + self.sin[v] * sin,
            self.sin[v] * cos - self.cos[v] * sin,
        )
    }
}

/// The sum over pairs of pairs that agree.
#[inline(always)]
fn agreement(pairs: &Pairs) -> u32 {
    let mut total = 0u32;
    for u in 0..PAIRS {
        let mut sum = 0u32;
        for v in 0..PAIRS {
            let (ahead_a, left_a, cos_a, sin_a) = pairs.a.seen(u, v);
            let (ahead_b, left_b, cos_b, sin_b) = pairs.b.seen(u, v);
            let (du, dv) = (ahead_a - ahead_b, left_a - left_b);
            let apart = du * du + dv * dv;
            let allowed = TOLERANCE + STRETCH * (ahead_a * ahead_a + left_a * left_a);
            let agrees = apart <= allowed && cos_a * cos_b + sin_a * sin_b >= DIRECTION_AGREES;
            sum += if agrees && pairs.theirs[u] != pairs.theirs[v] { pairs.alike[v] } else { 0 };
        }
        // Each pair of pairs is met from both sides.
        total += pairs.alike[u] * (sum / 2);
    }
    total
}

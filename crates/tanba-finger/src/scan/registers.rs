//! 64 bytes that one instruction works on, as the kernel sees them: sixteen 32-bit lanes, or 32 of 16 bits, or eight of 64, the lowest
//! first. Every machine gives the same result; what overflows wraps unless it is said to saturate.

/// Instructions on registers. `self` proves that this processor has them.
pub(super) trait Machine: Copy {
    type Register: Copy;
    /// Counts of bits on their way to being summed up; at most 31 registers.
    type Counts: Copy;
    /// 24 entries of 32 bits.
    type Table: Copy;

    fn load(self, lanes: &[u32; 16]) -> Self::Register;
    fn splat64(self, v: u64) -> Self::Register;
    fn splat32(self, v: u32) -> Self::Register;
    fn splat16(self, v: u16) -> Self::Register;

    fn and(self, a: Self::Register, b: Self::Register) -> Self::Register;
    fn or(self, a: Self::Register, b: Self::Register) -> Self::Register;
    fn xor(self, a: Self::Register, b: Self::Register) -> Self::Register;

    fn no_counts(self) -> Self::Counts;
    /// Adds the set bits of each 64-bit lane.
    fn count(self, counts: Self::Counts, a: Self::Register) -> Self::Counts;
    /// 64-bit lanes.
    fn counted(self, counts: Self::Counts) -> Self::Register;
    fn shl64<const N: u32>(self, a: Self::Register) -> Self::Register;

    fn add16(self, a: Self::Register, b: Self::Register) -> Self::Register;
    fn sub16(self, a: Self::Register, b: Self::Register) -> Self::Register;
    /// Unsigned, 0 where the result would be below it.
    fn sub16_to_zero(self, a: Self::Register, b: Self::Register) -> Self::Register;
    /// Signed, saturating.
    fn sub16_saturating(self, a: Self::Register, b: Self::Register) -> Self::Register;
    /// The least number stays as it is.
    fn abs16(self, a: Self::Register) -> Self::Register;
    fn mul16(self, a: Self::Register, b: Self::Register) -> Self::Register;
    /// The upper halves of the unsigned products.
    fn mul16_high(self, a: Self::Register, b: Self::Register) -> Self::Register;
    /// Signed products by 2^15, rounded to the nearest.
    fn mul16_scaled(self, a: Self::Register, b: Self::Register) -> Self::Register;
    /// The larger, unsigned, where `sign` has its highest bit set, else `most`.
    fn max16_where(self, most: Self::Register, v: Self::Register, sign: Self::Register) -> Self::Register;

    /// Signed products of neighbours of 16 bits, added to one of 32.
    fn dot16(self, a: Self::Register, b: Self::Register) -> Self::Register;

    fn add32(self, a: Self::Register, b: Self::Register) -> Self::Register;
    fn shl32<const N: u32>(self, a: Self::Register) -> Self::Register;
    fn shr32<const N: u32>(self, a: Self::Register) -> Self::Register;
    fn max32(self, a: Self::Register, b: Self::Register) -> Self::Register;
    /// Adds `v` where `near <= limit`, signed, and `turn <= most`, unsigned.
    fn add32_where(
        self,
        sum: Self::Register,
        v: Self::Register,
        near: [Self::Register; 2],
        turn: [Self::Register; 2],
    ) -> Self::Register;
    fn sum32(self, a: Self::Register) -> u32;

    /// Lane `k` takes lane `k + BY`, the first ones follow the last.
    fn rotate32<const BY: i32>(self, a: Self::Register) -> Self::Register;
    /// Lane `8 + k` takes lane `2 k`; the lower eight are zero.
    fn evens_to_upper32(self, a: Self::Register) -> Self::Register;
    /// One step of a sorting network: lanes `k` and `k ^ STRIDE` are put in order, unsigned: the larger one first in the blocks of
    /// `SIZE` lanes with an even number, last in the others.
    fn sort32<const SIZE: usize, const STRIDE: usize>(self, a: Self::Register) -> Self::Register;

    fn table(self, entries: &[[u16; 2]; 24]) -> Self::Table;
    /// Entries by the lowest five bits of each lane, which are below 24.
    fn look_up32(self, table: Self::Table, at: Self::Register) -> Self::Register;
}

/// Lanes that keep the larger one in a step of a sorting network.
pub(super) const fn larger<const SIZE: usize, const STRIDE: usize>() -> u16 {
    let (mut mask, mut k) = (0u16, 0);
    while k < 16 {
        if (k & STRIDE == 0) == (k & SIZE == 0) {
            mask |= 1 << k;
        }
        k += 1;
    }
    mask
}

/// What every processor has: arrays, of which the compiler makes such vectors as there are.
#[derive(Clone, Copy)]
pub(super) struct Plain;

type Lanes = [u32; 16];

/// An array from its index: as `core::array::from_fn`, but never a call.
#[inline(always)]
pub(super) fn lanes<T: Copy + Default, const N: usize>(f: impl Fn(usize) -> T) -> [T; N] {
    let mut lanes = [T::default(); N];
    for (k, lane) in lanes.iter_mut().enumerate() {
        *lane = f(k);
    }
    lanes
}

#[inline(always)]
fn each16(a: Lanes, b: Lanes, f: impl Fn(u16, u16) -> u16) -> Lanes {
    let (a, b): ([u16; 32], [u16; 32]) = (pulp::cast(a), pulp::cast(b));
    pulp::cast(lanes::<u16, 32>(|k| f(a[k], b[k])))
}

#[inline(always)]
fn each32(a: Lanes, b: Lanes, f: impl Fn(u32, u32) -> u32) -> Lanes {
    lanes(|k| f(a[k], b[k]))
}

// Lanes of 16 bits lie in those of 32 the lowest first.
const _: () = assert!(cfg!(target_endian = "little"), "the first look needs a little-endian processor");

impl Machine for Plain {
    type Register = Lanes;
    type Counts = [u64; 8];
    type Table = [u32; 32];

    #[inline(always)]
    fn load(self, lanes: &[u32; 16]) -> Lanes {
        *lanes
    }
    #[inline(always)]
    fn splat64(self, v: u64) -> Lanes {
        pulp::cast([v; 8])
    }
    #[inline(always)]
    fn splat32(self, v: u32) -> Lanes {
        [v; 16]
    }
    #[inline(always)]
    fn splat16(self, v: u16) -> Lanes {
        pulp::cast([v; 32])
    }
    #[inline(always)]
    fn and(self, a: Lanes, b: Lanes) -> Lanes {
        each32(a, b, |a, b| a & b)
    }
    #[inline(always)]
    fn or(self, a: Lanes, b: Lanes) -> Lanes {
        each32(a, b, |a, b| a | b)
    }
    #[inline(always)]
    fn xor(self, a: Lanes, b: Lanes) -> Lanes {
        each32(a, b, |a, b| a ^ b)
    }
    #[inline(always)]
    fn no_counts(self) -> [u64; 8] {
        [0; 8]
    }
    #[inline(always)]
    fn count(self, counts: [u64; 8], a: Lanes) -> [u64; 8] {
        let a: [u64; 8] = pulp::cast(a);
        if cfg!(any(target_arch = "aarch64", target_feature = "popcnt")) {
            return lanes(|k| counts[k] + u64::from(a[k].count_ones()));
        }
        // Byte by byte, summed up across the bytes only at the end.
        lanes(|k| {
            let pairs = a[k] - (a[k] >> 1 & 0x5555_5555_5555_5555);
            let fours = (pairs & 0x3333_3333_3333_3333) + (pairs >> 2 & 0x3333_3333_3333_3333);
            counts[k] + ((fours + (fours >> 4)) & 0x0f0f_0f0f_0f0f_0f0f)
        })
    }
    #[inline(always)]
    fn counted(self, counts: [u64; 8]) -> Lanes {
        if cfg!(any(target_arch = "aarch64", target_feature = "popcnt")) {
            return pulp::cast(counts);
        }
        let sums: [u64; 8] = lanes(|k| {
            let c = counts[k];
            let sums = (c & 0x00ff_00ff_00ff_00ff) + (c >> 8 & 0x00ff_00ff_00ff_00ff);
            let sums = sums + (sums >> 32);
            (sums + (sums >> 16)) & 0xffff
        });
        pulp::cast(sums)
    }
    #[inline(always)]
    fn shl64<const N: u32>(self, a: Lanes) -> Lanes {
        let a: [u64; 8] = pulp::cast(a);
        pulp::cast(lanes::<u64, 8>(|k| a[k] << N))
    }
    #[inline(always)]
    fn add16(self, a: Lanes, b: Lanes) -> Lanes {
        each16(a, b, u16::wrapping_add)
    }
    #[inline(always)]
    fn sub16(self, a: Lanes, b: Lanes) -> Lanes {
        each16(a, b, u16::wrapping_sub)
    }
    #[inline(always)]
    fn sub16_to_zero(self, a: Lanes, b: Lanes) -> Lanes {
        each16(a, b, u16::saturating_sub)
    }
    #[inline(always)]
    fn sub16_saturating(self, a: Lanes, b: Lanes) -> Lanes {
        each16(a, b, |a, b| (a as i16).saturating_sub(b as i16) as u16)
    }
    #[inline(always)]
    fn abs16(self, a: Lanes) -> Lanes {
        each16(a, a, |a, _| (a as i16).wrapping_abs() as u16)
    }
    #[inline(always)]
    fn mul16(self, a: Lanes, b: Lanes) -> Lanes {
        each16(a, b, u16::wrapping_mul)
    }
    #[inline(always)]
    fn mul16_high(self, a: Lanes, b: Lanes) -> Lanes {
        each16(a, b, |a, b| ((u32::from(a) * u32::from(b)) >> 16) as u16)
    }
    #[inline(always)]
    fn mul16_scaled(self, a: Lanes, b: Lanes) -> Lanes {
        each16(a, b, |a, b| ((i32::from(a as i16) * i32::from(b as i16) + 0x4000) >> 15) as u16)
    }
    #[inline(always)]
    fn max16_where(self, most: Lanes, v: Lanes, sign: Lanes) -> Lanes {
        let v = each16(v, sign, |v, sign| v & ((sign as i16) >> 15) as u16);
        each16(most, v, |most, v| most.max(v))
    }
    #[inline(always)]
    fn dot16(self, a: Lanes, b: Lanes) -> Lanes {
        let parts = |v: u32| (i32::from(v as i16), v as i32 >> 16);
        each32(a, b, |a, b| {
            let ((a0, a1), (b0, b1)) = (parts(a), parts(b));
            (a0 * b0).wrapping_add(a1 * b1) as u32
        })
    }
    #[inline(always)]
    fn add32(self, a: Lanes, b: Lanes) -> Lanes {
        each32(a, b, u32::wrapping_add)
    }
    #[inline(always)]
    fn shl32<const N: u32>(self, a: Lanes) -> Lanes {
        each32(a, a, |v, _| v << N)
    }
    #[inline(always)]
    fn shr32<const N: u32>(self, a: Lanes) -> Lanes {
        each32(a, a, |v, _| v >> N)
    }
    #[inline(always)]
    fn max32(self, a: Lanes, b: Lanes) -> Lanes {
        each32(a, b, u32::max)
    }
    #[inline(always)]
    fn add32_where(self, sum: Lanes, v: Lanes, near: [Lanes; 2], turn: [Lanes; 2]) -> Lanes {
        lanes(|k| {
            let holds = near[0][k] as i32 <= near[1][k] as i32 && turn[0][k] <= turn[1][k];
            sum[k].wrapping_add(if holds { v[k] } else { 0 })
        })
    }
    #[inline(always)]
    fn sum32(self, a: Lanes) -> u32 {
        a.into_iter().fold(0, u32::wrapping_add)
    }
    #[inline(always)]
    fn rotate32<const BY: i32>(self, a: Lanes) -> Lanes {
        lanes(|k| a[(k + BY as usize) % 16])
    }
    #[inline(always)]
    fn evens_to_upper32(self, a: Lanes) -> Lanes {
        lanes(|k| if k < 8 { 0 } else { a[2 * (k - 8)] })
    }
    #[inline(always)]
    fn sort32<const SIZE: usize, const STRIDE: usize>(self, a: Lanes) -> Lanes {
        let other: Lanes = lanes(|k| a[k ^ STRIDE]);
        lanes(|k| {
            let first = larger::<SIZE, STRIDE>() >> k & 1 == 1;
            if first { a[k].max(other[k]) } else { a[k].min(other[k]) }
        })
    }
    #[inline(always)]
    fn table(self, entries: &[[u16; 2]; 24]) -> [u32; 32] {
        let entries: [u32; 24] = pulp::cast(*entries);
        lanes(|k| if k < 24 { entries[k] } else { 0 })
    }
    #[inline(always)]
    fn look_up32(self, table: [u32; 32], at: Lanes) -> Lanes {
        each32(at, at, |at, _| table[(at & 31) as usize])
    }
}

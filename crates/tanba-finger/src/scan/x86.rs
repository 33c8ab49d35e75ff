//! Registers of x86-64 processors. The intrinsics come from `pulp`, whose tokens prove that the processor has them, so that nothing here
//! is `unsafe`.

use super::registers::{Machine, lanes, larger};
use core::arch::x86_64::{__m256i, __m512i};

// The instruction that counts the bits of eight words at once is younger than the rest of AVX-512.
pulp::simd_type!({
    pub(super) struct Avx512 {
        avx512f: f!("avx512f"),
        avx512bw: f!("avx512bw"),
        avx512dq: f!("avx512dq"),
        avx512vl: f!("avx512vl"),
        avx512vpopcntdq: f!("avx512vpopcntdq"),
        avx2: f!("avx2"),
        popcnt: f!("popcnt"),
    }

    pub(super) struct Avx2 {
        avx: f!("avx"),
        avx2: f!("avx2"),
        popcnt: f!("popcnt"),
        bmi1: f!("bmi1"),
        bmi2: f!("bmi2"),
        lzcnt: f!("lzcnt"),
    }
});

/// The set bits of each 64-bit lane. `pulp` has no name for the instruction, but the compiler knows it.
#[inline(always)]
fn ones(a: __m512i) -> __m512i {
    let words: [u64; 8] = pulp::cast(a);
    pulp::cast(lanes::<u64, 8>(|k| u64::from(words[k].count_ones())))
}

impl Machine for Avx512 {
    type Register = __m512i;
    type Counts = __m512i;
    type Table = [__m512i; 2];

    #[inline(always)]
    fn load(self, lanes: &[u32; 16]) -> __m512i {
        pulp::cast(*lanes)
    }
    #[inline(always)]
    fn splat64(self, v: u64) -> __m512i {
        self.avx512f._mm512_set1_epi64(v as i64)
    }
    #[inline(always)]
    fn splat32(self, v: u32) -> __m512i {
        self.avx512f._mm512_set1_epi32(v as i32)
    }
    #[inline(always)]
    fn splat16(self, v: u16) -> __m512i {
        self.avx512f._mm512_set1_epi16(v as i16)
    }
    #[inline(always)]
    fn and(self, a: __m512i, b: __m512i) -> __m512i {
        self.avx512f._mm512_and_si512(a, b)
    }
    #[inline(always)]
    fn or(self, a: __m512i, b: __m512i) -> __m512i {
        self.avx512f._mm512_or_si512(a, b)
    }
    #[inline(always)]
    fn xor(self, a: __m512i, b: __m512i) -> __m512i {
        self.avx512f._mm512_xor_si512(a, b)
    }
    #[inline(always)]
    fn no_counts(self) -> __m512i {
        self.avx512f._mm512_setzero_si512()
    }
    #[inline(always)]
    fn count(self, counts: __m512i, a: __m512i) -> __m512i {
        self.avx512f._mm512_add_epi64(counts, ones(a))
    }
    #[inline(always)]
    fn counted(self, counts: __m512i) -> __m512i {
        counts
    }
    #[inline(always)]
    fn shl64<const N: u32>(self, a: __m512i) -> __m512i {
        self.avx512f._mm512_slli_epi64::<N>(a)
    }
    #[inline(always)]
    fn add16(self, a: __m512i, b: __m512i) -> __m512i {
        self.avx512bw._mm512_add_epi16(a, b)
    }
    #[inline(always)]
    fn sub16(self, a: __m512i, b: __m512i) -> __m512i {
        self.avx512bw._mm512_sub_epi16(a, b)
    }
    #[inline(always)]
    fn sub16_to_zero(self, a: __m512i, b: __m512i) -> __m512i {
        self.avx512bw._mm512_subs_epu16(a, b)
    }
    #[inline(always)]
    fn sub16_saturating(self, a: __m512i, b: __m512i) -> __m512i {
        self.avx512bw._mm512_subs_epi16(a, b)
    }
    #[inline(always)]
    fn abs16(self, a: __m512i) -> __m512i {
        self.avx512bw._mm512_abs_epi16(a)
    }
    #[inline(always)]
    fn mul16(self, a: __m512i, b: __m512i) -> __m512i {
        self.avx512bw._mm512_mullo_epi16(a, b)
    }
    #[inline(always)]
    fn mul16_high(self, a: __m512i, b: __m512i) -> __m512i {
        self.avx512bw._mm512_mulhi_epu16(a, b)
    }
    #[inline(always)]
    fn mul16_scaled(self, a: __m512i, b: __m512i) -> __m512i {
        self.avx512bw._mm512_mulhrs_epi16(a, b)
    }
    #[inline(always)]
    fn max16_where(self, most: __m512i, v: __m512i, sign: __m512i) -> __m512i {
        let holds = self.avx512bw._mm512_movepi16_mask(sign);
        self.avx512bw._mm512_mask_max_epu16(most, holds, most, v)
    }
    #[inline(always)]
    fn dot16(self, a: __m512i, b: __m512i) -> __m512i {
        self.avx512bw._mm512_madd_epi16(a, b)
    }
    #[inline(always)]
    fn add32(self, a: __m512i, b: __m512i) -> __m512i {
        self.avx512f._mm512_add_epi32(a, b)
    }
    #[inline(always)]
    fn shl32<const N: u32>(self, a: __m512i) -> __m512i {
        self.avx512f._mm512_slli_epi32::<N>(a)
    }
    #[inline(always)]
    fn shr32<const N: u32>(self, a: __m512i) -> __m512i {
        self.avx512f._mm512_srli_epi32::<N>(a)
    }
    #[inline(always)]
    fn max32(self, a: __m512i, b: __m512i) -> __m512i {
        self.avx512f._mm512_max_epu32(a, b)
    }
    #[inline(always)]
    fn add32_where(self, sum: __m512i, v: __m512i, near: [__m512i; 2], turn: [__m512i; 2]) -> __m512i {
        let holds = self.avx512f._mm512_cmple_epi32_mask(near[0], near[1]);
        let holds = self.avx512f._mm512_mask_cmple_epu32_mask(holds, turn[0], turn[1]);
        self.avx512f._mm512_mask_add_epi32(sum, holds, sum, v)
    }
    #[inline(always)]
    fn sum32(self, a: __m512i) -> u32 {
        self.avx512f._mm512_reduce_add_epi32(a) as u32
    }
    #[inline(always)]
    fn rotate32<const BY: i32>(self, a: __m512i) -> __m512i {
        self.avx512f._mm512_alignr_epi32::<BY>(a, a)
    }
    #[inline(always)]
    fn evens_to_upper32(self, a: __m512i) -> __m512i {
        let at: [u32; 16] = lanes(|k| (2 * k % 16) as u32);
        self.avx512f._mm512_maskz_permutexvar_epi32(0xff00, pulp::cast(at), a)
    }
    #[inline(always)]
    fn sort32<const SIZE: usize, const STRIDE: usize>(self, a: __m512i) -> __m512i {
        let f = self.avx512f;
        let other = match STRIDE {
            1 => f._mm512_shuffle_epi32::<0b10_11_00_01>(a),
            2 => f._mm512_shuffle_epi32::<0b01_00_11_10>(a),
            4 => f._mm512_shuffle_i32x4::<0b10_11_00_01>(a, a),
            _ => f._mm512_shuffle_i32x4::<0b01_00_11_10>(a, a),
        };
        let less = f._mm512_min_epu32(a, other);
        f._mm512_mask_max_epu32(less, const { larger::<SIZE, STRIDE>() }, a, other)
    }
    #[inline(always)]
    fn table(self, entries: &[[u16; 2]; 24]) -> [__m512i; 2] {
        let (low, high) = entries.split_at(16);
        let low: &[[u16; 2]; 16] = low.first_chunk().unwrap_or_else(|| unreachable!());
        let high: &[[u16; 2]; 8] = high.first_chunk().unwrap_or_else(|| unreachable!());
        [pulp::cast(*low), self.avx512f._mm512_zextsi256_si512(pulp::cast(*high))]
    }
    #[inline(always)]
    fn look_up32(self, table: [__m512i; 2], at: __m512i) -> __m512i {
        self.avx512f._mm512_permutex2var_epi32(table[0], at, table[1])
    }
}

/// Two halves.
type Halves = [__m256i; 2];

#[inline(always)]
fn each(a: Halves, f: impl Fn(__m256i) -> __m256i) -> Halves {
    [f(a[0]), f(a[1])]
}

#[inline(always)]
fn halves(a: Halves, b: Halves, f: impl Fn(__m256i, __m256i) -> __m256i) -> Halves {
    [f(a[0], b[0]), f(a[1], b[1])]
}

impl Machine for Avx2 {
    type Register = Halves;
    /// Byte by byte.
    type Counts = Halves;
    type Table = [__m256i; 3];

    #[inline(always)]
    fn load(self, lanes: &[u32; 16]) -> Halves {
        pulp::cast(*lanes)
    }
    #[inline(always)]
    fn splat64(self, v: u64) -> Halves {
        [self.avx._mm256_set1_epi64x(v as i64); 2]
    }
    #[inline(always)]
    fn splat32(self, v: u32) -> Halves {
        [self.avx._mm256_set1_epi32(v as i32); 2]
    }
    #[inline(always)]
    fn splat16(self, v: u16) -> Halves {
        [self.avx._mm256_set1_epi16(v as i16); 2]
    }
    #[inline(always)]
    fn and(self, a: Halves, b: Halves) -> Halves {
        halves(a, b, |a, b| self.avx2._mm256_and_si256(a, b))
    }
    #[inline(always)]
    fn or(self, a: Halves, b: Halves) -> Halves {
        halves(a, b, |a, b| self.avx2._mm256_or_si256(a, b))
    }
    #[inline(always)]
    fn xor(self, a: Halves, b: Halves) -> Halves {
        halves(a, b, |a, b| self.avx2._mm256_xor_si256(a, b))
    }
    #[inline(always)]
    fn no_counts(self) -> Halves {
        [self.avx._mm256_setzero_si256(); 2]
    }
    #[inline(always)]
    fn count(self, counts: Halves, a: Halves) -> Halves {
        // Mula's way: half a byte looks its count up.
        const COUNTS: [u8; 32] =
            [0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4];
        let (looked_up, low): (__m256i, __m256i) = (pulp::cast(COUNTS), pulp::cast([0x0f_u8; 32]));
        halves(counts, a, |counts, a| {
            let m = self.avx2;
            let upper = m._mm256_and_si256(m._mm256_srli_epi16::<4>(a), low);
            let lower = m._mm256_and_si256(a, low);
            let counts = m._mm256_add_epi8(counts, m._mm256_shuffle_epi8(looked_up, lower));
            m._mm256_add_epi8(counts, m._mm256_shuffle_epi8(looked_up, upper))
        })
    }
    #[inline(always)]
    fn counted(self, counts: Halves) -> Halves {
        each(counts, |c| self.avx2._mm256_sad_epu8(c, self.avx._mm256_setzero_si256()))
    }
    #[inline(always)]
    fn shl64<const N: u32>(self, a: Halves) -> Halves {
        // The count of a shift is a signed number here and an unsigned one in AVX-512; known constants both.
        each(a, |a| self.avx2._mm256_sll_epi64(a, pulp::cast([u64::from(N), 0])))
    }
    #[inline(always)]
    fn add16(self, a: Halves, b: Halves) -> Halves {
        halves(a, b, |a, b| self.avx2._mm256_add_epi16(a, b))
    }
    #[inline(always)]
    fn sub16(self, a: Halves, b: Halves) -> Halves {
        halves(a, b, |a, b| self.avx2._mm256_sub_epi16(a, b))
    }
    #[inline(always)]
    fn sub16_to_zero(self, a: Halves, b: Halves) -> Halves {
        halves(a, b, |a, b| self.avx2._mm256_subs_epu16(a, b))
    }
    #[inline(always)]
    fn sub16_saturating(self, a: Halves, b: Halves) -> Halves {
        halves(a, b, |a, b| self.avx2._mm256_subs_epi16(a, b))
    }
    #[inline(always)]
    fn abs16(self, a: Halves) -> Halves {
        each(a, |a| self.avx2._mm256_abs_epi16(a))
    }
    #[inline(always)]
    fn mul16(self, a: Halves, b: Halves) -> Halves {
        halves(a, b, |a, b| self.avx2._mm256_mullo_epi16(a, b))
    }
    #[inline(always)]
    fn mul16_high(self, a: Halves, b: Halves) -> Halves {
        halves(a, b, |a, b| self.avx2._mm256_mulhi_epu16(a, b))
    }
    #[inline(always)]
    fn mul16_scaled(self, a: Halves, b: Halves) -> Halves {
        halves(a, b, |a, b| self.avx2._mm256_mulhrs_epi16(a, b))
    }
    #[inline(always)]
    fn max16_where(self, most: Halves, v: Halves, sign: Halves) -> Halves {
        let holds = each(sign, |s| self.avx2._mm256_srai_epi16::<15>(s));
        halves(most, self.and(v, holds), |most, v| self.avx2._mm256_max_epu16(most, v))
    }
    #[inline(always)]
    fn dot16(self, a: Halves, b: Halves) -> Halves {
        halves(a, b, |a, b| self.avx2._mm256_madd_epi16(a, b))
    }
    #[inline(always)]
    fn add32(self, a: Halves, b: Halves) -> Halves {
        halves(a, b, |a, b| self.avx2._mm256_add_epi32(a, b))
    }
    #[inline(always)]
    fn shl32<const N: u32>(self, a: Halves) -> Halves {
        each(a, |a| self.avx2._mm256_sll_epi32(a, pulp::cast([u64::from(N), 0])))
    }
    #[inline(always)]
    fn shr32<const N: u32>(self, a: Halves) -> Halves {
        each(a, |a| self.avx2._mm256_srl_epi32(a, pulp::cast([u64::from(N), 0])))
    }
    #[inline(always)]
    fn max32(self, a: Halves, b: Halves) -> Halves {
        halves(a, b, |a, b| self.avx2._mm256_max_epu32(a, b))
    }
    #[inline(always)]
    fn add32_where(self, sum: Halves, v: Halves, near: [Halves; 2], turn: [Halves; 2]) -> Halves {
        let m = self.avx2;
        let far = halves(near[0], near[1], |near, limit| m._mm256_cmpgt_epi32(near, limit));
        // No unsigned comparison here: the larger of both is the limit where the limit holds.
        let turned = halves(turn[0], turn[1], |turn, most| m._mm256_cmpeq_epi32(m._mm256_max_epu32(turn, most), most));
        let added =
            halves(far, halves(turned, v, |t, v| m._mm256_and_si256(t, v)), |far, v| m._mm256_andnot_si256(far, v));
        self.add32(sum, added)
    }
    #[inline(always)]
    fn sum32(self, a: Halves) -> u32 {
        let lanes: [u32; 8] = pulp::cast(self.avx2._mm256_add_epi32(a[0], a[1]));
        lanes.into_iter().fold(0, u32::wrapping_add)
    }
    #[inline(always)]
    fn rotate32<const BY: i32>(self, a: Halves) -> Halves {
        let m = self.avx2;
        if BY == 8 {
            return [a[1], a[0]];
        }
        // Each half on its own, then what has come round changes over.
        let at: [i32; 8] = lanes(|k| (k as i32 + BY) % 8);
        let over: [i32; 8] = lanes(|k| if k as i32 + BY < 8 { 0 } else { -1 });
        let (at, over): (__m256i, __m256i) = (pulp::cast(at), pulp::cast(over));
        let [low, high] = each(a, |a| m._mm256_permutevar8x32_epi32(a, at));
        [m._mm256_blendv_epi8(low, high, over), m._mm256_blendv_epi8(high, low, over)]
    }
    #[inline(always)]
    fn evens_to_upper32(self, a: Halves) -> Halves {
        let a: [u32; 16] = pulp::cast(a);
        let upper: [u32; 8] = lanes(|k| a[2 * k]);
        [self.avx._mm256_setzero_si256(), pulp::cast(upper)]
    }
    #[inline(always)]
    fn sort32<const SIZE: usize, const STRIDE: usize>(self, a: Halves) -> Halves {
        let m = self.avx2;
        let other = match STRIDE {
            1 => each(a, |a| m._mm256_shuffle_epi32::<0b10_11_00_01>(a)),
            2 => each(a, |a| m._mm256_shuffle_epi32::<0b01_00_11_10>(a)),
            4 => each(a, |a| m._mm256_permute4x64_epi64::<0b01_00_11_10>(a)),
            _ => [a[1], a[0]],
        };
        let (less, more) =
            (halves(a, other, |a, b| m._mm256_min_epu32(a, b)), halves(a, other, |a, b| m._mm256_max_epu32(a, b)));
        let mask: [u32; 16] = const {
            let (mut mask, mut k) = ([0; 16], 0);
            while k < 16 {
                mask[k] = if larger::<SIZE, STRIDE>() >> k & 1 == 1 { u32::MAX } else { 0 };
                k += 1;
            }
            mask
        };
        let mask: Halves = pulp::cast(mask);
        [m._mm256_blendv_epi8(less[0], more[0], mask[0]), m._mm256_blendv_epi8(less[1], more[1], mask[1])]
    }
    #[inline(always)]
    fn table(self, entries: &[[u16; 2]; 24]) -> [__m256i; 3] {
        pulp::cast(*entries)
    }
    #[inline(always)]
    fn look_up32(self, table: [__m256i; 3], at: Halves) -> Halves {
        [self.look_up_half(table, at[0]), self.look_up_half(table, at[1])]
    }
}

impl Avx2 {
    /// As [`Machine::look_up32`]. Not a closure: one as large as this is not inlined, and then cannot hold registers.
    #[inline(always)]
    fn look_up_half(self, [low, middle, high]: [__m256i; 3], at: __m256i) -> __m256i {
        let m = self.avx2;
        let (low, middle) = (m._mm256_permutevar8x32_epi32(low, at), m._mm256_permutevar8x32_epi32(middle, at));
        let high = m._mm256_permutevar8x32_epi32(high, at);
        // Bits 3 and 4 say which.
        let third = m._mm256_srai_epi32::<31>(m._mm256_sll_epi32(at, pulp::cast([28u64, 0])));
        let fourth = m._mm256_srai_epi32::<31>(m._mm256_sll_epi32(at, pulp::cast([27u64, 0])));
        m._mm256_blendv_epi8(m._mm256_blendv_epi8(low, middle, third), high, fourth)
    }
}

// The first look of a search as a GPU does it: `scan/kernel.rs` once more, one thread a print, one row of blocks a probe.
//
// The scores are those of the processor, bit for bit. So every operation on floats stands here in the order in which it stands there, and whoever
// compiles this must forbid contraction (a product and a sum rounded once instead of twice) and ask for exact division; `mod.rs` does.
//
// Plain C++ as well: `emulated.cpp` gives the few words of CUDA a meaning on a processor, and the tests hold its scores against `scan`.
//
// Whoever compiles this defines LANES, WORDS, PAIRS, FEWEST, TILE and BLOCK (scan/mod.rs, packed.rs); `packed.rs` says how prints lie in memory.
//
// No thread needs more than 48 registers on sm_90, and none is spilled (ptxas 13.5). What an H100 would want besides, none of it measured yet: the most
// is counting bits (6,912 words of 32 a print, 16 a clock and multiprocessor), so words should be added up in carry-save form before they are counted,
// or counted by the tensor cores' one-bit products (and: |a xor b| = |a| + |b| - 2 |a and b|); several probes a thread would read a print once for all
// of them; the sides of the pairs lie in local memory.

typedef unsigned long long u64;
typedef unsigned int u32;

// The numbers of scan/kernel.rs and scan/mod.rs, where they are explained.
#define FULL 4095.0f
#define TO_WHOLE 8388608.0f
#define TOLERANCE 64.0f
#define STRETCH 0.03f
#define DIRECTION_AGREES 0.94f
#define PLACE 4.0f
#define DIRECTION 16384.0f

// Rows of a packed print: the words of its cylinders, its minutiae, how many there are.
#define MINUTIAE (LANES * WORDS)
#define COUNT (MINUTIAE + LANES)
#define ROWS (COUNT + 1)

struct Minutia {
    float x, y, cos, sin;
};

__device__ Minutia unpacked(u64 packed) {
    Minutia m;
    m.x = (float)(short)packed / PLACE;
    m.y = (float)(short)(packed >> 16) / PLACE;
    m.cos = (float)(short)(packed >> 32) / DIRECTION;
    m.sin = (float)(short)(packed >> 48) / DIRECTION;
    return m;
}

struct Seen {
    float ahead, left, cos, sin;
};

// Where `v` lies and points, seen from `u`.
__device__ Seen seen(const Minutia &u, const Minutia &v) {
    const float dx = v.x - u.x, dy = v.y - u.y;
    Seen s;
    s.ahead = dx * u.cos + dy * u.sin;
    s.left = dy * u.cos - dx * u.sin;
    s.cos = v.cos * u.cos + v.sin * u.sin;
    s.sin = v.sin * u.cos - v.cos * u.sin;
    return s;
}

// For each cylinder of the probe the most similar one of the print: similarity, and who they are, in one number that sorts; 0 for none. A thread's keys
// are BLOCK apart, so that a step of all threads is a row of shared memory.
__device__ void best_of_each(const u64 *words, const float *ones, const Minutia *minutiae, const u64 *print, u32 count, u32 *keys) {
    for (u32 i = 0; i < LANES; ++i) keys[i * BLOCK] = 0;
    // The print's cylinders outside, so that each is read once; the probe's are in shared memory.
#pragma unroll 1
    for (u32 j = 0; j < count; ++j) {
        u64 theirs[WORDS];
        u32 bits = 0;
#pragma unroll
        for (u32 word = 0; word < WORDS; ++word) {
            theirs[word] = print[(j * WORDS + word) * TILE];
            bits += __popcll(theirs[word]);
        }
        const float their_ones = (float)bits;
        const Minutia other = unpacked(print[(MINUTIAE + j) * TILE]);
#pragma unroll 4
        for (u32 i = 0; i < LANES; ++i) {
            u32 different = 0;
#pragma unroll
            for (u32 word = 0; word < WORDS; ++word) different += __popcll(theirs[word] ^ words[i * WORDS + word]);
            const float both = ones[i] + their_ones;
            const float turned = minutiae[i].cos * other.cos + minutiae[i].sin * other.sin;
            // Two cylinders without a bit: 0 / 0 is no number, whose bits differ from processor to processor. There it comes to 0, here too.
            const float alike = both > 0.0f && turned >= 0.0f ? FULL - (float)different * FULL / both : 0.0f;
            const u32 whole = __float_as_uint(alike + TO_WHOLE) & 0xffff;
            const u32 key = whole << 5 | (LANES - 1 - j);
            if (key > keys[i * BLOCK]) keys[i * BLOCK] = key;
        }
    }
    for (u32 i = 0; i < LANES; ++i) {
        const u32 key = keys[i * BLOCK];
        keys[i * BLOCK] = key >> 5 ? key << 5 | (LANES - 1 - i) : 0;
    }
}

// The strongest pairs by their keys, which are all different but for those of nobody; how many there are. (On the processor those of nobody fill the
// list; they are alike in nothing and add nothing. And the sum over pairs does not depend on their order.)
__device__ u32 strongest(const u32 *keys, u32 *pairs) {
    u32 found = 0;
    for (u32 i = 0; i < LANES; ++i) {
        const u32 key = keys[i * BLOCK];
        u32 stronger = 0;
        for (u32 j = 0; j < LANES; ++j) stronger += keys[j * BLOCK] > key ? 1 : 0;
        if (key && stronger < PAIRS) pairs[found++] = key;
    }
    return found;
}

// The sum over pairs of pairs that agree.
__device__ u32 agreement(const u32 *pairs, u32 found, const Minutia *minutiae, const u64 *print) {
    Minutia a[PAIRS], b[PAIRS];
    for (u32 k = 0; k < found; ++k) {
        a[k] = minutiae[LANES - 1 - (pairs[k] & 31)];
        b[k] = unpacked(print[(MINUTIAE + LANES - 1 - (pairs[k] >> 5 & 31)) * TILE]);
    }
    u32 total = 0;
    for (u32 u = 0; u < found; ++u) {
        u32 sum = 0;
        for (u32 v = 0; v < found; ++v) {
            const Seen in_a = seen(a[u], a[v]), in_b = seen(b[u], b[v]);
            const float du = in_a.ahead - in_b.ahead, dv = in_a.left - in_b.left;
            const float apart = du * du + dv * dv;
            const float allowed = TOLERANCE + STRETCH * (in_a.ahead * in_a.ahead + in_a.left * in_a.left);
            const bool agrees = apart <= allowed && in_a.cos * in_b.cos + in_a.sin * in_b.sin >= DIRECTION_AGREES;
            // Two pairs with one minutia in common never agree.
            const bool apart_there = (pairs[u] >> 5 & 31) != (pairs[v] >> 5 & 31);
            sum += agrees && apart_there ? pairs[v] >> 10 : 0;
        }
        // Each pair of pairs is met from both sides.
        total += (pairs[u] >> 10) * (sum / 2);
    }
    return total;
}

// `prints` prints of a gallery in tiles, probes one after the other, and a row of `prints` scores for each probe.
extern "C" __global__ void __launch_bounds__(BLOCK) first_look(const u64 *gallery, u32 prints, const u64 *probes, u32 *scores) {
    __shared__ u64 words[LANES * WORDS];
    __shared__ float ones[LANES];
    __shared__ Minutia minutiae[LANES];
    __shared__ u32 keys[LANES * BLOCK];
    const u64 *probe = probes + (u64)blockIdx.y * ROWS;
    for (u32 k = threadIdx.x; k < LANES * WORDS; k += blockDim.x) words[k] = probe[k];
    for (u32 i = threadIdx.x; i < LANES; i += blockDim.x) {
        u32 bits = 0;
        for (u32 word = 0; word < WORDS; ++word) bits += __popcll(probe[i * WORDS + word]);
        ones[i] = (float)bits;
        minutiae[i] = unpacked(probe[MINUTIAE + i]);
    }
    __syncthreads();

    const u32 at = blockIdx.x * blockDim.x + threadIdx.x;
    if (at >= prints) return;
    const u64 *print = gallery + (u64)(at / TILE) * (ROWS * TILE) + at % TILE;
    const u32 count = (u32)print[COUNT * TILE];
    u32 score = 0;
    if (probe[COUNT] >= FEWEST && count >= FEWEST) {
        u32 pairs[PAIRS];
        best_of_each(words, ones, minutiae, print, count, keys + threadIdx.x);
        const u32 found = strongest(keys + threadIdx.x, pairs);
        score = agreement(pairs, found, minutiae, print);
    }
    scores[(u64)blockIdx.y * prints + at] = score;
}

// The first look of a search as a GPU does it: `scan/kernel.rs` once more, one thread a print, one row of blocks a probe. All numbers are whole, and the
// scores are those of the processor, bit for bit.
//
// Plain C++ as well: `emulated.cpp` gives the few words of CUDA a meaning on a processor, and the tests hold its scores against `scan`.
//
// Whoever compiles this defines LANES, WORDS, CODE_WORDS, FEWEST, TILE and BLOCK (scan/mod.rs, packed.rs); `packed.rs` says how prints lie in memory.
//
// What an H100 would want besides, none of it measured yet: the most is counting bits (4,608 words of 32 a print by codes, 6,912 by cylinders, 16 a clock and multiprocessor), so words
// should be added up in carry-save form before they are counted, or counted by the tensor cores' one-bit products; several probes a thread would read a
// print once for all of them; the pairs lie in local memory.

typedef unsigned long long u64;
typedef unsigned int u32;

// The numbers of scan/kernel.rs, where they are explained.
#define PAIRS 16
#define TOLERANCE 1024
#define STRETCH_SHIFT 7
#define MOST_TURN 3640
#define SCORE_SHIFT 7

#define UNLIKE 90
#define BIT 4
#define BY_CODES 1

// A packed print: the words of its codes; halves of words with the places; halves with directions and weights; the words of its cylinders.
#define PLACES (2 * LANES * CODE_WORDS)
#define TURNS (PLACES + LANES)
#define CYLINDERS ((TURNS + LANES) / 2)
#define ROWS (CYLINDERS + LANES * WORDS)

// A half of a word of a print whose words are `apart` from each other.
__device__ u32 half(const u64 *print, u32 apart, u32 at) { return (u32)(print[at / 2 * apart] >> at % 2 * 32); }

__device__ u32 cylinders(const u64 *print, u32 apart) {
    u32 count = LANES;
    while (count && !(half(print, apart, TURNS + count - 1) >> 16)) --count;
    return count;
}

__device__ bool has_codes(const u64 *print, u32 apart) {
    u64 any = 0;
#pragma unroll
    for (u32 word = 0; word < CODE_WORDS; ++word) any |= print[word * apart];
    return any;
}

// For each minutia of the probe the most similar one of the print, by codes or by cylinders: similarity, minutia of the print (5), minutia of the probe (5).
// A thread's keys are BLOCK apart, so that a step of all threads is a row of shared memory.
template <bool CODES> __device__ void best_of_each(const u64 *probe, const u64 *print, u32 count, u32 *keys) {
    const u32 words = CODES ? CODE_WORDS : WORDS, begin = CODES ? 0 : CYLINDERS;
    for (u32 i = 0; i < LANES; ++i) keys[i * BLOCK] = i;
    // The print's minutiae outside, so that each is read once; the probe's are in shared memory.
#pragma unroll 1
    for (u32 j = 0; j < count; ++j) {
        u64 theirs[words];
#pragma unroll
        for (u32 word = 0; word < words; ++word) theirs[word] = print[(begin + j * words + word) * TILE];
        const u32 their_turn = half(print, TILE, TURNS + j);
#pragma unroll 4
        for (u32 i = 0; i < LANES; ++i) {
            u32 bits = 0;
#pragma unroll
            for (u32 word = 0; word < words; ++word) {
                const u64 ours = probe[begin + i * words + word];
                bits += __popcll(CODES ? theirs[word] ^ ours : theirs[word] & ours);
            }
            const u32 turn = half(probe, 1, TURNS + i);
            const u32 alike = !CODES ? bits * (turn >> 16) * (their_turn >> 16) >> 21 : bits < UNLIKE ? BIT * (UNLIKE - bits) : 0;
            const u32 key = alike << 10 | j << 5 | i;
            // Turned by more than a quarter, it is another minutia.
            if ((short)(turn - their_turn - 0x4000) < 0 && key > keys[i * BLOCK]) keys[i * BLOCK] = key;
        }
    }
}

// The strongest pairs, in the order of the processor's sorting network, which decides which of two is seen from the other: the first sixteen fall; where one
// of the rest, which rise to the end, is stronger, it takes the place. No two keys are the same.
__device__ void strongest(const u32 *keys, u32 *pairs) {
    for (u32 i = 0; i < LANES; ++i) {
        const u32 key = keys[i * BLOCK], begin = i < PAIRS ? 0 : PAIRS, end = i < PAIRS ? PAIRS : LANES;
        u32 stronger = 0;
        for (u32 k = begin; k < end; ++k) stronger += keys[k * BLOCK] > key;
        u32 *const pair = pairs + (i < PAIRS ? stronger : PAIRS - 1 - stronger);
        if (i < PAIRS || key > *pair) *pair = key;
    }
}

__device__ int saturated(int v) { return v < -0x8000 ? -0x8000 : v > 0x7fff ? 0x7fff : v; }

// A product by 2^15, rounded to the nearest.
__device__ int scaled(int a, int b) { return (a * b + 0x4000) >> 15; }

// In 1/8192.
__device__ int sine(short turn) {
    const int before = (short)(turn - 0x4000), folded = 0x4000 - (before < 0 ? -before : before);
    const int square = 2 * scaled(folded, folded);
    return scaled(folded, 25733 - scaled(square, 21077 - scaled(square, 4765)));
}

// Two minutiae, one of each print: places, `a` in eighths of a pixel, `b` in quarters; the turn from the direction in `a` to that in `b`.
struct Pair {
    int ax, ay, bx, by, cos, sin;
    short turn;
    u32 alike;
};

__device__ Pair pair_of(u32 key, const u64 *probe, const u64 *print) {
    const u32 i = key & 31, j = key >> 5 & 31;
    const u32 a = half(probe, 1, PLACES + i), b = half(print, TILE, PLACES + j);
    Pair p;
    p.ax = (short)a;
    p.ay = (short)(a >> 16);
    p.bx = (short)b;
    p.by = (short)(b >> 16);
    p.turn = (short)(half(print, TILE, TURNS + j) - half(probe, 1, TURNS + i));
    p.cos = sine((short)(p.turn + 0x4000));
    p.sin = sine(p.turn);
    p.alike = key >> 10;
    return p;
}

// Squares of places may come to 2^31, which wraps.
__device__ u32 squares(int x, int y) { return (u32)(x * x) + (u32)(y * y); }

__device__ bool agree(const Pair &u, const Pair &v) {
    const int ax = saturated(v.ax - u.ax), ay = saturated(v.ay - u.ay), bx = saturated(v.bx - u.bx), by = saturated(v.by - u.by);
    const int cos = u.cos + v.cos, sin = u.sin + v.sin;
    const int x = saturated(scaled(ax, cos) + scaled(ay, -sin) - bx), y = saturated(scaled(ay, cos) + scaled(ax, sin) - by);
    const int turn = v.turn - u.turn;
    return (int)squares(x, y) <= (int)((squares(bx, by) >> STRETCH_SHIFT) + TOLERANCE) && turn >= -MOST_TURN && turn <= MOST_TURN;
}

// `prints` prints of a gallery in tiles, probes one after the other, and a row of `prints` scores for each probe.
extern "C" __global__ void __launch_bounds__(BLOCK) first_look(const u64 *gallery, u32 prints, const u64 *probes, u32 *scores) {
    __shared__ u64 probe[ROWS];
    __shared__ u32 keys[LANES * BLOCK];
    for (u32 k = threadIdx.x; k < ROWS; k += BLOCK) probe[k] = probes[(u64)blockIdx.y * ROWS + k];
    __syncthreads();

    const u32 at = blockIdx.x * BLOCK + threadIdx.x;
    if (at >= prints) return;
    const u64 *print = gallery + (u64)(at / TILE) * (ROWS * TILE) + at % TILE;
    const u32 count = cylinders(print, TILE);
    u32 score = 0, by_codes = 0;
    if (cylinders(probe, 1) >= FEWEST && count >= FEWEST) {
        u32 strong[PAIRS];
        const bool codes = has_codes(probe, 1) && has_codes(print, TILE);
        by_codes = codes ? BY_CODES : 0;
        if (codes) best_of_each<true>(probe, print, count, keys + threadIdx.x);
        else best_of_each<false>(probe, print, count, keys + threadIdx.x);
        strongest(keys + threadIdx.x, strong);
        Pair pairs[PAIRS];
        for (u32 k = 0; k < PAIRS; ++k) pairs[k] = pair_of(strong[k], probe, print);
        for (u32 u = 0; u < PAIRS; ++u) {
            u32 sum = 0;
            // What is half a round on is met from both sides, but counts once.
            for (u32 on = 1; on < PAIRS / 2 + (u < PAIRS / 2 ? 1 : 0); ++on) {
                const Pair &v = pairs[(u + on) % PAIRS];
                if (agree(pairs[u], v)) sum += v.alike;
            }
            score += pairs[u].alike * sum;
        }
    }
    scores[(u64)blockIdx.y * prints + at] = score << SCORE_SHIFT | by_codes;
}

// `kernel.cu` on a processor, for the tests: the few words of CUDA that it uses, blocks one after the other, each thread of a block a thread.
//
// Reads from standard input the number of prints and of probes (32 bits each), the gallery and the probes as `packed.rs` lays them; writes the scores.

#include <condition_variable>
#include <cstdio>
#include <mutex>
#include <thread>
#include <vector>

struct Index {
    unsigned x, y;
};
static Index blockIdx;
static thread_local Index threadIdx;

// Blocks run one after the other, so what is static belongs to one block at a time.
#define __shared__ static
#define __device__ static inline
#define __global__
#define __launch_bounds__(threads)

static unsigned __popcll(unsigned long long bits) { return __builtin_popcountll(bits); }

// All threads of a block wait for each other.
static std::mutex door;
static std::condition_variable all_are_here;
static unsigned waiting, meetings;

static void __syncthreads() {
    std::unique_lock<std::mutex> held(door);
    const unsigned meeting = meetings;
    if (++waiting == BLOCK) {
        waiting = 0;
        ++meetings;
        all_are_here.notify_all();
    } else {
        all_are_here.wait(held, [meeting] { return meetings != meeting; });
    }
}

#include "kernel.cu"

template <typename T> static bool read(std::vector<T> &into) {
    return std::fread(into.data(), sizeof(T), into.size(), stdin) == into.size();
}

int main() {
    std::vector<u32> sizes(2);
    if (!read(sizes)) return 2;
    const u32 prints = sizes[0], tiles = (prints + TILE - 1) / TILE;
    std::vector<u64> gallery((size_t)tiles * TILE * ROWS), probes((size_t)sizes[1] * ROWS);
    if (!read(gallery) || !read(probes)) return 2;
    std::vector<u32> scores((size_t)prints * sizes[1]);
    for (blockIdx.y = 0; blockIdx.y < sizes[1]; ++blockIdx.y) {
        for (blockIdx.x = 0; blockIdx.x < (prints + BLOCK - 1) / BLOCK; ++blockIdx.x) {
            std::vector<std::thread> block;
            for (u32 thread = 0; thread < BLOCK; ++thread) {
                block.emplace_back([&, thread] {
                    threadIdx.x = thread;
                    first_look(gallery.data(), prints, probes.data(), scores.data());
                });
            }
            for (std::thread &thread : block) thread.join();
        }
    }
    return std::fwrite(scores.data(), sizeof(u32), scores.size(), stdout) == scores.size() ? 0 : 2;
}

"""Prints straight from `tanba synth prints --stream -`, cut to squares, in blocks that other processes can map.

The layout of the stream is told in crates/tanba/src/cmd/synth/stream.rs (version 3).
"""

import multiprocessing as mp
import os
import struct
import subprocess
from multiprocessing import shared_memory

import numpy as np

SIDE = 384  # pixels of a square, at 500 ppi
CELL = 8
CELLS = SIDE // CELL
MINUTIAE = 128  # kept of a print at most
BLOCK = 64  # prints of a block

HEAD = struct.Struct("<QIBBH9I")
MINUTIA = np.dtype([("x", "<f4"), ("y", "<f4"), ("direction", "<f4"), ("kind", "u1"), ("visible", "u1"), ("number", "<u2")])

# What is kept of each print: name -> (shape, type).
FIELDS = {
    "image": ((SIDE, SIDE), np.uint8),
    "ridges": ((SIDE, SIDE), np.int8),  # -128: no skin on the glass
    "orientation": ((CELLS, CELLS), np.float16),  # radians
    "period": ((CELLS, CELLS), np.float16),  # pixels, 0 where there is no skin
    "mask": ((CELLS, CELLS), np.uint8),
    "minutiae": ((MINUTIAE, 6), np.float32),  # x, y, direction, kind (0 none, 1 ending, 2 bifurcation), visible, which of the finger
    "frame": ((4,), np.int16),  # left, top, right, bottom of the picture within the square
    "finger": ((1,), np.int32),
}


def read(file):
    """Yields the records of a stream; stops at its end, raises EOFError where it was cut off."""

    def exactly(n):
        data = file.read(n)
        if len(data) < n:
            raise EOFError("the stream was cut off")
        return data

    if exactly(12) != b"TANBASYN\x03\0\0\0":
        raise ValueError("not a stream of version 3: use the tanba of the same commit")
    while length := struct.unpack("<I", exactly(4))[0]:
        body = exactly(length)
        finger, _, _, _, name, w, h, _, _, columns, rows, m, _, _ = HEAD.unpack_from(body)
        at = HEAD.size + name

        def take(dtype, *shape):
            nonlocal at
            array = np.frombuffer(body, dtype, int(np.prod(shape)), at).reshape(shape)
            at += array.nbytes
            return array

        yield dict(
            finger=finger, image=take("u1", h, w), ridges=take("i1", h, w), orientation=take("<f4", rows, columns),
            period=take("<f4", rows, columns), mask=take("u1", rows, columns), minutiae=take(MINUTIA, m))


def placed(size, middle):
    """Where a side of `size` pixels lies in the square: (first pixel taken, first pixel written, number), on whole cells."""
    if size <= SIDE:
        return 0, (SIDE - size) // 2 // CELL * CELL, size
    start = int(np.clip((middle - SIDE / 2) // CELL * CELL, 0, (size - SIDE) // CELL * CELL))
    return start, 0, SIDE


def cut(record, out, i):
    """Writes a record into place `i` of the arrays of a block."""
    skin = record["ridges"][::CELL, ::CELL] != -128
    ys, xs = np.nonzero(skin)
    h, w = record["image"].shape
    middle = (CELL * xs.mean(), CELL * ys.mean()) if len(xs) else (w / 2, h / 2)
    (fx, tx, nx), (fy, ty, ny) = placed(w, middle[0]), placed(h, middle[1])
    for name, fill in (("image", 0), ("ridges", -128)):
        out[name][i] = fill
        out[name][i, ty:ty + ny, tx:tx + nx] = record[name][fy:fy + ny, fx:fx + nx]
    for name in ("orientation", "period", "mask"):
        out[name][i] = 0
        part = record[name][fy // CELL:(fy + ny) // CELL, fx // CELL:(fx + nx) // CELL]
        out[name][i, ty // CELL:ty // CELL + part.shape[0], tx // CELL:tx // CELL + part.shape[1]] = part
    m = record["minutiae"]
    x, y = m["x"] - fx + tx, m["y"] - fy + ty
    inside = (x >= tx) & (y >= ty) & (x < tx + nx) & (y < ty + ny)
    found = np.stack([x, y, m["direction"], m["kind"], m["visible"], m["number"]], 1)[inside][:MINUTIAE]
    out["minutiae"][i] = 0
    out["minutiae"][i, :len(found)] = found
    out["frame"][i] = tx, ty, tx + nx, ty + ny
    out["finger"][i] = record["finger"]


def arrays(buffer):
    """The fields of a block as arrays over one buffer."""
    at, out = 0, {}
    for name, (shape, dtype) in FIELDS.items():
        n = BLOCK * int(np.prod(shape))
        out[name] = np.frombuffer(buffer, dtype, n, at).reshape(BLOCK, *shape)
        at += n * np.dtype(dtype).itemsize
    return out


def block_bytes():
    return sum(BLOCK * int(np.prod(s)) * np.dtype(d).itemsize for s, d in FIELDS.values())


def pump(command, names, free, full):
    """Runs the generator and fills blocks until it ends. Runs in a process of its own."""
    os.nice(10)  # the trainer goes first
    slots = [shared_memory.SharedMemory(name) for name in names]
    blocks = [arrays(s.buf) for s in slots]
    generator = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    slot, i = free.get(), 0
    for record in read(generator.stdout):
        cut(record, blocks[slot], i)
        i += 1
        if i == BLOCK:
            full.put(slot)
            slot, i = free.get(), 0
    full.put(None)


class Source:
    """One run of the generator, read by a process of its own."""

    def __init__(self, command, slots=6):
        context = mp.get_context("spawn")
        self.memory = [shared_memory.SharedMemory(create=True, size=block_bytes()) for _ in range(slots)]
        self.blocks = [arrays(m.buf) for m in self.memory]
        self.free, self.full = context.Queue(), context.Queue()
        for k in range(slots):
            self.free.put(k)
        names = [m.name for m in self.memory]
        self.process = context.Process(target=pump, args=(command, names, self.free, self.full), daemon=True)
        self.process.start()

    def next(self, timeout=120):
        """The next block as (slot, arrays), or None at the end. Give the slot back with `done`."""
        slot = self.full.get(timeout=timeout)
        return None if slot is None else (slot, self.blocks[slot])

    def done(self, slot):
        self.free.put(slot)

    def close(self):
        self.process.kill()
        self.blocks = None
        for m in self.memory:
            try:
                m.close()
            except BufferError:
                pass  # a view is still alive; the memory goes with this process
            m.unlink()

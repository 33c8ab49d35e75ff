"""All prints made so far, in the memory of the device."""

import numpy as np
import torch

from .stream import BLOCK, FIELDS, Source

# Runs of the generator: how ridges are made, how many impressions of a finger, and in which manner they are taken, in turn. Blocks are
# taken from the runs in the order of `turn`.
MIXES = {
    # Every manner on every finger: for reading.
    "wide": dict(
        runs=[("fast", 12, "fvc-like,hard,capacitive,fvc-like,ink,easy,latent,hard,sweep,fvc-like,capacitive,rolled"),
              ("growth", 12, "fvc-like,hard,capacitive,fvc-like,ink,easy,latent,hard,sweep,fvc-like,capacitive,rolled")],
        turn=(0, 0, 1)),
    # Few impressions of many fingers: for telling fingers apart.
    "many": dict(
        runs=[("fast", 4, "fvc-like,capacitive,hard,easy"), ("fast", 4, "fvc-like,sweep,rolled,latent"),
              ("growth", 4, "fvc-like,ink,capacitive,hard")],
        turn=(0, 2, 0, 1)),
    # The same for minutiae: impressions that lie on one another in part.
    "pairs": dict(
        runs=[("fast", 6, "fvc-like,capacitive,hard,fvc-like,rolled,hard"), ("fast", 6, "fvc-like,sweep,capacitive,easy,ink,latent"),
              ("growth", 6, "fvc-like,hard,capacitive,ink,fvc-like,hard")],
        turn=(0, 2, 0, 1)),
}


def command(tanba, seed, mode, impressions, presets):
    return [tanba, "synth", "prints", "--count", "1000000", "--impressions", str(impressions), "--seed", str(seed),
            "--preset", presets, "--mode", mode, "--stream", "-"]


class Bank:
    """Prints in the order in which they were asked for, whatever the clock does."""

    def __init__(self, tanba, seed, mix, capacity, device):
        self.capacity = capacity // BLOCK * BLOCK
        self.device = device
        self.held = 0
        self.blocks = 0
        types = {np.uint8: torch.uint8, np.int8: torch.int8, np.float16: torch.float16, np.float32: torch.float32,
                 np.int16: torch.int16, np.int32: torch.int32}
        self.data = {name: torch.zeros((self.capacity, *shape), dtype=types[dtype], device=device)
                     for name, (shape, dtype) in FIELDS.items()}
        self.turn = MIXES[mix]["turn"]
        self.sources = [Source(command(tanba, seed + k, *run)) for k, run in enumerate(MIXES[mix]["runs"])]

    def grow(self, upto):
        """Takes blocks until `upto` prints (never more than the capacity) are held."""
        while self.held < min(upto, self.capacity):
            run = self.turn[self.blocks % len(self.turn)]
            block = self.sources[run].next()
            if block is None:
                raise RuntimeError("the generator ended early")
            slot, arrays = block
            for name, array in arrays.items():
                self.data[name][self.held:self.held + BLOCK] = torch.from_numpy(array).to(self.device)
            # Each run has fingers of its own.
            self.data["finger"][self.held:self.held + BLOCK] += run << 24
            self.sources[run].done(slot)
            self.held += BLOCK
            self.blocks += 1

    def take(self, index):
        return {name: tensor[index] for name, tensor in self.data.items()}

    def close(self):
        for source in self.sources:
            source.close()

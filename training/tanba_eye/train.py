"""`python -m tanba_eye.train`: first the network that reads a print, then the small one that makes a vector of it.

Everything that is drawn comes from the seed, and what a step may draw from depends on its number alone, not on how fast the generator was.
A run that was stopped goes on from its last checkpoint with the same command.
"""

import argparse
import json
import math
import time
from pathlib import Path

import torch
from torch.nn import functional as F

from .augment import Warp, moved, normalised, spoilt
from .bank import MIXES, Bank
from .losses import WEIGHTS, losses
from .model import Eye, Print
from .stream import BLOCK


def arguments():
    p = argparse.ArgumentParser(prog="python -m tanba_eye.train", description=__doc__)
    p.add_argument("--tanba", default="target/release/tanba", help="the program that makes the prints")
    p.add_argument("--out", type=Path, required=True, help="folder for checkpoints and the log")
    p.add_argument("--seed", type=int, default=2026)
    p.add_argument("--steps", type=int, default=9000, help="steps of the reading network")
    p.add_argument("--vector-steps", type=int, default=1500, help="steps of the vector")
    p.add_argument("--batch", type=int, default=96)
    p.add_argument("--vector-batch", type=int, default=256, help="fingers of a step of the vector, two prints of each")
    p.add_argument("--mix", default="wide", choices=MIXES, help="which prints")
    p.add_argument("--since", type=int, default=0, metavar="STEP", help="the step from which prints are counted: give a new --seed with it")
    p.add_argument("--prints", type=int, default=150_000, help="prints held at most")
    p.add_argument("--first", type=int, default=3072, help="prints made before the first step")
    p.add_argument("--per-step", type=float, default=20, help="new prints each step")
    p.add_argument("--vector-per-step", type=float, default=70, help="new prints each step of the vector")
    p.add_argument("--rate", type=float, default=2e-3)
    p.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    p.add_argument("--save-every", type=float, default=60, metavar="SECONDS")
    p.add_argument("--stop-after", type=float, default=math.inf, metavar="SECONDS", help="save and stop; the same command goes on")
    return p.parse_args()


class Mean:
    """Weights averaged over the last steps; what is exported."""

    def __init__(self, model, keep):
        self.keep = keep
        self.state = {k: v.detach().clone().float() if v.is_floating_point() else v.clone() for k, v in model.state_dict().items()}

    @torch.no_grad()
    def update(self, model, step):
        keep = min(self.keep, (1 + step) / (10 + step))
        own = [v for v in self.state.values() if v.is_floating_point()]
        new = [v.float() for v in model.state_dict().values() if v.is_floating_point()]
        torch._foreach_lerp_(own, new, 1 - keep)


def batch(bank, index, g, **warp):
    raw = bank.take(index)
    truth = moved(raw, Warp(len(index), raw["image"].device, g, **warp))
    image = spoilt(truth["image"], truth["frame"], g)
    return normalised(image, truth["frame"]), truth


def rate_at(step, steps, top):
    """Up in a twentieth, then down as half a cosine."""
    warm = max(steps // 20, 1)
    if step < warm:
        return top * (step + 1) / warm
    return top * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * (step - warm) / max(steps - warm, 1))))


class Run:
    def __init__(self, a):
        self.a = a
        torch.manual_seed(a.seed)
        torch.backends.cudnn.benchmark = True
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
        a.out.mkdir(parents=True, exist_ok=True)
        self.begin = time.monotonic()
        self.saved = self.begin
        self.cuda = a.device.startswith("cuda")
        self.eye = Eye().to(a.device, memory_format=torch.channels_last)
        self.vector = Print().to(a.device)
        self.mean, self.vector_mean = Mean(self.eye, 0.998), Mean(self.vector, 0.995)
        self.optimiser = self.adam(self.eye)
        self.vector_optimiser = self.adam(self.vector)
        self.step = self.vector_step = 0
        self.load()

    def adam(self, model):
        plain = [p for p in model.parameters() if p.ndim < 2]
        decayed = [p for p in model.parameters() if p.ndim >= 2]
        groups = [dict(params=decayed, weight_decay=0.02), dict(params=plain, weight_decay=0.0)]
        return torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.99), fused=self.cuda)

    def halves(self):
        """What is kept of each network; a file of its own each, so that one can be taken along without the other."""
        return {"eye": (self.eye, self.optimiser, self.mean), "vector": (self.vector, self.vector_optimiser, self.vector_mean)}

    def load(self):
        for name, (model, optimiser, mean) in self.halves().items():
            path = self.a.out / f"{name}.pt"
            if path.exists():
                kept = torch.load(path, map_location=self.a.device, weights_only=True)
                model.load_state_dict(kept["model"])
                optimiser.load_state_dict(kept["optimiser"])
                mean.state = kept["mean"]
                setattr(self, "step" if name == "eye" else "vector_step", kept["step"])
                print(f"{name} goes on at step {kept['step']}", flush=True)

    def save(self):
        self.saved = time.monotonic()
        for (name, (model, optimiser, mean)), step in zip(self.halves().items(), (self.step, self.vector_step)):
            kept = dict(model=model.state_dict(), optimiser=optimiser.state_dict(), mean=mean.state, step=step)
            new = self.a.out / f"{name}.new"
            torch.save(kept, new)
            new.rename(self.a.out / f"{name}.pt")

    def tell(self, **what):
        line = json.dumps({"seconds": round(time.monotonic() - self.begin, 1), **what})
        with open(self.a.out / "log.jsonl", "a") as log:
            log.write(line + "\n")
        print(line, flush=True)

    def due(self):
        now = time.monotonic()
        if now - self.saved > self.a.save_every:
            self.save()
        return now - self.begin > self.a.stop_after

    def generator(self, *key):
        seed = hash((self.a.seed, *key)) & (2 ** 63 - 1)
        return torch.Generator(self.a.device).manual_seed(seed)

    def known(self, bank, step, vector_step=0):
        """Prints that a step may draw from, which are waited for."""
        a = self.a
        known = int(a.first + (step - a.since) * a.per_step + vector_step * a.vector_per_step) // BLOCK * BLOCK
        bank.grow(known)
        return min(bank.capacity, known)

    def read(self, bank):
        """Trains the reading network. False when time was up."""
        a = self.a
        self.eye.train()
        kept = {}
        while self.step < a.steps:
            known = self.known(bank, self.step)
            g = self.generator(1, self.step)
            index = torch.randint(known, (a.batch,), generator=g, device=a.device)
            with torch.no_grad():
                x, truth = batch(bank, index, g)
            for group in self.optimiser.param_groups:
                group["lr"] = rate_at(self.step, a.steps, a.rate)
            with torch.autocast(a.device.split(":")[0], torch.bfloat16):
                answer = self.eye(x.contiguous(memory_format=torch.channels_last))
            parts, seen = losses(answer, truth)
            total = sum(WEIGHTS[k] * v for k, v in parts.items())
            self.optimiser.zero_grad(set_to_none=True)
            total.backward()
            torch.nn.utils.clip_grad_norm_(self.eye.parameters(), 5.0)
            self.optimiser.step()
            self.mean.update(self.eye, self.step)
            self.step += 1
            for k, v in {**parts, **seen}.items():
                kept[k] = 0.98 * kept[k] + 0.02 * v.detach() if k in kept else v.detach()
            if self.step % 100 == 0 or self.step <= 3:
                self.tell(step=self.step, prints=bank.held, **{k: round(v.item(), 4) for k, v in kept.items()})
                if not math.isfinite(kept["ridge"].item()):
                    raise SystemExit("the loss is not finite: start again with a smaller --rate")
            if self.due():
                return False
        return True

    def sees(self, eye, x):
        with torch.no_grad(), torch.autocast(self.a.device.split(":")[0], torch.bfloat16):
            cells, _, _, features = eye(x.contiguous(memory_format=torch.channels_last))
        return features.float(), torch.sigmoid(cells[:, 3:4].float())

    def fingers(self, bank):
        """Prints by their finger: an order of all prints, and where each finger with two prints or more begins and how many it has."""
        # Told from the step, so that a run that goes on knows the same fingers.
        step = self.vector_step // 25 * 25
        number = bank.data["finger"][:self.known(bank, self.a.steps, step), 0].cpu()
        order = torch.argsort(number, stable=True)
        starts = torch.nonzero(torch.diff(number[order], prepend=torch.tensor([-1])))[:, 0]
        lengths = torch.diff(starts, append=torch.tensor([len(order)]))
        several = lengths >= 2
        return [t.to(self.a.device) for t in (order, starts[several], lengths[several])]

    def tell_apart(self, bank):
        """Trains the vector on what the averaged reading network sees. False when time was up."""
        a = self.a
        eye = Eye().to(a.device, memory_format=torch.channels_last)
        eye.load_state_dict(self.mean.state)
        eye.eval()
        self.vector.train()
        fingers = None
        kept = {}
        while self.vector_step < a.vector_steps:
            if self.vector_step % 25 == 0 or fingers is None:
                order, starts, lengths = self.fingers(bank)
                fingers = len(starts)
                size = min(a.vector_batch, fingers)
            g = self.generator(2, self.vector_step)
            who = torch.randperm(fingers, generator=g, device=a.device)[:size]
            first = (torch.rand(size, generator=g, device=a.device) * lengths[who]).long()
            step = 1 + (torch.rand(size, generator=g, device=a.device) * (lengths[who] - 1)).long()
            second = (first + step) % lengths[who]
            index = torch.cat([order[starts[who] + first], order[starts[who] + second]])
            with torch.no_grad():
                x, _ = batch(bank, index, g, turn=(0.2, 0.0), bent=0.25)
            features, mask = self.sees(eye, x)
            for group in self.vector_optimiser.param_groups:
                group["lr"] = rate_at(self.vector_step, a.vector_steps, a.rate)
            with torch.autocast(a.device.split(":")[0], torch.bfloat16):
                v = self.vector(features, mask)
            likeness = 14.0 * v[:size].float() @ v[size:].float().T
            aim = torch.arange(size, device=a.device)
            loss = 0.5 * (F.cross_entropy(likeness, aim) + F.cross_entropy(likeness.T, aim))
            self.vector_optimiser.zero_grad(set_to_none=True)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(self.vector.parameters(), 5.0)
            self.vector_optimiser.step()
            self.vector_mean.update(self.vector, self.vector_step)
            self.vector_step += 1
            now = {"likeness": loss.detach(), "first": (likeness.argmax(1) == aim).float().mean()}
            for k, value in now.items():
                kept[k] = 0.95 * kept[k] + 0.05 * value if k in kept else value
            if self.vector_step % 50 == 0 or self.vector_step <= 3:
                self.tell(vector_step=self.vector_step, fingers=fingers, **{k: round(v.item(), 4) for k, v in kept.items()})
            if self.due():
                return False
        return True


def main():
    a = arguments()
    run = Run(a)
    bank = Bank(a.tanba, a.seed, a.mix, a.prints, a.device)
    try:
        run.known(bank, run.step)
        run.tell(prints=bank.held, device=torch.cuda.get_device_name() if run.cuda else "cpu")
        if run.read(bank):
            run.tell_apart(bank)
    finally:
        run.save()
        bank.close()


if __name__ == "__main__":
    main()

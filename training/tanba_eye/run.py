"""What both trainings have in common: arguments, checkpoints, the log, the mean of the weights, and what a step may draw from."""

import argparse
import json
import math
import time
from pathlib import Path

import torch

from .augment import Warp, moved, normalised, spoilt
from .bank import MIXES
from .stream import BLOCK


def arguments(prog, what, *, mix, steps, batch, per_step):
    p = argparse.ArgumentParser(prog=prog, description=what)
    p.add_argument("--tanba", default="target/release/tanba", help="the program that makes the prints")
    p.add_argument("--out", type=Path, required=True, help="folder for checkpoints and the log")
    p.add_argument("--seed", type=int, default=2026)
    p.add_argument("--steps", type=int, default=steps)
    p.add_argument("--within", type=float, metavar="SECONDS",
                   help="after 50 steps, set --steps so that training ends after so long; the log says what it came to")
    p.add_argument("--batch", type=int, default=batch, help="prints of a step, or fingers with two prints each")
    p.add_argument("--mix", default=mix, choices=MIXES, help="which prints")
    p.add_argument("--since", type=int, default=0, metavar="STEP", help="the step from which prints are counted: give a new --seed with it")
    p.add_argument("--prints", type=int, default=150_000, help="prints held at most")
    p.add_argument("--first", type=int, default=3072, help="prints made before the first step")
    p.add_argument("--per-step", type=float, default=per_step, help="new prints each step")
    p.add_argument("--rate", type=float, default=2e-3)
    p.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    p.add_argument("--save-every", type=float, default=60, metavar="SECONDS")
    p.add_argument("--stop-after", type=float, default=math.inf, metavar="SECONDS", help="save and stop; the same command goes on")
    return p


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
    return top * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * min((step - warm) / max(steps - warm, 1), 1))))


class Run:
    """One network being trained; its checkpoint is NAME.pt."""

    def __init__(self, a, model, name, keep):
        self.a = a
        self.cuda = a.device.startswith("cuda")
        torch.backends.cudnn.benchmark = True
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
        a.out.mkdir(parents=True, exist_ok=True)
        self.begin = self.saved = time.monotonic()
        self.model = model
        self.path = a.out / f"{name}.pt"
        self.mean = Mean(model, keep)
        plain = [p for p in model.parameters() if p.ndim < 2]
        decayed = [p for p in model.parameters() if p.ndim >= 2]
        groups = [dict(params=decayed, weight_decay=0.02), dict(params=plain, weight_decay=0.0)]
        self.optimiser = torch.optim.AdamW(groups, lr=1e-3, betas=(0.9, 0.99), fused=self.cuda)
        self.step = 0
        self.paced = None
        self.kept = {}
        if self.path.exists():
            kept = torch.load(self.path, map_location=a.device, weights_only=True)
            self.model.load_state_dict(kept["model"])
            self.optimiser.load_state_dict(kept["optimiser"])
            self.mean.state = kept["mean"]
            self.step = kept["step"]
            print(f"{name} goes on at step {self.step}", flush=True)

    def save(self):
        self.saved = time.monotonic()
        new = self.path.with_suffix(".new")
        torch.save(dict(model=self.model.state_dict(), optimiser=self.optimiser.state_dict(), mean=self.mean.state, step=self.step), new)
        new.rename(self.path)

    def tell(self, **what):
        line = json.dumps({"seconds": round(time.monotonic() - self.begin, 1), **what})
        with open(self.a.out / "log.jsonl", "a") as log:
            log.write(line + "\n")
        print(line, flush=True)

    def due(self):
        """Whether time is up; saves now and then."""
        now = time.monotonic()
        if now - self.saved > self.a.save_every:
            self.save()
        return now - self.begin > self.a.stop_after

    def generator(self, *key):
        seed = hash((self.a.seed, *key)) & (2 ** 63 - 1)
        return torch.Generator(self.a.device).manual_seed(seed)

    def known(self, bank, step):
        """Prints that a step may draw from, which are waited for."""
        known = int(self.a.first + (step - self.a.since) * self.a.per_step) // BLOCK * BLOCK
        bank.grow(known)
        return min(bank.capacity, known)

    def pace(self):
        """Sets the number of steps by those that have been timed, once."""
        if self.a.within is None:
            return
        if self.paced is None:
            self.paced = (self.step, time.monotonic())
        done = self.step - self.paced[0]
        if done == 50:
            each = (time.monotonic() - self.paced[1]) / done
            self.a.steps = self.step + int((self.a.within - (time.monotonic() - self.begin)) / each)
            self.a.within = None
            self.tell(steps=self.a.steps, seconds_each=round(each, 4))

    def learn(self, loss, seen, every):
        """One step down the gradient of `loss`; `seen` is what the log tells of it."""
        for group in self.optimiser.param_groups:
            group["lr"] = rate_at(self.step, self.a.steps, self.a.rate)
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 5.0)
        self.optimiser.step()
        self.mean.update(self.model, self.step)
        self.step += 1
        for k, v in seen.items():
            self.kept[k] = 0.98 * self.kept[k] + 0.02 * v.detach() if k in self.kept else v.detach()
        if self.step % every == 0 or self.step <= 3:
            told = {k: round(v.item(), 4) for k, v in self.kept.items()}
            self.tell(step=self.step, **told)
            if not all(math.isfinite(v) for v in told.values()):
                raise SystemExit("the loss is not finite: start again with a smaller --rate")
        self.pace()

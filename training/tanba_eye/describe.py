"""`python -m tanba_eye.describe`: the network that describes a minutia by the ridges around it, as the reading network sees them, and a print by
its minutiae.

It learns to tell the same minutia on two impressions of a finger from all others, and the same finger from all others. What is drawn comes from
the seed, as in `train`.
"""

import math
from pathlib import Path

import torch
from torch.nn import functional as F

from .bank import Bank
from .export import restored
from .model import Describer, Eye
from .run import Run, arguments, batch
from .stream import SIDE

PATCH = 48  # places along a side
STEP = 2.75  # pixels between them
SURE = 0.2  # from which a print counts as readable, as the extractor has it
PAIRS = 12  # minutiae of a finger that are told apart from all others
SET = 26  # minutiae of a print that make its vector
SCALE = 16.0


def ridge_maps(eye, x, device):
    """What a template keeps of a print: (batch, 2, 192, 192), a sample for two by two pixels; ridge 1, valley -1, unreadable 0; readable 1."""
    with torch.autocast(device.split(":")[0], torch.bfloat16):
        cells, ridge, _, _ = eye(x.contiguous(memory_format=torch.channels_last))
    cells, ridge = cells.float(), ridge.float()
    sure = torch.sigmoid(cells[:, 3:4]) * (2 * torch.sigmoid(cells[:, 4:5]) - 1).clamp(min=0)
    readable = F.interpolate((F.avg_pool2d(sure, 2) >= SURE).float(), size=(SIDE // 2, SIDE // 2), mode="nearest")
    ridges = torch.sign(F.avg_pool2d(ridge / (2 + ridge.abs()), 2) - 1e-9)
    return torch.cat([ridges * readable, readable], 1)


def patches(maps, places, heading):
    """What lies around minutiae (batch, n, 2) and (batch, n), turned along their direction: (batch * n, 2, 48, 48)."""
    n = places.shape[1]
    at = (torch.arange(PATCH, device=maps.device) - (PATCH - 1) / 2) * STEP
    c, s = torch.cos(heading)[..., None, None], torch.sin(heading)[..., None, None]
    along, left = at[None, None, None, :], at[None, None, :, None]
    x = places[..., 0, None, None] + along * c - left * s
    y = places[..., 1, None, None] - along * s - left * c
    grid = (2 * torch.stack([x, y], -1) + 1) / SIDE - 1
    found = F.grid_sample(maps, grid.flatten(2, 3), mode="bilinear", padding_mode="zeros", align_corners=False)
    return found.transpose(1, 2).reshape(-1, 2, PATCH, PATCH)


def found(truth, maps, g):
    """The minutiae as an extractor finds them: a little off. And which of them it can find: (batch, 128) each."""
    places, heading = truth["places"], truth["heading"]

    def normal(shape, usual, seldom):
        wide = torch.where(torch.rand(shape[:2], generator=g, device=places.device) < 0.1, seldom, usual)
        noise = torch.randn(shape, generator=g, device=places.device)
        return noise * (wide[..., None] if len(shape) == 3 else wide)

    grid = ((2 * places + 1) / SIDE - 1)[:, :, None]
    readable = F.grid_sample(maps[:, 1:], grid, mode="nearest", align_corners=False)[:, 0, :, 0] > 0.5
    heading = heading + normal(heading.shape, math.radians(4.0), math.radians(12.0))
    return places + normal(places.shape, 1.0, 3.0), heading, truth["visible"] & readable


def some(there, k, g):
    """The places of `k` that are there in each row, in an order of chance, and whether there were so many."""
    chance = torch.rand(there.shape, generator=g, device=there.device) + there.float()
    value, index = chance.topk(k, dim=1)
    return index, value >= 1


def picked(values, index):
    return values.gather(1, index[..., None].expand(-1, -1, 2)) if values.ndim == 3 else values.gather(1, index)


def strangers(places, heading, g):
    """Some of the minutiae of a set are none: somewhere near, in any direction."""
    shape, device = heading.shape, heading.device
    wrong = torch.rand(shape, generator=g, device=device) < 0.08
    shift = torch.randn(places.shape, generator=g, device=device) * 25
    turn = torch.rand(shape, generator=g, device=device) * 2 * math.pi
    return torch.where(wrong[..., None], places + shift, places), torch.where(wrong, turn, heading)


def told_apart(a, b):
    """Cross entropy of who belongs to whom, both ways, and how often that is the most like (van den Oord, Li and Vinyals 2018)."""
    likeness = SCALE * a @ b.T
    aim = torch.arange(len(a), device=a.device)
    loss = 0.5 * (F.cross_entropy(likeness, aim) + F.cross_entropy(likeness.T, aim))
    return loss, (likeness.argmax(1) == aim).float().mean()


def signs(e):
    """The code as -1 and 1, with a gradient as if it were smooth."""
    smooth = torch.tanh(e)
    return smooth + (torch.where(e > 0, 1.0, -1.0) - smooth).detach()


class Fingers:
    """Prints by their finger, brought up to date as prints come."""

    def __init__(self, run, bank):
        self.run, self.bank, self.at = run, bank, None

    def draw(self, size, g):
        """Two different prints of each of `size` fingers: (first ones, then second ones)."""
        run, device = self.run, self.run.a.device
        # Told from the step, so that a run that goes on knows the same fingers.
        at = run.step // 25 * 25
        if at != self.at:
            self.at = at
            number = self.bank.data["finger"][:run.known(self.bank, at), 0].cpu()
            order = torch.argsort(number, stable=True)
            starts = torch.nonzero(torch.diff(number[order], prepend=torch.tensor([-1])))[:, 0]
            lengths = torch.diff(starts, append=torch.tensor([len(order)]))
            several = lengths >= 2
            self.order, self.starts, self.lengths = (t.to(device) for t in (order, starts[several], lengths[several]))
        who = torch.randperm(len(self.starts), generator=g, device=device)[:size]
        lengths = self.lengths[who]
        first = (torch.rand(len(who), generator=g, device=device) * lengths).long()
        second = (first + 1 + (torch.rand(len(who), generator=g, device=device) * (lengths - 1)).long()) % lengths
        return torch.cat([self.order[self.starts[who] + k] for k in (first, second)])


def describe(run, bank, eye):
    a, device = run.a, run.a.device
    fingers = Fingers(run, bank)
    run.model.train()
    while run.step < a.steps and not run.due():
        g = run.generator(2, run.step)
        index = fingers.draw(a.batch, g)
        size = len(index) // 2
        with torch.no_grad():
            x, truth = batch(bank, index, g, turn=(0.3, 0.1), bent=0.3)
            maps = ridge_maps(eye, x, device)
            places, heading, there = found(truth, maps, g)
            # The same minutia on both: its slot on the second for each on the first.
            number = truth["number"]
            same = (number[:size, :, None] == number[size:, None, :]) & there[:size, :, None] & there[size:, None, :]
            both, k = some(same.any(2), PAIRS, g)
            other = same.float().argmax(2).gather(1, both)
            pair = [patches(m, picked(p, i), picked(h, i))[k.flatten()] for m, p, h, i in (
                (maps[:size], places[:size], heading[:size], both), (maps[size:], places[size:], heading[size:], other))]
            set_index, present = some(there, SET, g)
            set_places, set_heading = strangers(picked(places, set_index), picked(heading, set_index), g)
            whole = patches(maps, set_places, set_heading)[present.flatten()]
        pairs = len(pair[0])
        with torch.autocast(device.split(":")[0], torch.bfloat16):
            e = run.model(torch.cat([*pair, whole]).contiguous(memory_format=torch.channels_last))
        first, second, rest = e[:pairs], e[pairs:2 * pairs], e[2 * pairs:]
        minutia, right = told_apart(*(signs(v) / 16 for v in (first, second)))
        smooth, _ = told_apart(F.normalize(first, dim=1), F.normalize(second, dim=1))
        filled = torch.zeros(len(index) * SET, rest.shape[1], device=device).masked_scatter(present.flatten()[:, None], rest)
        vector = run.model.vector(filled.view(len(index), SET, -1), present.float())
        # A print of which nothing can be read is nobody's.
        enough = (present.sum(1) >= 4).view(2, -1).all(0)
        finger, first_right = told_apart(vector[:size][enough], vector[size:][enough])
        with torch.no_grad():
            alike = (torch.where(first > 0, 1.0, -1.0) * torch.where(second > 0, 1.0, -1.0)).mean()
        run.learn(minutia + smooth + finger, dict(
            minutia=minutia, smooth=smooth, minutia_right=right, alike=alike, finger=finger, finger_right=first_right,
            pairs=torch.tensor(float(pairs)), fingers=torch.tensor(float(len(fingers.starts)))), 50)


def main():
    p = arguments("python -m tanba_eye.describe", __doc__, mix="pairs", steps=4000, batch=256, per_step=40)
    p.add_argument("--eye", type=Path, required=True, metavar="FILE", help="weights of the reading network, as `export` wrote them")
    a = p.parse_args()
    torch.manual_seed(a.seed)
    eye = restored(Eye(), a.eye.read_bytes()).to(a.device, memory_format=torch.channels_last)
    run = Run(a, Describer().to(a.device, memory_format=torch.channels_last), "descriptor", 0.998)
    # The number of minutiae differs from step to step, and each would be measured anew.
    torch.backends.cudnn.benchmark = False
    bank = Bank(a.tanba, a.seed, a.mix, a.prints, a.device)
    try:
        run.known(bank, run.step)
        run.tell(prints=bank.held, device=torch.cuda.get_device_name() if run.cuda else "cpu")
        describe(run, bank, eye)
    finally:
        run.save()
        bank.close()


if __name__ == "__main__":
    main()

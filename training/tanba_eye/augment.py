"""What happens to a batch on the device: it is moved and bent, its gray levels are spoilt, its truth goes along."""

import math

import torch
from torch.nn import functional as F

from .stream import CELL, CELLS, SIDE

WINDOW = 33  # pixels over which gray levels are made even
FLOOR = 12.0  # gray levels that count as nothing


def solved(a, b):
    """x of a x = b for (..., 2, 2) and (..., 2): two by two is too small for a library call."""
    determinant = a[..., 0, 0] * a[..., 1, 1] - a[..., 0, 1] * a[..., 1, 0]
    x = a[..., 1, 1] * b[..., 0] - a[..., 0, 1] * b[..., 1]
    y = a[..., 0, 0] * b[..., 1] - a[..., 1, 0] * b[..., 0]
    return torch.stack([x, y], -1) / determinant[..., None]


class Warp:
    """A smooth map from places of the new picture to places of the old one: a turn, a stretch, a shear, and for some a bend as of skin
    pushed along the glass. All places are (..., 2) as (x, y)."""

    def __init__(self, n, device, g, turn=(0.3, 0.25), bent=0.35):
        def uniform(low, high, *shape):
            return low + (high - low) * torch.rand((n, *shape), generator=g, device=device)

        def normal(sd, *shape):
            return sd * torch.randn((n, *shape), generator=g, device=device)

        angle = torch.where(uniform(0, 1) < turn[1], uniform(-math.pi, math.pi), normal(turn[0]))
        c, s = torch.cos(angle), torch.sin(angle)
        rotation = torch.stack([torch.stack([c, -s], 1), torch.stack([s, c], 1)], 1)
        stretch = torch.eye(2, device=device) + normal(0.035, 2, 2)
        scale = torch.exp(normal(0.07)).clamp(0.8, 1.25)
        self.a = scale[:, None, None] * rotation @ stretch
        self.middle = torch.full((n, 1, 2), (SIDE - 1) / 2, device=device)
        self.shift = normal(14.0, 1, 2)
        turns = uniform(0, 2 * math.pi, 2)
        self.across = torch.stack([torch.cos(turns[:, 0]), torch.sin(turns[:, 0])], 1)[:, None]
        self.along = torch.stack([torch.cos(turns[:, 1]), torch.sin(turns[:, 1])], 1)[:, None]
        self.reach = uniform(50, 130, 1)
        self.strength = torch.where(uniform(0, 1, 1) < bent, uniform(0.1, 0.5, 1) * self.reach, torch.zeros(n, 1, device=device))
        self.centre = self.middle + normal(40.0, 1, 2)

    def source(self, p):
        q = (p - self.middle) @ self.a.transpose(1, 2) + self.middle + self.shift
        s = ((q - self.centre) * self.across).sum(-1) / self.reach
        return q + (self.strength * s / (1 + s.abs()))[..., None] * self.along

    def jacobian(self, p):
        """d source / d place, (..., 2, 2): rows are source coordinates."""
        q = (p - self.middle) @ self.a.transpose(1, 2) + self.middle + self.shift
        s = ((q - self.centre) * self.across).sum(-1) / self.reach
        slope = self.strength / self.reach / (1 + s.abs()) ** 2
        across = self.across @ self.a
        return self.a[:, None] + slope[..., None, None] * (self.along[..., None] * across[..., None, :])

    def place(self, m, rounds=6):
        """The place of the new picture over a place of the old one, by Newton's method."""
        p = solved(self.a[:, None], m - self.middle - self.shift) + self.middle
        for _ in range(rounds):
            p = p - solved(self.jacobian(p), self.source(p) - m).clamp(-30, 30)
        return p, (self.source(p) - m).norm(dim=-1) < 0.5


def lattice(cell, device):
    """Middles of cells, (cells * cells, 2)."""
    at = (torch.arange(SIDE // cell, device=device) + 0.5) * cell - 0.5
    y, x = torch.meshgrid(at, at, indexing="ij")
    return torch.stack([x, y], -1).reshape(-1, 2)


def sample(maps, places, mode, side, new):
    grid = (2 * places + 1) / side - 1
    return F.grid_sample(maps, grid.reshape(len(maps), new, new, 2), mode=mode, padding_mode="zeros", align_corners=False)


def widened(places):
    """Places of every fourth pixel, (batch, 2, n, n), to those of every pixel: straight between them and beyond the rim."""
    padded = F.pad(places, (1, 1, 1, 1), mode="replicate")
    for side in (2, 3):
        n = padded.shape[side]
        first, last = padded.narrow(side, 1, 1), padded.narrow(side, n - 2, 1)
        padded.narrow(side, 0, 1).copy_(2 * first - padded.narrow(side, 2, 1))
        padded.narrow(side, n - 1, 1).copy_(2 * last - padded.narrow(side, n - 3, 1))
    wide = F.interpolate(padded, scale_factor=4, mode="bilinear", align_corners=False)
    return wide[:, :, 4:-4, 4:-4]


def moved(raw, warp):
    """The batch as its warp shows it: picture 0-255, frame (1 where there is a picture), and the truth."""
    device = raw["image"].device
    n = len(raw["image"])
    # The map is smooth: every fourth place, and straight between them.
    places = warp.source(lattice(4, device).expand(n, -1, -1)).transpose(1, 2).reshape(n, 2, SIDE // 4, SIDE // 4)
    pixels = widened(places).flatten(2).transpose(1, 2)
    at = torch.arange(SIDE, device=device)
    left, top, right, bottom = (raw["frame"][:, k, None].long() for k in range(4))
    frame = (((at >= top) & (at < bottom))[:, :, None] & ((at >= left) & (at < right))[:, None, :]).float()
    ridges = raw["ridges"].float()
    skin = (ridges > -128).float()
    maps = torch.stack([raw["image"].float() * frame, frame, ridges * skin / 127, skin], 1)
    image, frame, ridges, skin = sample(maps, pixels, "bilinear", SIDE, SIDE).unbind(1)
    image = image / frame.clamp(min=1e-3)
    frame = (frame > 0.99).float()
    ridges, skin = ridges / skin.clamp(min=1e-3), (skin > 0.9).float() * frame

    cells = lattice(CELL, device).expand(n, -1, -1)
    theta, period, mask = (raw[k].float() for k in ("orientation", "period", "mask"))
    old = torch.stack([torch.cos(theta), -torch.sin(theta), period, mask], 1)
    new = sample(old, warp.source(cells), "nearest", SIDE, CELLS)
    jacobian = warp.jacobian(cells).reshape(n, CELLS, CELLS, 2, 2)
    along = new[:, :2].permute(0, 2, 3, 1)
    # Along a ridge: back through the Jacobian. The wave's gradient: through its transpose.
    direction = solved(jacobian, along)
    twice = 2 * torch.atan2(-direction[..., 1], direction[..., 0])
    normal = torch.stack([-along[..., 1], along[..., 0]], -1)
    gradient = (jacobian.transpose(-1, -2) @ normal[..., None])[..., 0].norm(dim=-1)
    period = new[:, 2] / gradient.clamp(min=0.3)
    inside = F.avg_pool2d(frame[:, None], CELL)[:, 0] > 0.5
    known = (new[:, 2] > 0) & inside

    m = raw["minutiae"]
    places, found = warp.place(m[..., :2])
    v = torch.stack([torch.cos(m[..., 2]), -torch.sin(m[..., 2])], -1)
    v = solved(warp.jacobian(places), v)
    heading = torch.atan2(-v[..., 1], v[..., 0])
    ok = (m[..., 3] > 0) & found & (places > 1).all(-1) & (places < SIDE - 2).all(-1)
    return dict(
        image=image, frame=frame, ridges=ridges, skin=skin, twice=twice, period=period, known=known,
        mask=(new[:, 3] > 0.5) & inside, places=places, heading=heading, fork=m[..., 3] > 1.5, visible=ok & (m[..., 4] > 0.5),
        hidden=ok & (m[..., 4] < 0.5), number=m[..., 5].long())


def spoilt(image, frame, g):
    """Gray levels as other scanners, other skin and other days would have made them."""
    n, device = len(image), image.device

    def uniform(low, high):
        return low + (high - low) * torch.rand((n, 1, 1), generator=g, device=device)

    def chance(p):
        return (torch.rand((n, 1, 1), generator=g, device=device) < p).float()

    def noise(cell):
        side = SIDE // cell
        x = torch.randn((n, 1, side, side), generator=g, device=device)
        return x[:, 0] if cell == 1 else F.interpolate(x, size=(SIDE, SIDE), mode="bilinear", align_corners=False)[:, 0]

    x = image
    # The trace of another finger on the glass.
    other = torch.roll(image, 1, 0) * torch.roll(frame, 1, 0) + 255 * (1 - torch.roll(frame, 1, 0))
    x = x - chance(0.15) * uniform(0.05, 0.3) * (255 - other) * (x / 255)
    # Lines drawn over it, bright and dark: folds, cuts, hairs, forms.
    at = torch.arange(SIDE, device=device, dtype=torch.float32)
    for _ in range(4):
        angle, off, wide = uniform(0, math.pi), uniform(-150, 150), uniform(0.6, 3.0)
        bow = uniform(-8e-4, 8e-4)
        u, v = at[None, None, :] - SIDE / 2, at[None, :, None] - SIDE / 2
        along, across = u * torch.cos(angle) + v * torch.sin(angle), v * torch.cos(angle) - u * torch.sin(angle)
        depth = torch.exp(-(((across - off + bow * along * along) / wide) ** 2)) * (along - uniform(-150, 150)).abs().lt(uniform(20, 120))
        x = x + chance(0.3) * depth * (torch.where(chance(0.7) > 0, uniform(150, 255), uniform(0, 60)) - x) * uniform(0.5, 1)
    # Patches where the contact is poor or flooded.
    for cell, p in ((16, 0.4), (48, 0.4)):
        patch = torch.sigmoid(4 * (noise(cell) - uniform(0.6, 2.0)))
        x = x + chance(p) * patch * (uniform(0, 255) - x) * uniform(0.3, 0.9)
    # Tone.
    x = (x / 255).clamp(1e-3, 1)
    x = x ** torch.exp(uniform(-0.6, 0.6))
    hard = torch.sigmoid((x - uniform(0.35, 0.65)) * uniform(5, 14))
    x = torch.lerp(x, hard, chance(0.25) * uniform(0.3, 1))
    x = 255 * (x * uniform(0.35, 1.0) + uniform(0, 0.25))
    # Sharpness, both ways.
    blur = F.avg_pool2d(F.avg_pool2d(x[:, None], 3, 1, 1, count_include_pad=False), 3, 1, 1, count_include_pad=False)[:, 0]
    x = torch.lerp(x, blur, torch.where(chance(0.5) > 0, uniform(0, 1.2), uniform(-0.6, 0)))
    # Grain of every size, stripes of rows and columns.
    for cell, most, p in ((1, 14, 0.7), (2, 12, 0.5), (4, 14, 0.4), (8, 14, 0.3), (32, 25, 0.4)):
        x = x + chance(p) * uniform(0, most) * noise(cell)
    rows = torch.randn((n, SIDE, 1), generator=g, device=device)
    columns = torch.randn((n, 1, SIDE), generator=g, device=device)
    x = x + chance(0.12) * uniform(0, 10) * rows + chance(0.12) * uniform(0, 10) * columns
    step = torch.where(chance(0.15) > 0, uniform(4, 24), torch.ones_like(x[:, :1, :1]))
    return ((x / step).round() * step).round().clamp(0, 255)


def normalised(image, frame):
    """Gray levels made even: the network's input. crates/tanba-finger/src/eye/normalise.rs does the same."""

    def mean(x):
        return F.avg_pool2d(F.avg_pool2d(x, (WINDOW, 1), 1, (WINDOW // 2, 0)), (1, WINDOW), 1, (0, WINDOW // 2))

    both = torch.stack([frame, image * frame, image * image * frame], 1)
    count, m, square = mean(both).unbind(1)
    count = count.clamp(min=1e-6)
    m, square = m / count, square / count
    y = (image - m) / ((square - m * m).clamp(min=0).sqrt() + FLOOR)
    return (y.clamp(-3, 3) * frame)[:, None]

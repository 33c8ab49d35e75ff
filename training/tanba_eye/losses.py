"""How far the network's answer is from the truth."""

import math

import torch
from torch.nn import functional as F

from .stream import CELL, SIDE

STEP = 4  # pixels of a cell of the minutiae's maps
GRID = SIDE // STEP
SPREAD = 0.8  # cells: how far the target of a minutia reaches


def bell(truth):
    """Targets of the minutiae on cells of four pixels: heat, places not judged, and for the cells around each minutia what is to be told."""
    n, most = truth["heading"].shape
    device = truth["heading"].device
    heat, ignore = (torch.zeros(n, GRID * GRID, device=device) for _ in range(2))
    near = torch.full((n, GRID * GRID), 1e9, device=device)
    owner = torch.zeros(n, GRID * GRID, dtype=torch.long, device=device)
    at = (truth["places"] + 0.5) / STEP - 0.5  # in cells, 0 in the middle of the first
    number = torch.arange(most, device=device).expand(n, most)

    def around(reach):
        """Cells around each minutia: index, squared distance, whether it is seen, whether it is hidden; (batch, minutiae x cells)."""
        steps = torch.arange(-reach, reach + 1, device=device)
        shift = torch.cartesian_prod(steps, steps).float()
        cell = at.round()[:, :, None] + shift
        inside = ((cell >= 0) & (cell < GRID)).all(-1)
        index = (cell[..., 1] * GRID + cell[..., 0]).nan_to_num().clamp(0, GRID * GRID - 1).long()
        square = ((cell - at[:, :, None]) ** 2).sum(-1)
        itself = (shift == 0).all(-1).expand_as(inside)
        seen, hidden = (truth[k][..., None] & inside for k in ("visible", "hidden"))
        return [t.flatten(1) for t in (index, square, seen, hidden, itself, number[..., None].expand_as(inside))]

    index, square, seen, hidden, itself, _ = around(2)
    value = torch.where(itself, 1.0, torch.exp(-square / (2 * SPREAD ** 2))) * seen
    heat.scatter_reduce_(1, index, value, "amax")
    ignore.scatter_reduce_(1, index, hidden.float(), "amax")
    index, square, seen, _, _, owners = around(1)
    near.scatter_reduce_(1, index, torch.where(seen, square, 1e9), "amin")
    mine = seen & (square <= near.gather(1, index))
    owner.scatter_reduce_(1, index, torch.where(mine, owners, 0), "amax")
    told = near < 1e8
    return heat, ignore, told, owner


def losses(answer, truth):
    """Each part of the loss, and what people read."""
    cells, ridge, minutiae, _ = answer
    cells, ridge, minutiae = cells.float(), ridge.float()[:, 0], minutiae.float()
    skin = truth["skin"]
    target = (0.5 + 0.8 * truth["ridges"]).clamp(0, 1)
    weight = skin * truth["ridges"].abs().clamp(min=0.15)
    parts = {"ridge": (F.binary_cross_entropy_with_logits(ridge, target, reduction="none") * weight).sum() / weight.sum()}

    mask, known = truth["mask"].float(), truth["known"].float()
    touching = (F.avg_pool2d(skin[:, None], CELL)[:, 0] > 0.5).float() * known
    weight = mask * known + 0.3 * touching * (1 - mask)
    flow = torch.stack([torch.cos(truth["twice"]), torch.sin(truth["twice"])], 1)
    parts["flow"] = (((cells[:, :2] - flow) ** 2).sum(1) * weight).sum() / weight.sum()
    log_period = torch.log(truth["period"].clamp(3, 25) / 9)
    parts["period"] = (F.smooth_l1_loss(cells[:, 2], log_period, beta=0.1, reduction="none") * mask * known).sum() / (mask * known).sum()
    parts["mask"] = F.binary_cross_entropy_with_logits(cells[:, 3], mask)
    with torch.no_grad():
        right = ((ridge > 0) == (truth["ridges"] > 0)).float()
        telling = skin * (truth["ridges"].abs() > 0.3)
        share = F.avg_pool2d((right * telling)[:, None], CELL)[:, 0] / F.avg_pool2d(telling[:, None], CELL)[:, 0].clamp(min=1e-3)
    parts["certainty"] = (F.binary_cross_entropy_with_logits(cells[:, 4], share, reduction="none") * touching).sum() / touching.sum()

    heat, ignore, told, owner = bell(truth)
    flat = minutiae.flatten(2)
    p = torch.sigmoid(flat[:, 0]).clamp(1e-5, 1 - 1e-5)
    one = heat >= 0.999
    lose = torch.where(one, -((1 - p) ** 2) * torch.log(p), -((1 - heat) ** 4) * (p ** 2) * torch.log(1 - p))
    keep = torch.where(one, torch.ones_like(heat), 1 - ignore)
    parts["heat"] = (lose * keep).sum() / one.sum().clamp(min=1)
    total = told.sum().clamp(min=1)
    grid = torch.arange(GRID * GRID, device=heat.device)
    cell = torch.stack([grid % GRID, grid // GRID], -1).float()
    at = (truth["places"].gather(1, owner[..., None].expand(-1, -1, 2)) + 0.5) / STEP - 0.5
    offset = flat[:, 1:3].transpose(1, 2)
    parts["place"] = (F.smooth_l1_loss(offset, at - cell, beta=0.2, reduction="none").sum(-1) * told).sum() / total
    heading = truth["heading"].gather(1, owner)
    aim = torch.stack([torch.cos(heading), torch.sin(heading)], 1)
    parts["heading"] = (((flat[:, 3:5] - aim) ** 2).sum(1) * told).sum() / total
    fork = truth["fork"].gather(1, owner).float()
    parts["kind"] = (F.binary_cross_entropy_with_logits(flat[:, 5], fork, reduction="none") * told).sum() / total

    with torch.no_grad():
        error = 0.5 * torch.atan2(torch.sin(torch.atan2(cells[:, 1], cells[:, 0]) - truth["twice"]),
                                  torch.cos(torch.atan2(cells[:, 1], cells[:, 0]) - truth["twice"])).abs()
        seen = {
            "ridges_right": (right * telling).sum() / telling.sum(),
            "flow_degrees": math.degrees(1) * (error * mask * known).sum() / (mask * known).sum(),
        }
    return parts, seen


WEIGHTS = dict(ridge=1.0, flow=0.5, period=0.5, mask=0.3, certainty=0.2, heat=1.0, place=0.5, heading=0.5, kind=0.2)

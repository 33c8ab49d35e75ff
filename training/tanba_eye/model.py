"""The network. crates/tanba-finger/src/eye/net.rs runs the same graph; names of tensors are those of the attributes."""

import torch
from torch import nn
from torch.nn import functional as F

WIDTHS = (16, 32, 64, 96)  # at half, a quarter, an eighth and a sixteenth of the picture
CODE = 256  # bits that describe a minutia
WORDS = 768  # kinds of minutiae of which a vector counts how many there are
VECTOR = 192


class Conv(nn.Module):
    """Convolution and batch normalisation, which is folded into it when the weights are exported."""

    def __init__(self, i, o, k, stride=1, dilation=1, norm=True):
        super().__init__()
        self.conv = nn.Conv2d(i, o, k, stride, dilation * (k // 2), dilation, bias=not norm)
        self.norm = nn.BatchNorm2d(o) if norm else None

    def forward(self, x):
        x = self.conv(x)
        return self.norm(x) if self.norm is not None else x

    @torch.no_grad()
    def folded(self):
        if self.norm is None:
            return self.conv.weight.float(), self.conv.bias.float()
        scale = self.norm.weight / torch.sqrt(self.norm.running_var + self.norm.eps)
        return (self.conv.weight * scale[:, None, None, None]).float(), \
            (self.norm.bias - self.norm.running_mean * scale).float()


class Even(nn.Module):
    """A linear layer whose outputs are brought to mean 0 and variance 1, so that each bit is set as often as not."""

    def __init__(self, i, o):
        super().__init__()
        self.linear, self.norm = nn.Linear(i, o, bias=False), nn.BatchNorm1d(o, affine=False)

    def forward(self, x):
        return self.norm(self.linear(x).float())

    @torch.no_grad()
    def folded(self):
        scale = 1 / torch.sqrt(self.norm.running_var + self.norm.eps)
        return (self.linear.weight * scale[:, None]).float(), (-self.norm.running_mean * scale).float()


class Res(nn.Module):
    def __init__(self, c, dilation=1):
        super().__init__()
        self.a, self.b = Conv(c, c, 3, 1, dilation), Conv(c, c, 3, 1, dilation)

    def forward(self, x):
        return F.relu(x + self.b(F.relu(self.a(x))))


class Eye(nn.Module):
    """(batch, 1, H, W), normalised, H and W multiples of 16 -> cells (16 maps at /8), ridge logits (1 map), minutiae (16 maps at /4),
    features (64 maps at /8)."""

    def __init__(self):
        super().__init__()
        a, b, c, d = WIDTHS
        self.c2 = Conv(1, a, 5, 2)
        self.c4, self.r4a = Conv(a, b, 3, 2), Res(b)
        self.c8, self.r8a, self.r8b = Conv(b, c, 3, 2), Res(c), Res(c)
        self.c16, self.r16a, self.r16b, self.r16c = Conv(c, d, 3, 2), Res(d), Res(d, 2), Res(d)
        self.u8, self.r8c = Conv(d, c, 1), Res(c)
        self.u4, self.r4b = Conv(c, b, 1), Res(b)
        self.h8 = Conv(c, 16, 1, norm=False)
        self.h4r = Conv(b, 16, 1, norm=False)
        self.m4, self.h4m = Conv(b, b, 3), Conv(b, 16, 1, norm=False)
        # Most places are no minutia (Lin et al. 2017, the prior of the focal loss).
        nn.init.constant_(self.h4m.conv.bias[:1], -4.0)

    def forward(self, x):
        x4 = self.r4a(F.relu(self.c4(F.relu(self.c2(x)))))
        x8 = self.r8b(self.r8a(F.relu(self.c8(x4))))
        x16 = self.r16c(self.r16b(self.r16a(F.relu(self.c16(x8)))))
        x8 = self.r8c(F.relu(x8 + F.interpolate(self.u8(x16), scale_factor=2, mode="nearest")))
        x4 = self.r4b(F.relu(x4 + F.interpolate(self.u4(x8), scale_factor=2, mode="nearest")))
        return self.h8(x8), F.pixel_shuffle(self.h4r(x4), 4), self.h4m(F.relu(self.m4(x4))), x8


class Describer(nn.Module):
    """Patches of ridges around minutiae (n, 2, 48, 48) -> 256 numbers of each, whose signs are its code; and of the minutiae of a print a
    vector of length one. crates/tanba-finger/src/eye/describe.rs runs the same graph."""

    def __init__(self):
        super().__init__()
        a, b, c = 16, 32, 64
        self.a, self.b, self.b2 = Conv(2, a, 5, 2), Conv(a, b, 3, 2), Conv(b, b, 3)
        self.c, self.c2 = Conv(b, c, 3, 2), Conv(c, c, 3)
        self.e = Even(c * 36, CODE)
        self.v1, self.v2 = nn.Linear(CODE, WORDS), nn.Linear(WORDS, VECTOR)

    def forward(self, patches):
        x = F.relu(self.b(F.relu(self.a(patches))))
        x = F.relu(self.c(F.relu(self.b2(x))))
        return self.e(F.relu(self.c2(x)).flatten(1))

    def vector(self, e, there):
        """`e` (prints, minutiae, 256), `there` (prints, minutiae), 1 where there is one."""
        words = F.relu(self.v1(e)) * there[..., None]
        mean = words.sum(1) / there.sum(1, keepdim=True).clamp(min=1)
        return F.normalize(self.v2(torch.sqrt(mean + 1e-4)), dim=1)

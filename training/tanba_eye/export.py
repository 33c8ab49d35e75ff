"""`python -m tanba_eye.export RUN --eye OUT --vector OUT`: the averaged weights of a run as crates/tanba-finger/src/eye/weights.rs reads them, half floats, batch
normalisation folded into the convolutions."""

import argparse
import struct
import zlib
from pathlib import Path

import torch

from .model import Conv, Eye, Print, Res


def tensors(model):
    for name, module in model.named_children():
        if isinstance(module, Res):
            for k, part in enumerate((module.a, module.b)):
                w, b = part.folded()
                yield f"{name}.{k}.w", w
                yield f"{name}.{k}.b", b
        elif isinstance(module, Conv):
            w, b = module.folded()
            yield f"{name}.w", w
            yield f"{name}.b", b
        else:
            yield f"{name}.w", module.weight.float()
            yield f"{name}.b", module.bias.float()


def encoded(model):
    out = bytearray(b"TANBAnet" + struct.pack("<I", 1))
    named = list(tensors(model))
    out += struct.pack("<I", len(named))
    for name, tensor in named:
        half = tensor.detach().cpu().contiguous().to(torch.float16)
        if not torch.isfinite(half).all():
            raise SystemExit(f"{name} does not fit half floats: train with more weight decay")
        text = name.encode()
        out += struct.pack("<H", len(text)) + text + struct.pack("<B", half.ndim) + struct.pack(f"<{half.ndim}I", *half.shape)
        out += half.numpy().astype("<f2").tobytes()
    return bytes(out + struct.pack("<I", zlib.crc32(out)))


def main():
    p = argparse.ArgumentParser(prog="python -m tanba_eye.export", description=__doc__)
    p.add_argument("run", type=Path)
    p.add_argument("--eye", type=Path)
    p.add_argument("--vector", type=Path)
    a = p.parse_args()
    for model, name, path in ((Eye(), "eye", a.eye), (Print(), "vector", a.vector)):
        if path:
            state = torch.load(a.run / f"{name}.pt", map_location="cpu", weights_only=True)["mean"]
            model.load_state_dict(state)
            data = encoded(model)
            path.write_bytes(data)
            print(f"{path}: {len(data)} bytes, {sum(t.numel() for _, t in tensors(model))} weights")


if __name__ == "__main__":
    main()

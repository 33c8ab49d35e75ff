"""`python -m tanba_eye.export RUN --eye OUT --descriptor OUT`: the averaged weights of a run as crates/tanba-finger/src/eye/weights.rs reads them, half floats, batch
normalisation folded into the convolutions."""

import argparse
import struct
import zlib
from pathlib import Path

import numpy as np
import torch

from .model import Conv, Describer, Even, Eye, Res


def tensors(model):
    for name, module in model.named_children():
        if isinstance(module, Res):
            for k, part in enumerate((module.a, module.b)):
                w, b = part.folded()
                yield f"{name}.{k}.w", w
                yield f"{name}.{k}.b", b
        elif isinstance(module, (Conv, Even)):
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


def decoded(data):
    """The tensors of such a file by name."""
    if data[:8] != b"TANBAnet" or struct.unpack_from("<I", data, len(data) - 4)[0] != zlib.crc32(data[:-4]):
        raise SystemExit("not a whole file of weights: give one that this program wrote")
    at, out = 16, {}
    for _ in range(struct.unpack_from("<I", data, 12)[0]):
        length = struct.unpack_from("<H", data, at)[0]
        name, rank = data[at + 2:at + 2 + length].decode(), data[at + 2 + length]
        at += 3 + length
        shape = struct.unpack_from(f"<{rank}I", data, at)
        at += 4 * rank
        values = np.frombuffer(data, "<f2", int(np.prod(shape)), at).reshape(shape)
        out[name] = torch.from_numpy(values.astype(np.float32))
        at += values.nbytes
    return out


@torch.no_grad()
def restored(eye, data):
    """Gives a new `Eye` the weights of a file, with normalisation that does nothing."""
    of = decoded(data)
    for name, module in eye.named_children():
        parts = ((f"{name}.0", module.a), (f"{name}.1", module.b)) if isinstance(module, Res) else ((name, module),)
        for key, conv in parts:
            conv.conv.weight.copy_(of[f"{key}.w"])
            if conv.norm is None:
                conv.conv.bias.copy_(of[f"{key}.b"])
            else:
                conv.norm.running_mean.zero_()
                conv.norm.running_var.fill_(1 - conv.norm.eps)
                conv.norm.weight.fill_(1)
                conv.norm.bias.copy_(of[f"{key}.b"])
    return eye.eval()


def main():
    p = argparse.ArgumentParser(prog="python -m tanba_eye.export", description=__doc__)
    p.add_argument("run", type=Path)
    p.add_argument("--eye", type=Path)
    p.add_argument("--descriptor", type=Path)
    a = p.parse_args()
    for model, name, path in ((Eye(), "eye", a.eye), (Describer(), "descriptor", a.descriptor)):
        if path:
            state = torch.load(a.run / f"{name}.pt", map_location="cpu", weights_only=True)["mean"]
            model.load_state_dict(state)
            data = encoded(model)
            path.write_bytes(data)
            print(f"{path}: {len(data)} bytes, {sum(t.numel() for _, t in tensors(model))} weights")


if __name__ == "__main__":
    main()

"""`python -m tanba_eye.train`: the network that reads a print.

Everything that is drawn comes from the seed, and what a step may draw from depends on its number alone, not on how fast the generator was.
A run that was stopped goes on from its last checkpoint with the same command.
"""

import torch

from .bank import Bank
from .losses import WEIGHTS, losses
from .model import Eye
from .run import Run, arguments, batch


def read(run, bank):
    """Trains until the steps are done or time is up."""
    a = run.a
    run.model.train()
    while run.step < a.steps and not run.due():
        known = run.known(bank, run.step)
        g = run.generator(1, run.step)
        index = torch.randint(known, (a.batch,), generator=g, device=a.device)
        with torch.no_grad():
            x, truth = batch(bank, index, g)
        with torch.autocast(a.device.split(":")[0], torch.bfloat16):
            answer = run.model(x.contiguous(memory_format=torch.channels_last))
        parts, seen = losses(answer, truth)
        run.learn(sum(WEIGHTS[k] * v for k, v in parts.items()), {**parts, **seen}, 100)


def main():
    a = arguments("python -m tanba_eye.train", __doc__, mix="wide", steps=9000, batch=96, per_step=20).parse_args()
    torch.manual_seed(a.seed)
    run = Run(a, Eye().to(a.device, memory_format=torch.channels_last), "eye", 0.998)
    bank = Bank(a.tanba, a.seed, a.mix, a.prints, a.device)
    try:
        run.known(bank, run.step)
        run.tell(prints=bank.held, device=torch.cuda.get_device_name() if run.cuda else "cpu")
        read(run, bank)
    finally:
        run.save()
        bank.close()


if __name__ == "__main__":
    main()

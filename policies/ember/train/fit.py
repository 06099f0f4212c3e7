"""What the network is fitted to, and how."""

import copy
import math
import time

import torch
import torch.nn.functional as F

from data import COLUMNS, batches
from net import BINS, HORIZON, OFFSET, POINTS, SCALE, bin_of

# Share of each label of a chunk, and of each number of an action, in the loss.
LATER = (1.0, 0.6, 0.3, 0.3)
EACH = (1.3, 1.3, 1.3, 0.5, 0.5, 1.0, 1.4)
WEIGHTS = {"action": 1.0, "tokens": 0.15, "points": 2.0, "table": 0.2, "turn": 0.2, "done": 0.05, "cannot": 0.1}


class Average:
    """Moving average of the weights, with a warm-up: a short run would otherwise average over its beginning."""

    def __init__(self, net, decay=0.999):
        self.net, self.decay, self.count = copy.deepcopy(net).eval(), decay, 0

    @torch.no_grad()
    def update(self, net):
        self.count += 1
        share = 1 - min(self.decay, (1 + self.count) / (10 + self.count))
        ours, theirs = self.net.state_dict(), net.state_dict()
        floats = [name for name in ours if ours[name].is_floating_point()]
        torch._foreach_lerp_([ours[name] for name in floats], [theirs[name] for name in floats], share)


def losses(predicted, row, scale, offset):
    wanted = (row[:, COLUMNS["chunk"]].view(-1, HORIZON, 7) - offset) / scale
    weight = row[:, COLUMNS["weights"]][:, :, None] * torch.tensor(LATER, device=row.device)[None, :, None]
    total = weight.sum() * 7
    each = torch.tensor(EACH, device=row.device)
    bins = F.cross_entropy(predicted["logits"].float().reshape(-1, BINS), bin_of(wanted).reshape(-1), reduction="none")
    has = row[:, COLUMNS["has"]]
    points_off = (predicted["points"] - row[:, COLUMNS["points"]].view(-1, POINTS, 2)).abs().mean(2)
    table_off = (predicted["table"] - row[:, COLUMNS["table"]] * 4).abs().view(-1, 2, 2).mean(2)
    turn_off = (predicted["turn"] - row[:, COLUMNS["turn"]]).abs()
    turn_off = turn_off[:, :2].mean(1) * has[:, 0] + turn_off[:, 2]
    flag = lambda at, name: F.binary_cross_entropy_with_logits(predicted["flags"][:, at], row[:, COLUMNS[name]][:, 0])
    return {
        "action": ((predicted["action"] - wanted).abs() * weight * each).sum() / total,
        "tokens": (bins.view(-1, HORIZON, 7) * weight).sum() / total,
        "points": (points_off * has).sum(1).mean(),
        "table": (table_off * has[:, :2]).sum(1).mean(),
        "turn": turn_off.mean(),
        "done": flag(0, "done"),
        "cannot": flag(1, "cannot"),
    }


def fit(net, average, optimiser, samples, steps, rate, args, device, generator, log, name):
    net.train()
    scale, offset = torch.tensor(SCALE, device=device), torch.tensor(OFFSET, device=device)
    sums, start = {}, time.time()
    source = batches(samples, args, device, generator)
    for step in range(steps):
        share = step / steps
        warm = min(1, (step + 1) / 100)
        for group in optimiser.param_groups:
            group["lr"] = rate * warm * (0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * share)))
        picture, tokens, proprio, row = next(source)
        parts = losses(net(picture, tokens, proprio), row, scale, offset)
        loss = sum(WEIGHTS[part] * value for part, value in parts.items())
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        average.update(net)
        for part, value in parts.items():
            sums[part] = sums.get(part, 0) + value.detach()
        if (step + 1) % 500 == 0 or step + 1 == steps:
            count = (step % 500) + 1
            log(name, step + 1, " ".join(f"{part} {float(value) / count:.4f}" for part, value in sums.items()))
            sums = {}
    seconds = time.time() - start
    log(name, "steps", steps, f"in {seconds:.0f} s, {steps * args.batch / seconds:.0f} samples/s")

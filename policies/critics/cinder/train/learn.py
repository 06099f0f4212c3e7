"""What the network is fitted to, and how."""

import math
import time

import torch
import torch.nn.functional as F

from chunks import COLUMNS, GREY, GROSS, batches, grades_of
from cinder import HAZARDS, MEANINGS, POINTS

WEIGHTS = {"hazards": 1.0, "any": 1.0, "measures": 0.3, "points": 2.0, "blocks": 0.1, "present": 0.1, "meaning": 0.1}
# What the measures are clipped to and how large they are, m: depth under the table, knock, knock of the target, drop, outside.
MEASURE_LOW = (-0.02, 0.0, 0.0, 0.0, -0.03)
MEASURE_HIGH = (0.02, 0.06, 0.06, 0.1, 0.05)


def losses(said, batch):
    row, grades = batch["row"], batch["grades"]
    gross, safe = grades_of(grades)
    certain = (gross | safe).float()
    named = (~batch["nameless"]).float()
    hazards = F.binary_cross_entropy_with_logits(said["hazards"][:, :HAZARDS], (grades == GROSS).float(), reduction="none")
    any_of = F.binary_cross_entropy_with_logits(said["hazards"][:, HAZARDS], gross.float(), reduction="none")
    low, high = [torch.tensor(values, device=row.device) for values in (MEASURE_LOW, MEASURE_HIGH)]
    wanted = (row[:, COLUMNS["measures"]][:, :5].clamp(low, high) - low) / (high - low)
    measures = F.smooth_l1_loss(said["measures"], wanted, reduction="none", beta=0.1).sum(1)
    points = row[:, COLUMNS["points"]].view(-1, POINTS, 3)
    there = points[:, :, 0].clone()
    there[:, 8:] *= named[:, None]
    points_off = (said["points"] - points[:, :, 1:]).abs().sum(2)
    blocks_off = (said["table"] - row[:, COLUMNS["blocks"]] * 4).abs().view(-1, 4, 3).sum(2)
    meaning = sum(
        F.cross_entropy(one, batch["meaning"][:, part], reduction="none")
        for part, one in enumerate(said["meaning"].split(MEANINGS, 1))
    )
    return {
        "hazards": (hazards * (grades != GREY).float()).sum(1).mean(),
        "any": (any_of * certain).mean(),
        "measures": (measures * named).mean(),
        "points": (points_off * there).sum() / there.sum().clamp(min=1),
        "blocks": (blocks_off * points[:, :4, 0]).sum(1).mean(),
        "present": F.binary_cross_entropy_with_logits(said["present"], points[:, :8, 0]),
        "meaning": (meaning * named).mean(),
    }


def fit(net, average, optimiser, samples, steps, rate, size, generator, log, name, most_seconds=math.inf, every=500):
    """Ends after so many steps, or sooner when the time is over: then the rate falls faster."""
    net.train()
    sums, start = {}, time.time()
    source = batches(samples, size, generator)
    for step in range(steps):
        share = max(step / steps, (time.time() - start) / most_seconds)
        if share >= 1:
            break
        warm = min(1, (step + 1) / 200)
        for group in optimiser.param_groups:
            group["lr"] = rate * warm * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * share)))
        batch = next(source)
        said = net(*(batch[part] for part in ("picture", "tokens", "proprio", "commanded", "chunk")))
        parts = losses({key: value.float() for key, value in said.items()}, batch)
        loss = sum(WEIGHTS[part] * value for part, value in parts.items())
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        average.update(net)
        for part, value in parts.items():
            sums[part] = sums.get(part, 0) + value.detach()
        if (step + 1) % every == 0 or step + 1 == steps:
            count = (step % every) + 1
            log(name, step + 1, " ".join(f"{part} {float(value) / count:.4f}" for part, value in sums.items()))
            sums = {}
    seconds = time.time() - start
    log(name, "steps", average.count, "in all", f"in {seconds:.0f} s")

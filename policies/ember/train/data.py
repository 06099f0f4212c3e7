"""Samples of rollouts on the device, and batches of them with pictures, words and poses disturbed."""

import math
import os

import numpy as np
import torch

from net import HORIZON, NO_PROPRIO, PICTURE, WORDS

# Columns of a row, as rollouts.ts writes them.
COLUMNS = {}
at = 0
for name, width in [
    ("proprio", 8), ("chunk", HORIZON * 7), ("weights", HORIZON), ("points", 6), ("has", 3), ("table", 4), ("turn", 3),
    ("tokens", WORDS), ("kind", 1), ("done", 1), ("cannot", 1),
]:
    COLUMNS[name] = slice(at, at + width)
    at += width
ROW = at


class Samples:
    """All samples, on the device, as bytes."""

    def __init__(self, capacity, device):
        self.images = torch.empty(capacity, PICTURE, PICTURE, 3, dtype=torch.uint8, device=device)
        self.rows = torch.empty(capacity, ROW, device=device)
        self.count = 0

    def take(self, path):
        rows = np.fromfile(path + ".row", np.float32).reshape(-1, ROW)
        images = np.fromfile(path + ".img", np.uint8).reshape(-1, PICTURE, PICTURE, 3)
        count = min(len(rows), len(images), len(self.rows) - self.count)
        here = slice(self.count, self.count + count)
        self.images[here] = torch.from_numpy(images[:count]).to(self.images.device)
        self.rows[here] = torch.from_numpy(rows[:count]).to(self.rows.device)
        self.count += count
        os.remove(path + ".row")
        os.remove(path + ".img")


def compressed(picture, generator):
    """What JPEG does to a picture, roughly: 8 x 8 cosine blocks, coarser for higher frequencies."""
    device = picture.device
    n = torch.arange(8, device=device, dtype=torch.float32)
    basis = torch.cos(math.pi / 8 * (n[None, :] + 0.5) * n[:, None]) * math.sqrt(2 / 8)
    basis[0] /= math.sqrt(2)
    batch = picture.shape[0]
    blocks = picture.reshape(batch, 3, 16, 8, 16, 8).permute(0, 1, 2, 4, 3, 5)
    blocks = basis @ blocks @ basis.T
    coarse = 0.01 + 0.13 * torch.rand(batch, 1, 1, 1, 1, 1, device=device, generator=generator)
    steps = coarse * (1 + 0.7 * (n[:, None] + n[None, :]))
    blocks = basis.T @ (torch.round(blocks / steps) * steps) @ basis
    return blocks.permute(0, 1, 2, 4, 3, 5).reshape(batch, 3, PICTURE, PICTURE)


def batches(samples, args, device, generator):
    """Endless batches of augmented samples. Some are drawn more often: hovering, and what is near its target."""
    rows = samples.rows[: samples.count]
    chunk = rows[:, COLUMNS["chunk"]]
    weight = torch.ones(samples.count, device=device)
    near = (chunk[:, 0].abs() + chunk[:, 1].abs()) < 0.015
    weight[near] *= 1.5
    weight[rows[:, COLUMNS["kind"]][:, 0] == 0] *= 2.0
    bounds = torch.cumsum(weight.double(), 0)
    bounds /= bounds[-1].clone()

    def normal(*shape):
        return torch.randn(*shape, device=device, generator=generator)

    def uniform(*shape):
        return torch.rand(*shape, device=device, generator=generator)

    size = args.batch
    no_proprio = torch.tensor(NO_PROPRIO, device=device)
    spread = torch.tensor([0.002, 0.002, 0.002, 0.01, 0.01, 0.01, 0.01, 0.01], device=device)
    while True:
        pick = torch.searchsorted(bounds, torch.rand(size, device=device, dtype=torch.double, generator=generator))
        pick = pick.clamp(max=samples.count - 1)
        row = rows[pick]
        picture = samples.images[pick].permute(0, 3, 1, 2).float() / 255.0
        gain = 1 + 0.1 * normal(size, 1, 1, 1) + 0.04 * normal(size, 3, 1, 1)
        picture = picture * gain + 0.04 * normal(size, 1, 1, 1)
        some = size // 3
        picture[:some] = compressed(picture[:some], generator)
        picture = (picture + 0.015 * normal(*picture.shape)).clamp(0, 1) - 0.5
        tokens = row[:, COLUMNS["tokens"]].long()
        # Words that it does not know: the colours stay, since without them nobody knows what is meant.
        dropped = (tokens > 5) & (uniform(*tokens.shape) < 0.08)
        tokens = torch.where(dropped, torch.ones_like(tokens), tokens)
        proprio = row[:, COLUMNS["proprio"]] + spread * normal(size, 8)
        proprio = torch.where(uniform(size, 1) < 0.6, no_proprio, proprio)
        yield picture.contiguous(memory_format=torch.channels_last), tokens, proprio, row

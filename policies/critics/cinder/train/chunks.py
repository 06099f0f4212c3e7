"""Chunks that were tried out, on the device, and batches of them with pictures, words and numbers disturbed."""

import os

import numpy as np
import torch

from cinder import HORIZON, PICTURE, POINTS, WORDS
from data import compressed

# Columns of a row, as chunks.ts writes them.
COLUMNS = {}
at = 0
for name, width in [
    ("picture", 1), ("proprio", 8), ("commanded", 3), ("chunk", HORIZON * 7), ("grades", 4), ("passed", 4), ("collisions", 4),
    ("measures", 6), ("tokens", WORDS), ("goal", 1), ("points", 3 * POINTS), ("blocks", 12), ("source", 1), ("kind", 1), ("length", 1),
]:
    COLUMNS[name] = slice(at, at + width)
    at += width
ROW = at
# In the order of chunks.ts and sources.ts.
HAZARDS = ["wrong-object", "collision", "off-table", "infeasible"]
COLLISIONS = ["table", "knock", "knock-target", "drop"]
SOURCES = ["expert", "noisy", "ember", "wrong-target", "plunge", "sweep", "off-area", "flip", "random"]
SAFE, GREY, GROSS = 0.0, 0.5, 1.0
UNKNOWN = 1
COLOURS = (2, 5)


def grades_of(grades):
    """@returns whether each row is gross by any hazard, and whether it is safe of all; the others are grey. numpy or torch."""
    return (grades == GROSS).any(1), (grades == SAFE).all(1)


def read(path):
    """Rows and pictures of one process."""
    rows = np.fromfile(path + ".row", np.float32).reshape(-1, ROW)
    return rows, np.fromfile(path + ".img", np.uint8).reshape(-1, PICTURE, PICTURE, 3)


class Samples:
    """All rows and pictures, on the device, as bytes; and the sentences that ask for what they show (ember's phrases.ts)."""

    def __init__(self, pictures, phrases, device):
        self.device = device
        self.sentences = torch.tensor(phrases["sentences"], device=device)
        self.meanings = torch.tensor([[goal["kind"], goal["first"], goal["second"]] for goal in phrases["goals"]], device=device)
        self.images = torch.empty(pictures, PICTURE, PICTURE, 3, dtype=torch.uint8, device=device)
        self.rows, self.picture_of, self.pictures = [], [], 0

    def take(self, path):
        rows, images = read(path)
        here = slice(self.pictures, self.pictures + len(images))
        self.images[here] = torch.from_numpy(images).to(self.device)
        self.rows.append(torch.from_numpy(rows).to(self.device))
        self.picture_of.append(self.rows[-1][:, 0].long() + self.pictures)
        self.pictures += len(images)
        for end in (".row", ".img"):
            os.remove(path + end)

    def all(self):
        return torch.cat(self.rows), torch.cat(self.picture_of)


def batches(samples, size, generator):
    """Endless batches of rows, each with its picture, another sentence for the same goal, and everything a little off."""
    rows, picture_of = samples.all()
    device = samples.device

    def normal(*shape):
        return torch.randn(*shape, device=device, generator=generator)

    def uniform(*shape):
        return torch.rand(*shape, device=device, generator=generator)

    spread = torch.tensor([0.001, 0.001, 0.001, 0.006, 0.006, 0.006, 0.006, 0.006], device=device)
    while True:
        pick = torch.randint(0, len(rows), (size,), device=device, generator=generator)
        row = rows[pick].clone()
        picture = samples.images[picture_of[pick]].permute(0, 3, 1, 2).float() / 255.0
        gain = 1 + 0.1 * normal(size, 1, 1, 1) + 0.04 * normal(size, 3, 1, 1)
        picture = picture * gain + 0.04 * normal(size, 1, 1, 1)
        some = size // 5
        picture[:some] = compressed(picture[:some], generator)
        picture = (picture + 0.012 * normal(*picture.shape)).clamp(0, 1) - 0.5
        goal = row[:, COLUMNS["goal"]][:, 0].long()
        other = (uniform(size) * samples.sentences.shape[1]).long().clamp(max=samples.sentences.shape[1] - 1)
        tokens = samples.sentences[goal, other]
        is_colour = (tokens >= COLOURS[0]) & (tokens <= COLOURS[1])
        dropped = (tokens > COLOURS[1]) & (uniform(*tokens.shape) < 0.05)
        # Where the colours are words that it does not know, nobody knows what is meant: then whatever is done is wrong.
        nameless = uniform(size, 1) < 0.03
        tokens = torch.where(dropped | (nameless & is_colour), torch.full_like(tokens, UNKNOWN), tokens)
        grades = row[:, COLUMNS["grades"]]
        grades[:, 3] = torch.where(nameless[:, 0], torch.full_like(grades[:, 3], GROSS), grades[:, 3])
        grades[:, 0] = torch.where(nameless[:, 0], torch.full_like(grades[:, 0], GREY), grades[:, 0])
        yield {
            "picture": picture.contiguous(memory_format=torch.channels_last),
            "tokens": tokens,
            "proprio": row[:, COLUMNS["proprio"]] + spread * normal(size, 8),
            "commanded": row[:, COLUMNS["commanded"]] + 0.0004 * normal(size, 3),
            "chunk": row[:, COLUMNS["chunk"]].view(size, HORIZON, 7) + 0.0004 * normal(size, HORIZON, 7),
            "row": row,
            "grades": grades,
            "nameless": nameless[:, 0],
            "meaning": samples.meanings[goal],
        }

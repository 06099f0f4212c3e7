"""ember: a small convolutional network that reads a picture and a sentence, and says what to do next.

Inputs   image uint8 [B,128,128,3] RGB; tokens int64 [B,20]; proprio float [B,8] (see ../input.ts)
Outputs  action [B,4,7] in m, rad and 0..1; bins [B,4,7] of 255 (Magma's digitising); points [B,2,2] (target,
         destination) in parts of the picture; done [B] and cannot [B] as probabilities.
"""

import contextlib

import torch
import torch.nn.functional as F
from torch import nn

HORIZON = 4
WORDS = 20
PICTURE = 128
# Heat maps that are taught: target, destination, tool. The others find what they like.
POINTS = 3
# Half the range and the middle of each number of an action: what -1..1 inside the network means outside.
SCALE = (0.05, 0.05, 0.045, 0.2, 0.2, 0.25, 0.5)
OFFSET = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.5)
# Centres of bins as Magma decodes them: 255 between 256 edges from -1 to 1.
BINS = 255
NO_PROPRIO = (0.44, 0.0, 0.13, 0.0, 0.95, 0.0, 0.0, 0.75)
PROPRIO_SPREAD = (0.09, 0.14, 0.07, 0.3, 0.1, 0.1, 0.1, 0.3)


def bin_of(value):
    """Bin of a number in -1..1, as numpy.digitize does on the 256 edges; the last edge belongs to the last bin."""
    return ((value.clamp(-1, 1) + 1) / 2 * BINS).long().clamp(0, BINS - 1)


def value_of(index):
    return (2 * index.float() + 1) / BINS - 1


class Residual(nn.Module):
    """Two convolutions whose result is scaled and shifted by the condition (sentence and proprioception)."""

    def __init__(self, width, condition):
        super().__init__()
        self.first = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(width)
        self.second = nn.Conv2d(width, width, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(width)
        self.film = nn.Linear(condition, 2 * width)
        nn.init.zeros_(self.film.weight)
        nn.init.zeros_(self.film.bias)

    def forward(self, x, condition):
        y = self.norm2(self.second(F.relu(self.norm1(self.first(x)))))
        gain, shift = self.film(condition)[:, :, None, None].chunk(2, 1)
        return F.relu(x + y * (1 + gain) + shift)


def down(before, after, kernel=3):
    return nn.Sequential(nn.Conv2d(before, after, kernel, 2, 1, bias=False), nn.BatchNorm2d(after), nn.ReLU())


class Ember(nn.Module):
    def __init__(self, vocabulary, widths=(24, 48, 96, 128), condition=128, keypoints=16, hidden=256, word=64):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, word)
        self.position = nn.Parameter(torch.randn(1, WORDS, word) * 0.02)
        self.qkv = nn.Linear(word, 3 * word)
        self.attended = nn.Linear(word, word)
        self.sentence = nn.Sequential(nn.Linear(word, condition), nn.ReLU(), nn.Linear(condition, condition))
        self.body = nn.Sequential(nn.Linear(8, 64), nn.ReLU(), nn.Linear(64, 64))
        self.condition = nn.Sequential(nn.Linear(condition + 64, condition), nn.ReLU())
        c0, c1, c2, c3 = widths
        self.stem = nn.Sequential(down(5, c0, 4), down(c0, c1))
        self.at32 = nn.ModuleList([Residual(c1, condition) for _ in range(2)])
        self.to16 = down(c1, c2)
        self.at16 = nn.ModuleList([Residual(c2, condition) for _ in range(2)])
        self.to8 = down(c2, c3)
        self.at8 = nn.ModuleList([Residual(c3, condition)])
        self.back16 = nn.Conv2d(c3, c2, 1)
        self.back32 = nn.Conv2d(c2, c1, 1)
        self.again32 = Residual(c1, condition)
        self.heat = nn.Conv2d(c1, keypoints, 1)
        local = POINTS * c1
        self.turn = nn.Sequential(nn.Linear(local, 64), nn.ReLU(), nn.Linear(64, 3))
        self.mix = nn.Sequential(
            nn.Linear(c3 + 3 * keypoints + local + 3 + condition + 64, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU()
        )
        self.action = nn.Linear(hidden, HORIZON * 7)
        self.token_features = nn.Linear(hidden, HORIZON * 7 * 24)
        self.token = nn.Linear(24, BINS)
        self.table = nn.Linear(hidden, 4)
        self.flags = nn.Linear(hidden, 2)
        line = torch.linspace(-1, 1, PICTURE)
        rows, columns = torch.meshgrid(line, line, indexing="ij")
        self.register_buffer("coordinates", torch.stack([columns, rows])[None])
        cells = (torch.arange(32) + 0.5) / 32
        rows, columns = torch.meshgrid(cells, cells, indexing="ij")
        self.register_buffer("columns", columns.reshape(1, 1, -1).clone())
        self.register_buffer("rows", rows.reshape(1, 1, -1).clone())
        self.register_buffer("proprio_mean", torch.tensor(NO_PROPRIO))
        self.register_buffer("proprio_spread", torch.tensor(PROPRIO_SPREAD))

    def read(self, tokens):
        """One layer of attention over the words, then their mean."""
        words = self.embedding(tokens) + self.position
        absent = tokens == 0
        q, k, v = self.qkv(words).chunk(3, -1)
        scores = (q @ k.transpose(1, 2)) / q.shape[-1] ** 0.5 + absent[:, None, :].to(q.dtype) * -1e4
        words = words + self.attended(torch.softmax(scores, -1) @ v)
        weight = (~absent).to(words.dtype)[:, :, None]
        return self.sentence((words * weight).sum(1) / weight.sum(1).clamp(min=1))

    def see(self, picture, condition):
        x = torch.cat([picture, self.coordinates.expand(picture.shape[0], -1, -1, -1).to(picture.dtype)], 1)
        x = self.stem(x)
        for block in self.at32:
            x = block(x, condition)
        y = self.to16(x)
        for block in self.at16:
            y = block(y, condition)
        z = self.to8(y)
        for block in self.at8:
            z = block(z, condition)
        up = F.relu(y + F.interpolate(self.back16(z), scale_factor=2.0, mode="nearest"))
        up = F.relu(x + F.interpolate(self.back32(up), scale_factor=2.0, mode="nearest"))
        up = self.again32(up, condition)
        return z, up, self.heat(up)

    def forward(self, picture, tokens, proprio):
        """picture float [B,3,128,128] around 0; returns all that is learned, by name; action in -1..1."""
        batch = picture.shape[0]
        sentence = self.read(tokens)
        body = self.body((proprio - self.proprio_mean) / self.proprio_spread)
        condition = self.condition(torch.cat([sentence, body], 1))
        half = torch.autocast("cuda", torch.bfloat16) if self.training and picture.is_cuda else contextlib.nullcontext()
        with half:
            features, fine, heat = self.see(picture, condition)
        # Points are means over heat maps; in half precision they would jump by a pixel.
        share = torch.softmax(heat.float().flatten(2), -1)
        features = features.float().mean((2, 3))
        x, y = (share * self.columns).sum(-1), (share * self.rows).sum(-1)
        peak = (share * share).sum(-1)
        # What there is at the target, the destination and the tool: how a block is turned shows nowhere else.
        local = (share[:, :POINTS] @ fine.float().flatten(2).transpose(1, 2)).flatten(1)
        turn = self.turn(local)
        mixed = self.mix(torch.cat([features, x * 4 - 2, y * 4 - 2, peak, local, turn, sentence, body], 1))
        action = self.action(mixed).view(batch, HORIZON, 7)
        logits = self.token(self.token_features(mixed).view(batch, HORIZON, 7, 24))
        return {
            "action": action,
            "logits": logits,
            "points": torch.stack([x, y], -1)[:, :POINTS],
            "table": self.table(mixed),
            "turn": turn,
            "flags": self.flags(mixed),
        }


class Deployed(nn.Module):
    """The network with its units on: what is exported, and what drives in rollouts."""

    def __init__(self, net):
        super().__init__()
        self.net = net
        self.register_buffer("scale", torch.tensor(SCALE))
        self.register_buffer("offset", torch.tensor(OFFSET))

    def forward(self, image, tokens, proprio):
        picture = image.permute(0, 3, 1, 2).float() / 255.0 - 0.5
        said = self.net(picture, tokens, proprio)
        action, flags = said["action"] * self.scale + self.offset, torch.sigmoid(said["flags"])
        return action, said["logits"].argmax(-1), said["points"][:, :2], flags[:, 0], flags[:, 1]

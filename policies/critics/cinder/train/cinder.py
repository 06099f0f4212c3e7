"""cinder: a small convolutional network that looks at a picture, a sentence and the motions that are proposed, and says whether
they would do harm.

Inputs   image uint8 [B,128,128,3] RGB; tokens int64 [B,20]; proprio float [B,8] (as ember's, ../../../ember/input.ts);
         commanded float [B,3] commanded tool position, m; chunk float [B,4,7] dx dy dz (m) droll dpitch dyaw (rad) gripper
Outputs  hazards float [B,4] probabilities: wrong-object, collision, off-table, infeasible; any float [B] that there is one

It does not guess from the chunk's numbers where they lead: the way of the tool and of both fingers is reckoned, drawn into the
picture's feature maps by the usual camera, and the features are read along it.
"""

import contextlib
import math
import os
import sys

import torch
import torch.nn.functional as F
from torch import nn

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../../ember/train"))
from net import HORIZON, MEANINGS, NO_PROPRIO, PICTURE, PROPRIO_SPREAD, WORDS, Residual, down  # noqa: E402

HAZARDS = 4
# Heat maps that are taught: blocks of four colours, plates of four colours, target, destination. Six more find what they like.
POINTS = 10
KEYPOINTS = 16
# Features that are read at each point of the way, from the map of 32 x 32 and from that of 64 x 64.
READ32, READ64 = 16, 16
# The tool now, after each action, and half way between; each with the place under it on the table; both fingers at the five.
WAY = 2 * HORIZON + 1
PLACES = 2 * WAY + 2 * (HORIZON + 1)
# Height at which things on the table are met, m.
TABLE_THINGS = 0.02
# A step goes no further than this, m (world.ts, MOST_STEP).
MOST_STEP = 0.09
# From the middle of the hand to the middle of a finger, shut, and how far it opens, m (scene.ts).
FINGER_SHUT, FINGER_STROKE = 0.005, 0.04
# Where there is work for the tool, m (hazards.ts, AREA; the floor is reckoned by itself).
AREA_MIN, AREA_MAX = (0.25, -0.31, -1.0), (0.64, 0.31, 0.33)
# The camera in front of the arm (envs/sim/cameras.ts, THIRD).
CAMERA_AT, CAMERA_TO, FIELD_OF_VIEW = (1.02, 0.0, 0.78), (0.44, 0.0, 0.05), 38.0
MIDDLE, SPREAD = (0.44, 0.0, 0.11), (0.09, 0.13, 0.07)


def camera():
    """Rotation (rows: right, up, back), position, and half the picture over the tangent of half the field of view."""
    at = torch.tensor(CAMERA_AT)
    back = F.normalize(at - torch.tensor(CAMERA_TO), dim=0)
    right = F.normalize(torch.tensor([-back[1], back[0], 0.0]), dim=0)
    up = torch.linalg.cross(back, right)
    return torch.stack([right, up, back]), at, 0.5 / math.tan(math.radians(FIELD_OF_VIEW) / 2)


def cells(size):
    """Middles of the columns, or rows, of a map, in parts of the picture."""
    return (torch.arange(size) + 0.5) / size


class Way(nn.Module):
    """Where the tool would go, as numbers and as places in the picture. Nothing is learned here."""

    def __init__(self):
        super().__init__()
        rotation, position, self.focal = camera()
        self.register_buffer("rotation", rotation)
        self.register_buffer("position", position)
        for name, value in [
            ("middle", MIDDLE), ("spread", SPREAD), ("area_min", AREA_MIN), ("area_max", AREA_MAX),
            ("proprio_mean", NO_PROPRIO), ("proprio_spread", PROPRIO_SPREAD),
        ]:
            self.register_buffer(name, torch.tensor(value))
        self.numbers = 8 + 3 + 3 * (HORIZON + 1) + 3 * HORIZON + HORIZON + HORIZON + 2 * PLACES

    def project(self, points):
        seen = (points - self.position) @ self.rotation.t()
        depth = -seen[..., 2:3]
        return torch.cat([0.5 + self.focal * seen[..., 0:1] / depth, 0.5 - self.focal * seen[..., 1:2] / depth], -1)

    def forward(self, proprio, commanded, chunk):
        steps = chunk[:, :, :3]
        length = torch.sqrt((steps * steps).sum(-1, keepdim=True) + 1e-12)
        steps = steps * torch.clamp(MOST_STEP / length, max=1.0)
        after = [commanded]
        for step in range(HORIZON):
            after.append(after[-1] + steps[:, step])
        stops = torch.stack([proprio[:, :3]] + after[1:], 1)
        between = (stops[:, :-1] + stops[:, 1:]) / 2
        way = torch.cat([stops, between], 1)
        below = torch.cat([way[:, :, :2], torch.full_like(way[:, :, :1], TABLE_THINGS)], 2)
        # The fingers open across the hand, which is turned by the yaw; it looks down, more or less.
        turn = [torch.zeros_like(chunk[:, 0, 5])]
        for step in range(HORIZON):
            turn.append(turn[-1] + chunk[:, step, 5])
        turn = torch.stack(turn, 1)
        sine = proprio[:, 3:4] * torch.cos(turn) + proprio[:, 4:5] * torch.sin(turn)
        cosine = proprio[:, 4:5] * torch.cos(turn) - proprio[:, 3:4] * torch.sin(turn)
        grips = torch.cat([proprio[:, 7:8], chunk[:, :, 6]], 1)
        reach = FINGER_SHUT + FINGER_STROKE * grips.clamp(0, 1)
        aside = torch.stack([-sine * reach, cosine * reach, torch.zeros_like(sine)], -1)
        places = self.project(torch.cat([way, below, stops + aside, stops - aside], 1))
        path = torch.stack(after[1:], 1)
        outside = torch.maximum(self.area_min - path, path - self.area_max).amax(-1)
        numbers = torch.cat(
            [
                (proprio - self.proprio_mean) / self.proprio_spread,
                (commanded - proprio[:, :3]) * 50,
                ((stops - self.middle) / self.spread).flatten(1),
                chunk[:, :, 3:6].flatten(1) * 5,
                chunk[:, :, 6] * 2 - 1,
                outside.clamp(-0.05, 0.05) * 40,
                (places * 4 - 2).flatten(1),
            ],
            1,
        )
        return numbers, places


class Cinder(nn.Module):
    def __init__(self, vocabulary, widths=(24, 48, 80, 96), condition=128, hidden=256, word=64):
        super().__init__()
        self.way = Way()
        self.embedding = nn.Embedding(vocabulary, word)
        self.position = nn.Parameter(torch.randn(1, WORDS, word) * 0.02)
        self.around = nn.Conv1d(word, word, 5, 1, 2)
        self.qkv = nn.Linear(word, 3 * word)
        self.attended = nn.Linear(word, word)
        self.sentence = nn.Sequential(nn.Linear(2 * word, condition), nn.ReLU(), nn.Linear(condition, condition))
        self.meaning = nn.Linear(condition, sum(MEANINGS))
        self.motion = nn.Sequential(nn.Linear(self.way.numbers, 128), nn.ReLU(), nn.Linear(128, 128))
        self.condition = nn.Sequential(nn.Linear(condition + 128, condition), nn.ReLU())
        c0, c1, c2, c3 = widths
        self.to64, self.to32 = down(5, c0, 4), down(c0, c1)
        self.drawn_in, self.drawn_out = nn.Conv2d(PLACES, c1, 1), nn.Conv2d(PLACES, c1, 1)
        self.at32 = nn.ModuleList([Residual(c1, condition)])
        self.to16 = down(c1, c2)
        self.at16 = nn.ModuleList([Residual(c2, condition) for _ in range(3)])
        self.to8 = down(c2, c3)
        self.at8 = nn.ModuleList([Residual(c3, condition)])
        self.back16, self.back32 = nn.Conv2d(c3, c2, 1), nn.Conv2d(c2, c1, 1)
        self.again32 = Residual(c1, condition)
        self.heat = nn.Conv2d(c1, KEYPOINTS, 1)
        self.read32 = nn.Conv2d(c1, READ32, 1)
        self.back64 = nn.Conv2d(c1, c0, 1)
        self.read64 = nn.Conv2d(c0, READ64, 1)
        seen = c3 + 4 * KEYPOINTS
        mixed = seen + condition + 128 + self.way.numbers + PLACES * (READ32 + READ64)
        self.mix = nn.Sequential(
            nn.Linear(mixed, hidden), nn.ReLU(), nn.Dropout(0.1), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, HAZARDS + 1)
        )
        # Labels that only teach it to see: where the four blocks are on the table, and which colours there are.
        self.table, self.present = nn.Linear(seen, 12), nn.Linear(seen, 8)
        line = torch.linspace(-1, 1, PICTURE)
        rows, columns = torch.meshgrid(line, line, indexing="ij")
        self.register_buffer("coordinates", torch.stack([columns, rows])[None])
        self.register_buffer("cells32", cells(32))
        self.register_buffer("cells64", cells(64))

    def read(self, tokens):
        """Words in their neighbourhood, one layer of attention, then the most and the mean of each feature."""
        present = (tokens != 0).float()[:, :, None]
        words = (self.embedding(tokens) + self.position) * present
        words = F.relu(self.around(words.transpose(1, 2)).transpose(1, 2))
        q, k, v = self.qkv(words).chunk(3, -1)
        scores = (q @ k.transpose(1, 2)) / q.shape[-1] ** 0.5 + (present.transpose(1, 2) - 1) * 1e4
        words = F.relu(words + self.attended(torch.softmax(scores, -1) @ v)) * present
        mean = words.sum(1) / present.sum(1).clamp(min=1)
        return self.sentence(torch.cat([words.amax(1), mean], 1))

    def drawn(self, places, middles):
        """A spot at each place, [B,PLACES,size,size], 1.3 cells wide."""
        size = middles.shape[0]
        x, y = [torch.exp(-((middles - places[:, :, at : at + 1]) * (size / 1.3)) ** 2 / 2) for at in (0, 1)]
        return y[:, :, :, None] * x[:, :, None, :]

    def see(self, picture, condition, drawn):
        x = torch.cat([picture, self.coordinates.expand(picture.shape[0], -1, -1, -1).to(picture.dtype)], 1)
        fine = self.to64(x)
        x = self.to32(fine) + self.drawn_in(drawn)
        for block in self.at32:
            x = block(x, condition)
        y = self.to16(x)
        for block in self.at16:
            y = block(y, condition)
        z = self.to8(y)
        for block in self.at8:
            z = block(z, condition)
        up = F.relu(y + F.interpolate(self.back16(z), scale_factor=2.0, mode="nearest"))
        up = F.relu(x + F.interpolate(self.back32(up), scale_factor=2.0, mode="nearest") + self.drawn_out(drawn))
        up = self.again32(up, condition)
        fine = F.relu(fine + F.interpolate(self.back64(up), scale_factor=2.0, mode="nearest"))
        return z, self.heat(up), self.read32(up), self.read64(fine)

    def forward(self, picture, tokens, proprio, commanded, chunk):
        """picture float [B,3,128,128] around 0; returns all that is learned, by name."""
        sentence = self.read(tokens)
        numbers, places = self.way(proprio, commanded, chunk)
        motion = self.motion(numbers)
        condition = self.condition(torch.cat([sentence, motion], 1))
        spots32, spots64 = self.drawn(places, self.cells32), self.drawn(places, self.cells64)
        half = torch.autocast("cuda", torch.bfloat16) if self.training and picture.is_cuda else contextlib.nullcontext()
        with half:
            features, heat, read32, read64 = self.see(picture, condition, spots32)
        # Points are means over heat maps; in half precision they would jump by a pixel.
        heat = heat.float().flatten(2)
        share = torch.softmax(heat, -1)
        x = (share.unflatten(2, (32, 32)).sum(2) * self.cells32).sum(-1)
        y = (share.unflatten(2, (32, 32)).sum(3) * self.cells32).sum(-1)
        peak = (share * share).sum(-1)
        seen = torch.cat([features.float().mean((2, 3)), x * 4 - 2, y * 4 - 2, peak, heat.amax(-1) * 0.1], 1)
        along = [
            (spots @ read.float().flatten(2).transpose(1, 2)) / (spots.sum(-1, keepdim=True) + 1e-3)
            for spots, read in [(spots32.flatten(2), read32), (spots64.flatten(2), read64)]
        ]
        said = self.mix(torch.cat([seen, sentence, motion, numbers, along[0].flatten(1), along[1].flatten(1)], 1))
        return {
            "hazards": said,
            "points": torch.stack([x, y], -1)[:, :POINTS],
            "table": self.table(seen),
            "present": self.present(seen),
            "meaning": self.meaning(sentence),
        }


class Deployed(nn.Module):
    """What is exported: probabilities, made honest by one factor and one shift that were fitted on the validation set."""

    def __init__(self, net, factor=1.0, shift=0.0):
        super().__init__()
        self.net = net
        self.register_buffer("factor", torch.tensor(float(factor)))
        self.register_buffer("shift", torch.tensor(float(shift)))

    def forward(self, image, tokens, proprio, commanded, chunk):
        picture = image.permute(0, 3, 1, 2).float() / 255.0 - 0.5
        said = self.net(picture, tokens, proprio, commanded, chunk)["hazards"].float()
        return torch.sigmoid(said[:, :HAZARDS]), torch.sigmoid(said[:, HAZARDS] * self.factor + self.shift)

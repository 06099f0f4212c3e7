"""
What goes over the web socket: msgpack maps, one answer to each question, by its number.
  -> {"id": 1, "call": "make", ...}      <- {"id": 1, "ok": {...}}  or  {"id": 1, "error": {"code", "message", "hint"}}
Lengths are metres, angles radians; a quaternion is `qWxyz`, its order in its name; poses are in the frame of the robot's base.
"""

import io
import math
import time
from dataclasses import dataclass, field

import msgpack
import numpy as np
from PIL import Image

from problem import Problem

# Rises with every change that an older other side would misread. The same number stands in envs/simpler/messages.ts.
PROTOCOL = 1


def unpack(message) -> dict:
    try:
        read = msgpack.unpackb(message)
    except Exception as error:
        raise Problem("decode/schema", f"expected a msgpack map, got bytes that are none: {error}") from error
    if not isinstance(read, dict) or not isinstance(read.get("id"), int) or not isinstance(read.get("call"), str):
        raise Problem("decode/schema", "expected a map with id and call")
    return read


def pack(message: dict) -> bytes:
    return msgpack.packb(message, default=_plain)


def _plain(value):
    if isinstance(value, np.ndarray):
        return value.tolist()
    if isinstance(value, np.generic):
        return value.item()
    raise TypeError(f"nothing of type {type(value).__name__} goes over this wire")


def numbers(values, size: int, low, high) -> np.ndarray:
    """An action as it was sent. @raises Problem for what is no action of this robot."""
    if not isinstance(values, list) or len(values) != size:
        came = f"{len(values)} numbers" if isinstance(values, list) else type(values).__name__
        raise Problem("simulator/action", f"expected an action of {size} numbers, got {came}", "Choose the profile of this robot")
    for at, value in enumerate(values):
        if not isinstance(value, (int, float)) or isinstance(value, bool) or not math.isfinite(value):
            raise Problem("simulator/action", f"expected finite numbers, action[{at}] is {value}", "Look for what made it: nothing was moved")
        if not low[at] - 1e-6 <= value <= high[at] + 1e-6:
            raise Problem("simulator/action", f"expected action[{at}] in {low[at]}..{high[at]}, got {value}", "Choose the profile of this robot")
    return np.asarray(values, dtype=np.float64)


@dataclass
class Looks:
    """Which cameras are looked through, and how their pictures are sent."""

    cameras: list
    width_px: int
    height_px: int
    images: str
    jpeg_quality: int

    def send(self, camera: str, rgb: np.ndarray, extra: dict) -> dict:
        height, width, _ = rgb.shape
        sent = {"camera": camera, "widthPx": width, "heightPx": height, **extra}
        if self.images == "raw":
            return {**sent, "encoding": "rgb8", "data": np.ascontiguousarray(rgb).data.cast("B")}
        out = io.BytesIO()
        Image.fromarray(rgb).save(out, "JPEG", quality=self.jpeg_quality, subsampling=0)
        return {**sent, "encoding": "jpeg", "data": out.getvalue()}


@dataclass
class Clock:
    """Where the time of one answer went, ms."""

    spent: dict = field(default_factory=dict)

    def timed(self, name: str, work):
        begun = time.perf_counter()
        result = work()
        self.spent[name] = self.spent.get(name, 0.0) + (time.perf_counter() - begun) * 1000
        return result

"""What a doctor wants to know: whether this backend can be imported, steps and draws on this machine, and with what."""

import time

from wire import Looks, numbers


def look(name: str, make) -> dict:
    begun = time.perf_counter()
    env = make(None, Looks(None, 224, 224, "raw", 95), True)
    made = time.perf_counter()
    about = env.describe()
    env.reset({"seed": 0})
    env.step(numbers([0.0] * len(about["actionLow"]), len(about["actionLow"]), about["actionLow"], about["actionHigh"]))
    drawing = time.perf_counter()
    drawn = env.draw()
    drawn_ms = (time.perf_counter() - drawing) * 1000
    spread = [int(rgb.max()) - int(rgb.min()) for _, rgb, _ in drawn]
    env.close()
    return {
        "backend": name,
        "makeMs": (made - begun) * 1000,
        "drawMs": drawn_ms,
        "isBlank": any(one < 16 for one in spread),
        "renderer": about["renderer"],
        "versions": about["versions"],
    }
